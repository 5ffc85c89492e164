"""When a prune is refused, before or after the account is read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lebots.core.history.receipt import Receipt
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.kind import Kind
from lebots.core.model.options import AccountPolicy, PlanOptions
from lebots.errors import Refused, UsageError
from lebots.files.inside import followed
from lebots.files.unread import NOT_READ
from lebots.files.walk import EMPTY, MANIFESTS, find, shown


def tolerated(findings: Iterable[Finding], asked: PlanOptions) -> list[Finding]:
    """The findings, without those that say that there is no manifest where that is meant.

    A file that is not read is no mere warning where what it declares would be pruned.
    """
    return [
        replace(one, severity=Severity.REFUSAL) if asked.prune and one.code == NOT_READ else one
        for one in findings
        if not (asked.allow_empty and one.code == EMPTY)
    ]


def check_paths(paths: Sequence[Path] | None, asked: PlanOptions) -> None:
    """Raises UsageError for a prune that does not see every manifest of the project.

    What the paths leave out would look as if no manifest declared it.
    """
    if not (asked.prune and paths):
        return
    # Without the usual folder, the ones the paths lead through are where the project keeps them.
    tops = [MANIFESTS] if MANIFESTS.is_dir() else [_top(path) for path in paths]
    named = {followed(file) for file in find(paths)[0]}
    files, unseen = find(tops)
    for finding in unseen:
        if finding.code != EMPTY:
            raise UsageError(f"--prune must see every manifest, and there may be more: {finding}")
    left_out = [file for file in files if followed(file) not in named]
    if left_out:
        raise UsageError(
            f"--prune must see every manifest, and the PATHS leave out {shown(left_out[0])}: what "
            "that declares would be pruned; name its folder as a whole"
        )


def _top(path: Path) -> Path:
    """The outermost folder of a relative path, the folder of an absolute one."""
    if path.is_absolute() or ".." in path.parts:
        return path if path.is_dir() else path.parent
    top = Path(*path.parts[:1])
    return top if top.is_dir() else Path()


def scopeless(name: str, allowed: AccountPolicy, kinds: Mapping[str, Kind]) -> list[Finding]:
    """A refusal, with the line to write, where a project lets nothing be pruned."""
    if allowed.scope:
        return []
    able = ", ".join(f'{one.name}: ["bot-*"]' for one in kinds.values() if one.retirement.possible)
    text = (
        f"account {name} has no scope, so --prune may touch nothing; write what it may, by name, "
        f"below accounts.{name} in lebots.yaml, such as scope: {{{able}}}"
    )
    return [Finding("no-scope", text, Severity.REFUSAL)]


def check_baseline(receipt: Receipt | None) -> None:
    """Raises Refused for a receipt that does not tell how much the account held."""
    if receipt and receipt.baseline is None:
        raise Refused(
            "the receipt has no baseline, since no run that it tells of left nothing to do: nobody "
            "knows how much the account held; `lebots apply --receipt FILE` without --prune writes "
            "one once nothing is left to do"
        )
