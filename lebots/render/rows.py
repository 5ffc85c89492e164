"""CHANGES: one line for each change, where a bot with its own key and skill is one, and many new
ones of the same making and many equal changes are one too.
"""

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass

from lebots.core.model.address import Address, Source
from lebots.core.model.change import REMOVALS, Action, Change
from lebots.render.detail import PERSONAL, brief, in_brief, in_short
from lebots.render.escape import quoted, value, visible
from lebots.render.plan_view import (
    VERBS,
    PlanView,
    counted,
    hurts,
    joined,
    label,
    ranges,
    symbol,
    title,
)

_GROUPED = 4
"""From so many on, new objects of the same making are one line, and equal changes too."""
_VALUES = 66
"""Columns that changed values may take on the line; more are named without values."""
_NAMES, _LEAST = 40, 20
"""Columns where there is less room, and where there is hardly any."""
_AND_MORE = " and {} more"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: which changes, what becomes of what, and how."""

    numbers: tuple[int, ...]
    changes: tuple[Change, ...]
    """The change, or all of a group."""
    subject: str
    abouts: tuple[str, ...]
    """What to say of it, the fullest first."""
    source: Source | None

    @property
    def marker(self) -> str:
        """``+`` for what comes, ``-`` for what goes, ``!`` for harm, ``~`` for the rest."""
        markers = {symbol(change) for change in self.changes}
        return "!" if "!" in markers else symbol(self.changes[0])


def lined_rows(
    view: PlanView, numbered: Sequence[tuple[int, Change]], *, marker_first: bool = False
) -> list[tuple[Row, str]]:
    """The rows of these changes, each with its line: first words as wide as the widest, then as
    much as there is room for; with the marker first, narrow enough for a phone.
    """
    found = rows(view, numbered)
    single = (len(ranges(one.numbers)) for one in found if not (marker_first and one.numbers[1:]))
    numbers = max(single, default=0)
    verbs = max((len(_verb(row)) for row in found), default=0)

    def head(row: Row) -> str:
        number = f"{ranges(row.numbers):>{numbers}}"
        first = f"{row.marker} {number}" if marker_first else f"  {number} {row.marker}"
        return f"{first} {_verb(row):<{verbs}}  {row.subject}"

    heads = list(map(head, found))
    width = 0 if marker_first else min(max(map(len, heads), default=0), view.width // 2)
    return [
        (row, _line(view, row, f"{one:<{width}}")) for row, one in zip(found, heads, strict=True)
    ]


def _line(view: PlanView, row: Row, head: str) -> str:
    lines = [f"{head}   {about}".rstrip() for about in row.abouts]
    return next((line for line in lines if len(line) <= view.width), lines[-1])


def _verb(row: Row) -> str:
    return VERBS.get(row.changes[0].action, row.changes[0].action)


def rows(view: PlanView, numbered: Sequence[tuple[int, Change]]) -> list[Row]:
    """The lines of these changes, in the order of their first numbers."""
    here = {(change.address, change.action) for _, change in numbered}
    alone = [
        (number, change)
        for number, change in numbered
        if (view.parts.get(change.address), change.action) not in here
    ]
    made = [_row(view, number, change, here) for number, change in alone]
    return sorted(_grouped(view, made), key=lambda row: row.numbers[0])


def _row(
    view: PlanView, number: int, change: Change, here: Collection[tuple[Address, Action]]
) -> Row:
    parts = [
        (other, part)
        for other, part in view.parts_by_owner.get(change.address, ())
        if part.action is change.action and (part.address, part.action) in here
    ]
    words = [view.part(change, part) for _, part in parts]
    subject = f"{view.title(change)} with its {joined(words)}" if words else view.title(change)
    numbers = tuple(sorted((number, *(other for other, _ in parts))))
    changes = (change, *(part for _, part in parts))
    abouts = _abouts(view, number, change, numbers)
    return Row(numbers, changes, subject, abouts, change.source)


def _abouts(view: PlanView, number: int, change: Change, own: Sequence[int]) -> tuple[str, ...]:
    """The fields with their values or without, and the earlier changes this one waits for."""
    needs = [str(earlier) for earlier in view.needs(number, change) if earlier not in own]
    waits = f"needs {joined(needs)}" if needs else ""
    return tuple(
        view.shown(", ".join(part for part in (fields, waits) if part))
        for fields in told_fields(change)
    )


def told_fields(change: Change) -> Iterator[str]:
    """The fields with as many values as there is room for, the fullest first."""
    if change.action in (Action.DELETE, Action.DISABLE):
        yield ""
        return
    names = ", ".join(visible(part.path) for part in change.fields)
    if change.action is not Action.CREATE:
        for room, short in ((_VALUES, in_short), (_NAMES, in_brief), (_LEAST, in_brief)):
            told = [(visible(part.path), short(change.action, part)) for part in change.fields]
            yield _as_many_as_fit(told, room)
        return
    yield names if len(names) <= _NAMES else counted(len(change.fields), "field")


def _as_many_as_fit(told: Sequence[tuple[str, str]], room: int) -> str:
    """All fields, as many as possible with values; else the first ones, and how many more."""
    shown = [name for name, _ in told]
    for position, one in enumerate(map(" ".join, told)):
        if len(", ".join([*shown[:position], one, *shown[position + 1 :]])) <= room:
            shown[position] = one
    if len(", ".join(shown)) <= room:
        return ", ".join(shown)
    fits: list[str] = []
    for one in map(" ".join, told):
        if len(", ".join([*fits, one])) + len(_AND_MORE) <= room:
            fits.append(one)
    fits = fits or [told[0][0]]
    return ", ".join(fits) + _AND_MORE.format(len(told) - len(fits))


def _grouped(view: PlanView, made: Sequence[Row]) -> Iterator[Row]:
    """New objects of one kind, with parts of the same kinds and names, as one row; and objects of
    one kind that change alike.
    """
    groups: dict[Hashable, list[Row]] = {}
    for row in made:
        groups.setdefault(_likeness(row), []).append(row)
    for group in groups.values():
        if len(group) < _GROUPED:
            yield from group
        else:
            yield _one(view, group)


def _likeness(row: Row) -> Hashable:
    """What rows that are drawn as one have in common."""
    first, whole = row.changes[0], id(row)
    kinds = tuple(one.address.kind for one in row.changes)
    if first.action is Action.CREATE:
        same = all(one.address.name == first.address.name for one in row.changes)
        return kinds if same and not any(map(hurts, row.changes)) else whole
    # Of a personal value nobody would see whether it is the same.
    told = bool(first.fields) and not any(part.personal for part in first.fields)
    if first.action is not Action.UPDATE or len(row.changes) > 1 or first.sink or not told:
        return whole
    values = tuple((part.path, value(part.before), value(part.after)) for part in first.fields)
    return (kinds, values, tuple(one.effect for one in first.effects))


def _one(view: PlanView, group: Sequence[Row]) -> Row:
    first, last = group[0].changes[0], group[-1].changes[0]
    parts = [view.shown(label(one.address, view.kinds)) for one in group[0].changes[1:]]
    whole = counted(len(group), view.shown(label(first.address, view.kinds)))
    names = f"{quoted(first.address.name)} ... {quoted(last.address.name)}"
    each = f", each with its {joined(parts)}," if parts else ""
    alike = tuple(map(view.shown, told_fields(first))) if first.action is Action.UPDATE else ("",)
    return Row(
        tuple(sorted(number for row in group for number in row.numbers)),
        tuple(change for row in group for change in row.changes),
        f"{whole}{each} {view.shown(names)}",
        alike,
        group[0].source,
    )


def undeclared(view: PlanView) -> Iterator[str]:
    """What the base declares and these manifests do not, with the values that stay."""
    for one in view.plan.undeclared:
        words = title(one.address, view.kinds)
        for path, kept in one.fields.items():
            shown = PERSONAL if path in one.personal else brief(kept)
            words += f"   {visible(path)} stays {shown}"
        if not one.fields and one.base_source:
            words += f"   was declared at {visible(one.base_source.file)}:{one.base_source.line}"
        yield view.shown(words)


def users_worth_telling(row: Row) -> tuple[Change, ...]:
    """The changes of a row whose users stand below it: those who use what goes stand elsewhere."""
    worth = (one for one in row.changes if one.used_by and one.action not in REMOVALS)
    return tuple(one for one in worth if hurts(one) or one.action is Action.CREATE)
