"""Two writers that nobody attends: real processes, begun moments apart, round after round.

When each begins is drawn from a seed; what the machine makes of it is left to chance.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import sleep

import pytest

from tests.two_writers.account import served
from tests.two_writers.conftest import opened
from tests.two_writers.machine import Ended, Machine
from tests.two_writers.table import PROPERTY, Figures
from tests.two_writers.world import World, bot, manifests, over, passed

pytestmark = [pytest.mark.enable_socket, pytest.mark.nightly]

LATEST = 0.150
"""Seconds by which one may begin after the other."""
ROUNDS = 10

Begin = tuple[Machine, tuple[str, ...]]
"""A command and the machine it runs on."""

APPLY = ("apply", "--yes")
ROTATE = ("rotate", "Key/routing-bot", "--yes")


def two_applies(world: World) -> list[Begin]:
    """The same manifests, in one folder."""
    here = world.machine()
    return [(here, APPLY), (here, APPLY)]


def two_teams(world: World) -> list[Begin]:
    """Manifests that share the key and nothing else but what it needs, in one folder."""
    here = world.machine()
    here.write("one/bots.yaml", manifests())
    here.write("two/bots.yaml", manifests(bot("second-bot")))
    return [(here, (*APPLY, "one/")), (here, (*APPLY, "two/"))]


def three_of_one_digest(world: World) -> list[Begin]:
    """One approval, carried out three times."""
    here = world.machine()
    planned = here("plan", "--format", "json", "--out", "plan.json")
    assert passed(planned)
    digest = json.loads((here.folder / "plan.json").read_text())["digest"]
    return [(here, ("apply", "--expect", digest))] * 3


def two_machines(world: World) -> list[Begin]:
    """The same manifests, in two folders that share a sink."""
    return [(world.machine("here"), APPLY), (world.machine("there"), APPLY)]


def two_rotations(world: World) -> list[Begin]:
    """Of one key, in one folder."""
    here = world.machine()
    assert passed(here(*APPLY))
    return [(here, ROTATE), (here, ROTATE)]


def two_machines_rotate(world: World) -> list[Begin]:
    """One key, from two folders that share a sink."""
    here, there = world.machine("here"), world.machine("there")
    assert passed(here(*APPLY))
    return [(here, ROTATE), (there, ROTATE)]


def a_rotation_and_an_apply(world: World) -> list[Begin]:
    """Of one key, in one folder; the apply moves a field of the bot."""
    here = world.machine()
    assert passed(here(*APPLY))
    here.write("manifests/bots.yaml", manifests(bot(nickname="Eva")))
    return [(here, ROTATE), (here, APPLY)]


BOTH, AGAIN = (False, True), (False,)
CASES: list[tuple[Callable[[World], list[Begin]], str, tuple[bool, ...]]] = [
    (two_applies, "dotenv", BOTH),
    (two_applies, "command", BOTH),
    (two_applies, "vault", BOTH),
    (two_applies, "aws", BOTH),
    (two_teams, "dotenv", BOTH),
    (three_of_one_digest, "dotenv", BOTH),
    (two_machines, "command", BOTH),
    (two_machines, "vault", BOTH),
    (two_rotations, "dotenv", AGAIN),
    (two_machines_rotate, "vault", AGAIN),
    (two_machines_rotate, "command", AGAIN),
    (a_rotation_and_an_apply, "dotenv", AGAIN),
]
"""Who meets, on which sink, and whether the account shows secrets again or once."""


@dataclass
class Count:
    """How the rounds of one case ended."""

    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def cases() -> Iterator[object]:
    for begin, kind, rules in CASES:
        for once in rules:
            name = f"{begin.__name__}-{kind}-{'once' if once else 'again'}"
            yield pytest.param(begin, kind, once, id=name)


@pytest.mark.parametrize(("begin", "kind", "once"), list(cases()))
def test_rounds(
    begin: Callable[[World], list[Begin]],
    kind: str,
    once: bool,
    tmp_path: Path,
    certificates: Path,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    count = Count()
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        store = opened(kind, folder / "store", request)
        with served(folder / "account.db", certificates, once=once) as account:
            world = World(folder, account, store, once)
            try:
                _round(world, begin(world), Random(f"{request.node.name} {number}"), count)
            finally:
                world.close()
    record_property(
        PROPERTY,
        Figures(
            order=begin.__name__.replace("_", " "),
            sink=kind,
            secrets="once" if once else "again",
            rounds=ROUNDS,
            good=count.ends["good"],
            lost=count.ends["lost"],
            duplicates=count.ends["duplicates"],
            stuck=count.ends["stuck"],
            unclear=count.ends["unclear"],
            gave_way=count.ends["gave way"],
        ),
    )
    assert not count.wrong, "\n".join(count.wrong)


def _round(world: World, begins: list[Begin], chance: Random, count: Count) -> None:
    ended = _all_at_once(begins, chance)
    retired = int(any(command == ROTATE for _, command in begins))
    wrong = set(world.harms(retired))
    wrong |= {"unclear"} if not all(_clear(one) for one in ended) else set()
    count.ends["gave way"] += sum(one.code != 0 for one in ended)
    for machine in {id(machine): machine for machine, _ in begins}.values():
        last = machine(*APPLY)
        ended.append(last)
        wrong |= {"stuck"} if last.code else set()
    wrong |= world.harms(retired)
    count.ends.update(wrong or {"good"})
    if wrong:
        count.wrong.append(f"{sorted(wrong)}\n" + "\n".join(map(str, ended)))


def _all_at_once(begins: list[Begin], chance: Random) -> list[Ended]:
    runs = []
    for number, (machine, command) in enumerate(begins):
        if number:
            sleep(chance.uniform(0, LATEST))
        runs.append(machine.start(*command))
    return [run.ended() for run in runs]


def _clear(ended: Ended) -> bool:
    """Whether a run made all, or gave way and said so."""
    try:
        return over(ended)
    except AssertionError:
        return False
