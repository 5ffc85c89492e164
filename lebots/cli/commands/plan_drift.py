"""``lebots plan --drift``: only the drift of one account, for a scheduled job."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer

from lebots import __version__
from lebots.cli.terminal.console import result
from lebots.cli.terminal.options import CHANGES_PENDING, Format
from lebots.core.history.drift import drift
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.core.model.inventory import needed, reported
from lebots.core.model.options import PlanOptions
from lebots.core.planner import is_blocking, selected
from lebots.documents.drift import document
from lebots.documents.text import dumps
from lebots.errors import AccountError, Refused
from lebots.project import Project
from lebots.render.plain import drift as render
from lebots.run.inputs.git_base import cut_off, history_here
from lebots.run.inputs.project import told
from lebots.run.inputs.receipt import read
from lebots.run.inputs.session import open_session


def drifted(
    desired: Sequence[Desired],
    findings: Sequence[Finding],
    paths: Sequence[Path],
    account: str | None,
    asked: PlanOptions,
    receipt: Path | None,
    format_: Format,
    project: Project | None = None,
) -> None:
    """Reports and ends with 3 where there is anything.

    With 6 where an object cannot be looked at, with 5 where its list cannot be read.

    Without a receipt git history tells what is pending. The account is read once; no sink is
    asked, so the job needs no more than a right to read.
    """

    with open_session(Path(), account, told(project)) as session:
        known = read(receipt, session.client.account) if receipt else None
        versions = None if known and known.clean else history_here(paths, account)
        earlier = versions.of if versions else None
        about = {one.address.kind for one in selected(desired, asked.only, session.kinds)}
        lists = needed(session.kinds, about, users=False) | reported(session.kinds)
        found = drift(desired, session.inventory(lists), known, asked.only, earlier)
    cut = cut_off(found.changes, versions) if versions else ()
    found = replace(found, findings=(*findings, *found.findings, *cut))
    if format_ is Format.TEXT:
        result(render.text(found, session.kinds, version=__version__))
    else:
        result(dumps(document(found, version=__version__)))
    if found:
        raise typer.Exit(CHANGES_PENDING)
    if is_blocking(found.findings):
        words = "lebots cannot read some objects, so it cannot tell whether they changed"
        unread = any(one.facts.unread for one in found.findings)
        raise AccountError(words) if unread else Refused(words)
