"""A program as a sink: what its exit codes mean, what it is told, and what it never gets shown."""

import json
import os
import re
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from lebots.core.model.secret import Secret
from lebots.credentials.programs import process
from lebots.credentials.programs.command_sink import CommandSink
from lebots.credentials.programs.process import run
from lebots.errors import (
    SinkError,
    SinkMoved,
    SinkOutcomeUnknown,
    SinkRefused,
    SinkUnavailable,
    SinkWriteOnly,
)
from tests import not_run
from tests.credentials.places import CANARY, PYTHON, credential, program, values_of

ME = ("10000001", "routing-bot")


def stored(folder: Path) -> str | None:
    return program(folder).read_back(*ME)


def test_it_is_told_everything_on_stdin(tmp_path: Path) -> None:
    says = "import sys; open('asked', 'a').write(sys.stdin.read()); print('null')"
    sink = CommandSink("runtime", [*PYTHON, "-c", says], tmp_path, {}, "10000001")
    sink.probe()
    sink.write(credential(), None)
    assert sink.read(*ME) is None
    asked = [json.loads(line) for line in (tmp_path / "asked").read_text().splitlines()]
    named = {"version": 1, "account": "10000001", "key": "routing-bot"}
    values = values_of(credential())
    assert asked == [
        {"version": 1, "operation": "probe", "account": "10000001"},
        {**named, "operation": "read_back"},
        {**named, "operation": "write", "id": "id-1", "replaces": None, "values": values},
        {**named, "operation": "read"},
    ]


def test_it_runs_in_the_project_with_the_environment_of_the_run(tmp_path: Path) -> None:
    says = "import os; open('env', 'w').write(os.getcwd() + os.environ.get('LP', ''))"
    CommandSink("runtime", [*PYTHON, "-c", says], tmp_path, {"LP": "!"}, "1").probe()
    assert (tmp_path / "env").read_text() == f"{os.path.realpath(tmp_path)}!"


def test_no_argument_comes_from_a_manifest(tmp_path: Path) -> None:
    says = "import sys; open('args', 'a').write(str(sys.argv[1:])); print('null')"
    sink = CommandSink("runtime", [*PYTHON, "-c", says, "$HOME", "{name}"], tmp_path, {}, "1")
    sink.write(credential("-rf; id"), None)
    assert (tmp_path / "args").read_text() == "['$HOME', '{name}']" * 2


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["/no/such/program"], "No such file or directory"),
        (["/"], "Permission denied"),
        (["a\0b"], "an argument holds a zero byte"),
    ],
)
def test_a_program_that_cannot_be_run_was_not_reached(
    tmp_path: Path, command: list[str], words: str
) -> None:
    sink = CommandSink("runtime", command, tmp_path, {}, "1")
    attempts: list[Callable[[], object]] = [
        sink.probe,
        lambda: sink.write(credential(), None),
        lambda: sink.read_back("1", "k"),
    ]
    for attempt in attempts:
        with pytest.raises(SinkUnavailable, match=words):
            attempt()


@pytest.mark.parametrize(
    ("how", "known"),
    [("write fails after", False), ("write fails after", True), ("write hangs after", True)],
)
def test_a_write_of_unknown_end_is_settled_by_reading(
    tmp_path: Path, how: str, known: bool
) -> None:
    if known:
        program(tmp_path).write(credential(secret="before"), None)
    program(tmp_path, how, seconds=0.5).write(credential(), None)
    assert stored(tmp_path) == "id-1"


def test_a_write_that_did_not_come_through_is_unknown(tmp_path: Path) -> None:
    for client, replaces in ((None, None), ("old", "old")):
        with pytest.raises(SinkOutcomeUnknown, match="the secret may or may not be stored"):
            program(tmp_path, "write fails before").write(credential(), replaces)
        assert stored(tmp_path) == client
        program(tmp_path).write(credential(client="old"), replaces)


def test_where_secrets_are_not_given_back_a_new_id_settles_it(tmp_path: Path) -> None:
    sink = program(tmp_path, "write only", "write fails after")
    sink.write(credential(), None)
    assert stored(tmp_path) == "id-1"
    with pytest.raises(SinkOutcomeUnknown):
        sink.write(credential(), None)
    with pytest.raises(SinkError, match="does not give secrets back"):
        sink.read(*ME)


def test_a_program_that_finds_another_id_than_it_was_told_wrote_nothing(tmp_path: Path) -> None:
    says = "import json, sys; r = json.load(sys.stdin); print('null'); "
    says += "sys.exit(6 if r['operation'] == 'write' else 0)"
    sink = CommandSink("runtime", [*PYTHON, "-c", says], tmp_path, {}, "10000001")
    with pytest.raises(SinkMoved, match="somebody else wrote there in the same moment"):
        sink.write(credential(), None)
    with pytest.raises(SinkMoved):
        sink.announce(*ME, "one")


def test_of_two_notes_in_the_same_moment_one_stands(tmp_path: Path) -> None:
    other = '{"account": "10000001", "key": "routing-bot.intent", "id": "other"}'
    says = "import json, os, sys; r = json.load(sys.stdin); late = os.path.exists('late'); "
    says += f"print({other!r} if late else 'null'); open('late', 'w'); "
    says += "sys.exit(6 if r['operation'] == 'write' else 0)"
    sink = CommandSink("runtime", [*PYTHON, "-c", says], tmp_path, {}, "10000001")
    sink.announce(*ME, "mine")
    assert sink.announced(*ME) == "other"


def test_a_key_cannot_have_the_name_of_a_note(tmp_path: Path) -> None:
    with pytest.raises(SinkRefused, match=r'may not end in "\.intent"'):
        program(tmp_path).write(credential("routing-bot.Intent"), None)


def test_a_store_that_gives_nothing_back_says_so(tmp_path: Path) -> None:
    sink = program(tmp_path, "write only")
    sink.write(credential(), None)
    with pytest.raises(SinkWriteOnly):
        sink.read(*ME)


def test_a_refusal_wrote_nothing_and_is_told_by_its_exit_code(tmp_path: Path) -> None:
    with pytest.raises(SinkRefused) as caught:
        program(tmp_path, "write refused").write(credential(), None)
    words = str(caught.value)
    assert words.endswith('"write" ended with exit code 3')
    assert words.isprintable()
    assert len(words) < 600
    assert stored(tmp_path) is None


@pytest.mark.parametrize("operation", ["probe", "read_back", "read"])
@pytest.mark.parametrize("how", ["refused", "fails before", "hangs after"])
def test_whatever_else_fails_is_an_error_too(tmp_path: Path, operation: str, how: str) -> None:
    sink = program(tmp_path, f"{operation} {how}", seconds=0.3)
    with pytest.raises(
        SinkError, match=rf'"{operation}" (ended with exit code|took more)'
    ) as caught:
        sink.probe() if operation == "probe" else getattr(sink, operation)(*ME)
    assert not isinstance(caught.value, SinkOutcomeUnknown)
    assert ("it says" in str(caught.value)) == (how == "refused" and operation != "read")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("answers nothing", "is neither null nor has account, key and id"),
        ("answers text", "is neither null nor has account, key and id"),
        ("answers too much", "printed more than 65536 bytes"),
    ],
)
@pytest.mark.parametrize("operation", ["read_back", "read"])
def test_silence_and_noise_do_not_mean_absent(
    tmp_path: Path, operation: str, how: str, words: str
) -> None:
    with pytest.raises(SinkError, match=words):
        getattr(program(tmp_path, f"{operation} {how}"), operation)(*ME)


ANSWERS = [
    "{}",
    "[]",
    "[[[",
    '"text"',
    '{"account": "10000001", "key": "routing-bot"}',
    '{"account": "10000001", "key": "routing-bot", "id": ""}',
    '{"account": 10000001, "key": "routing-bot", "id": "x", "values": {}}',
]
WITHOUT_VALUES = [
    '{"account": "10000001", "key": "routing-bot", "id": "x"}',
    '{"account": "10000001", "key": "routing-bot", "id": "x", "values": {"a": 1}}',
]


@pytest.mark.parametrize("answer", [*ANSWERS, *WITHOUT_VALUES])
def test_an_answer_of_another_form_is_an_error(tmp_path: Path, answer: str) -> None:
    sink = CommandSink("runtime", ["echo", answer], tmp_path, dict(os.environ), "1")
    with pytest.raises(SinkError, match="its answer to "):
        sink.read(*ME)
    if answer in ANSWERS:
        with pytest.raises(SinkError, match="its answer to "):
            sink.read_back(*ME)


def test_of_a_delivery_that_failed_only_the_exit_code_is_told(tmp_path: Path) -> None:
    with pytest.raises(SinkOutcomeUnknown, match='"write" ended with exit code') as caught:
        program(tmp_path, "write tells").write(credential(), None)
    found = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    text = "".join(found.format())
    assert "it says" not in text
    assert CANARY not in text


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("no room for 10000001/routing-bot", '"no room for 10000001/routing-bot"'),
        (f"login {CANARY[::-1]} is wrong", "(its words hold a secret and are not shown)"),
    ],
)
def test_of_anything_else_its_words_are_told_unless_a_secret_is_in_them(
    tmp_path: Path, words: str, shown: str
) -> None:
    known = Secret(CANARY)
    sink = CommandSink("runtime", ["sh", "-c", 'echo "$0" >&2; exit 1', words], tmp_path, {}, "1")
    with pytest.raises(SinkError, match=re.escape(f"it says {shown}")):
        sink.probe()
    assert known


def test_what_is_late_is_ended_with_all_it_started(tmp_path: Path) -> None:
    says = "sleep 60 & echo $! > pid; wait"
    began = time.monotonic()
    ran = run(["sh", "-c", says], b"", tmp_path, dict(os.environ), 0.5)
    assert ran.stopped == "took more than 0.5 seconds"
    assert time.monotonic() - began < 5
    child = int((tmp_path / "pid").read_text())
    ends = time.monotonic() + 5
    while alive(child) and time.monotonic() < ends:
        time.sleep(0.01)
    assert not alive(child)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_interrupt_ends_the_program_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(process, "_exchange", interrupted)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(["sleep", "60"], b"", tmp_path, dict(os.environ), 60)
    assert time.monotonic() - began < 5


def test_large_streams_do_not_block_each_other(tmp_path: Path) -> None:
    says = "import sys; sys.stderr.write('e' * 300_000); sys.stdout.write(sys.stdin.read()[:9])"
    ran = run([*PYTHON, "-c", says], b"x" * 300_000, tmp_path, {}, 10)
    assert ran.out == b"x" * 9
    assert len(ran.err) == process.MAX_SIZE


def test_a_program_need_not_read_what_it_is_told(tmp_path: Path) -> None:
    ran = run([*PYTHON, "-c", "import os; os.close(0)"], b"x" * 300_000, tmp_path, {}, 10)
    assert ran.code == 0


def test_no_stream_is_left_open(tmp_path: Path) -> None:
    descriptors = Path("/proc/self/fd")
    if not descriptors.is_dir():
        pytest.skip(not_run.PROC)
    before = len(os.listdir(descriptors))
    program(tmp_path).write(credential(), None)
    run(["sleep", "60"], b"", tmp_path, dict(os.environ), 0.05)
    assert len(os.listdir(descriptors)) == before
