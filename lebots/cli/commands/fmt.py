"""``lebots fmt``: manifests in canonical order and layout."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from lebots import kinds
from lebots.cli.terminal import streams
from lebots.cli.terminal.console import difference, result
from lebots.cli.terminal.options import CHANGES_PENDING, Paths
from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.core.model.kind import Kind
from lebots.core.quoting import command
from lebots.errors import InvalidInput
from lebots.files.format import Formatted, formatted
from lebots.files.inside import followed
from lebots.files.personal import without_personal
from lebots.files.schema_findings import MAX_FINDINGS, too_many
from lebots.files.walk import MANIFESTS, PROJECT_FILE, find, shown
from lebots.files.yaml.allowance import Allowance
from lebots.files.yaml.split_documents import by_place
from lebots.files.yaml.writer import write_file
from lebots.project.places import OUTSIDE
from lebots.render.escape import visible
from lebots.render.plain.file_difference import unified
from lebots.run.inputs.manifests import argument, refuse_saved
from lebots.run.inputs.project import load_project
from lebots.run.notices import message

_NAMES = {"\n": "line feeds", "\r\n": "carriage return and line feed"}
_ENDS = "line ends: some are line feeds, others carriage return and line feed"


def fmt(
    paths: Paths = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 3 if a file would change.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; show what would change.")
    ] = False,
) -> None:
    """Format manifests: canonical order and layout; comments stay."""
    refuse_saved(paths)
    overlays, known = _overlays(), kinds.load()
    files, findings = find(list(paths or [MANIFESTS, *overlays]))
    changed = unchanged = 0
    allowance = Allowance()
    for file in files:
        if _is_project(file):
            continue
        if len(findings) > MAX_FINDINGS:
            findings.append(too_many(Source(shown(file), 1, 1)))
            break
        one = _formatted(file, known, overlays, allowance)
        if isinstance(one, list):
            findings += one
        elif one.changed:
            changed += 1
            if one.mixed:
                message(visible(f"{shown(file)} mixes {_ENDS}; all will be {_NAMES[one.line_end]}"))
            _handle(file, one, check=check, diff=diff)
        else:
            unchanged += 1
    if changed or unchanged:
        message(_summary(changed, changed + unchanged, paths, written=not (check or diff)))
    if findings:
        raise InvalidInput(sorted(findings, key=by_place))
    if check and changed:
        raise typer.Exit(CHANGES_PENDING)


def _overlays() -> Sequence[Path]:
    """The overlays of all accounts; raises InvalidInput where the project reaches outside.

    What else is wrong with the project is for other commands to say.
    """
    try:
        accounts = load_project().accounts.values()
    except InvalidInput as error:
        if any(finding.code == OUTSIDE for finding in error.findings):
            raise
        return ()
    return tuple(dict.fromkeys(path for account in accounts for path in account.overlays))


def _is_project(file: Path) -> bool:
    if file.name != PROJECT_FILE:
        return False
    message(f"{shown(file)} is the project and no manifest; it is left as it is")
    return True


def _formatted(
    file: Path, known: Mapping[str, Kind], overlays: Sequence[Path], allowance: Allowance
) -> Formatted | list[Finding]:
    data = allowance.content(file)
    if isinstance(data, Finding):
        return [data]
    inside = any(followed(file).is_relative_to(followed(overlay)) for overlay in overlays)
    return formatted(data, shown(file), known, overlay=inside)


def _handle(file: Path, one: Formatted, *, check: bool, diff: bool) -> None:
    if diff:
        difference(unified(*without_personal(one.before, one.after, one.kinds), shown(file)))
    elif check:
        result(visible(f"would format {shown(file)}"))
    else:
        streams.acted()
        # A link stays a link: what it leads to is written.
        write_file(followed(file), one.content)
        result(visible(f"formatted {shown(file)}"))


def _summary(changed: int, count: int, paths: Sequence[Path] | None, *, written: bool) -> str:
    files = "1 file" if count == 1 else f"{count} files"
    if not changed:
        return f"nothing to format in {files}"
    if written:
        return f"{changed} of {files} formatted"
    proposal = command("lebots", "fmt", *map(argument, paths or ()))
    return f"{changed} of {files} would be formatted; `{proposal}` does it"
