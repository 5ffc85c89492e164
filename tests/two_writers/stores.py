"""Every type of sink that runs can share, with a look behind it that is not lebots' own."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import boto3
import hvac

from tests.credentials.conftest import Server

KINDS = ("dotenv", "command", "vault", "aws")
SHARED = ("command", "vault", "aws")
"""Those that two machines can share."""

_PROGRAM = Path(__file__).parent / "programs" / "store.py"
_AWS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing-not-a-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}


class Stored(NamedTuple):
    """What a bot would read."""

    client: str
    secret: str


@dataclass(frozen=True)
class Store:
    """Where the credentials of one account go."""

    settings: Mapping[str, Any]
    """The sink, as ``lebots.yaml`` has it."""
    _values: Callable[[str], Mapping[str, str] | None]
    environment: Mapping[str, str] = field(default_factory=dict)

    def stored(self, key: str) -> Stored | None:
        """The credential that stands for a key."""
        values = self._values(key)
        if not values or "LP_SECRET" not in values:
            return None
        return Stored(values["LP_APPKEY"], values["LP_SECRET"])


def dotenv(folder: Path) -> Store:
    """Files, in a folder that is no project's."""

    def values(key: str) -> Mapping[str, str] | None:
        file = folder / f"{key}.env"
        if not file.exists():
            return None
        lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
        return dict(line.split("=", 1) for line in lines if "=" in line)

    return Store({"type": "dotenv", "path": f"{folder}/{{name}}.env"}, values)


def command(folder: Path) -> Store:
    """A program that keeps everything in one file."""
    state = folder / "store.json"

    def values(key: str) -> Mapping[str, str] | None:
        kept = json.loads(state.read_text()) if state.exists() else {}
        found: Mapping[str, Any] = kept.get(key, {})
        return found.get("values")

    run = [sys.executable, "-IS", str(_PROGRAM), str(state)]
    return Store({"type": "command", "command": run}, values)


def vault(server: Server) -> Store:
    """OpenBao."""
    top = uuid4().hex
    client = hvac.Client(server.address, "root", verify=str(server.ca))

    def values(key: str) -> Mapping[str, str] | None:
        engine = client.secrets.kv.v2
        try:
            found = engine.read_secret_version(f"{top}/{key}", raise_on_deleted_version=False)
        except hvac.exceptions.InvalidPath:
            return None
        kept: Mapping[str, str] | None = found["data"]["data"]
        return kept

    settings = {
        "type": "vault",
        "address": server.address,
        "path": f"{top}/{{name}}",
        "ca": str(server.ca),
        "token": {"env": "STORE_TOKEN"},
    }
    return Store(settings, values, {"STORE_TOKEN": "root"})


def aws(server: Server) -> Store:
    """Secrets Manager, as moto models it."""
    top = uuid4().hex
    client: Any = boto3.client(
        "secretsmanager",
        "eu-central-1",
        endpoint_url=server.address,
        aws_access_key_id=_AWS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=_AWS["AWS_SECRET_ACCESS_KEY"],
    )

    def values(key: str) -> Mapping[str, str] | None:
        try:
            found = client.get_secret_value(SecretId=f"{top}/{key}")
        except client.exceptions.ResourceNotFoundException:
            return None
        kept: Mapping[str, str] = json.loads(found["SecretString"])
        return kept

    settings = {
        "type": "aws",
        "secretName": f"{top}/{{name}}",
        "region": "eu-central-1",
        "endpoint": server.address,
    }
    return Store(settings, values, _AWS)
