"""The dotenv sink: where files go, what is kept, and what is never overwritten."""

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lebots.core.model.ports import Credential, Sink
from lebots.core.model.secret import Secret
from lebots.credentials.files import folder
from lebots.credentials.files.dotenv_sink import DotenvSink, fault
from lebots.errors import SinkError, SinkMoved, SinkRefused
from tests import not_run

CANARY = "c4n4ry-0f-4-s3cr3t"
TEMPLATE = ".secrets/{name}.env"
ME = ("10000001", "routing-bot")
LEFT = ".lebots-fedcba9876543210"


def credential(
    key: str = "routing-bot", account: str = "10000001", client: str = "id-1"
) -> Credential:
    values: dict[str, str | Secret] = {
        "LP_ACCOUNT": account,
        "LP_APPKEY": client,
        "LP_SECRET": Secret(CANARY),
    }
    return Credential(account, key, client, values)


def everything(root: Path) -> dict[str, int]:
    """Each path below ``root`` with its mode."""
    return {str(p.relative_to(root)): stat.S_IMODE(p.lstat().st_mode) for p in root.rglob("*")}


@pytest.fixture
def sink(tmp_path: Path) -> DotenvSink:
    return DotenvSink("runtime", TEMPLATE, tmp_path)


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_it_is_a_sink(sink: DotenvSink) -> None:
    protocol: Sink = sink
    assert protocol.name == "runtime"
    assert repr(sink) == "DotenvSink('runtime', '.secrets/{name}.env')"


def test_before_the_first_write_there_is_nothing(sink: DotenvSink, tmp_path: Path) -> None:
    assert sink.read_back("10000001", "routing-bot") is None
    assert everything(tmp_path) == {}


def test_what_was_written_is_read_back(sink: DotenvSink) -> None:
    sink.write(credential(), None)
    assert sink.read_back("10000001", "routing-bot") == "id-1"
    read = sink.read("10000001", "routing-bot")
    assert read
    secret = read.values["LP_SECRET"]
    assert isinstance(secret, Secret)
    assert secret.reveal() == CANARY
    assert CANARY not in repr(read) + str(read)


@pytest.mark.usefixtures("umask")
def test_files_and_folders_are_private_and_ignored_by_git(tmp_path: Path) -> None:
    DotenvSink("default", ".lebots/credentials/{name}.env", tmp_path).write(credential(), None)
    assert everything(tmp_path) == {
        ".lebots": 0o700,
        ".lebots/credentials": 0o700,
        ".lebots/credentials/.gitignore": 0o600,
        ".lebots/credentials/routing-bot.env": 0o600,
    }
    assert (tmp_path / ".lebots/credentials/.gitignore").read_text() == "*\n"


@pytest.mark.parametrize("used_by", ["README", ".lebots-0123456789abcdef", "old-bot.env"])
def test_a_folder_in_use_gets_an_ignore_file_too(
    sink: DotenvSink, tmp_path: Path, used_by: str
) -> None:
    (tmp_path / ".secrets").mkdir(mode=0o700)
    (tmp_path / ".secrets" / used_by).touch()
    sink.write(credential(), None)
    lines = (tmp_path / ".secrets/.gitignore").read_text().splitlines()
    assert lines == ["/*.env", "/.lebots-*", "/.*.intent"]


def test_an_ignore_file_of_somebody_is_kept(sink: DotenvSink, tmp_path: Path) -> None:
    (tmp_path / ".secrets").mkdir()
    (tmp_path / ".secrets/.gitignore").write_text("mine\n")
    sink.probe()
    sink.announce(*ME, "one")
    sink.write(credential(), None)
    assert (tmp_path / ".secrets/.gitignore").read_text() == "mine\n"


def test_what_killed_runs_left_behind_is_swept(sink: DotenvSink, tmp_path: Path) -> None:
    sink.write(credential(), None)
    sink.announce(*ME, "one")
    before = everything(tmp_path)
    for name in (".lebots-0123456789abcdef", ".lebots-probe-0123456789abcdef", LEFT + ".env"):
        (tmp_path / ".secrets" / name).write_text(CANARY)
    (tmp_path / ".secrets/.lebots-notes").touch()
    sink.probe()
    assert everything(tmp_path) == {**before, ".secrets/.lebots-notes": 0o644}


def test_of_many_writers_at_once_one_stands_and_the_others_know(tmp_path: Path) -> None:
    """Each with its own sink, as runs of their own have; none of them was told of another."""

    def write(number: int) -> str:
        own = DotenvSink("runtime", TEMPLATE, tmp_path)
        own.announce(*ME, f"token-{number}")
        try:
            own.write(credential(client=f"id-{number}"), None)
        except SinkMoved:
            own.withdraw(*ME, f"token-{number}")
            return ""
        return f"id-{number}"

    with ThreadPoolExecutor(8) as runs:
        wrote = [id_ for id_ in runs.map(write, range(24)) if id_]
    assert len(wrote) == 1
    assert DotenvSink("runtime", TEMPLATE, tmp_path).read_back(*ME) == wrote[0]
    assert not list(tmp_path.rglob(".lebots-*"))


def test_a_run_that_is_killed_as_it_writes_leaves_nothing_for_good(
    sink: DotenvSink, tmp_path: Path
) -> None:
    says = (
        "import os, signal, sys; from pathlib import Path\n"
        "from lebots.core.model.ports import Credential\n"
        "from lebots.credentials.files import folder\n"
        "from lebots.credentials.files.dotenv_sink import DotenvSink\n"
        "from lebots.core.model.secret import Secret\n"
        "folder.os.rename = lambda *a, **n: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"secret = {{'LP_SECRET': Secret({CANARY!r})}}\n"
        f"sink = DotenvSink('runtime', {TEMPLATE!r}, Path(sys.argv[1]))\n"
        "sink._ignore = lambda folder: None\n"
        f"sink.write(Credential(*{ME!r}, 'id-1', secret), None)\n"
    )
    ran = subprocess.run([sys.executable, "-c", says, str(tmp_path)], check=False)
    assert ran.returncode == -signal.SIGKILL
    (left,) = (tmp_path / ".secrets").iterdir()
    assert CANARY in left.read_text()
    sink.probe()
    assert list((tmp_path / ".secrets").iterdir()) == []


def test_nothing_is_swept_while_another_run_writes(
    sink: DotenvSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.write(credential(), None)
    (tmp_path / ".secrets" / LEFT).touch()
    monkeypatch.setattr(folder, "PATIENCE", 0.05)
    held = os.open(tmp_path / ".secrets", os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        for attempt in (
            sink.probe,
            lambda: sink.announce(*ME, "one"),
            lambda: sink.withdraw(*ME),
            lambda: sink.write(credential(), None),
        ):
            with pytest.raises(SinkRefused, match="another run writes there and does not end"):
                attempt()
        assert sink.read_back(*ME) == "id-1"
        assert (tmp_path / ".secrets" / LEFT).exists()
    finally:
        os.close(held)
    sink.probe()
    assert not (tmp_path / ".secrets" / LEFT).exists()


def test_a_file_system_without_locks_is_used_without_them(
    sink: DotenvSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    sink.write(credential(), None)
    assert sink.read_back(*ME) == "id-1"


def test_a_note_that_was_edited_is_told(sink: DotenvSink, tmp_path: Path) -> None:
    sink.announce(*ME, "one")
    note = tmp_path / ".secrets/.routing-bot.intent"
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    for text in ("", "[]", "{}", '{"LEBOTS_INTENT": "{}"}', note.read_text().replace("one", "")):
        note.write_text(text)
        with pytest.raises(SinkError, match="note of a begun create was edited"):
            sink.announced(*ME)


def test_a_newer_credential_of_the_same_key_replaces_the_old_one(sink: DotenvSink) -> None:
    sink.write(credential(), None)
    sink.write(credential(client="id-2"), "id-1")
    assert sink.read_back("10000001", "routing-bot") == "id-2"


def test_a_damaged_file_is_kept(sink: DotenvSink, tmp_path: Path) -> None:
    """What somebody added a line to still works for the bot that reads it."""
    sink.write(credential(), None)
    file = tmp_path / ".secrets/routing-bot.env"
    with file.open("a") as opened:
        opened.write("EDITED=1\n")
    before = file.read_text()
    with pytest.raises(SinkError, match="cut off or was edited"):
        sink.read_back("10000001", "routing-bot")
    with pytest.raises(SinkError, match="cut off or was edited"):
        sink.write(credential(client="id-2"), "id-1")
    assert file.read_text() == before


def test_a_file_cut_at_any_byte_is_an_error(sink: DotenvSink, tmp_path: Path) -> None:
    sink.write(credential(), None)
    file = tmp_path / ".secrets/routing-bot.env"
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(SinkError, match="move it away") as caught:
            sink.read_back("10000001", "routing-bot")
        assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not written by lebots or is damaged"),
        (b"LP_SECRET=mine\n", "not written by lebots or is damaged"),
        (b"\xff\xfe", "not written by lebots or is damaged"),
        (b"x\n# lebots-credential []\n", "not written by lebots or is damaged"),
        (b"x\n# lebots-credential " + b"[" * 60_000 + b"\n", "not written by lebots or is dam"),
        (b"x" * (folder.MAX_SIZE + 1), "larger than 65536 bytes"),
    ],
)
def test_a_foreign_file_is_neither_read_nor_overwritten(
    sink: DotenvSink, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / ".secrets/routing-bot.env"
    file.parent.mkdir()
    file.touch(mode=0o600)
    file.write_bytes(content)
    attempts: list[Callable[[], object]] = [
        lambda: sink.read_back("1", "routing-bot"),
        lambda: sink.write(credential(), None),
    ]
    for attempt in attempts:
        with pytest.raises(SinkError, match=words):
            attempt()
    assert file.read_bytes() == content


def test_a_credential_of_another_account_is_kept(sink: DotenvSink) -> None:
    sink.write(credential(account="1"), None)
    attempts: list[Callable[[], object]] = [
        lambda: sink.read_back("2", "routing-bot"),
        lambda: sink.write(credential(account="2"), None),
    ]
    for attempt in attempts:
        with pytest.raises(SinkError, match=r"another account; add \{account\} to the path"):
            attempt()
    assert sink.read_back("1", "routing-bot") == "id-1"


def test_a_credential_of_another_key_is_kept(sink: DotenvSink, tmp_path: Path) -> None:
    sink.write(credential("one"), None)
    (tmp_path / ".secrets/one.env").rename(tmp_path / ".secrets/two.env")
    with pytest.raises(SinkError, match="the credential of another key"):
        sink.write(credential("two"), None)
    with pytest.raises(SinkError, match="the credential of another key"):
        sink.read_back("10000001", "two")


def test_accounts_live_side_by_side(tmp_path: Path) -> None:
    sink = DotenvSink("runtime", ".secrets/{account}/{name}.env", tmp_path)
    sink.write(credential(account="1", client="a"), None)
    sink.write(credential(account="2", client="b"), None)
    assert sink.read_back("1", "routing-bot") == "a"
    assert sink.read_back("2", "routing-bot") == "b"


def test_an_absolute_path_needs_no_root(tmp_path: Path) -> None:
    base = Path(os.path.realpath(tmp_path))
    sink = DotenvSink("runtime", f"{base}/vault/{{name}}.env", Path("/nonexistent"))
    sink.write(credential(), None)
    assert (base / "vault/routing-bot.env").is_file()


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("routing-bot", ".secrets/routing-bot.env"),
        ("a/b", ".secrets/a%2Fb.env"),
        ("..", ".secrets/%2E..env"),
        ("../../etc/passwd", ".secrets/%2E.%2F..%2Fetc%2Fpasswd.env"),
        (".hidden", ".secrets/%2Ehidden.env"),
        ("-rf", ".secrets/%2Drf.env"),
        ("~root", ".secrets/%7Eroot.env"),
        ("a%2Fb", ".secrets/a%252Fb.env"),
        ("{account}", ".secrets/%7Baccount%7D.env"),
        ("Zoë 2", ".secrets/Zo%C3%AB%202.env"),
        ("a\0b\n\\", ".secrets/a%00b%0A%5C.env"),
        ("\u202e", ".secrets/%E2%80%AE.env"),
        ("\ud800", ".secrets/%ED%A0%80.env"),
    ],
)
def test_any_key_name_is_one_plain_file_name(
    sink: DotenvSink, tmp_path: Path, key: str, place: str
) -> None:
    assert sink.place("10000001", key) == place
    sink.write(credential(key), None)
    assert (tmp_path / place).is_file()
    assert sink.read_back("10000001", key) == "id-1"


@settings(derandomize=True, database=None, deadline=None)
@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_two_keys_never_share_a_file(a: str, b: str, c: str, d: str) -> None:
    sink = DotenvSink("runtime", "x/{account}/{name}.env", Path())
    assert (sink.place(a, b) == sink.place(c, d)) == ((a, b) == (c, d))
    steps = sink.place(a, b).split("/")
    assert len(steps) == 3
    assert steps[1] not in (".", "..", "")
    assert sink.place(a, b).isascii()


@pytest.mark.parametrize(
    ("template", "words"),
    [
        (".secrets/bot.env", r"must hold \{name\}"),
        ("", r"must hold \{name\}"),
        (".secrets/{account}.env", r"must hold \{name\}"),
        (".secrets/{key}/{name}.env", "no other braces"),
        (".secrets/{{name}}.env", r"must hold \{name\}"),
        (".secrets/{name}}.env", "no other braces"),
        (".secrets/{name.__class__}/{name}", "no other braces"),
        ("../{name}.env", r"a step up \(\.\.\)"),
        ("a/../../{name}.env", r"a step up \(\.\.\)"),
        ("~/{name}.env", "~ means nothing here"),
        ("a\0/{name}.env", "control or invisible"),
        ("a\u202e/{name}.env", "control or invisible"),
        ("a\n/{name}.env", "control or invisible"),
        (".secrets/{name}/", "names a folder"),
        (".secrets/{name}/.", "names a folder"),
    ],
)
def test_a_path_that_cannot_be_safe_is_refused(template: str, words: str, tmp_path: Path) -> None:
    assert fault(template)
    with pytest.raises(SinkError, match=words):
        DotenvSink("runtime", template, tmp_path)


@pytest.mark.parametrize(
    "template", ["{name}", "./.secrets/{name}.env", ".secrets//{name}.env", "{account}/{name}/env"]
)
def test_a_path_may_be_written_in_many_ways(template: str, tmp_path: Path) -> None:
    sink = DotenvSink("runtime", template, tmp_path)
    sink.probe()
    sink.write(credential(), None)
    assert sink.read_back("10000001", "routing-bot") == "id-1"


@pytest.mark.parametrize("template", [TEMPLATE, "{name}.env", "a/b/{account}/c/{name}.env"])
def test_a_probe_leaves_nothing_behind(template: str, tmp_path: Path) -> None:
    DotenvSink("runtime", template, tmp_path).probe()
    assert everything(tmp_path) == {}


def test_a_probe_keeps_what_is_there(sink: DotenvSink, tmp_path: Path) -> None:
    sink.write(credential(), None)
    before = everything(tmp_path)
    sink.probe()
    assert everything(tmp_path) == before


def test_a_probe_tells_what_cannot_be_read_back(
    sink: DotenvSink, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("lebots.files.bounded.content", lambda *_: b"something else")
    with pytest.raises(SinkError, match="cannot be read back"):
        sink.probe()
    assert everything(tmp_path) == {}


# Faults of the system: the k-th operation fails, all k.

SINGLE = ["open", "mkdir", "fsync", "fchmod", "write", "rename", "listdir", "stat", "fstat", "read"]


class Failing(SimpleNamespace):
    """``os`` whose k-th operation fails, or is cut short by an interrupt."""

    def __init__(self, at: int, error: BaseException) -> None:
        super().__init__(count=0, **{name: getattr(os, name) for name in os.__all__})
        self.O_DIRECTORY, self.O_CLOEXEC = os.O_DIRECTORY, os.O_CLOEXEC
        for name in SINGLE:
            setattr(self, name, self.counted(getattr(os, name), at, error))

    def counted(self, call: Callable[..., Any], at: int, error: BaseException) -> Any:
        def wrapped(*args: Any, **named: Any) -> Any:
            self.count += 1
            if self.count == at:
                raise error
            return call(*args, **named)

        return wrapped


def operations(run: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> int:
    counting = Failing(0, OSError())
    with monkeypatch.context() as patch:
        patch.setattr(folder, "os", counting)
        run()
    return int(counting.count)


def test_a_write_that_fails_anywhere_leaves_the_old_or_the_new_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fresh(number: int) -> DotenvSink:
        (tmp_path / str(number)).mkdir()
        return DotenvSink("runtime", f"{number}/a/{{name}}.env", tmp_path)

    total = operations(lambda: fresh(0).write(credential(), None), monkeypatch)
    assert total > 15
    for at in range(1, total + 1):
        sink = fresh(at)
        with monkeypatch.context() as patch:
            patch.setattr(folder, "os", Failing(at, OSError(errno.ENOSPC, "No space left")))
            with pytest.raises(SinkError) as caught:
                sink.write(credential(client="new"), None)
        assert str(caught.value) == (
            f'sink "runtime": {at}/a/routing-bot.env: No space left; make room on the disk'
        )
        assert sink.read_back("10000001", "routing-bot") in (None, "new")
        assert not list(tmp_path.rglob(".lebots-*"))


@pytest.mark.parametrize("error", [OSError(errno.EIO, "I/O error"), KeyboardInterrupt()])
def test_a_rewrite_that_fails_anywhere_keeps_a_complete_credential(
    sink: DotenvSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    sink.write(credential(client="old"), None)
    total = operations(lambda: sink.write(credential(client="old"), None), monkeypatch)
    for at in range(1, total + 1):
        with monkeypatch.context() as patch:
            patch.setattr(folder, "os", Failing(at, error))
            with pytest.raises((SinkError, KeyboardInterrupt)) as caught:
                sink.write(credential(client="new"), None)
        assert CANARY not in str(caught.value)
        assert sink.read_back("10000001", "routing-bot") in ("old", "new")
        assert not list(tmp_path.rglob(".lebots-*"))


def test_a_probe_that_fails_anywhere_says_so(
    sink: DotenvSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = operations(sink.probe, monkeypatch)
    for at in range(1, total + 1):
        with monkeypatch.context() as patch:
            patch.setattr(folder, "os", Failing(at, OSError(errno.EROFS, "Read-only")))
            with pytest.raises(SinkError, match="Read-only; choose a path that can be written"):
                sink.probe()
        assert everything(tmp_path) == {}


def test_no_operation_leaves_a_descriptor_open(
    sink: DotenvSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip(not_run.PROC)
    sink.write(credential(), None)
    before = len(os.listdir(descriptors))
    total = operations(lambda: sink.write(credential(), None), monkeypatch)
    for at in range(1, total + 1):
        with monkeypatch.context() as patch:
            patch.setattr(folder, "os", Failing(at, OSError(errno.EIO, "I/O error")))
            with pytest.raises(SinkError):
                sink.write(credential(), None)
    sink.probe()
    sink.read("10000001", "routing-bot")
    assert len(os.listdir(descriptors)) == before


def test_short_writes_are_continued(sink: DotenvSink, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Failing(0, OSError())
    slow.write = lambda descriptor, content: os.write(descriptor, content[:7])
    with monkeypatch.context() as patch:
        patch.setattr(folder, "os", slow)
        sink.write(credential(), None)
    assert sink.read_back("10000001", "routing-bot") == "id-1"


def test_a_value_no_environment_can_hold_is_refused_by_name(
    sink: DotenvSink, tmp_path: Path
) -> None:
    broken = Credential("1", "k", "i", {"LP_SECRET": Secret(CANARY + "\0")})
    with pytest.raises(SinkError, match="LP_SECRET holds a character") as caught:
        sink.write(broken, None)
    assert CANARY not in str(caught.value)
    assert sink.read_back("1", "k") is None
