"""Certificates for a server on loopback: one CA, one certificate, in a folder that is handed in.

The key of the CA is thrown away at once, so that nobody can ever sign another certificate with it:
a client that trusts this CA trusts this one server and nothing else.
"""

from __future__ import annotations

import os
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lebots.sandbox.errors import LibraryMissing, SandboxError

_NAMES = ("localhost", "127.0.0.1", "::1")
_CA, _SERVER = "ca.pem", "server.pem"
_LIFETIME = timedelta(days=365)


def loopback(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """The TLS context of a server on loopback, and the file of the CA that its clients must trust.

    What lies in `folder` is used again while it is good, else made anew. Raises `SandboxError` if
    it cannot be made or kept.
    """
    folder = folder.absolute()
    try:
        if not _good(folder):
            _make(folder)
        return _context(folder), folder / _CA
    except OSError as error:
        raise SandboxError(f"{folder}: {error.strerror or error}") from None


def _context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / _SERVER)
    return context


def _make(folder: Path) -> None:
    try:
        import trustme
    except ImportError:
        raise LibraryMissing("https needs the package trustme") from None
    for step in reversed((folder, *folder.parents)):
        if not step.exists():
            step.mkdir(0o700, exist_ok=True)
    authority = trustme.CA(organization_name="lebots sandbox")
    ends = datetime.now(UTC) + _LIFETIME
    server = authority.issue_cert(*_NAMES, not_after=ends)
    chain = b"".join(part.bytes() for part in server.cert_chain_pems)
    _write(folder / _SERVER, server.private_key_pem.bytes() + chain)
    _write(folder / _CA, authority.cert_pem.bytes())


def _write(path: Path, content: bytes) -> None:
    """Replaces a file as a whole; only its owner may read it, from the start."""
    draft = path.with_name(f"{path.name}.new")
    with suppress(FileNotFoundError):
        draft.unlink()
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)


def _good(folder: Path) -> bool:
    """Whether a client that trusts the CA would accept the server under each name, today."""
    if not all((folder / name).is_file() for name in (_CA, _SERVER)):
        return False
    try:
        server = _context(folder)
        client = ssl.create_default_context(cafile=folder / _CA)
        for name in _NAMES:
            _shake_hands(client, server, name)
    except (ssl.SSLError, ValueError):
        return False
    return True


def _shake_hands(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    """A TLS handshake in memory; `SSLError` if the client refuses the server."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    while ends:
        for end in list(ends):
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
                ends.remove(end)
