"""YAML in: plain values, each with the place where it stands.

Built on the parser's events, which neither recurse nor construct anything, so that a hostile file
meets the limits before it costs memory or time (T01-T04). Anchors, aliases, merge keys, tags and
directives are refused: what a reviewer reads is what is meant.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from lebots.core.model import Finding, Path, Source, Value
from lebots.core.violations import shown_name
from lebots.files.characters import explain, refused
from lebots.files.scalars import plain
from lebots.files.syntax import describe

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 20
MAX_NODES = 10_000
MAX_NODES_PER_FILE = 250_000
MAX_SCALAR_BYTES = 4096
MAX_FINDINGS = 100

_LOADER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_DOCUMENT_START = re.compile(r"^---(?=[ \t\n]|\Z)", re.MULTILINE)
_NAMELESS: Path = ("",)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document that could be parsed."""

    value: Value
    positions: Mapping[Path, Source]
    """Where each value stands; the document's own place is under ``()``."""
    keys: Mapping[Path, Source]
    """Where the name of each field stands."""
    broken: frozenset[Path] = frozenset()
    """Values that were refused; None stands in their place and a finding tells why."""

    def at(self, path: Path) -> Source:
        """The nearest known place of the value at ``path``."""
        while path not in self.positions:
            path = path[:-1]
        return self.positions[path]


def read(data: bytes, file: str) -> tuple[list[Document], list[Finding]]:
    """The documents of a file and everything wrong with it, in order; never raises.

    A document that is not YAML is left out; the ones after it are still read. ``file`` is the name
    that findings and positions carry.
    """
    log = _Log(file)
    documents: list[Document] = []
    try:
        text = _text(data, log)
        for chunk, line in _chunks(text):
            documents += _Composer(chunk, line, log).documents()
    except _StopReading:
        pass
    return documents, log.sorted()


class _StopReading(Exception):
    """The rest of the file is not worth or not safe reading."""


class _SkipDocument(Exception):
    """The rest of the document is not worth or not safe reading."""


class _Log:
    """What was found in one file, and how much of the file's budget is used."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.nodes = 0

    def add(self, code: str, message: str, source: Source) -> None:
        if len(self.findings) == MAX_FINDINGS:
            text = f"more than {MAX_FINDINGS} findings; the file is not read any further"
            self.findings.append(Finding("yaml-limit", text, source=source))
            raise _StopReading
        self.findings.append(Finding(code, message, source=source))

    def count(self, source: Source) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES_PER_FILE:
            text = f"more than {MAX_NODES_PER_FILE} values in one file; split the file"
            self.add("yaml-limit", text, source)
            raise _StopReading

    def sorted(self) -> list[Finding]:
        return sorted(self.findings, key=lambda finding: finding.source or Source("", 0, 0))


def _text(data: bytes, log: _Log) -> str:
    start = Source(log.file, 1, 1)
    if len(data) > MAX_BYTES:
        log.add("yaml-limit", f"larger than {MAX_BYTES} bytes; split the file", start)
        raise _StopReading
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = _place(before, len(before), log.file)
        log.add("yaml-encoding", "not UTF-8 from here on; save the file as UTF-8", place)
        raise _StopReading from None
    return _without_refused(text.replace("\r\n", "\n"), log)


def _without_refused(text: str, log: _Log) -> str:
    """Reports refused characters and puts a stand-in for each, so that reading can go on."""
    bad = refused(text)
    if not bad:
        return text
    pattern = re.compile("[" + re.escape("".join(sorted(bad))) + "]")
    for match in pattern.finditer(text):
        place = _place(text, match.start(), log.file)
        log.add("yaml-character", explain(match[0]), place)
    return pattern.sub("\ufffd", text)


def _place(text: str, offset: int, file: str) -> Source:
    line_start = text.rfind("\n", 0, offset) + 1
    return Source(file, text.count("\n", 0, offset) + 1, offset - line_start + 1)


def _chunks(text: str) -> Iterator[tuple[str, int]]:
    """The text from each ``---`` line to the next, with the number of lines before it.

    YAML allows no such line inside a value, so an error in one document cannot hide the next.
    """
    start = line = 0
    for match in _DOCUMENT_START.finditer(text):
        if chunk := text[start : match.start()]:
            yield chunk, line
            line += chunk.count("\n")
        start = match.start()
    if chunk := text[start:]:
        yield chunk, line


class _Text(NamedTuple):
    value: Value
    complaint: str


class _Composer:
    """Turns the events of one chunk into documents."""

    def __init__(self, chunk: str, line: int, log: _Log) -> None:
        self.chunk = chunk
        self.line = line
        self.log = log
        self.events: Iterator[Any] = iter(())
        self.start_document()

    def start_document(self) -> None:
        self.nodes = 0
        self.positions: dict[Path, Source] = {}
        self.keys: dict[Path, Source] = {}
        self.broken: set[Path] = set()

    def documents(self) -> list[Document]:
        """The documents before the first one that cannot be parsed."""
        found: list[Document] = []
        self.log.count(Source(self.log.file, self.line + 1, 1))
        try:
            self.events = yaml.parse(self.chunk, Loader=_LOADER)
            for event in self.events:
                if isinstance(event, yaml.DocumentStartEvent):
                    found += self.document(event)
        except _SkipDocument:
            pass
        except _StopReading:
            raise
        except Exception as error:  # the parser also raises errors that are not its own (T03)
            line, column, words = describe(error, self.chunk)
            place = Source(self.log.file, self.line + line + 1, column + 1)
            self.log.add("yaml-syntax", words, place)
        return found

    def document(self, start: Any) -> list[Document]:
        """The document whose start was just read; none where it is empty."""
        self.start_document()
        if start.version or start.tags:
            words = "directives such as %YAML are not used; remove the line"
            self.log.add("yaml-syntax", words, self.place(start))
        event = next(self.events)
        if isinstance(event, yaml.ScalarEvent) and not _stands_there(event):
            return []
        value = self.node(event, (), 1)
        return [Document(value, self.positions, self.keys, frozenset(self.broken))]

    def place(self, event: Any) -> Source:
        mark = event.start_mark
        return Source(self.log.file, self.line + mark.line + 1, mark.column + 1)

    def node(self, event: Any, path: Path, depth: int) -> Value:
        """The value that begins with ``event``."""
        here = self.positions[path] = self.place(event)
        self.count(here, depth)
        if self.is_alias(event, here):
            self.broken.add(path)
            return None
        if event.tag is not None:
            words = "tags are not used in manifests; remove it, the field knows its own type"
            self.log.add("yaml-tag", words, here)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, path, here)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path, depth)
        return self.mapping(path, depth)

    def count(self, here: Source, depth: int) -> None:
        self.nodes += 1
        self.log.count(here)
        if depth > MAX_DEPTH:
            words = f"nested deeper than {MAX_DEPTH} levels; the document is not read any further"
        elif self.nodes > MAX_NODES:
            words = f"more than {MAX_NODES} values in one document; it is not read any further"
        else:
            return
        self.log.add("yaml-limit", words, here)
        raise _SkipDocument

    def is_alias(self, event: Any, here: Source) -> bool:
        if event.anchor is None:
            return False
        alias = isinstance(event, yaml.AliasEvent)
        words = (
            "aliases are not used in manifests; write the value out"
            if alias
            else "anchors are not used in manifests; remove it"
        )
        self.log.add("yaml-alias" if alias else "yaml-anchor", words, here)
        return alias

    def scalar(self, event: Any, path: Path, here: Source) -> Value:
        value, complaint = self.text(event)
        if complaint:
            self.log.add("yaml-scalar", complaint, here)
        if complaint or event.tag is not None:
            self.broken.add(path)
            return None
        return value

    def text(self, event: Any) -> _Text:
        value: str = event.value
        if len(value) * 4 > MAX_SCALAR_BYTES and len(value.encode()) > MAX_SCALAR_BYTES:
            return _Text(None, f"a text has at most {MAX_SCALAR_BYTES} bytes; shorten it")
        if not event.style:
            return _Text(*plain(value))
        if event.style == '"' and (bad := refused(value)):
            return _Text(None, explain(min(bad)))
        return _Text(value, "")

    def sequence(self, path: Path, depth: int) -> Value:
        items: list[Value] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, (*path, len(items)), depth + 1))
        return items

    def mapping(self, path: Path, depth: int) -> Value:
        fields: dict[str, Value] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            here = self.place(event)
            name = self.name(event, here, path, depth)
            if name is not None and name in fields:
                self.duplicate(name, here, (*path, name))
                name = None
            if name is None:
                # read on for more findings, under a path that stands for no field
                self.node(next(self.events), path + _NAMELESS, depth + 1)
                continue
            self.keys[(*path, name)] = here
            fields[name] = self.node(next(self.events), (*path, name), depth + 1)
        return fields

    def duplicate(self, name: str, here: Source, path: Path) -> None:
        first = self.keys[path].line
        words = f"{shown_name(name)} stands here and in line {first}; keep one of them"
        self.log.add("yaml-duplicate", words, here)

    def name(self, event: Any, here: Source, path: Path, depth: int) -> str | None:
        """The name of a field, or None where it is refused."""
        if isinstance(event, yaml.CollectionStartEvent):
            self.log.add("yaml-key", "the name of a field is a text, not a list or mapping", here)
            self.node(event, path + _NAMELESS, depth + 1)
            return None
        self.count(here, depth)
        if self.is_alias(event, here):
            return None
        if event.tag is not None:
            self.log.add("yaml-tag", "tags are not used in manifests; remove it", here)
        if event.value == "<<" and not event.style:
            words = "merge keys are not used in manifests; write the fields out"
            self.log.add("yaml-merge", words, here)
            return None
        value, complaint = self.text(event)
        if not complaint and not isinstance(value, str):
            complaint = "the name of a field is a text; quote it"
        if complaint:
            self.log.add("yaml-key", _about_name(event, complaint), here)
            return None
        return str(value)


def _stands_there(event: Any) -> bool:
    return bool(event.value or event.style or event.tag is not None or event.anchor is not None)


def _about_name(event: Any, complaint: str) -> str:
    return complaint if event.value else 'the name of the field before ":" is missing'
