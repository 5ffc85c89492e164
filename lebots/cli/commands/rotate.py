"""``lebots rotate``: a new key in place of an old one, in steps that a later run can continue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import typer

from lebots import __version__, kinds
from lebots.cli.terminal.agreement import ExpectedDigest, MaxAge, ReceiptFile, Yes, approval
from lebots.cli.terminal.console import refuse, result
from lebots.cli.terminal.options import (
    DECLARED,
    AccountName,
    Format,
    OutputFormat,
    Paths,
    RulesFrom,
    addresses,
)
from lebots.cli.terminal.output import MarkdownFile, Outputs
from lebots.cli.terminal.plan_options import rules_said
from lebots.cli.terminal.screen import Terminal
from lebots.core.model.options import RotationRequest
from lebots.core.model.plan import Plan
from lebots.core.quoting import command
from lebots.documents.plan import plan as plan_document
from lebots.documents.reports import rotation
from lebots.errors import UsageError
from lebots.render.plain.rotation import next_steps
from lebots.render.renderer import Drawn
from lebots.run import clock, loop
from lebots.run.approval import Agreement
from lebots.run.inputs.manifests import ManifestSource, argument, is_saved, load, names
from lebots.run.inputs.project import ruled
from lebots.run.inputs.receipt import earlier
from lebots.run.inputs.session import open_session
from lebots.run.notices import gate
from lebots.run.presence import with_presence
from lebots.run.receipts import Records
from lebots.run.rotation import Rotating

_DAY = 24.0


def rotate(
    address: Annotated[
        str,
        typer.Argument(
            **DECLARED,
            help="The key, such as Key/routing-bot; or a plan saved with --out.",
        ),
    ],
    paths: Paths = None,
    account: AccountName = None,
    format_: OutputFormat = Format.TEXT,
    grace: Annotated[
        float | None,
        typer.Option(
            metavar="HOURS",
            min=0,
            help="How old the new key must be before lebots disables the old one.",
            show_default=f"{_DAY:g}",
        ),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Log in as each moved bot before the old key is disabled."),
    ] = False,
    plan_: Annotated[bool, typer.Option("--plan", help="Only show the plan.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Only show the plan, and save it for `lebots rotate FILE`."
        ),
    ] = None,
    expect_: ExpectedDigest = None,
    yes: Yes = False,
    receipt: ReceiptFile = None,
    markdown_file: MarkdownFile = None,
    max_age: MaxAge = None,
    rules_from: RulesFrom = None,
) -> None:
    """Replace a key: create a new one, move its bots to it, then disable the old one.

    Run the same command again to continue a rotation, or to finish it after the grace.

    With a plan saved by `lebots rotate ADDRESS --out plan.json` in place of ADDRESS, only what that
    plan shows is done, or nothing.
    """
    started = clock.now()
    file = _saved(address)
    if file:
        own = {"PATHS": paths, "--grace": grace is not None, "--verify": verify}
        _leave_out("a saved plan has its own", {**own, "--plan": plan_, "--out": out})
    if plan_ or out:
        _leave_out("this only plans", {"--yes": yes, "--expect": expect_, "--receipt": receipt})
    saved, expected = approval(file, expect_, max_age, started)
    if saved and not saved.rotation:
        raise UsageError("this is the plan of an apply; give it to `lebots apply`")
    asked = saved.rotation if saved else None
    paths = [Path(path) for path in saved.paths] if saved else paths
    asked = asked or _asked(address, _DAY if grace is None else grace, verify=verify)
    project = ruled(rules_from)
    desired, findings = load(paths, account, source=ManifestSource(project=project))
    gate(findings, show=False)
    with open_session(Path(), account, project) as session:
        if saved:
            saved.admit(session)
        rotating = Rotating(session, desired, asked)
        if plan_ or out:
            _Shown(rotating, paths, account, Outputs(format_, markdown_file, None, out)).show()
            return
        session.earlier = earlier(receipt, session.client.account)
        digest = None if saved or not expected else expected.digits
        agreement = Agreement(digest, yes, saved)
        loop.run(rotating, Terminal(format_), agreement, Records(started, receipt, markdown_file))


def _saved(address: str) -> Path | None:
    """The file, where it is no key of a name like that."""
    is_key = address.partition("/")[0] in kinds.load()
    return Path(address) if not is_key and is_saved(Path(address)) else None


def _leave_out(why: str, given: Mapping[str, object]) -> None:
    if others := [name for name, value in given.items() if value not in (None, False)]:
        raise UsageError(f"{why}: leave {', '.join(others)} out")


def _asked(address: str, grace: float, *, verify: bool) -> RotationRequest:
    (key,) = addresses([address], "ADDRESS")
    if not isfinite(grace):
        raise UsageError("--grace: write a number of hours")
    return RotationRequest(key, grace, verify)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The plan of a rotation, which is only shown."""

    rotating: Rotating
    paths: Sequence[Path] | None
    account: str | None
    outputs: Outputs

    def show(self) -> None:
        """Prints and writes the plan, and the command that carries it out."""
        found, reading = self.rotating.find()
        session, grace = self.rotating.session, self.rotating.asked.grace
        plan = with_presence(found.plan, reading.inventory, session)

        def document() -> dict[str, Any]:
            made = plan_document(plan, version=__version__, paths=names(self.paths))
            return {**made, "waiting": rotation.waiting(found, grace)}

        proposal = self._proposal(plan)
        here = command(*self._here(), *rules_said(plan.rules)) if self.outputs.out else proposal
        places = session.places(plan)
        self.outputs.plan(Drawn(plan, session.kinds, places, proposal, here, document))
        text = self.outputs.format_ == Format.TEXT
        for line in next_steps(found, grace) if text and not plan.refused else ():
            result(line)
        refuse(plan.refused, shown=text)

    def _proposal(self, plan: Plan) -> str:
        asked = self.rotating.asked
        words = ["lebots", "rotate", str(asked.key), *map(argument, self.paths or ())]
        words += [*self._chosen(), *([f"--grace={asked.grace:g}"] if asked.grace != _DAY else [])]
        words += [*["--verify"] * asked.verify, *rules_said(plan.rules)]
        return f"{command(*words)} --expect {{digest}}"

    def _here(self) -> list[str]:
        file = [argument(self.outputs.out)] if self.outputs.out else []
        return ["lebots", "rotate", *file, *self._chosen()]

    def _chosen(self) -> list[str]:
        return ["--account", self.account] if self.account else []
