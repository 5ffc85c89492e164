"""Prints a plan or findings to stdout in one format, and writes them into files."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from lebots import __version__
from lebots.cli.terminal import streams
from lebots.cli.terminal.console import result
from lebots.cli.terminal.options import Format, one_of
from lebots.core.model.finding import Finding
from lebots.documents.saved_plan import seal
from lebots.errors import InvalidInput, NotWritten, UsageError
from lebots.files.yaml.writer import write_file
from lebots.git.repository import Repository, below_top
from lebots.render.escape import visible
from lebots.render.formats import OF_FINDINGS, OF_PLANS
from lebots.render.plan_view import WIDTH
from lebots.render.renderer import Drawn, RenderSettings
from lebots.run import clock
from lebots.run.inputs.project import load_project, signing
from lebots.run.notices import message

TEXT = "text"
"""The format for people; what is found in manifests stands on stderr with it."""


PlanFormat: TypeAlias = Annotated[str, one_of(OF_PLANS, "--format", help_="Output format.")]
FindingsFormat: TypeAlias = Annotated[
    str, one_of(OF_FINDINGS, "--format", help_="How to print it.")
]


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
    HostBudget,
    one_of(HostBudget, "--budget", help_="The host whose size limit the Markdown must fit."),
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
        for path, format_ in ((self.html, "html"), (self.markdown, "markdown")):
            if path:
                _save(path, self._drawn(format_, drawn) + "\n")
        if self.out:
            _save(self.out, seal(drawn.document(), clock.now(), signing()), private=True)
        result(self._drawn(self.format_, drawn))

    def findings(self, found: Sequence[Finding], account: str | None) -> None:
        """Prints and writes what keeps manifests from being planned for an account at all."""
        print_findings(self.format_, found, self.markdown, self.budget, account)

    def _drawn(self, format_: str, drawn: Drawn) -> str:
        return OF_PLANS[format_](drawn, _setting(self.budget))


def _save(file: Path, text: str, *, private: bool = False) -> None:
    """Writes a file that was asked for beside the result; what fails is told and stops nothing."""
    try:
        write_file(file, text, private=private)
    except (NotWritten, UsageError) as error:
        message(visible(f"lebots: {error}"))
        streams.failed(error.exit_code)


_NARROW, _WIDE = 60, 200
"""A plan keeps to the width of a terminal within these columns."""


def print_findings(
    format_: str,
    found: Sequence[Finding],
    markdown: Path | None,
    budget: HostBudget,
    account: str | None = None,
) -> None:
    """Prints what was found in manifests, but not as text, and writes it as a comment."""
    setting = _setting(budget, account)
    if markdown:
        _save(markdown, OF_FINDINGS["markdown"](found, setting) + "\n")
    if format_ in OF_FINDINGS and format_ != TEXT:
        result(OF_FINDINGS[format_](found, setting))


def _setting(budget: HostBudget, account: str | None = None) -> RenderSettings:
    return RenderSettings(__version__, _commit, budget, below_top, account or "", _width())


def _width() -> int:
    """The columns of the terminal; those of COLUMNS or the usual ones where there is none."""
    return min(max(shutil.get_terminal_size((WIDTH, 0)).columns, _NARROW), _WIDE)


def _commit() -> str:
    """The commit of the working folder, shortened; empty where there is none."""
    try:
        environment = load_project().environment
        return Repository.around(Path(), environment).commit("HEAD")[:7]
    except (InvalidInput, UsageError):
        return ""
