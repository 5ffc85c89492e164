"""A rotation ends well whatever strikes on the way, and no bot is ever without a key that works."""

import os
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from lebots.cli import rotating, session
from lebots.cli.rotating import Rotating
from lebots.core.kind import Endpoint, Kind
from lebots.core.model import Action, Address, Change, Raw, Severity, Status
from lebots.core.ports import INTENT_OPEN, Credential
from lebots.errors import AccountError, LebotsError
from lebots.executor import Executor
from tests.simulation.world import (
    BOT,
    KEY,
    MANIFESTS,
    MOST_RUNS,
    READ_FAULTS,
    Boundaries,
    Crash,
    Schedule,
    World,
    explore,
)

OTHER = Address("BotUser", "robot-two")
BOTS = (BOT.name, OTHER.name)
TWO_BOTS = [
    *MANIFESTS,
    replace(MANIFESTS[1], address=OTHER, spec={**MANIFESTS[1].spec, "nickname": "Two"}),
]
# One fault in every run of the tests, two at night (`make nightly`).
MOST = int(os.environ.get("LEBOTS_FAULTS", "2")) - 1
DAY = 24.0
AFTER_RENAME, AFTER_CREATE = {6: "crash"}, {8: "crash"}
"""The process dies once the first application has given its name away; once the second is there."""
LOST_CREATE = {7: "lost"}
"""The second application was never made, and nobody said so."""


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in session, rotating:
        monkeypatch.setattr(module, "message", lambda text: None)


class Rotated(World):
    """A key with two bots that were made without any fault, and is rotated under the schedule."""

    grace = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.manifests = TWO_BOTS
        self.at.schedule = {}
        assert super().run()
        self.sleep(600.0)
        self.first = self.sandbox.find("installations", KEY.name)["id"]
        self.wrong: set[str] = set()
        self.at = self.vault.at = Boundaries(self.schedule, self.watch)

    def run(self) -> bool:
        """One run of ``lebots rotate``; whether it said that nothing is left to do now."""
        with self.opened() as opened:
            command = Rotating(opened, self.manifests, KEY, self.grace)
            try:
                found, before = command.plan()
                if found.plan.findings and not found.plan.changes:
                    return False
                self.outcomes = command.carry_out(
                    found.plan, before, lambda one: None, lambda: False
                )
                if any(outcome.status is not Status.DONE for outcome in self.outcomes):
                    return False
                left = command.left_over() if self.outcomes else found
                self.waits = bool(left.waiting)
                return not left.plan.writes
            except (Crash, LebotsError):
                return False

    def play(self) -> str:
        for _ in range(2 * MOST_RUNS):
            if self.run():
                if not self.waits:
                    return self.bad_end()
                self.sleep(self.grace * 3600)
        return "stuck"

    def watch(self) -> None:
        """What must hold whenever the account or the sink is asked for something."""
        self.sleep(1.0)
        if self.at.faults[-1:] == [READ_FAULTS]:
            return
        works = {one["id"]: one["client_secret"] for one in self.applications if one["enabled"]}
        for name in BOTS:
            if self.sandbox.find("users", name)["allowedAppKeys"] not in works:
                self.wrong.add("bot without a key")
        held = self.vault.held[KEY.name]
        if held.id not in works or works[held.id] != _secret(held):
            self.wrong.add("no credential in the sink")

    @property
    def applications(self) -> list[dict[str, Any]]:
        names = [one["client_name"] for one in self.sandbox.dump()["installations"]]
        mine = [name for name in names if name.startswith(KEY.name)]
        return [self.sandbox.find("installations", name) for name in mine]

    def bad_end(self) -> str:
        """What is not as it should be once the rotation is said to be over."""
        if self.wrong:
            return ", ".join(sorted(self.wrong))
        # A run that dies after the last change cannot know of it: the next one rotates once more.
        if not 1 <= len(self.applications) - 1 <= 1 + len(self.schedule):
            return "number"
        on = [one for one in self.applications if one["enabled"]]
        if [one["client_name"] for one in on] != [KEY.name] or on[0]["id"] == self.first:
            return "not one key"
        held = self.vault.held[KEY.name]
        if (held.id, _secret(held)) != (on[0]["id"], on[0]["client_secret"]):
            return "lost"
        keys = {self.sandbox.find("users", name)["allowedAppKeys"] for name in BOTS}
        return "" if keys == {held.id} else "not moved"


class InGrace(Rotated):
    grace = DAY


def _secret(held: Credential) -> Any:
    found: Any = held.values.get("LP_SECRET")
    return found if found is None else found.reveal()


@pytest.mark.parametrize(("kind", "lag"), [(Rotated, 0.0), (Rotated, 3.0), (InGrace, 3.0)])
def test_every_schedule_ends_well(kind: type[Rotated], lag: float) -> None:
    def world(schedule: Schedule) -> World:
        return kind(schedule, lag=lag)

    ends = Counter(end for _, end in explore(MOST, world))
    assert sum(ends.values()) > 50
    assert set(ends) == {""}, ends


def test_an_announcement_over_the_credential_in_use_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def announced(self: Executor, change: Change, kind: Kind, endpoint: Endpoint) -> Any:
        if change.sink:
            name = change.address.name
            self.sinks[change.sink].write(Credential(self.before.id, name, INTENT_OPEN, {}))
        return self._create(change, kind, endpoint)

    monkeypatch.setattr(Executor, "_announced", announced)
    assert Rotated({}).play() == "no credential in the sink"


def test_taking_the_first_application_for_the_second_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A list that lags shows the first one under the name of the second for a while."""

    def by_name(self: Executor, kind: Kind, endpoint: Endpoint, name: str) -> list[Raw]:
        return self.account.find(endpoint, name)

    monkeypatch.setattr(Executor, "_new", by_name)
    assert "bot without a key" in Rotated(LOST_CREATE, lag=9.0).play()


def test_a_second_application_that_no_list_shows_yet_is_not_made_again() -> None:
    world = cut_short(AFTER_CREATE, lag=9.0)
    with world.opened() as opened:
        found, _ = Rotating(opened, TWO_BOTS, KEY, 0.0).plan()
    assert [change.action for change in found.plan.writes if change.address == KEY] == [
        Action.UPDATE
    ]


def test_a_list_that_never_settles_is_not_believed() -> None:
    world = cut_short(AFTER_CREATE, lag=300.0)
    with world.opened() as opened, pytest.raises(AccountError, match="before a rename"):
        Rotating(opened, TWO_BOTS, KEY, 0.0).plan()


# What a plain plan does in between


def cut_short(schedule: Schedule, lag: float = 0.0) -> Rotated:
    world = Rotated(schedule, lag=lag)
    assert not world.run()
    return world


def test_before_the_second_application_a_plain_plan_is_refused() -> None:
    world = cut_short(AFTER_RENAME)
    with world.opened() as opened:
        plan, _ = opened.plan(TWO_BOTS)
    assert not plan.changes
    dead = [finding for finding in plan.findings if finding.code == "credential-dead"]
    assert [finding.severity for finding in dead] == [Severity.REFUSAL]
    assert "`lebots rotate Key/robot` goes on" in dead[0].message
    assert world.play() == ""


def test_after_it_a_plain_plan_goes_the_same_way() -> None:
    world = cut_short(AFTER_CREATE)
    with world.opened() as opened:
        plan, _ = opened.plan(TWO_BOTS)
    assert [(change.action, change.address) for change in plan.writes] == [
        (Action.UPDATE, KEY),
        (Action.UPDATE, BOT),
        (Action.UPDATE, OTHER),
    ]
    assert World.run(world), "and an apply brings it to the state in which only the end is left"
    assert {one["enabled"] for one in world.applications} == {True}
    assert world.play() == ""
    assert len(world.applications) == 2


def test_an_account_that_hides_the_secret_is_left_as_it_is() -> None:
    """To rename the first application, it must be written back whole, its secret too."""
    world = Rotated({}, readable=False)
    assert not world.run()
    assert "writing it back would wipe that" in world.outcomes[0].error
    assert [one["client_name"] for one in world.applications] == [KEY.name]
    assert world.vault.held[KEY.name].id == world.first
    assert world.wrong == set()
