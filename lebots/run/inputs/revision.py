"""A revision of the manifests in git: as it is, as it was before, and merged with the checkout."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.core.model.kind import Kind
from lebots.core.quoting import visible
from lebots.files.inside import followed
from lebots.files.walk import EMPTY, find, read_bytes, shown
from lebots.files.yaml.split_documents import unfinished
from lebots.git.merge import Merge, merged
from lebots.git.repository import Repository, TreeEntry
from lebots.git.tree import AskedPaths, Tree, blob_id
from lebots.git.versions import Versions


@dataclass(frozen=True)
class Merged:
    """What the manifests will be once the checkout and the revision are merged."""

    tree: Tree
    findings: Sequence[Finding]
    """What cannot be read here, and what git cannot merge."""


@dataclass(frozen=True)
class Revision:
    """A commit of the repository that holds the manifests."""

    ref: str
    commit: str
    repository: Repository

    @classmethod
    def open(
        cls,
        ref: str,
        paths: Sequence[Path],
        environment: Mapping[str, str],
        purpose: str = "--base",
    ) -> "Revision":
        """The revision of the repository that holds the first path; raises UsageError where there
        is no git, no repository or no such commit.
        """
        first = followed(paths[0])
        folder = first if first.is_dir() else first.parent
        repository = Repository.around(folder, environment, purpose)
        return cls(ref, repository.commit(ref), repository)

    @property
    def tree(self) -> Tree:
        """The files of the commit, named as git names them."""

        def named(path: str, _: Path) -> str:
            return f"{self.ref}:{path}"

        return Tree(self.ref, self.repository, self.commit, self.repository.top, named)

    def versions(self, paths: Sequence[Path], kinds: Mapping[str, Kind]) -> Versions:
        """What the files at and below the paths said up to here.

        Raises UsageError for a path outside the repository.
        """
        places = AskedPaths.of(paths, self.repository.top)
        return Versions(self.repository, self.commit, places, kinds)

    @property
    def needs_merge(self) -> bool:
        """Whether the checkout lacks commits of the revision."""
        head = self.repository.head
        return bool(head) and not self.repository.contains(head, self.commit)

    @contextmanager
    def merged(self, paths: Sequence[Path]) -> Iterator[Merged]:
        """The merge with the working tree at these paths, for as long as it is looked at.

        Uncommitted edits are part of it. Raises UsageError where git cannot make it.
        """
        checkout = _Checkout.read(self.repository, AskedPaths.of(paths, self.repository.top))
        with merged(self.repository, self.commit, checkout.edits) as merge:
            conflicts = self._conflicts(merge, checkout)
            name, top = f"the merge with {self.ref}", self.repository.top
            tree = Tree(name, merge.repository, merge.tree, top, _as_here, merge.conflicts)
            yield Merged(tree, [*checkout.findings, *conflicts])

    def _conflicts(self, merge: Merge, checkout: "_Checkout") -> Iterator[Finding]:
        for path in merge.conflicts:
            here = checkout.places.giving(path)
            if here and path not in checkout.unfinished:
                words = (
                    f"this file and the one at {self.ref} conflict, so git cannot merge them; "
                    "merge or rebase, and keep what is meant"
                )
                source = Source(shown(here), 1, 1)
                yield Finding("merge-conflict", visible(words), source=source)


def _as_here(_: str, path: Path) -> str:
    return path.as_posix()


@dataclass
class _Checkout:
    """How files of the working tree differ from the commit that is checked out."""

    repository: Repository
    places: AskedPaths
    committed: Mapping[str, TreeEntry]
    edits: dict[str, bytes | None] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unfinished: set[str] = field(default_factory=set)
    """Files that a merge left with its marks."""

    @classmethod
    def read(cls, repository: Repository, places: AskedPaths) -> "_Checkout":
        listed = repository.files(repository.head, places.asked)
        committed = {one.path: one for one in listed if places.giving(one.path)}
        found = cls(repository, places, committed)
        files, wrong = find([path for path in places.paths if path.exists()])
        found.findings += [one for one in wrong if one.code != EMPTY]
        seen = {found.note(file) for file in files}
        top = repository.top
        for path in committed.keys() - seen:
            if (top / path).is_symlink() or not (top / path).is_file():
                found.edits[path] = None
        return found

    def note(self, file: Path) -> str:
        """Notes how a file differs; where it stands from the top."""
        top = followed(self.repository.top)
        path = followed(file)
        if not (path.is_relative_to(top) and self.places.giving(path.relative_to(top).as_posix())):
            # A link to what is no manifest by itself.
            path = followed(file.parent) / file.name
        name = path.relative_to(top).as_posix()
        data = read_bytes(file)
        if isinstance(data, Finding):
            self.findings.append(data)
        elif marks := unfinished(data, shown(file)):
            self.findings.append(marks)
            self.unfinished.add(name)
            self.edits[name] = data
        elif (content := self._as_committed(name, data)) is not None:
            self.edits[name] = content
        return name

    def _as_committed(self, name: str, data: bytes) -> bytes | None:
        """What a commit of the file would hold; None where that is in the last one.

        Line ends are those of the last commit, or line feeds: a checkout may have others.
        """
        plain = data.replace(b"\r\n", b"\n")
        before = self.committed.get(name)
        if before is None:
            return plain
        if before.blob in (blob_id(data, before.blob), blob_id(plain, before.blob)):
            return None
        kept = data != plain and b"\r\n" in self.repository.contents([before.blob])[before.blob]
        return data if kept else plain
