"""What a change does to people and to live customers, whatever its verb is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from lebots.core.model.address import Address
from lebots.core.model.value import Lookup, Value


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
    if isinstance(value, Mapping):
        return list(value)
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


def loses(item: str) -> Condition:
    """The list holds ``item`` before and not after."""
    return Condition(
        f"loses {item}",
        lambda before, after, _: item in _items(before) and item not in _items(after),
    )
