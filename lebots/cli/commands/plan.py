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
from lebots.cli.terminal.options import CHANGES_PENDING, AccountName, Paths, RulesFrom
from lebots.cli.terminal.output import (
    TEXT,
    CommentBudget,
    HostBudget,
    HtmlFile,
    MarkdownFile,
    Outputs,
    PlanFormat,
)
from lebots.cli.terminal.plan_options import proposal, proposal_of, rules_said, said, takes
from lebots.core.history.receipt import Receipt
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.core.model.options import PlanOptions
from lebots.core.model.plan import Plan, RulesInForce
from lebots.core.planner import is_blocking
from lebots.core.quoting import command
from lebots.documents import plan as json
from lebots.documents.parts import Commits
from lebots.errors import UsageError
from lebots.files.walk import MANIFESTS
from lebots.project import Project
from lebots.render.renderer import Drawn
from lebots.run.change.proposal import ChangeSince
from lebots.run.inputs.git_base import Base
from lebots.run.inputs.manifests import ManifestSource, argument, load, names
from lebots.run.inputs.project import ruled
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
    rules_from: RulesFrom = None,
) -> None:
    """Show what would change in the account. Changes nothing."""
    outputs = Outputs(format_, markdown_file, html_file, out, budget)
    if drift:
        _check_drift(base, asked, outputs, all_accounts=all_accounts)
    if receipt and not (drift or asked.prune or base is not None):
        raise UsageError("--receipt is for --base, --drift and --prune; add one of them")
    run = _Run(paths, account, asked, outputs, rules_from)
    if drift:
        from lebots.cli.commands.plan_drift import drifted

        format_ = outputs.plain("--drift")
        desired, findings, project = run.manifests()
        drifted(desired, findings, paths or [MANIFESTS], account, asked, receipt, format_, project)
    elif all_accounts:
        if (account, base, receipt) != (None, None, None) or outputs.files:
            raise UsageError("--all-accounts goes with no account, base or file; leave them out")
        from lebots.cli.commands.plan_all import plan_everywhere

        format_ = outputs.plain("--all-accounts")
        plan_everywhere(paths, asked, format_, check=check, rules_from=rules_from)
    elif run.plan(base, receipt).writes and check:
        raise typer.Exit(CHANGES_PENDING)


@dataclass(frozen=True, slots=True)
class _Run:
    """One plan of one account."""

    paths: Sequence[Path] | None
    account: str | None
    asked: PlanOptions
    outputs: Outputs
    rules_from: str | None

    def manifests(
        self, base: Base | None = None
    ) -> tuple[list[Desired], list[Finding], Project | None]:
        """The manifests, what is noted of them, and the project where not the one here is meant.

        Raises InvalidInput where they cannot be planned.
        """
        with base.source() if base else nullcontext(self._source()) as source:
            desired, findings = load(self.paths, self.account, self.asked, source)
        if is_blocking(findings):
            self.outputs.findings(findings, self.account)
        gate(findings, show=False)
        return desired, findings, source.project

    def _source(self) -> ManifestSource:
        return ManifestSource(project=ruled(self.rules_from))

    def plan(self, ref: str | None, receipt: Path | None) -> Plan:
        """Reads, plans and shows; a refused plan is shown like any other, and ends the run."""
        base = self._base(ref)
        desired, findings, project = self.manifests(base)
        with open_session(Path(), self.account, project) as session:
            known = session.earlier = _receipt(receipt, session)
            before = {one.address.kind for one in base.desired} if base else ()
            reading = session.read(desired, self.asked, before)
            change = ChangeSince.of(base, desired, session)
            asked = replace(self.asked, change=change.digest if change else "")
            planned = session.plan_from(reading, desired, findings, asked)
            if base:
                planned = base.attribute_origins(planned, desired, *reading, asked, known)
            if change:
                planned = change.within(planned, desired, reading, session, asked)
            planned = with_presence(planned, reading.inventory, session)
            self._show(planned, session, base)
        refuse(planned.refused, shown=self.outputs.format_ == TEXT)
        return planned

    def _show(self, planned: Plan, session: Session, base: Base | None) -> None:
        rules = planned.rules
        proposal, here = self._proposal(rules), self._proposal_here(rules)
        if change := planned.proposed:
            alone = proposal_of(change, self.paths, self.account, self.asked)
            planned = replace(planned, proposed=replace(change, command=alone))
        places = session.places(planned)
        document = partial(self._document, planned, _commits(base) if base else None)
        compared = f"{base.revision.ref} {base.revision.commit[:7]}" if base else ""
        self.outputs.plan(Drawn(planned, session.kinds, places, proposal, here, document, compared))

    def _document(self, planned: Plan, commits: Commits | None) -> dict[str, Any]:
        paths = names(self.paths)
        return json.plan(
            planned, version=__version__, paths=paths, asked=self.asked, commits=commits
        )

    def _base(self, ref: str | None) -> Base | None:
        if ref is None:
            return None
        return Base.read(ref, self.paths or [MANIFESTS], self.account, self.rules_from)

    def _proposal(self, rules: RulesInForce | None) -> str:
        """The command that applies exactly what this one shows."""
        return proposal(self.paths, self.account, self.asked, rules)

    def _proposal_here(self, rules: RulesInForce | None) -> str:
        """The same command for somebody who has the saved plan."""
        if not self.outputs.out:
            return self._proposal(rules)
        saved = argument(self.outputs.out)
        return command("lebots", "apply", saved, *self._chosen, *rules_said(rules))

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


def _commits(base: Base) -> Commits:
    revision = base.revision
    return Commits(revision.ref, revision.commit, revision.repository.head)


def _receipt(file: Path | None, session: Session) -> Receipt | None:
    if file is None:
        return None
    return read(file, session.client.account)
