"""The options of a plan: what the user asks for, and what the project allows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import inf
from typing import Any, Literal, NamedTuple, TypeAlias

from lebots.core.model.address import Address, Source
from lebots.core.model.change import Effect
from lebots.errors import UsageError

NAME, PREVIOUSLY = "metadata.name", "metadata.previously"
"""The fields of a manifest's head that say which object is meant."""

Part: TypeAlias = Mapping[Address, frozenset[str]]
"""By object: the fields of its manifest that a plan keeps to."""


class EffectCount(NamedTuple):
    """On how many objects an effect of a plan falls."""

    effect: Effect
    number: int


def _told(name: str, description: str, default: Any) -> Any:
    """An option that plan documents tell of, under this name; a saved plan repeats it."""
    return field(default=default, metadata={"name": name, "description": description})


@dataclass(frozen=True, slots=True)
class Consent:
    """What a pull request agrees to for one change of the manifests, or one plan, by its digest."""

    change: str
    """The first twelve or more digits of the digest."""
    counts: tuple[EffectCount, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What a run was asked for, beside the manifests: the one declaration.

    Plan documents and their schema, saved plans and the check of named addresses follow from it;
    how an option is said is declared in ``cli/terminal/plan_options.py``.
    """

    only: tuple[Address, ...] = _told(
        "targets", "The addresses the plan was narrowed to; none means all.", ()
    )
    recreate: tuple[Address, ...] = _told(
        "recreate", "The objects to recreate, with a new id and secret.", ()
    )
    prune: bool = _told(
        "prune", "Whether unmanaged objects in scope are disabled or deleted.", False
    )
    confirmed: int | None = _told(
        "confirmDeletes",
        "Objects that may be deleted, disabled or taken out of service; null where none counted.",
        None,
    )
    agreed: tuple[EffectCount, ...] = _told(
        "confirm", "By effect: the number of objects it may fall on, agreed to one by one.", ()
    )
    allow_empty: bool = _told(
        "allowEmpty", "Whether it is meant where there is no manifest at all.", False
    )
    consents: tuple[Consent, ...] = ()
    """What the proposal's ``lebots.yaml`` agrees to."""
    part: Part | None = None
    """What the plan keeps to, all else of the manifests is held back; None: nothing is."""
    change: str = ""
    """The digest of the change of the manifests that is told or kept to; empty: there is none."""
    fewer: bool = False
    """Whether fewer removals will do too, since each was agreed to by itself (a saved plan)."""

    def __post_init__(self) -> None:
        """Raises UsageError for what cannot be asked for together."""
        if self.prune and self.only:
            raise UsageError(
                "pruning needs the whole plan: what it is narrowed to is not all that is declared"
            )

    @property
    def named(self) -> tuple[Address, ...]:
        """Every address that an option names."""
        values = (getattr(self, part.name) for part in fields(self))
        parts = (one for value in values if isinstance(value, tuple) for one in value)
        return tuple(one for one in parts if isinstance(one, Address))


@dataclass(frozen=True, slots=True)
class RotationOptions:
    """Which key is rotated, and how far."""

    key: Address
    made_by: float = inf
    """An old key is disabled if the new one was created by then (seconds since
    1970; ``inf``: at once)."""
    begin: bool = True
    """Whether a rotation is begun where none is under way."""


@dataclass(frozen=True, slots=True)
class RotationRequest:
    """What a rotation is asked for; an approval of it covers this too."""

    key: Address
    grace: float
    """Hours between the create of the new key and the end of the old one."""
    verify: bool = False
    """Whether each moved bot has to get in before anything is switched off."""


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """What a project lets a run do to one account."""

    protect: tuple[str, ...] = ()
    """Patterns of addresses that are never changed, with ``*`` for any text."""
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By kind: patterns of the names that may be pruned when no manifest declares them."""
    retire: Literal["disable", "delete"] = "disable"
    max_delete_percent: int | None = None
    """The largest share of a kind's live objects one run may prune; None: not set."""
    allow_lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By guard (``allowedProfiles``): the names that changes may add; none: the kind's default."""
    allowed_grants: tuple[str, ...] = ()
    """Patterns of addresses, as they are spelled, to whose objects changes may add any name."""
    own: frozenset[str] = frozenset()
    """Ids of what the run itself logs in with, and so never takes out of use."""
    shrunken: Mapping[str, tuple[int | None, int]] = field(default_factory=dict)
    """Collections that may have lost too much since a receipt: endpoint to objects then, None where
    it does not tell, and now."""
    replace_lost: bool = False
    """Whether an object whose secret was lost may be disabled and recreated."""


NO_OPTIONS, NO_LIMITS = PlanOptions(), AccountPolicy()
"""Nothing special is asked for; the project sets no limits."""
