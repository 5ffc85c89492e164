"""How an object and a place in a file are named."""

import re
import unicodedata
from dataclasses import dataclass


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
            raise ValueError("an address is Kind/name")
        return cls(kind, name)


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A place in a file; ``line`` and ``column`` count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NAME_PATTERN = r"^\S([^\n\t]*\S)?$(?!\n)"
"""What a manifest can call an object: one line, without blanks around it."""


def is_sayable(name: str) -> bool:
    """Whether a manifest can hold the name."""
    return bool(re.search(NAME_PATTERN, name))


def canonical(name: str) -> str:
    """The form in which two names count as the same: trimmed, NFKC, case folded (F04, F05).

    The vendor's own rule is not known (question Q8), so this is the strictest reading.
    """
    return unicodedata.normalize("NFKC", name).strip().casefold()
