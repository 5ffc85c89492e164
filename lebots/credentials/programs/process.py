"""Runs a program that is handed a secret: no shell, no terminal, bounded in time and size."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

MAX_SIZE = 64 * 1024
"""Bytes a program may print; a credential holds a few hundred."""

_CHUNK = 16 * 1024


class Ran(NamedTuple):
    """How a program ended; ``stopped`` says in words why lebots ended it, or is empty."""

    code: int
    out: bytes = b""
    err: bytes = b""
    stopped: str = ""

    def __repr__(self) -> str:
        return f"Ran({self.code}, {self.stopped!r})"


class _Stopped(Exception):
    """The program may not go on; the message says why."""


def run(
    command: Sequence[str],
    given: bytes,
    folder: Path,
    environment: Mapping[str, str],
    seconds: float,
) -> Ran:
    """Runs a program in a folder and hands it ``given`` on stdin.

    It gets a session of its own, so that the keys of a terminal do not reach it halfway through a
    write, and so that what it started ends with it. Raises OSError or ValueError where it cannot
    be started.
    """
    with subprocess.Popen(  # noqa: S603 - no shell, and the project file is trusted
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=dict(environment),
        start_new_session=True,
    ) as process:
        try:
            ends = time.monotonic() + seconds
            out, err = _exchange(process, given, ends)
            return Ran(process.wait(max(0.0, ends - time.monotonic())), out, err)
        except (_Stopped, subprocess.TimeoutExpired) as reason:
            _kill(process)
            late = f"took more than {seconds:g} seconds"
            return Ran(
                process.wait(), stopped=str(reason) if isinstance(reason, _Stopped) else late
            )
        except BaseException:
            _kill(process)
            raise


def _exchange(process: subprocess.Popen[bytes], given: bytes, ends: float) -> tuple[bytes, bytes]:
    """Writes and reads in turns, until the program has closed what it reads and prints to."""
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise ValueError("the program has no streams")
    streams = {one.fileno(): one for one in (process.stdin, process.stdout, process.stderr)}
    out, err, rest = bytearray(), bytearray(), memoryview(given)
    with selectors.DefaultSelector() as selector:
        for descriptor, stream in streams.items():
            os.set_blocking(descriptor, False)
            writes = stream is process.stdin
            selector.register(stream, selectors.EVENT_WRITE if writes else selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, ends - time.monotonic()))
            if not ready:
                raise subprocess.TimeoutExpired(process.args, 0)
            for key, _ in ready:
                if key.fileobj is process.stdin:
                    rest = _written(key.fd, rest)
                    if rest:
                        continue
                elif _read(key.fd, out if key.fileobj is process.stdout else err):
                    continue
                selector.unregister(key.fileobj)
                streams[key.fd].close()
            if len(out) > MAX_SIZE:
                raise _Stopped(f"printed more than {MAX_SIZE} bytes")
            # Only its beginning is ever shown; the rest is read so that the program can go on.
            del err[MAX_SIZE:]
    return bytes(out), bytes(err)


def _written(descriptor: int, rest: memoryview) -> memoryview:
    try:
        return rest[os.write(descriptor, rest) :]
    except BrokenPipeError:
        # It need not read what it has no use for.
        return rest[:0]


def _read(descriptor: int, printed: bytearray) -> bool:
    """Whether there may be more."""
    part = os.read(descriptor, _CHUNK)
    printed += part
    return bool(part)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
