"""Where a plan or what was found in manifests goes: to stdout in one format, and into files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from lebots.cli.terminal.console import result, save
from lebots.cli.terminal.options import Format
from lebots.core.model.address import Address
from lebots.core.model.finding import Finding
from lebots.core.model.kind import Kind
from lebots.core.model.plan import Plan
from lebots.errors import InvalidInput, UsageError
from lebots.run.receipts import now


class PlanFormat(StrEnum):
    """How a plan is printed; never changes what is done or the exit code."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"
    GITHUB = "github"


class FindingsFormat(StrEnum):
    """How findings are printed; never changes the exit code."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


class HostBudget(StrEnum):
    """Where a comment is posted, and so how long it may be."""

    GITHUB = "github"
    GITHUB_SUMMARY = "github-summary"
    GITLAB = "gitlab"
    BITBUCKET = "bitbucket"
    AZURE = "azure"
    UNKNOWN = "unknown"
    NONE = "none"


MarkdownFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Also write it as a comment for a pull request."),
]
HtmlFile: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Also write it as a page of its own.")
]
CommentBudget: TypeAlias = Annotated[
    HostBudget, typer.Option(help="The host whose limit a comment keeps to.")
]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plan with all that drawing it needs."""

    plan: Plan
    kinds: Mapping[str, Kind]
    places: Mapping[Address, str]
    proposal: str
    """The command that applies the plan, with ``{digest}`` in it."""
    proposal_here: str
    """The same where the plan was saved; comments and pages are read on other machines."""
    document: Callable[[], dict[str, Any]]
    """Makes the plan's JSON."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the command line asked to be printed and written."""

    format_: PlanFormat
    markdown: Path | None = None
    html: Path | None = None
    out: Path | None = None
    budget: HostBudget = HostBudget.GITHUB

    @property
    def files(self) -> bool:
        """Whether anything is to be written beside what is printed."""
        return any((self.markdown, self.html, self.out))

    def plain(self, option: str) -> Format:
        """The format where only text and JSON are drawn; raises UsageError for another one."""
        try:
            return Format(self.format_.value)
        except ValueError:
            raise UsageError(f"{option} is drawn as text or json, not {self.format_}") from None

    def plan(self, drawn: Drawn) -> None:
        """Prints and writes a plan, a refused one too."""
        from lebots.documents.saved_plan import seal

        if self.html:
            save(self.html, self._drawn(PlanFormat.HTML, drawn) + "\n")
        if self.markdown:
            save(self.markdown, self._drawn(PlanFormat.MARKDOWN, drawn) + "\n")
        if self.out:
            save(self.out, seal(drawn.document(), now()), private=True)
        result(self._drawn(self.format_, drawn))

    def findings(self, found: Sequence[Finding]) -> None:
        """Prints and writes what keeps manifests from being planned at all."""
        if self.markdown:
            save(self.markdown, findings_as(FindingsFormat.MARKDOWN, found, self.budget) + "\n")
        if self.format_ in (PlanFormat.MARKDOWN, PlanFormat.JSON, PlanFormat.GITHUB):
            result(findings_as(FindingsFormat(self.format_.value), found, self.budget))

    def _drawn(self, format_: PlanFormat, drawn: Drawn) -> str:
        from lebots import __version__

        if format_ is PlanFormat.JSON:
            from lebots.documents.text import dumps

            return dumps(drawn.document())
        plan, kinds, places = drawn.plan, drawn.kinds, drawn.places
        version, proposal = __version__, drawn.proposal
        if format_ is PlanFormat.MARKDOWN:
            from lebots.render.comment import markdown

            return markdown.plan(
                plan,
                kinds,
                version=version,
                places=places,
                commit=_commit(),
                budget=markdown.BUDGETS[self.budget],
                proposal=proposal,
            )
        if format_ is PlanFormat.HTML:
            from lebots.render.page import page as html

            return html.plan(
                plan, kinds, version=version, places=places, commit=_commit(), proposal=proposal
            )
        from lebots.render.annotations import github
        from lebots.render.plain import plan as text

        here = drawn.proposal_here
        shown = text.plan(plan, kinds, version=version, places=places, proposal=here)
        if format_ is PlanFormat.GITHUB:
            return "\n".join(part for part in (github.plan(plan), shown) if part)
        return shown


def findings_as(
    format_: FindingsFormat, found: Sequence[Finding], budget: HostBudget = HostBudget.GITHUB
) -> str:
    """What was found in manifests, in one of the formats for machines and pages."""
    from lebots import __version__

    if format_ is FindingsFormat.MARKDOWN:
        from lebots.render.comment import markdown

        return markdown.findings(
            found, version=__version__, commit=_commit(), budget=markdown.BUDGETS[budget]
        )
    if format_ is FindingsFormat.GITHUB:
        from lebots.render.annotations import github

        return github.findings(found)
    from lebots.documents import plan as json
    from lebots.documents.text import dumps

    if format_ is FindingsFormat.SARIF:
        from lebots.render.annotations import sarif

        return dumps(sarif.findings(found, version=__version__))
    return dumps(json.findings(found))


def _commit() -> str:
    """The commit of the working folder, shortened; empty where there is none."""
    from lebots.git.repository import Repository
    from lebots.run.inputs.project import load_project

    try:
        environment = load_project().environment
        return Repository.around(Path(), environment).commit("HEAD")[:7]
    except (InvalidInput, UsageError):
        return ""
