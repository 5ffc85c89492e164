"""``lebots plan``: what would change in an account, or in every account of the project."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from lebots import __version__
from lebots.cli.terminal.console import refuse
from lebots.cli.terminal.options import CHANGES_PENDING, AccountName, Paths
from lebots.cli.terminal.output import (
    TEXT,
    CommentBudget,
    HostBudget,
    HtmlFile,
    MarkdownFile,
    Outputs,
    PlanFormat,
)
from lebots.cli.terminal.plan_options import proposal, said, takes
from lebots.core.history.receipt import Receipt
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.core.model.options import PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.planner import is_blocking
from lebots.core.quoting import command
from lebots.documents import plan as json
from lebots.errors import UsageError
from lebots.files.walk import MANIFESTS
from lebots.render.renderer import Drawn
from lebots.run.inputs.git_base import Base
from lebots.run.inputs.manifests import DISK, argument, load, names
from lebots.run.inputs.receipt import read
from lebots.run.inputs.session import Session, open_session
from lebots.run.notices import gate
from lebots.run.presence import with_presence


@takes()
def plan(
    *,
    paths: Paths = None,
    account: AccountName = None,
    all_accounts: Annotated[
        bool, typer.Option("--all-accounts", help="Plan every account of lebots.yaml.")
    ] = False,
    format_: PlanFormat = TEXT,
    markdown_file: MarkdownFile = None,
    html_file: HtmlFile = None,
    budget: CommentBudget = HostBudget.GITHUB,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the plan as JSON, for `lebots apply FILE`."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 3 if something would change.")
    ] = False,
    asked: PlanOptions,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REF",
            help="Label each difference: from this branch, merged but not applied, or drift; REF "
            "is the base, such as origin/main.",
        ),
    ] = None,
    drift: Annotated[
        bool,
        typer.Option(
            "--drift",
            help="Show only drift: what changed in the account since an apply; exit 3 if anything.",
        ),
    ] = False,
    receipt: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The receipt of an apply that left nothing to do, for --base, --drift and "
            "--prune.",
        ),
    ] = None,
) -> None:
    """Show what would change in the account. Changes nothing."""
    outputs = Outputs(format_, markdown_file, html_file, out, budget)
    if drift:
        _check_drift(base, asked, outputs, all_accounts=all_accounts)
    if receipt and not (drift or asked.prune or base is not None):
        raise UsageError("--receipt is for --base, --drift and --prune; add one of them")
    run = _Run(paths, account, asked, outputs)
    if drift:
        from lebots.cli.commands.plan_drift import drifted

        format_ = outputs.plain("--drift")
        drifted(*run.manifests(), paths or [MANIFESTS], account, asked, receipt, format_)
    elif all_accounts:
        if (account, base, receipt) != (None, None, None) or outputs.files:
            raise UsageError("--all-accounts goes with no account, base or file; leave them out")
        from lebots.cli.commands.plan_all import plan_everywhere

        plan_everywhere(paths, asked, outputs.plain("--all-accounts"), check=check)
    elif run.plan(base, receipt).writes and check:
        raise typer.Exit(CHANGES_PENDING)


@dataclass(frozen=True, slots=True)
class _Run:
    """One plan of one account."""

    paths: Sequence[Path] | None
    account: str | None
    asked: PlanOptions
    outputs: Outputs

    def manifests(self, base: Base | None = None) -> tuple[list[Desired], list[Finding]]:
        """The manifests and what is noted of them; InvalidInput where they cannot be planned."""
        with base.source() if base else nullcontext(DISK) as source:
            desired, findings = load(self.paths, self.account, self.asked, source)
        if is_blocking(findings):
            self.outputs.findings(findings, self.account)
        gate(findings, show=False)
        return desired, findings

    def plan(self, ref: str | None, receipt: Path | None) -> Plan:
        """Reads, plans and shows; a refused plan is shown like any other, and ends the run."""
        base = _base(ref, self.paths, self.account)
        desired, findings = self.manifests(base)
        with open_session(Path(), self.account) as session:
            known = session.earlier = _receipt(receipt, session)
            reading = session.read(desired, self.asked)
            planned = session.plan_from(reading, desired, findings, self.asked)
            if base:
                planned = base.attribute_origins(planned, desired, *reading, self.asked, known)
            planned = with_presence(planned, reading.inventory, session)
            self._show(planned, session, base)
        refuse(planned.refused, shown=self.outputs.format_ == TEXT)
        return planned

    def _show(self, planned: Plan, session: Session, base: Base | None) -> None:
        proposal, here = self._proposal(), self._proposal_here()
        places = session.places(planned)
        document = partial(self._document, planned, _commits(base) if base else None)
        compared = f"{base.revision.ref} {base.revision.commit[:7]}" if base else ""
        self.outputs.plan(Drawn(planned, session.kinds, places, proposal, here, document, compared))

    def _document(self, planned: Plan, commits: json.Commits | None) -> dict[str, Any]:
        paths = names(self.paths)
        return json.plan(
            planned, version=__version__, paths=paths, asked=self.asked, commits=commits
        )

    def _proposal(self) -> str:
        """The command that applies exactly what this one shows."""
        return proposal(self.paths, self.account, self.asked)

    def _proposal_here(self) -> str:
        """The same command for somebody who has the saved plan."""
        if not self.outputs.out:
            return self._proposal()
        return command("lebots", "apply", argument(self.outputs.out), *self._chosen)

    @property
    def _chosen(self) -> list[str]:
        return ["--account", self.account] if self.account else []


def _check_drift(
    base: str | None, asked: PlanOptions, outputs: Outputs, *, all_accounts: bool
) -> None:
    """Raises UsageError for options that propose something, or that are about more accounts."""
    given = {
        "--base": base is not None,
        **dict.fromkeys(said(replace(asked, only=(), allow_empty=False)), True),
        "--all-accounts": all_accounts,
        "files to write, such as --out,": outputs.files,
    }
    if others := [words for words, there in given.items() if there]:
        raise UsageError(
            f"--drift only shows the drift of one account: leave {' and '.join(others)} out"
        )


def _base(ref: str | None, paths: Sequence[Path] | None, account: str | None) -> Base | None:
    if ref is None:
        return None
    return Base.read(ref, paths or [MANIFESTS], account)


def _commits(base: Base) -> json.Commits:
    revision = base.revision
    return json.Commits(revision.ref, revision.commit, revision.repository.head)


def _receipt(file: Path | None, session: Session) -> Receipt | None:
    if file is None:
        return None
    return read(file, session.client.account)
