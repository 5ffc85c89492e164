"""Reading one field of a request body: from what clients send to what the account stores.

The vendor's docs quote numbers, booleans and ids as strings while real data is native (3.6), so
every reader takes both and stores the native value. A reader raises `ValueError` with the reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final

Json = dict[str, Any]
Reader = Callable[[Any], Any]

ABSENT: Final = object()
"""Default of a field that an object simply does not have until somebody sets it."""

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,19}")
_LONG = 2**63
_DEEPEST = 64  # the deepest known object, an application's webhooks, nests six levels


@dataclass(frozen=True)
class Field:
    """One attribute of a resource that clients may write."""

    read: Reader
    required: bool = False
    default: Any = ABSENT

    def filled(self) -> Any:
        """The default as a value of its own: an array for a tuple."""
        return list(self.default) if isinstance(self.default, tuple) else self.default


def anything(value: Any) -> Any:
    """Whatever the client sent, unchanged."""
    return value


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


def text_up_to(limit: int) -> Reader:
    """A string of at most `limit` characters."""

    def read(value: Any) -> str:
        if len(text(value)) > limit:
            raise ValueError(f"must have at most {limit} characters")
        return text(value)

    return read


def boolean(value: Any) -> bool:
    """A boolean, native or quoted."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise ValueError("must be true or false")


def integer(value: Any) -> int:
    """A whole number of 64 bits, native or quoted."""
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    if not -_LONG <= value < _LONG:
        raise ValueError("must fit into 64 bits")
    return value


def one_of(values: Collection[Any], read: Reader) -> Reader:
    """What `read` reads, if it is one of `values`."""

    def check(value: Any) -> Any:
        found = read(value)
        if found not in values:
            raise ValueError(f"must be one of {', '.join(map(str, values))}")
        return found

    return check


def list_of(read: Reader) -> Reader:
    """An array of what `read` reads; null is no element (3.6)."""

    def check(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError("must be an array")
        return [read(item) for item in value]

    return check


def mapping(value: Any) -> Json:
    """A JSON object."""
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    return value


def record(**readers: Reader) -> Reader:
    """A JSON object that needs each of the named members; further members are kept as they are."""

    def check(value: Any) -> Json:
        found = dict(mapping(value))
        for name, read in readers.items():
            if found.get(name) is None:
                raise ValueError(f"needs {name}")
            found[name] = read(found[name])
        return found

    return check


def array(obj: Json, name: str) -> list[Any]:
    """The array `name` of a stored object; empty if an edit past the rules left no array there."""
    found = obj.get(name)
    return found if isinstance(found, list) else []


def parse_json(raw: bytes) -> Any:
    """The JSON value of a request body; `ValueError` if it is none.

    Numbers keep their kind (1 stays 1, 1.0 stays 1.0, big integers stay whole). What cannot be kept
    is refused instead of being changed: NaN, Infinity, and numbers beyond a double such as 1e999.
    """
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
    except (JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not JSON ({error})") from None
    if _nests_deeper_than(_DEEPEST, value):
        raise ValueError(f"nested deeper than {_DEEPEST} levels")
    return value


def _nests_deeper_than(limit: int, value: Any) -> bool:
    """Level by level, so that hostile nesting costs no stack."""
    level = [value]
    for _ in range(limit + 1):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return False
    return True


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError(f"number out of range: {literal}")
    return number


_DECODER = JSONDecoder(parse_float=_finite, parse_constant=_finite)
