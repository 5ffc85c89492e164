"""JSON read strictly: what two readers could understand differently is refused."""

import json
from decimal import Decimal
from typing import Any, NoReturn

DEEPEST = 50
"""No known answer of the vendor and no document of lebots is nested deeper."""
MOST_NODES = 4_000_000
"""Values and names; a list of 18,000 users has about a quarter. What a few bytes cost in memory
grows with them, not with the bytes."""
_MOST_DIGITS = 100


def loads(content: bytes | str, deepest: int = DEEPEST) -> Any:
    """The value in a text; raises ValueError, in words that quote nothing of it.

    Refused: anything but JSON in UTF-8, a key that stands twice, numbers that are not numbers or
    would lose digits, nesting that is too deep, too many values.
    """
    try:
        text = content if isinstance(content, str) else content.decode()
        # Before anything is made; commas in texts count too, which the limit has room for.
        if sum(map(text.count, ",[{")) > MOST_NODES:
            raise ValueError("it holds too many values")
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_float,
            parse_int=_int,
            parse_constant=_constant,
        )
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    except json.JSONDecodeError:
        raise ValueError("it is not JSON") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if _too_deep(value, deepest):
        raise ValueError("it is nested too deeply")
    return value


def loads_or_none(content: bytes | str, deepest: int = DEEPEST) -> Any:
    """The value in a text; None where it is refused."""
    try:
        return loads(content, deepest)
    except ValueError:
        return None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a name stands twice")
    return result


def _int(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError("a number has more digits than can be carried")
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    # A PUT sends every field back, so a number that loses digits here would be changed there.
    try:
        same = Decimal(text) == Decimal(repr(number))
    except ArithmeticError:
        same = False
    if not same:
        raise ValueError("a number has more digits than can be carried")
    return number


def _constant(text: str) -> NoReturn:
    raise ValueError("a number is not finite")


def _too_deep(value: Any, left: int) -> bool:
    if isinstance(value, dict):
        return left == 0 or any(_too_deep(item, left - 1) for item in value.values())
    if isinstance(value, list):
        return left == 0 or any(_too_deep(item, left - 1) for item in value)
    return False
