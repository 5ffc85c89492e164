"""The manifests as they are at a revision, and as they were before it, read from git."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lebots.core.kind import Kind
from lebots.core.model import Address, Desired, Finding, Source, Spec
from lebots.errors import UsageError
from lebots.files.characters import escaped
from lebots.files.chunks import MAX_BYTES
from lebots.files.manifests import gathered
from lebots.files.repository import Entry, Repository
from lebots.files.walk import MAX_FILES, SUFFIXES, UNSHOWABLE, passed_over, read_bytes, shown

MAX_TOTAL = 64 * 1024 * 1024
"""Bytes that are read of one revision."""

HISTORY = 50
"""Commits that are looked at for what a manifest said before."""

MAX_HISTORY = MAX_BYTES
"""Bytes that are read of all earlier versions together."""


@dataclass(frozen=True)
class Revision:
    """A commit and the places in it where manifests are."""

    ref: str
    commit: str
    repository: Repository
    paths: tuple[str, ...]
    """From the top of the repository; none means all of it."""

    @classmethod
    def open(cls, ref: str, paths: Sequence[Path], environment: Mapping[str, str]) -> "Revision":
        """The revision of the repository that holds the paths; raises UsageError where there is
        no git, no repository or no such commit, or a path lies elsewhere.
        """
        real = [path.resolve() for path in paths]
        first = real[0] if real[0].is_dir() else real[0].parent
        repository = Repository.around(first, environment)
        top = repository.top.resolve()
        for path, place in zip(paths, real, strict=True):
            if not place.is_relative_to(top):
                raise UsageError(
                    f"--base: {shown(path)} is not in the repository at {shown(top)}; plan each "
                    "repository by itself"
                )
        below = [place.relative_to(top).as_posix() for place in real]
        return cls(ref, repository.commit(ref), repository, () if "." in below else tuple(below))

    def manifests(self, kinds: Mapping[str, Kind]) -> tuple[list[Desired], list[Finding]]:
        """The manifests of the commit and everything wrong with them, as for files on disk."""
        entries = self._entries()
        if len(entries) > MAX_FILES:
            return [], [self._finding("", f"more than {MAX_FILES} files")]
        fits = [entry for entry in entries if entry.size <= MAX_BYTES]
        if sum(entry.size for entry in fits) > MAX_TOTAL:
            return [], [self._finding("", f"more than {MAX_TOTAL} bytes in all")]
        contents = self.repository.contents(entry.blob for entry in fits)
        return gathered(self._files(entries, contents), kinds)

    def earlier(self, kinds: Mapping[str, Kind]) -> Mapping[Address, Sequence[Spec]]:
        """What manifests said before, as far back as is looked; some of it may be gone by now."""
        before = self.repository.earlier(self.commit, self.paths, HISTORY)
        blobs = list(dict.fromkeys(blob for path, blob in before if self._chosen(path)))
        sizes = self.repository.sizes(blobs)
        fits, left = [], MAX_HISTORY
        for blob in blobs:
            left -= sizes.get(blob, MAX_HISTORY + 1)
            if left < 0:
                break
            fits.append(blob)
        found: dict[Address, list[Spec]] = {}
        for data in self.repository.contents(fits).values():
            for wanted in gathered([("", data)], kinds)[0]:
                found.setdefault(wanted.address, []).append(wanted.spec)
        return found

    def differs(self, file: Path) -> bool:
        """Whether a file of the working tree is not the one of the commit; no, where it is none of
        the repository's.
        """
        place, top = file.resolve(), self.repository.top.resolve()
        if not place.is_relative_to(top):
            return False
        path = place.relative_to(top).as_posix()
        entries = self.repository.files(self.commit, [path])
        blobs = [one.blob for one in entries if one.path == path and one.size <= MAX_BYTES]
        there = self.repository.contents(blobs)[blobs[0]] if blobs else None
        here = read_bytes(place) if place.exists() else None
        return here != there

    def _entries(self) -> list[Entry]:
        listed = self.repository.files(self.commit, self.paths)
        return [entry for entry in listed if self._chosen(entry.path)]

    def _chosen(self, path: str) -> bool:
        """Whether a file is named, or is one that a named folder gives."""
        return any(path == one or _given_by(one, path) for one in self.paths or ("",))

    def _files(
        self, entries: Sequence[Entry], contents: Mapping[str, bytes]
    ) -> Iterator[tuple[str, bytes | Finding]]:
        for entry in entries:
            name = self._shown(entry.path)
            if not entry.path.isprintable():
                yield name, self._finding(entry.path, UNSHOWABLE)
            elif entry.size > MAX_BYTES:
                yield name, self._finding(entry.path, f"larger than {MAX_BYTES} bytes")
            else:
                yield name, contents[entry.blob]

    def _shown(self, path: str) -> str:
        """A file of the commit as git writes it."""
        return escaped(f"{self.ref}:{path}")

    def _finding(self, path: str, words: str) -> Finding:
        return Finding("file", words, source=Source(self._shown(path), 1, 1))


def _given_by(folder: str, path: str) -> bool:
    if folder and not path.startswith(f"{folder}/"):
        return False
    below = PurePosixPath(path.removeprefix(f"{folder}/") if folder else path)
    return below.suffix in SUFFIXES and not any(passed_over(part) for part in below.parts)
