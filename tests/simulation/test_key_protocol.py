"""No schedule of faults loses a credential, makes a second one, or never ends (protocol E)."""

import os
from collections import Counter
from collections.abc import Callable

import pytest

from lebots.cli import session
from lebots.core.changes import Sinks
from lebots.core.model import Address
from tests.simulation.world import Schedule, World, explore

BRANCHES = [
    pytest.param(readable, lag, id=f"{'readable' if readable else 'shown-once'}-lag-{lag:g}")
    for readable in (True, False)
    for lag in (0.0, 3.0)
]
# Two faults in every pull request, three at night: `LEBOTS_FAULTS=3 pytest tests/simulation`.
MOST = int(os.environ.get("LEBOTS_FAULTS", "1"))


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "message", lambda text: None)


@pytest.mark.parametrize(("readable", "lag"), BRANCHES)
def test_every_schedule_ends_well(
    readable: bool, lag: float, record_property: Callable[[str, object], None]
) -> None:
    ends = _ends(MOST, lambda schedule: World(schedule, readable, lag))
    record_property("schedules", sum(ends.values()))
    assert set(ends) == {""}, ends


def test_without_an_intent_the_check_sees_what_breaks() -> None:
    ends = _ends(1, lambda schedule: World(schedule, readable=False, lag=3.0, announces=False))
    assert ends["lost"] + ends["dup"] + ends["stuck"] > 0


def test_without_a_settle_window_the_check_sees_what_breaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "SETTLE_READS", ())
    ends = _ends(1, lambda schedule: World(schedule, readable=False, lag=30.0))
    assert ends["lost"] + ends["dup"] + ends["stuck"] > 0


def test_adopting_by_name_the_check_sees_what_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual protocol: what exists under the name counts as done."""

    class Everything:
        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 0

    def stored(self: Sinks, address: Address) -> object:
        return Everything() if address in self.delivered else ""

    monkeypatch.setattr(Sinks, "stored", stored)
    ends = _ends(1, lambda schedule: World(schedule, readable=True, lag=0.0))
    assert ends["lost"] > 0


def _ends(most: int, make: Callable[[Schedule], World]) -> Counter[str]:
    return Counter(end for _, end in explore(most, make))
