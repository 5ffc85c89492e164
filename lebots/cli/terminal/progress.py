"""What every command that writes has in common: it shows, asks, can be stopped, and tells."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from signal import SIGINT, SIGTERM, signal
from typing import TYPE_CHECKING, Any

from lebots.cli.terminal import streams
from lebots.cli.terminal.console import confirm, on_terminal, result
from lebots.cli.terminal.options import Format
from lebots.core.model.change import REMOVALS, Outcome
from lebots.core.model.desired import Desired
from lebots.core.model.plan import Plan
from lebots.core.planner import is_blocking
from lebots.errors import AppliedInPart, Refused, SomebodyElse
from lebots.run.notices import message

if TYPE_CHECKING:
    from lebots.run.account_lock import AccountLock
    from lebots.run.inputs.session import Reading, Session
    from lebots.run.interruptible_sleep import InterruptibleSleep


def drawn(plan: Plan, session: "Session", approved: str) -> str:
    """The plan; only its digest where a reviewer has seen this very plan before."""
    from lebots import __version__
    from lebots.core.compare.digest import plan_digest
    from lebots.render.plain import plan as text

    if approved == plan_digest(plan):
        return f"digest {approved}, as approved"
    places = session.places(plan)
    return text.plan(plan, session.kinds, version=__version__, places=places, proposal="")


def present(text: str, format_: Format, asks: bool) -> None:
    """Shows a plan that is to be carried out; where it is asked about, somewhere in any case."""
    if format_ is not Format.TEXT or (not result(text) and asks):
        message(text)


def ask(plan: Plan, account: str, ways: str = "--expect DIGEST, a saved plan, or --yes") -> None:
    """Asks whether the plan is meant; raises Refused where it is not, or nobody can be asked."""
    if not (on_terminal(sys.stdin) and on_terminal(sys.stderr)):
        raise Refused(f"nobody can be asked here; approve with {ways}")
    count = len(plan.writes)
    many = "this change" if count == 1 else f"these {count} changes"
    if removals := sum(change.action in REMOVALS for change in plan.writes):
        many += ", a removal," if count == 1 else f", {removals} of them removals,"
    if not confirm(f"Make {many} in account {account}?"):
        raise Refused("not confirmed; nothing was written")


@contextmanager
def alone(
    lock: "AccountLock",
    session: "Session",
    plan: Plan,
    reading: "Reading",
    desired: Sequence[Desired],
) -> Iterator[str]:
    """Keeps other runs out until the end; gives in words who was here since the plan, or nothing.

    A plan that writes nothing needs no lock.
    """
    from lebots.core.model.ports import moved

    if not plan.writes:
        yield ""
        return
    with lock.held() as others:
        found = [f"{others} ran on this account"] if others else []
        now = session.in_sinks(desired, reading.account)
        for address, seen in reading.sinks.holdings.items():
            held = now.holdings[address]
            if held != seen:
                found.append(moved(address, "its sink", seen, held))
        if now != reading.sinks and not found:
            found.append("a sink holds something else under a former name")
        yield "; ".join(found)


def require_same(agreed: Plan, now: Plan, who: str) -> None:
    """Raises SomebodyElse unless a plan made again is the one that somebody agreed to."""
    from lebots.core.compare.digest import plan_digest

    if plan_digest(agreed) == plan_digest(now) and not is_blocking(now.findings):
        return
    many = len(now.writes)
    left = f"a plan made now has {many} changes, not those that were agreed to"
    if is_blocking(now.findings):
        left = "; ".join(str(one) for one in now.findings if is_blocking([one]))
    elif not many:
        left = "by now nothing is left to change"
    raise SomebodyElse(
        f"somebody else was here since the plan: {who}\n{left}; this run wrote nothing, plan again"
    )


def check_met(outcomes: Sequence[Outcome]) -> None:
    """Raises SomebodyElse where a run met somebody before it wrote, AppliedInPart where after."""
    if not any(one.met for one in outcomes):
        return
    if any(one.wrote for one in outcomes):
        raise AppliedInPart("somebody else is at work here, so this run stopped; plan again")
    raise SomebodyElse("somebody else is at work here; this run wrote nothing, plan again")


@contextmanager
def interruptible(wait: "InterruptibleSleep") -> Iterator[Callable[[], bool]]:
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
    plan: Plan, session: "Session", format_: Format
) -> Iterator[Callable[[Outcome], None]]:
    """Shows each outcome as it comes: a line each, below them a bar on a terminal."""
    from lebots.render.plain.plan import outcome as drawn

    total = len(plan.writes)
    numbers = count(1)
    say = message if format_ is Format.JSON else result

    def line(outcome: Outcome) -> None:
        say(drawn(outcome, next(numbers), total, session.kinds))

    if not (total and on_terminal(sys.stderr) and on_terminal(sys.stdout)):
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
