"""``lebots apply``: plans again, checks the approval, carries out the plan, proves the result."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lebots.cli.terminal.options import AccountName, Format, OutputFormat, Paths
from lebots.cli.terminal.output import MarkdownFile
from lebots.cli.terminal.plan_options import said, takes
from lebots.cli.terminal.screen import Terminal
from lebots.core.model.options import PlanOptions
from lebots.errors import UsageError
from lebots.run import clock, loop
from lebots.run.applying import Applying
from lebots.run.approval import Agreement, Approval
from lebots.run.inputs.manifests import is_saved, load
from lebots.run.inputs.receipt import earlier
from lebots.run.inputs.session import open_session
from lebots.run.notices import gate

MAX_AGE = 24
"""Hours after which a saved plan is too old (F42)."""


@takes()
def apply(
    *,
    paths: Paths = None,
    account: AccountName = None,
    format_: OutputFormat = Format.TEXT,
    expect_: Annotated[
        str | None,
        typer.Option(
            "--expect",
            metavar="DIGEST",
            help="Refuse unless the plan has this digest (12 digits or more).",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    asked: PlanOptions,
    receipt: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a receipt, for a later `lebots plan --receipt`.",
        ),
    ] = None,
    markdown_file: MarkdownFile = None,
    max_age: Annotated[
        int | None,
        typer.Option(
            metavar="HOURS",
            min=1,
            help="Refuse a saved plan that is older.",
            show_default=str(MAX_AGE),
        ),
    ] = None,
) -> None:
    """Make the changes of the plan, in its order.

    With a plan saved by `lebots plan --out plan.json` in place of PATHS, only what that plan shows
    is done.
    """
    started = clock.now()
    approval = _saved(paths)
    if approval and (own := said(asked)):
        brought = "the options it was made with"
        raise UsageError(f"a saved plan has {brought}; leave {', '.join(own)} out")
    if approval:
        if expect_ is not None:
            approval.check_digest(expect_)
        asked = approval.asked
        approval.check_age(started, max_age or MAX_AGE)
    elif max_age:
        raise UsageError("--max-age is for a saved plan; name one instead of PATHS")
    paths = [Path(path) for path in approval.paths] if approval else paths
    desired, findings = load(paths, account, asked)
    gate(findings, show=False)
    with open_session(Path(), account) as session:
        if approval:
            approval.check_account(session.client.account)
            approval.check_terms(session.terms_of(approval.sinks))
        session.earlier = earlier(receipt, session.client.account)
        session.counts_scope = receipt is not None
        work = Applying(session, desired, findings, asked, started, receipt, markdown_file)
        loop.run(work, Terminal(format_), Agreement(None if approval else expect_, yes, approval))


def _saved(paths: Sequence[Path] | None) -> Approval | None:
    if not any(map(is_saved, paths or ())) or not paths:
        return None
    if len(paths) > 1:
        raise UsageError("a saved plan has its own manifests; name no other PATHS with it")
    return Approval.read(paths[0])
