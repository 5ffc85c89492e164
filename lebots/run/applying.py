"""What ``lebots apply`` does in the loop: makes the changes of a plan, proves them by a second."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from lebots.core.model.address import Address
from lebots.core.model.change import Action, Outcome, Status
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.core.model.options import PlanOptions
from lebots.core.model.plan import Plan
from lebots.documents.outcome import outcomes as outcome_document
from lebots.documents.text import dumps
from lebots.render.escape import value
from lebots.render.plain import plan as text
from lebots.run.change.proposal import ChangeSince
from lebots.run.executor import Held
from lebots.run.inputs.session import Reading, Session, Watcher
from lebots.run.loop import Words, converged
from lebots.run.receipts import Record


@dataclass
class Applying:
    """Manifests that an open account is made to agree with."""

    session: Session
    read_for: Sequence[Desired]
    findings: Sequence[Finding]
    asked: PlanOptions
    change: ChangeSince | None = None
    """What it keeps to; None: all that the manifests want."""

    words: ClassVar[Words] = Words(
        interrupted="interrupted; a new run does the rest",
        interrupted_at_the_end="interrupted",
        in_part="applied in part; a new run does the rest",
        refused="applied in part; the account refuses the rest until something is changed",
    )
    command: ClassVar[str] = "apply"
    warning: ClassVar[str] = ""
    failure: ClassVar[str] = ""
    next_steps: ClassVar[Sequence[str]] = ()

    @property
    def targets(self) -> tuple[Address, ...]:
        """What the run was narrowed to."""
        return self.asked.only

    def plan(self) -> tuple[Plan, Reading]:
        """What the manifests want, from a new reading of the account; or what the change does."""
        self._whole, reading = self.session.plan(self.read_for, self.findings, self.asked)
        if not self.change:
            return self._whole, reading
        asked = self.change.keeping(self.asked)
        kept = self.session.plan_from(reading, self.read_for, self.findings, asked)
        return self.change.told(kept, self._whole, self.session), reading

    def carry_out(
        self, plan: Plan, reading: Reading, held: Held, watcher: Watcher
    ) -> tuple[Outcome, ...]:
        """Makes the changes that are not held back."""
        return self.session.apply(plan, reading, held, watcher)

    def left_over(
        self, plan: Plan, reading: Reading, outcomes: Sequence[Outcome], record: Record
    ) -> Plan | None:
        """What a second plan still wants; a plan that wanted nothing proves itself.

        Where something is held back, that has nothing to do with it, and no receipt is clean.
        """
        if self.change and plan.proposed and plan.proposed.others:
            record.converged = False
            asked = self.change.keeping(self.asked)
            return self.session.left_over(self.read_for, asked)[0] if outcomes else None
        if not outcomes:
            record.proved(self._whole, reading, self.read_for)
            return None
        left, after = self.session.left_over(self.read_for, self.asked)
        record.proved(left, after, self.read_for)
        return left

    def report(
        self, plan: Plan, outcomes: Sequence[Outcome], left: Plan | None, *, json: bool
    ) -> str:
        """The outcomes for a program, a summary for people; no words where nothing was done."""
        proved = None if left is None else converged(left)
        if json:
            return dumps(outcome_document(outcomes, plan, proved))
        if left is None and all(outcome.status is Status.DONE for outcome in outcomes):
            return ""
        return text.summary(outcomes, converged=bool(proved), of=plan.proposed)

    def not_converged(self, left: Plan) -> str:
        """Each field that the account does not show as written."""
        lines = ["everything was written, but the account does not show it:"]
        lines += [f"  {finding}" for finding in left.refused]
        for change in left.writes:
            if change.action is Action.RENAME:
                lines.append(f"  {change.address}: is {value(change.was)} still; keep that name")
            fields = () if change.action is Action.DELETE else change.fields
            for part in fields:
                sides = f"is {value(part.before)}, must be {value(part.after)}"
                shown = "differs" if part.personal else sides
                lines.append(f"  {change.address}: {part.path} {shown}")
            if not (fields or change.action is Action.RENAME):
                lines.append(f"  {change.address}: must be {change.action}d")
        lines.append("write the value as the account does, or take the field out of the manifest")
        return "\n".join(lines)
