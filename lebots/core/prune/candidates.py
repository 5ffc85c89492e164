"""Which unmanaged objects a prune disables or deletes, and why others stay."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from lebots.core.checks.name_patterns import fits
from lebots.core.checks.protection import guard, said
from lebots.core.compare.change import planned_state
from lebots.core.compare.dependants import counted_users
from lebots.core.compare.graph import circle
from lebots.core.compare.match import Match
from lebots.core.compare.rotated_names import original_address
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change
from lebots.core.model.inventory import Inventory, PlannedInventory, targets
from lebots.core.model.kind import Field, Kind
from lebots.core.model.live import Live, PlannedState, Ref
from lebots.core.model.options import AccountPolicy
from lebots.core.model.value import Spec, Value
from lebots.core.quoting import quoted
from lebots.core.vendor.normalise import is_off

Pair: TypeAlias = tuple[Ref, Ref]
"""An object, and one that refers to it."""

Waits: TypeAlias = dict[Ref, set[Ref]]
"""By object: those that must have gone, or let go of it, before."""

_NAMED = 3
"""How many users of an object its reason names."""


@dataclass
class RemovalSet:
    """What becomes of each object in scope that no manifest declares."""

    inventory: Inventory
    planned: PlannedInventory
    live: Mapping[Ref, Live]
    """All of them."""
    actions: dict[Ref, Action]
    """Those that are taken out of use, and how."""
    reasons: dict[Ref, str]
    """Those that are kept, and why."""
    waits: Waits = field(default_factory=dict)
    cuts: dict[Ref, set[Address]] = field(default_factory=dict)
    """What an object lets go of before it is deleted, because it is referred to in turn."""

    def __post_init__(self) -> None:
        while blocked := {one: why for one in self.actions if (why := self._used(one))} or (
            self._order()
        ):
            for one, why in blocked.items():
                del self.actions[one]
                self.reasons[one] = why

    def kind(self, one: Ref) -> Kind:
        """The kind of an object."""
        return self.inventory.kinds[one.kind]

    def gone(self) -> frozenset[Address]:
        """What will be deleted."""
        return frozenset(
            self.live[one].address
            for one, action in self.actions.items()
            if action is Action.DELETE
        )

    def detach(self, one: Ref, gone: Collection[Address]) -> Spec | None:
        """The fields with which an object refers to none of ``gone``; None if it must refer."""
        live = self.live[one]
        return without(self.kind(one), live.spec, gone, self.inventory)

    def _used(self, one: Ref) -> str:
        """Who still needs the object, in words; empty where nobody does."""
        users = {
            each.address: each.unmanaged_reason
            for each in self.planned.referrers(self.live[one].address)
            if self._needs(each, one)
        }
        kinds = self.inventory.kinds
        # What belongs to it is told where it is all that holds it: it would go with it.
        users = {one: p for one, p in users.items() if not kinds[one.kind].belongs} or users
        if not users:
            return ""
        named = sorted(address for address, reason in users.items() if not reason)
        words = [str(address) for address in named[:_NAMED]]
        if more := len(named) - len(words):
            words.append(f"{more} more")
        words += counted_users(filter(None, users.values()))
        *first, last = words
        return f"still used by {', '.join(first)} and {last}" if first else f"still used by {last}"

    def _needs(self, user: PlannedState, one: Ref) -> bool:
        mine = user.live.ref if user.live else None
        action = self.actions.get(mine) if mine else None
        if mine is None or action is None:
            return True
        if action is Action.DELETE or self.actions[one] is Action.DISABLE:
            return False
        return self.detach(mine, {self.live[one].address}) is None

    def _order(self) -> dict[Ref, str]:
        """Finds out who waits for whom; returns the objects that cannot be taken apart."""
        at = {self.live[one].address: one for one in self.actions}
        self.cuts = {}
        self.waits = {}
        for address, one in at.items():
            users = {user.ref for user in self.inventory.referrers(address)}
            self.waits[one] = users & self.actions.keys()
        while pairs := circle(self.waits):
            if not (pair := self._weakest(pairs)):
                return {one: _stuck([self.live[other] for _, other in pairs]) for one, _ in pairs}
            self._part(pair)
        return {}

    def _part(self, pair: Pair) -> None:
        """Parts a pair of a circle, and the user from all else that it goes in circles with."""
        user = pair[1]
        for one in {pair[0], *self._before(user)}:
            if user not in self.waits[one] or not self._separable(one, user):
                continue
            self.waits[one].remove(user)
            if self.actions[one] is Action.DELETE:
                self.cuts.setdefault(user, set()).add(self.live[one].address)

    def _before(self, one: Ref) -> set[Ref]:
        """All that an object waits for, by whatever way."""
        found: set[Ref] = set()
        ahead = [one]
        while ahead:
            new = self.waits[ahead.pop()] - found
            found |= new
            ahead.extend(new)
        return found

    def _separable(self, one: Ref, user: Ref) -> bool:
        """Whether the object can go first: it is switched off only, or the user can let go."""
        return (
            self.actions[one] is Action.DISABLE
            or self.detach(user, {self.live[one].address}) is not None
        )

    def _weakest(self, pairs: Sequence[Pair]) -> Pair | None:
        """The pair that can be parted with the least ado: what is only switched off needs none."""
        for target, user in pairs:
            if self.actions[target] is Action.DISABLE:
                return target, user
        return next((pair for pair in pairs if self._separable(*pair)), None)


def fates(
    inventory: Inventory,
    pairs: Sequence[tuple[Match, Change]],
    doubted: Collection[str],
    allowed: AccountPolicy,
) -> RemovalSet:
    """What becomes of the objects in scope; ``pairs`` are the manifests with their changes.

    ``doubted`` are the kinds that the prune skips now.
    """
    live = {each.ref: each for each in in_scope(inventory, pairs, allowed)}
    declared = {pair.desired.address for pair, _ in pairs}
    names = said(pair.desired for pair, _ in pairs)
    reasons = {
        one: reason
        for one, each in live.items()
        if (
            reason := guard(each, names, allowed)
            or _obstacle(each, inventory, declared, doubted, allowed)
        )
    }
    actions = {
        one: action
        for one in live
        if one not in reasons and (action := how(inventory.kinds[one.kind], allowed))
    }
    planned = inventory.planned(planned_state(*pair) for pair in pairs)
    return RemovalSet(inventory, planned, live, actions, reasons)


def in_scope(
    inventory: Inventory, pairs: Sequence[tuple[Match, Change]], allowed: AccountPolicy
) -> list[Live]:
    """The objects that a prune may disable or delete: in scope, unmanaged, within lebots' reach."""
    declared = {
        each.ref
        for pair, _ in pairs
        for each in ([pair.live] if pair.live else inventory.like(pair.desired.address))
    }
    return [
        each
        for each in inventory.present
        if not (each.unmanaged_reason or each.built_in or each.ref in declared)
        and not _for_all(inventory.kinds[each.address.kind], each)
        and covers(allowed.scope, each.address)
    ]


def _for_all(kind: Kind, live: Live) -> bool:
    """Whether an object counts for whatever has none of its own: others live by it."""
    return kind.belongs is not None and kind.belongs.what(live.address.name) == live.address.name


def covers(scope: Mapping[str, Sequence[str]], address: Address) -> bool:
    """Whether an address is in scope, in any spelling."""
    return any(fits(pattern, address.name) for pattern in scope.get(address.kind, ()))


def how(kind: Kind, allowed: AccountPolicy) -> Action | None:
    """Whether a kind is disabled or deleted: as the project says, if the vendor can."""
    facts = kind.retirement
    if facts.deletable and (allowed.retire == "delete" or not facts.off):
        return Action.DELETE
    return Action.DISABLE if facts.off else None


def without(kind: Kind, spec: Spec, gone: Collection[Address], inventory: Inventory) -> Spec | None:
    """The fields that must change so that ``spec`` refers to none of ``gone``, as they will be.

    None where a reference cannot be taken away: the field must not be empty, or another name in it
    stands for several objects, so that it could not be written back.
    """
    fields: dict[str, Value] = {}
    for path, target in targets(kind, spec):
        if target in gone:
            part = kind.by_name[str(path[0])]
            left = _left(part, spec[part.name], gone, inventory)
            if part.create_only or part.fields or left is None:
                return None
            fields[part.name] = left[0]
    return fields


def _left(
    part: Field, value: Value, gone: Collection[Address], inventory: Inventory
) -> tuple[Value] | None:
    if not isinstance(value, list | tuple):
        return (None,) if "null" in part.schema.get("type", ()) else None
    names = [name for name in value if Address(part.ref, str(name)) not in gone]
    found = {name: len(inventory.at(Address(part.ref, str(name)))) for name in map(str, names)}
    if any(count > 1 for count in found.values()):
        return None
    # An id without a name is one of a deleted object; it cannot be written, and means nothing.
    left = [name for name in names if found[str(name)]]
    return (left,) if len(left) >= part.schema.get("minItems", 0) else None


def _obstacle(
    live: Live,
    inventory: Inventory,
    declared: Collection[Address],
    doubted: Collection[str],
    allowed: AccountPolicy,
) -> str:
    """What stands against taking an object out of use; empty where nothing does."""
    kind, address = inventory.kinds[live.address.kind], live.address
    if live.faults:
        return f"it cannot be read: {live.unread}"
    if original_address(live) in declared and not is_off(kind, live.spec):
        return f"a rotation of {original_address(live)} switches it off"
    if not kind.endpoint(live.endpoint).writable or how(kind, allowed) is None:
        return f"{live.endpoint} can be neither disabled nor deleted by a program"
    twins = [each for each in inventory.like(address) if not each.deleted and each.id != live.id]
    if twins:
        ids = ", ".join(f"{each.id} ({quoted(each.address.name)})" for each in twins)
        return f"its name is also that of {ids}, so nobody can tell which one is used"
    if kind.name in doubted:
        return f"lebots skips every {kind.label} in this run"
    return ""


def _stuck(circle: Sequence[Live]) -> str:
    names = ", ".join(str(live.address) for live in circle)
    return f"in a circle of references that cannot be opened: {names}"
