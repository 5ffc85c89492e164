"""``lebots sandbox``: looking at the embedded account and playing with it."""

import gc
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lebots.sandbox import Sandbox
from tests.cli.conftest import Project, text_of

DATABASE = Path(".lebots/sandbox.db")


def test_show_has_what_an_apply_made(lebots: Project) -> None:
    lebots("apply", "--yes")
    shown = lebots("sandbox", "show", "--format", "json").json
    users = {user["loginName"]: user for user in shown["users"]}
    assert users["routing-bot"]["userType"] == "bot"
    assert users["routing-bot"]["skills"] == ["routing-bot"]
    assert users["routing-bot"]["key"] == "routing-bot"
    text = lebots("sandbox", "show").out
    titles = [line.strip() for line in text.splitlines() if line.strip().isalpha()]
    assert titles == ["skills", "keys", "users"]
    assert "\x1b" not in text


def test_nothing_is_cut_in_a_pipe(lebots: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "a-very-long-login-name-of-a-bot-" * 6
    lebots("sandbox", "reset")
    put(loginName=name, userTypeId=2)
    for columns in ("20", "200"):
        monkeypatch.setenv("COLUMNS", columns)
        ran = lebots("sandbox", "show")
        assert name in ran.out
        assert "\u2026" not in ran.out


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("command", ["show", "rules"])
def test_no_word_is_broken_on_a_narrow_terminal(
    lebots: Project, monkeypatch: pytest.MonkeyPatch, command: str, columns: int
) -> None:
    lebots("apply", "--yes")
    words = set(re.findall(r"[\w@.-]+", lebots("sandbox", command).out))
    monkeypatch.setattr("lebots.cli.terminal.table.on_terminal", lambda _: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    narrow = lebots("sandbox", command).out
    assert words - {"name", "loginName", "area"} <= set(re.findall(r"[\w@.-]+", narrow))
    assert max(map(len, narrow.splitlines())) <= max(columns, *map(len, words)) + 2


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("evil\x1b[2J\x07", r"evil\u001b[2J\u0007"),
        ("line\nbreak\r", r"line\nbreak\r"),
        ("r\u202ethgil\u200b", r"r\u202ethgil\u200b"),
        ("[bold red]x[/] [link=http://x]y[/link]", "[bold red]x[/] [link=http://x]y[/link]"),
        ("[/]", "[/]"),
        ("back\\[slash\\", "back\\[slash\\"),
        (":warning: :smiley:", ":warning: :smiley:"),
        ("\ud800", r"\ud800"),
    ],
)
def test_names_are_shown_as_they_are(lebots: Project, name: str, shown: str) -> None:
    lebots("sandbox", "reset")
    put(loginName=name, userTypeId=2)
    ran = lebots("sandbox", "show")
    assert ran.code == 0
    assert f"\u2502 {shown} " in ran.out
    ran = lebots("sandbox", "show", "--format", "json")
    assert name in [user["loginName"] for user in ran.json["users"]]
    assert ran.out.isascii()


def put(**user: object) -> None:
    sandbox = Sandbox(DATABASE)
    sandbox.put("users", {"skillIds": [], "profileIds": [], **user})
    sandbox.close()


def test_seed_adds_and_reset_takes_away(lebots: Project) -> None:
    before = lebots("sandbox", "show", "--format", "json").json
    for _ in range(2):
        ran = lebots("sandbox", "seed", "--users", "5", "--skills", "2")
        assert (ran.code, ran.out, ran.err) == (0, "", "added 5 users and 2 skills\n")
    seeded = lebots("sandbox", "show", "--format", "json").json
    assert len(seeded["users"]) == len(before["users"]) + 10
    assert len(seeded["skills"]) == len(before["skills"]) + 4
    assert lebots("plan").code == 0, "an account with made-up people can be planned against"
    ran = lebots("sandbox", "reset")
    assert (ran.code, ran.out) == (0, "")
    assert lebots("sandbox", "show", "--format", "json").json == before


def test_accounts_are_apart(lebots: Project) -> None:
    lebots("sandbox", "seed", "--skills", "3", "--account", "staging")
    default = lebots("sandbox", "show", "--format", "json").json
    staging = lebots("sandbox", "show", "--format", "json", "--account", "staging").json
    assert len(staging["skills"]) == len(default["skills"]) + 3
    lebots("sandbox", "reset")
    again = lebots("sandbox", "show", "--format", "json", "--account", "staging").json
    assert again == staging


@pytest.mark.parametrize("command", ["show", "reset", "seed --users 1"])
def test_a_real_account_is_none_of_its_business(lebots: Project, command: str) -> None:
    ran = lebots("sandbox", *command.split(), "--account", "production")
    assert ran.code == 2
    assert 'account "production" is not an embedded one' in ran.err


def test_without_a_project_there_is_one_account(empty: Project) -> None:
    assert empty("sandbox", "show").code == 0
    assert DATABASE.exists()


def test_nothing_is_waited_for_that_cannot_lag(lebots: Project) -> None:
    """Its sink knows of a key that the account does not show: a real one may show it yet."""
    assert lebots("apply", "--yes").code == 0
    assert lebots("sandbox", "reset").code == 0
    process = lebots.process("plan", "--check", stdout=subprocess.PIPE)
    assert "somebody removed it" in text_of(process)[0], "and it has 20 seconds"
    assert process.returncode == 6


def test_a_served_account_is_collected_as_what_runs_on(
    lebots: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int, int]] = []

    class Ended:
        def wait(self, seconds: float) -> bool:
            seen.append(gc.get_threshold())
            return True

    before = gc.get_threshold()
    # Loaded when it is asked for: a run has said by then that it collects less.
    monkeypatch.delitem(sys.modules, "lebots.cli.commands.sandbox_serve", raising=False)
    gc.set_threshold(500_000)
    monkeypatch.setattr("lebots.cli.commands.sandbox_serve.Event", Ended)
    try:
        assert lebots("sandbox", "show").code == 0
        short = gc.get_threshold()
        assert lebots("sandbox", "serve", "--port", "0").code == 0
    finally:
        gc.set_threshold(*before)
    assert seen[0][0] <= 2_000 < short[0]


def test_each_process_that_serves_has_secrets_of_its_own(
    lebots: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended:
        def wait(self, seconds: float) -> bool:
            return True

    def told(*options: str) -> dict[str, str]:
        ran = lebots("sandbox", "serve", "--port", "0", *options)
        assert ran.code == 0
        lines = [line.strip().partition(": ") for line in ran.err.splitlines()]
        names = ("password", "clientSecret")
        return {name: value for name, _, value in lines if name in names}

    monkeypatch.setattr("lebots.cli.commands.sandbox_serve.Event", Ended)
    one, other = told(), told()
    known = {"password": "not-a-real-password", "clientSecret": "not-a-real-client-secret"}
    assert one.keys() == other.keys() == known.keys()
    assert len({*one.values(), *other.values(), *known.values()}) == 6
    assert told("--known-secrets") == known
