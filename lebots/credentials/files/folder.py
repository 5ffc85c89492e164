"""A folder of private files, held open by descriptor (threat T20; POSIX systems).

Every step down follows no link, so nothing on the way can be swapped for a link to somewhere else.
A file appears under its name complete and flushed, or not at all. All operations on files go
through the ``os`` of this module.
"""

import errno
import fcntl
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from lebots.core.model.secret import SecretBytes
from lebots.files import bounded

MAX_SIZE = 64 * 1024
"""Bytes a file may hold that is read; a credential holds a few hundred."""

PATIENCE = 10.0
"""Seconds to wait for another run that writes in the same folder."""

TEMPORARY = ".lebots-"
"""How the names of files begin that no run but the one that made them uses."""

_LEFT_BEHIND = re.compile(rf"{re.escape(TEMPORARY)}(probe-)?[0-9a-f]{{16}}")
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS)
_PAUSE = 0.01
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class Unsafe(Exception):
    """What is on the disk must not be used for secrets; the message says why and what to do."""


@contextmanager
def walk(
    start: Path, steps: Sequence[str], *, make: bool, undo: bool = False
) -> Iterator["Folder | None"]:
    """Opens the folder at the end of the steps below ``start``; None where a step is missing.

    ``make`` makes missing steps, ``undo`` removes those again at the end if they are empty.
    ``start`` itself may be reached through links: the caller chose it. Raises OSError and Unsafe.
    """
    with ExitStack() as stack:
        folder = Folder(os.open(start, _FOLDER))
        stack.callback(folder.close)
        for number, step in enumerate(steps):
            if number:
                folder.require_not_open_to_all()
            if not folder.holds(step):
                if not make:
                    yield None
                    return
                folder.make(step)
                if undo:
                    stack.callback(folder.remove_if_empty, step)
                folder.flush()
            folder = folder.enter(step)
            stack.callback(folder.close)
        folder.require_private()
        yield folder


class Folder:
    """An open directory. Its methods raise OSError and Unsafe."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def close(self) -> None:
        """Lets go of the directory."""
        os.close(self._descriptor)

    def holds(self, name: str) -> bool:
        """Whether anything has this name; a link counts, wherever it leads."""
        try:
            os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def names(self) -> list[str]:
        """The names of all it holds."""
        return os.listdir(self._descriptor)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps every other run of lebots from writing here; Unsafe where one does not end.

        A file system without such locks is used without them.
        """
        ends = time.monotonic() + PATIENCE
        while not (locked := self._locks()) and time.monotonic() < ends:
            time.sleep(_PAUSE)
        if not locked:
            raise Unsafe("another run writes there and does not end; run again when it has")
        try:
            yield
        finally:
            with suppress(OSError):
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def _locks(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
        return True

    def sweep(self) -> None:
        """Removes what killed runs left behind; only under the lock that their writers held."""
        for name in self.names():
            if _LEFT_BEHIND.match(name):
                # A folder of such a name is nobody's temporary.
                with suppress(IsADirectoryError, PermissionError):
                    self.remove(name)

    def require_not_open_to_all(self) -> None:
        """Raises Unsafe where anybody can swap what the folder holds.

        A group that can write here is let pass: it could swap the last folder for one of its own,
        which ``require_private`` refuses.
        """
        mode = os.fstat(self._descriptor).st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise Unsafe("anybody can write to a folder on the way; take that away with chmod o-w")

    def require_private(self) -> None:
        """Raises Unsafe unless the folder is ours and nobody else can put files into it."""
        found = os.fstat(self._descriptor)
        if found.st_uid != os.geteuid():
            raise Unsafe("the folder belongs to another user; use a folder of your own")
        if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise Unsafe("others can write to the folder; take that away with chmod go-w")

    def make(self, name: str) -> None:
        """Makes a folder only we can use, unless another run was faster."""
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=self._descriptor)

    def flush(self) -> None:
        """Writes the names in the folder to the disk."""
        os.fsync(self._descriptor)

    def enter(self, name: str) -> "Folder":
        """Opens a folder below this one."""
        mode = os.stat(name, dir_fd=self._descriptor, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            raise Unsafe("a folder on the way is a symbolic link; write the path it leads to")
        if not stat.S_ISDIR(mode):
            raise Unsafe("a part of the path is not a folder; choose another path")
        return Folder(os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=self._descriptor))

    def read(self, name: str) -> bytes | None:
        """The content of a private regular file, or None if there is none."""
        if not self.holds(name):
            return None
        _require_private_file(os.stat(name, dir_fd=self._descriptor, follow_symlinks=False))
        descriptor = os.open(name, bounded.FLAGS | os.O_NOFOLLOW, dir_fd=self._descriptor)
        try:
            # Once more, on what was really opened: the name may have been swapped in between.
            _require_private_file(os.fstat(descriptor))
            content = bounded.content(descriptor, MAX_SIZE, SecretBytes, os.read)
        finally:
            os.close(descriptor)
        if len(content) > MAX_SIZE:
            raise Unsafe(f"the file is larger than {MAX_SIZE} bytes; move it away")
        return content

    def replace(self, name: str, content: bytes, ending: str = "") -> None:
        """Puts a private file in place, in one step and flushed to the disk.

        The temporary file it goes through ends as told, so that git ignores both alike.
        """
        temporary = f"{TEMPORARY}{secrets.token_hex(8)}{ending}"
        try:
            self._write_new(temporary, content)
            os.rename(temporary, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        except BaseException:
            # The failure that led here says more than one of the cleaning up.
            with suppress(OSError):
                self.remove(temporary)
            raise
        self.flush()

    def remove(self, name: str) -> None:
        """Removes a file, if there is one."""
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._descriptor)

    def remove_if_empty(self, name: str) -> None:
        """Removes a folder below this one, unless somebody put something into it."""
        with suppress(OSError):
            os.rmdir(name, dir_fd=self._descriptor)

    def _write_new(self, name: str, content: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(name, flags, 0o600, dir_fd=self._descriptor)
        try:
            # A default ACL of the folder may have widened the mode.
            os.fchmod(descriptor, 0o600)
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _require_private_file(found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise Unsafe("it is a symbolic link; remove it, or choose another path")
    if not stat.S_ISREG(found.st_mode):
        raise Unsafe("it is not a regular file; remove it, or choose another path")
    if found.st_uid != os.geteuid():
        raise Unsafe("the file belongs to another user; move it away")
    if found.st_nlink != 1:
        raise Unsafe("the file has a second name (a hard link); move it away")
    if found.st_mode & 0o077:
        raise Unsafe(
            f"others can use the file (mode {stat.S_IMODE(found.st_mode):04o}); "
            "run chmod 600, and replace the key if they may have read it"
        )
