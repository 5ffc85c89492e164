"""The figures of the rounds, as a table at the end of a run of the tests."""

from collections.abc import Iterator
from typing import Any, TypedDict

import pytest

PROPERTY = "rounds"


class Figures(TypedDict):
    """How the rounds of one case ended."""

    order: str
    sink: str
    secrets: str
    """Whether the account shows them again or once."""
    rounds: int
    good: int
    lost: int
    """The bot could not log in with what the sink held."""
    duplicates: int
    stuck: int
    """The next apply did not end with 0."""
    unclear: int
    """A run ended otherwise than with 0, and did not say that somebody else was there."""
    gave_way: int
    """Runs, not rounds."""


_COLUMNS = tuple(Figures.__annotations__)
_TEXTS = 3


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table, if any round was played."""
    rows = sorted(
        _rows(terminalreporter), key=lambda row: [row[name] for name in _COLUMNS[:_TEXTS]]
    )
    if not rows:
        return
    total = {name: sum(row[name] for row in rows) for name in _COLUMNS[_TEXTS:]}
    terminalreporter.section("two writers: rounds of real processes")
    terminalreporter.write_line(_line([name.replace("_", " ") for name in _COLUMNS]))
    for row in (*rows, {"order": "all", "sink": "", "secrets": "", **total}):
        terminalreporter.write_line(_line([row[name] for name in _COLUMNS]))


def _rows(reporter: pytest.TerminalReporter) -> Iterator[Any]:
    for reports in reporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                yield from (value for name, value in report.user_properties if name == PROPERTY)


def _line(cells: list[Any]) -> str:
    order, sink, secrets, *figures = cells
    return "  ".join(
        [f"{order:<23}", f"{sink:<7}", f"{secrets:<7}", *(f"{cell:>10}" for cell in figures)]
    )
