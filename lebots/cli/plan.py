"""``lebots plan`` and ``lebots validate``."""

import os
import shlex
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lebots.cli import pruning
from lebots.cli.console import gate, result
from lebots.cli.options import (
    CHANGES_PENDING,
    MANIFESTS,
    AccountName,
    Format,
    OutputFormat,
    Paths,
    Reissues,
    Targets,
    addresses,
)
from lebots.cli.pruning import AllowEmpty, Confirmed, Prune
from lebots.core.model import Desired, Finding
from lebots.core.terms import EVERYTHING, Asked
from lebots.errors import InvalidInput, UsageError

if TYPE_CHECKING:
    from lebots.project import Project

_SAVED = (".json", b'{\n  "formatVersion"')
"""How a saved plan is known: by the ending of its name, or by how it begins."""


def plan(
    paths: Paths = None,
    account: AccountName = None,
    format_: OutputFormat = Format.TEXT,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the plan as JSON, for `lebots apply FILE`."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 3 if something would change.")
    ] = False,
    target: Targets = None,
    reissue: Reissues = None,
    prune: Prune = False,
    confirm_deletes: Confirmed = None,
    allow_empty: AllowEmpty = False,
) -> None:
    """Show what would change in the account. Changes nothing."""
    from lebots import __version__
    from lebots.cli.session import open_session
    from lebots.files.writer import write_file
    from lebots.render import json, text

    asked = Asked(
        addresses(target),
        addresses(reissue, "--reissue"),
        prune,
        confirm_deletes,
        allow_empty=allow_empty,
    )
    desired, findings = load(paths, account, asked)
    gate(findings, show=False)
    with open_session(Path(), account) as session:
        planned, _ = session.plan(desired, findings, asked)
        gate(planned.findings, show=False)
        places = session.places(planned)
    if format_ is Format.TEXT:
        result(
            text.plan(
                planned,
                session.kinds,
                version=__version__,
                places=places,
                proposal=_next(paths, account, asked, out),
            )
        )
    if out or format_ is Format.JSON:
        document = json.plan(planned, version=__version__, paths=names(paths), asked=asked)
    if format_ is Format.JSON:
        result(json.dumps(document))
    if out:
        write_file(out, json.seal(document))
    if check and planned.writes:
        raise typer.Exit(CHANGES_PENDING)


def validate(paths: Paths = None, format_: OutputFormat = Format.TEXT) -> None:
    """Check manifests without any account, network or credential."""
    from lebots.render import json

    variants, findings = load_all(paths)
    if format_ is Format.JSON:
        result(json.dumps(json.findings(findings)))
    gate(findings)
    if format_ is Format.TEXT:
        for accounts, desired in variants:
            about = f"{', '.join(accounts)}: " if len(variants) > 1 else ""
            result(about + _valid(desired))


def _valid(desired: Sequence[Desired]) -> str:
    kinds = Counter(wanted.address.kind for wanted in desired)
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    many = "1 manifest is" if len(desired) == 1 else f"{len(desired)} manifests are"
    return f"{many} valid: {counted}"


def _next(
    paths: Sequence[Path] | None,
    account: str | None,
    asked: Asked,
    out: Path | None,
) -> str:
    """The command that applies exactly what this one shows."""
    if out:
        chosen = ["--account", account] if account else []
        return shlex.join(["lebots", "apply", argument(out), *chosen])
    words = ["lebots", "apply", *map(argument, paths or ())]
    words += ["--account", account] if account else []
    words += [f"--target={address}" for address in asked.only]
    words += [f"--reissue={address}" for address in asked.reissue]
    words += pruning.words(asked)
    return shlex.join(words) + " --expect {digest}"


def argument(path: Path) -> str:
    """The path as an argument that no command line takes for an option."""
    text = path.as_posix()
    return f"./{text}" if text.startswith("-") else text


def load(
    paths: Sequence[Path] | None, account: str | None = None, asked: Asked = EVERYTHING
) -> tuple[list[Desired], list[Finding]]:
    """The manifests below the paths, or below ``manifests/`` where none is named, for an account.

    What is wrong with the project is among the findings, so that a run shows everything at once.
    Raises UsageError for an account the project does not have, and for a prune that does not see
    all manifests.
    """
    pruning.check_paths(paths, asked)
    project, wrong = _project()
    desired, findings = _read(paths, project.account(account).overlays if project else ())
    return desired, [*wrong, *pruning.tolerated(findings, asked)]


def load_all(
    paths: Sequence[Path] | None,
) -> tuple[list[tuple[list[str], list[Desired]]], list[Finding]]:
    """The manifests as each account of the project gets them, and every finding once.

    Accounts that get the same manifests share an entry.
    """
    project, wrong = _project()
    accounts: dict[tuple[Path, ...], list[str]] = {}
    for name, account in project.accounts.items() if project else ():
        accounts.setdefault(account.overlays, []).append(name)
    variants, findings = [], dict.fromkeys(wrong)
    for overlays, names_ in (accounts or {(): []}).items():
        desired, found = _read(paths, overlays)
        variants.append((names_, desired))
        findings |= dict.fromkeys(found)
    return variants, list(findings)


def _read(
    paths: Sequence[Path] | None, overlays: Sequence[Path]
) -> tuple[list[Desired], list[Finding]]:
    from lebots import kinds
    from lebots.files import manifests

    refuse_saved(paths)
    return manifests.load(list(paths or [MANIFESTS]), kinds.load(), overlays)


def refuse_saved(paths: Sequence[Path] | None) -> None:
    """Raises UsageError where a path names a saved plan in place of manifests."""
    from lebots.files.walk import shown

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


def _project() -> "tuple[Project | None, tuple[Finding, ...]]":
    from lebots import kinds, project

    try:
        found = project.load(Path())
        return found, tuple(project.scope_findings(found, kinds.load()))
    except InvalidInput as error:
        return None, error.findings


def names(paths: Sequence[Path] | None) -> tuple[str, ...]:
    """The paths as they stand in a saved plan."""
    return tuple(path.as_posix() for path in paths or [MANIFESTS])
