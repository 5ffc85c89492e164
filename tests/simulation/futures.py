"""Every schedule of faults, without doing the same thing twice.

A schedule strikes some boundaries of some runs, and a run depends on nothing but the moment it
starts from and the faults that strike it. So each run from each moment is carried out once; how
many schedules come to which end is then only counted. ``one_by_one`` plays schedules from beginning
to end instead, to prove that this comes to the same.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.simulation.ports import Schedule
from tests.simulation.world import APPLY, UNTOUCHED, Moment, Ran, World

MOST_RUNS = 8
"""Runs until one says that it is done; after that there is one more."""

Struck: TypeAlias = tuple[tuple[int, str], ...]
"""The boundaries of one run that are struck, in order, each with the fault."""

End: TypeAlias = tuple[str, bytes]
"""What is wrong in the end, or nothing, and the moment at which things stopped."""


@dataclass
class Futures:
    """All ways in which things can go on in a world."""

    world: World
    commands: Sequence[Sequence[str]] = (APPLY,)
    """Each run is carried out with each of these; they must come to the same."""
    every: int = 1
    """Only every so-manieth boundary of a run is struck."""
    wrongs: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    """How many runs were carried out."""
    made: int = 0
    """The most keys that one of them made."""
    _moments: dict[bytes, Moment] = field(default_factory=dict)
    _ways: dict[tuple[bytes, Struck], tuple[Ran, bytes]] = field(default_factory=dict)
    _ends: dict[tuple[bytes, int, int], Counter[End]] = field(default_factory=dict)

    def ends(self, most: int) -> Counter[End]:
        """How many schedules of at most so many faults come to each end."""
        return self._after(self._noted(), most, MOST_RUNS)

    def look(self, command: Sequence[str]) -> None:
        """Carries out one more command at every moment that was met."""
        for moment in list(self._moments.values()):
            self._run(moment, UNTOUCHED, command)

    def _after(self, start: bytes, faults: int, runs: int) -> Counter[End]:
        """The ends of what can follow a moment; no ``runs`` are left once everything is done."""
        known = (start, faults, runs)
        if known not in self._ends:
            self._ends[known] = Counter()
            for struck, ran, after in self._each_way(start, faults):
                self._ends[known] += self._beyond(after, faults - len(struck), runs, ran.done)
        return self._ends[known]

    def _beyond(self, after: bytes, faults: int, runs: int, done: bool) -> Counter[End]:
        if not runs:
            self.world.back_to(self._moments[after])
            return Counter([(self.world.bad_end(), after)])
        if done:
            return self._after(after, faults, 0)
        return self._after(after, faults, runs - 1) if runs > 1 else Counter([("stuck", after)])

    def _each_way(
        self, start: bytes, faults: int, struck: Struck = ()
    ) -> Iterator[tuple[Struck, Ran, bytes]]:
        """Every way in which one run can go, with the moment it leads to."""
        ran, after = self._way(start, struck)
        yield struck, ran, after
        if len(struck) < faults:
            first = struck[-1][0] + 1 if struck else 0
            for boundary in range(first, len(ran.passed), self.every):
                for fault in ran.passed[boundary]:
                    yield from self._each_way(start, faults, (*struck, (boundary, fault)))

    def _way(self, start: bytes, struck: Struck) -> tuple[Ran, bytes]:
        known = (start, struck)
        if known not in self._ways:
            moment, schedule = self._moments[start], dict(struck)
            first, *others = (self._run(moment, schedule, command) for command in self.commands)
            same = [(ran.done, ran.passed, after) for ran, after in (first, *others)]
            assert same == same[:1] * len(same), "how a run prints must not change what it does"
            self._ways[known] = first
        return self._ways[known]

    def _run(self, start: Moment, schedule: Schedule, command: Sequence[str]) -> tuple[Ran, bytes]:
        self.world.back_to(start)
        ran = self.world.run(schedule, command)
        self.runs += 1
        self.made = max(self.made, ran.made)
        self.wrongs.update(ran.wrongs)
        self.hits.update(ran.hits)
        return ran, self._noted()

    def _noted(self) -> bytes:
        moment = self.world.now()
        return self._moments.setdefault(moment.key, moment).key


def one_by_one(
    most: int, make: Callable[[], World], schedule: Schedule = UNTOUCHED
) -> Iterator[End]:
    """The end of every schedule of at most so many faults, each played from the very beginning."""
    world = make()
    end, passed = play(world, schedule)
    yield end, world.now().key
    world.sandbox.close()
    if len(schedule) < most:
        for boundary in range(max(schedule, default=-1) + 1, len(passed)):
            for fault in passed[boundary]:
                yield from one_by_one(most, make, {**schedule, boundary: fault})


def play(world: World, schedule: Schedule) -> tuple[str, Sequence[tuple[str, ...]]]:
    """Runs until one is done, and once more at once; boundaries count over all runs.

    Gives what is wrong in the end, or nothing, and the faults that could strike at each boundary.
    """
    passed: list[tuple[str, ...]] = []

    def run() -> bool:
        ran = world.run({at - len(passed): fault for at, fault in schedule.items()})
        passed.extend(ran.passed)
        return ran.done

    if not any(run() for _ in range(MOST_RUNS)):
        return "stuck", passed
    run()
    return world.bad_end(), passed
