"""The KV engine, version 2, of HashiCorp Vault or OpenBao."""

from lebots.core.manifest.sink_type import Setting, Settings, SinkContext, SinkType
from lebots.core.model.ports import Sink
from lebots.credentials.stores.forms import SERVER, STEPS
from lebots.documents.json_schema import form
from lebots.errors import SinkUnavailable
from lebots.install import adding

_STEPS = form(
    STEPS,
    "a path of letters, digits, ., _, -, =, @, + and / with {name} in it, perhaps {account}",
)
_PLAIN_STEPS = form(
    r"(?!(.*/)?\.\.?(/|$))[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*",
    "a path of letters, digits, ., _ and -",
)


def _open(name: str, settings: Settings, context: SinkContext) -> Sink:
    from lebots.credentials.stores.versioned import Store, VersionedSink

    def open_store() -> Store:
        try:
            from lebots.credentials.stores.vault_store import VaultStore
        except ImportError:
            raise SinkUnavailable(f"a vault sink needs: {adding('vault')}") from None
        return VaultStore(settings, settings["token"]())

    shown = f"{settings['address'].rstrip('/')} {settings['mount']}/"
    return VersionedSink(name, settings["path"], context.account, shown, open_store)


SINK = SinkType(
    name="vault",
    summary="KV version 2 of HashiCorp Vault or OpenBao",
    settings=(
        Setting(
            "address",
            "Address of the server.",
            {**SERVER, "examples": ["https://vault.example.com:8200"]},
            needed=True,
        ),
        Setting(
            "path",
            "path below the mount. {name} is the key's name, {account} the account's id.",
            {**_STEPS, "maxLength": 1000, "examples": ["bots/{account}/{name}"]},
            needed=True,
        ),
        Setting(
            "token",
            "Where the server's token is read from; never the token itself.",
            needed=True,
            is_secret=True,
        ),
        Setting(
            "mount",
            "Mount of the KV engine, version 2; default: secret.",
            _PLAIN_STEPS,
            default="secret",
        ),
        Setting("namespace", "Namespace of the mount; default: the root.", _PLAIN_STEPS),
        Setting(
            "ca", "File of certificates (PEM) to trust in place of the usual ones.", is_path=True
        ),
    ),
    opener=_open,
)
