"""Two runs on one account: a lock between them, and a plan that must stand after the answer."""

import fcntl
import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lebots.errors import Refused
from lebots.run.account_lock import AccountLock
from lebots.run.interruptible_sleep import InterruptibleSleep
from tests.cli.conftest import Project, Ran, skill
from tests.cli.test_rotate import SINK, aged, values
from tests.cli.test_terminal import Terminal

ACCOUNT = "55501234"
LOCK = Path(".lebots") / f"{ACCOUNT}.lock"
HOLDER = """
import fcntl, sys, time
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
file.write("process 4711 on x")
file.flush()
print("held", flush=True)
time.sleep(60)
"""
ROTATE = ("rotate", "Key/routing-bot")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lebots.run.account_lock.PATIENCE", 0.3)


def while_asked(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: Callable[[], object],
    *command: str,
) -> Ran:
    """A command on a terminal; all of ``meanwhile`` happens while its question waits for a yes."""

    class Waits(Terminal):
        def readline(self, *size: Any) -> Any:
            with monkeypatch.context() as patch:
                patch.setattr("sys.stdin", Terminal())
                meanwhile()
            project.requests.clear()
            return "y\n"

    monkeypatch.setattr("sys.stdin", Waits())
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    return project(*command)


@contextmanager
def held(project: Project) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process has the lock."""
    (project.folder / LOCK).parent.mkdir(exist_ok=True)
    process = project.process(str(LOCK), program=HOLDER, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


# After the answer, the plan must still stand


def test_what_somebody_did_while_the_question_waited_is_not_undone(
    lebots: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = while_asked(lebots, monkeypatch, lambda: lebots("apply", "--yes"), "apply")
    assert ran.code == 6
    assert "somebody else was here since the plan: process " in ran.err
    assert "its sink holds the credential of id" in ran.err
    assert "now nothing is left to change" in ran.err
    assert "this run wrote nothing, plan again" in ran.err
    assert lebots.writes == []
    assert lebots("plan", "--check").code == 0
    assert values()["LP_SECRET"]


def test_another_writer_that_leaves_the_plan_as_it_is_stops_nothing(
    lebots: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = lebots.write("other/skill.yaml", skill("somewhere else"))
    ran = while_asked(
        lebots, monkeypatch, lambda: lebots("apply", "--yes", str(other)), "apply", "manifests"
    )
    assert ran.code == 0, ran.err
    assert lebots("plan", "--check", "manifests").code == 0


def test_what_changed_without_any_key_is_noticed_too(
    lebots: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    skills = lebots.write("skills/some.yaml", skill("one") + skill("two"))
    one = lebots.write("one.yaml", skill("one"))
    ran = while_asked(
        lebots, monkeypatch, lambda: lebots("apply", "--yes", str(one)), "apply", str(skills)
    )
    assert ran.code == 6
    assert "a plan made now has 1 changes, not those that were approved" in ran.err
    assert lebots.writes == []


@pytest.mark.parametrize("other", [("apply", "--yes"), (*ROTATE, "--yes", "--grace", "0")])
def test_a_rotation_too_goes_on_only_if_its_plan_stands(
    lebots: Project, monkeypatch: pytest.MonkeyPatch, other: tuple[str, ...]
) -> None:
    lebots("apply", "--yes")
    lebots.write("manifests/more.yaml", skill("more"))
    ran = while_asked(lebots, monkeypatch, lambda: lebots(*other), *ROTATE, "--grace", "0")
    rotated = other[0] == "rotate"
    assert ran.code == (6 if rotated else 0), ran.err
    assert (lebots.writes == []) is rotated
    assert ("somebody else was here since the plan" in ran.err) is rotated
    assert lebots("rotate", "Key/routing-bot", "--plan", "--grace", "0").code == 0


def test_an_apply_is_not_made_on_a_key_that_was_rotated_meanwhile(
    lebots: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    lebots("apply", "--yes")
    aged(lebots, 48)
    text = (lebots.folder / "manifests/routing-bot.yaml").read_text()
    lebots.write("manifests/routing-bot.yaml", text.replace("Login of", "Key of"))
    ran = while_asked(
        lebots, monkeypatch, lambda: lebots(*ROTATE, "--yes", "--grace", "0"), "apply"
    )
    assert ran.code == 6
    assert lebots.writes == []
    assert SINK.exists()


def test_a_saved_plan_does_what_still_stands(lebots: Project) -> None:
    assert lebots("plan", "--out", "plan.json").code == 0
    assert lebots("apply", "plan.json").code == 0
    assert lebots("apply", "plan.json").code == 0, "nothing is left"


# The lock


def test_a_run_waits_and_then_says_who_is_at_work(lebots: Project) -> None:
    with held(lebots):
        ran = lebots("apply", "--yes")
    assert ran.code == 6
    assert "another run is at work on this account: process 4711 on x" in ran.err
    assert "nothing was written" in ran.err
    assert lebots.writes == []
    assert lebots("apply", "--yes").code == 0, "a holder that was killed leaves no lock"


def test_a_rotation_waits_for_the_same_lock(lebots: Project) -> None:
    lebots("apply", "--yes")
    lebots.requests.clear()
    with held(lebots):
        ran = lebots(*ROTATE, "--yes")
    assert ran.code == 6
    assert "process 4711 on x" in ran.err
    assert lebots.writes == []


def test_nothing_to_change_needs_no_lock(lebots: Project) -> None:
    lebots("apply", "--yes")
    with held(lebots):
        assert lebots("apply", "--yes").code == 0
        assert lebots("plan").code == 0


def test_waiting_for_the_lock_can_be_interrupted(lebots: Project) -> None:
    with held(lebots):
        process = lebots.process("apply", "--yes", stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stderr is not None
        for line in process.stderr:
            if b"waiting for it to end" in line:
                break
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 130


@pytest.mark.parametrize("mask", [0o000, 0o777])
def test_the_file_is_private_under_any_umask(lebots: Project, mask: int) -> None:
    folder = lebots.folder / ".lebots"
    assert not folder.exists()
    before = os.umask(mask)
    try:
        with AccountLock(lebots.folder, ACCOUNT, InterruptibleSleep()).held():
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((lebots.folder / LOCK).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_a_holder_wrote_is_only_shown(lebots: Project) -> None:
    lock = lebots.write(str(LOCK), "\x1b[31m::error::" + "x" * 5_000)
    with lock.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        ran = lebots("apply", "--yes")
    assert ran.code == 6
    assert "\x1b" not in ran.err
    assert "x" * 300 not in ran.err


@pytest.mark.parametrize("there", ["link", "fifo", "folder"])
def test_a_lock_that_cannot_be_had_refuses(lebots: Project, there: str) -> None:
    lebots("plan")
    lock = lebots.folder / LOCK
    lock.parent.mkdir(exist_ok=True)
    elsewhere = lebots.write("elsewhere.txt", "theirs")
    makers: dict[str, Callable[[], None]] = {
        "link": lambda: lock.symlink_to(elsewhere),
        "fifo": lambda: os.mkfifo(lock),
        "folder": lock.mkdir,
    }
    makers[there]()
    began = time.monotonic()
    ran = lebots("apply", "--yes")
    assert ran.code == 6
    assert "the lock of this account cannot be had" in ran.err
    assert lebots.writes == []
    assert elsewhere.read_text() == "theirs"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("account", ["../../etc/passwd", "a b/c", "..", "ä"])
def test_the_name_of_the_file_is_safe(tmp_path: Path, account: str) -> None:
    with AccountLock(tmp_path, account, InterruptibleSleep()).held():
        (file,) = (tmp_path / ".lebots").iterdir()
    assert file.name.endswith(".lock")
    assert list(tmp_path.iterdir()) == [tmp_path / ".lebots"]


def test_who_held_it_since_is_told_once(tmp_path: Path) -> None:
    mine = AccountLock(tmp_path, "1", InterruptibleSleep())
    with AccountLock(tmp_path, "1", InterruptibleSleep()).held() as others:
        assert others == ""
        with pytest.raises(Refused, match="another run is at work"), mine.held():
            pass
    with mine.held() as others:
        assert others.startswith(f"process {os.getpid()} on ")
    with AccountLock(tmp_path, "1", InterruptibleSleep()).held() as others:
        assert others == "", "whoever was here before the plan is of no interest"


def test_a_run_that_reads_while_another_one_writes_knows(tmp_path: Path) -> None:
    with AccountLock(tmp_path, "1", InterruptibleSleep()).held():
        mine = AccountLock(tmp_path, "1", InterruptibleSleep())
    with mine.held() as others:
        assert others
