"""``lebots apply``: plans again, checks the approval, carries out the plan, proves the result."""

from collections.abc import Sequence
from dataclasses import replace
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
from lebots.run.change.expected import Expected, duration
from lebots.run.change.proposal import ChangeSince, read_base
from lebots.run.inputs.manifests import is_saved, load
from lebots.run.inputs.receipt import earlier
from lebots.run.inputs.session import open_session
from lebots.run.notices import gate


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
            help="Refuse unless the plan has this digest (12 digits or more), or the change with "
            "--base; DIGEST@TIME is refused when it is old.",
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REF",
            help="With --expect CHANGE: apply only this change of the manifests since REF, the "
            "commit before its merge, such as HEAD^1; all else is held.",
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
        str | None,
        typer.Option(
            metavar="DURATION",
            help="Refuse an approval that is older, such as 24h, 90m or 2d: a saved plan, or "
            "DIGEST@TIME.",
            show_default="24h",
        ),
    ] = None,
) -> None:
    """Make the changes of the plan, in its order.

    With a plan saved by `lebots plan --out plan.json` in place of PATHS, only what that plan shows
    is done.
    """
    started = clock.now()
    approval = _saved(paths)
    expected = None if expect_ is None else Expected.read(expect_)
    if base is not None:
        _check_change(expected, approval, asked)
    if approval and (own := said(asked)):
        brought = "the options it was made with"
        raise UsageError(f"a saved plan has {brought}; leave {', '.join(own)} out")
    limit = duration(max_age)
    if approval:
        if expected:
            approval.check_digest(expected)
        asked = approval.asked
        approval.check_age(started, limit)
    elif limit and not expected:
        raise UsageError("--max-age is for an approval; name a saved plan, or --expect DIGEST@TIME")
    if expected and (expected.made or not approval):
        expected.check_age(started, limit)
    paths = [Path(path) for path in approval.paths] if approval else paths
    desired, findings = load(paths, account, asked)
    gate(findings, show=False)
    since = None if base is None else read_base(base, paths, account)
    with open_session(Path(), account) as session:
        if approval:
            approval.check_account(session.client.account)
            approval.check_terms(session.terms_of(approval.sinks))
        session.earlier = earlier(receipt, session.client.account)
        change = None
        if since and expected:
            change = ChangeSince.find(expected, since, desired, session)
        work = Applying(session, desired, findings, asked, started, receipt, markdown_file, change)
        digest = None if approval or change or not expected else expected.digits
        agreement = Agreement(digest, yes, approval, to_change=change is not None)
        loop.run(work, Terminal(format_), agreement)


def _check_change(expected: Expected | None, approval: Approval | None, asked: PlanOptions) -> None:
    """Raises UsageError for what does not go with the change of a base."""
    if approval:
        raise UsageError("--base goes with manifests; a saved plan is approved by itself")
    if not expected:
        raise UsageError("--base needs --expect CHANGE, the change that `lebots plan --base` tells")
    narrowed = replace(asked, confirmed=None, agreed=(), allow_empty=False)
    if own := said(narrowed):
        raise UsageError(
            f"a change of manifests says nothing of {', '.join(own)}; approve the plan by its "
            "digest instead, without --base"
        )


def _saved(paths: Sequence[Path] | None) -> Approval | None:
    if not any(map(is_saved, paths or ())) or not paths:
        return None
    if len(paths) > 1:
        raise UsageError("a saved plan has its own manifests; name no other PATHS with it")
    return Approval.read(paths[0])
