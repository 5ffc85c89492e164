"""lebots.yaml and the environment: what a project says, and what it may never say."""

import copy
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lebots import credentials, kinds, project
from lebots.core.model.address import Source
from lebots.core.model.options import AccountPolicy
from lebots.credentials.dotenv import PATH
from lebots.credentials.files.dotenv_sink import fault
from lebots.errors import InvalidInput, UsageError
from lebots.files.yaml.writer import write
from lebots.project import AccountConfig, Project, SinkConfig, ValueSource

DESIGN = """\
apiVersion: lebots/v1
kind: Project
defaultAccount: sandbox
accounts:
  sandbox:
    sandbox: .lebots/sandbox.db       # the embedded account, a file
  production:
    accountId: "12345678"
    auth: {method: oauth2, clientId: {env: LP_CLIENT_ID}, clientSecret: {env: LP_CLIENT_SECRET}}
    guards: {maxDeletePercent: 30, protect: ["BotUser/legacy-*"]}
sinks:
  runtime: {type: dotenv, path: ".secrets/{name}.env"}
"""

SINKS = credentials.load()

Load = Callable[..., Project]


def dotenv(name: str, path: str) -> SinkConfig:
    return SinkConfig(name, SINKS["dotenv"], {"path": path, "format": "env"}, {})


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.chdir(tmp_path)

    def of(text: str | dict[str, Any]) -> Project:
        content = text if isinstance(text, str) else write(text)
        Path("lebots.yaml").write_text(content, encoding="utf-8")
        return project.load(Path(), SINKS, {})

    return of


def accounts(**named: Any) -> dict[str, Any]:
    return {"apiVersion": "lebots/v1", "kind": "Project", "accounts": named}


def sinks(**named: Any) -> dict[str, Any]:
    return {"apiVersion": "lebots/v1", "kind": "Project", "sinks": named}


def login(method: str = "oauth2", **values: Any) -> dict[str, Any]:
    return accounts(a={"accountId": "1", "auth": {"method": method, **values}})


def told(load: Load, text: str | dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        load(text)
    return [str(finding) for finding in caught.value.findings]


def test_the_example_of_the_design(load: Load) -> None:
    found = load(DESIGN)
    assert found.default_account == "sandbox"
    assert found.sinks == {"runtime": dotenv("runtime", ".secrets/{name}.env")}
    assert found.account() == AccountConfig("sandbox", sandbox=Path(".lebots/sandbox.db"))
    production = found.account("production")
    assert production.sandbox is None
    assert production.id == "12345678"
    assert production.allowed == AccountPolicy(("BotUser/legacy-*",), max_delete_percent=30)
    assert production.auth is not None
    assert production.auth.method == "oauth2"
    assert production.auth.values == {
        "clientId": ValueSource(Source("lebots.yaml", 9, 38), env="LP_CLIENT_ID"),
        "clientSecret": ValueSource(Source("lebots.yaml", 9, 73), env="LP_CLIENT_SECRET"),
    }


def test_without_a_file_there_is_the_embedded_account_and_one_sink(tmp_path: Path) -> None:
    found = project.load(tmp_path, SINKS, {})
    assert found.account() == AccountConfig("sandbox", sandbox=tmp_path / ".lebots/sandbox.db")
    path = ".lebots/credentials/{name}.env"
    assert found.sinks == {"default": dotenv("default", path)}


@pytest.mark.parametrize("given", ["accounts", "sinks"])
def test_what_the_file_leaves_out_is_as_without_it(load: Load, given: str) -> None:
    entry = {"sandbox": "x.db"} if given == "accounts" else {"type": "dotenv", "path": "{name}"}
    found = load({"apiVersion": "lebots/v1", "kind": "Project", given: {"mine": entry}})
    assert list(found.accounts) == (["mine"] if given == "accounts" else ["sandbox"])
    assert list(found.sinks) == (["mine"] if given == "sinks" else ["default"])


def test_paths_count_from_the_project_and_not_from_the_caller(tmp_path: Path) -> None:
    auth = {"method": "oauth2", "clientId": {"file": "id"}, "clientSecret": {"command": ["pass"]}}
    entry = {"accountId": "1", "auth": auth, "ca": "ca.pem"}
    text = write(accounts(a=entry, b={"sandbox": str(tmp_path / "x.db")}))
    (tmp_path / "lebots.yaml").write_text(text)
    found = project.load(tmp_path, SINKS, {})
    assert found.account("b").sandbox == tmp_path / "x.db"
    assert found.account("a").ca == tmp_path / "ca.pem"
    values = found.account("a").auth.values  # type: ignore[union-attr]
    assert values["clientId"].file == tmp_path / "id"
    assert values["clientSecret"].folder == tmp_path


# Choosing an account


def test_the_only_account_is_the_default(load: Load) -> None:
    assert load(accounts(mine={"sandbox": "x.db"})).account().name == "mine"


def test_of_several_accounts_one_must_be_named(load: Load) -> None:
    found = load(accounts(one={"sandbox": "1.db"}, two={"sandbox": "2.db"}))
    assert found.account("two").name == "two"
    with pytest.raises(UsageError, match="marks no default account; name one of one, two"):
        found.account()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("prodution", 'no account "prodution"; did you mean "production"?'),
        ("zzz", 'no account "zzz"; there are production, sandbox'),
        ("a\n::error::", 'no account "a\\n::error::"; there are'),
    ],
)
def test_an_unknown_account_is_told_with_the_known_ones(load: Load, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        load(DESIGN).account(name)


# What is refused


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "1:1: the project file is empty; write a project or remove the file"),
        ("text", "1:1: must be a mapping of fields: indented below, one field per line"),
        ("[]", "1:1: must be a mapping of fields: indented below, one field per line"),
        ("a: [", "2:1: a value is expected here"),
        (DESIGN + "---\na: 1\n", "14:1: a project is one document; remove this one"),
        (DESIGN.replace("lebots/v1", "lebots/v2"), "1:13: apiVersion: must be lebots/v1"),
        (DESIGN.replace("Project", "Skill"), "2:7: kind: must be Project"),
        (
            DESIGN.replace("defaultAccount: sandbox", "defaultAccount: sandbix"),
            '3:17: defaultAccount: there is no such account; did you mean "sandbox"?',
        ),
        (
            DESIGN.replace("defaultAccount: sandbox", "defaultAccount: zzz"),
            "3:17: defaultAccount: there is no such account; there are sandbox, production",
        ),
        (
            DESIGN.replace('"12345678"', "12345678"),
            '8:16: accountId: must be text: quote it: "12345678"',
        ),
        (
            DESIGN.replace("sinks:", "sink:"),
            '11:1: there is no "sink"; did you mean "sinks"?',
        ),
        (
            DESIGN.replace("maxDeletePercent: 30", "maxDeletePercent: 101"),
            "10:32: maxDeletePercent: 101 is not at most 100",
        ),
        (
            DESIGN.replace("BotUser/legacy-*", "legacy-*"),
            "10:46: protect: must be Kind/name, with * for any text, such as BotUser/legacy-*",
        ),
        (
            DESIGN.replace("  production:", "  'pro duction':"),
            "7:3: the name must be text of letters, digits, ., _ and -, at most 63",
        ),
        (
            DESIGN.replace("type: dotenv", "type: vualt"),
            '12:19: type: must be one of aws, command, dotenv, vault; did you mean "vault"?',
        ),
    ],
)
def test_a_wrong_file_is_told_at_its_place(load: Load, content: str, expected: str) -> None:
    assert told(load, content) == [f"lebots.yaml:{expected}"]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"sandbox": "x.db", "accountId": "1"}, "is not allowed beside the other fields"),
        ({"sandbox": "x.db", "ca": "x.pem"}, "is not allowed beside the other fields"),
        ({"accountId": "1"}, 'the field "auth" is missing'),
        ({}, 'the field "accountId" is missing'),
        ({"sandbox": ""}, "sandbox: must not be empty"),
        ({"sandbox": None}, "null is not allowed here"),
        ({"sandbox": "x.db", "baseUrl": "https://x"}, 'there is no "baseUrl"'),
        ({"sandbox": "x.db", "domainHost": "x"}, 'there is no "domainHost"'),
    ],
)
def test_an_account_is_embedded_or_has_id_and_login(
    load: Load, entry: dict[str, Any], words: str
) -> None:
    assert words in told(load, accounts(a=entry))[0]


@pytest.mark.parametrize("id_", ["", "12/../../", "a b", "1" * 21, "1\n", "é", "..", "le-1"])
def test_account_ids_that_are_refused(load: Load, id_: str) -> None:
    document = login(clientId={"env": "A"}, clientSecret={"env": "B"})
    document["accounts"]["a"]["accountId"] = id_
    assert told(load, document) == [
        "lebots.yaml:5:16: accountId: must be an account id of letters, digits and _"
    ]


@pytest.mark.parametrize(
    ("method", "names"),
    [
        ("oauth2", ["clientId", "clientSecret"]),
        ("login", ["username", "password"]),
        ("oauth1", ["appKey", "secret", "accessToken", "accessTokenSecret"]),
    ],
)
def test_each_way_to_log_in_needs_its_own_values_and_no_others(
    load: Load, method: str, names: list[str]
) -> None:
    values = {name: {"env": name.upper()} for name in names}
    auth = load(login(method, **values)).account().auth
    assert auth is not None
    assert {name: source.env for name, source in auth.values.items()} == {
        name: name.upper() for name in names
    }
    other = "password" if method != "login" else "secret"
    assert told(load, login(method, **values, **{other: {"env": "X"}})) == [
        f"lebots.yaml:{8 + 2 * len(names)}:7: is not allowed where method is {method}; remove it"
    ]
    assert [one.partition(": ")[2] for one in told(load, login(method))] == [
        f'the field "{name}" is missing, needed where method is {method}' for name in names
    ]


def test_an_unknown_way_to_log_in_is_told_with_the_known_ones(load: Load) -> None:
    assert told(load, login("oauth")) == [
        'lebots.yaml:7:15: method: must be one of oauth2, login, oauth1; did you mean "oauth2"?'
    ]


CANARY = "hunter2-CANARY"


@pytest.mark.parametrize(
    "value",
    [CANARY, 12345678901, None, True, [CANARY], [{"env": CANARY}]],
)
def test_a_value_to_log_in_with_never_stands_in_the_file(load: Load, value: Any) -> None:
    found = told(load, login(clientId={"env": "ID"}, clientSecret=value))
    assert len(found) == 1
    assert "never stand in the file; name a variable: {env: NAME}" in found[0]
    assert CANARY not in found[0]
    assert "12345678901" not in found[0]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "must hold at least 1"),
        ({"env": "A", "file": "b"}, "must hold at most 1"),
        ({"env": CANARY}, "must be the name of an environment variable, in capitals"),
        ({"env": "A=B"}, "must be the name of an environment variable, in capitals"),
        ({"env": "A\n"}, "must be the name of an environment variable, in capitals"),
        ({"value": CANARY}, 'there is no "value"'),
        ({"command": "pass show x"}, "must be a list: put it in brackets"),
        ({"command": []}, "must hold at least 1"),
        ({"file": ""}, "must not be empty"),
    ],
)
def test_a_value_is_named_in_one_way(load: Load, value: Any, words: str) -> None:
    found = told(load, login(clientId={"env": "ID"}, clientSecret=value))
    assert words in found[0]
    assert CANARY not in " ".join(found)


PATHS = [
    (".secrets/{name}.env", True),
    ("/run/{account}/{name}.env", True),
    ("{name}", True),
    ("a/{name}/{account}", True),
    ("a..b/{name}", True),
    (".secrets/all.env", False),
    (".secrets/{account}.env", False),
    (".secrets/{name}/", False),
    ("../{name}.env", False),
    ("a/../{name}.env", False),
    ("{name}/..", False),
    ("~/{name}.env", False),
    ("{name}{other}.env", False),
    ("{name}{.env", False),
    ("{{name}}.env", False),
    ("{name!r}.env", False),
    ("{name:>99999999}", False),
    ("{name}\n", False),
    ("", False),
]


@pytest.mark.parametrize(("path", "fits"), PATHS)
def test_paths_of_sinks(load: Load, path: str, fits: bool) -> None:
    document = sinks(mine={"type": "dotenv", "path": path})
    if fits:
        assert load(document).sinks["mine"] == dotenv("mine", path)
    else:
        assert "must be a file path with {name} in it" in told(load, document)[0]


@given(st.lists(st.sampled_from(["{name}", "{account}", "/", "..", ".", "a", "~", "{", "}"])))
def test_a_path_the_project_takes_is_a_path_the_sink_takes(parts: list[str]) -> None:
    path = "".join(parts)
    if re.fullmatch(PATH, path):
        assert fault(path) == ""


def test_all_findings_of_the_file_come_together(load: Load) -> None:
    text = (
        DESIGN.replace("30", "yes")
        .replace("{env: LP_CLIENT_ID}", "abc")
        .replace("type: dotenv", "typ: dotenv")
    )
    assert [one.split(": ")[0] for one in told(load, text)] == [
        "lebots.yaml:9:38",
        "lebots.yaml:10:32",
        "lebots.yaml:12:3",
        "lebots.yaml:12:13",
    ]


def test_names_of_any_kind_are_not_repeated(load: Load) -> None:
    found = told(load, accounts(**{"x\n::error::": 3, "hunter2 ": {"hunter2 ": 1}}))
    assert len(found) == 5
    assert all(one.isprintable() and "hunter2" not in one for one in found)


def test_a_project_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "lebots.yaml").mkdir()
    with pytest.raises(InvalidInput, match=r"lebots\.yaml:1:1: "):
        project.load(tmp_path, SINKS, {})
    (tmp_path / "lebots.yaml").rmdir()
    (tmp_path / "lebots.yaml").symlink_to("nowhere")
    with pytest.raises(InvalidInput, match="cannot be read"):
        project.load(tmp_path, SINKS, {})


# Values


def resolved(source: ValueSource, **environment: str) -> str:
    return project.resolve(source, environment).reveal()


def unresolved(source: ValueSource, **environment: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        project.resolve(source, environment)
    return str(caught.value)


HERE = Source("lebots.yaml", 9, 38)


def test_a_variable_is_read_from_the_environment_that_is_given() -> None:
    assert resolved(ValueSource(HERE, env="ID"), ID="x") == "x"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "is not set; set it for this run"),
        ({"ID": ""}, "is empty"),
        ({"ID": "hunter2\n"}, "holds more than one line"),
        ({"ID": "hunter2\x1b"}, "holds more than one line, or a character that cannot be shown"),
    ],
)
def test_a_variable_without_a_usable_value_is_named(
    environment: dict[str, str], words: str
) -> None:
    found = unresolved(ValueSource(HERE, env="ID"), **environment)
    assert found.startswith("lebots.yaml:9:38: the environment variable ID ")
    assert words in found
    assert "hunter2" not in found


def test_a_file_is_read_without_its_last_line_break(tmp_path: Path) -> None:
    (tmp_path / "id").write_bytes(b"x y\r\n")
    assert resolved(ValueSource(HERE, file=tmp_path / "id")) == "x y"


def test_a_file_without_a_usable_value_is_named(tmp_path: Path) -> None:
    path = tmp_path / "id"
    source = ValueSource(HERE, file=path)
    assert "cannot be read (no such file or directory)" in unresolved(source)
    for content, words in (
        (b"", "is empty"),
        (b"\xff", "gives something else than UTF-8 text"),
        (b"hunter2\nhunter2\n", "holds more than one line"),
        (b"x" * 70_000, "gives more than 65536 bytes"),
    ):
        path.write_bytes(content)
        found = unresolved(source)
        assert f"{path} {words}" in found
        assert "hunter2" not in found
    path.unlink()
    os.mkfifo(path)
    assert "not a regular file" in unresolved(source)


def python(program: str, folder: Path = Path()) -> ValueSource:
    return ValueSource(HERE, command=(sys.executable, "-c", program), folder=folder)


def test_a_command_gives_what_it_prints(tmp_path: Path) -> None:
    program = "import os; print(os.getcwd(), os.environ.get('ID'), os.environ.get('HOME'))"
    assert resolved(python(program, tmp_path), ID="x") == f"{tmp_path} x None"


def test_a_command_is_no_shell() -> None:
    assert resolved(ValueSource(HERE, command=("echo", "$HOME;", "id"))) == "$HOME; id"


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("print('hunter2'); raise SystemExit(3)", "the command ended with 3"),
        ("print()", "the command is empty"),
        ("import time; time.sleep(30)", "the command took more than 0.2 seconds"),
        ("print('hunter2\\nhunter2')", "the command holds more than one line"),
        ("while True: print('hunter2', end='')", "the command gives more than 65536 bytes"),
    ],
)
def test_a_command_without_a_usable_value_is_told(
    program: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "sleep" in program or "while" in program:
        seconds = 0.2 if "sleep" in program else 10
        monkeypatch.setattr("lebots.project.values.COMMAND_SECONDS", seconds)
    found = unresolved(python(program))
    assert words in found
    assert "hunter2" not in found


def test_a_command_that_is_not_there_is_told() -> None:
    source = ValueSource(HERE, command=("/no/such/program",))
    assert "the command cannot be run (no such file or directory)" in unresolved(source)


def test_all_values_of_a_login_are_told_together(load: Load) -> None:
    auth = load(login(clientId={"env": "ID"}, clientSecret={"env": "PASS"})).account().auth
    assert auth is not None
    with pytest.raises(InvalidInput) as caught:
        project.resolve_all(auth, {"PASS": "geheim-ü"})
    assert [str(finding).partition(": ")[2] for finding in caught.value.findings] == [
        "the environment variable ID is not set; set it for this run",
        "the environment variable PASS holds a character outside ASCII",
    ]
    found = project.resolve_all(auth, {"ID": "a", "PASS": "b"})
    assert {name: secret.reveal() for name, secret in found.items()} == {
        "clientId": "a",
        "clientSecret": "b",
    }


def test_a_password_may_hold_any_letter(load: Load) -> None:
    auth = load(login("login", username={"env": "U"}, password={"env": "P"})).account().auth
    assert auth is not None
    assert project.resolve_all(auth, {"U": "a", "P": "ü"})["password"].reveal() == "ü"


def test_the_environment_never_shows(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LP_CLIENT_SECRET", CANARY)
    load(DESIGN)
    found = project.load(Path(), SINKS)
    assert found.environment["LP_CLIENT_SECRET"] == CANARY
    assert CANARY not in repr(found)


def test_only_the_project_reads_the_environment() -> None:
    root = Path(project.__file__).parents[1]
    readers = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(r"\b(environb?|getenvb?)\b", path.read_text(encoding="utf-8"))
    }
    assert {name for name in readers if not name.startswith("sandbox/")} == {
        "cli/hardened.py",  # takes out the one variable that makes libraries write TLS keys
        "project/config.py",
        "project/plan_key.py",
    }


# The published schema


def test_the_schema_is_a_schema_and_closed(load: Load) -> None:
    schema = project.project_schema(SINKS)
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    assert _open(schema) == []


def _open(schema: Any, path: str = "") -> list[str]:
    if not isinstance(schema, dict):
        return []
    parts = [*schema.get("properties", {}).items(), ("*", schema.get("additionalProperties"))]
    found = [place for name, part in parts for place in _open(part, f"{path}/{name}")]
    is_open = schema.get("type") == "object" and "additionalProperties" not in schema
    return [path, *found] if is_open else found


def test_every_field_of_the_schema_is_described() -> None:
    schema = copy.deepcopy(project.project_schema(SINKS))
    assert _undescribed(schema, "") == []


def _undescribed(schema: Any, path: str) -> list[str]:
    if not isinstance(schema, dict):
        return []
    found = [
        place
        for name, part in schema.get("properties", {}).items()
        for place in _undescribed(part, f"{path}/{name}")
    ]
    found += _undescribed(schema.get("additionalProperties"), f"{path}/*")
    return found if "description" in schema else [path, *found]


# What may be retired


def test_scope_and_how_to_retire(load: Load) -> None:
    scope = {"BotUser": ["*"], "Key": [], "Skill": ["bot-*", "faq"]}
    real = {"accountId": "1", "auth": {"method": "login", "username": {"env": "U"},
            "password": {"env": "P"}}}  # fmt: skip
    found = load(accounts(a={"sandbox": "x.db", "scope": scope}, b={**real, "retire": "delete"}))
    one, other = found.account("a").allowed, found.account("b").allowed
    assert one.scope == {"BotUser": ("*",), "Key": (), "Skill": ("bot-*", "faq")}
    assert (one.retire, other.retire) == ("disable", "delete")
    assert other.scope == {}
    assert list(project.scope_findings(found, kinds.load())) == []


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"scope": ["BotUser"]}, "scope: must be a mapping"),
        ({"scope": {"BotUser": "*"}}, "BotUser: must be a list: put it in brackets"),
        ({"scope": {"BotUser": [""]}}, "BotUser: must be a name, with * for any text"),
        ({"retire": "uninstall"}, "retire: must be one of"),
        ({"retires": "delete"}, 'there is no "retires"; did you mean "retire"?'),
    ],
)
def test_what_may_be_retired_is_checked(load: Load, entry: dict[str, Any], words: str) -> None:
    told_ = told(load, accounts(a={"sandbox": "x.db", **entry}))
    assert len(told_) == 1
    assert words in told_[0]


RETIRED = "AgentGroup, AutomaticMessage, BotUser, Key, Skill"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("Botuser", 'there is no kind "Botuser"; did you mean "BotUser"?'),
        ("Widget", f'there is no kind "Widget"; write one of {RETIRED}'),
        ("::error::x", f"there is no such kind; write one of {RETIRED}"),
        (
            "Profile",
            f"a profile is looked up, not managed, and never pruned; write one of {RETIRED}",
        ),
    ],
)
def test_a_scope_names_kinds_that_can_be_retired(load: Load, kind: str, words: str) -> None:
    found = load(accounts(a={"sandbox": "x.db", "scope": {"Skill": ["*"], kind: ["*"]}}))
    (finding,) = project.scope_findings(found, kinds.load())
    assert finding.message == f"scope: {words}"
    assert finding.source is not None
    line = Path("lebots.yaml").read_text().splitlines()[finding.source.line - 1]
    assert line.strip().strip("\"'").startswith(kind), "at the kind itself"


@pytest.mark.parametrize(
    ("proxy", "right"),
    [
        ("http://proxy.example.com:3128", True),
        ("https://proxy", True),
        ("http://[::1]:8080/", True),
        ("http://user:c4n4ry-pass@proxy.example.com", False),
        ("http://c4n4ry-token@proxy", False),
        ("socks5://proxy:1080", False),
        ("proxy.example.com:3128", False),
        ("http://proxy/path", False),
    ],
)
def test_a_proxy_is_an_address_without_a_login(tmp_path: Path, proxy: str, right: bool) -> None:
    login = {"method": "oauth2", "clientId": {"env": "A"}, "clientSecret": {"env": "B"}}
    account = {"accountId": "1", "auth": login, "proxy": proxy}
    text = {"apiVersion": "lebots/v1", "kind": "Project", "accounts": {"a": account}}
    data = json.dumps(text).encode()
    if right:
        assert project.parsed(tmp_path, data, {}, {}).account("a").proxy == proxy
        return
    with pytest.raises(InvalidInput) as raised:
        project.parsed(tmp_path, data, {}, {})
    assert "an address such as http://proxy.example.com:3128, no login" in str(raised.value)
    assert "c4n4ry" not in str(raised.value)
