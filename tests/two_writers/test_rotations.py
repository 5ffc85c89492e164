"""Two writers of which one rotates a key, or both."""

import pytest

from tests.two_writers.machine import Machine
from tests.two_writers.stores import SHARED
from tests.two_writers.stories import KEYS, WRITABLE, told_in, two_machines
from tests.two_writers.world import World, bot, gave_way, manifests, over, passed

pytestmark = pytest.mark.enable_socket

ROTATE = ("rotate", "Key/routing-bot", "--yes")
CANNOT = 7
"""How a rotation ends whose first write would wipe the secret."""


@told_in()
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
