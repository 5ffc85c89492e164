"""On a terminal: lebots asks, colours and shows progress; a pipe gets none of it."""

import io
import json
import re
import subprocess
from typing import Any

import pytest

from tests.cli.conftest import Project
from tests.night import by_day

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[(?:\d+;)*[39][0-7](?:;\d+)*m")


def applied(project: Project) -> bool:
    return bool(project("plan", "--check").code == 0)


ANSWERS = [(b"Yes\n", 0), (b"\x04", 6)]


@pytest.mark.parametrize(("answer", "code"), by_day(ANSWERS, ANSWERS[:1]))
def test_apply_asks_on_a_terminal(lebots: Project, answer: bytes, code: int) -> None:
    ran = lebots.on_terminal("apply", types=answer)
    assert ran.code == code, ran.out
    assert "Make these 3 changes in account sandbox? [y/N]: " in ran.out
    assert ("not confirmed; nothing was written" in ran.out) == (code == 6)
    assert applied(lebots) == (code == 0)
    assert "Traceback" not in ran.out


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("y\n", 0),
        ("YES\n", 0),
        (" yes \n", 0),
        ("n\n", 6),
        ("no\n", 6),
        ("\n", 6),
        ("what?\n", 6),
        ("yes please\n", 6),
        ("", 6),
    ],
)
def test_only_a_yes_is_a_yes(
    lebots: Project, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    ran = lebots("apply")
    assert ran.code == code
    assert "[y/N]" not in ran.out
    assert bool(lebots.writes) == (code == 0)


def test_an_interrupt_at_the_question(lebots: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupting(Terminal):
        def readline(self, *size: Any) -> Any:
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Interrupting())
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    ran = lebots("apply")
    assert ran.code == 130
    assert lebots.writes == []


def test_one_change_is_not_these_changes(lebots: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    ran = lebots("apply", "--target", "Skill/routing-bot", "--account", "staging")
    assert ran.code == 0
    assert "Make this change in account staging? [y/N]: " in ran.err


def test_the_question_and_the_bar_do_not_disturb_a_piped_result(lebots: Project) -> None:
    ran = lebots.on_terminal("apply", "--format", "json", types=b"y\n", stdout=subprocess.PIPE)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["converged"] is True
    assert ran.out.startswith("{")
    assert "CHANGES, in order of apply" in ran.err, "nobody is asked about what is not shown"


def test_colours_only_on_a_terminal(lebots: Project) -> None:
    coloured = lebots.on_terminal("plan").out
    assert COLOUR.search(coloured)
    plain = lebots("plan").out
    assert "\x1b" not in plain
    assert CONTROL.sub("", coloured).replace("\r\n", "\n") == plain


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
@pytest.mark.parametrize("command", ["plan", "sandbox show"])
def test_no_colours_where_none_are_wanted(
    lebots: Project, monkeypatch: pytest.MonkeyPatch, name: str, value: str, command: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "\x1b[" in lebots(*command.split()).out
    monkeypatch.setenv(name, value)
    assert not COLOUR.search(lebots(*command.split()).out)


@pytest.mark.parametrize("columns", ["1", "40", "nonsense"])
def test_a_narrow_terminal_loses_nothing(
    lebots: Project, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    plain = lebots("plan").out
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    narrow = CONTROL.sub("", lebots("plan").out)
    assert sorted(narrow.split()) == sorted(plain.split()), "only where lines break differs"
    assert lebots("sandbox", "show").code == 0


def test_the_log_survives_the_progress_bar(lebots: Project) -> None:
    ran = lebots.on_terminal("apply", "--yes")
    assert ran.code == 0
    assert "apply" in ran.out
    seen = CONTROL.sub("", ran.out)
    lines = [line for line in seen.replace("\r", "\n").splitlines() if line.startswith("[")]
    assert [line.split("  ")[0] for line in lines] == ["[1/3] done", "[2/3] done", "[3/3] done"]
    assert re.search(r'create  key "routing-bot"  id [0-9a-f-]{36}$', lines[1])
    assert "OUTCOME  3 done; the account is in sync" in seen
