"""``lebots verify``: does each bot get in with the credential that was delivered for it?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lebots.cli.terminal.console import ask, result
from lebots.cli.terminal.options import AccountName, Format, OutputFormat, Paths, Targets, addresses
from lebots.core.planner import selected
from lebots.errors import AccountError, UsageError
from lebots.run import receipts
from lebots.run.inputs.manifests import load
from lebots.run.logins import Ended, line, logins_of, status, tried_all, warn
from lebots.run.notices import gate


def verify(
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
    target: Targets = None,
) -> None:
    """Log in once as each bot of the manifests, to check its credential, and log out.

    A login ends the session of a bot that is running, so it asks first.
    """
    from lebots.run.inputs.session import open_session

    if new_only is not (receipt is not None):
        raise UsageError("--new-only and --receipt FILE go together: the receipt tells what is new")
    desired, findings = load(paths, account)
    gate(findings, show=False)
    with open_session(Path(), account) as session:
        chosen = selected(desired, addresses(target), session.kinds)
        logins, skipped = logins_of(chosen, session)
        if receipt is not None:
            new = receipts.read(receipt, session.client.account).created
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
    from lebots.documents.text import dumps

    if format_ is Format.JSON:
        listed = [
            {"address": str(one.bot), "status": status(one), "id": one.id, "error": one.error}
            for one in ended
        ]
        result(dumps({"formatVersion": 1, "logins": listed}))
        return
    for one in ended:
        result(line(one))
    if not ended:
        result("no bot to log in as")
