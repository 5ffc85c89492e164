"""The `select` parameter (3.1): which fields of an object an answer shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lebots.sandbox.errors import ApiError

Selection = Mapping[str, "Selection | None"]
"""Field name -> what to show of it; None shows it whole."""

ALL = "$all"
SUMMARY = "$summary"

_TOKEN = re.compile(r"\$?[A-Za-z_][A-Za-z0-9_]*|[(),]")
_DEEPEST = 8  # far more than any object of this account nests


def parse(text: str, *, first_wins: bool = False) -> Selection:
    """Reads `a,b(c,d)`. A malformed selector is a 400 [D].

    Two selectors on the same parent are not merged [D]; which one counts is not said, so
    `first_wins` chooses.
    """
    tokens = _TOKEN.findall(text)
    if not tokens or "".join(tokens) != text:
        raise _malformed(text)
    selection, rest = _items(tokens, text, first_wins, depth=0)
    if rest:
        raise _malformed(text)
    return selection


def project(value: Any, selection: Selection) -> Any:
    """The chosen part of `value`. A field the object lacks is silently absent [D]."""
    if isinstance(value, list):
        return [project(item, selection) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: value[name] if inner is None else project(value[name], inner)
        for name, inner in selection.items()
        if name in value
    }


def _items(
    tokens: list[str], text: str, first_wins: bool, depth: int
) -> tuple[dict[str, Selection | None], list[str]]:
    """The comma list at the head of `tokens`, and the tokens after it."""
    if depth > _DEEPEST:
        raise _malformed(text)
    found: dict[str, Selection | None] = {}
    while True:
        if not tokens or tokens[0] in "(),":
            raise _malformed(text)
        name, tokens = tokens[0], tokens[1:]
        inner: Selection | None = None
        if tokens[:1] == ["("]:
            inner, tokens = _items(tokens[1:], text, first_wins, depth + 1)
            if tokens[:1] != [")"]:
                raise _malformed(text)
            tokens = tokens[1:]
        if not (first_wins and name in found):
            found[name] = inner
        if tokens[:1] != [","]:
            return found, tokens
        tokens = tokens[1:]


def _malformed(text: str) -> ApiError:
    return ApiError(400, f"Malformed select: {text}", ["select"])
