"""Carries out a plan, change by change, and says how each one ended."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from lebots.core import mapping
from lebots.core.changes import RESET, can_be_used, sends, taken_away
from lebots.core.diff import diff
from lebots.core.formers import formers
from lebots.core.kind import Delivery, Endpoint, Kind
from lebots.core.live import names_of
from lebots.core.model import (
    Account,
    Action,
    Address,
    Change,
    FieldChange,
    Outcome,
    Plan,
    Raw,
    Spec,
    Status,
)
from lebots.core.normalise import canonical, owned
from lebots.core.personal import without_personal
from lebots.core.ports import (
    INTENT_CLOSED,
    INTENT_OPEN,
    AccountPort,
    Credential,
    Item,
    Sink,
)
from lebots.core.refs import targets, to_ids, to_names
from lebots.core.renames import carried_out, old_names
from lebots.core.sealing import masked
from lebots.core.secret import Secret
from lebots.core.trust import unseen_users
from lebots.errors import (
    AccountError,
    Conflict,
    Interrupted,
    LebotsError,
    NotSent,
    OutcomeUnknown,
    Rejected,
    SinkError,
    SinkOutcomeUnknown,
)

CONFLICT_TRIES = 5
"""How often a change is computed anew because somebody else wrote to its collection."""

INTERRUPTED = "not started: the run was interrupted"


Held = Mapping[tuple[Address, Action], str]
"""Changes that must not be made, with the reason."""


@dataclass
class Executor:
    """Walks a plan against an account and its sinks; holds what only this run knows."""

    account: AccountPort
    kinds: Mapping[str, Kind]
    sinks: Mapping[str, Sink]
    before: Account
    """The reading the plan was made from."""
    stopped: Callable[[], bool] = lambda: False
    """Asked before each change; once true, nothing new is started."""
    replace_lost: bool = False
    """Whether an object whose secret was lost may be retired and made anew."""
    _now: Account | None = field(init=False, default=None)
    """A second reading, made right before the first removal that somebody could be hit by."""
    _names: dict[tuple[str, str], str] = field(init=False)
    _ids: dict[Address, str] = field(init=False)

    def __post_init__(self) -> None:
        self._know(self.before)

    def _know(self, account: Account) -> None:
        self.before = account
        self._names = dict(names_of(account))
        self._ids = {Address(kind, name): id_ for (kind, id_), name in self._names.items()}

    def run(
        self,
        plan: Plan,
        held: Held | None = None,
        observe: Callable[[Outcome], None] = lambda outcome: None,
    ) -> tuple[Outcome, ...]:
        """One outcome for each writing change, in order.

        Every sink the plan needs is proved first: SinkError means that nothing was written.
        """
        for name in sorted({change.sink for change in plan.writes if change.sink}):
            self.sinks[name].probe()
        # The plan calls objects by their new names from its first change on.
        self._know(carried_out(self.before, old_names(plan.writes), self.kinds))
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
        if missing:
            return Outcome(change, Status.BLOCKED, change.id, f"waits for {', '.join(missing)}")
        try:
            moved = self._make(change)
        except (OutcomeUnknown, SinkOutcomeUnknown) as error:
            return self._ended(change, Status.UNKNOWN, str(error))
        except (AccountError, SinkError, Interrupted) as error:
            return self._ended(change, Status.FAILED, str(error))
        return self._ended(change, Status.HELD if moved else Status.DONE, moved)

    def _ended(self, change: Change, status: Status, error: str) -> Outcome:
        words = without_personal(error, self.kinds[change.address.kind], change)
        return Outcome(change, status, self._ids.get(change.address, change.id), words)

    def _make(self, change: Change) -> str:
        """Makes one change; returns why it must not be made, or nothing."""
        kind = self.kinds[change.address.kind]
        endpoint = kind.endpoint(change.endpoint)
        raw: Raw | None = None
        if change.action is Action.CREATE:
            raw = self._announced(change, kind, endpoint)
        elif can_be_used(change, self.kinds) and (taken_up := self._taken_up(change.address)):
            return taken_up
        elif change.action is Action.DELETE:
            return self._delete(change, kind, endpoint)
        elif sends(change, kind) and (moved := self._update(change, kind, endpoint)):
            return moved
        if change.sink:
            self._deliver(change, kind, endpoint, raw)
        return ""

    def _announced(self, change: Change, kind: Kind, endpoint: Endpoint) -> Raw | None:
        """A create the sink knows of first, if it yields a secret, so that no crash hides it."""
        if not change.sink:
            return self._create(change, kind, endpoint)
        sink, account, name = self.sinks[change.sink], self.before.id, change.address.name
        stored = sink.read_back(account, name)
        if stored and (kind.name, stored) in self._names:
            # Bots log in with what is stored, and the name of its object tells of the create.
            return self._create(change, kind, endpoint)
        earlier = stored == INTENT_OPEN
        if not earlier:
            sink.write(Credential(account, name, INTENT_OPEN, {}))
        try:
            return self._create(change, kind, endpoint)
        except (NotSent, Rejected):
            # An intent of an earlier run stays: this refusal says nothing of how that one ended.
            if not earlier:
                with suppress(SinkError):
                    sink.write(Credential(account, name, INTENT_CLOSED, {}))
            raise

    def _create(self, change: Change, kind: Kind, endpoint: Endpoint) -> Raw | None:
        """Creates the object; returns the answer, or nothing where the answer was lost."""
        name = change.address.name
        spec = to_ids(kind, {**kind.on_create, **change.desired}, self._ids.__getitem__)
        answer: Raw | None = None
        try:
            answer = raw = self.account.create(endpoint, mapping.create(kind, endpoint, name, spec))
        except OutcomeUnknown as unknown:
            # Never sent again blindly: names are unique, so one new object of this name is ours. A
            # list that lags may still show an object that was renamed under its former name.
            with _still(unknown):
                found = self._new(kind, endpoint, name)
            if len(found) != 1:
                raise
            raw = found[0]
        id_ = mapping.identity(endpoint, raw)[0]
        self._ids[change.address] = id_
        self._names[kind.name, id_] = name
        return answer

    def _new(self, kind: Kind, endpoint: Endpoint, name: str) -> list[Raw]:
        """The objects of this name that no reading has shown so far."""
        found = self.account.find(endpoint, name)
        return [
            raw
            for raw in found
            if (kind.name, mapping.identity(endpoint, raw)[0]) not in self._names
        ]

    def _update(self, change: Change, kind: Kind, endpoint: Endpoint) -> str:
        """Read, change the owned fields, write; anew for as long as the change stays the same."""
        approved = _approved(change, kind)
        id_ = change.id or self._ids[change.address]
        for _ in range(CONFLICT_TRIES):
            item = self.account.fetch(endpoint, id_)
            if other := _became_other(change, kind, endpoint, item.raw):
                return other
            now = self._differences(change, kind, endpoint, item.raw)
            if not now and _has_its_name(change, endpoint, item.raw):
                return ""
            # What this run has made holds no value yet that anybody approved.
            if now and change.id and (moved := _moved(approved, now)):
                return moved
            body = self._body(change, kind, endpoint, item)
            try:
                self.account.replace(endpoint, id_, body, item.revision)
            except Conflict:
                continue
            except OutcomeUnknown as unknown:
                with _still(unknown):
                    after = self.account.fetch(endpoint, id_).raw
                    done = _has_its_name(change, endpoint, after)
                if not done or self._differences(change, kind, endpoint, after):
                    raise
            return ""
        raise AccountError(
            f"somebody else changed {endpoint.name} {CONFLICT_TRIES} times in a row; run again"
        )

    def _delete(self, change: Change, kind: Kind, endpoint: Endpoint) -> str:
        """Read, make sure that it is the object that was approved, delete; anew on a conflict."""
        id_, stale = change.id or "", ""
        for _ in range(CONFLICT_TRIES):
            if (item := self._present(endpoint, id_)) is None:
                return ""
            if other := _became_other(change, kind, endpoint, item.raw):
                return other
            live = to_names(kind, mapping.decode(kind, endpoint, item.raw), self._names)
            if moved := _moved(change.fields, taken_away(kind, live, self.kinds)):
                return moved
            try:
                self.account.delete(endpoint, id_, item.revision)
            except Conflict as conflict:
                stale = str(conflict)
                continue
            except OutcomeUnknown as unknown:
                with _still(unknown):
                    left = self._present(endpoint, id_)
                if left is not None:
                    raise
            return ""
        raise AccountError(f"{stale}; {CONFLICT_TRIES} times in a row; run again")

    def _present(self, endpoint: Endpoint, id_: str) -> Item | None:
        """The object, or nothing where the account itself says that there is none."""
        try:
            item = self.account.fetch(endpoint, id_)
        except Rejected as error:
            if error.status != 404 or error.foreign:
                raise
            return None
        return None if _is_deleted(item.raw) else item

    def _differences(
        self, change: Change, kind: Kind, endpoint: Endpoint, raw: Raw
    ) -> tuple[FieldChange, ...]:
        live = to_names(kind, mapping.decode(kind, endpoint, raw), self._names)
        return diff(kind, *owned(kind, _sent(change.desired, kind), live))

    def _body(self, change: Change, kind: Kind, endpoint: Endpoint, item: Item) -> Raw:
        spec = to_ids(kind, _sent(change.desired, kind), self._ids.__getitem__)
        body = mapping.encode(kind, endpoint, spec, item.raw)
        if change.action is Action.RENAME:
            body[endpoint.name_field] = change.address.name
        empty = sorted(name for name in endpoint.must_carry if not body.get(name))
        if empty:
            remedy = "declare it in the manifest" if change.source else "change it by hand"
            raise AccountError(
                f"{change.address} was read without {', '.join(empty)}; writing it back would wipe "
                f"that, so nothing was written; {remedy}"
            )
        if masked(body):
            raise AccountError(
                f"{change.address} was read with a masked secret; writing it back could overwrite "
                "the real one, so nothing was written"
            )
        return body

    def _deliver(self, change: Change, kind: Kind, endpoint: Endpoint, raw: Raw | None) -> None:
        """The secret to its sink, before anything that needs it; ``raw`` is a create's answer."""
        delivery, address = kind.delivery, change.address
        if delivery is None:
            raise LebotsError(f"{address} names a sink but its kind yields no secret")
        secrets = (
            self._copied(change, delivery)
            or _secrets(delivery, raw or {})
            or self._read_secrets(change, delivery, endpoint)
        )
        if not secrets and raw is None:
            # Only an object whose answer was lost, in this run or before, is ever replaced.
            self._retire(change, kind, endpoint, delivery)
            raw = self._create(change, kind, endpoint)
            secrets = _secrets(delivery, raw or {})
        if not secrets:
            id_ = self._ids[address]
            raise AccountError(
                f"the account does not show the secret of {address} (id {id_}), not even once; "
                "bring it to the sink by hand"
            )
        id_ = self._ids[address]
        account = self.before.id
        values: dict[str, str | Secret] = {delivery.account_as: account, delivery.id_as: id_}
        sink = self.sinks[change.sink]
        credential = {**values, **secrets, **delivery.constants}
        sink.write(Credential(account, address.name, id_, credential))
        if sink.read_back(account, address.name) != id_:
            raise SinkError(f'sink "{sink.name}" took the secret of {address} but does not hold it')

    def _copied(self, change: Change, delivery: Delivery) -> Mapping[str, Secret]:
        """The secrets as the sink holds them under the former name, if it gives them back."""
        if not change.secret_from:
            return {}
        with suppress(SinkError):
            stored = self.sinks[change.sink].read(self.before.id, change.secret_from)
            if stored and stored.id == change.id:
                return _complete(delivery, stored.values)
        return {}

    def _read_secrets(
        self, change: Change, delivery: Delivery, endpoint: Endpoint
    ) -> Mapping[str, Secret]:
        """The secrets as a single read shows them: seen in clear, not documented (reference 5a)."""
        id_ = change.id or self._ids[change.address]
        return _secrets(delivery, self.account.fetch(endpoint, id_).raw)

    def _retire(self, change: Change, kind: Kind, endpoint: Endpoint, delivery: Delivery) -> None:
        """Takes an object whose secret nobody holds out of the way: renamed and switched off."""
        address, id_ = change.address, change.id or self._ids[change.address]
        lost = f"the account does not show the secret of {address} (id {id_})"
        stored = self.sinks[change.sink].read_back(self.before.id, address.name)
        rotated = {live.id for live in formers(address, kind, self.before.objects)}
        if stored != INTENT_OPEN and stored not in rotated:
            raise AccountError(f"{lost}, and it was not made here: bring it to the sink by hand")
        if users := self._users(self.before, address):
            raise AccountError(f"{lost}, and {', '.join(users)} use it: replace it by hand")
        if not self.replace_lost:
            raise AccountError(
                f"{lost}, so nobody can use it; let guards.replaceLostKeys of lebots.yaml allow to "
                "replace it, or uninstall it"
            )
        for _ in range(CONFLICT_TRIES):
            item = self.account.fetch(endpoint, id_)
            off = kind.retirement.off if kind.retirement else {}
            body = mapping.encode(kind, endpoint, off, item.raw)
            body[endpoint.name_field] = f"{address.name}.lost-{id_[:8]}"
            with suppress(Conflict):
                self.account.replace(endpoint, id_, body, item.revision)
                return
        raise AccountError(f"{lost}, and it could not be retired: {endpoint.name} kept changing")

    def _taken_up(self, address: Address) -> str:
        """Who has begun to use an object since the plan, in words: none of them was shown there.

        The vendor takes away a key that is in use without a word (reference 5a, I).
        """
        self._now = self._now or self.account.read()
        if unseen := unseen_users(self._now, self.kinds, address.kind):
            return f"{unseen}, so somebody may use it by now; nothing was written"
        known = self._users(self.before, address)
        users = [user for user in self._users(self._now, address) if user not in known]
        many = "use" if len(users) > 1 else "uses"
        return f"{', '.join(users)} {many} it by now; nothing was written" if users else ""

    def _users(self, account: Account, address: Address) -> list[str]:
        return sorted(
            str(live.address)
            for live in account.objects
            if not live.deleted and live.address != address
            for _, target in targets(self.kinds[live.address.kind], live.spec)
            if target == address
        )


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


def _sent(spec: Spec, kind: Kind) -> Spec:
    return {name: value for name, value in spec.items() if not kind.by_name[name].local}


def _approved(change: Change, kind: Kind) -> tuple[FieldChange, ...]:
    return tuple(
        field
        for field in change.fields
        if field.note != RESET and not kind.by_name[field.path.partition(".")[0]].local
    )


def _moved(approved: Sequence[FieldChange], now: Sequence[FieldChange]) -> str:
    """Which fields no longer differ as approved; empty if the change is still the same one."""
    then = {f.path: (f.before, f.after) for f in approved}
    here = {f.path: (f.before, f.after) for f in now}
    paths = sorted(path for path in then.keys() | here.keys() if then.get(path) != here.get(path))
    if not paths:
        return ""
    return (
        f"{', '.join(paths)} changed in the account since the plan; nothing was written, plan again"
    )


def _became_other(change: Change, kind: Kind, endpoint: Endpoint, raw: Raw) -> str:
    """Why the object of this id is no longer the one the plan means; empty if it still is."""
    name = mapping.identity(endpoint, raw)[1]
    known = {canonical(known) for known in (change.address.name, change.was) if known}
    if _is_deleted(raw):
        reason = "deleted"
    elif canonical(name) not in known:
        reason = f'named "{name}"'
    else:
        reason = kind.foreign(raw)
    return f"it is {reason} by now; nothing was written" if reason else ""


def _is_deleted(raw: Raw) -> bool:
    # The documentation quotes booleans, real data does not (reference 3.6).
    return raw.get("deleted") in (True, "true")


def _has_its_name(change: Change, endpoint: Endpoint, raw: Raw) -> bool:
    """Whether an object that is to be renamed carries the new name by now."""
    renames = change.action is Action.RENAME
    return not renames or mapping.identity(endpoint, raw)[1] == change.address.name


@contextmanager
def _still(unknown: OutcomeUnknown) -> Iterator[None]:
    """A failed look at what became of a write leaves it as unknown as it was."""
    try:
        yield
    except (AccountError, Interrupted) as error:
        raise OutcomeUnknown(f"{unknown}; looking for it failed: {error}") from None
