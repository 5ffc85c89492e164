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
