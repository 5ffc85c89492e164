"""Who hangs on an object that a plan changes or takes out of use."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from lebots.core.compare.change import sends
from lebots.core.model.address import Address
from lebots.core.model.change import REMOVALS, Action, Change, Dependant
from lebots.core.model.kind import Kind, World
from lebots.core.model.live import Account
from lebots.core.model.value import Spec
from lebots.core.vendor.references import targets

_TOUCHING = REMOVALS | {Action.UPDATE, Action.RENAME}


def with_dependants(
    changes: Sequence[Change],
    account: Account,
    after: World,
    declared: Collection[Address],
    kinds: Mapping[str, Kind],
) -> tuple[Change, ...]:
    """The changes, each with the objects that refer to its object now or ``after`` the plan.

    Only a change of an object that exists can hurt anybody, and one that writes to a sink alone
    does not; a new credential is told of where several objects will share it.
    """
    touched = {change.address for change in changes if _touches(change, kinds)}
    if not touched:
        return tuple(changes)
    found: dict[Address, dict[Address, Dependant]] = {address: {} for address in touched}
    for address, spec, foreign in _referring(account, after, touched, kinds):
        for _, target in targets(kinds[address.kind], spec):
            if target in found and target != address:
                found[target][address] = Dependant(address, address in declared, foreign)
    return tuple(
        replace(change, used_by=tuple(used[address] for address in sorted(used)))
        if (used := found.get(change.address)) and _touches(change, kinds) and _hurts(change, used)
        else change
        for change in changes
    )


def _hurts(change: Change, used: Collection[Address]) -> bool:
    """A new credential is told of where several will share it: whoever has one has them all."""
    return change.action is not Action.CREATE or len(used) > 1


def _touches(change: Change, kinds: Mapping[str, Kind]) -> bool:
    if change.action is Action.CREATE:
        return bool(change.sink)
    return (
        change.action in _TOUCHING
        and change.id is not None
        and sends(change, kinds[change.address.kind])
    )


def _referring(
    account: Account, after: World, touched: Collection[Address], kinds: Mapping[str, Kind]
) -> Iterator[tuple[Address, Spec, str]]:
    """Address, fields and foreignness of every object of a kind that can refer to these."""
    about = {address.kind for address in touched}
    able = {name for name, kind in kinds.items() if any(ref in about for _, ref in kind.references)}
    for live in account.objects:
        if live.address.kind in able and not live.deleted:
            yield live.address, live.spec, live.foreign
    for projected in after.values():
        if projected.address.kind in able:
            yield projected.address, projected.spec, projected.foreign
