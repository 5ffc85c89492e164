"""What the changes of a plan do to people and live customers, told from the data of the kinds."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lebots.core.compare.dependants import counted_users
from lebots.core.model.address import Address
from lebots.core.model.change import (
    ORDER,
    Action,
    Change,
    ChangeEffect,
    Effect,
    FieldChange,
    FieldEffect,
)
from lebots.core.model.inventory import Inventory, PlannedInventory
from lebots.core.model.kind import Kind
from lebots.core.model.live import Live, Ref
from lebots.core.quoting import quoted
from lebots.core.vendor.normalise import is_off

_CANNOT_UNDO = "cannot be undone"
_NAMED = 3
"""Objects that share a login and are named."""
_STOPS = "is switched off"


def with_effects(
    changes: Iterable[Change],
    inventory: Inventory,
    after: PlannedInventory,
    adopted: Collection[Address],
    declared: Collection[Address],
) -> tuple[Change, ...]:
    """The changes, each with its effects, the most harmful first.

    ``inventory`` is the account as it is, with the names after the plan's renames, ``after`` as it
    will stand. ``adopted`` are live objects that nothing ties to the manifests yet, ``declared``
    all that manifests declare.
    """
    changes = tuple(changes)
    deleted = {change.address for change in changes if change.action is Action.DELETE}
    teller = _Teller(inventory, after, adopted, declared, deleted)
    return tuple(replace(change, effects=teller.effects(change)) for change in changes)


def affected(changes: Iterable[Change], effect: Effect) -> tuple[Address, ...]:
    """The objects that this effect of any of the changes falls on, each once, by address."""
    effects = (one for change in changes for one in change.effects if one.effect is effect)
    return tuple(sorted({address for one in effects for address in one.on}))


@dataclass(frozen=True)
class _Teller:
    """Tells the effects of one plan's changes."""

    now: Inventory
    after: PlannedInventory
    adopted: Collection[Address]
    declared: Collection[Address]
    deleted: Collection[Address]

    def effects(self, change: Change) -> tuple[ChangeEffect, ...]:
        """All effects of one change, the most harmful first."""
        found = dict.fromkeys(self._found(change))
        return tuple(sorted(found, key=lambda one: ORDER.index(one.effect)))

    def _found(self, change: Change) -> Iterator[ChangeEffect]:
        alone = (change.address,)
        if change.action is Action.DELETE:
            yield ChangeEffect(Effect.IRREVERSIBLE, _CANNOT_UNDO, on=alone)
        kind = self.now.kinds[change.address.kind]
        if change.address in self.deleted and not kind.belongs:
            return
        live = self.now.by_ref.get(Ref(kind.name, change.id or ""))
        if change.action is Action.DISABLE and _in_use(kind, live):
            why = kind.retirement.stops
            yield ChangeEffect(Effect.OUT_OF_SERVICE, why or _STOPS, on=self._stopped(change))
        for part in change.fields:
            if part.loss:
                yield ChangeEffect(Effect.IRREVERSIBLE, part.loss, part.path, alone)
            if not part.reset:  # it comes with a field whose effects are told
                yield from self._of_field(change, kind, live, part)
        if change.sink and kind.delivery:
            name = kind.delivery.sink_field
            yield from (
                ChangeEffect(one.effect, one.why, name, alone)
                for one in _declared(kind, name)
                if one.effect is Effect.NEW_SECRET
            )
        if live and change.address in self.adopted and (words := self._users(kind, live)):
            yield ChangeEffect(Effect.ADOPTS, words, on=alone)

    def _of_field(
        self, change: Change, kind: Kind, live: Live | None, part: FieldChange
    ) -> Iterator[ChangeEffect]:
        for one in _declared(kind, part.path):
            if live is None and not one.on_create:
                continue
            if one.effect is Effect.NEW_SECRET:
                continue  # told of the delivery, which is more than the field
            if not one.when.holds(part.before, part.after, self.after.spec):
                continue
            if one.effect is not Effect.OUT_OF_SERVICE:
                why = one.why
                if one.effect is Effect.GRANTS:
                    why += self._holders(change, kind)
                elif one.effect is Effect.LOGIN_CHANGES and part.path == kind.login_key:
                    why += self._sharing(change, kind, part)
                yield ChangeEffect(one.effect, why, part.path, (change.address,))
            elif _in_use(kind, live) and change.action is not Action.DISABLE:
                yield ChangeEffect(one.effect, one.why, part.path, self._stopped(change))

    def _holders(self, change: Change, kind: Kind) -> str:
        """Who has the rights of an object too: whoever holds what it logs in with."""
        state = self.after.world.get(change.address)
        login = state.spec.get(kind.login_key) if state and kind.login_key else None
        if not isinstance(login, str):
            return ""
        label = self.now.kinds[kind.by_name[kind.login_key].ref].label
        return f"; so may whoever holds the {label} {quoted(login)}"

    def _sharing(self, change: Change, kind: Kind, part: FieldChange) -> str:
        """Which live objects will log in with the same thing, as far as they may be named."""
        login = Address(kind.by_name[kind.login_key].ref, str(part.after))
        users = [
            one
            for one in self.after.referrers(login)
            if one.live and one.address != change.address and one.address not in self.deleted
        ]
        named = sorted(
            f"{self.now.kinds[one.address.kind].label} {quoted(one.address.name)}"
            for one in users
            if not one.unmanaged_reason
        )
        more = [f"{len(named) - _NAMED} more"] if len(named) > _NAMED else []
        words = (
            named[:_NAMED]
            + more
            + counted_users(one.unmanaged_reason for one in users if one.unmanaged_reason)
        )
        return f"; it is the login of {', '.join(words)} too" if words else ""

    def _stopped(self, change: Change) -> tuple[Address, ...]:
        """The object, and those in use that will log in with it."""
        return (change.address, *self._logging_in(change.address))

    def _logging_in(self, address: Address) -> Sequence[Address]:
        return sorted(
            user.address
            for user in self.after.referrers(address)
            if user.address not in self.deleted
            if (kind := self.now.kinds[user.address.kind]).login_key
            if user.spec.get(kind.login_key) == address.name and _in_use(kind, user.live)
        )

    def _users(self, kind: Kind, live: Live) -> str:
        """Who uses an object beside what manifests declare, in words that name nobody."""
        users = [
            one
            for one in self.now.referrers(live.address)
            if not (one.address in self.declared or self.now.kinds[one.address.kind].belongs)
        ]
        words = counted_users(one.unmanaged_reason for one in users if one.unmanaged_reason)
        if rest := sum(not one.unmanaged_reason for one in users):
            words.append(_counted(rest, "unmanaged object", "unmanaged objects"))
        if words:
            return f"exists already, used by {' and '.join(words)}; lebots will manage it"
        return "exists already; lebots will manage it" if kind.login_key else ""


def _declared(kind: Kind, path: str) -> Sequence[FieldEffect]:
    return kind.by_name[path.partition(".")[0]].effects or ()


def _in_use(kind: Kind, live: Live | None) -> bool:
    return live is not None and not is_off(kind, live.spec)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
