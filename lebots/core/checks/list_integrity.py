"""Which lists of an account may be incomplete.

A prune skips the kinds of such lists: an object that is missing in a list is not always gone (F44,
F45).
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lebots.core.model.address import Address
from lebots.core.model.finding import NO_FACTS, Facts
from lebots.core.model.inventory import Inventory, refers_to
from lebots.core.model.kind import Kind
from lebots.core.model.live import Ref


class Doubt(NamedTuple):
    """Why the list of a kind may not have something, with what a finding must know of it."""

    why: str
    facts: Facts = NO_FACTS


def unreliable_kinds(
    inventory: Inventory,
    delivered: Mapping[Address, str],
    shrunken: Mapping[str, tuple[int | None, int]],
) -> Mapping[str, Doubt]:
    """By kind: why nobody can tell whether its objects are in use; other kinds are sure.

    ``delivered`` holds for each declared object the id whose secret is in its sink;
    ``shrunken`` the collections that lost too much since they were last read whole.
    """
    found: dict[str, Doubt] = {}
    kinds = inventory.kinds
    unread = {
        name: Doubt(f"{name} could not be read: {why}")
        for name, why in inventory.unreadable.items()
    }
    for check in (
        _doubted(unread, kinds),
        _doubted({name: _lost(name, *counted) for name, counted in shrunken.items()}, kinds),
        _points_nowhere(inventory),
        _known_to_a_sink(inventory, delivered),
    ):
        for kind, doubt in check:
            found.setdefault(kind, doubt)
    return found


def unseen_users(inventory: Inventory, kind: str) -> str:
    """Why nobody can tell who uses the objects of a kind; empty where all that may is listed."""
    lists = {
        endpoint.name
        for user in inventory.kinds.values()
        if refers_to(user, {kind}) and not user.belongs
        for endpoint in user.endpoints
    }
    return "; ".join(
        f"{name} could not be read: {inventory.unreadable[name]}"
        for name in sorted(lists & inventory.unreadable.keys())
    )


def _lost(name: str, then: int | None, now: int) -> Doubt:
    if then is None:
        why = f"{name} is not counted in the receipt, so nobody knows what it lost"
        return Doubt(why, Facts(uncounted=name))
    why = f"{name} lost too much since the receipt: {then} objects then, {now} now"
    return Doubt(why, Facts(shrunken=name))


def _doubted(lists: Mapping[str, Doubt], kinds: Mapping[str, Kind]) -> Iterator[tuple[str, Doubt]]:
    """Kinds of which a list lacks objects, and kinds that the objects it lacks may refer to."""
    for name, doubt in sorted(lists.items()):
        for kind in kinds.values():
            if name in {endpoint.name for endpoint in kind.endpoints}:
                # What belongs to an object does not need it, so that it may go all the same.
                needed = () if kind.belongs else kind.references
                for doubted in {kind.name, *(ref for _, ref in needed)}:
                    yield doubted, doubt


def _points_nowhere(inventory: Inventory) -> Iterator[tuple[str, Doubt]]:
    """Kinds of which an object is still referred to that no list shows, not even as deleted."""
    for live in sorted(inventory.present, key=lambda live: (live.address, live.id)):
        for ref in live.dangling:
            if ref not in inventory.by_ref:
                why = f"{live.address} refers to the id {ref.id}, which no list shows"
                yield ref.kind, Doubt(why)


def _known_to_a_sink(
    inventory: Inventory, delivered: Mapping[Address, str]
) -> Iterator[tuple[str, Doubt]]:
    for address, held in sorted(delivered.items()):
        if Ref(address.kind, held) not in inventory.by_ref:
            why = f"the sink of {address} holds the secret of the id {held}, which no list shows"
            yield address.kind, Doubt(why)
