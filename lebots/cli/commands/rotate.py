"""``lebots rotate``: a new secret for bots that run, in steps that a new run can go on with."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lebots.cli.terminal.console import refuse, result
from lebots.cli.terminal.options import AccountName, Format, OutputFormat, Paths, addresses
from lebots.cli.terminal.screen import Terminal
from lebots.core.quoting import command
from lebots.errors import UsageError
from lebots.run.approval import Agreement
from lebots.run.inputs.manifests import argument, load
from lebots.run.notices import gate

if TYPE_CHECKING:
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
    from lebots.run import loop
    from lebots.run.inputs.session import open_session
    from lebots.run.rotation import Rotating

    (key,) = addresses([address], "ADDRESS")
    if not isfinite(grace):
        raise UsageError("--grace: write a number of hours")
    desired, findings = load(paths, account)
    gate(findings, show=False)
    with open_session(Path(), account) as session:
        rotating = Rotating(session, desired, key, grace, verify)
        if plan_:
            again = [*map(argument, paths or ()), *(["--account", account] if account else [])]
            again += [f"--grace={grace:g}"] if grace != _DAY else []
            _show(rotating, format_, again + ["--verify"] * verify)
        else:
            loop.run(rotating, Terminal(format_), Agreement(expect_, yes))


def _show(rotating: "Rotating", format_: Format, options: Sequence[str]) -> None:
    """The plan, and the command that carries it out."""
    from lebots import __version__
    from lebots.documents.plan import plan as plan_document
    from lebots.documents.text import dumps
    from lebots.render.plain import plan as text
    from lebots.render.plain.rotation import next_steps, waiting
    from lebots.run.presence import with_presence

    found, reading = rotating.find()
    session = rotating.session
    plan = with_presence(found.plan, reading.account, session)
    if format_ is Format.JSON:
        document = plan_document(plan, version=__version__)
        result(dumps({**document, "waiting": waiting(found, rotating.grace)}))
    else:
        proposal = command("lebots", "rotate", str(rotating.key), *options)
        result(
            text.plan(
                plan,
                session.kinds,
                version=__version__,
                places=session.places(plan),
                proposal=f"{proposal} --expect {{digest}}",
            )
        )
        if not plan.refused:
            for line in next_steps(found, rotating.grace):
                result(line)
    refuse(plan.refused, shown=format_ is Format.TEXT)
