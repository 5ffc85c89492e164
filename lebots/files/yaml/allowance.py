"""What one command may read: each file once, and so many bytes in all (threat T01)."""

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.files.walk import find, read_bytes, shown
from lebots.files.yaml.pasted import pasted
from lebots.files.yaml.reader import Document, read
from lebots.files.yaml.split_documents import MAX_FINDINGS

_Listed = TypeVar("_Listed")

MAX_TOTAL = 64 * 1024 * 1024
"""Bytes that one command takes of manifests, overlays and files that look like them; those that
several accounts get count for each."""


class Allowance:
    """Reads files as long as bytes are left."""

    def __init__(self, most: int = MAX_TOTAL) -> None:
        self._left = self._most = most
        self._listed: dict[tuple[object, ...], Any] = {}
        self._parsed: dict[Path, tuple[int, list[Document], list[Finding]]] = {}

    def listed(self, walk: Callable[[Sequence[Path]], _Listed], paths: Sequence[Path]) -> _Listed:
        """What ``walk`` finds below the paths; walked once, however many accounts get it."""
        key = (walk, *paths)
        if key not in self._listed:
            self._listed[key] = walk(paths)
        found: _Listed = self._listed[key]
        return found

    def content(self, path: Path) -> bytes | Finding:
        """What a file holds, or why it is not read."""
        if self._left < 0:
            return self._spent(path)
        data = read_bytes(path)
        if isinstance(data, Finding):
            return data
        self._left -= len(data)
        return self._spent(path) if self._left < 0 else data

    def documents(self, paths: Sequence[Path]) -> tuple[list[Path], list[Document], list[Finding]]:
        """The files at and below paths, their documents, and what is wrong with both.

        A file is read and parsed once, however many accounts get it.
        """
        files, wrong = self.listed(find, paths)
        documents: list[Document] = []
        findings = list(wrong)
        for file in files:
            found, wrong = self._documents(file)
            documents += found
            findings += wrong
            if self._left < 0:
                break
        return files, documents, findings

    def _documents(self, file: Path) -> tuple[list[Document], list[Finding]]:
        if file not in self._parsed:
            data = self.content(file)
            if isinstance(data, Finding):
                return [], [data]
            self._parsed[file] = (len(data), *_read(data, file))
        else:
            self._left -= self._parsed[file][0]
        _, documents, findings = self._parsed[file]
        return (documents, findings) if self._left >= 0 else ([], [self._spent(file)])

    def _spent(self, path: Path) -> Finding:
        words = f"more than {self._most} bytes of manifests in all; name fewer files or folders"
        return Finding("file", words, source=Source(shown(path), 1, 1))


def _read(data: bytes, file: Path) -> tuple[list[Document], list[Finding]]:
    documents, findings = read(data, shown(file))
    return documents, [*findings, *islice(pasted(data, shown(file)), MAX_FINDINGS)]
