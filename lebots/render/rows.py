"""CHANGES: one line for each change, where a bot with its own key and skill is one, and many new
ones of the same making are one too.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from lebots.core.model.address import Address, Source
from lebots.core.model.change import REMOVALS, Action, Change
from lebots.render.detail import PERSONAL, brief, in_short
from lebots.render.escape import quoted, visible
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
"""From so many on, new objects of the same making are one line."""
_VALUES = 66
"""Columns that changed values may take on the line; more are named without values."""
_SHORT = 32
"""Columns of one field with its values that stand beside others."""
_NAMES = 40


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
    much as there is room for.
    """
    found = rows(view, numbered)
    numbers = max((len(str(row.numbers[-1])) for row in found), default=0)
    verbs = max((len(_verb(row)) for row in found), default=0)

    def head(row: Row) -> str:
        number = f"{ranges(row.numbers):>{numbers}}"
        first = f"{row.marker} {number}" if marker_first else f"  {number} {row.marker}"
        return f"{first} {_verb(row):<{verbs}}  {row.subject}"

    heads = list(map(head, found))
    width = min(max(map(len, heads), default=0), view.width // 2)
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
        for fields in _fields(change)
    )


def _fields(change: Change) -> Iterator[str]:
    if change.action in (Action.DELETE, Action.DISABLE):
        yield ""
        return
    names = ", ".join(visible(part.path) for part in change.fields)
    if change.action is not Action.CREATE:
        told = [f"{visible(part.path)} {in_short(change.action, part)}" for part in change.fields]
        short = [one if len(one) <= _SHORT else one.partition(" ")[0] for one in told]
        yield from (values for one in (told, short) if len(values := ", ".join(one)) <= _VALUES)
    yield names if len(names) <= _NAMES else counted(len(change.fields), "field")


def _grouped(view: PlanView, made: Sequence[Row]) -> Iterator[Row]:
    """New objects of one kind, with parts of the same kinds and names, as one row."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in made:
        first = row.changes[0]
        plain = first.action is Action.CREATE and not any(map(hurts, row.changes))
        same = all(one.address.name == first.address.name for one in row.changes)
        key = tuple(one.address.kind for one in row.changes) if plain and same else (id(row),)
        groups.setdefault(key, []).append(row)
    for group in groups.values():
        if len(group) < _GROUPED:
            yield from group
        else:
            yield _one(view, group)


def _one(view: PlanView, group: Sequence[Row]) -> Row:
    first, last = group[0].changes[0], group[-1].changes[0]
    parts = [view.shown(label(one.address, view.kinds)) for one in group[0].changes[1:]]
    whole = counted(len(group), view.shown(label(first.address, view.kinds)))
    names = f"{quoted(first.address.name)} ... {quoted(last.address.name)}"
    each = f", each with its {joined(parts)}," if parts else ""
    return Row(
        tuple(sorted(number for row in group for number in row.numbers)),
        tuple(change for row in group for change in row.changes),
        f"{whole}{each} {view.shown(names)}",
        ("",),
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
