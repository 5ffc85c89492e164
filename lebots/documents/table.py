"""One table for a document: what is written and the schema that it keeps to."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from lebots.documents.json_schema import Shape, described, items, record

_Of = TypeVar("_Of")
_Whole = TypeVar("_Whole")

VERSION = "Version of this format; it grows whenever a reader could misunderstand."


@dataclass(frozen=True, slots=True)
class Table(Generic[_Of]):
    """By name: the shape of a part, and how it is made from a value."""

    description: str
    parts: Mapping[str, tuple[Shape, Callable[[_Of], Any]]]
    optional: Collection[str] = ()
    """Parts that are left out where there is nothing to write."""
    ref: str = ""
    """The name of its schema where documents define it once and refer to it."""

    def written(self, value: _Of) -> dict[str, Any]:
        """The value as plain data."""
        made = {name: make(value) for name, (_, make) in self.parts.items()}
        return {
            name: part
            for name, part in made.items()
            if part is not None or name not in self.optional
        }

    @property
    def shape(self) -> Shape:
        """The schema of what is written."""
        shapes = {name: shape for name, (shape, _) in self.parts.items()}
        shape = record(shapes, self.optional)
        return described(shape, self.description) if self.description else shape

    def of(self, part: Callable[[_Whole], _Of]) -> dict[str, tuple[Shape, Callable[[_Whole], Any]]]:
        """The parts for the table of something larger, which has this value in it."""
        return {name: (shape, _after(part, make)) for name, (shape, make) in self.parts.items()}

    def part(self, get: Callable[[Any], _Of]) -> tuple[Shape, Callable[[Any], Any]]:
        """The part of another table that is such a value."""
        return self.shape, lambda whole: self.written(get(whole))

    def listed(
        self, description: str, get: Callable[[Any], Iterable[_Of]]
    ) -> tuple[Shape, Callable[[Any], Any]]:
        """The part of another table that is a list of such values."""
        shape = {"$ref": f"#/$defs/{self.ref}"} if self.ref else self.shape
        return items(shape, description), lambda whole: [self.written(one) for one in get(whole)]


def version(number: int) -> tuple[Shape, Callable[[Any], int]]:
    """The part that tells the version of a document's format."""
    return described({"const": number}, VERSION), lambda _: number


def _after(part: Callable[[_Whole], _Of], make: Callable[[_Of], Any]) -> Callable[[_Whole], Any]:
    return lambda whole: make(part(whole))
