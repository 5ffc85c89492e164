"""The embedded account, called in process through the same client as any other account."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lebots.errors import AccountError
from lebots.files.walk import shown
from lebots.sandbox import Sandbox, SandboxError

if TYPE_CHECKING:
    from lebots.account.client import Client

# Never resolved: the transport calls the application directly.
_HOST = "https://sandbox.localhost"

_FIRST = ("sandbox", "55501234")
"""Name and id of the embedded account that needs no project file."""


@contextmanager
def open_sandbox(path: Path, name: str, **more: Any) -> Iterator[Sandbox]:
    """Opens the account in this file, made and seeded if there is none; raises AccountError.

    ``more`` is handed to the sandbox: rules, whether it wants credentials.
    """
    try:
        sandbox = Sandbox(path, account=_account_id(name), **more)
    except SandboxError as error:
        raise AccountError(f"the embedded account cannot be opened: {error}") from None
    try:
        yield sandbox
    except SandboxError as error:
        raise AccountError(f"the embedded account {shown(path)} failed: {error}") from None
    finally:
        sandbox.close()


@contextmanager
def connect(path: Path, name: str, wait: Callable[[float], None]) -> Iterator["Client"]:
    """A client of the account in this file, the same as of any other account."""
    import httpx

    from lebots.account.client import Client
    from lebots.account.pace import Pace

    pace = Pace(time.monotonic, wait, time.time, random.random, interval=0.0)
    with (
        open_sandbox(path, name) as sandbox,
        httpx.Client(transport=httpx.WSGITransport(app=sandbox.app), trust_env=False) as http,
    ):
        client = Client(sandbox.account, http, lambda service: _HOST, pace=pace)
        client.lags = sandbox.lags
        yield client


def _account_id(name: str) -> str:
    """The id a new embedded account gets, so that a plan for one does not fit another."""
    if name == _FIRST[0]:
        return _FIRST[1]
    return str(int(sha256(name.encode()).hexdigest(), 16))[-8:]
