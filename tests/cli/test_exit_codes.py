"""One table: every command in every bad situation, its exit code, and where it prints."""

import re
import sqlite3
from collections.abc import Callable
from functools import partial

import pytest

from lebots.sandbox import Sandbox
from tests.cli.conftest import Project, Ran, refusing, skill
from tests.night import by_day

COMMANDS = {
    "plan": ("plan",),
    "check": ("plan", "--check"),
    "apply": ("apply", "--yes"),
    "validate": ("validate",),
    "show": ("sandbox", "show"),
    "reset": ("sandbox", "reset"),
    "seed": ("sandbox", "seed", "--users", "1"),
}
HAVE_FORMAT = ("plan", "check", "apply", "validate", "show")


def bad_manifest(project: Project) -> None:
    project.write("manifests/bad.yaml", skill("x", maxWaitTime="soon"))


def bad_project(project: Project) -> None:
    project.write("lebots.yaml", "apiVersion: lebots/v1\nkind: Project\nacounts: {}\n")


def not_yaml(project: Project) -> None:
    project.write("manifests/bad.yaml", "a: [b\n  c: }\n\x00\t")


def empty_folder(project: Project) -> None:
    (project.folder / "manifests/routing-bot.yaml").unlink()


def missing_folder(project: Project) -> None:
    (project.folder / "manifests").rename(project.folder / "elsewhere")


def not_a_database(project: Project) -> None:
    project.write(".lebots/sandbox.db", "this is no database, but it is long enough " * 100)


def another_database(project: Project) -> None:
    (project.folder / ".lebots").mkdir()
    with sqlite3.connect(project.folder / ".lebots/sandbox.db") as database:
        database.execute("CREATE TABLE other (x)")
    database.close()


def broken_database(project: Project) -> None:
    file = project.folder / ".lebots/sandbox.db"
    file.parent.mkdir()
    Sandbox(file).close()
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xaa" * len(content[4096:])
    file.write_bytes(content)


def database_is_a_folder(project: Project) -> None:
    (project.folder / ".lebots/sandbox.db").mkdir(parents=True)


def database_below_a_file(project: Project) -> None:
    project.write(".lebots", "a file where a folder should be")


def sink_is_a_file(project: Project) -> None:
    project.write(".secrets", "a file where a folder should be")


def name_of_a_person(project: Project) -> None:
    text = (project.folder / "manifests/routing-bot.yaml").read_text()
    project.write(
        "manifests/routing-bot.yaml",
        re.sub(r"(kind: BotUser\nmetadata:\n  name: )routing-bot", r"\1ana.costa@acme.test", text),
    )


def bot_is_refused(project: Project) -> None:
    project.wrapper = refusing("POST", "/users")


def lists_fail(project: Project) -> None:
    project.wrapper = refusing("GET", "/skills", 403)


def nothing_wrong(project: Project) -> None:
    pass


#                        plan check apply validate show reset seed
TABLE: dict[Callable[[Project], None], tuple[int, ...]] = {
    nothing_wrong: (0, 3, 0, 0, 0, 0, 0),
    bad_manifest: (4, 4, 4, 4, 0, 0, 0),
    not_yaml: (4, 4, 4, 4, 0, 0, 0),
    bad_project: (4, 4, 4, 4, 4, 4, 4),
    empty_folder: (4, 4, 4, 4, 0, 0, 0),
    missing_folder: (4, 4, 4, 4, 0, 0, 0),
    not_a_database: (5, 5, 5, 0, 5, 5, 5),
    another_database: (5, 5, 5, 0, 5, 5, 5),
    broken_database: (5, 5, 5, 0, 5, 5, 5),
    database_is_a_folder: (5, 5, 5, 0, 5, 5, 5),
    database_below_a_file: (5, 5, 5, 0, 5, 5, 5),
    lists_fail: (5, 5, 5, 0, 0, 0, 0),
    sink_is_a_file: (5, 5, 5, 0, 0, 0, 0),
    name_of_a_person: (6, 6, 6, 0, 0, 0, 0),
    bot_is_refused: (0, 3, 7, 0, 0, 0, 0),
}


@pytest.mark.parametrize(
    ("situation", "command", "code"),
    [
        pytest.param(situation, command, code, id=f"{situation.__name__}-{command}")
        for situation, codes in TABLE.items()
        for command, code in zip(COMMANDS, codes, strict=True)
    ],
)
def test_every_command_in_every_situation(
    lebots: Project, situation: Callable[[Project], None], command: str, code: int
) -> None:
    situation(lebots)
    ran = lebots(*COMMANDS[command])
    assert ran.code == code, ran.all
    assert_is_clean(ran)
    if code not in (0, 7):
        assert lebots.writes == [], "a run that fails before its first change writes nothing"


FORMATTED = [
    pytest.param(situation, command, code, id=f"{situation.__name__}-{command}")
    for situation, codes in TABLE.items()
    for command, code in zip(COMMANDS, codes, strict=True)
    if command in HAVE_FORMAT
]


@pytest.mark.parametrize(("situation", "command", "code"), by_day(FORMATTED, FORMATTED[::4]))
def test_the_exit_code_does_not_depend_on_the_format(
    lebots: Project, situation: Callable[[Project], None], command: str, code: int
) -> None:
    situation(lebots)
    ran = lebots(*COMMANDS[command], "--format", "json")
    assert ran.code == code, ran.all
    assert_is_clean(ran)
    if ran.out:
        assert isinstance(ran.json, dict)
    assert ran.out or code not in (0, 3, 7), "a run that gets to its end gives a document"


def assert_is_clean(ran: Ran) -> None:
    """No traceback; a failure says why on stderr, a success says nothing there."""
    assert "Traceback" not in ran.all
    assert "a bug in lebots" not in ran.all
    if ran.code not in (0, 3):
        assert ran.err.strip()


def test_a_locked_account_is_said_to_be_locked(
    lebots: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lebots("plan").code == 0
    other = sqlite3.connect(lebots.folder / ".lebots/sandbox.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(sqlite3, "connect", partial(_impatient, sqlite3.connect))
    for command in ("apply", "reset", "seed"):
        ran = lebots(*COMMANDS[command])
        assert "locked" in ran.all
        assert ran.code == (7 if command == "apply" else 5)
        assert_is_clean(ran)
    other.close()


def _impatient(
    connect: Callable[..., sqlite3.Connection], *args: object, **options: object
) -> sqlite3.Connection:
    return connect(*args, **{**options, "timeout": 0})


@pytest.mark.parametrize("command", ["plan", "apply --yes", "sandbox show", "sandbox reset"])
@pytest.mark.parametrize(
    ("account", "words"),
    [
        ("nope", 'no account "nope"; there are production, sandbox, staging'),
        ("stagin", 'did you mean "staging"?'),
        ("\x1b[2J", r"\u001b[2J"),
        ("", "the name is empty"),
    ],
)
def test_accounts_that_cannot_be_used(
    lebots: Project, command: str, account: str, words: str
) -> None:
    ran = lebots(*command.split(), "--account", account)
    assert ran.code == 2
    assert ran.out == ""
    assert words in ran.err
    assert lebots.requests == []


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("Skill/nope", "no manifest declares Skill/nope"),
        ("Skill/routing-bo", 'did you mean "Skill/routing-bot"?'),
        ("skill/routing-bot", "no manifest declares skill/routing-bot"),
        ("Skill/*", "no manifest declares"),
        ("routing-bot", "an address is Kind/name"),
        ("/", "an address is Kind/name"),
        ("Skill/\x1b[2J\u202e", r"no manifest declares Skill/\u001b[2J\u202e"),
        ("Skill/x\n::error::y", "\n\\u003a:error::y"),
        ("", "an address is Kind/name"),
    ],
)
@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes")])
def test_targets_that_are_none(
    lebots: Project, command: tuple[str, ...], target: str, words: str
) -> None:
    ran = lebots(*command, "--target", target)
    assert ran.code == 2
    assert ran.out == ""
    assert words in ran.err
    assert lebots.writes == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["nope"],
        ["--nope"],
        ["plan", "--nope"],
        ["plan", "--format", "xml"],
        ["plan", "--yes"],
        ["plan", "--out"],
        ["apply", "--check"],
        ["apply", "--out", "x.json"],
        ["apply", "--target"],
        ["validate", "--account", "sandbox"],
        ["schema", "nope"],
        ["schema", "Key", "Skill"],
        ["explain", "nope"],
        ["explain", "Skill.nope"],
        ["init", "a", "b"],
        ["sandbox", "nope"],
        ["sandbox", "seed"],
        ["sandbox", "seed", "--users", "-1"],
        ["sandbox", "seed", "--users", "many"],
        ["sandbox", "reset", "extra"],
    ],
    ids=" ".join,
)
def test_wrong_usage(lebots: Project, arguments: list[str]) -> None:
    ran = lebots(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.strip()
    assert_is_clean(ran)
    assert lebots.requests == []


def test_all_that_is_wrong_is_said_at_once(lebots: Project) -> None:
    bad_project(lebots)
    bad_manifest(lebots)
    for command in ("plan", "apply", "validate"):
        ran = lebots(command)
        assert ran.code == 4
        assert "lebots.yaml:3:1: " in ran.err
        assert "manifests/bad.yaml:2:" in ran.err
    found = lebots("validate", "--format", "json").json["findings"]
    assert {finding["source"]["file"] for finding in found} == {
        "lebots.yaml",
        "manifests/bad.yaml",
    }


def test_a_bug_is_told_without_any_value(lebots: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(self: object, credential: object, replaces: object) -> None:
        raise RuntimeError("the text of an error may hold hunter2")

    monkeypatch.setattr("lebots.credentials.files.dotenv_sink.DotenvSink.write", write)
    ran = lebots("apply", "--yes")
    assert ran.code == 1
    assert "a bug in lebots" in ran.err
    assert "RuntimeError at test_exit_codes.py:" in ran.err
    assert "hunter2" not in ran.all
    assert "Traceback" not in ran.all
