"""The values that travel through a run; all frozen, none holds a secret.

Manifests become ``Desired``, an account becomes ``Live``, the two become a ``Plan``, and a plan
that was carried out becomes ``Outcome``s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

Value: TypeAlias = "None | bool | int | float | str | Sequence[Value] | Mapping[str, Value]"
"""A value in manifest words."""

Spec: TypeAlias = Mapping[str, Value]
"""Fields of one object in manifest words; a field left out is not managed."""

Raw: TypeAlias = dict[str, Any]
"""One object in the vendor's words, as parsed from JSON; only at the borders."""

Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands inside a document or a spec: keys and list positions."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """``Kind/name``: how people, plans and the command line name an object."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Reads ``Kind/name``; the name may hold slashes. Raises ValueError for anything else."""
        kind, slash, name = text.partition("/")
        if not (kind and slash and name):
            raise ValueError("an address is Kind/name, such as BotUser/routing-bot")
        return cls(kind, name)


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A place in a file; ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Severity(StrEnum):
    """How much a finding weighs.

    An error (the manifests are wrong) and a refusal (the account stands against them) stop the run;
    the others are shown.
    """

    ERROR = "error"
    REFUSAL = "refusal"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to tell the user: a stable ``code`` for machines, a ``message`` for people."""

    code: str
    message: str
    severity: Severity = Severity.ERROR
    source: Source | None = None
    address: Address | None = None

    def __str__(self) -> str:
        place = f"{self.source}: " if self.source else f"{self.address}: " if self.address else ""
        weight = f"{self.severity}: " if self.severity in (Severity.WARNING, Severity.NOTE) else ""
        return f"{place}{weight}{self.message}"


@dataclass(frozen=True, slots=True)
class Desired:
    """One manifest: the object that must exist and the fields of it that git owns."""

    address: Address
    spec: Spec
    source: Source
    positions: Mapping[Path, Source] = field(default_factory=dict)
    """Where each value below ``spec`` stands, by its path there."""
    metadata: Mapping[Path, Source] = field(default_factory=dict)
    """Where each value below ``metadata`` stands, by its path there."""
    previously: tuple[str, ...] = ()
    """Names the object had before; one that still has such a name is renamed in place."""
    ignore: frozenset[str] = frozenset()
    """Fields that are set on a create and left alone afterwards."""
    protect: bool = False
    """Whether the object must not be changed for as long as its manifest says so."""

    def at(self, *path: str | int) -> Source:
        """The nearest known place of a path below ``spec``."""
        return self._nearest(self.positions, path)

    def at_metadata(self, *path: str | int) -> Source:
        """The nearest known place of a path below ``metadata``."""
        return self._nearest(self.metadata, path)

    def finding(
        self, code: str, message: str, severity: Severity = Severity.ERROR, path: Path = ()
    ) -> Finding:
        """A finding about this manifest, at the place of ``path`` below ``spec``."""
        return Finding(code, message, severity, self.at(*path), self.address)

    def metadata_finding(
        self, code: str, message: str, path: Path, severity: Severity = Severity.ERROR
    ) -> Finding:
        """A finding about this manifest, at the place of ``path`` below ``metadata``."""
        return Finding(code, message, severity, self.at_metadata(*path), self.address)

    def _nearest(self, places: Mapping[Path, Source], path: Path) -> Source:
        for length in range(len(path), 0, -1):
            if found := places.get(path[:length]):
                return found
        return self.source


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


@dataclass(frozen=True, slots=True)
class Account:
    """Everything one reading of an account gave."""

    id: str
    objects: tuple[Live, ...]
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Endpoints that could not be read, with the reason; unreadable is not absent."""


class Action(StrEnum):
    """The verbs of a plan."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    DISABLE = "disable"
    """Switched off in place of a removal."""
    DELETE = "delete"
    KEEP = "keep"
    REPORT = "report"


REMOVALS = frozenset({Action.DISABLE, Action.DELETE})
"""The verbs that take something out of use."""

WRITES = frozenset({Action.CREATE, Action.UPDATE, Action.RENAME}) | REMOVALS


class Origin(StrEnum):
    """Where a difference comes from, where a plan was compared with a base."""

    PROPOSED = "proposed"
    """This change of the manifests brings it."""
    PENDING = "pending"
    """The base has it already, and nobody applied it yet."""
    DRIFT = "drift"
    """Somebody changed the account."""


@dataclass(frozen=True, slots=True)
class Dependant:
    """An object that hangs on a changed one, such as a bot on its key."""

    address: Address
    declared: bool
    note: str = ""
    """What it is where lebots does not manage such objects ("a human user")."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a change, in manifest words; ``before`` is None on a create."""

    path: str
    before: Value
    after: Value
    source: Source | None = None
    note: str = ""
    """Why it changes where no manifest says so, such as a reset by the vendor."""
    personal: bool = False
    """Personal data: shown as changed, never by value."""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a plan: what happens to one object, and all that carrying it out needs."""

    address: Address
    action: Action
    endpoint: str = ""
    id: str | None = None
    source: Source | None = None
    fields: tuple[FieldChange, ...] = ()
    desired: Spec = field(default_factory=dict)
    """The owned fields as they must be afterwards; what is written."""
    depends_on: tuple[Address, ...] = ()
    """Addresses whose earlier changes in this plan must be done first."""
    references: Mapping[Address, str | None] = field(default_factory=dict)
    """Objects the change points at, with their id; None is known after apply."""
    sink: str = ""
    """Where this change delivers a secret; empty where it yields none."""
    note: str = ""
    was: str = ""
    """The name before a rename."""
    secret_from: str = ""
    """The former name under which the sink holds the secret so far, which is copied from there."""
    used_by: tuple[Dependant, ...] = ()
    """Who hangs on the object, where the change could hurt them."""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Calls:
    """Requests to the account."""

    reads: int
    writes: int


@dataclass(frozen=True, slots=True)
class Quota:
    """How far a plan fills one collection of the account."""

    collection: str
    now: int
    after: int
    """How many there are once everything was created, and nothing removed yet."""
    limit: int | None = None
    """The most the account can hold, where that is known."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an apply would do, complete before the first write; ``changes`` stand in its order."""

    account: str
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...] = ()
    live: int = 0
    """Objects of the managed kinds the account holds now, foreign and deleted ones aside."""
    calls: "Calls" = field(default_factory=lambda: Calls(0, 0))
    """What an apply of this plan costs when nothing goes wrong."""
    quotas: tuple[Quota, ...] = ()
    """The collections in which something is created."""

    @property
    def writes(self) -> tuple[Change, ...]:
        """The changes that alter the account or a sink."""
        return tuple(change for change in self.changes if change.action in WRITES)

    def count(self, action: Action) -> int:
        """How many changes carry this verb."""
        return sum(change.action is action for change in self.changes)


class Status(StrEnum):
    """How one change ended."""

    DONE = "done"
    FAILED = "failed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one change ended, with the object's id if it is known and the reason if it failed."""

    change: Change
    status: Status
    id: str | None = None
    error: str = ""
    wrote: bool = False
    """Whether anything was written for it, however it ended."""
    met: bool = False
    """Whether it ended because somebody else was at work on the same thing."""
