"""The comments of a manifest file, and what each one is about.

A comment at the end of a line is about what stands on the line. One on a line of its own is about
what comes next, unless its indentation says that it closes what came before, as a field that was
commented out at the end of a mapping does.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

import yaml

from lebots.core.model.value import Path
from lebots.files.yaml.syntax import LOADER
from lebots.files.yaml.yaml_walk import Role, Step, steps

_COMMENT = re.compile(r"#[^\n]*")
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]+(?=#)")


class Slot(Enum):
    """Where a comment stands as seen from what it is about."""

    ABOVE = auto()
    BESIDE = auto()
    INSIDE = auto()
    """At the end of a list or mapping, after its last part."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment from its ``#`` on, without blanks at its end."""

    text: str
    slot: Slot
    path: Path
    """What it is about: a field, an item, or ``()`` for the document."""
    document: int
    """Which of the file's documents, from 0 on; empty ones are passed over."""
    apart: bool
    """A paragraph of its own: an empty line parts it from the comment above."""


@dataclass(frozen=True, slots=True)
class _Found:
    text: str
    start: int
    line: int
    column: int
    alone: bool
    """Nothing else stands on its line."""
    apart: bool


def comments(text: str) -> list[Comment]:
    """All comments of a text with one document at least, in order."""
    text = text if text.endswith("\n") else text + "\n"
    pending = deque(_found(text))
    claimed: list[Comment] = []
    before: Step | None = None
    for step in steps(text) if pending else ():
        claimed += _claimed(pending, before, step)
        if not pending:
            return claimed
        before = step
    last = before.document if before else 0
    return claimed + [_about(found, Slot.INSIDE, (), last) for found in pending]


def _claimed(pending: deque[_Found], before: Step | None, step: Step) -> Iterator[Comment]:
    """The first of the pending comments, as far as they lie before the step and belong there."""
    while pending and pending[0].start < step.start:
        found = pending[0]
        if before and _is_beside(found, before):
            comment = _about(found, Slot.BESIDE, before.path, before.document)
        elif (slot := _slot(found, step)) is not None:
            comment = _about(found, slot, step.path, step.document)
        else:
            break
        pending.popleft()
        yield comment


def _is_beside(found: _Found, step: Step) -> bool:
    """Whether the comment follows the step on its line; a lone ``-`` or ``?`` is no step."""
    is_mark = step.in_lines or step.role is Role.DOCUMENT_END
    return not (found.alone or is_mark) and step.first_line <= found.line <= step.last_line


def _slot(found: _Found, step: Step) -> Slot | None:
    """Where a comment before the step belongs as seen from there; None leaves it to later steps."""
    if step.role is Role.DOCUMENT_END:
        return Slot.INSIDE if step.document >= 0 else None
    if step.role is Role.END:
        # What comes next has the column of the step: a comment right of that is not about it.
        closes = not step.in_lines or found.column > max(step.column, step.margin)
        return Slot.INSIDE if closes else None
    # The first part of a list or mapping has the same place, and is what the comment is about.
    return None if step.role is Role.VALUE and step.in_lines else Slot.ABOVE


def _about(found: _Found, slot: Slot, path: Path, document: int) -> Comment:
    return Comment(found.text, slot, path, document, found.apart)


def _found(text: str) -> Iterator[_Found]:
    """The comments of a text: whatever else stands between two tokens is blank."""
    line = end = 0
    above: _Found | None = None
    for match in _matches(text):
        start = match.start()
        between = text[end:start]
        line += between.count("\n")
        line_start = text.rfind("\n", 0, start) + 1
        alone = not text[line_start:start].strip()
        follows = above is not None and above.alone and alone and not between.strip()
        apart = follows and between.count("\n") > 1
        above = _Found(match[0].rstrip(), start, line, start - line_start, alone, apart)
        end = match.end()
        yield above


def _matches(text: str) -> Iterator[re.Match[str]]:
    position = 0
    for token in yaml.scan(text, Loader=LOADER):
        start, end = token.start_mark.index, token.end_mark.index
        yield from _COMMENT.finditer(text, position, start)
        if isinstance(token, yaml.ScalarToken) and (header := _HEADER.match(text, start)):
            # The token of a text after | or > begins with its own line, comment and all.
            found = _COMMENT.match(text, header.end()) if token.style in ("|", ">") else None
            yield from [found] if found else []
        position = max(position, end)
    yield from _COMMENT.finditer(text, position)
