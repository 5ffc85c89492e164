"""Carries out a plan, change by change, and says how each one ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lebots.core.checks.list_integrity import unseen_users
from lebots.core.compare.change import can_be_used, sends
from lebots.core.compare.rename import old_names
from lebots.core.compare.rotated_names import formers
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change, Outcome, Status
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Delivery, Endpoint, Kind
from lebots.core.model.plan import Plan
from lebots.core.model.ports import AccountPort, Holding, Sink
from lebots.core.model.secret import Secret
from lebots.core.model.value import Raw
from lebots.core.vendor.redact_personal import without_personal
from lebots.errors import (
    AccountError,
    Interrupted,
    LebotsError,
    NotSent,
    OutcomeUnknown,
    Rejected,
    SinkError,
    SinkOutcomeUnknown,
    SomebodyElse,
)
from lebots.run.executor.deposit import Deposit
from lebots.run.executor.known import KnownObjects, users_of
from lebots.run.executor.objects import Objects, Settle
from lebots.run.executor.refusals import remedy

INTERRUPTED = "not started: the run was interrupted"
NOT_ALONE = "not started: somebody else is at work here; plan again once they are done"

Held = Mapping[tuple[Address, Action], str]
"""Changes that must not be made, with the reason."""


class _End(NamedTuple):
    status: Status
    words: str
    """Why the change was not made; empty where it was."""
    met: bool = False
    """Whether somebody else was met."""
    final: bool = False


@dataclass
class Executor:
    """Walks a plan against an account and its sinks; holds what only this run knows."""

    account: AccountPort
    sinks: Mapping[str, Sink]
    before: Inventory
    """The reading the plan was made from."""
    stopped: Callable[[], bool] = lambda: False
    """Asked before each change; once true, nothing new is started."""
    replace_lost: bool = False
    """Whether an object whose secret was lost may be disabled and recreated."""
    seen: Mapping[Address, Holding] = field(default_factory=dict)
    """What the sinks held when the plan was made; an object that is left out: nothing."""
    pause: Callable[[], None] = lambda: None
    """Called before such a one is disabled: the run that made it may be about to deliver it."""
    settle: Settle = lambda found, again, lacking: found
    """Looks again at an updated object while the account does not show the update yet."""
    _now: Inventory | None = field(init=False, default=None)
    """A second reading, made right before the first removal that somebody could be hit by."""
    _objects: Objects = field(init=False)
    _met: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.kinds = self.before.kinds
        self._know(self.before)

    def _know(self, inventory: Inventory) -> None:
        self._known = KnownObjects(inventory)
        self._objects = Objects(self.account, self.kinds, self._known, self.settle)

    def run(
        self,
        plan: Plan,
        held: Held | None = None,
        observe: Callable[[Outcome], None] = lambda outcome: None,
    ) -> tuple[Outcome, ...]:
        """One outcome for each writing change, in order.

        Every sink the plan needs is proved first: SinkError means that nothing was written. Once
        somebody else was met, nothing more is started.
        """
        for name in sorted({change.sink for change in plan.writes if change.sink}):
            self.sinks[name].probe()
        # The plan calls objects by their new names from its first change on.
        self._know(self.before.renamed(old_names(plan.writes)))
        outcomes: list[Outcome] = []
        ended: dict[Address, bool] = {}
        for change in plan.writes:
            outcome = self._outcome(change, held or {}, ended)
            done = outcome.status is Status.DONE
            ended[change.address] = ended.get(change.address, True) and done
            outcomes.append(outcome)
            observe(outcome)
        return tuple(outcomes)

    def _outcome(self, change: Change, held: Held, ended: Mapping[Address, bool]) -> Outcome:
        missing = [str(address) for address in change.depends_on if not ended[address]]
        if self.stopped():
            return Outcome(change, Status.BLOCKED, change.id, INTERRUPTED)
        if reason := held.get((change.address, change.action)):
            return Outcome(change, Status.HELD, change.id, reason)
        if self._met:
            return Outcome(change, Status.BLOCKED, change.id, NOT_ALONE)
        if missing:
            return Outcome(change, Status.BLOCKED, change.id, f"waits for {', '.join(missing)}")
        deposit = self._deposit(change)
        writes, self._objects.beside = self._objects.writes, ()
        end = self._tried(change, deposit)
        status, self._met = end.status, end.met
        wrote = self._objects.writes > writes or bool(deposit and deposit.wrote)
        if self._met and wrote:
            status = Status.FAILED
        words = without_personal(end.words, self.kinds[change.address.kind], change)
        id_ = self._known.ids.get(change.address, change.id)
        beside = self._objects.beside if status is Status.DONE else ()
        return Outcome(change, status, id_, words, wrote, end.met, end.final, beside)

    def _tried(self, change: Change, deposit: Deposit | None) -> _End:
        """How a change ended."""
        try:
            moved = self._make(change, deposit)
        except (OutcomeUnknown, SinkOutcomeUnknown) as error:
            return _End(Status.UNKNOWN, str(error))
        except Rejected as error:
            kind = self.kinds[change.address.kind]
            advice = remedy(change, kind, self._known.inventory, error)
            words = f"{error}; {advice}" if advice else str(error)
            return _End(Status.FAILED, words, final=error.final)
        except AccountError as error:
            return _End(Status.FAILED, str(error), final=error.final)
        except (SinkError, Interrupted) as error:
            return _End(Status.FAILED, str(error))
        except SomebodyElse as error:
            return _End(Status.HELD, str(error), met=True)
        return _End(Status.HELD if moved else Status.DONE, moved)

    def _make(self, change: Change, deposit: Deposit | None) -> str:
        """Makes one change; returns why it must not be made, or nothing."""
        kind = self.kinds[change.address.kind]
        endpoint = kind.endpoint(change.endpoint)
        raw: Raw | None = None
        if change.action is Action.CREATE:
            raw = self._create(change, kind, endpoint, deposit)
        elif can_be_used(change, self.kinds) and (new_users := self._new_users(change.address)):
            return new_users
        elif change.action is Action.DELETE:
            return self._objects.delete(change, kind, endpoint)
        else:
            if deposit:
                deposit.require_unmoved()
            if sends(change, kind) and (moved := self._objects.update(change, kind, endpoint)):
                return moved
        if deposit:
            self._deliver(change, kind, endpoint, raw, deposit)
        return ""

    def _deposit(self, change: Change) -> Deposit | None:
        """Where the secret of a change goes."""
        if not change.sink:
            return None
        seen = self.seen.get(change.address, Holding())
        return Deposit(self.sinks[change.sink], self.before.account.id, change.address, seen)

    def _create(
        self, change: Change, kind: Kind, endpoint: Endpoint, deposit: Deposit | None
    ) -> Raw | None:
        """A create the sink knows of first, if it yields a secret, so that no crash hides it."""
        if deposit is None:
            return self._objects.create(change, kind, endpoint)
        deposit.announce()
        try:
            return self._objects.create(change, kind, endpoint)
        except (NotSent, Rejected, SomebodyElse):
            deposit.recall()
            raise

    def _deliver(
        self,
        change: Change,
        kind: Kind,
        endpoint: Endpoint,
        raw: Raw | None,
        deposit: Deposit,
    ) -> None:
        """The secret to its sink, before anything that needs it; ``raw`` is a create's answer."""
        delivery, address = kind.delivery, change.address
        if delivery is None:
            raise LebotsError(f"{address} names a sink but its kind yields no secret")
        secrets = (
            self._copied(change, delivery, deposit)
            or _secrets(delivery, raw or {})
            or self._read_secrets(change, delivery, endpoint)
        )
        if not secrets and raw is None:
            # Only an object whose answer was lost, in this run or before, is ever replaced.
            self._retire(change, kind, endpoint, deposit)
            raw = self._create(change, kind, endpoint, deposit)
            secrets = _secrets(delivery, raw or {})
        id_ = self._known.ids[address]
        if not secrets:
            raise AccountError(
                f"the account does not show the secret of {address} (id {id_}), not even once; "
                "bring it to the sink by hand"
            )
        own = {delivery.account_as: self.before.account.id, delivery.id_as: id_}
        deposit.store(id_, {**own, **secrets, **delivery.constants})

    def _copied(self, change: Change, delivery: Delivery, deposit: Deposit) -> Mapping[str, Secret]:
        """The secrets as the sink holds them under the former name, if it gives them back."""
        stored = deposit.copied(change.secret_from, change.id) if change.secret_from else None
        return _complete(delivery, stored.values) if stored else {}

    def _read_secrets(
        self, change: Change, delivery: Delivery, endpoint: Endpoint
    ) -> Mapping[str, Secret]:
        """The secrets as a single read shows them: seen in clear, not documented (reference 5a)."""
        id_ = change.id or self._known.ids[change.address]
        return _secrets(delivery, self.account.fetch(endpoint, id_).raw)

    def _retire(self, change: Change, kind: Kind, endpoint: Endpoint, deposit: Deposit) -> None:
        """Takes an object that was made here and whose secret nobody holds out of the way."""
        address, id_ = change.address, change.id or self._known.ids[change.address]
        lost = f"the account does not show the secret of {address} (id {id_})"
        rotated = {live.id for live in formers(address, kind, self._known.inventory.present)}
        if not deposit.announced and deposit.seen.id not in rotated:
            raise AccountError(
                f"{lost}, and lebots did not create it: bring it to the sink by hand"
            )
        if users := users_of(self._known.inventory, address):
            raise AccountError(f"{lost}, and {', '.join(users)} use it: replace it by hand")
        if not self.replace_lost:
            raise AccountError(
                f"{lost}; if another run is at work, it delivers that, so plan again; if one was "
                "cut short, nobody can use it: set guards.replaceLostKeys in lebots.yaml so that "
                "lebots may replace it, or uninstall it"
            )
        self.pause()
        self._now = None
        if new_users := self._new_users(address):
            raise SomebodyElse(f"{lost}, and {new_users}")
        deposit.require_unmoved()
        self._objects.retire(change, kind, endpoint, lost)
        deposit.retired = id_

    def _new_users(self, address: Address) -> str:
        """Who has begun to use an object since the plan, in words: none of them was shown there.

        The vendor takes away a key that is in use without a word (reference 5a, I).
        """
        self._now = self._now or Inventory(self.account.read(), self.kinds)
        if unseen := unseen_users(self._now, address.kind):
            return f"{unseen}, so somebody may use it now; nothing was written"
        known = users_of(self._known.inventory, address)
        users = [user for user in users_of(self._now, address) if user not in known]
        many = "use" if len(users) > 1 else "uses"
        return f"{', '.join(users)} {many} it now; nothing was written" if users else ""


def _secrets(delivery: Delivery, raw: Raw) -> Mapping[str, Secret]:
    """The secrets under the names they are delivered by; empty unless all are there in clear."""
    return _complete(delivery, {to: raw.get(name) for name, to in delivery.secrets.items()})


def _complete(delivery: Delivery, values: Mapping[str, Any]) -> Mapping[str, Secret]:
    found = {name: values.get(name) for name in delivery.secrets.values()}
    clear = {
        name: value
        for name, value in found.items()
        if isinstance(value, Secret) and value and not value.masked
    }
    return clear if len(clear) == len(found) else {}
