"""The manifests as they are at a revision, and as they were before it, read from git."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lebots.core.model.address import Address, Source
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.core.model.kind import Kind
from lebots.core.model.value import Spec
from lebots.core.quoting import visible
from lebots.errors import UsageError
from lebots.files.inside import followed
from lebots.files.manifests import gathered, parts, read_all
from lebots.files.walk import MAX_FILES, UNSHOWABLE, is_read, passed_over, shown
from lebots.files.yaml.allowance import MAX_TOTAL
from lebots.files.yaml.reader import Document
from lebots.files.yaml.split_documents import MAX_BYTES, by_place
from lebots.git.repository import Repository, TreeEntry

HISTORY = 50
"""Commits that are looked at for what a manifest said before."""

MAX_HISTORY = MAX_BYTES
"""Bytes that are read of all earlier versions together."""


@dataclass(frozen=True)
class Revision:
    """A commit of the repository that holds the manifests."""

    ref: str
    commit: str
    repository: Repository

    @classmethod
    def open(cls, ref: str, paths: Sequence[Path], environment: Mapping[str, str]) -> "Revision":
        """The revision of the repository that holds the first path; raises UsageError where there
        is no git, no repository or no such commit.
        """
        first = followed(paths[0])
        folder = first if first.is_dir() else first.parent
        repository = Repository.around(folder, environment)
        return cls(ref, repository.commit(ref), repository)

    def manifests(
        self, paths: Sequence[Path], overlays: Sequence[Path], kinds: Mapping[str, Kind]
    ) -> tuple[list[Desired], list[Finding]]:
        """The manifests of the commit and everything wrong with them, as for files on disk.

        Raises UsageError for a path outside the repository.
        """
        documents, findings = self._read(paths)
        layers = []
        for overlay in overlays:
            layer, wrong = self._read([overlay])
            layers.append(layer)
            findings += wrong
        desired, wrong = gathered(documents, layers, kinds)
        return desired, sorted(findings + wrong, key=by_place)

    def earlier(
        self, paths: Sequence[Path], kinds: Mapping[str, Kind]
    ) -> Mapping[Address, Sequence[Spec]]:
        """What files at and below the paths said before, as far back as is looked; the later first.

        Raises UsageError for a path outside the repository.
        """
        places = self._places(paths)
        before = self.repository.earlier(self.commit, _named(places), HISTORY)
        blobs = list(dict.fromkeys(blob for path, blob in before if _given(places, path)))
        sizes = self.repository.sizes(blobs)
        fits, left = [], MAX_HISTORY
        for blob in blobs:
            # One that is not there ends the search.
            left -= sizes.get(blob, MAX_HISTORY + 1)
            if left < 0:
                break
            fits.append(blob)
        found: dict[Address, list[Spec]] = {}
        for data in self.repository.contents(fits).values():
            for wanted in parts(data, kinds):
                found.setdefault(wanted.address, []).append(wanted.spec)
        return found

    def holds(self, file: Path) -> bool:
        """Whether a file of the working tree belongs to the repository."""
        return followed(file).is_relative_to(followed(self.repository.top))

    def content(self, file: Path) -> bytes | None:
        """What a file of the working tree holds in the commit; None where it is not there."""
        (path,) = self._places([file])
        entries = self.repository.files(self.commit, [path])
        blobs = [one.blob for one in entries if one.path == path and one.size <= MAX_BYTES]
        return self.repository.contents(blobs)[blobs[0]] if blobs else None

    def _places(self, paths: Sequence[Path]) -> list[str]:
        """The paths from the top of the repository, with slashes; its top is a dot."""
        top = followed(self.repository.top)
        for path in paths:
            if not self.holds(path):
                raise UsageError(
                    f"--base: {shown(path)} is not in the repository at {shown(top)}; plan each "
                    "repository by itself"
                )
        return [followed(path).relative_to(top).as_posix() for path in paths]

    def _read(self, paths: Sequence[Path]) -> tuple[list[Document], list[Finding]]:
        places = self._places(paths)
        listed = self.repository.files(self.commit, _named(places))
        entries = [entry for entry in listed if _given(places, entry.path)]
        if len(entries) > MAX_FILES:
            return [], [self._too_much(f"{MAX_FILES} files")]
        fits = [entry for entry in entries if entry.size <= MAX_BYTES]
        if sum(entry.size for entry in fits) > MAX_TOTAL:
            return [], [self._too_much(f"{MAX_TOTAL} bytes of manifests")]
        contents = self.repository.contents(entry.blob for entry in fits)
        return read_all(self._files(entries, contents))

    def _files(
        self, entries: Sequence[TreeEntry], contents: Mapping[str, bytes]
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
        return visible(f"{self.ref}:{path}")

    def _too_much(self, most: str) -> Finding:
        return Finding("file", f"{visible(self.ref)} has more than {most}")

    def _finding(self, path: str, words: str) -> Finding:
        return Finding("file", words, source=Source(self._shown(path), 1, 1))


def _named(places: Sequence[str]) -> Sequence[str]:
    """The places as git takes them: none for all of it."""
    return () if "." in places else places


def _given(places: Sequence[str], path: str) -> bool:
    """Whether a file is one that was named, or one that a named folder gives."""
    return any(path == place or _given_by(place, path) for place in places)


def _given_by(folder: str, path: str) -> bool:
    if folder != "." and not path.startswith(f"{folder}/"):
        return False
    below = PurePosixPath(path if folder == "." else path.removeprefix(f"{folder}/"))
    return is_read(below.name) and not any(passed_over(part) for part in below.parts)
