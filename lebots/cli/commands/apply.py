"""``lebots apply``: plans again, checks the approval, carries out the plan, proves the result."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from lebots.cli.terminal.agreement import ExpectedDigest, MaxAge, ReceiptFile, Yes, approval
from lebots.cli.terminal.options import AccountName, Format, OutputFormat, Paths, RulesFrom
from lebots.cli.terminal.output import MarkdownFile
from lebots.cli.terminal.plan_options import said, takes
from lebots.cli.terminal.screen import Terminal
from lebots.core.model.options import PlanOptions
from lebots.errors import UsageError
from lebots.run import clock, loop
from lebots.run.applying import Applying
from lebots.run.approval import Agreement
from lebots.run.change.proposal import ChangeSince, read_base
from lebots.run.inputs.manifests import ManifestSource, is_saved, load
from lebots.run.inputs.project import ruled
from lebots.run.inputs.receipt import earlier
from lebots.run.inputs.session import open_session
from lebots.run.notices import gate
from lebots.run.receipts import Records


@takes()
def apply(
    *,
    paths: Paths = None,
    account: AccountName = None,
    format_: OutputFormat = Format.TEXT,
    expect_: ExpectedDigest = None,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REF",
            help="With --expect CHANGE: apply only this change of the manifests since REF, the "
            "commit before its merge, such as HEAD^1; all else is held.",
        ),
    ] = None,
    yes: Yes = False,
    asked: PlanOptions,
    receipt: ReceiptFile = None,
    markdown_file: MarkdownFile = None,
    max_age: MaxAge = None,
    rules_from: RulesFrom = None,
) -> None:
    """Make the changes of the plan, in its order.

    With a plan saved by `lebots plan --out plan.json` in place of PATHS, only what that plan shows
    is done.
    """
    started = clock.now()
    project = ruled(rules_from)
    file = _saved(paths)
    if base is not None:
        _check_change(expect_, file, asked)
    saved, expected = approval(file, expect_, max_age, started)
    if saved and (own := said(asked)):
        brought = "the options it was made with"
        raise UsageError(f"a saved plan has {brought}; leave {', '.join(own)} out")
    if saved and saved.rotation:
        raise UsageError("this is the plan of a rotation; give it to `lebots rotate`")
    asked = saved.asked if saved else asked
    paths = [Path(path) for path in saved.paths] if saved else paths
    desired, findings = load(paths, account, asked, ManifestSource(project=project))
    gate(findings, show=False)
    since = None if base is None else read_base(base, paths, account)
    with open_session(Path(), account, project, applies=True) as session:
        if saved:
            saved.admit(session)
        session.earlier = earlier(receipt, session.client.account)
        session.counts_scope = receipt is not None
        change = None
        if since and expected:
            change = ChangeSince.find(expected, since, desired, session)
        work = Applying(session, desired, findings, asked, change)
        digest = None if saved or change or not expected else expected.digits
        agreement = Agreement(digest, yes, saved, to_change=change is not None)
        loop.run(work, Terminal(format_), agreement, Records(started, receipt, markdown_file))


def _check_change(expect: str | None, file: Path | None, asked: PlanOptions) -> None:
    """Raises UsageError for what does not go with the change of a base."""
    if file:
        raise UsageError("--base goes with manifests; a saved plan is approved by itself")
    if expect is None:
        raise UsageError("--base needs --expect CHANGE, the change that `lebots plan --base` tells")
    narrowed = replace(asked, confirmed=None, agreed=(), allow_empty=False)
    if own := said(narrowed):
        raise UsageError(
            f"a change of manifests says nothing of {', '.join(own)}; approve the plan by its "
            "digest instead, without --base"
        )


def _saved(paths: Sequence[Path] | None) -> Path | None:
    if not any(map(is_saved, paths or ())) or not paths:
        return None
    if len(paths) > 1:
        raise UsageError("a saved plan has its own manifests; name no other PATHS with it")
    return paths[0]
