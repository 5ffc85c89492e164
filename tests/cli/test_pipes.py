"""Outputs that end early, are full or closed: they decide nothing about what a command does."""

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lebots.cli import main
from tests import not_run
from tests.cli.commands import RUNS, commands
from tests.cli.conftest import Project, skill, text_of
from tests.cli.test_receipt_branch import shared
from tests.night import by_day
from tests.repositories import Repo

Spoil = Callable[[int], None]

ACTS = {"apply", "import", "fmt", "rotate", "init", "sandbox reset", "sandbox seed"} | {
    f"receipt {verb}" for verb in ("push", "pull")
}
"""Commands that do something; the others only give an answer, and fail where nobody gets it."""

CHECKS = [
    (("apply", "--yes", "--format", "json"), 0),
    (("plan", "--check"), 5),
    (("plan", "--format", "json"), 5),
    (("plan", "--all-accounts"), 4),
    (("validate", "--format", "sarif"), 5),
    (("fmt", "--check"), 5),
    (("rotate", "Key/routing-bot", "--plan"), 5),
    (("plan", "--target", "Skill/nope"), 2),
    (("apply", "--yes", "--expect", "0" * 64), 6),
    (("--help",), 5),
    (("plan", "-h"), 5),
    (("--version",), 5),
]
"""More lines, with what they end with on a full disk."""

FULL = "lebots: the result cannot be printed (no space left on device)\n"


def closed(number: int) -> None:
    """As by ``>&-``."""
    os.close(number)


def unread(number: int) -> None:
    """As by ``| true``."""
    reader, writer = os.pipe()
    os.close(reader)
    os.dup2(writer, number)


def full(number: int) -> None:
    """As on a full disk."""
    os.dup2(os.open("/dev/full", os.O_WRONLY), number)


def in_a_child(
    folder: Path, arguments: tuple[str, ...], number: int, spoil: Spoil
) -> tuple[int, str, str]:
    """Runs a command in a fork with one of its outputs spoiled; its code and both outputs."""
    files = [folder / "stdout.txt", folder / "stderr.txt"]
    child = os.fork()
    if not child:
        code = 99
        try:
            for descriptor, file in enumerate(files, start=1):
                os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
            spoil(number)
            sys.stdout = sys.__stdout__ = _stream(1, number, spoil)  # type: ignore[misc]
            sys.stderr = sys.__stderr__ = _stream(2, number, spoil)  # type: ignore[misc]
            if "serve" in arguments:
                signal.signal(signal.SIGALRM, _once_it_serves)
                signal.setitimer(signal.ITIMER_REAL, 0.5, 0.5)
            main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    out, err = (file.read_text() for file in files)
    return os.waitstatus_to_exitcode(status), out, err


def _once_it_serves(*_: object) -> None:
    """Ctrl-C, but not before the thread of the server runs, however busy the machine is."""
    if threading.active_count() > 1:
        os.kill(os.getpid(), signal.SIGINT)


def _stream(descriptor: int, number: int, spoil: Spoil) -> Any:
    lost = spoil is closed and descriptor == number
    return None if lost else open(descriptor, "w", encoding="utf-8", closefd=False)


def test_every_command_has_a_line_here() -> None:
    assert RUNS.keys() == {name for name, _ in commands()}


@pytest.fixture
def project(lebots: Project, request: pytest.FixtureRequest) -> Project:
    """A project in which every command has something to do and to say."""
    text = (lebots.folder / "manifests/routing-bot.yaml").read_text()
    if "rotate" in request.node.name or "verify" in request.node.name:
        assert lebots("apply", "--yes").code == 0
    if "receipt" in request.node.name:
        assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 0
        shared(Repo.make(lebots.folder))
    lebots.write("manifests/routing-bot.yaml", text + "\n\n\n")
    return lebots


LINES = [
    *((tuple(name.split()) + RUNS[name], 0 if name in ACTS else 5) for name in RUNS),
    *CHECKS,
]


def each_way(often: Spoil, seldom: Spoil) -> list[Any]:
    """Every command with a spoilt stream; by day some of them, fewer with the second way."""
    every = list(RUNS)
    return [
        pytest.param(name, spoil, id=f"{name.replace(' ', '-')}-{spoil.__name__}")
        for spoil, few in ((often, every[::3]), (seldom, every[1::7]))
        for name in by_day(every, few)
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason=not_run.FULL)
@pytest.mark.parametrize(
    ("arguments", "code"),
    by_day(LINES, LINES[::2]),
    ids=lambda one: "-".join(one) if isinstance(one, tuple) else str(one),
)
def test_a_full_stdout_ends_no_run(project: Project, arguments: tuple[str, ...], code: int) -> None:
    ended, _, err = in_a_child(project.folder, arguments, 1, full)
    assert ended == code, err
    says_nothing = {"reset", "seed", "push", "pull"} & set(arguments) or code in (2, 6)
    assert (FULL in err) == (not says_nothing)
    assert "Traceback" not in err
    assert "a bug in lebots" not in err
    if arguments[0] == "apply" and not code:
        assert project("plan", "--check").code == 0, "everything was made"


@pytest.mark.parametrize(("name", "spoil"), each_way(unread, closed))
def test_a_stdout_that_nobody_reads_is_no_failure(
    project: Project, name: str, spoil: Spoil
) -> None:
    code, _, err = in_a_child(project.folder, (*name.split(), *RUNS[name]), 1, spoil)
    assert code == 0, err
    assert "cannot be printed" not in err
    assert "Traceback" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason=not_run.FULL)
@pytest.mark.parametrize(("name", "spoil"), each_way(full, closed))
def test_a_stderr_that_takes_nothing_changes_neither_code_nor_result(
    project: Project, name: str, spoil: Spoil
) -> None:
    code, out, _ = in_a_child(project.folder, (*name.split(), *RUNS[name]), 2, spoil)
    assert code == 0
    for only_on_stderr in ("looking again", "is on first use", "added 1", "stopped", "made-up"):
        assert only_on_stderr not in out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason=not_run.FULL)
def test_a_plan_that_is_asked_about_is_shown_where_it_can_be(lebots: Project) -> None:
    with open("/dev/full", "wb") as nowhere:
        ran = lebots.on_terminal("apply", types=b"n\n", stdout=nowhere)
    assert ran.code == 6
    assert "CHANGES" in ran.out
    assert "Make these 3 changes" in ran.out


RECORDED = ("apply", "rotate")
"""Commands that write a receipt; the others read one."""


def output_files() -> list[tuple[str, str]]:
    """Every option that names a file to write, by its command."""
    return [
        (name, option.opts[0])
        for name, command in commands()
        for option in command.params
        if option.metavar == "FILE" and option.opts[0].startswith("-")
        if name in RECORDED or option.opts[0] != "--receipt"
    ]


@pytest.mark.parametrize(("name", "option"), output_files(), ids="".join)
def test_a_file_on_a_full_disk_keeps_nothing_else_from_being_done(
    lebots: Project, monkeypatch: pytest.MonkeyPatch, name: str, option: str
) -> None:
    def no_space(*_: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    only_plans = (name, option) == ("rotate", "--out")
    line = [word for word in RUNS[name] if not (only_plans and word == "--yes")]
    if name == "rotate":
        assert lebots("apply", "--yes").code == 0
    with monkeypatch.context() as broken:
        broken.setattr("lebots.files.yaml.writer.tempfile.mkstemp", no_space)
        ran = lebots(*name.split(), *line, option, "wanted")
    assert ran.code == (0 if name in ACTS and not only_plans else 5)
    assert "wanted cannot be written (no space left on device)" in ran.err
    assert ran.out
    if name == "apply":
        assert lebots("plan", "--check").code == 0


def test_a_file_that_cannot_be_written_does_not_hide_a_refusal(lebots: Project) -> None:
    lebots.write("manifests/bad.yaml", skill("x", maxWaitTime="soon"))
    ran = lebots("plan", "--markdown-file", "manifests")
    assert ran.code == 4
    assert "is no regular file" in ran.err


def test_a_name_that_the_encoding_does_not_have_is_escaped(lebots: Project) -> None:
    lebots.write("manifests/wide.yaml", skill("\u65e5\u672c"))
    process = lebots.process(
        "plan",
        environment={"PYTHONIOENCODING": "latin-1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = text_of(process)
    assert (process.returncode, err) == (0, "")
    assert r'skill "\u65e5\u672c"' in out
