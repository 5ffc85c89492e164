"""One object of an account, and one reading of all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lebots.core.model.address import Address
from lebots.core.model.value import Spec


class Ref(NamedTuple):
    """What tells an object of the account from all others, whatever its name."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Live:
    """One object of the account, in manifest words with names for ids."""

    address: Address
    id: str
    endpoint: str
    spec: Spec
    deleted: bool = False
    foreign: str = ""
    """Why lebots must not touch it ("a human user"); empty where it may."""
    updated: str = ""
    """When it was last changed, in the account's own words (they have no zone); empty: not told."""
    issued: int | None = None
    """When it was made, in seconds since 1970; None where the account does not tell."""
    dangling: tuple[Ref, ...] = ()
    """What it refers to that has no name: the object is deleted, or no list shows it."""

    @property
    def ref(self) -> Ref:
        """Its kind and id."""
        return Ref(self.address.kind, self.id)


@dataclass(frozen=True, slots=True)
class Account:
    """Everything one reading of an account gave."""

    id: str
    objects: tuple[Live, ...]
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Endpoints that could not be read, with the reason; unreadable is not absent."""
