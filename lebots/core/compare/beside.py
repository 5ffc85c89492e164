"""What an account changed beside the fields that a write was to change."""

from collections.abc import Iterator, Mapping
from typing import Any

from lebots.core.model.change import Action, Change
from lebots.core.model.kind import Endpoint, Field, Kind
from lebots.core.model.secret import Secret
from lebots.core.model.value import Raw
from lebots.core.vendor.attribute import ForeignShape, read
from lebots.core.vendor.codec import without_server_owned
from lebots.core.vendor.normalise import normalise

_EMPTY: tuple[Any, ...] = (None, "", [], {})


def changed_beside(
    change: Change, kind: Kind, endpoint: Endpoint, before: Raw, after: Raw
) -> tuple[str, ...]:
    """The fields, or attributes that lebots does not know, that a write moved by itself.

    A PUT carries through all that no manifest declares, so that must be as it was read before; what
    the server sets (``Endpoint.server_owned``) and what the plan says it resets may differ. What is
    new is told where lebots knows its field: the account may add attributes for others.
    """
    meant = {part.path.partition(".")[0] for part in change.fields}
    skipped = {kind.by_name[name].attribute for name in meant}
    skipped |= {attribute for name in meant for attribute in kind.by_name[name].derived}
    if change.action is Action.RENAME:
        skipped.add(endpoint.name_field)
    fields = {part.attribute: part for part in kind.fields if not part.client_only}
    was, now = (without_server_owned(endpoint, raw) for raw in (before, after))
    paths = [path for path in _differing("", was, now) if not _within(path, skipped)]
    told = [
        _name(path, fields)
        for path in paths
        if not _means_the_same(path, fields, kind, before, after)
        and (_at(was, path) not in _EMPTY or _field(path, fields))
    ]
    return tuple(dict.fromkeys(told))


def _differing(path: str, was: Any, now: Any) -> Iterator[str]:
    sides = [side if isinstance(side, Mapping) else {} for side in (was, now)]
    if any(sides) and all(
        side or value in _EMPTY for side, value in zip(sides, (was, now), strict=True)
    ):
        for name in sorted({*sides[0], *sides[1]}):
            below = f"{path}.{name}" if path else name
            yield from _differing(below, *(side.get(name) for side in sides))
    elif not _same(was, now):
        yield path


def _same(was: Any, now: Any) -> bool:
    if isinstance(was, Secret) and isinstance(now, Secret):
        # A mask says nothing of what is behind it.
        return was.same(now) or was.masked or now.masked
    if isinstance(was, list) and isinstance(now, list):
        return len(was) == len(now) and all(map(_same, was, now))
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        return was.keys() == now.keys() and all(_same(was[name], now[name]) for name in was)
    return bool(was == now)


def _within(path: str, attributes: set[str]) -> bool:
    """Whether one of the attributes is at this place, around it, or inside."""
    return any(f"{path}.".startswith(f"{one}.") for one in attributes)


def _means_the_same(
    path: str, fields: Mapping[str, Field], kind: Kind, before: Raw, after: Raw
) -> bool:
    """Whether a known field reads the same on both sides: left out is what the account fills in."""
    if (part := fields.get(path)) is None:
        return _at(before, path) in _EMPTY and _at(after, path) in _EMPTY
    try:
        was, now = (normalise(kind, {part.name: read(part, raw)}) for raw in (before, after))
    except ForeignShape:
        return False
    filled_in = was[part.name] is None and now[part.name] == part.create_default
    return part.codec is None and (was == now or filled_in)


def _field(path: str, fields: Mapping[str, Field]) -> Field | None:
    """The field that has something to say of this place."""
    return next((part for name, part in fields.items() if _within(path, {name})), None)


def _name(path: str, fields: Mapping[str, Field]) -> str:
    part = _field(path, fields)
    return part.name if part else path


def _at(raw: Any, path: str) -> Any:
    for name in path.split("."):
        raw = raw.get(name) if isinstance(raw, Mapping) else None
    return raw
