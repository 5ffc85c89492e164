"""What ``lebots rotate`` does in the loop: replaces one key in one account, step by step."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from math import inf
from typing import ClassVar

from lebots.core.compare.rotated_names import formers
from lebots.core.model.address import Address
from lebots.core.model.change import REMOVALS, Outcome, Status
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account, Live
from lebots.core.model.options import RotationOptions
from lebots.core.model.plan import Plan
from lebots.core.rotate import plan as rotation
from lebots.core.rotate.plan import Rotation
from lebots.core.rotate.state import rotatable
from lebots.core.vendor.codec import identity
from lebots.documents.outcome import outcomes as outcome_document
from lebots.documents.text import dumps
from lebots.errors import AccountError
from lebots.render.plain import plan as text
from lebots.render.plain.rotation import next_steps, waiting
from lebots.run.executor import Held
from lebots.run.inputs.session import Reading, Session
from lebots.run.logins import Ended, line, logins_of, tried_all, warn
from lebots.run.loop import Words, converged
from lebots.run.notices import message

_HOUR = 3600.0


@dataclass
class Rotating:
    """A key whose rotation is begun, or gone on with, in an open account."""

    session: Session
    desired: Sequence[Desired]
    key: Address
    grace: float
    """Hours between the create of the new key and the end of the old one."""
    verify: bool = False
    """Whether each moved bot has to get in before anything is switched off."""

    failure: str = field(default="", init=False)
    _found: Rotation = field(init=False, repr=False)
    _left: Rotation | None = field(default=None, init=False)

    words: ClassVar[Words] = Words(
        ways="--expect DIGEST or --yes",
        interrupted="interrupted; the same command does the rest",
        interrupted_at_the_end="interrupted; the same command does the rest",
        in_part="rotated in part; the same command does the rest",
    )

    @property
    def warning(self) -> str:
        """What a login does to a bot that runs."""
        return "With --verify a login ends the session each moved bot has now." * self.verify

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
        reading = self.session.read(self.read_for)
        found = self._planned(reading, begin=True)
        if found.plan.refused:
            return found, reading
        reading = reading._replace(account=self._settled(reading.account))
        return self._planned(reading, begin=True), reading

    def recorded(self, plan: Plan) -> AbstractContextManager[None]:
        """A rotation writes nothing down: the account and the sink tell how far it is."""
        return nullcontext()

    def carry_out(
        self,
        plan: Plan,
        reading: Reading,
        held: Held,
        observe: Callable[[Outcome], None],
        stopped: Callable[[], bool],
    ) -> tuple[Outcome, ...]:
        """Makes the changes; where bots were moved and cannot get in, nothing ends."""
        if not (self.verify and plan.writes):
            return self.session.apply(plan, reading, held, observe, stopped)
        first = [change for change in plan.writes if change.action not in REMOVALS]
        ends = [change for change in plan.writes if change.action in REMOVALS]
        moved = replace(plan, changes=tuple(first))
        outcomes = self.session.apply(moved, reading, held, observe, stopped)
        if all(one.status is Status.DONE for one in outcomes) and not stopped():
            why = self.failure = self._failed_logins(plan)
        else:
            why = "not started: what comes before it is not done"
        if why:
            blocked = [Outcome(change, Status.BLOCKED, change.id, why) for change in ends]
            for one in blocked:
                observe(one)
            return (*outcomes, *blocked)
        last = replace(plan, changes=tuple(replace(change, depends_on=()) for change in ends))
        return (*outcomes, *self.session.apply(last, reading, held, observe, stopped))

    def left_over(self, plan: Plan, reading: Reading, outcomes: Sequence[Outcome]) -> Plan | None:
        """What is left right after a run, without another rotation that could begin."""
        self._left = self._looked() if outcomes else self._found
        return self._left.plan

    def report(
        self, plan: Plan, outcomes: Sequence[Outcome], left: Plan | None, *, json: bool
    ) -> str:
        """The outcomes, and which old keys stay enabled."""
        stays = self._left
        if json:
            proved = None if left is None else converged(left)
            waits = waiting(stays, self.grace) if stays else None
            document = outcome_document(outcomes, plan, proved)
            return dumps({**document, "waiting": waits})
        if left is None or stays is None or not converged(left):
            return text.summary(outcomes, converged=False)
        lines = [f"OUTCOME  {len(outcomes)} done"] if outcomes else []
        lines += next_steps(stays, self.grace)
        if not stays.waiting and stays.second:
            lines.append(f"{self.key} has the id {stays.second.id} now; the rotation is finished")
        return "\n".join(lines)

    def not_converged(self, left: Plan) -> str:
        """What helps where the account does not show what was written."""
        return "the account does not show all that was written; run it again"

    def _looked(self) -> Rotation:
        for seconds in self.session.looks:
            self.session.wait(seconds)
            account, sinks = self.session.read(self.read_for)
            left = self._planned(Reading(self._settled(account), sinks), begin=False)
            if not left.plan.writes:
                break
        return left

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
        account = self.session.port.read()
        inventory = Inventory(account, self.session.kinds)
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
        made_by = inf if self.grace == 0 else self.session.now() - self.grace * _HOUR
        return rotation.plan(
            self.desired,
            Inventory(reading.account, self.session.kinds),
            reading.sinks,
            RotationOptions(self.key, made_by, begin),
            self.session.terms(reading.account),
        )

    def _settled(self, account: Account) -> Account:
        """The account once its lists do not look as if a rotation were less far than it is.

        A list that lags may still show the old key under its name, or not yet show
        the new one: believing it would create a third.
        """
        kind = self.session.kinds[self.key.kind]
        for seconds in self.session.new_reads:
            holders = self._holders(account)
            if holders and all(self._has_the_name(one.endpoint, one.id) for one in holders):
                return account
            if not (holders or formers(self.key, kind, account.objects)):
                return account
            message(f"the account may not show all of {self.key} yet; looking again soon")
            self.session.wait(seconds)
            account = self.session.port.read()
        if any(not self._has_the_name(o.endpoint, o.id) for o in self._holders(account)):
            raise AccountError(f"the account shows {self.key} as it was before a rename; run again")
        return account

    def _holders(self, account: Account) -> Sequence[Live]:
        return Inventory(account, self.session.kinds).at(self.key)

    def _has_the_name(self, endpoint: str, id_: str) -> bool:
        where = self.session.kinds[self.key.kind].endpoint(endpoint)
        raw = self.session.port.fetch(where, id_).raw
        return identity(where, raw)[1] == self.key.name
