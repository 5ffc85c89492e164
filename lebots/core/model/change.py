"""One line of a plan and how it ended: the verb, the fields, where each difference comes from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from lebots.core.model.address import Address, Source
from lebots.core.model.value import Lookup, Spec, Value


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


TOUCHES = frozenset({Action.UPDATE, Action.RENAME}) | REMOVALS
"""Writes to an object that exists."""

WRITES = TOUCHES | {Action.CREATE}


class Origin(StrEnum):
    """Where a difference comes from, where a plan was compared with a base."""

    PROPOSED = "proposed"
    """From this branch."""
    PENDING = "pending"
    """Merged, but not applied yet."""
    DRIFT = "drift"
    """A manual change in the account."""
    CONFLICT = "conflict"
    """This change of the manifests and somebody in the account both changed it."""
    NO_LONGER_DECLARED = "no-longer-declared"
    """The base declares it and these manifests do not; it stays in the account as it is."""


class Effect(StrEnum):
    """The effects a change can have, the most harmful first."""

    IRREVERSIBLE = "irreversible"
    GRANTS = "grants"
    """More rights, or more reach."""
    OUT_OF_SERVICE = "out-of-service"
    """A bot gets no conversations, or cannot log in; a key lets nobody log in."""
    LOGIN_CHANGES = "login-changes"
    REROUTES = "reroutes"
    """Conversations go elsewhere."""
    CUSTOMER_TEXT = "customer-text"
    """What customers read or see."""
    ADOPTS = "adopts"
    """An existing object that others use comes under management."""
    CONFLICT = "conflict"
    """Both sides changed one field."""
    NEW_SECRET = "new-secret"  # noqa: S105 (no secret, its effect)


ORDER = tuple(Effect)
"""Effects, the most harmful first."""

HARMFUL = tuple(one for one in Effect if one not in (Effect.CUSTOMER_TEXT, Effect.NEW_SECRET))
"""What does harm by itself, in the order of harm."""

AGREEABLE = tuple(one for one in Effect if one is not Effect.CONFLICT)
"""What a run can be agreed to by number; a conflict is known against a base alone."""

_Test: TypeAlias = Callable[[Value, Value, Lookup], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """From which value to which a field must go for an effect."""

    words: str
    holds: _Test
    """``holds(before, after, lookup)``; ``lookup`` finds objects as they will stand."""


@dataclass(frozen=True, slots=True)
class FieldEffect:
    """One effect of a change of a field, and when it has it."""

    effect: Effect
    when: Condition
    why: str
    """Why it hurts, in words for a reviewer."""
    on_create: bool = False
    """Whether a new object has it too; ``before`` is None then."""


@dataclass(frozen=True, slots=True)
class AllowList:
    """Names that a change may add to a field without asking; the guard of an account names them."""

    guard: str
    """The guard's name in ``lebots.yaml``."""
    default: Callable[[str, Lookup], bool]
    """``default(name, lookup)``: whether the name may be added where no guard is set."""
    words: str
    """What the default allows."""


@dataclass(frozen=True, slots=True)
class Presence:
    """How busy a bot was when the plan was made, as far as the account told."""

    status: str = ""
    """Such as ``online`` or ``back soon``; empty: not told."""
    conversations: int | None = None
    """Its open conversations; None: not told."""


@dataclass(frozen=True, slots=True)
class ChangeEffect:
    """One effect of one change of a plan."""

    effect: Effect
    why: str
    path: str = ""
    """The field that brings it; empty: the change as a whole."""
    on: tuple[Address, ...] = ()
    """The objects it falls on, the changed one among them."""
    now: tuple[tuple[Address, Presence], ...] = ()
    """How busy those bots among them are that the account told of; in no digest."""


def _items(value: Value) -> list[Value]:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else []


def _zero(value: Value) -> bool:
    return value == 0 and not isinstance(value, bool)


CHANGES = Condition("changes", lambda before, after, _: before != after)
BECOMES_FALSE = Condition("becomes false", lambda before, after, _: after is False is not before)
BECOMES_TRUE = Condition("becomes true", lambda before, after, _: after is True is not before)
BECOMES_ZERO = Condition("becomes 0", lambda before, after, _: _zero(after) and not _zero(before))
LOSES_ALL = Condition(
    "loses its last item", lambda before, after, _: bool(_items(before)) and not _items(after)
)
KEEPS_SOME = Condition(
    "changes and is not empty", lambda before, after, _: before != after and bool(_items(after))
)
IS_NAMED = Condition(
    "names another one", lambda before, after, _: after is not None and before != after
)
GAINS = Condition(
    "gains an item",
    lambda before, after, _: any(item not in _items(before) for item in _items(after)),
)


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
    """What it is where lebots never touches such objects (``Live.foreign``)."""


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
    base: Value = None
    """What the base has, where both sides changed it; only of a conflict."""
    loss: str = ""
    """What is lost with it, in the words of the kind."""

    @property
    def field(self) -> str:
        """The name of the field; the path leads to the part of it that changes."""
        return self.path.partition(".")[0]

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
    personal: frozenset[str] = frozenset()
    """The names in ``desired`` whose values are personal data: no digest is of these values."""
    personal_mark: str = ""
    """A hash of the personal values under the key of plans; empty where no such key is set."""
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
    effects: tuple[ChangeEffect, ...] = ()
    """What it does to people and live customers, the most harmful first; in no digest."""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Undeclared:
    """What the base declares and these manifests do not, and which stays in the account."""

    address: Address
    fields: Mapping[str, Value] = field(default_factory=dict)
    """The fields, with the values that stay; none where the whole object is declared no longer."""
    personal: frozenset[str] = frozenset()
    """The fields whose values are personal data."""
    source: Source | None = None
    """Where these manifests declare the object."""
    base_source: Source | None = None
    """Where the base declares it."""


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
