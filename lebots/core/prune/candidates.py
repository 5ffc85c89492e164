"""Which objects that no manifest declares are taken out of use, and what is kept, and why."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TypeAlias

from lebots.core.checks.name_patterns import fits
from lebots.core.checks.protection import guard, said
from lebots.core.compare.match import Index, Match
from lebots.core.compare.rotated_names import original_address
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change
from lebots.core.model.kind import Field, Kind, Retirement
from lebots.core.model.live import Account, Live
from lebots.core.model.options import AccountPolicy
from lebots.core.model.value import Spec, Value
from lebots.core.quoting import quoted
from lebots.core.vendor.normalise import canonical, is_off
from lebots.core.vendor.references import targets

ObjectId: TypeAlias = tuple[str, str]
"""Kind and id of a live object."""

Pair: TypeAlias = tuple[ObjectId, ObjectId]
"""An object, and one that refers to it."""

Waits: TypeAlias = dict[ObjectId, set[ObjectId]]
"""By object: those that must have gone, or let go of it, before."""

_NAMED = 3
"""How many users of an object its reason names."""


@dataclass(frozen=True, slots=True)
class PlannedState:
    """An object as it will stand after all creates and updates of the plan."""

    address: Address
    spec: Spec
    live: Live | None
    declared: bool = False
    note: str = ""
    """What it is where lebots does not manage it ("a human user")."""


@dataclass
class RemovalSet:
    """What becomes of each object in scope that no manifest declares."""

    kinds: Mapping[str, Kind]
    index: Index
    standing: Sequence[PlannedState]
    live: Mapping[ObjectId, Live]
    """All of them."""
    actions: dict[ObjectId, Action]
    """Those that are taken out of use, and how."""
    reasons: dict[ObjectId, str]
    """Those that are kept, and why."""
    waits: Waits = field(default_factory=dict)
    cuts: dict[ObjectId, set[Address]] = field(default_factory=dict)
    """What an object lets go of before it is deleted, because it is referred to in turn."""

    def __post_init__(self) -> None:
        self._users: dict[Address, list[PlannedState]] = {}
        for each in self.standing:
            for target in referred(self.kinds, each.address, each.spec):
                self._users.setdefault(target, []).append(each)
        while blocked := {one: why for one in self.actions if (why := self._used(one))} or (
            self._order()
        ):
            for one, why in blocked.items():
                del self.actions[one]
                self.reasons[one] = why

    def gone(self) -> frozenset[Address]:
        """What will be deleted."""
        return frozenset(
            self.live[one].address
            for one, action in self.actions.items()
            if action is Action.DELETE
        )

    def detach(self, one: ObjectId, gone: Collection[Address]) -> Spec | None:
        """The fields with which an object refers to none of ``gone``; None if it must refer."""
        live = self.live[one]
        return without(self.kinds[live.address.kind], live.spec, gone, self.index)

    def _used(self, one: ObjectId) -> str:
        """Who still needs the object, in words; empty where nobody does."""
        users = {
            each.address: each.note
            for each in self._users.get(self.live[one].address, ())
            if self._needs(each, one)
        }
        if not users:
            return ""
        words = [f"{a} ({note})" if note else str(a) for a, note in sorted(users.items())[:_NAMED]]
        more = f" and {len(users) - _NAMED} more" if len(users) > _NAMED else ""
        return f"still used by {', '.join(words)}{more}"

    def _needs(self, user: PlannedState, one: ObjectId) -> bool:
        mine = identity(user.live) if user.live else None
        action = self.actions.get(mine) if mine else None
        if mine is None or action is None:
            return True
        if action is Action.DELETE or self.actions[one] is Action.DISABLE:
            return False
        return self.detach(mine, {self.live[one].address}) is None

    def _order(self) -> dict[ObjectId, str]:
        """Finds out who waits for whom; returns the objects that cannot be taken apart."""
        at = {self.live[one].address: one for one in self.actions}
        self.cuts = {}
        self.waits = {one: set() for one in self.actions}
        for one, live in sorted((one, self.live[one]) for one in self.actions):
            for target in referred(self.kinds, live.address, live.spec):
                if target in at:
                    self.waits[at[target]].add(one)
        while circle := _circle(self.waits):
            if not (pair := self._weakest(circle)):
                return {one: _stuck([self.live[other] for _, other in circle]) for one, _ in circle}
            one, user = pair
            self.waits[one].remove(user)
            if self.actions[one] is Action.DELETE:
                self.cuts.setdefault(user, set()).add(self.live[one].address)
        return {}

    def _weakest(self, circle: Sequence[Pair]) -> Pair | None:
        """The pair that can be parted with the least ado: what is only switched off needs none."""
        for target, user in circle:
            if self.actions[target] is Action.DISABLE:
                return target, user
        for target, user in circle:
            if self.detach(user, {self.live[target].address}) is not None:
                return target, user
        return None


def fates(
    account: Account,
    index: Index,
    pairs: Sequence[tuple[Match, Change]],
    kinds: Mapping[str, Kind],
    doubted: Mapping[str, str],
    allowed: AccountPolicy,
) -> RemovalSet:
    """What becomes of the objects in scope; ``pairs`` are the manifests with their changes.

    ``doubted`` holds the kinds of which nothing may be retired now, with the reason.
    """
    live = {identity(each): each for each in in_scope(account, pairs, allowed)}
    declared = {pair.desired.address for pair, _ in pairs}
    names = said(pair.desired for pair, _ in pairs)
    reasons = {
        one: reason
        for one, each in live.items()
        if (
            reason := guard(each, names, allowed)
            or _obstacle(each, index, kinds, declared, doubted, allowed)
        )
    }
    actions = {
        one: action
        for one, each in live.items()
        if one not in reasons and (action := how(kinds[each.address.kind], allowed))
    }
    return RemovalSet(kinds, index, tuple(_standing(account, pairs)), live, actions, reasons)


def in_scope(
    account: Account, pairs: Sequence[tuple[Match, Change]], allowed: AccountPolicy
) -> list[Live]:
    """The objects a prune may be about: in scope, declared by nobody, and lebots' to touch."""
    declared = {identity(pair.live) for pair, _ in pairs if pair.live}
    meant = {_spelled(pair.desired.address) for pair, _ in pairs if not pair.live}
    return [
        each
        for each in account.objects
        if not (each.deleted or each.foreign or identity(each) in declared)
        if _spelled(each.address) not in meant
        if covers(allowed.scope, each.address)
    ]


def _spelled(address: Address) -> tuple[str, str]:
    """Kind and name in the form in which names count as the same."""
    return address.kind, canonical(address.name)


def covers(scope: Mapping[str, Sequence[str]], address: Address) -> bool:
    """Whether an address is in scope, in any spelling."""
    return any(fits(pattern, address.name) for pattern in scope.get(address.kind, ()))


def how(kind: Kind, allowed: AccountPolicy) -> Action | None:
    """How an object of a kind is retired: as wished where the vendor can, else as it can."""
    facts = kind.retirement or Retirement()
    if facts.deletable and (allowed.retire == "delete" or not facts.off):
        return Action.DELETE
    return Action.DISABLE if facts.off else None


def identity(live: Live) -> ObjectId:
    """What tells a live object from all others."""
    return live.address.kind, live.id


def referred(kinds: Mapping[str, Kind], address: Address, spec: Spec) -> set[Address]:
    """What an object refers to, itself aside."""
    return {target for _, target in targets(kinds[address.kind], spec)} - {address}


def without(kind: Kind, spec: Spec, gone: Collection[Address], index: Index) -> Spec | None:
    """The fields that must change so that ``spec`` refers to none of ``gone``, as they will be.

    None where a reference cannot be taken away: the field must not be empty, or another name in it
    stands for several objects, so that it could not be written back.
    """
    fields: dict[str, Value] = {}
    for path, target in targets(kind, spec):
        if target in gone:
            part = kind.by_name[str(path[0])]
            left = _left(part, spec[part.name], gone, index)
            if part.create_only or part.fields or left is None:
                return None
            fields[part.name] = left[0]
    return fields


def _left(
    part: Field, value: Value, gone: Collection[Address], index: Index
) -> tuple[Value] | None:
    if not isinstance(value, list | tuple):
        return (None,) if "null" in part.schema.get("type", ()) else None
    names = [name for name in value if Address(part.ref, str(name)) not in gone]
    found = {name: len(index.at(Address(part.ref, str(name)))) for name in map(str, names)}
    if any(count > 1 for count in found.values()):
        return None
    # An id without a name is one of a deleted object; it cannot be written, and means nothing.
    left = [name for name in names if found[str(name)]]
    return (left,) if len(left) >= part.schema.get("minItems", 0) else None


def _obstacle(
    live: Live,
    index: Index,
    kinds: Mapping[str, Kind],
    declared: Collection[Address],
    doubted: Mapping[str, str],
    allowed: AccountPolicy,
) -> str:
    """What stands against taking an object out of use; empty where nothing does."""
    kind, address = kinds[live.address.kind], live.address
    if original_address(live) in declared and not is_off(kind, live.spec):
        return f"a rotation of {original_address(live)} switches it off"
    if not kind.endpoint(live.endpoint).writable or how(kind, allowed) is None:
        return f"{live.endpoint} can be neither switched off nor deleted by a program"
    twins = [each for each in index.like(address) if not each.deleted and each.id != live.id]
    if twins:
        ids = ", ".join(f"{each.id} ({quoted(each.address.name)})" for each in twins)
        return f"its name is also that of {ids}, so nobody can tell which one is used"
    if kind.name in doubted:
        return f"no {kind.label} is retired in this run"
    return ""


def _standing(account: Account, pairs: Sequence[tuple[Match, Change]]) -> Iterator[PlannedState]:
    for pair, change in pairs:
        resets = {part.path: part.after for part in change.fields if part.reset}
        base = pair.live.spec if pair.live else pair.kind.on_create
        spec = {**base, **pair.desired.spec, **resets}
        yield PlannedState(pair.desired.address, spec, pair.live, declared=True)
    declared = {identity(pair.live) for pair, _ in pairs if pair.live}
    for live in account.objects:
        if not live.deleted and identity(live) not in declared:
            yield PlannedState(live.address, live.spec, live, note=live.foreign)


def _circle(waits: Waits) -> list[Pair]:
    """The first circle, pair by pair; empty where there is none."""
    try:
        TopologicalSorter({one: sorted(waits[one]) for one in sorted(waits)}).prepare()
    except CycleError as error:
        nodes: Sequence[ObjectId] = error.args[1]
        return [(target, user) for user, target in pairwise(nodes)]
    return []


def _stuck(circle: Sequence[Live]) -> str:
    names = ", ".join(str(live.address) for live in circle)
    return f"in a circle of references that cannot be opened: {names}"
