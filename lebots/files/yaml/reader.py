"""YAML in: plain values, each with the place where it stands.

Built on the parser's events, which neither recurse nor construct anything, so that a hostile file
meets the limits before it costs memory or time (T01-T04). Anchors, aliases, merge keys, tags and
directives are refused: what a reviewer reads is what is meant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from lebots.core.manifest.schema_errors import shown_name
from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.core.model.value import Path, Value
from lebots.files.yaml.characters import explain, refused
from lebots.files.yaml.scalars import plain
from lebots.files.yaml.split_documents import EMPTY, STAND_IN, Log, StopReading, chunks, decoded
from lebots.files.yaml.syntax import describe, events, require_libyaml

MAX_DEPTH = 20
MAX_NODES = 10_000
MAX_SCALAR_BYTES = 4096

_NAMELESS: Path = ("",)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document that could be parsed."""

    value: Value
    positions: Mapping[Path, Source]
    """Where each value stands; the document's own place is under ``()``."""
    keys: Mapping[Path, Source]
    """Where the name of each field stands."""
    invalid_paths: frozenset[Path] = frozenset()
    """Values that were refused; None stands in their place and a finding tells why."""
    has_errors: bool = False
    """Whether there is a finding about the document, so that its value is not what was meant."""

    def at(self, path: Path) -> Source:
        """The nearest known place of the value at ``path``."""
        while path not in self.positions:
            path = path[:-1]
        return self.positions[path]


def read(data: bytes, file: str) -> tuple[list[Document], list[Finding]]:
    """The documents of a file and everything wrong with it, in order; no file makes it raise.

    A document that is not YAML is left out; the ones after it are still read. ``file`` is the name
    that findings and positions carry.
    """
    require_libyaml()
    log = Log(file)
    documents: list[Document] = []
    try:
        text = decoded(data, log)
        for chunk, line in chunks(text):
            documents += _Composer(chunk, line, log).documents()
    except StopReading:
        pass
    return documents, log.sorted()


class _SkipDocument(Exception):
    """The rest of the document is not worth or not safe reading."""


class _Text(NamedTuple):
    value: Value
    complaint: str


class _Composer:
    """Turns the events of one chunk into documents."""

    def __init__(self, chunk: str, line: int, log: Log) -> None:
        self.chunk = chunk
        self.line = line
        self.log = log
        self.known = len(log.findings)
        self.events: Iterator[Any] = iter(())
        self.start_document()

    def start_document(self) -> None:
        self.nodes = 0
        self.positions: dict[Path, Source] = {}
        self.keys: dict[Path, Source] = {}
        self.invalid_paths: set[Path] = set()
        self.has_errors = False

    def report(self, code: str, words: str, here: Source) -> None:
        self.has_errors = True
        self.log.add(code, words, here)

    def documents(self) -> list[Document]:
        """The documents before the first one that cannot be parsed."""
        found: list[Document] = []
        self.log.count(Source(self.log.file, self.line + 1, 1))
        if self.chunk == EMPTY:
            return found
        try:
            self.events = events(self.chunk)
            for event in self.events:
                if isinstance(event, yaml.DocumentStartEvent):
                    found += self.document()
        except _SkipDocument:
            pass
        except StopReading:
            raise
        except Exception as error:  # the parser also raises errors that are not its own (T03)
            line, column, words = describe(error, self.chunk)
            place = Source(self.log.file, self.line + line + 1, column + 1)
            self.log.drop(self.known, place)
            self.report("yaml-syntax", words, place)
        return found

    def document(self) -> list[Document]:
        """The document whose start was just read; none where it is empty."""
        self.start_document()
        event = next(self.events)
        if isinstance(event, yaml.ScalarEvent) and not _stands_there(event):
            return []
        value = self.node(event, (), 1)
        return [
            Document(
                value, self.positions, self.keys, frozenset(self.invalid_paths), self.has_errors
            )
        ]

    def place(self, event: Any) -> Source:
        mark = event.start_mark
        return Source(self.log.file, self.line + mark.line + 1, mark.column + 1)

    def node(self, event: Any, path: Path, depth: int) -> Value:
        """The value that begins with ``event``."""
        here = self.positions[path] = self.place(event)
        self.count(here, depth)
        if self.is_alias(event, here):
            self.invalid_paths.add(path)
            return None
        if event.tag is not None:
            words = "tags are not used in manifests; remove it, the field knows its own type"
            self.report("yaml-tag", words, here)
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
        self.report("yaml-limit", words, here)
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
        self.report("yaml-alias" if alias else "yaml-anchor", words, here)
        return alias

    def scalar(self, event: Any, path: Path, here: Source) -> Value:
        value, complaint = self.text(event)
        if complaint and event.tag is None:
            self.report("yaml-scalar", complaint, here)
        if complaint or event.tag is not None or self.is_spoiled(event):
            self.invalid_paths.add(path)
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
        self.report("yaml-duplicate", words, here)

    def name(self, event: Any, here: Source, path: Path, depth: int) -> str | None:
        """The name of a field, or None where it is refused."""
        if isinstance(event, yaml.CollectionStartEvent):
            self.report("yaml-key", "the name of a field is a text, not a list or mapping", here)
            self.node(event, path + _NAMELESS, depth + 1)
            return None
        self.count(here, depth)
        if self.is_alias(event, here):
            return None
        if event.tag is not None:
            self.report("yaml-tag", "tags are not used in manifests; remove it", here)
        if event.value == "<<" and not event.style:
            words = "merge keys are not used in manifests; write the fields out"
            self.report("yaml-merge", words, here)
            return None
        value, complaint = self.text(event)
        if not isinstance(value, str):
            self.report("yaml-key", _about_name(event, complaint), here)
            return None
        return None if self.is_spoiled(event) else value

    def is_spoiled(self, event: Any) -> bool:
        """Whether a refused character, reported before, stood in the text."""
        spoiled = self.log.replaced and STAND_IN in event.value
        self.has_errors = self.has_errors or spoiled
        return spoiled


def _stands_there(event: Any) -> bool:
    return bool(event.value or event.style or event.tag is not None or event.anchor is not None)


def _about_name(event: Any, complaint: str) -> str:
    if event.style:
        return complaint
    if event.value:
        return "the name of a field is a text; quote it"
    return 'the name of the field before ":" is missing'
