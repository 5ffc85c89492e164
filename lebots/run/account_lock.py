"""Lets one run at a time write to an account, as far as the runs share a folder."""

import os
import re
import secrets
import socket
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from lebots.errors import Refused
from lebots.render.escape import visible
from lebots.run.interruptible_sleep import InterruptibleSleep
from lebots.run.notices import message

PATIENCE = 10.0
"""Seconds a run waits for another one to end."""
_POLL = 0.1
_FOLDER = ".lebots"
_MOST = 200
"""Bytes that are read of what a holder wrote."""


class AccountLock:
    """The lock file of an account, ``.lebots/ACCOUNT.lock``; made before the account is read.

    The lock itself is the kernel's and ends with the process that holds it, however that ends. What
    the file says is only for people, and to notice that somebody held it meanwhile.
    """

    def __init__(self, folder: Path, account: str, wait: InterruptibleSleep) -> None:
        self._folder, self._wait = folder / _FOLDER, wait
        self._name = f"{re.sub(r'[^A-Za-z0-9_-]', '_', account)}.lock"
        self._last, self._busy = b"", False
        # What cannot be opened here is told when the lock is needed, which may be never.
        with suppress(OSError), self._opened(make=False) as lock:
            self._busy = not _taken(lock, shared=True)
            self._last = os.pread(lock, _MOST, 0)

    @contextmanager
    def held(self) -> Iterator[str]:
        """Holds the lock; gives in words who else held it since this object was made, or nothing.

        Raises Refused where another run does not release it in time, or it cannot be had at all.
        """
        with ExitStack() as stack:
            yield self._had(stack)

    def _had(self, stack: ExitStack) -> str:
        try:
            lock = stack.enter_context(self._opened(make=True))
            waited = self._taken_in_time(lock)
            last = os.pread(lock, _MOST, 0)
            _say(lock)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise Refused(
                f"{self._folder / self._name}: the lock of this account cannot be had ({reason}), "
                "so lebots cannot tell whether another run is at work; nothing was written, make "
                "that file writable or run in another folder"
            ) from None
        if waited or self._busy or last != self._last:
            return _shown(last)
        return ""

    def _taken_in_time(self, lock: int) -> bool:
        """Takes the lock; whether another run had it first."""
        ends = self._wait.clock() + PATIENCE
        waited = False
        while not _taken(lock):
            who = _shown(os.pread(lock, _MOST, 0))
            if self._wait.clock() >= ends:
                raise Refused(
                    f"another run is at work on this account: {who}; nothing was written, wait "
                    "until that has ended, then plan again"
                )
            if not waited:
                message(f"another run is at work on this account: {who}; waiting for it to end")
            waited = True
            self._wait(_POLL)
        return waited

    @contextmanager
    def _opened(self, *, make: bool) -> Iterator[int]:
        """The file; no link is followed, and only its owner can read it, whatever the umask."""
        if make:
            with suppress(FileExistsError):
                os.mkdir(self._folder, 0o700)
                os.chmod(self._folder, 0o700)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            flags = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            flags |= os.O_RDWR | os.O_CREAT if make else os.O_RDONLY
            lock = os.open(self._name, flags, 0o600, dir_fd=folder)
        finally:
            os.close(folder)
        try:
            if not stat.S_ISREG(os.fstat(lock).st_mode):
                raise OSError(0, "it is no regular file; remove it")
            if make:
                os.fchmod(lock, 0o600)
            yield lock
        finally:
            os.close(lock)


def _taken(lock: int, *, shared: bool = False) -> bool:
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_NB | (fcntl.LOCK_SH if shared else fcntl.LOCK_EX))
    except BlockingIOError:
        return False
    return True


def _say(lock: int) -> None:
    """Writes down who holds the lock: a line for people, and one that no other run has."""
    since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    text = f"process {os.getpid()} on {socket.gethostname()}, since {since}\n"
    os.ftruncate(lock, 0)
    os.pwrite(lock, (text + secrets.token_hex(8)).encode(), 0)


def _shown(said: bytes) -> str:
    """What a holder wrote for people; nothing of it is believed."""
    words = said.decode(errors="replace").partition("\n")[0]
    return visible(words) or "a process that does not say which"
