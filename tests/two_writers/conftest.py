"""Worlds for two writers: an account, a sink, and whether secrets are shown once or again."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.credentials.conftest import bao, moto
from tests.two_writers import stores
from tests.two_writers.account import served
from tests.two_writers.stores import Store
from tests.two_writers.world import World

__all__ = ["bao", "moto"]


class Setting(NamedTuple):
    """Where a story plays."""

    kind: str
    """The type of the sink."""
    once: bool
    """Whether the account shows a secret once, or in every reading."""

    def __str__(self) -> str:
        return f"{self.kind}-{'once' if self.once else 'again'}"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One certificate for all accounts."""
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path, certificates: Path) -> Iterator[World]:
    """A new account and an empty sink."""
    setting: Setting = request.param
    store = opened(setting.kind, tmp_path / "store", request)
    with served(tmp_path / "account.db", certificates, once=setting.once) as account:
        world = World(tmp_path, account, store, setting.once)
        try:
            yield world
        finally:
            world.close()


def opened(kind: str, folder: Path, request: pytest.FixtureRequest) -> Store:
    """A sink of this type; servers are only started for those that need one."""
    folder.mkdir()
    match kind:
        case "vault":
            return stores.vault(request.getfixturevalue("bao"))
        case "aws":
            return stores.aws(request.getfixturevalue("moto"))
        case "dotenv":
            return stores.dotenv(folder)
    return stores.command(folder)
