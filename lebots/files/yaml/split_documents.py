"""A file's bytes as text in parts that can be parsed one by one, and what was found on the way."""

import re
from collections.abc import Iterator
from contextlib import suppress

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.files.yaml.characters import explain, refused

MAX_BYTES = 8 * 1024 * 1024
MAX_NODES_PER_FILE = 250_000
MAX_FINDINGS = 100
STAND_IN = "\ufffd"
"""Takes the place of refused characters, so that the rest can be read."""

_UNFINISHED = "unfinished-merge"
_CONFLICT = re.compile(r"^(<{7}|>{7}|\|{7})(?= |$)", re.MULTILINE)
"""What git writes around the two sides of a conflict; no manifest has it at the start of a line."""
_DOCUMENT_START = re.compile(r"^---(?=[ \t\n]|\Z)", re.MULTILINE)

EMPTY = "---\n"
"""A document in which nothing stands."""


class StopReading(Exception):
    """The rest of the file is not worth or not safe reading."""


class Log:
    """What was found in one file, and how much of the file's budget is used."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []
        self.nodes = 0
        self.replaced = False

    def add(self, code: str, message: str, source: Source) -> None:
        """Notes a finding; raises StopReading when there are more than anybody reads."""
        if len(self.findings) == MAX_FINDINGS:
            text = f"more than {MAX_FINDINGS} findings; the file is not read any further"
            self.findings.append(Finding("yaml-limit", text, source=source))
            raise StopReading
        self.findings.append(Finding(code, message, source=source))

    def drop(self, known: int, source: Source) -> None:
        """Forgets, past the first ``known`` findings, those after a place where all went wrong."""
        early = [one for one in self.findings[known:] if by_place(one) < source]
        self.findings[known:] = early

    def count(self, source: Source) -> None:
        """Counts one more value; raises StopReading past the limit."""
        self.nodes += 1
        if self.nodes > MAX_NODES_PER_FILE:
            text = f"more than {MAX_NODES_PER_FILE} values in one file; split the file"
            self.add("yaml-limit", text, source)
            raise StopReading

    def sorted(self) -> list[Finding]:
        """The findings in the order of their places."""
        return sorted(self.findings, key=by_place)


def by_place(finding: Finding) -> Source:
    """The place to sort a finding by."""
    return finding.source or Source("", 0, 0)


def decoded(data: bytes, log: Log) -> str:
    """The text of a file; raises StopReading where there is none."""
    start = Source(log.file, 1, 1)
    if len(data) > MAX_BYTES:
        log.add("yaml-limit", f"larger than {MAX_BYTES} bytes; split the file", start)
        raise StopReading
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = _place(before, len(before), log.file)
        log.add("yaml-encoding", "not UTF-8 from here on; save the file as UTF-8", place)
        raise StopReading from None
    text = text.replace("\r\n", "\n")
    if marker := _CONFLICT.search(text):
        words = (
            f"this file has an unfinished merge: {marker[0]} stands here; keep what is meant of "
            "the two sides, and remove the lines with the marks"
        )
        log.add(_UNFINISHED, words, _place(text, marker.start(), log.file))
        raise StopReading
    return _without_refused(text, log)


def unfinished(data: bytes, file: str) -> Finding | None:
    """What there is to say of a file that a merge left with the marks of a conflict."""
    log = Log(file)
    with suppress(StopReading):
        decoded(data, log)
    return next((one for one in log.findings if one.code == _UNFINISHED), None)


def _without_refused(text: str, log: Log) -> str:
    """Reports refused characters and puts a stand-in for each, so that reading can go on."""
    bad = refused(text)
    if not bad:
        return text
    log.replaced = True
    pattern = re.compile("[" + re.escape("".join(sorted(bad))) + "]")
    for match in pattern.finditer(text):
        place = _place(text, match.start(), log.file)
        log.add("yaml-character", explain(match[0]), place)
    return pattern.sub(STAND_IN, text)


def _place(text: str, offset: int, file: str) -> Source:
    line_start = text.rfind("\n", 0, offset) + 1
    return Source(file, text.count("\n", 0, offset) + 1, offset - line_start + 1)


def chunks(text: str) -> Iterator[tuple[str, int]]:
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
