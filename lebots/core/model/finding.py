"""Something to tell the user, and how much it weighs."""

from dataclasses import dataclass
from enum import StrEnum

from lebots.core.model.address import Address, Source


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
class Facts:
    """What tells, beside the code, which next step helps; ``lebots.next_steps`` words it."""

    agreed: int | None = None
    """Removals that were agreed to."""
    removals: int | None = None
    """Removals of the plan, which nobody agreed to yet."""
    stopped: int | None = None
    """Objects that the plan takes out of service, which nobody agreed to yet."""
    former: str | None = None
    """Id of the object that a rotation has not switched off yet."""
    unfinished: str | None = None
    """Id of the object that a run made and perhaps did not end with."""
    absent: str | None = None
    """Address of an object that must be there and is not."""
    removed: str | None = None
    """Id of the object that somebody removed although its secret is delivered."""
    unread: str | None = None
    """The list that had to be looked into and could not be read."""
    unnamed: str | None = None
    """The field whose ids have no name."""
    uncounted: str | None = None
    """The list whose objects a receipt does not count."""
    shrunken: str | None = None
    """The list that lost too many objects since a receipt."""
    unknown_field_of: str | None = None
    """The kind that has no field of a name."""
    proposed: str | None = None
    """What only the proposal's project file has, which is not in force."""
    fixed_name_of: str | None = None
    """The kind whose objects keep their name, and can be taken out of use."""


NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to tell the user: a stable ``code`` for machines, a ``message`` for people."""

    code: str
    message: str
    severity: Severity = Severity.ERROR
    source: Source | None = None
    address: Address | None = None
    facts: Facts = NO_FACTS

    def __str__(self) -> str:
        place = f"{self.source}: " if self.source else f"{self.address}: " if self.address else ""
        weight = f"{self.severity}: " if self.severity in (Severity.WARNING, Severity.NOTE) else ""
        return f"{place}{weight}{self.message}"
