"""The figures of the simulation, as a table at the end of a run of the tests.

Tests hand their figures over as a property of their report, which also comes from other processes.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, TypedDict

import pytest

from tests.simulation.futures import Futures

PROPERTY = "simulation"


class Figures(TypedDict):
    """What one enumeration found."""

    branch: str
    lag: int
    faults: int
    schedules: int
    good: int
    duplicates: int
    lost: int
    stuck: int
    runs: int
    keys: int
    """The most that one run made."""
    hits: int


def figures(branch: str, lag: int, most: int, futures: Futures) -> Figures:
    """What all schedules of at most so many faults come to in these futures."""
    ends: Counter[str] = Counter()
    for (end, _), count in futures.ends(most).items():
        ends[end] += count
    return Figures(
        branch=branch,
        lag=lag,
        faults=most,
        schedules=ends.total(),
        good=ends[""],
        duplicates=ends["dup"],
        lost=ends["lost"],
        stuck=ends["stuck"],
        runs=futures.runs,
        keys=futures.made,
        hits=futures.hits.total(),
    )


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
    right = (
        f"{cell:>{max(len(name), 6)}}" for name, cell in zip(_COLUMNS[1:], others, strict=True)
    )
    return "  ".join([f"{first:<11}", *right])
