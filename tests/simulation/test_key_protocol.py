"""No schedule of faults loses a credential, makes a second one, or never ends (protocol E)."""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from lebots.cli import session
from lebots.core.changes import Sinks
from lebots.core.model import Address
from lebots.core.ports import INTENT_OPEN
from tests.simulation.world import Schedule, World, explore

BRANCHES = [
    pytest.param(readable, lag, id=f"{'readable' if readable else 'shown-once'}-lag-{lag:g}")
    for readable in (True, False)
    for lag in (0.0, 3.0)
]
# Two faults in every run of the tests, three at night (`make nightly`).
MOST = int(os.environ.get("LEBOTS_FAULTS", "2"))


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


# What was lost

LOST_AFTER_CREATE = {5: "crash after"}
"""The account made the application and the process died before it saw the secret."""


def after_the_loss(**more: Any) -> World:
    world = World(LOST_AFTER_CREATE, readable=False, **more)
    assert not world.run()
    assert world.vault.held["robot"].id == INTENT_OPEN
    return world


def applications(world: World) -> dict[str, bool]:
    """Name to enabled, of every application."""
    return {one["client_name"]: one["enabled"] for one in world.sandbox.dump()["installations"]}


def test_a_lost_key_is_switched_off_and_replaced_if_the_project_allows_it() -> None:
    world = after_the_loss()
    assert world.run()
    (lost,) = [name for name in applications(world) if name.startswith("robot.lost-")]
    assert applications(world) == {lost: False, "robot": True}


def test_a_lost_key_stays_where_the_project_does_not_allow_it() -> None:
    world = after_the_loss(replace_lost=False)
    assert not world.run()
    assert "guards.replaceLostKeys" in world.outcomes[0].error
    assert applications(world) == {"robot": True}


def test_a_key_that_was_not_made_here_is_never_replaced() -> None:
    world = after_the_loss()
    del world.vault.held["robot"]
    assert not world.run()
    assert "it was not made here" in world.outcomes[0].error
    assert applications(world) == {"robot": True}


def test_a_key_that_bots_log_in_with_is_never_replaced() -> None:
    world = after_the_loss()
    bot = world.sandbox.find("users", "survey-bot")
    made = world.sandbox.find("installations", "robot")
    world.sandbox.put("users", {**bot, "allowedAppKeys": made["id"]})
    assert not world.run()
    assert "BotUser/survey-bot use it" in world.outcomes[0].error
    assert applications(world) == {"robot": True}


def _ends(most: int, make: Callable[[Schedule], World]) -> Counter[str]:
    return Counter(end for _, end in explore(most, make))
