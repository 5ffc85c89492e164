"""A YAML text as a walk over its nodes, each with its path and with where it begins and ends.

For texts that ``lebots.files.yaml.reader`` has read without a finding: nothing hostile is left in
them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import yaml

from lebots.core.model.value import Path
from lebots.files.yaml.syntax import LOADER


class Role(Enum):
    """What a step of the walk is in its document."""

    ROOT = auto()
    NAME = auto()
    VALUE = auto()
    ITEM = auto()
    END = auto()
    """The end of a list or mapping."""
    DOCUMENT_END = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the walk; lines and columns count from 0.

    The end of what is written in lines, without brackets, is where the next thing begins.
    """

    role: Role
    document: int
    """Which of the text's documents, from 0 on; empty ones are passed over."""
    path: Path
    start: int
    """Offset in the text."""
    end: int
    first_line: int
    last_line: int
    column: int
    margin: int
    """The column of the list or mapping that holds the node; -1 outside of all."""
    is_leaf: bool
    """A text, number or other scalar, names of fields aside."""
    in_lines: bool
    """A list or mapping that is written one part a line, without brackets."""


@dataclass(slots=True)
class _Frame:
    """A list or mapping that is open."""

    path: Path
    column: int
    in_lines: bool
    is_list: bool
    count: int = 0
    name: str | None = None

    @classmethod
    def of(cls, path: Path, event: Any) -> "_Frame":
        is_list = isinstance(event, yaml.SequenceStartEvent)
        return cls(path, event.start_mark.column, _in_lines(event), is_list)

    def next(self, event: Any) -> tuple[Role, Path]:
        """What the node that begins with ``event`` is in here."""
        if self.is_list:
            self.count += 1
            return Role.ITEM, (*self.path, self.count - 1)
        if self.name is None:
            self.name = str(event.value)
            return Role.NAME, (*self.path, self.name)
        name, self.name = self.name, None
        return Role.VALUE, (*self.path, name)


def steps(text: str) -> Iterator[Step]:
    """The nodes of all documents and the ends of lists, mappings and documents, in order."""
    frames: list[_Frame] = []
    document = -1
    for event in yaml.parse(text, Loader=LOADER):
        if isinstance(event, yaml.CollectionEndEvent):
            frame = frames.pop()
            yield _step(Role.END, document, frame.path, event, frames, in_lines=frame.in_lines)
        elif isinstance(event, yaml.DocumentEndEvent):
            yield _step(Role.DOCUMENT_END, document, (), event, frames)
        elif isinstance(event, yaml.NodeEvent) and (frames or _stands_there(event)):
            document += not frames
            role, path = frames[-1].next(event) if frames else (Role.ROOT, ())
            yield _step(role, document, path, event, frames, in_lines=_in_lines(event))
            if isinstance(event, yaml.CollectionStartEvent):
                frames.append(_Frame.of(path, event))


def _step(
    role: Role,
    document: int,
    path: Path,
    event: Any,
    frames: list[_Frame],
    *,
    in_lines: bool = False,
) -> Step:
    start, end = event.start_mark, event.end_mark
    # The end of a text after | or > is the beginning of the next line.
    is_block_text = getattr(event, "style", None) in ("|", ">")
    return Step(
        role=role,
        document=document,
        path=path,
        start=start.index,
        end=end.index,
        first_line=start.line,
        last_line=start.line if is_block_text else end.line,
        column=start.column,
        margin=frames[-1].column if frames else -1,
        is_leaf=isinstance(event, yaml.ScalarEvent) and role is not Role.NAME,
        in_lines=in_lines,
    )


def _in_lines(event: Any) -> bool:
    return isinstance(event, yaml.CollectionStartEvent) and not event.flow_style


def _stands_there(event: Any) -> bool:
    """Whether a document has a root; an empty one is a scalar without anything."""
    return not isinstance(event, yaml.ScalarEvent) or bool(event.value or event.style)
