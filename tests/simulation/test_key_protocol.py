"""No schedule of faults loses a credential, makes a second one, shows one, or never ends."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lebots.core.compare.change import Sinks
from lebots.run.executor import Executor
from lebots.run.executor.deposit import Deposit
from lebots.run.inputs import session
from tests.night import at_night, by_day
from tests.simulation.futures import Futures, one_by_one, play
from tests.simulation.table import PROPERTY, figures
from tests.simulation.world import APPLY, World

PLAN = ("plan", "--out", "plan.json")
AS_JSON = ("--format", "json")
BRANCHES = {"readable": True, "shown once": False}
"""Whether the account shows a secret again after the create, or never."""


def enumerations() -> list[Any]:
    """By day one fault everywhere; three at night, which has one too, and more lags."""
    day = [("readable", 0, 1), ("shown once", 3, 1)]
    night = [(b, lag, 3) for b in BRANCHES for lag in (0, 1, 3, 10)]
    return [
        pytest.param(b, lag, most, id=f"{b}-lag-{lag}-{most}", marks=marks)
        for cases, marks in ((day, ()), (night, pytest.mark.nightly))
        for b, lag, most in cases
    ]


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    """Makes worlds that share a working folder, which each of their runs finds empty."""
    return lambda **about: World(tmp_path / "project", **about)


@pytest.mark.parametrize(("branch", "lag", "most"), enumerations())
def test_every_schedule_ends_well(
    branch: str,
    lag: int,
    most: int,
    world: Callable[..., World],
    record_property: Callable[[str, object], None],
) -> None:
    night = most > 2
    commands = [APPLY, (*APPLY, *AS_JSON)] if night else [APPLY]
    every = 1 if night or branch == "shown once" else 3
    futures = Futures(world(readable=BRANCHES[branch], lag=lag), commands, every)
    found = figures(branch, lag, most, futures)
    futures.look(PLAN)
    futures.look((*PLAN, *AS_JSON))
    record_property(PROPERTY, {**found, "hits": futures.hits.total()})
    assert found["schedules"] == found["good"]
    assert not futures.wrongs
    assert not futures.hits


@pytest.mark.parametrize("fault", by_day(["lost after", "crash after"], ["crash after"]))
def test_after_the_create_was_struck_every_other_fault_ends_well(
    fault: str, world: Callable[..., World], record_property: Callable[[str, object], None]
) -> None:
    """Where two are hardest: a key is there whose secret nobody has, and no list shows it yet."""
    struck = world(readable=False, lag=3)
    assert not struck.run({CREATE: fault}).done
    assert struck.sandbox.find("installations", "robot")
    futures = Futures(struck, every=1 if at_night() else 10)
    found = figures(fault, 3, 1, futures)
    record_property(PROPERTY, found)
    assert found["schedules"] == found["good"] > 50 // futures.every
    assert not futures.wrongs
    assert not futures.hits


# That nothing is left out


def compared() -> list[Any]:
    night = pytest.mark.nightly
    every = [(branch, lag) for branch in BRANCHES for lag in (0, 3)]
    return [
        pytest.param("shown once", 3, 1, id="shown once-lag-3-1", marks=night),
        *(pytest.param(b, lag, 2, id=f"{b}-lag-{lag}-2", marks=night) for b, lag in every),
    ]


@pytest.mark.parametrize(("branch", "lag", "most"), compared())
def test_counting_comes_to_the_same_as_playing_each_schedule(
    branch: str, lag: int, most: int, world: Callable[..., World]
) -> None:
    def make() -> World:
        return world(readable=BRANCHES[branch], lag=lag)

    assert Futures(make()).ends(most) == Counter(one_by_one(most, make))


def test_worlds_are_told_apart_by_all_that_outlives_a_run(world: Callable[..., World]) -> None:
    one = world(lag=3)
    start = one.now()
    one.sleep(60)
    assert one.now().key == start.key, "time alone is no difference"
    one.run(LOST_AFTER_CREATE)
    fresh = one.now()
    assert set(fresh.lagging) == {"installations"}
    one.sleep(1)
    assert one.now().key not in (start.key, fresh.key), "lists lag for a second less"
    one.sleep(2)
    settled = one.now()
    assert not settled.lagging
    one.back_to(fresh)
    assert one.now().key == fresh.key
    one.sleep(3)
    assert one.now().key == settled.key
    one.chance.getrandbits(1)
    assert one.now().key != settled.key, "the next secret is another one"
    one.back_to(settled)
    one.vault.notes.clear()
    assert one.now().key != settled.key


# That the check sees what is broken


def wrongs(world: World) -> Counter[str]:
    """What the runs of a broken protocol do wrong without any fault."""
    futures = Futures(world)
    futures.ends(0)
    return futures.wrongs


def test_without_an_intent_the_check_sees_what_breaks(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Deposit, "announce", Deposit.require_unmoved)
    end, _ = play(world(readable=False, lag=3), {CREATE - 2: "crash"})
    assert end == "stuck"


def test_without_a_settle_window_the_check_sees_what_breaks(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "SETTLE_READS", ())
    end, _ = play(world(readable=False, lag=30), {CREATE + 2: "crash after"})
    assert end == "stuck"


def test_adopting_by_name_the_check_sees_what_breaks(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual protocol: what exists under the name counts as done."""

    monkeypatch.setattr(Sinks, "holds", lambda self, address, id_: True)
    end, _ = play(world(), LOST_AFTER_CREATE)
    assert end == "lost"


def test_a_bot_before_its_secret_is_seen(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Executor, "_deliver", lambda *about: None)
    assert wrongs(world()) == {"sent a bot whose secret no sink had confirmed": 1}


def test_a_third_key_in_one_run_is_seen(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver = Executor._deliver

    def thrice(self: Executor, change: Any, kind: Any, endpoint: Any, raw: Any, to: Any) -> None:
        for _ in range(2):
            self._retire(change, kind, endpoint, to)
            raw = self._create(change, kind, endpoint, to)
        deliver(self, change, kind, endpoint, raw, to)

    monkeypatch.setattr(Executor, "_deliver", thrice)
    assert wrongs(world()) == {"made 3 keys": 1}


def test_a_bug_of_lebots_is_seen(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Executor, "_deliver", lambda *about: 1 / 0)
    assert wrongs(world())["ended with 1"] > 0


# What was lost

CREATE = 11
"""The boundary at which the account makes the application."""
LOST_AFTER_CREATE = {CREATE: "crash after"}
"""The account made the application and the process died before it saw the secret."""


@pytest.fixture
def after_the_loss(world: Callable[..., World]) -> Callable[..., World]:
    def make(**more: Any) -> World:
        lost = world(readable=False, **more)
        assert not lost.run(LOST_AFTER_CREATE).done
        assert not lost.vault.held
        assert lost.vault.notes
        return lost

    return make


def applications(world: World) -> dict[str, bool]:
    """Name to enabled, of every application that lebots made."""
    return {
        one["client_name"]: one["enabled"]
        for one in world.sandbox.dump()["installations"]
        if one["client_name"].startswith("robot")
    }


def test_a_lost_key_is_switched_off_and_replaced_if_the_project_allows_it(
    after_the_loss: Callable[..., World],
) -> None:
    world = after_the_loss()
    assert world.run().done
    (lost,) = [name for name in applications(world) if name.startswith("robot.lost-")]
    assert applications(world) == {lost: False, "robot": True}


def test_a_lost_key_stays_where_the_project_does_not_allow_it(
    after_the_loss: Callable[..., World],
) -> None:
    world = after_the_loss(replace_lost=False)
    ran = world.run()
    assert not ran.done
    assert "guards.replaceLostKeys" in ran.outcomes[0].error
    assert applications(world) == {"robot": True}


def test_a_key_that_was_not_made_here_is_never_replaced(
    after_the_loss: Callable[..., World],
) -> None:
    world = after_the_loss()
    del world.vault.notes["robot"]
    ran = world.run()
    assert not ran.done
    assert "lebots did not create it" in ran.outcomes[0].error
    assert applications(world) == {"robot": True}


def test_a_key_that_bots_log_in_with_is_never_replaced(
    after_the_loss: Callable[..., World],
) -> None:
    world = after_the_loss()
    bot = world.sandbox.find("users", "survey-bot")
    made = world.sandbox.find("installations", "robot")
    world.sandbox.put("users", {**bot, "allowedAppKeys": made["id"]})
    ran = world.run()
    assert not ran.done
    assert "BotUser/survey-bot use it" in ran.outcomes[0].error
    assert applications(world) == {"robot": True}
