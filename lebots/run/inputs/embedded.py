"""The embedded account: a file of the project."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from lebots.errors import AccountError
from lebots.files.walk import shown
from lebots.sandbox import Sandbox, SandboxError

_FIRST = ("sandbox", "55501234")
"""Name and id of the embedded account that needs no project file."""


@contextmanager
def open_sandbox(path: Path, name: str, **more: Any) -> Iterator[Sandbox]:
    """Opens the account in this file, made and seeded if there is none; raises AccountError.

    ``more`` is handed to the sandbox: rules, whether it wants credentials.
    """
    try:
        sandbox = Sandbox(path, account=account_id(name), **more)
    except SandboxError as error:
        raise AccountError(f"the embedded account cannot be opened: {error}") from None
    try:
        yield sandbox
    except SandboxError as error:
        raise AccountError(f"the embedded account {shown(path)} failed: {error}") from None
    finally:
        sandbox.close()


def account_id(name: str) -> str:
    """The id a new embedded account gets, so that a plan for one does not fit another."""
    if name == _FIRST[0]:
        return _FIRST[1]
    return str(int(sha256(name.encode()).hexdigest(), 16))[-8:]
