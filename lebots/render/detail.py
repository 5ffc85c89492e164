"""DETAIL: every changed field of every object, with markers in column 0."""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from lebots.core.model import Action, Address, Change, FieldChange, Origin, Value
from lebots.core.refs import targets
from lebots.render.escape import quoted, value, visible
from lebots.render.origins import WORDS
from lebots.render.sheet import Sheet, counted, joined, title

MOST = 200
"""Objects shown in full; a plan of thousands is read as JSON."""

_LONG = 60
_PERSONAL = "personal, not shown"
_PATH_WIDTH = 12

_Marked: TypeAlias = tuple[str, str]
"""A marker for column 0 and the text of the line."""


def detail(sheet: Sheet) -> list[str]:
    """The lines of the section."""
    lines = ["DETAIL"]
    for number, change in sheet.numbered[:MOST]:
        lines += _object(sheet, number, change)
    if len(sheet.numbered) > MOST:
        lines.append(f"  and {len(sheet.numbered) - MOST} more, see --out")
    return lines


def _object(sheet: Sheet, number: int, change: Change) -> Iterator[str]:
    known = f"   id {visible(change.id)}" if change.id else ""
    elsewhere = change.origin in (Origin.PENDING, Origin.DRIFT)
    origin = f"   [{WORDS[change.origin]}]" if change.origin and elsewhere else ""
    yield f"  {sheet.number(number)} {title(change.address, sheet.kinds)}{known}{origin}"
    if change.note:
        yield f"        {visible(change.note)}"
    width = max((len(visible(part.path)) for part in change.fields), default=0)
    width = max(width, _PATH_WIDTH)
    for part in change.fields:
        yield from _field(sheet, change, part, width)
    if change.action is Action.DELETE:
        yield from sheet.with_place("-       whole object", change.source)
    if change.sink:
        how = "generated" if change.action is Action.CREATE else "delivered"
        yield f"!       {'secret':<{width}}  will be {how} -> sink {quoted(change.sink)}"
    if change.action is Action.CREATE:
        yield f"        {'id':<{width}}  known after apply"


def _field(sheet: Sheet, change: Change, part: FieldChange, width: int) -> list[str]:
    text, more = _contents(change.action, part)
    if part.note:
        text += f"  ({visible(part.note)})"
    text += _known_after(sheet, change, part)
    if part.origin and part.origin is not change.origin:
        text += f"  [{WORDS[part.origin]}]"
    first = f"{_marker(change, part)}       {visible(part.path):<{width}}  {text}"
    lines = sheet.with_place(first, part.source)
    return lines + [f"{marker}       {'':<{width}}  {line}" for marker, line in more]


def _marker(change: Change, part: FieldChange) -> str:
    if change.action is Action.CREATE:
        return "+"
    return "!" if part.note else "~"


def _known_after(sheet: Sheet, change: Change, part: FieldChange) -> str:
    numbers = sorted({sheet.created[a] for a in _new_targets(sheet, change, part)})
    if not numbers:
        return ""
    ids = "id" if len(numbers) == 1 else "ids"
    return f"  {ids} known after {joined([str(number) for number in numbers])}"


def _new_targets(sheet: Sheet, change: Change, part: FieldChange) -> Iterator[Address]:
    kind = sheet.kinds.get(change.address.kind)
    if kind is None or part.personal:
        return
    for _, address in targets(kind, {part.path: part.after}):
        if address in sheet.created and change.references.get(address) is None:
            yield address


def _contents(action: Action, part: FieldChange) -> tuple[str, list[_Marked]]:
    create = action is Action.CREATE
    if part.personal:
        return f"{'set' if create else 'changed'}, {_PERSONAL}", []
    if create:
        return _whole(part.after)
    if isinstance(part.before, str) and isinstance(part.after, str):
        return _changed_text(part.before, part.after)
    return _changed(part.before, part.after)


def _whole(content: Value) -> tuple[str, list[_Marked]]:
    if isinstance(content, str) or len(value(content)) <= _LONG:
        return _brief(content), []
    return _brief(content), [("+", line) for line in _parts(content)]


def _changed_text(before: str, after: str) -> tuple[str, list[_Marked]]:
    text = f"{_brief(before)} -> {_brief(after)}"
    if not (_is_long(before) or _is_long(after)):
        return text, []
    difference = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), n=0
    )
    lines = [line for line in difference if not line.startswith("@@")][2:]
    return text, [(line[0], quoted(line[1:])) for line in lines]


def _changed(before: Value, after: Value) -> tuple[str, list[_Marked]]:
    old, new = Counter(_parts(before)), Counter(_parts(after))
    gone, added = list((old - new).elements()), list((new - old).elements())
    if isinstance(before, list | tuple) and isinstance(after, list | tuple) and (gone or added):
        words = [f"adds {', '.join(added)}"] if added else []
        words += [f"removes {', '.join(gone)}"] if gone else []
        short = "; ".join(words)
    else:
        short = f"{value(before)} -> {value(after)}"
    if len(short) <= _LONG:
        return short, []
    lines = [("-", line) for line in gone] + [("+", line) for line in added]
    if not lines:
        lines = [("~", line) for line in _parts(after)]
    return f"{_brief(before)} -> {_brief(after)}", lines


def _parts(content: Value) -> list[str]:
    if content is None:
        return []
    if isinstance(content, Mapping):
        return [f"{quoted(str(key))}: {value(part)}" for key, part in content.items()]
    if isinstance(content, Sequence) and not isinstance(content, str):
        return [value(part) for part in content]
    return [value(content)]


def _brief(content: Value) -> str:
    if isinstance(content, str):
        if not _is_long(content):
            return quoted(content)
        lines = counted(len(content.splitlines()) or 1, "line")
        return f"{counted(len(content), 'character')}, {lines}"
    if content is None or isinstance(content, bool | int | float):
        return value(content)
    if len(value(content)) <= _LONG:
        return value(content)
    return counted(len(content), "field" if isinstance(content, Mapping) else "item")


def _is_long(text: str) -> bool:
    return len(text) > _LONG or len(text.splitlines()) > 1
