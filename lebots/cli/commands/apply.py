"""``lebots apply``: plan anew, make sure it is what was approved, carry it out, prove it."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lebots.cli.terminal import prune_options as pruning
from lebots.cli.terminal.console import refuse, result
from lebots.cli.terminal.options import (
    AccountName,
    Format,
    OutputFormat,
    Paths,
    Reissues,
    Targets,
    addresses,
)
from lebots.cli.terminal.output import MarkdownFile
from lebots.cli.terminal.progress import (
    alone,
    ask,
    check_met,
    drawn,
    interruptible,
    present,
    progress,
    require_same,
)
from lebots.cli.terminal.prune_options import AllowEmpty, Confirmed, Prune
from lebots.core.model.change import Action, Outcome, Status
from lebots.core.model.options import NO_OPTIONS, PlanOptions
from lebots.core.model.plan import Plan
from lebots.errors import AccountError, AppliedInPart, Interrupted, NotWritten, UsageError
from lebots.run import receipts
from lebots.run.approval import Approval, expect
from lebots.run.inputs.manifests import is_saved, load
from lebots.run.last_created import note_created
from lebots.run.notices import gate, message
from lebots.run.receipts import Record, recorded

if TYPE_CHECKING:
    from lebots.run.executor import Held
    from lebots.run.inputs.session import Reading, Session


MAX_AGE = 24
"""Hours after which a saved plan must be made anew (F42)."""


def apply(
    paths: Paths = None,
    account: AccountName = None,
    format_: OutputFormat = Format.TEXT,
    expect_: Annotated[
        str | None,
        typer.Option("--expect", metavar="DIGEST", help="Refuse unless the plan has this digest."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    target: Targets = None,
    reissue: Reissues = None,
    prune: Prune = False,
    confirm_deletes: Confirmed = None,
    allow_empty: AllowEmpty = False,
    receipt: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write down what was done, for a later `lebots plan --receipt`."
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
    from lebots.run.account_lock import AccountLock
    from lebots.run.inputs.session import open_session

    started = receipts.now()
    approval = _saved(paths)
    pruning.check(prune, target, confirm_deletes)
    asked = PlanOptions(
        addresses(target),
        addresses(reissue, "--reissue"),
        prune,
        confirm_deletes,
        allow_empty=allow_empty,
    )
    if approval and (asked != NO_OPTIONS or expect_ is not None):
        raise UsageError("a saved plan brings its own targets and digest; leave the options out")
    if approval:
        asked = approval.asked
        approval.check_age(started, max_age or MAX_AGE)
    elif max_age:
        raise UsageError("--max-age is for a saved plan; name one in place of PATHS")
    paths = [Path(path) for path in approval.paths] if approval else paths
    desired, findings = load(paths, account, asked)
    gate(findings, show=False)
    with open_session(Path(), account) as session:
        if approval:
            approval.check_account(session.client.account)
        session.earlier = receipts.earlier(receipt, session.client.account)
        lock = AccountLock(Path(), session.client.account, session.wait)
        plan, reading = session.plan(desired, findings, asked)
        held = _approved(plan, session, approval, expect_, yes, format_)
        with alone(lock, session, plan, reading, desired) as others:
            if others:
                now, reading = session.plan(desired, findings, asked)
                held = _still_agreed(plan, now, approval, others)
                plan = now
            run = Record(session, desired, plan, asked, started)
            with recorded(run, receipt, markdown_file):
                _carry_out(run, reading, held, format_)


def _saved(paths: Sequence[Path] | None) -> Approval | None:
    if not any(map(is_saved, paths or ())) or not paths:
        return None
    if len(paths) > 1:
        raise UsageError("a saved plan stands alone: it knows its manifests")
    return Approval.read(paths[0])


def _approved(
    plan: Plan,
    session: "Session",
    approval: Approval | None,
    digest: str | None,
    yes: bool,
    format_: Format,
) -> "Held":
    """Makes sure that somebody agreed to the plan; what of it nobody did is held back."""
    if plan.refused and format_ is Format.TEXT:
        result(drawn(plan, session, ""))
    refuse(plan.refused, shown=format_ is Format.TEXT)
    held = approval.held(plan) if approval else {}
    if digest is not None:
        expect(plan, digest)
    asks = bool(plan.writes) and not (yes or digest is not None or approval)
    if format_ is Format.TEXT or asks:
        present(drawn(plan, session, approval.digest if approval else digest or ""), format_, asks)
    if asks:
        ask(plan, session.name)
    return held


def _still_agreed(plan: Plan, now: Plan, approval: Approval | None, who: str) -> "Held":
    """What of a plan made again nobody agreed to; a saved plan agrees change by change."""
    if approval and now.writes:
        gate(now.findings, show=False)
        message(f"somebody else was here since the plan: {who}")
        return approval.held(now)
    require_same(plan, now, who)
    return {}


def _carry_out(run: Record, reading: "Reading", held: "Held", format_: Format) -> None:
    """Makes the changes and proves that nothing is left; raises where something is."""
    session, plan = run.session, run.plan
    with interruptible(session.wait) as stopped, progress(plan, session, format_) as observe:
        outcomes = session.apply(plan, reading, held, run.noting(observe), stopped)
    with suppress(UsageError, NotWritten):
        # Only `verify --new-only` wants to know; a folder that is read-only is no failure.
        note_created(Path(), plan.account, outcomes)
    done = all(outcome.status is Status.DONE for outcome in outcomes)
    left = None
    try:
        if outcomes and done and not stopped():
            left, after = session.left_over(run.desired, run.asked)
            run.proved(left, after)
        elif not plan.writes:
            run.proved(plan, reading.account)
    except AccountError as error:
        words = "everything was written, but the account cannot be read again"
        raise AccountError(f"{words}: {error}") from None
    finally:
        _report(plan, outcomes, left, format_)
    check_met(outcomes)
    if stopped():
        raise Interrupted("interrupted; a new run does the rest" if not done else "interrupted")
    if not done:
        raise AppliedInPart("applied in part; a new run does the rest")
    if left and not _converged(left):
        raise AppliedInPart(_not_converged(left))


def _report(
    plan: Plan,
    outcomes: Sequence[Outcome],
    left: Plan | None,
    format_: Format,
) -> None:
    """How it ended; ``left`` is what a new plan wants, None where no new plan was made."""
    from lebots.documents import outcome as json
    from lebots.documents.text import dumps
    from lebots.render.plain import plan as text

    if format_ is Format.JSON:
        converged = None if left is None else _converged(left)
        result(dumps(json.outcomes(outcomes, plan, converged)))
    elif left is not None or any(outcome.status is not Status.DONE for outcome in outcomes):
        result(text.summary(outcomes, converged=left is not None and _converged(left)))


def _converged(left: Plan) -> bool:
    """Whether a plan wants nothing; one that was refused cannot tell."""
    return not (left.writes or left.refused)


def _not_converged(left: Plan) -> str:
    from lebots.render.escape import value

    lines = ["everything was written, but the account does not show it:"]
    lines += [f"  {finding}" for finding in left.refused]
    for change in left.writes:
        fields = () if change.action is Action.DELETE else change.fields
        for part in fields:
            sides = f"is {value(part.before)}, must be {value(part.after)}"
            shown = "differs" if part.personal else sides
            lines.append(f"  {change.address}: {part.path} {shown}")
        if not fields:
            lines.append(f"  {change.address}: must be {change.action}d")
    lines.append("write the value as the account does, or take the field out of the manifest")
    return "\n".join(lines)
