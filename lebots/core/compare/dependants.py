"""Which objects use one that a plan changes, disables or deletes."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from lebots.core.compare.change import sends
from lebots.core.model.address import Address
from lebots.core.model.change import REMOVALS, TOUCHES, Action, Change, Dependant
from lebots.core.model.inventory import Inventory, PlannedInventory
from lebots.core.model.kind import Kind
from lebots.core.model.live import HUMAN


def with_dependants(
    changes: Sequence[Change],
    inventory: Inventory,
    after: PlannedInventory,
    declared: Collection[Address],
) -> tuple[Change, ...]:
    """The changes, each with the objects that refer to its object now or ``after`` the plan.

    Only a change of an object that exists can hurt anybody, and one that writes to a sink alone
    does not; a new credential is told of where several objects will share it.
    """

    def with_users(change: Change) -> Change:
        if not _touches(change, inventory.kinds):
            return change
        now, then = inventory.referrers(change.address), after.referrers(change.address)
        if change.action not in REMOVALS:
            # What belongs to an object notices only that it goes.
            now = [one for one in now if not inventory.kinds[one.address.kind].belongs]
            then = [one for one in then if not inventory.kinds[one.address.kind].belongs]
        unmanaged_reason = {user.address: user.unmanaged_reason for user in now}
        unmanaged_reason |= {user.address: user.unmanaged_reason for user in then}
        if not _hurts(change, unmanaged_reason):
            return change
        used_by = (
            Dependant(user, user in declared, unmanaged_reason[user])
            for user in sorted(unmanaged_reason)
        )
        return replace(change, used_by=tuple(used_by))

    return tuple(map(with_users, changes))


def counted_users(reasons: Iterable[str]) -> list[str]:
    """Users that are counted and not named, people first, by why lebots never touches them."""
    counts = Counter(reasons)
    people = counts.pop(HUMAN, 0)
    words = ["1 person" if people == 1 else f"{people} people"] if people else []
    for reason, number in sorted(counts.items()):
        words.append(reason if number == 1 else f"{number} users (each {reason})")
    return words


def _hurts(change: Change, used: Collection[Address]) -> bool:
    """A new credential is told of where several will share it: whoever has one has them all."""
    return change.action is not Action.CREATE or len(used) > 1


def _touches(change: Change, kinds: Mapping[str, Kind]) -> bool:
    if change.action is Action.CREATE:
        return bool(change.sink)
    return (
        change.action in TOUCHES
        and change.id is not None
        and sends(change, kinds[change.address.kind])
    )
