"""Where differences come from, in words, and changes sorted by it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from lebots.core.model.change import Action, Change, FieldChange, Origin

ORIGINS = {
    Origin.PROPOSED: "what this pull request changes",
    Origin.PENDING: "pending: merged but not applied",
    Origin.DRIFT: "drift in the account",
    Origin.CONFLICT: "changed on both sides",
}
"""Where differences come from, in the order they are shown."""
ELSEWHERE = "other changes"


def origin(change: Change) -> Origin | None:
    """Where a change comes from, or where the first of its fields does."""
    known = {part.origin for part in change.fields}
    return change.origin or next((where for where in ORIGINS if where in known), None)


def grouped(
    changes: Iterable[tuple[Origin | None, int, Change]],
) -> Mapping[str, list[tuple[int, Change]]]:
    """The numbered changes below words for where they come from; empty words without a base."""
    found: dict[Origin | None, list[tuple[int, Change]]] = {o: [] for o in (*ORIGINS, None)}
    for where, number, change in changes:
        found[where].append((number, change))
    compared = any(found[where] for where in ORIGINS)
    other = ELSEWHERE if compared else ""
    return {
        ORIGINS[where] if where else other: numbered
        for where, numbered in found.items()
        if numbered
    }


def parted(change: Change) -> Iterator[tuple[Origin | None, Change]]:
    """The change, cut down to the fields of one origin after the other."""
    own = origin(change)
    fields: dict[Origin | None, list[FieldChange]] = {}
    if change.action is not Action.UPDATE or not change.fields:
        fields[own] = []
    for part in change.fields:
        fields.setdefault(part.origin or own, []).append(part)
    for where, parts in fields.items():
        users = change.used_by if where is own else ()
        yield where, replace(change, fields=tuple(parts), used_by=users)
