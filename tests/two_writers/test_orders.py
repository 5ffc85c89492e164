"""Two writers: the orders in which two runs can meet, and what must be left afterwards.

Every run is a process of its own on an account that they share. Where a run must stand still at a
certain point, the account keeps one of its requests. Rotations have a module of their own.
"""

import re
from time import sleep

import pytest

from tests.two_writers.machine import Machine
from tests.two_writers.stores import SHARED
from tests.two_writers.stories import KEYS, WRITABLE, told_in, two_machines
from tests.two_writers.world import World, bot, gave_way, manifests, over, passed, renamed

pytestmark = pytest.mark.enable_socket

# 1: somebody sits at the question


@told_in()
def test_while_one_waits_for_an_answer_another_makes_everything(world: World) -> None:
    here = world.machine()
    _answered_late(world, here, here)
    world.ends_well(here)


@told_in()
def test_while_one_waits_for_an_answer_another_makes_the_key(world: World) -> None:
    here = world.machine()
    _answered_late(world, here, here, "--target", "Key/routing-bot", check=False)
    assert passed(here("apply", "--yes"))
    world.ends_well(here)


@told_in(kinds=SHARED)
def test_while_one_waits_another_machine_makes_everything(world: World) -> None:
    here, there = two_machines(world)
    _answered_late(world, here, there)
    world.ends_well(here, there)


def _answered_late(
    world: World, here: Machine, there: Machine, *more: str, check: bool = True
) -> None:
    waits = here.on_terminal("apply")
    waits.until("[y/N]")
    assert passed(there("apply", "--yes", *more))
    delivered, written = world.stored(), world.account.writes
    waits.type("y\n")
    ended = waits.ended()
    assert world.store.stored("routing-bot") == delivered, str(ended)
    if check:
        world.check()
    assert world.account.writes == written, str(ended)
    assert gave_way(ended, 6)


# 2: nobody sits at either; where each stands is chosen here, test_rounds.py leaves it to chance


@told_in()
@pytest.mark.parametrize("path", ["skills", KEYS])
def test_one_comes_while_another_is_at_work(world: World, path: str) -> None:
    here = world.machine()
    with world.account.holding("POST", path, after=True) as made:
        first = here.start("apply", "--yes")
        assert made.reached()
        written = world.account.writes
        second = here("apply", "--yes")
        assert gave_way(second, 6)
        assert re.search(rf"\b{first.pid}\b", second.said), "it names who is there"
        assert world.account.writes == written
    assert passed(first.ended())
    world.ends_well(here)


@told_in()
def test_one_comes_right_before_another_is_done(world: World) -> None:
    """It waits its turn, reads again, and finds that its plan is made."""
    here = world.machine()
    with world.account.holding("POST", "le-users/users") as bot:
        first = here.start("apply", "--yes")
        assert bot.reached()
        with world.account.holding("GET", "skills", after=True) as read:
            second = here.start("apply", "--yes")
            assert read.reached()
            read.detach()
        sleep(2.0)
    assert passed(first.ended())
    assert over(second.ended())
    world.ends_well(here)


@told_in()
def test_one_has_planned_when_another_begins(world: World) -> None:
    """Both have planned the same; both are answered at last."""
    here = world.machine()
    with world.account.holding("GET", KEYS, after=True) as read:
        first = here.start("apply", "--yes")
        assert read.reached()
        assert passed(here("apply", "--yes"))
        world.check()
        delivered, written = world.stored(), world.account.writes
    ended = first.ended()
    assert world.stored() == delivered, str(ended)
    world.check()
    assert world.account.writes == written, str(ended)
    assert over(ended)
    world.ends_well(here)


# 4: a saved plan


@told_in()
def test_a_saved_plan_is_applied_again_while_the_first_run_proves_itself(world: World) -> None:
    here = world.machine()
    assert passed(here("plan", "--out", "plan.json"))
    world.account.lag(2.0)
    first = here.start("apply", "plan.json")
    first.until("[3/3]")
    delivered, written = world.stored(), world.account.writes
    second = here("apply", "plan.json")
    assert (world.stored(), world.account.writes) == (delivered, written), str(second)
    assert over(second)
    assert passed(first.ended())
    world.account.lag(0)
    world.ends_well(here)


# 5: an older checkout


NEWER = manifests(bot(nickname="Eva"), bot("second-bot"))


@told_in()
def test_an_older_checkout_runs_after_a_newer_one(world: World) -> None:
    newer, older = world.machine("newer", NEWER), world.machine("older")
    assert passed(newer("apply", "--yes"))
    delivered = world.stored()
    assert passed(older("apply", "--yes"))
    assert world.stored() == delivered
    world.ends_well(older)
    assert passed(newer("apply", "--yes"))
    world.ends_well(newer)
    assert world.stored() == delivered


@told_in()
def test_an_older_checkout_waits_while_a_newer_one_runs(world: World) -> None:
    here = world.machine()
    here.write("newer/bots.yaml", NEWER)
    waits = here.on_terminal("apply")
    waits.until("[y/N]")
    assert passed(here("apply", "--yes", "newer/"))
    delivered, written = world.stored(), world.account.writes
    waits.type("y\n")
    ended = waits.ended()
    assert (world.stored(), world.account.writes) == (delivered, written), str(ended)
    assert gave_way(ended, 6)
    assert passed(here("apply", "--yes"))
    world.ends_well(here)


@told_in(rules=WRITABLE)
def test_an_older_checkout_runs_after_a_rename(world: World) -> None:
    """It may put the former name back or refuse; the bot gets in with what its key's sink holds."""
    older = world.machine("older")
    newer = world.machine("newer", renamed(manifests(), "entry-bot"))
    assert passed(older("apply", "--yes"))
    assert passed(newer("apply", "--yes"))
    client, _ = world.stored("entry-bot")
    older("apply", "--yes")
    newer("apply", "--yes")
    for run in ("verify", "apply"):
        assert passed(newer(run, "--yes"))
    stored = world.stored("entry-bot")
    assert stored.client == client == world.account.bots()["routing-bot"]
    assert world.account.logs_in("routing-bot", *stored)


# 6: two machines, which share nothing but a sink


@told_in("command-once", kinds=SHARED)
@pytest.mark.parametrize(
    "after",
    [pytest.param(False, id="before", marks=pytest.mark.nightly), pytest.param(True, id="after")],
)
def test_another_machine_comes_while_one_makes_the_key(world: World, after: bool) -> None:
    here, there = two_machines(world)
    with world.account.holding("POST", KEYS, after=after) as key:
        first = here.start("apply", "--yes")
        assert key.reached()
        second = there("apply", "--yes")
    ended = first.ended()
    world.check()
    assert over(ended), str(second)
    assert over(second), str(ended)
    if ended.code and second.code:
        assert passed(here("apply", "--yes"))
    world.ends_well(here, there)


@told_in(kinds=SHARED, rules=(True,))
def test_another_machine_may_replace_a_key_whose_secret_nobody_has_yet(world: World) -> None:
    """It takes a key out of the way that another run is about to deliver, and that run sees it."""
    here = world.machine("here")
    there = world.machine("there", replaceLostKeys=True)
    with world.account.holding("POST", KEYS, after=True) as key:
        first = here.start("apply", "--yes")
        assert key.reached()
        second = there("apply", "--yes")
    ended = first.ended()
    world.check(retired=1)
    assert over(ended), str(second)
    assert over(second), str(ended)
    world.ends_well(here, there, retired=1)


@told_in(kinds=SHARED)
def test_another_machine_makes_everything_before_the_first_write(world: World) -> None:
    here, there = two_machines(world)
    with world.account.holding("POST", "skills") as skill:
        first = here.start("apply", "--yes")
        assert skill.reached()
        assert passed(there("apply", "--yes"))
        world.check()
        delivered = world.stored()
    ended = first.ended()
    assert world.stored() == delivered, str(ended)
    assert gave_way(ended, 6, 7)
    world.ends_well(here, there)
