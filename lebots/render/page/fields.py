"""One changed field on the page: what it was, what it will be, and where that is written."""

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from lebots.core.model.address import Source
from lebots.core.model.change import Action, Change, FieldChange
from lebots.core.model.value import Value
from lebots.render.beside.origins import ORIGINS, origin
from lebots.render.detail import (
    LONG,
    PERSONAL,
    Marked,
    brief,
    changed_lines,
    is_long,
    known_after,
    parts,
)
from lebots.render.escape import value
from lebots.render.page.elements import element, joined, lines
from lebots.render.plan_view import PlanView

ARROW = " \u2192 "
_ELEMENTS = {"-": "del", "+": "ins", "~": "span"}


def field(view: PlanView, change: Change, part: FieldChange) -> Markup:
    """The field as a row of a description list."""
    words = [content(change.action, part)]
    if part.note:
        words.append(element("span", f"({part.note})", class_="why"))
    if numbers := known_after(view, change, part):
        known = "id known after " if len(numbers) == 1 else "ids known after "
        words.append(element("span", known, links(numbers), class_="later"))
    if part.origin and part.origin is not origin(change):
        words.append(element("span", ORIGINS[part.origin], class_="from"))
    unasked = part.note and change.action is not Action.CREATE
    look = "field unasked" if unasked else "field"
    return row(part.path, joined(words, " "), part.source, look=look)


def row(name: str, shown: str, source: Source | None = None, *, look: str = "fact") -> Markup:
    """A name, what there is to say of it, and the place in a manifest that says it."""
    cells = [element("dt", name), element("dd", shown)]
    if source:
        cells.append(element("dd", _place(source), class_="place"))
    return element("div", joined(cells, " "), class_=look)


def place(source: Source) -> Markup:
    """``manifests/bots.yaml:20``."""
    return element("span", _place(source), class_="place")


def _place(source: Source) -> str:
    return f"{source.file}:{source.line}"


def links(numbers: Sequence[int]) -> Markup:
    """The numbers of changes, each leading to it."""
    return joined(map(link, numbers), ", ")


def link(number: int) -> Markup:
    """The number of a change, leading to it."""
    return element("a", str(number), href=f"#change-{number}", aria_label=f"Change {number}")


def content(action: Action, part: FieldChange) -> Markup:
    """What becomes of the value; a personal one is never told."""
    if part.personal:
        told = "set" if action is Action.CREATE else "changed"
        return element("i", f"{told}, {PERSONAL}")
    if action is Action.CREATE and part.before is None:
        return _new(part.after)
    if isinstance(part.before, str) and isinstance(part.after, str):
        return _changed_text(part.before, part.after)
    return _changed(part.before, part.after)


def _new(after: Value) -> Markup:
    if isinstance(after, str):
        if not is_long(after):
            return element("ins", value(after))
        added = changed_lines("", after)
    elif len(value(after)) <= LONG:
        return element("ins", value(after))
    else:
        added = [("+", line) for line in parts(after)]
    return joined([brief(after), _drawn(added)], " ")


def _changed_text(before: str, after: str) -> Markup:
    if is_long(before) or is_long(after):
        return joined([_from_to(before, after), _drawn(changed_lines(before, after))], " ")
    return _from_to(before, after)


def _changed(before: Value, after: Value) -> Markup:
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        return _changed_list(before, after)
    if len(value(before)) + len(value(after)) <= LONG:
        return _from_to(before, after)
    marked, _ = _difference(before, after)
    return joined([_from_to(before, after), _drawn(marked)], " ")


def _changed_list(before: Sequence[Value], after: Sequence[Value]) -> Markup:
    marked, same = _difference(before, after)
    if marked:
        rest = f"{same} unchanged" if same else "" if after else "none left"
        return joined([*_pieces(marked), rest], " ")
    if len(value(after)) <= LONG:
        return _from_to(before, after)
    return joined([brief(after), "in another order", _drawn([("~", p) for p in parts(after)])], " ")


def _difference(before: Value, after: Value) -> tuple[list[Marked], int]:
    """The parts that only one of two values has, and how many both have."""
    old, new = Counter(parts(before)), Counter(parts(after))
    gone = [("-", line) for line in (old - new).elements()]
    return [*gone, *(("+", line) for line in (new - old).elements())], (old & new).total()


def _from_to(before: Value, after: Value) -> Markup:
    return joined([_side("del", before), ARROW, _side("ins", after)])


def _side(name: str, content: Value) -> str:
    short = brief(content)
    return element(name, short) if short == value(content) else short


def _drawn(marked: Sequence[Marked]) -> Markup:
    return element("div", lines(_pieces(marked)), class_="lines")


def _pieces(marked: Sequence[Marked]) -> list[Markup]:
    return [element(_ELEMENTS[marker], f"{marker} {line}") for marker, line in marked]
