"""Two writers: the orders in which two runs can meet, and what must be left afterwards.

Every run is a process of its own on an account that they share. Where a run must stand still at a
certain point, the account keeps one of its requests.
"""

import re
from collections.abc import Callable, Sequence
from time import sleep
from typing import Any

import pytest

from tests.two_writers.conftest import Setting
from tests.two_writers.machine import Machine
from tests.two_writers.stores import KINDS, SHARED
from tests.two_writers.world import World, bot, gave_way, manifests, over, passed, renamed

pytestmark = pytest.mark.enable_socket


def told_in(
    *often: str, kinds: Sequence[str] = KINDS, rules: Sequence[bool] = (False, True)
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A story that is told with these sinks and rules; every run of the tests tells ``often``."""
    settings = [Setting(kind, once) for kind in kinds for once in rules]
    cases = [
        pytest.param(one, id=str(one), marks=() if str(one) in often else pytest.mark.nightly)
        for one in settings
    ]
    return pytest.mark.parametrize("world", cases, indirect=True)


WRITABLE = (False,)
"""Rules by which a key can be written back whole: not where its secret is shown once."""
CANNOT = 7
"""How a rotation ends whose first write would wipe the secret."""

ROTATE = ("rotate", "Key/routing-bot", "--yes")
KEYS = "installations"


def two_machines(world: World) -> tuple[Machine, Machine]:
    """Two folders, so that no file is shared but what the sink keeps."""
    return world.machine("here"), world.machine("there")


# 1: somebody sits at the question


@told_in("dotenv-again", "dotenv-once")
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
            read.let_go()
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


# 3: rotations


@told_in("dotenv-again")
def test_while_one_waits_for_an_answer_another_rotates(world: World) -> None:
    here = world.machine()
    assert passed(here("apply", "--yes"))
    waits = here.on_terminal(*ROTATE[:-1])
    waits.until("[y/N]")
    rotated = here(*ROTATE)
    assert rotated.code == (CANNOT if world.once else 0), str(rotated)
    delivered, written = world.stored(), world.account.writes
    waits.type("y\n")
    ended = waits.ended()
    assert world.stored() == delivered, str(ended)
    assert world.account.writes == written, str(ended)
    if not world.once:
        assert gave_way(ended, 6)
    world.ends_well(here, retired=1)


@told_in(rules=WRITABLE)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_one_rotates_while_another_does(world: World, method: str) -> None:
    here = world.machine()
    _meets_a_rotation(world, here, here, method, *ROTATE)


@told_in(kinds=SHARED, rules=WRITABLE)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_another_machine_rotates_while_one_does(world: World, method: str) -> None:
    _meets_a_rotation(world, *two_machines(world), method, *ROTATE)


@told_in(rules=WRITABLE)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_one_applies_while_another_rotates(world: World, method: str) -> None:
    here = world.machine()
    _meets_a_rotation(world, here, here, method, "apply", "--yes")


@told_in(kinds=SHARED, rules=WRITABLE)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_another_machine_applies_while_one_rotates(world: World, method: str) -> None:
    _meets_a_rotation(world, *two_machines(world), method, "apply", "--yes")


def _meets_a_rotation(
    world: World, here: Machine, there: Machine, method: str, *command: str
) -> None:
    """A rotation stands before its first or its second write while another run comes and goes."""
    assert passed(here("apply", "--yes"))
    with world.account.holding(method, KEYS) as hold:
        first = here.start(*ROTATE)
        assert hold.reached()
        second = there(*command)
    ended = first.ended()
    world.check(retired=1)
    assert over(second), str(ended)
    assert over(ended), str(second)
    if ended.code:
        assert passed(here(*ROTATE))
    world.ends_well(here, there, retired=1)


@told_in()
def test_one_rotates_while_another_applies(world: World) -> None:
    here = world.machine()
    _rotates_during_an_apply(world, here, here)


@told_in(kinds=SHARED, rules=WRITABLE)
def test_another_machine_rotates_while_one_applies(world: World) -> None:
    _rotates_during_an_apply(world, *two_machines(world))


def _rotates_during_an_apply(world: World, here: Machine, there: Machine) -> None:
    assert passed(here("apply", "--yes"))
    for machine in (here, there):
        machine.write("manifests/bots.yaml", manifests(bot(nickname="Eva")))
    with world.account.holding("PUT", "users") as hold:
        first = here.start("apply", "--yes")
        assert hold.reached()
        second = there(*ROTATE)
    ended = first.ended()
    world.check(retired=1)
    assert over(ended), str(second)
    assert world.once or over(second), str(ended)
    if ended.code:
        assert passed(here("apply", "--yes"))
    world.ends_well(here, there, retired=1)


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
