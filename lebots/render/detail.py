"""DETAIL: every changed field of every object, with markers in column 0."""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lebots.core.model.address import Address, Source
from lebots.core.model.change import REMOVALS, Action, Change, FieldChange
from lebots.core.model.inventory import targets
from lebots.core.model.value import Value
from lebots.render.beside.origins import ORIGINS, origin
from lebots.render.escape import quoted, value, visible
from lebots.render.plan_view import PlanView, counted, joined, used_by

MOST = 200
"""Objects shown in full; a plan of thousands is read as JSON."""

LONG = 60
PERSONAL = "personal, not shown"
_PATH_WIDTH, _LONGEST_PATH = 12, 46

_ONE_SIDED = {Action.CREATE: "+", Action.DELETE: "-"}
"""The marker where a field has a value on one side only."""

Marked: TypeAlias = tuple[str, str]
"""A marker for column 0 and the text of the line."""


def detail(view: PlanView) -> list[str]:
    """The lines of the section."""
    lines = ["DETAIL"]
    for number, change in view.numbered[:MOST]:
        lines += described(view, number, change)
    if len(view.numbered) > MOST:
        lines.append(f"  and {len(view.numbered) - MOST} more, see --out")
    return lines


def described(
    view: PlanView, number: int, change: Change, *, paired: bool = False
) -> Iterator[str]:
    """All that happens to one object; ``paired`` draws it as a diff, for a comment."""
    known = f"   id {visible(change.id)}" if change.id else ""
    yield f"  {view.number(number)} {view.title(change)}{view.shown(known)}"
    if change.note:
        yield f"        {view.shown(visible(change.note))}"
    names = (len(view.shown(visible(part.path))) for part in change.fields)
    width = min(max(_PATH_WIDTH, *names, 0), _LONGEST_PATH)
    for part in change.fields:
        for row in _rows(view, change, part, paired):
            first = f"{row.marker}       {view.shown(row.name):<{width}}  {view.shown(row.text)}"
            yield from view.with_place(first, row.source)
    if change.action is Action.DELETE:
        words = "and all its other fields" if change.fields else "whole object"
        yield from view.with_place(f"-       {words}", change.source)
    if change.sink:
        how = "generated" if change.action is Action.CREATE else "delivered"
        sink = view.shown(quoted(change.sink))
        yield f"+       {'secret':<{width}}  will be {how} -> sink {sink}"
    if change.action is Action.CREATE and not paired:
        yield f"        {'id':<{width}}  known after apply"
    if change.used_by and change.action not in REMOVALS and not paired:
        yield from (f"        {line}" for line in used_by(view, change))


@dataclass(frozen=True, slots=True)
class _Row:
    marker: str
    """For column 0."""
    name: str
    text: str
    source: Source | None = None


def _rows(view: PlanView, change: Change, part: FieldChange, paired: bool) -> Iterator[_Row]:
    name, marker = visible(part.path), _marker(change, part)
    remarks = _remarks(change, part) + _known_after(view, change, part)
    sides = _sides(part) if paired and marker == "~" else None
    if sides:
        yield _Row("-", name, sides[0])
        yield _Row("+", name, sides[1] + remarks, part.source)
        return
    text, more = _contents(change.action, part)
    yield _Row(marker, name, text + remarks, part.source)
    for below, line in more:
        yield _Row(below, "", line)


def _sides(part: FieldChange) -> tuple[str, str] | None:
    """The old and the new value, where each can be read on one line."""
    sides = value(part.before), value(part.after)
    whole = sides == (brief(part.before), brief(part.after))
    return sides if whole and not part.personal else None


def _remarks(change: Change, part: FieldChange) -> str:
    words = [visible(part.note)] if part.note else []
    if part.origin and part.origin is not origin(change):
        words.append(ORIGINS[part.origin])
    return "".join(f"  ({word})" for word in words)


def _marker(change: Change, part: FieldChange) -> str:
    if side := _one_side(change.action, part):
        return side
    return "!" if part.note else "~"


def _one_side(action: Action, part: FieldChange) -> str:
    """The marker where a value comes or goes; empty where it takes the place of another one."""
    replaces = part.before is not None and part.after is not None
    return "" if replaces else _ONE_SIDED.get(action, "")


def known_after(view: PlanView, change: Change, part: FieldChange) -> list[int]:
    """The numbers of the changes that make what the field refers to."""
    return sorted({view.created[a] for a in _new_targets(view, change, part)})


def _known_after(view: PlanView, change: Change, part: FieldChange) -> str:
    numbers = known_after(view, change, part)
    if not numbers:
        return ""
    ids = "id" if len(numbers) == 1 else "ids"
    return f"  {ids} known after {joined([str(number) for number in numbers])}"


def _new_targets(view: PlanView, change: Change, part: FieldChange) -> Iterator[Address]:
    kind = view.kinds.get(change.address.kind)
    if kind is None or part.personal:
        return
    for _, address in targets(kind, {part.path: part.after}):
        if address in view.created and change.references.get(address) is None:
            yield address


def in_short(action: Action, part: FieldChange) -> str:
    """A change of a field on one line, with both values where they are short."""
    if not _one_side(action, part) and not part.personal:
        arrow = f"{value(part.before)} -> {value(part.after)}"
        if len(arrow) <= LONG:
            return arrow
    return _contents(action, part)[0]


def in_brief(action: Action, part: FieldChange) -> str:
    """As ``in_short``, but of a list only what it gains and loses, where that is short."""
    return _contents(action, part)[0]


def item_lines(action: Action, part: FieldChange) -> list[Marked]:
    """What ``in_short`` had no room for: the lines that only one of both values has."""
    if _one_side(action, part) or part.personal or isinstance(part.after, str):
        return []
    arrow = f"{value(part.before)} -> {value(part.after)}"
    return [] if len(arrow) <= LONG else _contents(action, part)[1]


def _contents(action: Action, part: FieldChange) -> tuple[str, list[Marked]]:
    if side := _one_side(action, part):
        content = part.before if action is Action.DELETE else part.after
        return (f"set, {PERSONAL}", []) if part.personal else _whole(content, side)
    if part.personal:
        return f"changed, {PERSONAL}", []
    if isinstance(part.before, str) and isinstance(part.after, str):
        return _changed_text(part.before, part.after)
    return _changed(part.before, part.after)


def _whole(content: Value, marker: str) -> tuple[str, list[Marked]]:
    if isinstance(content, str) or len(value(content)) <= LONG:
        return brief(content), []
    return brief(content), [(marker, line) for line in parts(content)]


def _changed_text(before: str, after: str) -> tuple[str, list[Marked]]:
    text = f"{brief(before)} -> {brief(after)}"
    if not (is_long(before) or is_long(after)):
        return text, []
    return text, changed_lines(before, after)


def changed_lines(before: str, after: str) -> list[Marked]:
    """The lines that only one of two texts has."""
    difference = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), n=0
    )
    lines = [line for line in difference if not line.startswith("@@")][2:]
    return [(line[0], quoted(line[1:])) for line in lines]


def _changed(before: Value, after: Value) -> tuple[str, list[Marked]]:
    old, new = Counter(parts(before)), Counter(parts(after))
    gone, added = list((old - new).elements()), list((new - old).elements())
    if isinstance(before, list | tuple) and isinstance(after, list | tuple) and (gone or added):
        words = [f"adds {', '.join(added)}"] if added else []
        words += [f"removes {', '.join(gone)}"] if gone else []
        short = "; ".join(words)
    else:
        short = f"{value(before)} -> {value(after)}"
    if len(short) <= LONG:
        return short, []
    lines = [("-", line) for line in gone] + [("+", line) for line in added]
    if not lines:
        lines = [("~", line) for line in parts(after)]
    return f"{brief(before)} -> {brief(after)}", lines


def parts(content: Value) -> list[str]:
    """What a list or an object is made of, each part on one line."""
    if content is None:
        return []
    if isinstance(content, Mapping):
        return [f"{quoted(str(key))}: {value(part)}" for key, part in content.items()]
    if isinstance(content, Sequence) and not isinstance(content, str):
        return [value(part) for part in content]
    return [value(content)]


def brief(content: Value) -> str:
    """A value on one short line: itself, or how long it is."""
    if isinstance(content, str):
        if not is_long(content):
            return quoted(content)
        lines = counted(len(content.splitlines()) or 1, "line")
        return f"{counted(len(content), 'character')}, {lines}"
    if content is None or isinstance(content, bool | int | float):
        return value(content)
    if len(value(content)) <= LONG:
        return value(content)
    return counted(len(content), "field" if isinstance(content, Mapping) else "item")


def is_long(text: str) -> bool:
    """Whether a text is drawn line by line."""
    return len(text) > LONG or len(text.splitlines()) > 1
