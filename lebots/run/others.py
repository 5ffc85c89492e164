"""Notices other runs and people at work on the account, before and between writes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lebots.core.compare.digest import personal_values, plan_digest
from lebots.core.model.change import Outcome
from lebots.core.model.desired import Desired
from lebots.core.model.plan import Plan
from lebots.core.model.ports import moved
from lebots.core.planner import is_blocking
from lebots.errors import AppliedInPart, SomebodyElse
from lebots.next_steps import worded
from lebots.run.account_lock import AccountLock
from lebots.run.approval import MOVED
from lebots.run.executor import Held
from lebots.run.inputs.holdings import in_sinks
from lebots.run.inputs.session import Reading, Session


@contextmanager
def alone(
    lock: AccountLock, session: Session, plan: Plan, reading: Reading, desired: Sequence[Desired]
) -> Iterator[str]:
    """Keeps other runs out until the end; gives in words who was here since the plan, or nothing.

    A plan that writes nothing needs no lock.
    """
    if not plan.writes:
        yield ""
        return
    with lock.held() as others:
        found = [f"{others} ran on this account"] if others else []
        now = in_sinks(desired, reading.inventory, session.sinks)
        for address, seen in reading.sinks.holdings.items():
            held = now.holdings[address]
            if held != seen:
                found.append(moved(address, "its sink", seen, held))
        if now != reading.sinks and not found:
            found.append("a sink holds something else under a previous name")
        yield "; ".join(found)


def require_same(agreed: Plan, now: Plan, who: str) -> None:
    """Raises SomebodyElse unless a plan made again is the one that somebody agreed to."""
    same = plan_digest(agreed) == plan_digest(now) and not moved_personally(agreed, now)
    if same and not is_blocking(now.findings):
        return
    many = len(now.writes)
    left = f"a plan made now has {many} changes, not those that were approved"
    if is_blocking(now.findings):
        left = "; ".join(str(worded(one)) for one in now.findings if is_blocking([one]))
    elif not many:
        left = "now nothing is left to change"
    raise SomebodyElse(
        f"somebody else was here since the plan: {who}\n{left}; this run wrote nothing, plan again"
    )


def moved_personally(agreed: Plan, now: Plan) -> Held:
    """The changes whose personal values are others now; without a key, no digest tells."""
    then = personal_values(agreed)
    return {
        change: f"{MOVED}: a personal value"
        for change, values in personal_values(now).items()
        if then.get(change, values) != values
    }


def check_met(outcomes: Sequence[Outcome]) -> None:
    """Raises SomebodyElse where a run met somebody before it wrote, AppliedInPart where after."""
    if not any(one.met for one in outcomes):
        return
    if any(one.wrote for one in outcomes):
        raise AppliedInPart("somebody else is at work here, so this run stopped; plan again")
    raise SomebodyElse("somebody else is at work here; this run wrote nothing, plan again")
