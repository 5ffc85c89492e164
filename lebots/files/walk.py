"""Which files to read: what the user named, and the manifests below folders the user named."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.core.quoting import visible
from lebots.files import bounded
from lebots.files.inside import followed, strays
from lebots.files.yaml.split_documents import MAX_BYTES

MAX_FILES = 4096
SUFFIXES = frozenset({".yaml", ".yml"})
SCHEMAS = Path("schemas")
"""Where `lebots schema --write` puts what editors read."""
PROJECT_FILE = "lebots.yaml"
MANIFESTS = Path("manifests")
"""Where manifests are unless somebody says otherwise."""
UNSHOWABLE = "the file name holds a character that cannot be shown; rename it"
EMPTY = "no-manifests"
"""The code of a finding that says that there is nothing to read, and nothing else."""


def find(paths: Sequence[Path]) -> tuple[list[Path], list[Finding]]:
    """The manifest files at and below ``paths``, each once, and what is wrong with the paths.

    A folder gives every ``*.yaml`` and ``*.yml`` below it, in any case, sorted; hidden files and
    folders and project files are passed over. A link is followed to a file inside the folder that
    was named, nowhere else, and a path inside the project never leads out of it (T05, T39).
    """
    files: dict[Path, Path] = {}
    findings: list[Finding] = []
    for path in paths:
        for found in _below(path):
            if isinstance(found, Finding):
                findings.append(found)
            else:
                files.setdefault(followed(found), found)
            if len(files) > MAX_FILES:
                words = f"more than {MAX_FILES} files; name a smaller folder"
                return list(files.values())[:MAX_FILES], [*findings, _finding(path, words)]
    return list(files.values()), findings


def holds_manifests(folder: Path) -> bool:
    """Whether anything below a folder is read as a manifest, or would be if it could."""
    return next(_walk(folder), None) is not None


def read_bytes(path: Path) -> bytes | Finding:
    """What a file holds, at most one byte more than a manifest may have, or why it cannot be read.

    Pipes and devices are refused without waiting for them.
    """
    try:
        return bounded.read(path, MAX_BYTES)
    except bounded.Unreadable as reason:
        return _finding(path, f"cannot be read ({reason})")


def shown(path: Path) -> str:
    """A path for messages and positions: as the user gave it, with forward slashes."""
    return visible(path.as_posix())


def _below(path: Path) -> Iterator[Path | Finding]:
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError) as error:
        words = f"cannot be read ({_reason(error)}); name a file or folder of manifests"
        yield _finding(path, words)
        return
    if strays(path, Path()):
        yield _finding(path, "a link leads out of the project; remove it, or name where it leads")
        return
    if not is_folder:
        yield _checked_name(path)
        return
    empty = True
    for found in _walk(path):
        empty = False
        yield found
    if empty:
        words = "holds no manifest (*.yaml, *.yml); `lebots init` writes a first one"
        yield Finding(EMPTY, words, source=Source(shown(path), 1, 1))


def _walk(top: Path) -> Iterator[Path | Finding]:
    """Depth first and sorted, without recursion: a tree can be deeper than Python's stack."""
    root = followed(top)
    pending = [top]
    while pending:
        path = pending.pop()
        try:
            mode = path.stat().st_mode if path == top else path.lstat().st_mode
        except FileNotFoundError:  # gone since its folder was listed
            continue
        except OSError as error:
            yield _finding(path, f"cannot be read ({_reason(error)})")
            continue
        if stat.S_ISLNK(mode):
            yield from _link(path, root)
        elif stat.S_ISDIR(mode):
            try:
                names = sorted(os.listdir(path), reverse=True)
            except OSError as error:
                yield _finding(path, f"cannot be read ({_reason(error)})")
                continue
            pending += [path / name for name in names if not passed_over(name)]
        elif _has_suffix(path.name):
            yield _checked_name(path)


def is_read(name: str) -> bool:
    """Whether a file of this name is a manifest, below a folder that was named."""
    return _has_suffix(name) and not passed_over(name)


def _has_suffix(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in SUFFIXES


def passed_over(name: str) -> bool:
    """Whether a file or folder of this name is left out below a folder that was named."""
    return name.startswith(".") or name == PROJECT_FILE


def _link(path: Path, root: Path) -> Iterator[Path | Finding]:
    target = followed(path)
    if not os.path.exists(path):
        if _has_suffix(path.name):
            yield _finding(path, "a link that leads nowhere; remove it")
        return
    if os.path.isdir(target):
        yield _finding(path, "a link to a folder is not followed; name the folder itself as a PATH")
    elif _has_suffix(path.name):
        if target.is_relative_to(root):
            yield _checked_name(path)
        else:
            yield _finding(path, "a link that leads out of the folder is not followed; remove it")


def _checked_name(path: Path) -> Path | Finding:
    if not path.as_posix().isprintable():
        return _finding(path, UNSHOWABLE)
    return path


def _finding(path: Path, words: str) -> Finding:
    return Finding("file", words, source=Source(shown(path), 1, 1))


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "the path is not valid"
