"""Values in manifest words and in the vendor's words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Value: TypeAlias = "None | bool | int | float | str | Sequence[Value] | Mapping[str, Value]"
"""A value in manifest words."""


Spec: TypeAlias = Mapping[str, Value]
"""Fields of one object in manifest words; a field left out is not managed."""


Raw: TypeAlias = dict[str, Any]
"""One object in the vendor's words, as parsed from JSON; only at the borders."""


Lookup: TypeAlias = "Callable[[str, str], Spec | None]"
"""The fields of the object of that kind and name, if there is one."""


Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands inside a document or a spec: keys and list positions."""


@dataclass(frozen=True, slots=True)
class Codec:
    """How a field differs from the vendor's attribute beyond its name.

    ``read(vendor value) -> manifest value`` (ids stay ids), ValueError for a foreign shape;
    ``write(manifest value, vendor value before) -> vendor value``.
    """

    read: Callable[[Any], Value]
    write: Callable[[Any, Any], Any]


def plain(value: Value) -> Any:
    """The value in JSON's own types, sharing no container with the original."""
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value
