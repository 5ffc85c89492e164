"""Reads files that a user or a project names: only regular ones, up to a limit, without waiting.

A pipe or a device in place of a file would stop a run for good, or fill its memory.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

FLAGS = os.O_RDONLY
"""How such a file is opened: byte for byte, and without waiting for whoever writes to a pipe."""
for _name in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT"):
    FLAGS |= getattr(os, _name, 0)  # no system has all of them

Content = TypeVar("Content", bound=bytes)


class Unreadable(Exception):
    """Why a file cannot be read, in words."""


class Missing(Unreadable):
    """There is no such file."""


def read(path: Path, most: int) -> bytes:
    """What a file holds, at most one byte more than ``most``; raises Unreadable."""
    try:
        descriptor = os.open(path, FLAGS)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Unreadable("not a regular file")
            return content(descriptor, most, bytes)
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise Missing((error.strerror or "no such file").lower()) from None
    except OSError as error:
        raise Unreadable((error.strerror or type(error).__name__).lower()) from None
    except ValueError:
        raise Unreadable("the path is not valid") from None


def content(
    descriptor: int, most: int, of: type[Content], read: Callable[[int, int], bytes] = os.read
) -> Content:
    """What an open file holds from here on, at most one byte more than ``most``."""
    found = of()
    while part := of(read(descriptor, most + 1 - len(found))):
        found = of(found + part) if found else part
    return found
