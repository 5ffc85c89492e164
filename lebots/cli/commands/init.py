"""``lebots init``: a starter project that plans and applies at once on the embedded account."""

import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, TypeAlias

import typer

from lebots.cli.schemas import all_schemas
from lebots.cli.terminal import streams
from lebots.cli.terminal.console import result
from lebots.core.quoting import command
from lebots.documents.text import dumps
from lebots.errors import UsageError
from lebots.files.layout import marked
from lebots.files.walk import SCHEMAS, shown
from lebots.files.yaml.writer import write_files
from lebots.run.inputs.manifests import argument
from lebots.run.notices import message

_FILES = {
    "lebots.yaml": "lebots.yaml",
    "manifests/routing-bot.yaml": "routing-bot.yaml",
    "manifests/welcome.yaml": "welcome.yaml",
}
_EDITED = {"lebots.yaml": "schemas/project", "manifests/routing-bot.yaml": "../schemas/manifest"}
"""By file: the schema that editors check it with, as the file names it."""
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
    texts = {name: _marked(name, _template(of)) for name, of in chosen.items()}
    texts |= {
        name: dumps(content) + "\n"
        for name, content in _schemas().items()
        if not os.path.lexists(folder / name)
    }
    write_files(folder, {PurePosixPath(name): text for name, text in texts.items()})
    for name in texts:
        result(f"wrote {shown(folder / name)}")
    if _IGNORED not in chosen:
        lines = ", ".join(_template("gitignore").splitlines()[1:])
        message(f"{shown(folder / _IGNORED)} is there already; see that it has {lines}")
    there = "" if folder == Path() else f"{command('cd', argument(folder))} && "
    result(f"\nnext: {there}lebots plan")


def _marked(name: str, text: str) -> str:
    return marked(text, f"{_EDITED[name]}.schema.json") if name in _EDITED else text


def _schemas() -> Mapping[str, Any]:
    made = all_schemas()
    return {f"{SCHEMAS}/{name}.schema.json": made[name] for name in ("manifest", "project")}


def _template(name: str) -> str:
    return files("lebots.cli").joinpath("starter", name).read_text(encoding="utf-8")
