"""Prints a plan or findings to stdout in one format, and writes them into files."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from lebots.cli.terminal.console import result, save
from lebots.cli.terminal.options import Format
from lebots.core.model.finding import Finding
from lebots.errors import InvalidInput, UsageError
from lebots.render.formats import OF_FINDINGS, OF_PLANS
from lebots.render.renderer import Drawn, RenderSettings
from lebots.run.receipts import now

TEXT = "text"
"""The format for people; what is found in manifests stands on stderr with it."""


def _option(names: Collection[str]) -> Any:
    def parse(name: str) -> str:
        if name not in names:
            raise typer.BadParameter(f"{name!r} is not one of {', '.join(map(repr, names))}.")
        return name

    shown = f"<{'|'.join(names)}>"
    return typer.Option("--format", parser=parse, metavar=shown, help="Output format.")


PlanFormat: TypeAlias = Annotated[str, _option(OF_PLANS)]
FindingsFormat: TypeAlias = Annotated[str, _option(OF_FINDINGS)]


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
    typer.Option(metavar="FILE", help="Also write it as Markdown, for a pull request."),
]
HtmlFile: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Also write it as an HTML page.")
]
CommentBudget: TypeAlias = Annotated[
    HostBudget, typer.Option(help="The host whose size limit the Markdown must fit.")
]


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the command line asked to be printed and written."""

    format_: str
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
            return Format(self.format_)
        except ValueError:
            raise UsageError(f"{option} is drawn as text or json, not {self.format_}") from None

    def plan(self, drawn: Drawn) -> None:
        """Prints and writes a plan, a refused one too."""
        from lebots.documents.saved_plan import seal

        for path, format_ in ((self.html, "html"), (self.markdown, "markdown")):
            if path:
                save(path, self._drawn(format_, drawn) + "\n")
        if self.out:
            save(self.out, seal(drawn.document(), now()), private=True)
        result(self._drawn(self.format_, drawn))

    def findings(self, found: Sequence[Finding]) -> None:
        """Prints and writes what keeps manifests from being planned at all."""
        print_findings(self.format_, found, self.markdown, self.budget)

    def _drawn(self, format_: str, drawn: Drawn) -> str:
        return OF_PLANS[format_](drawn, _setting(self.budget))


def print_findings(
    format_: str, found: Sequence[Finding], markdown: Path | None, budget: HostBudget
) -> None:
    """Prints what was found in manifests, but not as text, and writes it as a comment."""
    setting = _setting(budget)
    if markdown:
        save(markdown, OF_FINDINGS["markdown"](found, setting) + "\n")
    if format_ in OF_FINDINGS and format_ != TEXT:
        result(OF_FINDINGS[format_](found, setting))


def _setting(budget: HostBudget) -> RenderSettings:
    from lebots import __version__

    return RenderSettings(__version__, _commit, budget)


def _commit() -> str:
    """The commit of the working folder, shortened; empty where there is none."""
    from lebots.git.repository import Repository
    from lebots.run.inputs.project import load_project

    try:
        environment = load_project().environment
        return Repository.around(Path(), environment).commit("HEAD")[:7]
    except (InvalidInput, UsageError):
        return ""
