"""What manifests said at one time or another, as far back as anybody asks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from lebots.core.model.address import Address
from lebots.core.model.desired import Desired
from lebots.core.model.kind import Kind
from lebots.core.model.value import Spec
from lebots.files.manifests import parts
from lebots.files.yaml.split_documents import MAX_BYTES, Log, StopReading, chunks, decoded
from lebots.git.repository import Repository
from lebots.git.tree import AskedPaths

AT_ONCE = 250
"""Commits that are looked into before the next ones are."""


@dataclass
class Versions:
    """All that the files at some places said up to a commit.

    Nothing is read before somebody asks for it, and nothing twice.
    """

    repository: Repository
    commit: str
    places: AskedPaths
    kinds: Mapping[str, Kind]
    exhausted: set[Address] = field(default_factory=set, init=False)
    """The objects that somebody asked for to the end of the history."""
    lacking: bool = field(default=False, init=False)
    """Whether the repository lacks files that it had."""
    _texts: list[str] = field(default_factory=list, init=False)
    _said: dict[str, Sequence[Desired] | None] = field(default_factory=dict, init=False)
    """Each document, with what it says where somebody asked."""

    def of(self, address: Address) -> Iterator[Spec]:
        """What was said of an object, the latest first, as far as it is asked for."""
        for text in self._documents():
            # A name may be written with escapes, too.
            if address.name in text or "\\" in text:
                yield from (one.spec for one in self._parsed(text) if one.address == address)
        self.exhausted.add(address)

    @property
    def cut(self) -> str:
        """Why there may have been more than can be read; empty where there was not."""
        if self.repository.shallow:
            return "this is a shallow clone"
        return "the repository lacks files of its history" if self.lacking else ""

    def _parsed(self, text: str) -> Sequence[Desired]:
        said = self._said[text]
        if said is None:
            said = self._said[text] = parts(text.encode(), self.kinds)
        return said

    def _documents(self) -> Iterator[str]:
        """Every document once: those that were read before, then the others."""
        number = 0
        while True:
            while number < len(self._texts):
                yield self._texts[number]
                number += 1
            if (files := next(self._reading, None)) is None:
                return
            fresh = dict.fromkeys(text for text in self._split(files) if text not in self._said)
            self._texts += fresh
            self._said |= fresh

    @cached_property
    def _reading(self) -> Iterator[Sequence[tuple[str, str]]]:
        """The files of the commit, and then those that its ancestors replaced."""
        asked = self.places.asked
        yield [(entry.path, entry.blob) for entry in self.repository.files(self.commit, asked)]
        line = self.repository.line(self.commit, asked)
        for start in range(0, len(line), AT_ONCE):
            yield self.repository.replaced(line[start : start + AT_ONCE], asked)

    def _split(self, files: Sequence[tuple[str, str]]) -> Iterator[str]:
        """The documents of files; those too large for any manifest say nothing."""
        blobs = list(dict.fromkeys(blob for path, blob in files if self.places.giving(path)))
        sizes = self.repository.sizes(blobs)
        self.lacking = self.lacking or len(sizes) < len(blobs)
        fits = [blob for blob, size in sizes.items() if size <= MAX_BYTES]
        for data in self.repository.contents(fits).values():
            try:
                text = decoded(data, Log(""))
            except StopReading:
                continue
            yield from (chunk for chunk, _ in chunks(text))
