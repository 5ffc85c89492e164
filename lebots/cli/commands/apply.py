"""``lebots apply``: plans again, checks the approval, carries out the plan, proves the result."""

from collections.abc import Sequence
from pathlib import Path

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
    saved = approval(_saved(paths), expect_, max_age, started)
    if saved and (own := said(asked)):
        brought = "the options it was made with"
        raise UsageError(f"a saved plan has {brought}; leave {', '.join(own)} out")
    if saved and saved.rotation:
        raise UsageError("this is the plan of a rotation; give it to `lebots rotate`")
    asked = saved.asked if saved else asked
    paths = [Path(path) for path in saved.paths] if saved else paths
    desired, findings = load(paths, account, asked, ManifestSource(project=project))
    gate(findings, show=False)
    with open_session(Path(), account, project, applies=True) as session:
        if saved:
            saved.admit(session)
        session.earlier = earlier(receipt, session.client.account)
        session.counts_scope = receipt is not None
        work = Applying(session, desired, findings, asked)
        agreement = Agreement(None if saved else expect_, yes, saved)
        loop.run(work, Terminal(format_), agreement, Records(started, receipt, markdown_file))


def _saved(paths: Sequence[Path] | None) -> Path | None:
    if not any(map(is_saved, paths or ())) or not paths:
        return None
    if len(paths) > 1:
        raise UsageError("a saved plan has its own manifests; name no other PATHS with it")
    return paths[0]
