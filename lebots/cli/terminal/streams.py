"""Standard output and error. If they cannot take something, the run goes on without it.

A reader that has gone away (``| head``) or a stream that the caller closed (``>&-``) wants no more;
that is told nowhere. Any other loss, such as by a full disk, is said once, when the run ends.
"""

import errno
import io
import locale
import os
import sys
from dataclasses import dataclass
from select import select
from typing import Any, TextIO

from lebots.cli.terminal.options import CHANGES_PENDING
from lebots.errors import NotWritten

_ANSWERS = (0, CHANGES_PENDING)
"""Exit codes of a command that gave its answer on stdout."""


class _Steady(io.FileIO):
    """A descriptor to write to that fails at most once, and without a word."""

    lost: OSError | None = None

    def write(self, data: Any) -> int:
        """Writes, or drops what cannot be written and all that follows."""
        try:
            while self.lost is None:
                if (written := super().write(data)) is not None:
                    return written
                # Whoever shares the stream made it one that does not wait by itself.
                select((), (self,), ())
        except OSError as error:
            self.lost = error
        return memoryview(data).nbytes


@dataclass
class _State:
    stdout: _Steady | None = None
    acted: bool = False
    failed: int = 0


_state = _State()


def prepare() -> None:
    """Puts streams that cannot fail in place of the process's own.

    What their encoding does not have is escaped. A stream that was closed is opened on nothing, so
    that no file of the run gets its number.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    _state.stdout, _state.acted, _state.failed = None, False, 0
    if sys.stdout in (None, sys.__stdout__):
        _state.stdout = _Steady(1, "w", closefd=False)
        if sys.stdout is None:
            _state.stdout.lost = BrokenPipeError(errno.EPIPE, "closed by the caller")
        sys.stdout = _text(_state.stdout, sys.stdout)
    if sys.stderr in (None, sys.__stderr__):
        sys.stderr = _text(_Steady(2, "w", closefd=False), sys.stderr)


def acted() -> None:
    """Notes that the run begins to do something, so that its end alone is what its code tells."""
    _state.acted = True


def failed(code: int) -> None:
    """Notes what a run ends with, if with nothing worse, since it could not write a file."""
    _state.failed = _state.failed or code


def printed() -> bool:
    """Whether stdout has taken all that was printed so far."""
    return not (_state.stdout and _state.stdout.lost)


def ended(code: int) -> int:
    """The exit code of a run that ended with ``code``, once what it printed is out or lost.

    A command that only gives an answer has failed where nobody got it.
    """
    sys.stdout.flush()
    lost = _state.stdout.lost if _state.stdout else None
    if lost and lost.errno != errno.EPIPE:
        reason = (lost.strerror or type(lost).__name__).lower()
        print(f"lebots: the result cannot be printed ({reason})", file=sys.stderr)  # noqa: T201
        failed(NotWritten.exit_code)
    sys.stderr.flush()
    return _state.failed or code if code in _ANSWERS and not _state.acted else code


def _text(raw: _Steady, stream: TextIO | None) -> TextIO:
    """The stream as text, in the encoding it had, or in the terminal's own."""
    # What Python gives the two streams of itself; another one was asked for.
    usual = stream is None or stream.errors in ("surrogateescape", "backslashreplace")
    own = sys.flags.utf8_mode and usual
    encoding = stream.encoding if stream and not own else locale.getencoding()
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=raw.isatty() or raw.fileno() == 2,
    )
