"""``lebots init``: a starter project that plans and applies at once on the embedded account."""

import os
import shlex
from importlib.resources import files
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from lebots.cli.console import message, result
from lebots.errors import UsageError

_FILES = {
    "lebots.yaml": "lebots.yaml",
    "manifests/routing-bot.yaml": "routing-bot.yaml",
}
_IGNORED = ".gitignore"


Folder: TypeAlias = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Where to put it; made if it is not there.")
]


def init(folder: Folder = Path()) -> None:
    """Write a starter project with one routing bot.

    It plans and applies at once on the embedded account.
    """
    from lebots.files.walk import shown

    # A link counts, wherever it leads.
    taken = [name for name in _FILES if os.path.lexists(folder / name)]
    if taken:
        raise UsageError(f"{shown(folder)} already has {', '.join(taken)}; nothing was written")
    try:
        for name, template in _FILES.items():
            _write(folder / name, _template(template))
        if os.path.lexists(folder / _IGNORED):
            lines = ", ".join(_template("gitignore").splitlines()[1:])
            message(f"{shown(folder / _IGNORED)} is there already; see that it has {lines}")
        else:
            _write(folder / _IGNORED, _template("gitignore"))
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"{shown(folder)}: no project can be written there ({reason})") from None
    there = "" if folder == Path() else f"cd {shlex.quote(shown(folder))} && "
    result(f"\nnext: {there}lebots plan")


def _template(name: str) -> str:
    return files("lebots.cli").joinpath("starter", name).read_text(encoding="utf-8")


def _write(file: Path, content: str) -> None:
    from lebots.files.walk import shown

    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("x", encoding="utf-8") as opened:
        opened.write(content)
    result(f"wrote {shown(file)}")
