"""How an object and a place in a file are named."""

import re
import unicodedata
from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True)
class Belonging:
    """How objects are called that have no name of their own: by what they are, and whose."""

    word: str
    """What stands below ``metadata`` in place of ``name``."""
    owner: str
    """The field, below ``metadata`` too, with the name of the owner; left out: the account."""

    def called(self, what: str, owner: object) -> str:
        """The name in an address: ``what@owner``."""
        return f"{what}@{owner}" if isinstance(owner, str) and owner else what

    def what(self, name: str) -> str:
        """What an object is that has this name in its address, whoever it belongs to."""
        return name.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Contexts:
    """How the vendor's API tells whose an object is; what is nobody's counts for all the others."""

    field: str
    """The attribute with the id of the owner."""
    member: str
    """The word for such owners, in answers that tell objects by owner."""
    told: str
    """The attribute of a listed object that tells who has one of the same name."""
    query: Mapping[str, str]
    """What a request adds about one owner; ``{owner}`` stands for the id."""
    alone: Mapping[str, str]
    """What a read adds, so that it shows nothing of what counts for all."""
    every: Mapping[str, str]
    """What a read adds, so that it shows the objects of all owners."""


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
