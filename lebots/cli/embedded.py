"""The embedded account, called in process through the same client as any other account."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lebots.core.kind import Kind
from lebots.core.ports import AccountPort
from lebots.errors import AccountError
from lebots.sandbox import Sandbox, SandboxError

# Never resolved: the transport calls the application directly.
_HOST = "https://sandbox.localhost"


@contextmanager
def open_sandbox(path: Path) -> Iterator[Sandbox]:
    """Opens the account in this file, made and seeded if there is none; raises AccountError."""
    try:
        sandbox = Sandbox(path)
    except SandboxError as error:
        raise AccountError(f"the embedded account cannot be opened: {error}") from None
    try:
        yield sandbox
    except SandboxError as error:
        raise AccountError(f"the embedded account failed: {error}") from None
    except sqlite3.Error as error:
        raise AccountError(f"the embedded account's file {path} failed: {error}") from None
    finally:
        sandbox.close()


@contextmanager
def connect(path: Path, kinds: Mapping[str, Kind]) -> Iterator[AccountPort]:
    """The account in this file behind the gateway that serves every account."""
    with open_sandbox(path) as sandbox, gateway(sandbox, kinds) as port:
        yield port


@contextmanager
def gateway(sandbox: Sandbox, kinds: Mapping[str, Kind]) -> Iterator[AccountPort]:
    """A gateway to a sandbox that is already open."""
    import httpx

    from lebots.account.client import Client
    from lebots.account.gateway import Gateway

    transport = httpx.WSGITransport(app=sandbox.app)
    with httpx.Client(transport=transport, trust_env=False) as http:
        yield Gateway(Client(sandbox.account, http, lambda service: _HOST), kinds)
