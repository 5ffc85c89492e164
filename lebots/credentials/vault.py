"""A sink in the KV engine, version 2, of HashiCorp Vault or OpenBao."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lebots.core.model.secret import Secret
from lebots.credentials.stores.versioned import Store, VersionedSink
from lebots.errors import SinkUnavailable


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """Which server, and which KV engine of it."""

    address: str
    """``https://host:port``; plain http only on loopback."""
    mount: str = "secret"
    namespace: str = ""
    ca: Path | None = None
    """Certificates to trust in place of the usual ones."""


def vault_sink(
    name: str, path: str, account: str, settings: VaultSettings, token: Callable[[], Secret]
) -> VersionedSink:
    """A sink at a path below the mount; the token is asked for when the sink is first used."""

    def open_store() -> Store:
        try:
            from lebots.credentials.stores.vault_store import VaultStore
        except ImportError:
            raise SinkUnavailable("a vault sink needs: pip install 'lebots[vault]'") from None
        return VaultStore(settings, token())

    shown = f"{settings.address.rstrip('/')} {settings.mount}/"
    return VersionedSink(name, path, account, shown, open_store)
