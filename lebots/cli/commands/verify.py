"""``lebots verify``: does each bot get in with the credential that was delivered for it?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lebots.cli.terminal.console import ask, result
from lebots.cli.terminal.options import AccountName, Format, OutputFormat, Paths, RulesFrom
from lebots.cli.terminal.plan_options import takes
from lebots.core.checks.logins import Ended
from lebots.core.model.options import PlanOptions
from lebots.core.planner import selected
from lebots.documents.reports.checks import verify as document
from lebots.documents.text import dumps
from lebots.errors import AccountError, UsageError
from lebots.run.inputs.manifests import ManifestSource, load
from lebots.run.inputs.project import ruled, told
from lebots.run.inputs.receipt import read
from lebots.run.inputs.session import open_session
from lebots.run.logins import line, logins_of, tried_all, warn
from lebots.run.notices import gate


@takes("only")
def verify(
    *,
    paths: Paths = None,
    account: AccountName = None,
    format_: OutputFormat = Format.TEXT,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    new_only: Annotated[
        bool, typer.Option("--new-only", help="Only bots that the apply of --receipt created.")
    ] = False,
    receipt: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The receipt of that apply, for --new-only."),
    ] = None,
    rules_from: RulesFrom = None,
    asked: PlanOptions,
) -> None:
    """Log in once as each bot of the manifests, to check its credential, and log out.

    A login ends the session of a bot that is running, so it asks first.
    """
    if new_only is not (receipt is not None):
        raise UsageError("--new-only and --receipt FILE go together: the receipt tells what is new")
    project = told(ruled(rules_from))
    desired, findings = load(paths, account, source=ManifestSource(project=project))
    gate(findings, show=False)
    with open_session(Path(), account, project) as session:
        chosen = selected(desired, asked.only, session.kinds)
        logins, skipped = logins_of(chosen, session)
        if receipt is not None:
            new = read(receipt, session.client.account).created
            logins = [login for login in logins if login.bot in new]
        if logins:
            warn(logins, session.name)
        if logins and not yes:
            ask("Log in as each of them once?", "confirm with --yes", "lebots logged in as nobody")
        ended = [*skipped, *tried_all(logins, session)]
    _report(ended, format_)
    failed = [one for one in ended if one.tried and one.error]
    if failed:
        raise AccountError(f"{len(failed)} of {len(logins)} bots cannot log in")


def _report(ended: Sequence[Ended], format_: Format) -> None:

    if format_ is Format.JSON:
        result(dumps(document(ended)))
        return
    for one in ended:
        result(line(one))
    if not ended:
        result("no bot to log in as")
