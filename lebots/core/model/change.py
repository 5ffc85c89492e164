"""One line of a plan and how it ended: the verb, the fields, where each difference comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lebots.core.model.address import Address, Source
from lebots.core.model.value import Spec, Value


class Action(StrEnum):
    """The verbs of a plan."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    DISABLE = "disable"
    """Switched off in place of a removal."""
    DELETE = "delete"
    UNCHANGED = "unchanged"
    UNMANAGED = "unmanaged"


REMOVALS = frozenset({Action.DISABLE, Action.DELETE})
"""The verbs that take something out of use."""


WRITES = frozenset({Action.CREATE, Action.UPDATE, Action.RENAME}) | REMOVALS


class Origin(StrEnum):
    """Where a difference comes from, where a plan was compared with a base."""

    PROPOSED = "proposed"
    """From this branch."""
    PENDING = "pending"
    """Merged, but not applied yet."""
    DRIFT = "drift"
    """A manual change in the account."""


class Cause(StrEnum):
    """Why something changes that no manifest asks for."""

    RESET = "reset by the vendor"
    DEFAULT = "default of lebots"
    ROTATION = "rotation"


@dataclass(frozen=True, slots=True)
class Dependant:
    """An object that uses a changed one, such as a bot its key."""

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
    cause: Cause | None = None
    """Why it changes where no manifest says so."""
    personal: bool = False
    """Personal data: shown as changed, never by value."""
    origin: Origin | None = None
    loss: str = ""
    """What is lost with it, in the words of the kind."""

    @property
    def note(self) -> str:
        """What people must know of it beside its values; empty where that is nothing."""
        return self.cause or self.loss

    @property
    def reset(self) -> bool:
        """Whether the vendor does it by itself, along with another change."""
        return self.cause is Cause.RESET


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
    cause: Cause | None = None
    """What it is a step of, where its fields do not tell."""
    sink: str = ""
    """Where this change delivers a secret; empty where it yields none."""
    note: str = ""
    was: str = ""
    """The name before a rename."""
    secret_from: str = ""
    """The former name under which the sink holds the secret so far, which is copied from there."""
    used_by: tuple[Dependant, ...] = ()
    """Who uses the object, where the change could hurt them."""
    origin: Origin | None = None


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
    final: bool = False
    """Whether it was refused for good: another run ends the same way until something is changed."""
    beside: tuple[str, ...] = ()
    """What the account changed of the object beside the fields of the change."""

    @property
    def reason(self) -> str:
        """Why it is not done, or what the account did beside it; empty where it is as planned."""
        return f"the account changed more: {', '.join(self.beside)}" if self.beside else self.error
