"""Two runs at once: no credential is lost, one key is made, and the loser knows when to stop."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from lebots.run import loop
from lebots.run.executor.deposit import Deposit
from tests.night import by_day
from tests.simulation.table import PROPERTY, Figures
from tests.simulation.test_key_protocol import BRANCHES
from tests.simulation.test_rotation_protocol import KEY, Rotated
from tests.simulation.two import YES, Case, TwoRuns, Went, drawn
from tests.simulation.world import UNTOUCHED, World

MOST_RUNS = 8
DRAWN, DRAWN_AT_NIGHT = 4, 600
"""How many schedules with faults are drawn; there are millions."""
ORDERS = 2
"""How many orders without any fault are played by day."""
AT_ITS_QUESTION = Case(3, 10_000)
"""The first run has planned; before it goes on, the second does everything."""
CODES = {0, 5, 6, 7, "crash"}
ROTATE = ("rotate", str(KEY), "--yes", "--grace=0")


def wrong(went: tuple[Went, Went]) -> Iterator[str]:
    """What no run may do, whatever strikes it and whoever is there too."""
    for one in went:
        if one.code not in CODES:
            yield f"ended with {one.code}"
        if one.code == 6 and one.wrote:
            yield "wrote and says that it did not"
        if (
            one.code == 6
            and "CALLS" in one.told
            and not any(w in one.told for w in ("somebody else", "another run"))
        ):
            yield "does not say that somebody else was there"


def end(world: World, command: tuple[str, ...] = YES) -> str:
    """What is wrong once a run has said that everything is done; empty if nothing is."""
    for _ in range(MOST_RUNS):
        if world.run(UNTOUCHED, command).done:
            return world.bad_end()
    return "stuck"


def cases(runs: TwoRuns, amount: int, *, every: bool) -> Iterator[Case]:
    """A seeded choice with at most one fault in each run; ``every`` order without any, or a few."""
    start = runs.world.now()
    alone = runs.play(Case(10_000, 1))
    runs.world.back_to(start)
    second = runs.play(Case(0, 10_000))
    length = len(alone[0].passed)
    chance = Random(f"{runs.commands} {runs.machines}")
    yield from (drawn(chance, alone[0], second[1]) for _ in range(amount))
    orders = [Case(i, j) for i in range(length) for j in range(1, length)]
    yield from orders if every else chance.sample(orders, ORDERS)


def played(runs: TwoRuns, *, night: bool, ends: Callable[[World], str]) -> Counter[str]:
    """How many schedules come to each end."""
    start, found = runs.world.now(), Counter[str]()
    for case in cases(runs, DRAWN_AT_NIGHT if night else DRAWN, every=night):
        runs.world.back_to(start)
        went = runs.play(case)
        faults = case.struck != (UNTOUCHED, UNTOUCHED)
        bad = [*wrong(went), *([] if faults else [_at_once(runs, went)])]
        found[next((one for one in (*bad, ends(runs.world)) if one), "")] += 1
    return found


def _at_once(runs: TwoRuns, went: tuple[Went, Went]) -> str:
    """What is wrong before any other run, where nothing struck either of the two.

    Both may rotate, one after the other, and each leaves an application behind; a rotation that
    gave way is not over yet.
    """
    if ROTATE not in runs.commands:
        return runs.world.bad_end()
    assert isinstance(runs.world, Rotated)
    rotated = [one.code for one, did in zip(went, runs.commands, strict=True) if did == ROTATE]
    return runs.world.bad_end(len(rotated) - 1) if 0 in rotated else ""


NIGHT = pytest.mark.parametrize("night", [False, pytest.param(True, marks=pytest.mark.nightly)])


@NIGHT
@pytest.mark.parametrize("machines", [1, 2])
@pytest.mark.parametrize("lag", by_day([0, 3], [3]))
@pytest.mark.parametrize("branch", BRANCHES)
def test_two_runs_make_one_key_whose_secret_works(
    branch: str,
    lag: int,
    machines: int,
    night: bool,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    world = World(tmp_path / "project", readable=BRANCHES[branch], lag=lag)
    runs = TwoRuns(world, machines=machines)
    found = played(runs, night=night, ends=end)
    name = f"{'near' if machines == 1 else 'far'} {branch.split()[-1]}"
    record_property(PROPERTY, _figures(name, lag, runs, found))
    assert set(found) == {""}, found


@NIGHT
@pytest.mark.parametrize("machines", by_day([1, 2], [2]))
@pytest.mark.parametrize("commands", [(ROTATE, ROTATE), (ROTATE, YES), (YES, ROTATE)], ids=str)
def test_a_rotation_that_is_not_alone_loses_no_credential(
    commands: Any,
    machines: int,
    night: bool,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    world = Rotated(tmp_path / "project")
    world.at.tick = lambda: world.sleep(1.0)
    runs = TwoRuns(world, commands, machines)
    found = played(runs, night=night, ends=_rotated_end)
    names = "+".join(command[0] for command in commands)
    record_property(PROPERTY, _figures(names, 0, runs, found))
    assert set(found) == {""}, found


def test_an_announcement_in_place_of_a_credential_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As lebots once did it: the first run is at its question while the second does everything."""

    @contextmanager
    def alone(*about: object) -> Iterator[str]:
        yield ""

    def announce(self: Deposit) -> None:
        sink: Any = self.sink
        sink.held.pop(self.address.name, None)

    monkeypatch.setattr(loop, "alone", alone)
    monkeypatch.setattr(Deposit, "announce", announce)
    world = World(tmp_path / "project")
    first, second = TwoRuns(world, machines=2).play(AT_ITS_QUESTION)
    assert (first.code, second.code) == (6, 0)
    assert world.bad_end() == "lost"


def test_the_same_order_ends_well(tmp_path: Path) -> None:
    world = World(tmp_path / "project", readable=False)
    first, second = TwoRuns(world, machines=2).play(AT_ITS_QUESTION)
    assert (first.code, first.wrote, second.code) == (6, 0, 0)
    assert "its sink holds the credential of id" in first.told
    assert world.bad_end() == ""


def _rotated_end(world: World) -> str:
    """After all that was begun is over: one key is on, its secret works, and both bots have it."""
    assert isinstance(world, Rotated)
    for _ in range(MOST_RUNS):
        if world.run(UNTOUCHED, ROTATE).done and world.on == [KEY.name]:
            return world.bad_end(MOST_RUNS)
    return "stuck"


def _figures(branch: str, lag: int, runs: TwoRuns, found: Counter[str]) -> Figures:
    return Figures(
        branch=branch,
        lag=lag,
        faults=2,
        schedules=found.total(),
        good=found[""],
        duplicates=found["dup"],
        lost=found["lost"],
        stuck=found["stuck"],
        runs=runs.played,
        keys=1,
        hits=0,
    )
