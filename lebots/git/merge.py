"""The merge of a checkout and another branch, made beside the repository.

A repository of its own in a temporary folder borrows the objects of the real one: its files, its
index and its objects stay as they are, and no settings or attributes of it take part.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lebots.errors import UsageError
from lebots.git.repository import Repository

_USAGE = 129
"""What git exits with where it does not know an option."""
_EDITED = "refs/heads/edited"
_WHO = b"lebots <lebots@localhost> 0 +0000"


@dataclass(frozen=True)
class Merge:
    """What git makes of two branches."""

    repository: Repository
    """The one that has its objects."""
    tree: str
    conflicts: tuple[str, ...] = ()
    """Files that git cannot merge by itself, from the top, with slashes."""


@contextmanager
def merged(
    repository: Repository, other: str, edits: Mapping[str, bytes | None]
) -> Iterator[Merge]:
    """The merge of the checkout with ``edits`` and another commit, for as long as it is looked at.

    An edit is what a file holds, by its path from the top, or None where it was removed. Raises
    UsageError where git cannot tell what the merge would be.
    """
    with tempfile.TemporaryDirectory(prefix="lebots-merge-") as folder:
        beside = _beside(repository, Path(folder) / "git")
        ours = repository.head
        if edits:
            beside.output(["fast-import", "--quiet"], _commit(ours, edits))
            ours = beside.output(["rev-parse", "--verify", _EDITED]).decode("ascii").strip()
        command = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, other]
        ran = beside.run(command)
        if ran.returncode not in (0, 1):
            raise _failed(repository, ran.returncode, ran.stderr)
        tree, *conflicts = ran.stdout.removesuffix(b"\0").split(b"\0")
        names = dict.fromkeys(name.decode("utf-8", "surrogateescape") for name in conflicts if name)
        yield Merge(beside, tree.decode("ascii"), tuple(names))


def _beside(repository: Repository, folder: Path) -> Repository:
    """An empty repository that borrows all objects of another one."""
    form = repository.output(["rev-parse", "--show-object-format"]).decode("ascii").strip()
    given = ["--bare", "--quiet", "--template=", f"--object-format={form}", str(folder)]
    repository.output(["init", *given])
    objects, shallow = (
        repository.top / repository.output(["rev-parse", "--git-path", name]).decode().rstrip("\n")
        for name in ("objects", "shallow")
    )
    (folder / "objects/info").mkdir(exist_ok=True)
    (folder / "objects/info/alternates").write_text(f"{objects.resolve()}\n", encoding="utf-8")
    if shallow.exists():
        shutil.copyfile(shallow, folder / "shallow")
    environment = {**repository.environment, "GIT_DIR": str(folder)}
    return replace(repository, top=folder, environment=environment)


def _commit(parent: str, edits: Mapping[str, bytes | None]) -> bytes:
    """A commit on top of another one, as git's fast-import reads it."""
    parts = [f"commit {_EDITED}\n".encode(), b"committer " + _WHO + b"\ndata 0\n"]
    parts.append(f"from {parent}\n".encode())
    # What goes makes room for a file in place of a folder, and the other way round.
    for path in (path for path, data in edits.items() if data is None):
        parts.append(b"D " + _quoted(path) + b"\n")
    for path, data in edits.items():
        if data is not None:
            head = b"M 100644 inline " + _quoted(path) + f"\ndata {len(data)}\n".encode()
            parts += [head, data, b"\n"]
    return b"".join(parts)


def _quoted(path: str) -> bytes:
    """A path as git reads it between quotes."""
    raw = path.encode("utf-8", "surrogateescape")
    raw = raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + raw + b'"'


def _failed(repository: Repository, code: int, said: bytes) -> UsageError:
    if code == _USAGE:
        return UsageError(
            "--base: the base has commits that this checkout lacks, and this git cannot tell what "
            "their merge would be; install git 2.38 or newer, or merge the base first"
        )
    if b"unrelated histories" in said:
        cause = "no commit that both come from is there"
        fetch = "check out with `fetch-depth: 0`" if repository.shallow else "merge the base first"
        return UsageError(f"--base: this checkout and the base cannot be merged: {cause}; {fetch}")
    return repository.failed("merge-tree", said)
