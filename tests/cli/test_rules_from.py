"""`--rules-from`: nothing of a proposal's `lebots.yaml` is opened before the base has it."""

import ast
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import RUNS, commands
from tests.cli.conftest import LEBOTS_YAML, ROOT, ROUTING_BOT, Project, Ran
from tests.repositories import Repo

pytestmark = pytest.mark.enable_socket

OPENERS = [
    name for name, command in commands() if any(one.name == "rules_from" for one in command.params)
]
"""The commands that open an account or a sink."""
LINES: list[tuple[str, ...]] = [
    *((name, *RUNS[name], "--rules-from", "main") for name in OPENERS),
    ("plan", "--base", "main"),
    ("plan", "--base", "main", "--out", "plan.json", "--html-file", "plan.html"),
    ("plan", "--rules-from", "main", "--all-accounts"),
    ("plan", "--rules-from", "main", "--drift"),
    ("rotate", "Key/routing-bot", "--plan", "--rules-from", "main"),
]
RUNTIME = LEBOTS_YAML[LEBOTS_YAML.index("sinks:") :]


class Listener:
    """A port on loopback that counts who connects."""

    def __init__(self) -> None:
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    monkeypatch.setenv("LP_CLIENT_SECRET", "the-secret-of-the-login")
    found = Listener()
    yield found
    found.close()


def hostile(listener: Listener, folder: Path) -> str:
    """A `lebots.yaml` that sends logins to its own address and runs its own programs."""
    program = folder / "steal"
    program.write_text(f"#!/bin/sh\ntouch {folder}/stolen\necho word\n")
    program.chmod(0o755)
    stolen = "{command: [./steal]}"
    return f"""\
apiVersion: lebots/v1
kind: Project
defaultAccount: sandbox
accounts:
  sandbox: &account
    accountId: "55501234"
    auth: {{method: login, username: {stolen}, password: {stolen}}}
    domain: localhost:{listener.port}
    guards: {{maxDeletePercent: 100, replaceLostKeys: true}}
  staging:
    accountId: "55501234"
    auth: {{method: login, username: {stolen}, password: {stolen}}}
    domain: localhost:{listener.port}
sinks:
  runtime:
    type: vault
    address: http://127.0.0.1:{listener.port}
    path: bots/{{name}}
    token: {{env: LP_CLIENT_SECRET}}
""".replace("&account", "")


def words(ran: Ran) -> str:
    return " ".join(ran.all.split())


def test_what_opens_an_account_takes_the_option() -> None:
    """Found in the program: no command opens an account without saying whose rules hold."""
    opening = set()
    for path in (ROOT / "lebots/cli/commands").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "open_session":
                assert len(node.args) == 3, f"{path.name} does not say whose rules hold"
                opening.add(path.stem.strip("_").split("_")[0])
    assert opening == set(OPENERS)


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_nothing_of_a_branch_is_opened(
    lebots: Project, repo: Repo, listener: Listener, line: tuple[str, ...]
) -> None:
    """Threat T33: 0 connections, 0 programs, and what is not used is told."""
    repo.git("checkout", "--quiet", "-b", "mine")
    lebots.write("lebots.yaml", hostile(listener, lebots.folder))
    ran = lebots(*line)
    # The real account of all has no login here.
    assert ran.code in (0, 3, 6) or "--all-accounts" in line, ran.all
    assert listener.connections == 0
    assert not (lebots.folder / "stolen").exists()
    assert "NOT USED, lebots.yaml is not the one at main" in ran.all
    for setting in ("accounts.sandbox.domain", "accounts.sandbox.auth.password.command"):
        assert setting in ran.all
    assert "sinks.runtime.address" in ran.all
    assert "the-secret-of-the-login" not in ran.all


def test_the_same_branch_is_opened_by_whoever_says_so(
    lebots: Project, repo: Repo, listener: Listener
) -> None:
    """The proof that the table above would see it."""
    repo.git("checkout", "--quiet", "-b", "mine")
    lebots.write("lebots.yaml", hostile(listener, lebots.folder))
    lebots("plan", "--base", "main", "--rules-from", ".")
    assert (lebots.folder / "stolen").exists()
    text = LEBOTS_YAML.replace(RUNTIME, hostile(listener, lebots.folder).partition("sinks:")[2])
    lebots.write("lebots.yaml", text.replace("  runtime:", "sinks:\n  runtime:", 1))
    lebots("plan", "--base", "main", "--rules-from", ".")
    assert listener.connections


def branch(repo: Repo, lebots: Project, *replaced: tuple[str, str]) -> None:
    """A branch with another `lebots.yaml`."""
    repo.git("checkout", "--quiet", "-b", "mine")
    text = (lebots.folder / "lebots.yaml").read_text()
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new, 1)
    lebots.write("lebots.yaml", text)


SANDBOX = "    sandbox: .lebots/sandbox.db\n"


@pytest.mark.parametrize(
    ("rule", "loosened", "edit", "code"),
    [
        ("guards: {protect: [BotUser/routing-bot]}", "", ("Ava", "Eve"), "protected"),
        (
            "guards: {allowedProfiles: []}",
            "guards: {allowedProfiles: [Administrator]}",
            ("profiles: [Agent]", "profiles: [Agent, Administrator]"),
            "not-allowed",
        ),
        (
            "guards: {maxDeletePercent: 0}",
            "guards: {maxDeletePercent: 100}",
            ("maxAsyncChats: 25", "maxAsyncChats: 25\n  enabled: false"),
            "removal-share",
        ),
    ],
)
def test_a_guard_lowered_in_a_branch_has_no_effect(
    lebots: Project, repo: Repo, rule: str, loosened: str, edit: tuple[str, str], code: str
) -> None:
    lebots.write("lebots.yaml", LEBOTS_YAML.replace(SANDBOX, f"{SANDBOX}    {rule}\n", 1))
    repo.commit()
    branch(repo, lebots, (f"    {rule}\n", f"    {loosened}\n" if loosened else ""))
    lebots.write("manifests/routing-bot.yaml", ROUTING_BOT.replace(*edit))
    ran = lebots("plan", "--base", "main", "--format", "json")
    assert ran.code == 6, ran.all
    assert code in {one["code"] for one in ran.json["refused"]}
    assert ran.json["rules"]["unused"]
    ran = lebots("plan", "--base", "main", "--rules-from", ".", "--format", "json")
    assert code not in {one["code"] for one in ran.json["refused"]}


FORMATS = {
    "text": ("NOT USED", "LOOK FIRST"),
    "markdown": ("**Review `lebots.yaml` first**", "**Look first**"),
    "html": ('id="not-used"', 'id="look-first"'),
    "github": (
        "::warning file=lebots.yaml,line=7,col=32,title=lebots%3A not used",
        "title=lebots%3A out of service",
    ),
    "json": ('"rules"', '"digest"'),
}


@pytest.mark.parametrize("format_", FORMATS)
def test_what_is_not_used_is_drawn_first(lebots: Project, repo: Repo, format_: str) -> None:
    branch(repo, lebots, (SANDBOX, f"{SANDBOX}    guards: {{maxDeletePercent: 99}}\n"))
    text = ROUTING_BOT.replace("maxAsyncChats: 25", "maxAsyncChats: 0")
    lebots.write("manifests/routing-bot.yaml", text)
    shown = lebots("plan", "--base", "main", "--format", format_).out
    before, after = FORMATS[format_]
    assert 0 <= shown.index(before) < shown.index(after)
    told = shown[shown.index(before) : shown.index(after)]
    assert "guards.maxDeletePercent" in told
    assert "99" in told
    assert "lebots.yaml" in told


@pytest.mark.parametrize("format_", FORMATS)
def test_words_of_a_branch_cannot_do_anything(lebots: Project, repo: Repo, format_: str) -> None:
    word = "@all ``` </li><b> ::error::x"
    branch(repo, lebots, (SANDBOX, f"{SANDBOX}    scope: {{Key: ['{word}']}}\n"))
    shown = lebots("plan", "--base", "main", "--format", format_).out
    assert "</li><b>" not in shown or format_ != "html"
    assert not [line for line in shown.splitlines() if line.startswith("::error")]
    if format_ == "markdown":
        assert "@all" not in shown
        assert "\n```\n" in shown.partition("scope.Key")[2]


def test_a_thousand_settings_drive_out_no_warning(lebots: Project, repo: Repo) -> None:
    many = "".join(f"  n{one}: {{sandbox: x{one}.db}}\n" for one in range(300))
    branch(repo, lebots, ("accounts:\n", f"accounts:\n{many}"))
    text = ROUTING_BOT.replace("maxAsyncChats: 25", "maxAsyncChats: 0")
    lebots.write("manifests/routing-bot.yaml", text)
    for format_, words_ in (("text", "OUT OF SERVICE"), ("github", "out of service")):
        shown = lebots("plan", "--base", "main", "--format", format_).out
        assert words_ in shown
        assert "and 260 more" in shown


def test_an_account_that_the_base_lacks(lebots: Project, repo: Repo) -> None:
    branch(repo, lebots, ("accounts:\n", "accounts:\n  new: {sandbox: .lebots/new.db}\n"))
    for command in (["plan", "--base", "main"], ["doctor", "--rules-from", "main"]):
        ran = lebots(*command, "--account", "new")
        assert ran.code == 6
        assert 'lebots.yaml at main has no account "new", only the proposed' in ran.err
        assert lebots(*command, "--account", "new", "--rules-from", ".").code == 0
    ran = lebots("plan", "--base", "main", "--account", "nwe")
    assert (ran.code, "did you mean" in ran.err) == (2, False)


def test_a_sink_that_only_the_branch_has(lebots: Project, repo: Repo) -> None:
    branch(repo, lebots, ("sinks:\n", "sinks:\n  own: {type: dotenv, path: 'own/{name}.env'}\n"))
    text = ROUTING_BOT.replace("sink: runtime", "sink: own").replace("routing-bot", "new-bot")
    lebots.write("manifests/new.yaml", text)
    ran = lebots("plan", "--base", "main")
    assert ran.code == 6
    assert 'only the proposed lebots.yaml has the sink "own"' in words(ran)
    assert 'key "new-bot"' in ran.out, "what is refused is shown"
    told = lebots("plan", "--base", "main", "--rules-from", ".", "--format", "json")
    assert told.code == 0
    assert list(told.json["terms"]["sinks"]) == ["own"]
    assert "rules" not in told.json


def test_the_digest_is_of_the_rules_in_force(lebots: Project, repo: Repo) -> None:
    """What a branch has otherwise is not approved with it; merged, it is another plan."""
    lebots.write("manifests/routing-bot.yaml", ROUTING_BOT.replace("Ava", "Eve"))
    repo.commit()
    before = lebots("plan", "--format", "json").json
    branch(repo, lebots, (SANDBOX, f"{SANDBOX}    retire: delete\n"))
    planned = lebots("plan", "--base", "main", "--out", "plan.json")
    told = json.loads((lebots.folder / "plan.json").read_text())
    assert (told["digest"], told["terms"]) == (before["digest"], before["terms"])
    here = lebots("plan", "--format", "json").json
    assert here["terms"]["rules"]["retire"] == "delete"
    assert here["digest"] != told["digest"]
    ran = lebots("apply", "plan.json")
    assert (ran.code, "rules retire changed since" in ran.err) == (6, True)
    (proposed,) = [line for line in planned.out.splitlines() if line.startswith("NEXT")]
    assert proposed.endswith("lebots apply plan.json --rules-from=main")
    assert lebots(*proposed.split()[2:]).code == 0


def test_consent_is_read_from_the_branch(lebots: Project, repo: Repo) -> None:
    text = ROUTING_BOT.replace("maxAsyncChats: 25", "maxAsyncChats: 25\n  enabled: false")
    lebots.write(
        "lebots.yaml",
        LEBOTS_YAML.replace(SANDBOX, f"{SANDBOX}    guards: {{maxDeletePercent: 0}}\n", 1),
    )
    repo.commit()
    lebots.write("manifests/routing-bot.yaml", text)
    ran = lebots("plan", "--base", "main")
    assert ran.code == 6
    (line,) = [one for one in words(ran).split("`") if one.startswith("- {change")] or [""]
    if not line:
        digest = words(ran).partition("consent")[2].partition("change: ")[2][:12]
        line = f"- {{change: {digest}, out-of-service: 1}}"
    lebots.write(
        "lebots.yaml", (lebots.folder / "lebots.yaml").read_text() + f"consent:\n  {line}\n"
    )
    ran = lebots("plan", "--base", "main", "--format", "json")
    assert ran.code == 0, ran.all
    assert ran.json["rules"] == {"from": "main", "unused": []}


PROGRAM = "#!/bin/sh\ntouch ran\nexit 1\n"


@pytest.fixture
def with_program(lebots: Project) -> Repo:
    """A login that a program of the repository prints."""
    login = "{command: [./login]}"
    real = f"""\
  real:
    accountId: "1"
    auth: {{method: oauth2, clientId: {login}, clientSecret: {login}}}
"""
    lebots.write("lebots.yaml", LEBOTS_YAML.replace("  production:", f"{real}  production:"))
    lebots.write("login", PROGRAM).chmod(0o755)
    repo = Repo.make(lebots.folder)
    repo.write(".gitignore", ".lebots/\n.secrets/\nran\n")
    repo.commit()
    return repo


def link(folder: Path) -> None:
    (folder / "login").unlink()
    (folder / "evil").write_text(PROGRAM + "# other\n")
    (folder / "login").symlink_to("evil")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "login").write_text(PROGRAM + "# other\n"),
        lambda folder: (folder / "login").unlink(),
        link,
    ],
    ids=["edited", "removed", "a link"],
)
def test_a_program_that_a_branch_changed_does_not_run(
    lebots: Project, with_program: Repo, change: Any
) -> None:
    command = ("doctor", "--account", "real", "--rules-from", "main")
    assert lebots(*command).code == 4
    assert (lebots.folder / "ran").exists(), "as it is on main it runs"
    (lebots.folder / "ran").unlink()
    change(lebots.folder)
    ran = lebots(*command)
    assert (ran.code, (lebots.folder / "ran").exists()) == (6, False)
    assert "accounts.real.auth.clientId.command: ./login is not as it is at main" in ran.err
    assert "./login here is not the file there" in ran.err
    assert lebots("doctor", "--rules-from", "main").code == 0, "another account is not concerned"


def test_a_project_file_that_became_a_link_is_compared_by_its_name(
    lebots: Project, repo: Repo
) -> None:
    repo.commit(loose=LEBOTS_YAML.replace(SANDBOX, f"{SANDBOX}    retire: delete\n", 1))
    (lebots.folder / "lebots.yaml").unlink()
    (lebots.folder / "lebots.yaml").symlink_to("loose.yaml")
    found = lebots("plan", "--base", "main", "--format", "json").json
    assert [one["setting"] for one in found["rules"]["unused"]] == ["accounts.sandbox.retire"]
    assert found["terms"]["rules"]["retire"] == "disable"


def test_manifests_of_another_repository_do_not_say_whose_rules_hold(
    lebots: Project, repo: Repo
) -> None:
    """A submodule in place of the manifests, with a main of its own."""
    repo.write(".gitignore", ".lebots/\n.secrets/\n*.json\nmanifests/\n")
    repo.git("rm", "-r", "--cached", "--quiet", "manifests")
    repo.commit()
    Repo.make(lebots.folder / "manifests").commit()
    branch(repo, lebots, (SANDBOX, f"{SANDBOX}    retire: delete\n"))
    found = lebots("plan", "--base", "main", "--format", "json").json
    assert found["terms"]["rules"]["retire"] == "disable"
    assert [one["setting"] for one in found["rules"]["unused"]] == ["accounts.sandbox.retire"]
    shutil.rmtree(lebots.folder / ".git")
    found = lebots("plan", "--base", "main", "--format", "json").json
    assert "rules" not in found, "nobody proposes a file that is in no repository"


def test_what_colleagues_merged_is_not_told_as_of_the_branch(lebots: Project, repo: Repo) -> None:
    repo.git("checkout", "--quiet", "-b", "mine")
    repo.commit(manifests__other="")
    (lebots.folder / "manifests/other.yaml").unlink()
    repo.commit()
    repo.git("checkout", "--quiet", "main")
    lebots.write("lebots.yaml", LEBOTS_YAML.replace(SANDBOX, f"{SANDBOX}    retire: delete\n", 1))
    repo.commit()
    repo.git("checkout", "--quiet", "mine")
    found = lebots("plan", "--base", "main", "--format", "json").json
    assert found["rules"] == {"from": "main", "unused": []}
    assert found["terms"]["rules"]["retire"] == "delete"
    ran = lebots("doctor", "--rules-from", "main")
    assert "accounts.sandbox.retire" in ran.err, "what runs here is not merged"


@pytest.mark.parametrize("kind", ["tag", "branch"])
@pytest.mark.parametrize("option", ["--base", "--rules-from"])
def test_a_tag_of_the_same_name_is_not_taken_for_the_base(
    lebots: Project, repo: Repo, kind: str, option: str
) -> None:
    """git would take it, and who may push a branch may push a tag."""
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert lebots("plan", option, "origin/main").code == 0
    repo.git(kind, "origin/main")
    ran = lebots("plan", option, "origin/main")
    assert ran.code == 2
    assert f'{option}: "origin/main" can be refs/' in ran.err
    assert lebots("plan", option, "refs/remotes/origin/main").code == 0


@pytest.mark.parametrize(
    ("ref", "code", "says"),
    [
        ("nowhere", 2, "--rules-from: the repository has no commit"),
        ("", 2, "--rules-from: the name is empty"),
        ("-x", 2, "--rules-from"),
        ("broken", 4, "broken:lebots.yaml:1"),
    ],
)
def test_rules_that_cannot_be_read(
    lebots: Project, repo: Repo, ref: str, code: int, says: str
) -> None:
    repo.git("checkout", "--quiet", "-b", "broken")
    lebots.write("lebots.yaml", "kind: Nothing\n")
    repo.commit()
    repo.git("checkout", "--quiet", "main")
    ran = lebots("plan", f"--rules-from={ref}")
    assert ran.code == code
    assert says in ran.err


def test_the_environment_says_it_for_every_command(
    lebots: Project, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch(repo, lebots, ("accounts:\n", "accounts:\n  new: {sandbox: .lebots/new.db}\n"))
    monkeypatch.setenv("LEBOTS_RULES_FROM", "main")
    for name in OPENERS:
        assert "accounts.new.sandbox" in lebots(name, *RUNS[name]).all, name
