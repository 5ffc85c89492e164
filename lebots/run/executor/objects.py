"""Creates, updates, renames, disables and deletes objects; reads each one again before a write."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from lebots.core.compare.beside import changed_beside
from lebots.core.compare.change import delete_summary
from lebots.core.compare.diff import diff
from lebots.core.compare.rotated_names import lost_name
from lebots.core.model.address import Address, canonical
from lebots.core.model.change import Action, Change, FieldChange
from lebots.core.model.kind import Endpoint, Kind
from lebots.core.model.ports import AccountPort, Item
from lebots.core.model.value import Raw, Spec
from lebots.core.vendor import codec as mapping
from lebots.core.vendor.normalise import owned
from lebots.core.vendor.references import to_ids, to_names
from lebots.errors import (
    AccountError,
    Conflict,
    Interrupted,
    NotSent,
    OutcomeUnknown,
    Rejected,
    SomebodyElse,
)
from lebots.run.executor.known import KnownObjects
from lebots.run.executor.refusals import require_writable, without_end

CONFLICT_TRIES = 5
"""How often a change is computed anew because somebody else wrote to its collection."""

Settle: TypeAlias = Callable[[Item, Callable[[], Item], Callable[[Item], str]], Item]
"""What was found, or is found by a second look, once nothing is lacking or patience is over."""

Conflicts: TypeAlias = list[tuple[str, Rejected]]


@dataclass
class Objects:
    """The objects of an account as a run writes them."""

    account: AccountPort
    kinds: Mapping[str, Kind]
    known: KnownObjects
    settle: Settle = lambda found, again, lacking: found
    """Reads again while the account does not show a write yet."""
    writes: int = field(init=False, default=0)
    """How many writes took effect, or may have."""
    beside: tuple[str, ...] = field(init=False, default=())
    """What the account changed beside the fields of the last update."""

    def create(self, change: Change, kind: Kind, endpoint: Endpoint) -> Raw | None:
        """Creates the object; returns the answer, or nothing where the answer was lost.

        Raises SomebodyElse where the account refuses, since somebody else made it meanwhile.
        """
        spec = to_ids(kind, {**kind.on_create, **change.desired}, self.known.ids.__getitem__)
        answer: Raw | None = None
        body = mapping.create(kind, endpoint, change.address.name, spec)
        name = mapping.identify(endpoint, {endpoint.id_field: "new", **body}).name
        try:
            with self._writing():
                answer = raw = self.account.create(endpoint, body)
        except Rejected as refusal:
            self._require_free(kind, endpoint, change.address, name, refusal)
            raise
        except OutcomeUnknown as unknown:
            # Never sent again blindly: names are unique, so one new object of this name is ours. A
            # list that lags may still show an object that was renamed under its former name.
            with _keep_unknown(unknown):
                found = self._new(kind, endpoint, name)
            if len(found) != 1:
                raise
            raw = found[0]
        self.known.learn(change.address, mapping.identity(endpoint, raw)[0])
        return answer

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Counts what is sent, unless the account said no or was never reached."""
        self.writes += 1
        try:
            yield
        except (NotSent, Rejected):
            self.writes -= 1
            raise

    def _require_free(
        self, kind: Kind, endpoint: Endpoint, address: Address, name: str, refusal: Rejected
    ) -> None:
        """Raises SomebodyElse where the name of a refused create is taken by now."""
        with suppress(AccountError):
            if found := self._new(kind, endpoint, name):
                ids = ", ".join(mapping.identity(endpoint, raw)[0] for raw in found)
                raise SomebodyElse(
                    f"somebody else created {address} since the plan (id {ids}); {refusal}"
                ) from None

    def _new(self, kind: Kind, endpoint: Endpoint, name: str) -> list[Raw]:
        """The objects of this name that no reading has shown so far."""
        found = self.account.find(endpoint, name)
        return [
            raw
            for raw in found
            if (kind.name, mapping.identity(endpoint, raw)[0]) not in self.known.names
        ]

    def update(self, change: Change, kind: Kind, endpoint: Endpoint) -> str:
        """Read, change the owned fields, write; anew for as long as the change stays the same."""
        self.beside = ()
        approved = _approved(change, kind)
        id_ = change.id or self.known.ids[change.address]
        conflicts: Conflicts = []
        for _ in range(CONFLICT_TRIES):
            item = self.account.fetch(endpoint, id_)
            if other := _identity_changed(change, kind, endpoint, item.raw):
                return other
            now = self._differences(change, kind, endpoint, item.raw)
            if not now and _has_its_name(change, endpoint, item.raw):
                return ""
            # What this run has made holds no value yet that anybody approved.
            if now and change.id and (moved := _moved(approved, now)):
                return moved
            body = self._body(change, kind, endpoint, item)
            try:
                with self._writing():
                    self.account.replace(endpoint, id_, body, item.revision)
            except Conflict as conflict:
                conflicts.append((item.revision, conflict))
                continue
            except OutcomeUnknown as unknown:
                with _keep_unknown(unknown):
                    after = self.account.fetch(endpoint, id_).raw
                    done = _has_its_name(change, endpoint, after)
                if not done or self._differences(change, kind, endpoint, after):
                    raise
            self.beside = self._changed_beside(change, kind, endpoint, item)
            return ""
        raise without_end(endpoint, conflicts)

    def _changed_beside(
        self, change: Change, kind: Kind, endpoint: Endpoint, before: Item
    ) -> tuple[str, ...]:
        """What a second look shows of an update, which is done whatever that look gives."""
        id_ = change.id or self.known.ids[change.address]

        def look() -> Item:
            return self.account.fetch(endpoint, id_)

        def lacking(now: Item) -> str:
            unseen = self._differences(change, kind, endpoint, now.raw)
            return f"the account does not show the update of {change.address}" if unseen else ""

        try:
            after = self.settle(look(), look, lacking)
        except (AccountError, Interrupted) as error:
            return (f"perhaps more, since it could not be read again: {error}",)
        return changed_beside(change, kind, endpoint, before.raw, after.raw)

    def delete(self, change: Change, kind: Kind, endpoint: Endpoint) -> str:
        """Read, make sure that it is the object that was approved, delete; anew on a conflict."""
        id_ = change.id or ""
        conflicts: Conflicts = []
        for _ in range(CONFLICT_TRIES):
            if (item := self._present(endpoint, id_)) is None:
                return ""
            if other := _identity_changed(change, kind, endpoint, item.raw):
                return other
            live = to_names(kind, mapping.decode(kind, endpoint, item.raw), self.known.names)
            if moved := _gone_otherwise(change, delete_summary(kind, live, self.kinds)):
                return moved
            try:
                with self._writing():
                    self.account.delete(endpoint, id_, item.revision)
            except Conflict as conflict:
                conflicts.append((item.revision, conflict))
                continue
            except OutcomeUnknown as unknown:
                with _keep_unknown(unknown):
                    left = self._present(endpoint, id_)
                if left is not None:
                    raise
            return ""
        raise without_end(endpoint, conflicts)

    def retire(self, change: Change, kind: Kind, endpoint: Endpoint, lost: str) -> None:
        """Takes an object whose secret nobody holds out of the way: renamed and switched off.

        Raises SomebodyElse where it was renamed or removed since: of two runs only one gets here.
        """
        id_ = change.id or self.known.ids[change.address]
        for _ in range(CONFLICT_TRIES):
            item = self.account.fetch(endpoint, id_)
            if other := _identity_changed(change, kind, endpoint, item.raw):
                raise SomebodyElse(f"{change.address} (id {id_}): {other}")
            off = kind.retirement.off
            body = mapping.encode(kind, endpoint, off, item.raw)
            body[endpoint.name_field] = lost_name(change.address.name, id_)
            with suppress(Conflict), self._writing():
                self.account.replace(endpoint, id_, body, item.revision)
                return
        raise AccountError(f"{lost}, and it could not be disabled: {endpoint.name} kept changing")

    def _present(self, endpoint: Endpoint, id_: str) -> Item | None:
        """The object, or nothing where the account itself says that there is none."""
        try:
            item = self.account.fetch(endpoint, id_)
        except Rejected as error:
            if error.status != 404 or error.foreign:
                raise
            return None
        return None if mapping.is_deleted(item.raw) else item

    def _differences(
        self, change: Change, kind: Kind, endpoint: Endpoint, raw: Raw
    ) -> tuple[FieldChange, ...]:
        live = to_names(kind, mapping.decode(kind, endpoint, raw), self.known.names)
        return diff(kind, *owned(kind, _sent(change.desired, kind), live))

    def _body(self, change: Change, kind: Kind, endpoint: Endpoint, item: Item) -> Raw:
        spec = to_ids(kind, _sent(change.desired, kind), self.known.ids.__getitem__)
        body = mapping.encode(kind, endpoint, spec, item.raw)
        if change.action is Action.RENAME:
            body[endpoint.name_field] = change.address.name
        require_writable(change, kind, endpoint, body)
        return body


def _sent(spec: Spec, kind: Kind) -> Spec:
    return {name: value for name, value in spec.items() if not kind.by_name[name].client_only}


def _approved(change: Change, kind: Kind) -> tuple[FieldChange, ...]:
    return tuple(
        field
        for field in change.fields
        if not field.reset and not kind.by_name[field.field].client_only
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


def _gone_otherwise(change: Change, now: Sequence[FieldChange]) -> str:
    """As above, of a delete: what comes in its place was approved with it."""
    return _moved([replace(part, after=None) for part in change.fields], now)


def _identity_changed(change: Change, kind: Kind, endpoint: Endpoint, raw: Raw) -> str:
    """Why the object of this id is no longer the one the plan means; empty if it still is."""
    name = mapping.identity(endpoint, raw)[1]
    known = {canonical(known) for known in (change.address.name, change.was) if known}
    if mapping.is_deleted(raw):
        reason = "deleted"
    elif canonical(name) not in known and not kind.belongs:
        reason = f'named "{name}"'
    else:
        reason = kind.unmanaged_reason(raw)
    return f"it is {reason} by now; nothing was written" if reason else ""


def _has_its_name(change: Change, endpoint: Endpoint, raw: Raw) -> bool:
    """Whether an object that is to be renamed carries the new name by now."""
    renames = change.action is Action.RENAME
    return not renames or mapping.identity(endpoint, raw)[1] == change.address.name


@contextmanager
def _keep_unknown(unknown: OutcomeUnknown) -> Iterator[None]:
    """A failed look at what became of a write leaves it as unknown as it was."""
    try:
        yield
    except (AccountError, Interrupted) as error:
        raise OutcomeUnknown(f"{unknown}; looking for it failed: {error}") from None
