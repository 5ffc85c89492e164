"""The loop of ``apply`` and ``rotate``: show, approve, lock, carry out, prove, record, exit."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lebots import __version__
from lebots.core.compare.digest import plan_digest
from lebots.core.model.address import Address
from lebots.core.model.change import REMOVALS, Outcome, Status
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Kind
from lebots.core.model.plan import Plan
from lebots.errors import AccountError, AppliedInPart, Interrupted
from lebots.render.plain import plan as text
from lebots.run.account_lock import AccountLock
from lebots.run.approval import Agreement
from lebots.run.executor import Held
from lebots.run.inputs.session import Reading, Session, Watcher
from lebots.run.interruptible_sleep import InterruptibleSleep
from lebots.run.notices import gate, message
from lebots.run.others import alone, check_met, moved_personally, require_same
from lebots.run.presence import with_presence
from lebots.run.receipts import Record, Records, recorded


@dataclass(frozen=True, slots=True)
class Words:
    """What a run says where it does not end as it was meant to."""

    interrupted: str
    interrupted_at_the_end: str
    in_part: str
    refused: str
    """Instead of ``in_part`` where the account refuses something for good."""


class Undertaking(Protocol):
    """What one command does to an account, and in which words."""

    @property
    def session(self) -> Session:
        """The open account."""

    @property
    def words(self) -> Words:
        """What it says."""

    @property
    def warning(self) -> str:
        """What to know before agreeing; empty where there is nothing."""

    @property
    def failure(self) -> str:
        """Why it failed though every write that was begun is done; empty where it did not."""

    @property
    def command(self) -> str:
        """Its name."""

    @property
    def targets(self) -> tuple[Address, ...]:
        """What the run is narrowed to; none means all."""

    @property
    def next_steps(self) -> Sequence[str]:
        """What is still to do though all went well."""

    @property
    def read_for(self) -> Sequence[Desired]:
        """The manifests whose secrets it looks for in sinks."""

    def plan(self) -> tuple[Plan, Reading]:
        """What is to be done, from a new reading of the account."""

    def carry_out(
        self, plan: Plan, reading: Reading, held: Held, watcher: Watcher
    ) -> tuple[Outcome, ...]:
        """Makes the changes that are not held back."""

    def left_over(
        self, plan: Plan, reading: Reading, outcomes: Sequence[Outcome], record: Record
    ) -> Plan | None:
        """What a new plan still wants; None where no new plan was made.

        One of all manifests is noted in the record.
        """

    def report(
        self, plan: Plan, outcomes: Sequence[Outcome], left: Plan | None, *, json: bool
    ) -> str:
        """How it ended; empty where there is nothing to say."""

    def not_converged(self, left: Plan) -> str:
        """What to say where the account does not show what was written."""


class Screen(Protocol):
    """Where a run is seen and asked about."""

    @property
    def json(self) -> bool:
        """Whether a program reads the result."""

    def show(self, text: str) -> bool:
        """Prints a result; whether it was taken."""

    def refuse(self, refused: Sequence[Finding]) -> None:
        """Ends the run where there is such a finding."""

    def ask(self, question: str, ways: str, declined: str) -> None:
        """Raises Refused unless somebody says yes."""

    def interruptible(self, wait: InterruptibleSleep) -> AbstractContextManager[Callable[[], bool]]:
        """Tells whether somebody wants the run to end."""

    def progress(
        self, plan: Plan, kinds: Mapping[str, Kind]
    ) -> AbstractContextManager[Callable[[Outcome], None]]:
        """Shows each outcome as it comes."""


def run(work: Undertaking, screen: Screen, agreement: Agreement, records: Records) -> None:
    """Carries an undertaking out; raises what the exit code stands for where it does not end well.

    Where somebody else was here since the plan, it is made again and must be the same one.
    """
    session = work.session
    lock = AccountLock(Path(), session.client.account, session.wait)
    plan, reading = work.plan()
    held = _approved(work, plan, reading.inventory, screen, agreement)
    with alone(lock, session, plan, reading, work.read_for) as others:
        if others:
            now, reading = work.plan()
            held = _still_agreed(plan, now, agreement, others)
            plan = now
        record = Record(session, plan, work.command, work.targets, records.started)
        with recorded(record, records):
            _carry_out(work, reading, held, screen, record)


def converged(left: Plan) -> bool:
    """Whether a plan wants nothing; one that was refused cannot tell."""
    return not (left.writes or left.refused)


def _approved(
    work: Undertaking, plan: Plan, inventory: Inventory, screen: Screen, agreement: Agreement
) -> Held:
    """Makes sure that somebody agreed to the plan; what of it nobody did is held back."""
    if plan.refused and not screen.json:
        screen.show(_drawn(plan, inventory, work.session))
    screen.refuse(plan.refused)
    held = agreement.held(plan)
    asks = agreement.asks and bool(plan.writes)
    drawn = (
        "" if screen.json and not asks else _drawn(plan, inventory, work.session, agreement.seen)
    )
    # Whoever is asked sees the plan, wherever the result goes.
    if drawn and (screen.json or (not screen.show(drawn) and asks)):
        message(drawn)
    if asks:
        if work.warning:
            message(work.warning)
        screen.ask(
            f"Make {_counted(plan)} in account {work.session.name}?",
            "approve with --expect DIGEST, a saved plan, or --yes",
            "nothing was written",
        )
    return held


def _drawn(plan: Plan, inventory: Inventory, session: Session, seen: str = "") -> str:
    """The plan; only its digest where a reviewer has seen this very plan before."""
    if seen == plan_digest(plan) and not (plan.rules and plan.rules.unused):
        return f"digest {seen}, as approved"
    plan = with_presence(plan, inventory, session)
    places = session.places(plan)
    return text.plan(plan, session.kinds, version=__version__, places=places, proposal="")


def _counted(plan: Plan) -> str:
    count = len(plan.writes)
    many = "this change" if count == 1 else f"these {count} changes"
    if removals := sum(change.action in REMOVALS for change in plan.writes):
        many += ", a removal," if count == 1 else f", {removals} of them removals,"
    return many


def _still_agreed(plan: Plan, now: Plan, agreement: Agreement, who: str) -> Held:
    """What of a plan made again nobody agreed to; a saved plan agrees change by change."""
    if agreement.saved and now.writes:
        gate(now.findings, show=False)
        message(f"somebody else was here since the plan: {who}")
        return {**agreement.saved.held(now), **moved_personally(plan, now)}
    require_same(plan, now, who)
    return {}


def _carry_out(
    work: Undertaking, reading: Reading, held: Held, screen: Screen, record: Record
) -> None:
    """Makes the changes and proves that nothing is left; raises where something is."""
    session, plan = work.session, record.plan
    with (
        screen.interruptible(session.wait) as stopped,
        screen.progress(plan, session.kinds) as observe,
    ):
        watcher = record.noting(Watcher(observe, stopped))
        outcomes = work.carry_out(plan, reading, held, watcher)
    done = all(outcome.status is Status.DONE for outcome in outcomes)
    left = None
    try:
        if done and not (stopped() or work.failure):
            left = work.left_over(plan, reading, outcomes, record)
            record.next_steps = work.next_steps
    except AccountError as error:
        words = "everything was written, but the account cannot be read again"
        raise AccountError(f"{words}: {error}") from None
    finally:
        if told := work.report(plan, outcomes, left, json=screen.json):
            screen.show(told)
    check_met(outcomes)
    if stopped():
        raise Interrupted(work.words.interrupted_at_the_end if done else work.words.interrupted)
    if work.failure:
        raise AccountError(work.failure)
    if not done:
        refused = any(outcome.final for outcome in outcomes)
        raise AppliedInPart(work.words.refused if refused else work.words.in_part)
    unproved = [work.not_converged(left)] if left and not converged(left) else []
    if unproved or any(outcome.beside for outcome in outcomes):
        raise AppliedInPart("\n".join([*unproved, *_beside(outcomes)]))


def _beside(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What the account changed by itself, object by object."""
    moved = [outcome for outcome in outcomes if outcome.beside]
    if moved:
        yield "the account changed more than what was written:"
        yield from (f"  {one.change.address}: {', '.join(one.beside)}" for one in moved)
        yield "look at that in the account; what a manifest declares, the next apply puts right"
