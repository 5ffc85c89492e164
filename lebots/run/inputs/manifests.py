"""The manifests a command works on, as one account of the project gets them."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lebots import kinds, project
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.core.model.options import NO_OPTIONS, PlanOptions
from lebots.core.planner import is_blocking
from lebots.errors import InvalidInput, UsageError
from lebots.files import manifests
from lebots.files.manifests import Reader
from lebots.files.unread import unread
from lebots.files.walk import MANIFESTS, shown
from lebots.files.yaml.allowance import Allowance
from lebots.project import Project
from lebots.run.inputs import prune_checks as pruning
from lebots.run.inputs.project import load_project

_SAVED = (".json", b'{\n  "formatVersion"')
"""How a saved plan is known: by the ending of its name, or by how it begins."""


@dataclass(frozen=True, slots=True)
class ManifestSource:
    """Where manifests come from."""

    read: Reader | None = None
    """None: the files here."""
    project: Project | None = None
    """None: the project as it is here."""
    findings: Sequence[Finding] = ()
    """What is wrong before any manifest is read."""


DISK = ManifestSource()
"""The working tree."""


def load(
    paths: Sequence[Path] | None,
    account: str | None = None,
    asked: PlanOptions = NO_OPTIONS,
    source: ManifestSource = DISK,
) -> tuple[list[Desired], list[Finding]]:
    """The manifests below the paths, or below ``manifests/`` where none is named, for an account.

    They come from the working tree unless there is another ``source``.
    What is wrong with the project is among the findings, so that a run shows everything at once.
    Raises UsageError for an account the project does not have, and for a prune that does not see
    all manifests.
    """
    pruning.check_paths(paths, asked)
    project, wrong = _project(source.project)
    overlays = project.account(account).overlays if project else ()
    desired, findings = _read(paths, overlays, Allowance(), source.read)
    return desired, [*wrong, *source.findings, *pruning.tolerated(findings, asked)]


def load_all(
    paths: Sequence[Path] | None,
) -> tuple[list[tuple[list[str], list[Desired]]], list[Finding]]:
    """The manifests as each account of the project gets them, and every finding once.

    Accounts that get the same manifests share an entry.
    """
    project, wrong = _project(None)
    accounts: dict[tuple[Path, ...], list[str]] = {}
    for name, account in project.accounts.items() if project else ():
        accounts.setdefault(account.overlays, []).append(name)
    variants, findings, allowance = [], dict.fromkeys(wrong), Allowance()
    for overlays, names_ in (accounts or {(): []}).items():
        desired, found = _read(paths, overlays, allowance)
        variants.append((names_, desired))
        findings |= dict.fromkeys(found)
    return variants, list(findings)


def _read(
    paths: Sequence[Path] | None,
    overlays: Sequence[Path],
    allowance: Allowance,
    reader: Reader | None = None,
) -> tuple[list[Desired], list[Finding]]:
    refuse_saved(paths)
    tops, loaded = list(paths or [MANIFESTS]), kinds.load()
    desired, findings = manifests.load(tops, loaded, overlays, reader or allowance.documents)
    if not is_blocking(findings):
        findings += unread([*tops, *overlays], desired, loaded, allowance)
    return desired, findings


def refuse_saved(paths: Sequence[Path] | None) -> None:
    """Raises UsageError where a path names a saved plan in place of manifests."""
    saved = [path for path in paths or () if is_saved(path)]
    if saved:
        raise UsageError(f"{shown(saved[0])}: manifests are *.yaml and *.yml; a plan is for apply")


def is_saved(path: Path) -> bool:
    """Whether the path names a saved plan; a folder never does."""
    ending, beginning = _SAVED
    if os.path.isdir(path):
        return False
    if path.suffix == ending or not path.is_file():
        return path.suffix == ending
    with suppress(OSError), path.open("rb") as file:
        return file.read(len(beginning)) == beginning
    return False


def _project(found: Project | None) -> tuple[Project | None, tuple[Finding, ...]]:
    try:
        found = found or load_project()
        return found, tuple(project.scope_findings(found, kinds.load()))
    except InvalidInput as error:
        return None, error.findings


def names(paths: Sequence[Path] | None) -> tuple[str, ...]:
    """The paths as they stand in a saved plan."""
    return tuple(path.as_posix() for path in paths or [MANIFESTS])


def argument(path: Path) -> str:
    """The path as an argument that no command line takes for an option."""
    text = path.as_posix()
    return f"./{text}" if text.startswith("-") else text
