"""One object of an account, as it is and as a plan will leave it, and one reading of all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from lebots.core.model.address import Address, Source
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.value import Path, Spec

HUMAN = "a human user"
"""Why lebots must not touch an object that is a person: counted everywhere, named nowhere."""


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
    unmanaged_reason: str = ""
    """What it is where lebots must not touch it, such as ``HUMAN``; empty where it may."""
    faults: tuple[str, ...] = ()
    """What of it could not be read and what was found there, if lebots may touch it or refer to it;
    it is never changed then, and neither is what refers to it."""
    updated: str = ""
    """When it was last changed, in the account's own words (they have no zone); empty: not told."""
    issued: int | None = None
    """When it was made, in seconds since 1970; None where the account does not tell."""
    dangling: tuple[Ref, ...] = ()
    """What it refers to that has no name: the object is deleted, or no list shows it."""
    untouched: bool = False
    """Whether it is as the vendor gives it to every account: a manifest may own it, and nothing
    else takes notice of it."""
    built_in: bool = False
    """Whether every account has it: it can be referred to, and is never made, changed, removed."""

    @property
    def unread(self) -> str:
        """What of it could not be read, in words; empty where all could."""
        return "; ".join(self.faults)

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
    unasked: frozenset[str] = frozenset()
    """Kinds whose lists were not asked for, since nothing needs them."""


@dataclass(frozen=True, slots=True)
class PlannedState:
    """An object as it will stand after the plan: live fields with the owned ones on top."""

    address: Address
    spec: Spec
    declared: bool = False
    unmanaged_reason: str = ""
    source: Source | None = None
    positions: Mapping[Path, Source] = field(default_factory=dict)
    """Where the manifest sets each field."""
    live: Live | None = None
    """The object as it is; None where the plan makes it."""

    @classmethod
    def of(cls, live: Live) -> "PlannedState":
        """An object that stays as it is and that no manifest declares."""
        return cls(live.address, live.spec, unmanaged_reason=live.unmanaged_reason, live=live)

    def finding(self, code: str, message: str, severity: Severity, name: str = "") -> Finding:
        """A finding about the object, where its manifest sets the field ``name``."""
        source = self.positions.get((name,), self.source)
        return Finding(code, message, severity, source, self.address)


World: TypeAlias = Mapping[Address, PlannedState]
"""The account as it will stand after the plan, by address and in its order."""
