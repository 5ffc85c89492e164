"""The figures of the simulation, as a table at the end of a run of the tests.

Tests hand their figures over as a property of their report, which also comes from other processes.
"""

from collections.abc import Iterator
from typing import Any, TypedDict

import pytest

PROPERTY = "simulation"


class Figures(TypedDict):
    """What one enumeration found."""

    branch: str
    lag: int
    faults: int
    schedules: int
    duplicates: int
    lost: int
    stuck: int
    runs: int
    keys: int
    """The most that one run made."""
    hits: int


_COLUMNS = tuple(Figures.__annotations__)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table, if any enumeration ran."""
    rows = sorted(
        _rows(terminalreporter), key=lambda row: (row["faults"], row["branch"], row["lag"])
    )
    if not rows:
        return
    terminalreporter.section("simulation: every schedule of at most so many faults")
    terminalreporter.write_line(_line(_COLUMNS))
    for row in rows:
        terminalreporter.write_line(_line([row[name] for name in _COLUMNS]))


def _rows(reporter: pytest.TerminalReporter) -> Iterator[Any]:
    for reports in reporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                yield from (value for name, value in report.user_properties if name == PROPERTY)


def _line(cells: Any) -> str:
    first, *others = cells
    return f"{first:<11}" + "".join(f"{cell:>11}" for cell in others)
