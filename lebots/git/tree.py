"""The files of a tree in git, found by the same rules as those of the working tree."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.core.quoting import visible
from lebots.errors import UsageError
from lebots.files import bounded
from lebots.files.inside import followed
from lebots.files.manifests import File
from lebots.files.walk import EMPTY, MAX_FILES, UNSHOWABLE, is_read, passed_over, shown
from lebots.files.yaml.split_documents import MAX_BYTES
from lebots.git.repository import Repository, TreeEntry

MAX_TOTAL = 64 * 1024 * 1024
"""Bytes that are read of one tree."""


@dataclass(frozen=True)
class AskedPaths:
    """Paths of the working tree as git knows them."""

    paths: Sequence[Path]
    named: Sequence[str]
    """From the top of the repository, with slashes; its top is a dot."""

    @classmethod
    def of(cls, paths: Sequence[Path], top: Path) -> "AskedPaths":
        """Where the paths are below the top; UsageError for one that is elsewhere."""
        for path in paths:
            if not followed(path).is_relative_to(followed(top)):
                raise UsageError(
                    f"--base: {shown(path)} is not in the repository at {shown(top)}; plan each "
                    "repository by itself"
                )
        named = [followed(path).relative_to(followed(top)).as_posix() for path in paths]
        return cls(paths, named)

    @property
    def asked(self) -> Sequence[str]:
        """The places as git takes them: none for all of it."""
        return () if "." in self.named else self.named

    def giving(self, path: str) -> Path | None:
        """A file as the first of the paths that gives it has it; None where none does."""
        for given, place in zip(self.paths, self.named, strict=True):
            if path == place:
                return given
            if _gives(place, path):
                return given / (path if place == "." else path.removeprefix(f"{place}/"))
        return None


@dataclass(frozen=True)
class Tree:
    """The files of a commit or of a merge."""

    name: str
    """What it is called, in messages."""
    repository: Repository
    id: str
    top: Path
    """The working tree that paths are about."""
    shown: Callable[[str, Path], str]
    """How a file is named: by its path in the tree and in the working tree."""
    left_out: Collection[str] = ()
    """Files that cannot be read as they are here."""

    def read(self, paths: Sequence[Path]) -> tuple[Iterator[File], list[Finding]]:
        """The manifest files at and below the paths, and what is wrong with the paths."""
        places = AskedPaths.of(paths, self.top)
        listed = self.repository.files(self.id, places.asked)
        every = [(entry, name) for entry in listed if (name := places.giving(entry.path))]
        given = [(entry, name) for entry, name in every if entry.path not in self.left_out]
        fits = [entry for entry, _ in given if entry.size <= MAX_BYTES]
        for most, many in ((MAX_FILES, len(given)), (MAX_TOTAL, sum(one.size for one in fits))):
            if many > most:
                what = "files" if most is MAX_FILES else "bytes of manifests"
                words = f"{visible(self.name)} has more than {most} {what}"
                return iter(()), [Finding("file", words)]
        contents = self.repository.contents(entry.blob for entry in fits)
        return self._files(given, contents), self._empty(places, [one.path for one, _ in every])

    def content(self, file: Path) -> bytes | None:
        """What the file of this name holds in the tree; None where it is not there.

        Where the name is a link in the working tree, that is not followed.
        """
        path = self._named(file)
        entries = self.repository.files(self.id, [path])
        blobs = [one.blob for one in entries if one.path == path and one.size <= MAX_BYTES]
        return self.repository.contents(blobs)[blobs[0]] if blobs else None

    def called(self, file: Path) -> str:
        """What a file of the tree is called, in messages."""
        return self._shown(self._named(file), file)

    def holds(self, file: Path) -> bool:
        """Whether a file of the working tree belongs to the repository."""
        return followed(file.parent).is_relative_to(followed(self.top))

    def differing(self, paths: Sequence[Path]) -> list[Path]:
        """Those of the paths at or below which the working tree is not as the tree.

        What is in neither is as it is; line ends do not count.
        """
        names = {path: set(self._names(path)) for path in paths}
        asked = sorted({name for found in names.values() for name in found})
        if not asked:
            return []
        there = {one.path: one.blob for one in self.repository.files(self.id, asked)}
        tracked = self.repository.tracked([Path(name) for name in asked])
        wrong = {one for one in {*there, *tracked} if not self._is_same(one, there.get(one))}
        return [
            path
            for path, found in names.items()
            if any(one == name or one.startswith(f"{name}/") for one in wrong for name in found)
        ]

    def _names(self, path: Path) -> Iterator[str]:
        """A path as it is written, and as its links lead."""
        for one in (path, followed(path)):
            if self.holds(one) and one.name:
                yield self._named(one)

    def _is_same(self, name: str, blob: str | None) -> bool:
        try:
            data = bounded.read(self.top / name, MAX_TOTAL)
        except bounded.Unreadable:
            return False
        plain = data.replace(b"\r\n", b"\n")
        return blob is not None and blob in (blob_id(data, blob), blob_id(plain, blob))

    def _named(self, file: Path) -> str:
        """Where a file is from the top, by its own name."""
        folder = AskedPaths.of([file.parent], self.top).named[0]
        return (PurePosixPath(folder) / file.name).as_posix()

    def _files(
        self, entries: Sequence[tuple[TreeEntry, Path]], contents: Mapping[str, bytes]
    ) -> Iterator[File]:
        for entry, path in entries:
            name = self._shown(entry.path, path)
            if not entry.path.isprintable():
                yield name, _finding(name, UNSHOWABLE)
            elif entry.size > MAX_BYTES:
                yield name, _finding(name, f"larger than {MAX_BYTES} bytes")
            else:
                yield name, contents[entry.blob]

    def _empty(self, places: AskedPaths, found: Sequence[str]) -> list[Finding]:
        """A finding for each of the paths that gives nothing."""
        return [
            Finding(EMPTY, "holds no manifest (*.yaml, *.yml)", source=Source(name, 1, 1))
            for path, place in zip(places.paths, places.named, strict=True)
            if not any(one == place or _gives(place, one) for one in found)
            if (name := self._shown(place, path))
        ]

    def _shown(self, path: str, here: Path) -> str:
        return visible(self.shown(path, here))


def blob_id(data: bytes, like: str) -> str:
    """The id that git gives to what a file holds, in the form of another id."""
    form = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return form(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _gives(folder: str, path: str) -> bool:
    """Whether a folder that was named gives a file."""
    if folder != "." and not path.startswith(f"{folder}/"):
        return False
    below = PurePosixPath(path if folder == "." else path.removeprefix(f"{folder}/"))
    return is_read(below.name) and not any(passed_over(part) for part in below.parts)


def _finding(name: str, words: str) -> Finding:
    return Finding("file", words, source=Source(name, 1, 1))
