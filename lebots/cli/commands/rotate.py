"""``lebots rotate``: a new key in place of an old one, in steps that a later run can continue."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Annotated

import typer

from lebots import __version__
from lebots.cli.terminal.console import refuse, result
from lebots.cli.terminal.options import (
    AccountName,
    Format,
    OutputFormat,
    Paths,
    RulesFrom,
    addresses,
)
from lebots.cli.terminal.plan_options import rules_said
from lebots.cli.terminal.screen import Terminal
from lebots.core.quoting import command
from lebots.documents.plan import plan as plan_document
from lebots.documents.reports import rotation
from lebots.documents.text import dumps
from lebots.errors import UsageError
from lebots.render.plain import plan as text
from lebots.render.plain.rotation import next_steps
from lebots.run import loop
from lebots.run.approval import Agreement
from lebots.run.inputs.manifests import ManifestSource, argument, load
from lebots.run.inputs.project import ruled
from lebots.run.inputs.session import open_session
from lebots.run.notices import gate
from lebots.run.presence import with_presence
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
            help="How old the new key must be before lebots disables the old one.",
        ),
    ] = _DAY,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Log in as each moved bot before the old key is disabled."),
    ] = False,
    plan_: Annotated[bool, typer.Option("--plan", help="Only show the plan.")] = False,
    expect_: Annotated[
        str | None,
        typer.Option("--expect", metavar="DIGEST", help="Refuse unless the plan has this digest."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    rules_from: RulesFrom = None,
) -> None:
    """Replace a key: create a new one, move its bots to it, then disable the old one.

    Run the same command again to continue a rotation, or to finish it after the grace.
    """
    (key,) = addresses([address], "ADDRESS")
    if not isfinite(grace):
        raise UsageError("--grace: write a number of hours")
    project = ruled(rules_from)
    desired, findings = load(paths, account, source=ManifestSource(project=project))
    gate(findings, show=False)
    with open_session(Path(), account, project) as session:
        rotating = Rotating(session, desired, key, grace, verify)
        if plan_:
            again = [*map(argument, paths or ()), *(["--account", account] if account else [])]
            again += [f"--grace={grace:g}"] if grace != _DAY else []
            _show(rotating, format_, again + ["--verify"] * verify)
        else:
            loop.run(rotating, Terminal(format_), Agreement(expect_, yes))


def _show(rotating: Rotating, format_: Format, options: Sequence[str]) -> None:
    """The plan, and the command that carries it out."""
    found, reading = rotating.find()
    session = rotating.session
    plan = with_presence(found.plan, reading.inventory, session)
    if format_ is Format.JSON:
        document = plan_document(plan, version=__version__)
        result(dumps({**document, "waiting": rotation.waiting(found, rotating.grace)}))
    else:
        proposal = command("lebots", "rotate", str(rotating.key), *options, *rules_said(plan.rules))
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
