"""Secrets inside the vendor's objects: dropped from lists, sealed in single objects."""

from collections.abc import Iterable, Iterator
from typing import Any

from lebots.core.model.secret import Secret
from lebots.core.model.value import Raw


def drop(raw: Raw, paths: Iterable[str]) -> Raw:
    """The object without its secrets; changes it in place, so that no other copy is left.

    A path has dots between its steps, ``*`` for every key or list item.
    """
    for path in paths:
        for holder, key in _places(raw, path.split(".")):
            del holder[key]
    return raw


def seal(raw: Raw, paths: Iterable[str]) -> Raw:
    """The object with each secret text turned into a ``Secret``, in place."""
    for path in paths:
        for holder, key in _places(raw, path.split(".")):
            if isinstance(holder[key], str):
                holder[key] = Secret(holder[key])
    return raw


def masked(raw: Any) -> bool:
    """Whether any sealed secret inside is only the vendor's mask."""
    if isinstance(raw, Secret):
        return raw.masked
    if isinstance(raw, dict):
        return any(masked(value) for value in raw.values())
    return isinstance(raw, list) and any(masked(value) for value in raw)


def _places(value: Any, steps: list[str]) -> Iterator[tuple[Any, Any]]:
    step, rest = steps[0], steps[1:]
    if isinstance(value, dict):
        keys: list[Any] = list(value) if step == "*" else [step] if step in value else []
    elif isinstance(value, list):
        keys = list(range(len(value) - 1, -1, -1)) if step == "*" else []
    else:
        keys = []
    for key in keys:
        if rest:
            yield from _places(value[key], rest)
        else:
            yield value, key
