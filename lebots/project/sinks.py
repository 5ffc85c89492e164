"""The sinks of a project: one frozen value for each type of place."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.core.vendor.credential_fields import PRESETS
from lebots.files.yaml.reader import Document
from lebots.project.values import ValueSource


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkConfig:
    """A place for generated secrets."""

    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    """Part of a credential to the name it is delivered under; empty for the parts' own names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DotenvConfig(SinkConfig):
    """Files; ``path`` as written, with ``{name}`` and ``{account}``."""

    path: str
    format: str = "env"
    """``env`` for dotenv lines, ``json`` for one document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandConfig(SinkConfig):
    """A program with its arguments."""

    command: tuple[str, ...]
    timeout: int = 60
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultConfig(SinkConfig):
    """A KV engine of HashiCorp Vault or OpenBao; ``path`` as written, below the mount."""

    address: str
    path: str
    token: ValueSource
    mount: str = "secret"
    namespace: str = ""
    ca: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsConfig(SinkConfig):
    """AWS Secrets Manager; what is empty is as AWS tools find it."""

    secret_name: str
    region: str = ""
    profile: str = ""
    endpoint: str = ""
    kms_key: str = ""


def sink_config(
    folder: Path, name: str, entry: Any, source: Callable[[Any, str], ValueSource]
) -> SinkConfig:
    """The sink an entry of a valid project describes; ``source`` reads a value by its field."""
    names = entry.get("fields", "lebots")
    fields = PRESETS[names] if isinstance(names, str) else names
    common: Any = {"name": name, "fields": {} if fields == PRESETS["lebots"] else dict(fields)}
    match entry["type"]:
        case "command":
            command = tuple(entry["command"])
            return CommandConfig(**common, command=command, timeout=entry.get("timeout", 60))
        case "vault":
            return VaultConfig(
                **common,
                address=entry["address"],
                path=entry["path"],
                token=source(entry["token"], "token"),
                mount=entry.get("mount", "secret"),
                namespace=entry.get("namespace", ""),
                ca=folder / entry["ca"] if "ca" in entry else None,
            )
        case "aws":
            return AwsConfig(
                **common,
                secret_name=entry["secretName"],
                region=entry.get("region", ""),
                profile=entry.get("profile", ""),
                endpoint=entry.get("endpoint", ""),
                kms_key=entry.get("kmsKeyId", ""),
            )
    return DotenvConfig(**common, path=entry["path"], format=entry.get("format", "env"))


def problems(document: Document, sinks: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with the field names of sinks beyond their schema."""
    for name, entry in sinks.items():
        names = entry.get("fields")
        if not isinstance(names, dict):
            continue
        is_env = entry["type"] == "dotenv" and entry.get("format", "env") == "env"
        taken: set[str] = set()
        for part, chosen in names.items():
            place: Source = document.at(("sinks", name, "fields", part))
            if chosen in taken:
                words = "another part has this name already; choose one for each"
                yield Finding("repeated", f"{part}: {words}", source=place)
            taken.add(chosen)
            if is_env and not chosen.replace("_", "a").isalnum():
                words = "a dotenv file takes letters, digits and _ only; or write format: json"
                yield Finding("bad-form", f"{part}: {words}", source=place)
