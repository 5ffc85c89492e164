"""The names of old keys after a rotation, which say whose key each one was.

The name records the rotation: lebots writes it before it creates the new key, so that every later
run sees in the account how far the rotation is.
"""

from collections.abc import Iterable

from lebots.core.model.address import Address
from lebots.core.model.kind import Kind
from lebots.core.model.live import Live
from lebots.core.vendor.normalise import is_off

_MARK = ".rotated-"
_ID_LENGTH = 8


def former_name(name: str, id_: str) -> str:
    """The name under which the object of this id waits for its end."""
    return f"{name}{_MARK}{id_[:_ID_LENGTH]}"


def lost_name(name: str, id_: str) -> str:
    """The name of an object that was taken out of use because nobody has its secret."""
    return f"{name}.lost-{id_[:_ID_LENGTH]}"


def given_away(name: str) -> list[str]:
    """The names that an object of this name may have given away, whatever its id is."""
    parts = name.split(_MARK)
    return [_MARK.join(parts[:end]) for end in range(1, len(parts)) if parts[0]]


def original_address(live: Live) -> Address | None:
    """The address that an object gave away in a rotation; None where it gave none."""
    end = former_name("", live.id)
    name = live.address.name.removesuffix(end)
    return Address(live.address.kind, name) if name and name != live.address.name else None


def formers(address: Address, kind: Kind, objects: Iterable[Live]) -> list[Live]:
    """The old objects of an address that are still enabled, the latest first."""
    if kind.delivery is None:
        return []
    found = [
        live
        for live in objects
        if original_address(live) == address
        and not (live.deleted or live.unmanaged_reason or is_off(kind, live.spec))
    ]
    return sorted(found, key=lambda live: (-(live.issued or 0), live.id))
