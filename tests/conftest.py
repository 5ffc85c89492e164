"""What all tests share: the switch that accepts scenario results anew, and steady examples."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from typer.main import get_command

from lebots.cli import app
from lebots.core.model.secret import REGISTRY
from tests import night

pytest_plugins = ["tests.not_run", "tests.simulation.table", "tests.two_writers.table"]
"""Named here: the process that prints for all others looks nowhere else."""

settings.load_profile(night.DAY)

# Workers and processes under test start several times faster with what the first one compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept", action="store_true", help="write what scenarios give as what they expect"
    )


@pytest.fixture(scope="session")
def chromium() -> str:
    """The program that opens pages."""
    from tests import browser, not_run

    return browser.find() or pytest.skip(not_run.BROWSER)


@pytest.fixture(scope="session", autouse=True)
def _ready() -> Iterator[None]:
    """What costs every run of a command much and tells nothing here.

    Making the command line takes as long as some whole runs, waiting for disks longer.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lebots.cli.app", get_command(app))
        patch.setattr(os, "fsync", lambda file: None)
        yield


@pytest.fixture(autouse=True)
def _own_secrets() -> Iterator[None]:
    """A test is a run of its own: the secrets of another one are not known in it."""
    before = dict(REGISTRY)
    yield
    REGISTRY.clear()
    REGISTRY.update(before)


@pytest.fixture(autouse=True)
def _plain_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """Output does not depend on who runs the tests."""
    for name in list(os.environ):
        ours = name.startswith(("LEBOTS_", "LP_", "GITHUB_", "CI_", "CHANGE_"))
        if ours or name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "92")
