"""Reads a git repository with plain git: no checkout, no network, nothing of the repository runs.

Every call is an argument list with the caller's own configuration of hooks, pagers and monitors
switched off. Of the environment git gets what it needs to start and to find its user's settings
(``safe.directory``); variables that send it elsewhere (``GIT_DIR`` and its kin) do not reach it.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from lebots.core.quoting import quoted, visible
from lebots.errors import UsageError
from lebots.files.walk import shown

PATIENCE = 120.0
"""Seconds one call of git may take."""

_PASSED_ON = ("PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT", "USERPROFILE")
_LITERAL = "GIT_LITERAL_PATHSPECS"
_SET = {
    _LITERAL: "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_OFF = (
    "--no-pager",
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.attributesFile=/dev/null"),
    # A partial clone would fetch what it lacks, which runs whatever its remote is set to.
    *("-c", "protocol.allow=never"),
    # A folder of the working tree that looks like a bare repository brings its own settings.
    *("-c", "safe.bareRepository=explicit"),
)
_DIFF_TREE = (
    *("diff-tree", "--stdin", "--no-commit-id", "-r", "-z", "--raw", "--no-renames"),
    *("--no-abbrev", "--no-ext-diff", "--no-textconv"),
)
_NO_REF = re.compile(r"-|\^|.*(\.\.|\{/|[\s:?*\[\\])")
"""What git takes for an option, a range, a search or a pattern, and no name of a commit holds."""

_OBJECT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_LONGEST_REF = 1000
_PARTIAL = r"^(extensions\.partialclone|remote\..*\.promisor)$"
_LINK, _MODULE = "120000", "160000"


class TreeEntry(NamedTuple):
    """One file of a commit."""

    path: str
    """From the top of the repository, with slashes."""
    blob: str
    size: int


def below_top(folder: Path = Path()) -> str:
    """Where a folder is below the top of its working tree; empty where it is none, or the top.

    No git is asked: a place is told even where the project or the repository is not valid.
    """
    here = folder.resolve()
    top = next((one for one in (here, *here.parents) if (one / ".git").exists()), here)
    return "" if here == top else here.relative_to(top).as_posix()


@dataclass(frozen=True)
class Repository:
    """A repository by the top folder of its working tree."""

    top: Path
    git: str
    environment: Mapping[str, str]
    purpose: str = "--base"
    """What git is asked for, in messages."""

    @classmethod
    def around(
        cls, folder: Path, environment: Mapping[str, str], purpose: str = "--base"
    ) -> "Repository":
        """The repository a folder belongs to; UsageError where there is no git, or none."""
        # An entry of PATH that is no absolute path could lead to a program of the pull request.
        places = environment.get("PATH", os.defpath).split(os.pathsep)
        absolute = os.pathsep.join(place for place in places if os.path.isabs(place))
        git = shutil.which("git", path=absolute) if absolute else None
        if git is None:
            raise UsageError(f"{purpose} needs git, and there is none on the PATH; install it")
        own = {name: environment[name] for name in _PASSED_ON if name in environment}
        found = cls(folder, git, {**own, **_SET}, purpose)
        ran = found.run(["rev-parse", "--show-toplevel"])
        if ran.returncode != 0:
            raise UsageError(f"{purpose}: {shown(folder)} {_no_repository(ran.stderr)}")
        return replace(found, top=Path(os.fsdecode(ran.stdout.removesuffix(b"\n"))))

    @classmethod
    def is_around(cls, folder: Path, environment: Mapping[str, str]) -> bool:
        """Whether a folder belongs to a repository that can be looked at."""
        try:
            cls.around(folder, environment)
        except UsageError:
            return False
        return True

    def commit(self, ref: str) -> str:
        """The id of the commit a name stands for; UsageError where there is no such commit."""
        if not _is_ref(ref):
            raise UsageError(
                f"{self.purpose}: {quoted(ref[:100])} is not the name of a commit; name a branch, "
                "such as origin/main, a tag or a commit id"
            )
        ran = self.run(
            ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"]
        )
        found = ran.stdout.decode("ascii", "replace").strip()
        if ran.returncode == 0 and _OBJECT.fullmatch(found):
            self._check_unambiguous(ref)
            return found
        remote, slash, branch = ref.partition("/")
        fetch = f"git fetch {remote} {branch}" if slash else "git fetch"
        shallow = " (it is a shallow clone)" if self.shallow else ""
        raise UsageError(
            f"{self.purpose}: the repository{shallow} has no commit {quoted(ref)}; fetch it first: "
            f"`{fetch}`, or a checkout with `fetch-depth: 0`"
        )

    def _check_unambiguous(self, ref: str) -> None:
        """Raises UsageError where a tag or a branch of that name could be taken for another."""
        names = [f"refs/{kind}/{ref}" for kind in ("tags", "heads", "remotes")]
        listed = self.output(["for-each-ref", "--format=%(refname)", *names])
        found = [one for one in listed.decode("utf-8", "replace").split() if one in names]
        if len(found) > 1:
            raise UsageError(
                f"{self.purpose}: {quoted(ref)} can be {' or '.join(found)}; name the one that is "
                "meant in full"
            )

    @property
    def shallow(self) -> bool:
        """Whether the history is cut off somewhere."""
        ran = self.run(["rev-parse", "--is-shallow-repository"])
        return ran.stdout.strip() == b"true"

    @property
    def head(self) -> str:
        """The commit that is checked out; empty where there is none yet."""
        ran = self.run(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
        return ran.stdout.decode("ascii", "replace").strip() if ran.returncode == 0 else ""

    def contains(self, commit: str, earlier: str) -> bool:
        """Whether the history of one commit leads to the other."""
        return self.run(["merge-base", "--is-ancestor", earlier, commit]).returncode == 0

    def files(self, commit: str, paths: Sequence[str]) -> list[TreeEntry]:
        """The files of a commit at and below the paths; links and submodules are left out."""
        listed = self.output(["ls-tree", "-r", "-z", "-l", "--full-tree", commit, "--", *paths])
        entries = []
        for line in listed.split(b"\0")[:-1]:
            facts, _, path = line.partition(b"\t")
            mode, _, blob, size = facts.decode("ascii").split()
            if mode not in (_LINK, _MODULE):
                entries.append(TreeEntry(os.fsdecode(path), blob, int(size)))
        return entries

    def line(self, commit: str, paths: Sequence[str]) -> list[bytes]:
        """The commits that changed what is at and below the paths, each with its first parent.

        The latest first, along the first parents: what a branch was at one time or another.
        """
        chain = ["rev-list", "--first-parent", "--parents", commit, "--", *paths]
        return [b" ".join(line.split()[:2]) for line in self.output(chain).splitlines()]

    def since(self, commit: str, earlier: str, most: int) -> list[str]:
        """The commits up to one along the first parents, after an earlier one; the earliest first,
        and no more than ``most``.
        """
        chain = ["rev-list", "--first-parent", "--reverse", f"{earlier}..{commit}"]
        return self.output(chain).decode("ascii").split()[:most]

    def replaced(self, line: Iterable[bytes], paths: Sequence[str]) -> list[tuple[str, str]]:
        """What these commits of a ``line`` replaced at and below the paths, as path and blob."""
        pairs = b"".join(pair + b"\n" for pair in line)
        fields = self.output([*_DIFF_TREE, "--", *paths], pairs).split(b"\0")[:-1]
        found = []
        for facts, path in zip(fields[::2], fields[1::2], strict=True):
            mode, _, blob, *_ = facts.decode("ascii").removeprefix(":").split()
            # Nothing but zeros stands for a file that was not there.
            if mode not in (_LINK, _MODULE) and blob.strip("0"):
                found.append((os.fsdecode(path), blob))
        return list(dict.fromkeys(found))

    def sizes(self, blobs: Sequence[str]) -> dict[str, int]:
        """How many bytes each blob has; those the repository lacks are left out."""
        asked = "".join(f"{blob}\n" for blob in blobs).encode("ascii")
        answered = self.output(["cat-file", "--batch-check"], asked).decode("ascii").splitlines()
        parts = (line.split() for line in answered)
        return {part[0]: int(part[2]) for part in parts if len(part) == 3 and part[1] == "blob"}

    def contents(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """What the blobs hold; UsageError where the repository lacks one."""
        asked = list(dict.fromkeys(blobs))
        given = "".join(f"{blob}\n" for blob in asked).encode("ascii")
        answered = memoryview(self.output(["cat-file", "--batch", "--buffer"], given))
        found, at = {}, 0
        for blob in asked:
            end = bytes(answered[at : at + 200]).index(b"\n") + at
            facts = bytes(answered[at:end]).split()
            if len(facts) != 3:
                raise UsageError(
                    f"{self.purpose}: the repository lacks the object {blob}; fetch it anew"
                )
            size = int(facts[2])
            found[blob] = bytes(answered[end + 1 : end + 1 + size])
            at = end + 1 + size + 1
        return found

    def ignored(self, files: Sequence[Path]) -> set[Path]:
        """Which of these files git would leave out of the next commit of everything."""
        asked = b"".join(os.fsencode(file) + b"\0" for file in files)
        # It takes absolute paths as they are, and refuses to be told so.
        own = {name: value for name, value in self.environment.items() if name != _LITERAL}
        ran = replace(self, environment=own).run(["check-ignore", "-z", "--stdin"], asked)
        if ran.returncode not in (0, 1):
            raise UsageError(f"{self.purpose}: git check-ignore failed: {_said(ran.stderr)}")
        return {Path(os.fsdecode(name)) for name in ran.stdout.split(b"\0") if name}

    def tracked(self, files: Sequence[Path]) -> list[str]:
        """Which of these files are in the index, as paths from the top."""
        listed = self.output(["ls-files", "-z", "--cached", "--", *map(str, files)])
        return [os.fsdecode(name) for name in listed.split(b"\0") if name]

    def output(self, arguments: Sequence[str], given: bytes = b"") -> bytes:
        """What a git command prints; UsageError where it fails."""
        ran = self.run(arguments, given)
        if ran.returncode == 0:
            return ran.stdout
        raise self.failed(arguments[0], ran.stderr)

    def failed(self, command: str, said: bytes) -> UsageError:
        """The error for a git command that failed."""
        partial = self.run(["config", "--get-regexp", _PARTIAL]).returncode == 0
        hint = "; it is a partial clone: clone it without --filter" if partial else ""
        return UsageError(f"{self.purpose}: git {command} failed: {_said(said)}{hint}")

    def run(
        self, arguments: Sequence[str], given: bytes = b""
    ) -> subprocess.CompletedProcess[bytes]:
        """A git command that ran, however it ended; UsageError where it could not."""
        try:
            return subprocess.run(  # noqa: S603 - an argument list; git by its absolute path
                [self.git, *_OFF, *arguments],
                cwd=self.top,
                env=dict(self.environment),
                input=given,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise UsageError(
                f"{self.purpose}: git {arguments[0]} took more than {PATIENCE:g} seconds"
            ) from None
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise UsageError(f"{self.purpose}: git cannot be run ({reason})") from None


def _is_ref(ref: str) -> bool:
    return 0 < len(ref) <= _LONGEST_REF and ref.isprintable() and not _NO_REF.match(ref)


def _no_repository(err: bytes) -> str:
    if b"dubious ownership" in err:
        return (
            "is in a repository that another user owns, which git does not read; allow it with "
            "`git config --global --add safe.directory FOLDER`"
        )
    if b"not a git repository" in err or b"work tree" in err:
        return "is not in a git repository"
    return f"cannot be looked at by git: {_said(err)}"


def _said(err: bytes) -> str:
    """The first line of git's own words."""
    lines = err.decode("utf-8", "replace").strip().splitlines()
    return visible(lines[0][:300]) if lines else "it does not say why"
