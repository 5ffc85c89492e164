"""The order of the changes, derived from references."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from lebots.core.compare.graph import circle, in_order
from lebots.core.model.address import Address
from lebots.core.model.change import WRITES, Action, Change
from lebots.core.model.inventory import targets
from lebots.core.model.kind import Kind


@dataclass(frozen=True, slots=True)
class _Need:
    """One reason why a change waits for another."""

    target: Address
    field: str
    hard: bool
    """The target has no id before its own change is done."""


_Needs: TypeAlias = dict[Address, list[_Need]]


def kind_ranks(kinds: Mapping[str, Kind]) -> Mapping[str, int]:
    """Each kind's place in the order of work: what is referred to first, secrets late.

    Among kinds that do not need each other, the one that yields a secret comes later, since a key
    that was made cannot be unmade.
    """
    needs = {
        name: {ref for _, ref in kind.references if ref != name} & kinds.keys()
        for name, kind in kinds.items()
    }
    ranks: dict[str, int] = {}
    while len(ranks) < len(kinds):
        left = [name for name in kinds if name not in ranks]
        # Where kinds refer to each other in a circle, single changes are told apart in `ordered`.
        ready = [name for name in left if needs[name] <= ranks.keys()] or left
        ranks[min(ready, key=lambda name: (kinds[name].delivery is not None, name))] = len(ranks)
    return ranks


def ordered(changes: Iterable[Change], kinds: Mapping[str, Kind]) -> tuple[Change, ...]:
    """The writing changes in the order of work, each with what it depends on.

    New objects that refer to each other in a circle are created without the references that close
    the circle; a second change links them once all ids are known.
    """
    by_address = {change.address: change for change in changes if change.action in WRITES}
    needs = {
        address: _needs(change, by_address, kinds) for address, change in sorted(by_address.items())
    }
    deferred = _open_circles(needs, kinds)
    ranks = kind_ranks(kinds)
    order = list(in_order(_targets(needs), lambda a: (ranks[a.kind], a.name)))
    first = [_without(by_address[a], needs[a], deferred.get(a, set())) for a in order]
    links = [_link(by_address[a], deferred[a], by_address, kinds) for a in order if a in deferred]
    return (*first, *links)


def _needs(
    change: Change, changes: Mapping[Address, Change], kinds: Mapping[str, Kind]
) -> list[_Need]:
    return [
        _Need(target, str(path[0]), hard=changes[target].action is Action.CREATE)
        for path, target in targets(kinds[change.address.kind], change.desired)
        # An existing object may point at itself freely; a new one has no id to point at yet.
        if target in changes and (target != change.address or change.action is Action.CREATE)
    ]


def _open_circles(needs: _Needs, kinds: Mapping[str, Kind]) -> dict[Address, set[str]]:
    """Takes needs away until no circle is left; returns the fields that must be linked later."""
    deferred: dict[Address, set[str]] = {}
    while pairs := circle(_targets(needs)):
        soft = next(
            (pair for pair in pairs if not any(n.hard for n in _between(needs, *pair))), None
        )
        if soft:
            waiter, target = soft
            needs[waiter] = [need for need in needs[waiter] if need.target != target]
            continue
        waiter, target = min(pairs, key=lambda pair: _cannot_wait(pair, needs, kinds))
        fields = {need.field for need in _between(needs, waiter, target)}
        deferred.setdefault(waiter, set()).update(fields)
        needs[waiter] = [need for need in needs[waiter] if need.field not in fields]
    return deferred


def _between(needs: _Needs, waiter: Address, target: Address) -> list[_Need]:
    return [need for need in needs[waiter] if need.target == target]


def _cannot_wait(
    pair: tuple[Address, Address], needs: _Needs, kinds: Mapping[str, Kind]
) -> tuple[bool, Address]:
    waiter, target = pair
    needed = kinds[waiter.kind].needed
    return any(need.field in needed for need in _between(needs, waiter, target)), waiter


def _targets(needs: _Needs) -> Mapping[Address, set[Address]]:
    return {address: {need.target for need in reasons} for address, reasons in needs.items()}


def _without(change: Change, needs: Iterable[_Need], deferred: set[str]) -> Change:
    depends_on = tuple(sorted({need.target for need in needs}))
    if not deferred:
        return replace(change, depends_on=depends_on)
    return replace(
        change,
        depends_on=depends_on,
        fields=tuple(f for f in change.fields if f.path not in deferred),
        desired={name: value for name, value in change.desired.items() if name not in deferred},
    )


def _link(
    change: Change,
    deferred: set[str],
    changes: Mapping[Address, Change],
    kinds: Mapping[str, Kind],
) -> Change:
    desired = {name: value for name, value in change.desired.items() if name in deferred}
    pointed = {target for _, target in targets(kinds[change.address.kind], desired)}
    return replace(
        change,
        action=Action.UPDATE,
        fields=tuple(f for f in change.fields if f.path in deferred),
        desired=desired,
        depends_on=tuple(sorted({change.address, *(pointed & changes.keys())})),
        references={a: id_ for a, id_ in change.references.items() if a in pointed},
        sink="",
        note="links new objects that refer to each other",
    )
