"""Every type of sink with a look behind it, so that one test can ask all of them the same."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import hvac
import pytest

from lebots import credentials
from lebots.core.manifest.sink_type import SinkContext, SinkType
from lebots.core.model.ports import Credential, Sink
from lebots.core.model.secret import Secret
from lebots.credentials.files import jsonfile
from lebots.credentials.files.dotenv_sink import DotenvSink
from lebots.credentials.programs.command_sink import CommandSink
from lebots.credentials.stores.versioned import VersionedSink
from tests.credentials.conftest import Server

SINKS = credentials.load()
CANARY = "c4n4ry-0f-4-s3cr3t"
HERE = Path(__file__).parent
SCRIPTS = HERE.parents[1] / "docs" / "sinks"
PROGRAMS = HERE / "programs"
PYTHON = [sys.executable, "-IS"]
"""Starts fast: nothing of the environment, no installed packages."""


def credential(
    key: str = "routing-bot",
    account: str = "10000001",
    client: str = "id-1",
    secret: str = CANARY,
) -> Credential:
    values: dict[str, str | Secret] = {
        "LP_ACCOUNT": account,
        "LP_APPKEY": client,
        "LP_SECRET": Secret(secret),
        "LP_ACCESSTOKEN": "dummy",
        "LP_ACCESSTOKENSECRET": "dummy",
    }
    return Credential(account, key, client, values)


def values_of(found: Credential | None) -> Mapping[str, str]:
    assert found
    return {n: v.reveal() if isinstance(v, Secret) else v for n, v in found.values.items()}


@dataclass
class Place:
    """A sink and what is behind it."""

    sink: Sink
    everything: Callable[[], Any]
    """All that is stored, in a form that can be compared."""
    tear: Callable[[], None]
    """Damages what is stored for routing-bot without touching whose it is."""
    foreign: Callable[[], None] | None = None
    """Puts something there that lebots did not write, at the place of routing-bot."""


def dotenv(folder: Path) -> Place:
    return _files(
        folder, DotenvSink("runtime", "s/{name}.env", folder), "LP_SECRET=c4", "LP_SECRET="
    )


def json_file(folder: Path) -> Place:
    sink = DotenvSink("runtime", "s/{name}.env", folder, jsonfile)
    return _files(folder, sink, '"LP_SECRET": "c4', '"LP_SECRET": "')


def _files(folder: Path, sink: Sink, whole: str, torn: str) -> Place:
    file = folder / "s" / "routing-bot.env"

    def everything() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def foreign() -> None:
        file.parent.mkdir(exist_ok=True)
        file.touch(mode=0o600)
        file.write_text("LP_SECRET=mine")

    def tear() -> None:
        text = file.read_text()
        assert whole in text
        file.write_text(text.replace(whole, torn))

    return Place(sink, everything, tear, foreign)


def program(folder: Path, *ways: str, seconds: float = 10) -> CommandSink:
    """A sink of the smallest program, which misbehaves in these ways."""
    run = [*PYTHON, str(PROGRAMS / "store.py"), *ways]
    return CommandSink("runtime", run, folder, {}, "10000001", seconds)


def command(folder: Path) -> Place:
    sink = program(folder)
    file = folder / "store.json"

    def everything() -> Any:
        return json.loads(file.read_text()) if file.exists() else {}

    def tear() -> None:
        kept = everything()
        kept["routing-bot"]["torn"] = True
        file.write_text(json.dumps(kept))

    return Place(sink, everything, tear)


SCOPES = {
    "github_secrets": ("gh", ["--repo", "acme/bots"]),
    "kubernetes_secret": ("kubectl", ["--namespace", "bots"]),
    "onepassword_item": ("op", ["--vault", "Bots"]),
}


@dataclass
class Script:
    """A script of the documentation, with a made-up program in the place of the real one."""

    folder: Path
    name: str
    stale: str = ""
    """What the program shows in place of what it keeps, as if it had been asked before."""

    def __post_init__(self) -> None:
        program, _ = SCOPES[self.name]
        path = self.folder / "bin" / program
        path.parent.mkdir()
        path.write_text(f"#!{sys.executable} -IS\n{(PROGRAMS / program).read_text()}")
        path.chmod(0o755)

    def sink(self, fails: str = "") -> CommandSink:
        """``fails`` is the call of the program that goes wrong."""
        environment = self._environment(fails)
        return CommandSink("runtime", self._command, self.folder, environment, "10000001", 10)

    def run(self, request: str) -> int:
        """The exit code of the script, asked directly."""
        environment = self._environment("")
        ran = subprocess.run(self._command, input=request.encode(), env=environment, check=False)
        return ran.returncode

    @property
    def _command(self) -> list[str]:
        return [*PYTHON, str(SCRIPTS / f"{self.name}.py"), *SCOPES[self.name][1]]

    def _environment(self, fails: str) -> dict[str, str]:
        return {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "FAKE_STATE": str(self.folder / "state"),
            "FAKE_ARGUMENTS": str(self.folder / "arguments"),
            "FAKE_FAILS": fails,
            "FAKE_STALE": self.stale,
        }

    @property
    def kept(self) -> Any:
        """What the program keeps; empty parts aside."""
        state = self.folder / "state"
        found = json.loads(state.read_text()) if state.exists() else {}
        return {name: part for name, part in found.items() if part}

    def change(self, edit: Callable[[Any], Any]) -> None:
        """Edits each thing the program keeps."""
        kept = self.kept
        for one in kept.values():
            edit(one)
        (self.folder / "state").write_text(json.dumps(kept))

    @property
    def arguments(self) -> str:
        """Every argument the program was called with."""
        return (self.folder / "arguments").read_text()


def opened(type_: SinkType, entry: Mapping[str, Any], account: str) -> VersionedSink:
    """A sink as a run opens it; what the entry does not say is as by default."""
    settings = {setting.name: setting.default for setting in type_.settings} | dict(entry)
    context = SinkContext(account, ".", {}, lambda folder, lines: None)
    sink = type_.opener("runtime", settings, context)
    assert isinstance(sink, VersionedSink)
    return sink


def vault_sink(
    server: Server,
    path: str,
    token: Callable[[], Secret] = lambda: Secret("root"),
    account: str = "10000001",
    **more: Any,
) -> VersionedSink:
    """A sink below a path, which trusts the server unless told otherwise."""
    entry = {"address": server.address, "path": path, "token": token, "ca": server.ca, **more}
    return opened(SINKS["vault"], entry, account)


def aws_sink(server: Server, template: str, **more: str) -> VersionedSink:
    """A sink of secrets with names by the template."""
    entry = {"secretName": template, "endpoint": server.address, **more}
    return opened(SINKS["aws"], entry, "10000001")


def vault(server: Server, path: str = "") -> Place:
    path = path or f"{uuid4().hex}/{{name}}"
    sink = vault_sink(server, path)
    top = path.partition("/")[0]

    def kv() -> Any:
        verify = str(server.ca) if server.ca else True
        return hvac.Client(server.address, "root", verify=verify).secrets.kv.v2

    def read(name: str) -> Any:
        answer = kv().read_secret_version(f"{top}/{name}", raise_on_deleted_version=True)
        return answer["data"]

    def everything() -> Any:
        try:
            names = kv().list_secrets(top)["data"]["keys"]
        except hvac.exceptions.InvalidPath:
            return {}
        return {name: read(name) for name in names}

    def put(content: Mapping[str, Any]) -> None:
        kv().create_or_update_secret(f"{top}/routing-bot", content)

    def tear() -> None:
        put({**read("routing-bot")["data"], "LP_SECRET": "edited"})

    return Place(sink, everything, tear, lambda: put({"LP_SECRET": "mine"}))


@cache
def boto_client(address: str) -> Any:
    return boto3.client("secretsmanager", "eu-central-1", endpoint_url=address)


def aws(server: Server, template: str = "", **settings: str) -> Place:
    template = template or f"{uuid4().hex}/{{name}}"
    sink = aws_sink(server, template, region="eu-central-1", **settings)
    top = template.partition("/")[0]

    def client() -> Any:
        return boto_client(server.address)

    def everything() -> Any:
        named = [{"Key": "name", "Values": [top]}]
        found = client().list_secrets(Filters=named, IncludePlannedDeletion=True)["SecretList"]
        return {one["Name"]: value(one) for one in found}

    def value(secret: Mapping[str, Any]) -> Any:
        if "DeletedDate" in secret:
            return "could still be restored"
        return client().get_secret_value(SecretId=secret["Name"])["SecretString"]

    def tear() -> None:
        name = f"{top}/routing-bot"
        kept = json.loads(client().get_secret_value(SecretId=name)["SecretString"])
        text = json.dumps({**kept, "LP_SECRET": "edited"})
        client().put_secret_value(SecretId=name, SecretString=text)

    def foreign() -> None:
        client().create_secret(Name=f"{top}/routing-bot", SecretString="mine")

    return Place(sink, everything, tear, foreign)


PLACES = ["dotenv", "json_file", "command", "vault", "aws"]


def place(kind: str, folder: Path, request: pytest.FixtureRequest) -> Place:
    """A fresh place of one kind; servers are only started for those that need one."""
    match kind:
        case "vault":
            return vault(request.getfixturevalue("bao"))
        case "aws":
            return aws(request.getfixturevalue("moto"))
        case "dotenv":
            return dotenv(folder)
        case "json_file":
            return json_file(folder)
    return command(folder)
