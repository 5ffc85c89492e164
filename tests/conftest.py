"""What all tests share: the switch that accepts scenario results anew, and steady examples."""

import os

import pytest
from hypothesis import settings

pytest_plugins = ["tests.simulation.table", "tests.two_writers.table"]
"""Not in those folders: the process that prints for all others does not look there."""

settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept", action="store_true", help="write what scenarios give as what they expect"
    )


@pytest.fixture(autouse=True)
def _plain_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """Output does not depend on who runs the tests."""
    for name in list(os.environ):
        if name.startswith(("LEBOTS_", "LP_", "GITHUB_")) or name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "92")
