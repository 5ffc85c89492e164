"""``lebots init``: a starter project that plans and applies at once on the embedded account."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from lebots.cli.console import result
from lebots.errors import UsageError

_FILES = {
    "lebots.yaml": "lebots.yaml",
    "manifests/routing-bot.yaml": "routing-bot.yaml",
    ".gitignore": "gitignore",
}


Folder: TypeAlias = Annotated[
    Path, typer.Argument(help="Where to put it; made if it is not there.")
]


def init(folder: Folder = Path()) -> None:
    """Write a starter project: lebots.yaml and the manifests of one routing bot."""
    taken = [name for name in _FILES if (folder / name).exists()]
    if taken:
        raise UsageError(f"{folder} already has {', '.join(taken)}; nothing was written")
    for name, template in _FILES.items():
        content = files("lebots.cli").joinpath("starter", template).read_text(encoding="utf-8")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
        result(f"wrote {folder / name}")
    there = "" if folder == Path() else f"cd {folder} && "
    result(f"\nnext: {there}lebots plan")
