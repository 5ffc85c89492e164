"""A rotation ends well whatever strikes on the way, and no bot is ever without a key that works."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lebots.core.model.address import Address
from lebots.core.model.change import Action
from lebots.core.model.kind import Endpoint, Kind
from lebots.core.model.ports import Credential
from lebots.core.model.value import Raw
from lebots.run.executor.deposit import Deposit
from lebots.run.executor.objects import Objects
from tests.night import at_night, by_day
from tests.simulation.ports import READ_FAULTS, Schedule
from tests.simulation.world import FILES, UNTOUCHED, World

KEY = Address("Key", "robot")
BOTS = ("robot", "robot-two")
MANIFEST = "manifests/robot.yaml"
_, BOT = FILES[MANIFEST].split("---\n")
SECOND_BOT = BOT.replace("{name: robot}", "{name: robot-two}").replace(": Robot\n", ": Two\n")
TWO_BOTS = {**FILES, MANIFEST: f"{FILES[MANIFEST]}---\n{SECOND_BOT}"}
MOST_RUNS = 16
DAY = 24.0

AFTER_RENAME, AFTER_CREATE = {9: "crash"}, {16: "crash"}
"""The process dies once the first application has given its name away; once the second is there."""
LOST_CREATE = {15: "lost"}
"""The second application was never made, and nobody said so."""


@dataclass
class Rotated(World):
    """A key with two bots that were made without any fault, and is rotated from then on."""

    grace: float = 0.0
    wrong: set[str] = field(default_factory=set)
    """What must never be, and was."""
    ends: dict[object, str] = field(default_factory=dict)
    """The bad end of what follows a moment once no fault is left to strike."""

    def __post_init__(self) -> None:
        self.files = TWO_BOTS
        super().__post_init__()
        assert self.run().done
        self.sleep(600.0)
        self.first = self.sandbox.find("installations", KEY.name)["id"]
        self.at.tick = self.watch

    @property
    def command(self) -> tuple[str, ...]:
        return ("rotate", str(KEY), "--yes", f"--grace={self.grace:g}")

    def play(self, *schedules: Schedule) -> str:
        """Runs the command until the rotation is finished, the first runs struck; the bad end."""
        self.wrong.clear()
        self.hours = 0.0
        return self._beyond(schedules, len(schedules), MOST_RUNS)

    def _beyond(self, schedules: Sequence[Schedule], struck: int, runs: int) -> str:
        """As ``play``, from now on; from equal moments, unstruck runs come to equal ends."""
        if not runs:
            return "stuck"
        moment = (self.now().key, self.hours, struck, runs)
        if schedules or self.wrong or moment not in self.ends:
            end = self._gone_on(schedules, struck, runs)
            if schedules or self.wrong:
                return end
            self.ends[moment] = end
        return self.ends[moment]

    def _gone_on(self, schedules: Sequence[Schedule], struck: int, runs: int) -> str:
        ran = self.run(schedules[0] if schedules else UNTOUCHED, self.command)
        if ran.wrongs or ran.hits:
            return f"{ran.wrongs} {ran.hits}"
        if ran.done and self.on == [KEY.name]:
            return self.bad_end(struck)
        if ran.done:
            self.hours += self.grace + 1
        return self._beyond(schedules[1:], struck, runs - 1)

    def watch(self) -> None:
        """What must hold whenever the account or the sink is asked for something."""
        self.sleep(1.0)
        if self.at.passed[-1:] == [READ_FAULTS]:
            return
        works = {one["id"]: one["client_secret"] for one in self.applications if one["enabled"]}
        for name in BOTS:
            if self.sandbox.find("users", name)["allowedAppKeys"] not in works:
                self.wrong.add("bot without a key")
        held = self.vault.held.get(KEY.name)
        if held is None or held.id not in works or works[held.id] != _secret(held):
            self.wrong.add("no credential in the sink")

    @property
    def applications(self) -> list[dict[str, Any]]:
        names = [one["client_name"] for one in self.sandbox.dump()["installations"]]
        mine = [name for name in names if name.startswith(KEY.name)]
        return [self.sandbox.find("installations", name) for name in mine]

    @property
    def on(self) -> list[str]:
        return sorted(one["client_name"] for one in self.applications if one["enabled"])

    def bad_end(self, struck: int = 0) -> str:
        """What is not as it should be once the rotation is said to be over."""
        if self.wrong:
            return ", ".join(sorted(self.wrong))
        # A run that dies after the last change cannot know of it: the next one rotates once more.
        if not 1 <= len(self.applications) - 1 <= 1 + struck:
            return "number"
        second = self.sandbox.find("installations", KEY.name)
        held = self.vault.held[KEY.name]
        if second["id"] == self.first:
            return "not rotated"
        if (held.id, _secret(held)) != (second["id"], second["client_secret"]):
            return "lost"
        keys = {self.sandbox.find("users", name)["allowedAppKeys"] for name in BOTS}
        return "" if keys == {held.id} else "not moved"


def _secret(held: Credential) -> Any:
    found: Any = held.values.get("LP_SECRET")
    return found if found is None else found.reveal()


def every_end(world: Rotated, most: int, every: int) -> Iterator[str]:
    """The end of each schedule of at most that many faults, one in a run.

    Only ``every`` so-manieth boundary is struck.
    """
    start = world.now()

    def after(*struck: Schedule) -> Iterator[str]:
        world.back_to(start)
        yield world.play(*struck)
        if len(struck) == most:
            return
        world.back_to(start)
        for schedule in struck:
            world.run(schedule, world.command)
        passed = world.run(UNTOUCHED, world.command).passed
        for number in range(0, len(passed), every):
            for fault in passed[number]:
                yield from after(*struck, {number: fault})

    yield from after()


@pytest.fixture
def rotated(tmp_path: Path) -> Callable[..., Rotated]:
    return lambda **about: Rotated(tmp_path / "project", **about)


@pytest.mark.parametrize(("grace", "lag"), by_day([(0.0, 0), (0.0, 3), (DAY, 3)], [(DAY, 3)]))
@pytest.mark.parametrize("most", [1, pytest.param(2, marks=pytest.mark.nightly)])
def test_every_schedule_ends_well(
    grace: float, lag: int, most: int, rotated: Callable[..., Rotated]
) -> None:
    every = 1 if at_night() else 6
    ends = Counter(every_end(rotated(grace=grace, lag=lag), most, every))
    assert sum(ends.values()) > 50 // every
    assert set(ends) == {""}, ends


# The same protocol broken on purpose


def test_an_announcement_over_the_credential_in_use_is_seen(
    rotated: Callable[..., Rotated], monkeypatch: pytest.MonkeyPatch
) -> None:
    def announce(self: Deposit) -> None:
        held: Any = self.sink
        del held.held[self.address.name]

    world = rotated()
    monkeypatch.setattr(Deposit, "announce", announce)
    assert world.play() == "no credential in the sink"


def test_taking_the_first_application_for_the_second_is_seen(
    rotated: Callable[..., Rotated], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that lags shows the first one under the name of the second for a while."""

    def by_name(self: Objects, kind: Kind, endpoint: Endpoint, name: str) -> list[Raw]:
        return self.account.find(endpoint, name)

    world = rotated(lag=9)
    monkeypatch.setattr(Objects, "_new", by_name)
    world.play(LOST_CREATE)
    assert "bot without a key" in world.wrong


# What lags, and what a plain plan does in between


def test_a_second_application_that_no_list_shows_yet_is_not_made_again(
    rotated: Callable[..., Rotated],
) -> None:
    world = rotated(lag=9)
    assert not world.run(AFTER_CREATE, world.command).done
    ran = world.run(UNTOUCHED, world.command)
    assert (ran.done, ran.made) == (True, 0)


def test_before_the_second_application_a_plain_apply_is_refused(
    rotated: Callable[..., Rotated],
) -> None:
    world = rotated()
    assert not world.run(AFTER_RENAME, world.command).done
    ran = world.run()
    assert (ran.done, ran.made, ran.outcomes) == (False, 0, ())
    assert world.play() == ""


def test_after_it_a_plain_apply_goes_the_same_way(rotated: Callable[..., Rotated]) -> None:
    world = rotated()
    assert not world.run(AFTER_CREATE, world.command).done
    ran = world.run()
    assert (ran.done, ran.made) == (True, 0)
    assert [(one.change.action, str(one.change.address)) for one in ran.outcomes] == [
        (Action.UPDATE, str(KEY)),
        (Action.UPDATE, "BotUser/robot"),
        (Action.UPDATE, "BotUser/robot-two"),
    ]
    assert len(world.on) == 2, "only the end is left"
    assert world.play() == ""
    assert len(world.applications) == 2


def test_an_account_that_hides_the_secret_is_left_as_it_is(
    rotated: Callable[..., Rotated],
) -> None:
    """To rename the first application, it must be written back whole, its secret too."""
    world = rotated(readable=False)
    ran = world.run(UNTOUCHED, world.command)
    assert not ran.done
    assert "writing it back would wipe that" in ran.outcomes[0].error
    assert world.on == [KEY.name]
    assert world.vault.held[KEY.name].id == world.first
    assert world.wrong == set()
