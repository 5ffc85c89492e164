"""Which lists of an account may be incomplete.

A prune skips the kinds of such lists: an object that is missing in a list is not always gone (F44,
F45).
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from lebots.core.model.address import Address
from lebots.core.model.inventory import Inventory, refers_to
from lebots.core.model.kind import Kind
from lebots.core.model.live import Ref

Doubt: TypeAlias = tuple[str, str]
"""A kind, and why the account may not have returned its whole list."""


def unreliable_kinds(
    inventory: Inventory,
    delivered: Mapping[Address, str],
    shrunken: Mapping[str, tuple[int | None, int]],
) -> Mapping[str, str]:
    """By kind: why nobody can tell whether its objects are in use; other kinds are sure.

    ``delivered`` holds for each declared object the id whose secret is in its sink;
    ``shrunken`` the collections that lost too much since they were last read whole.
    """
    found: dict[str, str] = {}
    kinds = inventory.kinds
    unread = {name: f"could not be read: {why}" for name, why in inventory.unreadable.items()}
    for check in (
        _doubted(unread, kinds),
        _doubted({name: _lost(*counted) for name, counted in shrunken.items()}, kinds),
        _points_nowhere(inventory),
        _known_to_a_sink(inventory, delivered),
    ):
        for kind, why in check:
            found.setdefault(kind, why)
    return found


def unseen_users(inventory: Inventory, kind: str) -> str:
    """Why nobody can tell who uses the objects of a kind; empty where all that may is listed."""
    lists = {
        endpoint.name
        for user in inventory.kinds.values()
        if refers_to(user, {kind})
        for endpoint in user.endpoints
    }
    return "; ".join(
        f"{name} could not be read: {inventory.unreadable[name]}"
        for name in sorted(lists & inventory.unreadable.keys())
    )


def _lost(then: int | None, now: int) -> str:
    write = "write a new one with `lebots apply --receipt FILE`"
    if then is None:
        return f"is not counted in the receipt, so nobody knows what it lost; {write}"
    counted = f"{then} objects then, {now} now"
    return f"lost too much since the receipt: {counted}; if that is right, {write}"


def _doubted(lists: Mapping[str, str], kinds: Mapping[str, Kind]) -> Iterator[Doubt]:
    """Kinds of which a list lacks objects, and kinds that the objects it lacks may refer to."""
    for name, reason in sorted(lists.items()):
        for kind in kinds.values():
            if name in {endpoint.name for endpoint in kind.endpoints}:
                for doubted in {kind.name, *(ref for _, ref in kind.references)}:
                    yield doubted, f"{name} {reason}"


def _points_nowhere(inventory: Inventory) -> Iterator[Doubt]:
    """Kinds of which an object is still referred to that no list shows, not even as deleted."""
    for live in sorted(inventory.present, key=lambda live: (live.address, live.id)):
        for ref in live.dangling:
            if ref not in inventory.by_ref:
                yield ref.kind, f"{live.address} refers to the id {ref.id}, which no list shows"


def _known_to_a_sink(inventory: Inventory, delivered: Mapping[Address, str]) -> Iterator[Doubt]:
    for address, held in sorted(delivered.items()):
        if Ref(address.kind, held) not in inventory.by_ref:
            yield (
                address.kind,
                f"the sink of {address} holds the secret of the id {held}, which no list shows",
            )
