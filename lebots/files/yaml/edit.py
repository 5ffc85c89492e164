"""Other values at places of a YAML text; all else of it stays as it is, byte for byte."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import yaml

from lebots.core.model.value import Value
from lebots.files.yaml.scalars import is_text
from lebots.files.yaml.writer import Tall, write

_FLOW = frozenset(",[]{}#:&*!|>'\"%@`")
"""What a plain text between brackets does without."""


class Replacement(NamedTuple):
    """A value that another one takes the place of."""

    line: int
    column: int
    """Where it begins; both from 1."""
    old: Value
    new: Value


class Addition(NamedTuple):
    """A field to add to the mapping that has the value at a place."""

    line: int
    column: int
    name: str
    value: Value


class _Place(NamedTuple):
    node: Any
    key: int = -1
    """The column of its key; less than 0 for an item, and between brackets."""
    parent: Any = None


class _Cut(NamedTuple):
    start: int
    end: int
    text: str


def edited(text: str, edits: Iterable[Replacement | Addition]) -> str | None:
    """The text with the edits; None where one of them is not to be made in it.

    Comments, order, quotes and line ends stay, but for those of a value that is replaced whole.
    """
    try:
        editor = _Editor(text)
    except yaml.YAMLError:
        return None
    cuts: list[_Cut] = []
    for edit in edits:
        found = editor.cuts(edit)
        if found is None:
            return None
        cuts += found
    for cut in sorted(cuts, reverse=True):
        text = text[: cut.start] + cut.text + text[cut.end :]
    return text


class _Editor:
    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.at: dict[tuple[int, int], _Place] = {}
        for document in yaml.compose_all(text, Loader=yaml.SafeLoader):
            for place in _values(_Place(document)):
                mark = place.node.start_mark
                self.at.setdefault((mark.line + 1, mark.column + 1), place)

    def cuts(self, edit: Replacement | Addition) -> list[_Cut] | None:
        found = self.at.get((edit.line, edit.column))
        if found is None:
            return None
        if isinstance(edit, Addition):
            return self._added(found.parent, edit.name, edit.value)
        return self._changed(found.node, found.key, edit.old, edit.new)

    def _changed(self, node: Any, key: int, old: Value, new: Value) -> list[_Cut]:
        """The cuts that turn the old value of a node into the new one; ``key`` is its column."""
        if old == new:
            return []
        match node, old, new:
            case yaml.SequenceNode(), list(), list() if len(old) == len(new) == len(node.value):
                triples = zip(node.value, old, new, strict=True)
                return [
                    cut
                    for child, before, after in triples
                    for cut in self._changed(child, -1, before, after)
                ]
            case yaml.SequenceNode(), list(), list() if (
                not node.flow_style
                and len(old) == len(node.value)
                and (kept := _kept(old, new)) is not None
            ):
                return self._items(node, kept, new)
        return [self._whole(node, key, new)]

    def _items(self, node: Any, kept: Sequence[bool], new: Sequence[Value]) -> list[_Cut]:
        """The lines of items that go, and those of items that come at the end."""
        gone = [child for child, stays in zip(node.value, kept, strict=True) if not stays]
        cuts = [_Cut(*self._lines(child), "") for child in gone]
        column = node.start_mark.column
        added = new[sum(kept) :]
        end = self._line_end(self._end(node.value[-1]))
        lines = "".join(
            self.newline + " " * column + self._moved(write(Tall([item])).lstrip(), column)
            for item in added
        )
        return [*cuts, _Cut(end, end, lines)] if added else cuts

    def _added(self, node: Any, name: str, value: Value) -> list[_Cut] | None:
        if not isinstance(node, yaml.MappingNode) or node.flow_style or not node.value:
            return None
        column = node.start_mark.column
        end = self._line_end(self._end(node))
        line = " " * column + self._moved(write({name: value}), column)
        return [_Cut(end, end, self.newline + line)]

    def _whole(self, node: Any, key: int, new: Value) -> _Cut:
        start, end = node.start_mark.index, self._end(node)
        before = self.text[:start].rstrip()
        rest = self.text[end : self._line_end(end)].strip()
        if not before.endswith(":") or key < 0:
            return _Cut(start, end, _flow(new))
        text = self._moved(write({"x": new}), key)[len("x:") :]
        if self.newline in text and rest:
            text = " " + json.dumps(new, ensure_ascii=False)
        return _Cut(len(before), end, text)

    def _moved(self, text: str, column: int) -> str:
        """Written lines, without the last break, for a place that far to the right."""
        first, *rest = text.removesuffix("\n").split("\n")
        shifted = (" " * column + line if line else line for line in rest)
        return self.newline.join((first, *shifted))

    def _end(self, node: Any) -> int:
        """Where the text of a node ends; the parser looks for the end of a block too far."""
        if isinstance(node, yaml.ScalarNode):
            end = int(node.end_mark.index)
            return len(self.text[:end].rstrip()) if node.style in ("|", ">") else end
        if node.flow_style or not node.value:
            return int(node.end_mark.index)
        last = node.value[-1]
        return self._end(last[1] if isinstance(last, tuple) else last)

    def _lines(self, item: Any) -> tuple[int, int]:
        """The lines that an item of a block list takes."""
        start = self.text.rfind("\n", 0, item.start_mark.index) + 1
        end = self._line_end(self._end(item))
        return start, min(end + len(self.newline), len(self.text))

    def _line_end(self, index: int) -> int:
        found = self.text.find(self.newline, index)
        return len(self.text) if found < 0 else found


def _values(place: _Place) -> Iterator[_Place]:
    """The place and all below it."""
    yield place
    node = place.node
    if isinstance(node, yaml.MappingNode):
        for name, child in node.value:
            key = -1 if node.flow_style else name.start_mark.column
            yield from _values(_Place(child, key, node))
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _values(_Place(child, parent=node))


def _kept(old: Sequence[Value], new: Sequence[Value]) -> list[bool] | None:
    """Which items stay, where the new list is some of the old ones and then others; else None."""
    kept = [item in new for item in old]
    stay = [item for item, stays in zip(old, kept, strict=True) if stays]
    return kept if stay and new[: len(stay)] == stay else None


def _flow(value: Value) -> str:
    """A value as it stands between brackets."""
    plain = isinstance(value, str) and is_text(value) and not _FLOW & set(value)
    return str(value) if plain else json.dumps(value, ensure_ascii=False)
