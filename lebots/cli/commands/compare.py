"""``lebots compare``: two live accounts of the project side by side."""

from pathlib import Path
from typing import Annotated

import typer

from lebots.cli.terminal.console import result
from lebots.cli.terminal.options import ACCOUNT, CHANGES_PENDING, Format, OutputFormat, RulesFrom
from lebots.core import account_diff
from lebots.core.model.inventory import Inventory
from lebots.documents.reports.comparison import comparison as document
from lebots.documents.text import dumps
from lebots.errors import UsageError
from lebots.project import Project
from lebots.render.plain import comparison
from lebots.run.inputs.project import ruled, told
from lebots.run.inputs.session import open_session


def compare(
    from_: Annotated[str, typer.Option("--from", **ACCOUNT, help="An account of lebots.yaml.")],
    to: Annotated[str, typer.Option("--to", **ACCOUNT, help="The account to compare with.")],
    format_: OutputFormat = Format.TEXT,
    check: Annotated[bool, typer.Option("--check", help="Exit 3 if anything differs.")] = False,
    rules_from: RulesFrom = None,
) -> None:
    """Compare two live accounts by name. Changes nothing."""

    if from_ == to:
        raise UsageError("--from and --to name the same account; name two of lebots.yaml")
    project = told(ruled(rules_from))
    here = _read(from_, project)
    found = account_diff.compare(here, _read(to, project))
    if format_ is Format.JSON:
        result(dumps(document(found, from_, to)))
    else:
        result(comparison.text(found, here.kinds, from_, to))
    if check and not all(pair.same for pair in found.pairs):
        raise typer.Exit(CHANGES_PENDING)


def _read(name: str, project: Project | None) -> Inventory:

    with open_session(Path(), name, project) as session:
        return session.inventory()
