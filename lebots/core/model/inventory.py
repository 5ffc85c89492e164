"""One account, indexed: by name, by id, by who refers to what, and after a plan."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from lebots.core.model.address import Address, canonical
from lebots.core.model.change import Action, Change
from lebots.core.model.kind import Field, Kind
from lebots.core.model.live import Account, Live, PlannedState, Ref, World
from lebots.core.model.value import Path, Spec, Value

_Object = TypeVar("_Object", Live, PlannedState)


@dataclass(frozen=True)
class Inventory:
    """What one reading of an account gave, found by name, by id and by what refers to it."""

    account: Account
    kinds: Mapping[str, Kind]

    @property
    def objects(self) -> Sequence[Live]:
        """Every object, deleted ones too."""
        return self.account.objects

    @property
    def unreadable(self) -> Mapping[str, str]:
        """Collections that could not be read, with the reason; unreadable is not absent."""
        return self.account.unreadable

    @cached_property
    def listed(self) -> Mapping[str, Kind]:
        """The kinds whose lists were asked for."""
        return {n: kind for n, kind in self.kinds.items() if n not in self.account.unasked}

    @cached_property
    def present(self) -> tuple[Live, ...]:
        """The objects that are not deleted."""
        return tuple(live for live in self.objects if not live.deleted)

    @cached_property
    def managed(self) -> tuple[Live, ...]:
        """The present objects that manifests can declare and lebots may touch and can read."""
        return tuple(live for live in self._declarable if not live.faults)

    def in_reach(self, declared: Collection[Address]) -> int:
        """How many objects are managed or could be, with ``declared`` what manifests declare."""
        return sum(
            self.kinds[live.address.kind].counted or live.address in declared
            for live in self.managed
        )

    @cached_property
    def undecodable(self) -> tuple[Live, ...]:
        """The objects that manifests could declare if lebots could read them."""
        return tuple(live for live in self._declarable if live.faults)

    @cached_property
    def _declarable(self) -> tuple[Live, ...]:
        lookup_only = {kind.name for kind in self.kinds.values() if kind.lookup_only}
        return tuple(
            live
            for live in self.present
            if not (live.unmanaged_reason or live.built_in or live.untouched)
            and live.address.kind not in lookup_only
        )

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many objects are present in each collection; none in one that is left out."""
        return Counter(live.endpoint for live in self.present)

    @cached_property
    def by_ref(self) -> Mapping[Ref, Live]:
        """Every object by kind and id, deleted ones too."""
        return {live.ref: live for live in self.objects}

    @cached_property
    def names(self) -> Mapping[Ref, str]:
        """The name of every present object by kind and id."""
        return {live.ref: live.address.name for live in self.present}

    def like(self, address: Address) -> Sequence[Live]:
        """Every object whose name counts as the same, deleted ones too."""
        return self._by_canonical.get(_canonical(address), ())

    def at(self, address: Address) -> Sequence[Live]:
        """The present objects of exactly that name."""
        return self._by_address.get(address, ())

    def names_of(self, kind: str) -> list[str]:
        """The names of all present objects of a kind."""
        return [address.name for address in self._by_address if address.kind == kind]

    def spec(self, kind: str, name: str) -> Spec | None:
        """The live fields of one object, where exactly one has that name."""
        found = self.at(Address(kind, name))
        return found[0].spec if len(found) == 1 else None

    def referrers(self, address: Address) -> Sequence[Live]:
        """The present objects that refer to this one, itself aside."""
        return self._referrers.get(address, ())

    def undeclared(self, declared: Collection[Address]) -> list[Live]:
        """The managed objects at none of these addresses, of the kinds whose plans say so."""
        return [
            live
            for live in self.managed
            if self.kinds[live.address.kind].reports_undeclared and live.address not in declared
        ]

    def renamed(self, was: Mapping[Address, str]) -> "Inventory":
        """The account as if these renames (new address to old name) were made."""
        if not was:
            return self
        names = {Address(address.kind, old): address.name for address, old in was.items()}
        about = {address.kind for address in names}
        pointing = {name for name, kind in self.kinds.items() if refers_to(kind, about)}
        objects = (
            _renamed(live, self.kinds[live.address.kind], names, live.address.kind in pointing)
            for live in self.objects
        )
        return Inventory(replace(self.account, objects=tuple(objects)), self.kinds)

    def planned(self, declared: Iterable[PlannedState] = ()) -> "PlannedInventory":
        """The account as it will stand once the declared objects are as given."""
        declared = tuple(declared)
        after = {state.live.ref: state for state in declared if state.live}
        states = (after.get(live.ref) or PlannedState.of(live) for live in self.present)
        made = (state for state in declared if not state.live)
        return PlannedInventory((*states, *made), self.kinds)

    @cached_property
    def _by_address(self) -> Mapping[Address, list[Live]]:
        return _grouped((live.address, live) for live in self.present)

    @cached_property
    def _by_canonical(self) -> Mapping[Address, list[Live]]:
        return _grouped((_canonical(live.address), live) for live in self.objects)

    @cached_property
    def _referrers(self) -> Mapping[Address, list[Live]]:
        return _by_target(self.present, self.kinds)


@dataclass(frozen=True)
class PlannedInventory:
    """An account as it will stand after a plan."""

    states: tuple[PlannedState, ...]
    kinds: Mapping[str, Kind]

    @cached_property
    def world(self) -> World:
        """The objects by address, in its order; of several with one name, a declared one."""
        ordered = sorted(self.states, key=lambda one: (one.address, one.declared))
        return {one.address: one for one in ordered}

    def spec(self, kind: str, name: str) -> Spec | None:
        """The fields of the object of that name, if there will be one."""
        found = self.world.get(Address(kind, name))
        return found.spec if found else None

    def referrers(self, address: Address) -> Sequence[PlannedState]:
        """The objects that will refer to this one, itself aside."""
        return self._referrers.get(address, ())

    def without(self, removals: Iterable[Change]) -> "PlannedInventory":
        """The account once these objects are deleted or switched off too."""
        left = {one.live.ref if one.live else one.address: one for one in self.states}
        for change in removals:
            ref = Ref(change.address.kind, change.id or "")
            if change.action is Action.DELETE:
                del left[ref]
            else:
                left[ref] = replace(left[ref], spec={**left[ref].spec, **change.desired})
        return PlannedInventory(tuple(left.values()), self.kinds)

    @cached_property
    def _referrers(self) -> Mapping[Address, list[PlannedState]]:
        return _by_target(self.states, self.kinds)


def targets(kind: Kind, spec: Spec) -> Iterator[tuple[Path, Address]]:
    """Every object the spec points at, with the place of the name."""
    yield from _targets(kind.referring, spec)


def refers_to(kind: Kind, kinds: Collection[str]) -> bool:
    """Whether objects of a kind can refer to objects of any of these kinds."""
    return any(ref in kinds for _, ref in kind.references)


def needed(
    kinds: Mapping[str, Kind],
    about: Collection[str],
    *,
    users: bool = True,
    removed: Collection[str] = (),
) -> frozenset[str]:
    """The kinds whose lists tell all about objects of some: they, and what they refer to.

    With ``users`` also those that refer to them, so that nobody who uses an object is overlooked;
    what only belongs to an object notices nothing but that it is ``removed``.
    """
    found = set(about).union(ref for name in about for _, ref in kinds[name].references)
    if users:
        uses = ((kind, removed if kind.belongs else about) for kind in kinds.values())
        found |= {kind.name for kind, used in uses if refers_to(kind, used)}
    return frozenset(found)


def reported(kinds: Mapping[str, Kind]) -> frozenset[str]:
    """The kinds of which plans tell what no manifest declares."""
    return frozenset(name for name, kind in kinds.items() if kind.reports_undeclared)


def to_new_names(kind: Kind, spec: Spec, names: Mapping[Address, str]) -> Spec:
    """The spec with the names of renamed objects turned into their new ones."""
    return mapped(kind, spec, lambda ref, name: names.get(Address(ref, name), name))


def mapped(kind: Kind, spec: Spec, turn: Callable[[str, str], str]) -> Spec:
    """The spec with every reference (its kind, and what stands there) turned into another."""
    return _mapped(kind.referring, spec, turn)


def _renamed(live: Live, kind: Kind, names: Mapping[Address, str], points: bool) -> Live:
    spec = to_new_names(kind, live.spec, names) if points else live.spec
    address = live.address
    if address in names and not live.deleted:
        address = Address(address.kind, names[address])
    if kind.belongs and points:
        what = kind.belongs.what(address.name)
        address = Address(address.kind, kind.belongs.called(what, spec.get(kind.belongs.owner)))
    return replace(live, address=address, spec=spec)


def _canonical(address: Address) -> Address:
    return Address(address.kind, canonical(address.name))


def _grouped(pairs: Iterable[tuple[Address, _Object]]) -> Mapping[Address, list[_Object]]:
    found: dict[Address, list[_Object]] = {}
    for address, one in pairs:
        found.setdefault(address, []).append(one)
    return found


def _by_target(
    objects: Iterable[_Object], kinds: Mapping[str, Kind]
) -> Mapping[Address, list[_Object]]:
    return _grouped(
        (target, one)
        for one in objects
        for target in dict.fromkeys(t for _, t in targets(kinds[one.address.kind], one.spec))
        if target != one.address
    )


def _targets(fields: Iterable[Field], spec: Spec) -> Iterator[tuple[Path, Address]]:
    for part in fields:
        value = spec.get(part.name)
        if part.ref and isinstance(value, str):
            yield (part.name,), Address(part.ref, value)
        elif isinstance(value, list | tuple):
            for position, item in enumerate(value):
                if part.ref and isinstance(item, str):
                    yield (part.name, position), Address(part.ref, item)
                elif part.fields and isinstance(item, Mapping):
                    for path, address in _targets(part.fields, item):
                        yield (part.name, position, *path), address


def _mapped(fields: Iterable[Field], spec: Spec, turn: Callable[[str, str], str]) -> Spec:
    turned = dict(spec)
    for part in fields:
        if part.name in turned:
            turned[part.name] = _turned(part, turned[part.name], turn)
    return turned


def _turned(part: Field, value: Value, turn: Callable[[str, str], str]) -> Value:
    if part.ref and isinstance(value, str):
        return turn(part.ref, value)
    if isinstance(value, list | tuple):
        return [
            turn(part.ref, item)
            if part.ref and isinstance(item, str)
            else _mapped(part.fields, item, turn)
            if part.fields and isinstance(item, Mapping)
            else item
            for item in value
        ]
    return value
