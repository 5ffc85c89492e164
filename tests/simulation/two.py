"""Two runs of lebots in one world, each step of either at the moment a schedule says.

Both run for real, each in a thread of its own of which only one moves at a time: one hands over to
the other where the schedule says so, or where it waits. In one folder they share the lock of the
account; in two, as on two machines, they do not.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import StringIO
from math import inf
from pathlib import Path
from random import Random
from shutil import rmtree
from threading import Semaphore, Thread, current_thread
from typing import Any, NamedTuple
from unittest.mock import patch

import httpx

from lebots.account.client import Client
from lebots.account.gateway import Gateway
from lebots.cli import main
from lebots.core.model.options import AccountPolicy
from lebots.core.model.ports import Credential
from lebots.run.inputs.session import Session
from lebots.run.interruptible_sleep import InterruptibleSleep
from tests.simulation.ports import Boundaries, Crash, Port, Schedule, Vault
from tests.simulation.world import KINDS, START, UNTOUCHED, World, opening

ONE, OTHER = "one", "other"
BOTH = (ONE, OTHER)
YES = ("apply", "--yes")


class Case(NamedTuple):
    """When the first run hands over to the second, and that back; what strikes each of them."""

    first: float
    second: float
    struck: tuple[Schedule, Schedule] = (UNTOUCHED, UNTOUCHED)


class Went(NamedTuple):
    """How one of two runs went."""

    code: object
    wrote: int
    """How many objects and credentials it wrote."""
    told: str
    passed: tuple[tuple[str, ...], ...]


class Turns:
    """Whose turn it is."""

    def __init__(self, first: float, second: float, folders: dict[str, Path]) -> None:
        self.turn, self._left = ONE, [(OTHER, second), (ONE, inf), (OTHER, inf)]
        self._steps, self._folders = first, folders
        self._gates = {name: Semaphore(0) for name in BOTH}
        self._ended: set[str] = set()
        self.told = {name: StringIO() for name in BOTH}

    def come(self, me: str) -> None:
        """Waits until it is the turn of this run, and lets it see its own folder and streams."""
        self._gates[me].acquire()
        os.chdir(self._folders[me])
        sys.stdout = sys.stderr = self.told[me]

    def step(self, me: str) -> None:
        """Called at each boundary."""
        while self._steps < 1 and self._left:
            name, self._steps = self._left.pop(0)
            self._hand_over(me, name)
        self._steps -= 1

    def rest(self, me: str) -> None:
        """Called where a run waits: the other goes on until it waits too, or ends."""
        self._steps = inf
        self._hand_over(me, _other(me))

    def end(self, me: str) -> None:
        """Called when a run has ended."""
        self._ended.add(me)
        self._steps = inf
        self.turn = _other(me)
        self._gates[self.turn].release()

    def begin(self) -> None:
        """Lets the first run go."""
        self._gates[ONE].release()

    def _hand_over(self, me: str, name: str) -> None:
        if name == me or name in self._ended:
            return
        self.turn = name
        self._gates[name].release()
        self.come(me)
        self.turn = me


def _other(name: str) -> str:
    return OTHER if name == ONE else ONE


@dataclass
class TwoRuns:
    """Two commands in a world that outlives them."""

    world: World
    commands: tuple[Sequence[str], Sequence[str]] = (YES, YES)
    machines: int = 1
    """With two of them the runs share no lock."""
    played: int = field(init=False, default=0)

    def play(self, case: Case) -> tuple[Went, Went]:
        """Both runs, from the world as it is to the end of both."""
        self.played += 1
        here, streams = Path.cwd(), (sys.stdout, sys.stderr)
        folders = {ONE: self.world.folder, OTHER: self.world.folder}
        if self.machines > 1:
            folders[OTHER] = self.world.folder.with_name("other machine")
        for folder in folders.values():
            _fill(folder, self.world.files)
        self.turns = Turns(case.first, case.second, folders)
        self.at = {name: self._boundaries(name) for name in BOTH}
        self.wrote = dict.fromkeys(BOTH, 0)
        codes: dict[str, object] = {}
        threads = [
            Thread(target=self._run, args=(command, struck, codes), name=name, daemon=True)
            for name, command, struck in zip(BOTH, self.commands, case.struck, strict=True)
        ]
        try:
            with self._patched():
                for thread in threads:
                    thread.start()
                self.turns.begin()
                for thread in threads:
                    thread.join(60)
        finally:
            os.chdir(here)
            sys.stdout, sys.stderr = streams
        one, other = (
            Went(
                codes.get(name, "stuck"),
                self.wrote[name],
                self.turns.told[name].getvalue(),
                tuple(self.at[name].passed),
            )
            for name in BOTH
        )
        return one, other

    def _boundaries(self, name: str) -> Boundaries:
        def tick() -> None:
            self.turns.step(name)
            self.world.sleep(1.0)

        return Boundaries(tick)

    def _run(self, command: Sequence[str], struck: Schedule, codes: dict[str, object]) -> None:
        me = current_thread().name
        self.at[me].begin(struck)
        self.turns.come(me)
        try:
            main(command)
        except SystemExit as ended:
            codes[me] = ended.code
        except Crash:
            codes[me] = "crash"
        finally:
            self.turns.end(me)

    @contextmanager
    def _patched(self) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(opening(lambda *about, **more: self._open()))
            # Only the main thread of a process may say what a signal does.
            for module in ("lebots.cli", "lebots.cli.terminal.screen"):
                stack.enter_context(patch(f"{module}.signal", lambda number, handler: None))
            yield

    @contextmanager
    def _open(self) -> Iterator[Session]:
        me, world = current_thread().name, self.world

        def sleep(seconds: float) -> None:
            world.sleep(seconds)
            self.turns.rest(me)

        transport = httpx.WSGITransport(app=self._answer)
        with httpx.Client(transport=transport, trust_env=False) as http:
            client = Client(world.sandbox.account, http, lambda service: "https://sandbox.test")
            yield Session(
                name="simulated",
                client=client,
                port=Port(Gateway(client, KINDS), self.at[me]),
                sinks={"default": self._vault(me)},
                kinds=KINDS,
                wait=InterruptibleSleep(sleep=sleep, clock=lambda: world.tenths / 10),
                now=lambda: START + world.hours * 3600,
                allowed=AccountPolicy(replace_lost=world.replace_lost),
            )

    def _vault(self, me: str) -> Vault:
        held = self.world.vault
        return _Counting(
            self.at[me], lambda id_: None, "default", held.held, held.notes, self._wrote
        )

    def _wrote(self) -> None:
        self.wrote[current_thread().name] += 1

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: Any, *rest: Any) -> Any:
            reads = environ["REQUEST_METHOD"] == "GET" or environ["PATH_INFO"].endswith(AGENT_VIEW)
            if status.startswith("2") and not reads:
                self._wrote()
            return start_response(status, headers, *rest)

        return self.world.sandbox.app(environ, start)


AGENT_VIEW = "/agent_view"
"""The end of the path of a POST that only reads."""


@dataclass
class _Counting(Vault):
    wrote: Any = None

    def write(self, credential: Credential, replaces: str | None) -> None:
        before = self.held.get(credential.key)
        try:
            super().write(credential, replaces)
        finally:
            if self.held.get(credential.key) is not before:
                self.wrote()


def _fill(folder: Path, files: Any) -> None:
    rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def drawn(chance: Random, one: Went, other: Went) -> Case:
    """A case with at most one fault in each run; ``one`` and ``other`` tell how long they are."""
    longest = max(len(one.passed), len(other.passed))
    struck = tuple(_struck(chance, went) for went in (one, other))
    return Case(chance.randrange(longest + 1), chance.randrange(1, longest + 2), struck)  # type: ignore[arg-type]


def _struck(chance: Random, went: Went) -> Schedule:
    if chance.random() < 1 / 3:
        return UNTOUCHED
    at = chance.randrange(len(went.passed))
    return {at: chance.choice(went.passed[at])}
