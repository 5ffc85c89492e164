"""``lebots rotate``: a new secret for bots that run, in steps that a new run can go on with."""

from collections.abc import Sequence
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lebots.cli.terminal.console import refuse, result
from lebots.cli.terminal.options import AccountName, Format, OutputFormat, Paths, addresses
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
from lebots.core.model.change import Outcome, Status
from lebots.core.model.plan import Plan
from lebots.core.quoting import command
from lebots.core.vendor.decode import LATEST
from lebots.errors import AccountError, AppliedInPart, Interrupted, UsageError
from lebots.run.approval import expect
from lebots.run.inputs.manifests import argument, load
from lebots.run.notices import gate, message

if TYPE_CHECKING:
    from lebots.core.rotate.plan import PendingDisable, Rotation
    from lebots.run.inputs.session import Reading
    from lebots.run.rotation import Rotating

_DAY = 24.0


def rotate(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="The key, such as Key/routing-bot.")
    ],
    paths: Paths = None,
    account: AccountName = None,
    format_: OutputFormat = Format.TEXT,
    grace: Annotated[
        float,
        typer.Option(
            metavar="HOURS",
            min=0,
            help="How old the new application must be before the old one is switched off.",
        ),
    ] = _DAY,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Log in as each moved bot before anything is switched off."),
    ] = False,
    plan_: Annotated[bool, typer.Option("--plan", help="Only show what would be done.")] = False,
    expect_: Annotated[
        str | None,
        typer.Option("--expect", metavar="DIGEST", help="Refuse unless the plan has this digest."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Make a second application for a key, move its bots over, then switch the first one off.

    The same command goes on with a rotation that was cut short, and ends one whose grace is over.
    """
    from lebots.run.account_lock import AccountLock
    from lebots.run.inputs.session import open_session
    from lebots.run.rotation import Rotating

    (key,) = addresses([address], "ADDRESS")
    if not isfinite(grace):
        raise UsageError("--grace: write a number of hours")
    desired, findings = load(paths, account)
    gate(findings, show=False)
    with open_session(Path(), account) as session:
        rotating = Rotating(session, desired, key, grace)
        lock = AccountLock(Path(), session.client.account, session.wait)
        found, reading = rotating.plan()
        if plan_ or (found.plan.refused and format_ is Format.TEXT):
            again = [*map(argument, paths or ()), *(["--account", account] if account else [])]
            again += [f"--grace={grace:g}"] if grace != _DAY else []
            _show(found, rotating, format_, again + ["--verify"] * verify)
        refuse(found.plan.refused, shown=format_ is Format.TEXT)
        if plan_:
            return
        if expect_ is not None:
            expect(found.plan, expect_)
        asks = bool(found.plan.writes) and not (yes or expect_ is not None)
        if format_ is Format.TEXT or asks:
            present(drawn(found.plan, session, expect_ or ""), format_, asks)
        if asks:
            if verify:
                message("With --verify a login ends the session each moved bot has now.")
            ask(found.plan, session.name, "--expect DIGEST or --yes")
        with alone(lock, session, found.plan, reading, rotating.read_for) as others:
            if others:
                now, reading = rotating.plan()
                require_same(found.plan, now.plan, others)
                found = now
            _carry_out(rotating, found, reading, format_, verify=verify)


def _carry_out(
    rotating: "Rotating", found: "Rotation", reading: "Reading", format_: Format, *, verify: bool
) -> None:
    refused: list[str] = []

    def check() -> str:
        refused.extend(_failed_logins(rotating, found.plan))
        return "; ".join(refused)

    session = rotating.session
    checks = check if verify and found.plan.writes else None
    with (
        interruptible(session.wait) as stopped,
        progress(found.plan, session, format_) as observe,
    ):
        outcomes = rotating.carry_out(found.plan, reading, observe, stopped, checks)
    _end(rotating, found, outcomes, format_, stopped=stopped(), refused="; ".join(refused))


def _show(found: "Rotation", rotating: "Rotating", format_: Format, options: Sequence[str]) -> None:
    """The plan, and the command that carries it out."""
    from lebots import __version__
    from lebots.documents import plan as json
    from lebots.documents.text import dumps
    from lebots.render.plain import plan as text

    if format_ is Format.JSON:
        document = json.plan(found.plan, version=__version__)
        result(dumps({**document, "waiting": _waiting(found, rotating)}))
        return
    proposal = command("lebots", "rotate", str(rotating.key), *options)
    session = rotating.session
    result(
        text.plan(
            found.plan,
            session.kinds,
            version=__version__,
            places=session.places(found.plan),
            proposal=f"{proposal} --expect {{digest}}",
        )
    )
    if not found.plan.refused:
        _tell(found, rotating)


def _failed_logins(rotating: "Rotating", plan: Plan) -> list[str]:
    """Logs in as each moved bot; what to say where one does not get in, or nobody can tell."""
    from lebots.render.escape import visible
    from lebots.run.logins import status

    ended = rotating.log_in(plan)
    for one in ended:
        detail = f"id {one.id}" if one.id else one.error
        message(visible(f"{status(one):<8}  {one.bot}  {detail}"))
    failed = [one for one in ended if one.tried and one.error]
    if failed:
        return [f"{len(failed)} of {len(ended)} bots cannot log in, so nothing is switched off"]
    untold = [one for one in ended if not (one.tried or one.idle)]
    if untold:
        words = "bots cannot be logged in as, so nothing is switched off; run without --verify"
        return [f"{len(untold)} of {len(ended)} {words}"]
    return []


def _end(
    rotating: "Rotating",
    found: "Rotation",
    outcomes: Sequence[Outcome],
    format_: Format,
    *,
    stopped: bool,
    refused: str,
) -> None:
    """Says how it ended and what is left; raises what the exit code stands for."""
    done = all(one.status is Status.DONE for one in outcomes)
    left = None
    try:
        if done and not (stopped or refused):
            left = rotating.left_over() if outcomes else found
    except AccountError as error:
        words = "everything was written, but the account cannot be read again"
        raise AccountError(f"{words}: {error}") from None
    finally:
        _report(rotating, found.plan, outcomes, left, format_)
    check_met(outcomes)
    if stopped:
        raise Interrupted("interrupted; the same command does the rest")
    if refused:
        raise AccountError(refused)
    if not done:
        raise AppliedInPart("rotated in part; the same command does the rest")
    if left and not _converged(left):
        raise AppliedInPart("the account does not show all that was written; run it again")


def _converged(left: "Rotation") -> bool:
    return not (left.plan.writes or left.plan.refused)


def _report(
    rotating: "Rotating",
    plan: Plan,
    outcomes: Sequence[Outcome],
    left: "Rotation | None",
    format_: Format,
) -> None:
    from lebots.documents import outcome as json
    from lebots.documents.text import dumps
    from lebots.render.plain import plan as text

    if format_ is Format.JSON:
        converged = None if left is None else _converged(left)
        waiting = _waiting(left, rotating) if left else None
        result(dumps({**json.outcomes(outcomes, plan, converged), "waiting": waiting}))
        return
    if left is None or not _converged(left):
        result(text.summary(outcomes, converged=False))
        return
    if outcomes:
        result(f"OUTCOME  {len(outcomes)} done")
    _tell(left, rotating)
    if not left.waiting and left.second:
        result(f"{rotating.key} is application {left.second.id} alone; the rotation is over")


def _tell(found: "Rotation", rotating: "Rotating") -> None:
    """What stays switched on, and until when."""
    from lebots.render.escape import visible

    for one in _waiting(found, rotating):
        result(visible(f"NEXT  the first application (id {one['id']}) stays on: {one['words']}"))


def _waiting(found: "Rotation", rotating: "Rotating") -> list[dict[str, Any]]:
    """Each application that stays switched on: why, until when, and what to do."""
    return [
        {
            "id": one.live.id,
            "why": one.why.value,
            "after": after.isoformat() if (after := _end_of_grace(one, found, rotating)) else None,
            "words": _words(one, after, rotating.grace),
        }
        for one in found.waiting
    ]


def _end_of_grace(
    one: "PendingDisable", found: "Rotation", rotating: "Rotating"
) -> datetime | None:
    from lebots.core.rotate.plan import Wait

    at = rotating.ends_at(found) if one.why is Wait.GRACE else None
    return None if at is None else datetime.fromtimestamp(min(at, LATEST), UTC)


def _words(one: "PendingDisable", after: datetime | None, grace: float) -> str:
    from lebots.core.rotate.plan import Wait

    if one.why is Wait.GRACE and after:
        return f"run the same command again after {after:%Y-%m-%d %H:%M:%S} UTC"
    return {
        Wait.GRACE: f"run the same command again {grace:g} hours after the second one is made",
        Wait.AGE_UNKNOWN: "the account does not tell when the second one was made; once bots run "
        "on that, run the command with --grace 0",
        Wait.OWN: "this run logs in with it; give lebots another credential, then run it again",
        Wait.USED: "not all that log in with it are declared; move them, then run it again",
    }[one.why]
