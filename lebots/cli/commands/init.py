"""``lebots init``: a starter project that plans and applies at once on the embedded account."""

import os
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Annotated, TypeAlias

import typer

from lebots.cli.terminal import streams
from lebots.cli.terminal.console import result
from lebots.core.quoting import command
from lebots.errors import UsageError
from lebots.files.walk import shown
from lebots.files.yaml.writer import write_files
from lebots.run.inputs.manifests import argument
from lebots.run.notices import message

_FILES = {
    "lebots.yaml": "lebots.yaml",
    "manifests/routing-bot.yaml": "routing-bot.yaml",
    "manifests/welcome.yaml": "welcome.yaml",
}
_IGNORED = ".gitignore"


Folder: TypeAlias = Annotated[
    Path,
    typer.Argument(metavar="FOLDER", help="The folder of the project; created if missing."),
]


def init(folder: Folder = Path()) -> None:
    """Write a starter project with one routing bot.

    It plans and applies at once on the embedded account.
    """
    # A link counts, wherever it leads.
    taken = [name for name in _FILES if os.path.lexists(folder / name)]
    if taken:
        raise UsageError(f"{shown(folder)} already has {', '.join(taken)}; nothing was written")
    chosen = dict(_FILES)
    if not os.path.lexists(folder / _IGNORED):
        chosen[_IGNORED] = "gitignore"
    streams.acted()
    write_files(folder, {PurePosixPath(name): _template(of) for name, of in chosen.items()})
    for name in chosen:
        result(f"wrote {shown(folder / name)}")
    if _IGNORED not in chosen:
        lines = ", ".join(_template("gitignore").splitlines()[1:])
        message(f"{shown(folder / _IGNORED)} is there already; see that it has {lines}")
    there = "" if folder == Path() else f"{command('cd', argument(folder))} && "
    result(f"\nnext: {there}lebots plan")


def _template(name: str) -> str:
    return files("lebots.cli").joinpath("starter", name).read_text(encoding="utf-8")
