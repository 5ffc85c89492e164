"""The canonical form of a manifest file: one order and layout, every comment kept.

Values are written by ``lebots.files.yaml.writer``, so that a file without comments reads as if
lebots had written it; comments are then put where they belong in that text. ruamel.yaml does not
serve here: it loses comments inside brackets and before ``---``, and a comment above a field stays
behind when the field moves.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from lebots.core.manifest.schema import arranged
from lebots.core.manifest.schema_errors import value_at
from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.core.model.kind import Kind
from lebots.core.model.value import Path, Value
from lebots.core.planner import is_blocking
from lebots.files.manifests import problems
from lebots.files.schema_findings import MAX_FINDINGS, too_many
from lebots.files.yaml.comments import Comment, Slot, comments
from lebots.files.yaml.reader import Document, read
from lebots.files.yaml.split_documents import Log, decoded
from lebots.files.yaml.writer import Tall, write

_OF_OVERLAYS = frozenset({"not-a-manifest", "unknown-kind"})
"""What is wrong with a document of an overlay too; its fields need not make a whole manifest."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file's text as it is and in canonical form; lines end with line feeds, unless mixed."""

    before: str
    after: str
    kinds: tuple[Kind, ...]
    """The kind of each document."""
    changed: bool
    """Whether the bytes of the file are not those of the canonical form."""
    line_end: str = "\n"
    """How most of its lines end, and all will."""
    mixed: bool = False
    """Whether some end in another way."""

    @property
    def content(self) -> str:
        """What the file will hold."""
        return self.after.replace("\n", self.line_end)


def formatted(
    data: bytes, file: str, kinds: Mapping[str, Kind], *, overlay: bool = False
) -> Formatted | list[Finding]:
    """The canonical form of a manifest file, or everything that is wrong with it.

    A file without any document stays as it is. In an ``overlay`` a document need not be whole.
    """
    documents, findings = read(data, file)
    for document in documents:
        if len(findings) > MAX_FINDINGS:
            findings.append(too_many(document.at(())))
            break
        wrong = problems(document, kinds)
        findings += [one for one in wrong if not overlay or one.code in _OF_OVERLAYS]
    if is_blocking(findings):
        return findings
    text = decoded(data, Log(file))
    own = tuple(kinds[str(value_at(document.value, ("kind",)))] for document in documents)
    after = _canonical(text, documents, own) if documents else text
    windows = data.count(b"\r\n")
    others = data.count(b"\n") - windows
    end, mixed = "\r\n" if windows > others else "\n", bool(windows and others)
    changed = bool(documents) and data != after.replace("\n", end).encode()
    if changed and not _says_the_same(text, after, documents):
        words = (
            "the canonical form would not say the same, so the file is left as it is; "
            "please report this"
        )
        return [Finding("format", words, source=Source(file, 1, 1))]
    before = data.decode()
    return Formatted(
        before if mixed else before.replace("\r\n", "\n"), after, own, changed, end, mixed
    )


def _canonical(text: str, documents: Sequence[Document], kinds: Sequence[Kind]) -> str:
    """Each document as the writer writes it, with its comments."""
    by_document: defaultdict[int, list[Comment]] = defaultdict(list)
    for comment in comments(text) if "#" in text else ():
        by_document[comment.document].append(comment)
    return "---\n".join(
        _document(arranged(kind, document.value), by_document[number])
        for number, (document, kind) in enumerate(zip(documents, kinds, strict=True))
    )


def _says_the_same(before: str, after: str, documents: Sequence[Document]) -> bool:
    """Whether a text holds the same values and comments, read as it will be read."""
    found, findings = read(after.encode(), "")
    return not findings and _values(found) == _values(documents) and _words(before) == _words(after)


def _values(documents: Iterable[Document]) -> list[str]:
    """As JSON, since to Python ``true`` equals 1 and 1 equals 1.0."""
    return [json.dumps(document.value, sort_keys=True) for document in documents]


def _words(text: str) -> list[str]:
    return sorted(comment.text for comment in comments(text)) if "#" in text else []


# One document with its comments


def _document(value: Value, found: Sequence[Comment]) -> str:
    if not found:
        return write(value)
    holders = {comment.path[:depth] for comment in found for depth in range(len(comment.path))}
    holders |= {comment.path for comment in found if comment.slot is Slot.INSIDE}
    written = write(_opened(value, (), holders))
    (document,), _ = read(written.encode(), "")
    return _woven(written.removesuffix("\n").split("\n"), document, found)


def _opened(value: Value, path: Path, holders: Set[Path]) -> Value:
    """The value with every list that holds comments written one item a line."""
    if isinstance(value, Mapping):
        return {name: _opened(part, (*path, name), holders) for name, part in value.items()}
    if isinstance(value, list):
        items = [_opened(item, (*path, number), holders) for number, item in enumerate(value)]
        return Tall(items) if path in holders else items
    return value


def _woven(lines: Sequence[str], document: Document, found: Iterable[Comment]) -> str:
    """The lines of a document and its comments, each in the place of what it is about."""
    at: defaultdict[int, list[Comment]] = defaultdict(list)
    below: defaultdict[int, list[Comment]] = defaultdict(list)
    last_lines = _last_lines(document, len(lines))
    for comment in (_fitting(one, document, lines) for one in found):
        if comment.slot is Slot.INSIDE:
            below[last_lines[comment.path]].append(comment)
        else:
            at[_line(document, comment.path)].append(comment)
    page = _Page()
    for number, line in enumerate(lines, 1):
        beside = [comment for comment in at[number] if comment.slot is Slot.BESIDE]
        # Two comments at the end of one line would become one.
        ending = beside[0] if len(beside) == 1 else None
        for comment in at[number]:
            if comment is not ending:
                page.comment(comment, len(line) - len(line.lstrip(" ")))
        page.line(f"{line} {ending.text}" if ending else line)
        for comment in below[number]:
            page.comment(comment, document.at(comment.path).column - 1)
    return page.text()


def _fitting(comment: Comment, document: Document, lines: Sequence[str]) -> Comment:
    """The comment in a slot that what it is about has in this text."""
    value = value_at(document.value, comment.path)
    if not isinstance(value, Mapping | list):
        return comment
    if comment.slot is Slot.INSIDE and not value:
        return replace(comment, slot=Slot.ABOVE)
    place = document.at(comment.path)
    in_lines = lines[place.line - 1][place.column - 1] not in "[{"
    if comment.slot is Slot.BESIDE and in_lines and comment.path not in document.keys:
        # An item begins on the line of its first part, which may have a comment of its own.
        return replace(comment, slot=Slot.ABOVE)
    return comment


def _line(document: Document, path: Path) -> int:
    """The line of a field's name, or of an item."""
    return document.keys.get(path, document.positions[path]).line


def _last_lines(document: Document, count: int) -> Mapping[Path, int]:
    """The line on which each value of a document of that many lines ends."""
    ends: dict[Path, int] = {}
    opened: list[Path] = []
    for path in document.positions:
        while opened and path[: len(opened[-1])] != opened[-1]:
            ends[opened.pop()] = _line(document, path) - 1
        opened.append(path)
    return ends | dict.fromkeys(opened, count)


class _Page:
    """Lines, with one empty line at most, and only between two paragraphs of comments."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._after_comment = False

    def line(self, line: str) -> None:
        self._lines.append(line)
        self._after_comment = False

    def comment(self, comment: Comment, column: int) -> None:
        if comment.apart and self._after_comment:
            self._lines.append("")
        self._lines.append(" " * column + comment.text)
        self._after_comment = True

    def text(self) -> str:
        return "\n".join([*self._lines, ""])
