"""The KV engine, version 2, of HashiCorp Vault or OpenBao."""

from typing import TYPE_CHECKING

from lebots.core.manifest.json_schema import SERVER, STEPS, form, text
from lebots.core.manifest.sink_type import Setting, Settings, SinkContext, SinkType
from lebots.core.model.ports import Sink
from lebots.errors import SinkUnavailable

if TYPE_CHECKING:
    from lebots.credentials.stores.versioned import Store

_PLAIN_STEPS = form(
    r"(?!(.*/)?\.\.?(/|$))[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*",
    "a path of letters, digits, ., _ and -",
)


def _open(name: str, settings: Settings, context: SinkContext) -> Sink:
    from lebots.credentials.stores.versioned import VersionedSink

    def open_store() -> "Store":
        try:
            from lebots.credentials.stores.vault_store import VaultStore
        except ImportError:
            raise SinkUnavailable("a vault sink needs: pip install 'lebots[vault]'") from None
        return VaultStore(settings, settings["token"]())

    shown = f"{settings['address'].rstrip('/')} {settings['mount']}/"
    return VersionedSink(name, settings["path"], context.account, shown, open_store)


SINK = SinkType(
    name="vault",
    summary="KV version 2 of HashiCorp Vault or OpenBao",
    settings=(
        Setting(
            "address",
            {
                **SERVER,
                "examples": ["https://vault.example.com:8200"],
                "description": "Address of the server.",
            },
            needed=True,
        ),
        Setting(
            "path",
            {
                **form(
                    STEPS,
                    "a path of letters, digits, ., _, -, =, @, + and / with {name} in it, perhaps "
                    "{account}",
                ),
                "maxLength": 1000,
                "examples": ["bots/{account}/{name}"],
                "description": "path below the mount. {name} is the key's name, {account} the "
                "account's id.",
            },
            needed=True,
        ),
        Setting(
            "token",
            {"description": "Where the server's token is read from; never the token itself."},
            needed=True,
            is_secret=True,
        ),
        Setting(
            "mount",
            {
                **_PLAIN_STEPS,
                "description": "Mount of the KV engine, version 2; default: secret.",
            },
            default="secret",
        ),
        Setting(
            "namespace",
            {**_PLAIN_STEPS, "description": "Namespace of the mount; default: the root."},
        ),
        Setting(
            "ca",
            text("File of certificates (PEM) to trust in place of the usual ones."),
            is_path=True,
        ),
    ),
    opener=_open,
)
