"""The terminal of a run that writes: shows the plan, asks, handles signals, shows each outcome."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from signal import SIGINT, SIGTERM, signal
from typing import Any

from lebots.cli.terminal import console, streams
from lebots.cli.terminal.options import Format
from lebots.core.model.change import Outcome
from lebots.core.model.finding import Finding
from lebots.core.model.kind import Kind
from lebots.core.model.plan import Plan
from lebots.render.plain.plan import outcome as drawn
from lebots.run.interruptible_sleep import InterruptibleSleep
from lebots.run.notices import message


@dataclass(frozen=True, slots=True)
class Terminal:
    """The screen of a run, whether somebody sits there or a program reads along."""

    format_: Format

    @property
    def json(self) -> bool:
        """Whether the result is for a program, and nothing but the result is printed to stdout."""
        return self.format_ is Format.JSON

    def show(self, text: str) -> bool:
        """Prints a result; whether stdout took it."""
        return console.result(text)

    def refuse(self, refused: Sequence[Finding]) -> None:
        """Ends the run where a plan is refused."""
        console.refuse(refused, shown=not self.json)

    def ask(self, question: str, ways: str, declined: str) -> None:
        """Raises Refused unless somebody says yes; ``ways`` are what to do where nobody can."""
        console.ask(question, ways, declined)

    @contextmanager
    def interruptible(self, wait: InterruptibleSleep) -> Iterator[Callable[[], bool]]:
        """The first signal lets the write in flight finish; the second one ends the run at once."""
        streams.acted()

        def note(number: int, frame: Any) -> None:
            if wait.stopped:
                raise KeyboardInterrupt
            wait.stopped = True

        before = {number: signal(number, note) for number in (SIGINT, SIGTERM)}
        try:
            yield lambda: wait.stopped
        finally:
            for number, handler in before.items():
                signal(number, handler)

    @contextmanager
    def progress(
        self, plan: Plan, kinds: Mapping[str, Kind]
    ) -> Iterator[Callable[[Outcome], None]]:
        """Shows each outcome as it comes: a line each, below them a bar on a terminal."""
        total = len(plan.writes)
        numbers = count(1)
        say = message if self.json else console.result

        def line(outcome: Outcome) -> None:
            say(drawn(outcome, next(numbers), total, kinds))

        if not (total and console.on_terminal(sys.stderr) and console.on_terminal(sys.stdout)):
            yield line
            return

        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("apply", total=total)

            def advance(outcome: Outcome) -> None:
                line(outcome)
                bar.advance(task)

            yield advance
