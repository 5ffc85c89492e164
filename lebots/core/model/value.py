"""Values in manifest words and in the vendor's words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

Value: TypeAlias = "None | bool | int | float | str | Sequence[Value] | Mapping[str, Value]"
"""A value in manifest words."""


Spec: TypeAlias = Mapping[str, Value]
"""Fields of one object in manifest words; a field left out is not managed."""


Raw: TypeAlias = dict[str, Any]
"""One object in the vendor's words, as parsed from JSON; only at the borders."""


Path: TypeAlias = tuple[str | int, ...]
"""Where a value stands inside a document or a spec: keys and list positions."""


Lookup: TypeAlias = Callable[[str, str], Spec | None]
"""The fields of the object of that kind and name, if there is one."""
