"""What ``lebots rotate`` does in the loop: replaces one key in one account, step by step."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf
from typing import ClassVar

from lebots.core.checks.logins import Ended
from lebots.core.compare.rotated_names import formers
from lebots.core.model.address import Address
from lebots.core.model.change import REMOVALS, Outcome, Status
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory, needed
from lebots.core.model.live import Live
from lebots.core.model.options import RotationOptions, RotationRequest
from lebots.core.model.plan import Plan
from lebots.core.rotate import plan as rotation
from lebots.core.rotate.plan import Rotation
from lebots.core.rotate.state import rotatable
from lebots.core.vendor.codec import identity
from lebots.documents.outcome import outcomes as outcome_document
from lebots.documents.reports.rotation import REQUEST, request, waiting
from lebots.documents.text import dumps
from lebots.errors import AccountError
from lebots.render.plain import plan as text
from lebots.render.plain.rotation import next_steps
from lebots.run.executor import Held
from lebots.run.inputs.session import SETTLE, SETTLE_READS, Reading, Session, Watcher, unfinished
from lebots.run.logins import line, logins_of, tried_all, warn
from lebots.run.loop import Words, converged
from lebots.run.notices import message
from lebots.run.receipts import Record

_HOUR = 3600.0


@dataclass
class Rotating:
    """A key whose rotation is begun, or gone on with, in an open account."""

    session: Session
    desired: Sequence[Desired]
    asked: RotationRequest

    failure: str = field(default="", init=False)
    _found: Rotation = field(init=False, repr=False)
    _left: Rotation | None = field(default=None, init=False)

    words: ClassVar[Words] = Words(
        interrupted="interrupted; the same command does the rest",
        interrupted_at_the_end="interrupted; the same command does the rest",
        in_part="rotated in part; the same command does the rest",
        refused="rotated in part; the account refuses the rest until something is changed",
    )

    command: ClassVar[str] = "rotate"

    @property
    def key(self) -> Address:
        """The key that is rotated."""
        return self.asked.key

    @property
    def targets(self) -> tuple[Address, ...]:
        """A rotation is of one key."""
        return (self.key,)

    @property
    def warning(self) -> str:
        """What a login does to a bot that runs."""
        return "With --verify a login ends the session each moved bot has now." * self.asked.verify

    @property
    def read_for(self) -> Sequence[Desired]:
        """The manifest of the key; a rotation looks into no sink for anything else."""
        return [replace(one, previously=()) for one in self.desired if one.address == self.key]

    def plan(self) -> tuple[Plan, Reading]:
        """What is left to do, from a reading of the account that does not lag behind writes."""
        self._found, reading = self.find()
        return self._found.plan, reading

    def find(self) -> tuple[Rotation, Reading]:
        """How far the rotation is, with what is left to do."""
        rotatable(self.desired, self.session.kinds, self.key)
        reading = self._read()
        found = self._planned(reading, begin=True)
        if found.plan.refused:
            return found, reading
        reading = self._settled(reading)
        return self._planned(reading, begin=True), reading

    def carry_out(
        self, plan: Plan, reading: Reading, held: Held, watcher: Watcher
    ) -> tuple[Outcome, ...]:
        """Makes the changes; where bots were moved and cannot get in, nothing ends."""
        if not (self.asked.verify and plan.writes):
            return self.session.apply(plan, reading, held, watcher)
        first = [change for change in plan.writes if change.action not in REMOVALS]
        ends = [change for change in plan.writes if change.action in REMOVALS]
        moved = replace(plan, changes=tuple(first))
        outcomes = self.session.apply(moved, reading, held, watcher)
        if all(one.status is Status.DONE for one in outcomes) and not watcher.stopped():
            why = self.failure = self._failed_logins(plan)
        else:
            why = "not started: what comes before it is not done"
        if why:
            blocked = [Outcome(change, Status.BLOCKED, change.id, why) for change in ends]
            for one in blocked:
                watcher.observe(one)
            return (*outcomes, *blocked)
        last = replace(plan, changes=tuple(replace(change, depends_on=()) for change in ends))
        return (*outcomes, *self.session.apply(last, reading, held, watcher))

    def left_over(
        self, plan: Plan, reading: Reading, outcomes: Sequence[Outcome], record: Record
    ) -> Plan | None:
        """What is left right after a run, without another rotation that could begin.

        It is no plan of all manifests, so that the record keeps the baseline of an earlier run.
        """
        self._left = self._found
        if outcomes:
            look, words = self._looked, lambda found: unfinished(found.plan)
            self._left = self.session.settled(look(), look, words, SETTLE)
        return self._left.plan

    def report(
        self, plan: Plan, outcomes: Sequence[Outcome], left: Plan | None, *, json: bool
    ) -> str:
        """The outcomes, and which old keys stay enabled."""
        stays = self._left
        if json:
            proved = None if left is None else converged(left)
            waits = waiting(stays, self.asked.grace) if stays else None
            document = outcome_document(outcomes, plan, proved)
            return dumps({**document, "waiting": waits})
        if left is None or stays is None or not converged(left):
            return text.summary(outcomes, converged=False)
        lines = [f"OUTCOME  {len(outcomes)} done"] if outcomes else []
        return "\n".join([*lines, *self.next_steps])

    @property
    def next_steps(self) -> Sequence[str]:
        """When each old key ends that is left; nothing where the run did not end well."""
        stays = self._left
        if stays is None or not converged(stays.plan):
            return ()
        lines = list(next_steps(stays, self.asked.grace))
        if not stays.waiting and stays.second:
            lines.append(f"{self.key} has the id {stays.second.id} now; the rotation is finished")
        return lines

    def not_converged(self, left: Plan) -> str:
        """What helps where the account does not show what was written."""
        return "the account does not show all that was written; run it again"

    def _looked(self) -> Rotation:
        return self._planned(self._settled(self._read()), begin=False)

    def _read(self) -> Reading:
        # Bots move from one key to another, so all about them is needed, too.
        users = needed(self.session.kinds, {self.key.kind})
        return self.session.read(self.read_for, also=users)

    def _failed_logins(self, plan: Plan) -> str:
        """Logs in as each moved bot; what to say where one does not get in, or nobody can tell."""
        ended = self._log_in(plan)
        for one in ended:
            message(line(one))
        failed = [one for one in ended if one.tried and one.error]
        if failed:
            return f"{len(failed)} of {len(ended)} bots cannot log in, so lebots disables nothing"
        untold = [one for one in ended if not (one.tried or one.idle)]
        if untold:
            words = "bots cannot be logged in as, so lebots disables nothing; run without --verify"
            return f"{len(untold)} of {len(ended)} {words}"
        return ""

    def _log_in(self, plan: Plan) -> list[Ended]:
        """Logs in once as each declared bot that is on the key now, or was moved by the plan.

        One that lebots cannot log in as has an end too.
        """
        inventory = self.session.inventory(needed(self.session.kinds, {self.key.kind}))
        users = {
            live.address
            for live in inventory.referrers(self.key)
            if inventory.kinds[live.address.kind].login_key
        }
        moved = {c.address for c in plan.writes if self.session.kinds[c.address.kind].login_key}
        logins, skipped = logins_of(self.desired, self.session)
        chosen = [one for one in logins if one.bot in users | moved and one.key.address == self.key]
        known = {one.bot for one in chosen} | {one.bot for one in skipped}
        words = "no manifest has it on this key under the name it has, so lebots cannot log in"
        unknown = [Ended(bot, error=words, tried=False) for bot in sorted(moved - known)]
        if chosen:
            warn(chosen, self.session.name)
        passed_over = [one for one in skipped if one.bot in users | moved]
        return [*passed_over, *unknown, *tried_all(chosen, self.session)]

    def _planned(self, reading: Reading, *, begin: bool) -> Rotation:
        grace = self.asked.grace
        made_by = inf if grace == 0 else self.session.now() - grace * _HOUR
        found = rotation.plan(
            self.desired,
            *reading,
            RotationOptions(self.key, made_by, begin),
            self.session.terms(reading.inventory),
        )
        bound = self.session.bound(found.plan)
        terms = {**bound.terms, REQUEST: request(self.asked)}
        return replace(found, plan=replace(bound, terms=terms))

    def _settled(self, reading: Reading) -> Reading:
        """The reading once its lists do not look as if a rotation were less far than it is.

        A list that lags may still show the old key under its name, or not yet show
        the new one: believing it would create a third.
        """
        stale: list[Live] = []

        def lacking(inventory: Inventory) -> str:
            holders = inventory.at(self.key)
            stale[:] = [one for one in holders if not self._has_the_name(one)]
            begun = holders or formers(self.key, inventory.kinds[self.key.kind], inventory.objects)
            whole = holders and not stale
            return f"the account may not show all of {self.key} yet" if begun and not whole else ""

        look = partial(self.session.inventory, reading.inventory.listed)
        found = self.session.settled(reading.inventory, look, lacking, SETTLE_READS)
        if stale:
            raise AccountError(f"the account shows {self.key} as it was before a rename; run again")
        return reading._replace(inventory=found)

    def _has_the_name(self, one: Live) -> bool:
        where = self.session.kinds[self.key.kind].endpoint(one.endpoint)
        raw = self.session.port.fetch(where, one.id).raw
        return identity(where, raw)[1] == self.key.name
