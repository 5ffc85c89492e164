"""What is part of another change: the key and the skill of a bot that comes or goes with it."""

from collections.abc import Iterator, Mapping, Sequence

from lebots.core.model.address import Address
from lebots.core.model.change import REMOVALS, Action, Change, Effect
from lebots.core.model.kind import Kind


def parts_of(changes: Sequence[Change], kinds: Mapping[str, Kind]) -> Mapping[Address, Address]:
    """By object: the one bot it comes, goes or stops with, where nothing else has a use for it."""
    users: dict[Address, set[Address]] = {}
    for change in changes:
        for target in change.references:
            users.setdefault(target, set()).add(change.address)
    fates = {change.address: _fate(change) for change in changes}
    found = {}
    for change in changes:
        owners = list(_users(change, users))
        fate = _fate(change)
        if len(owners) == 1 and fate and fates.get(owners[0]) == fate:
            owner = owners[0]
            if owner.kind in kinds and kinds[owner.kind].login_key:
                found[change.address] = owner
    return {part: owner for part, owner in found.items() if owner not in found}


def _fate(change: Change) -> str:
    """What becomes of the object as a whole; empty where it stays as it is."""
    if change.action is Action.CREATE or change.action is Action.DELETE:
        return change.action.value
    stops = any(
        one.effect is Effect.OUT_OF_SERVICE and change.address in one.on for one in change.effects
    )
    return Effect.OUT_OF_SERVICE.value if stops else ""


def _users(change: Change, users: Mapping[Address, set[Address]]) -> Iterator[Address]:
    if change.action is Action.CREATE:
        yield from users.get(change.address, ())
    elif change.action in REMOVALS:
        yield from (user.address for user in change.used_by)
    else:
        yield from {
            on
            for one in change.effects
            if one.effect is Effect.OUT_OF_SERVICE
            for on in one.on
            if on != change.address
        }
