"""The options around ``--prune``, and when it is refused before the account is read."""

from typing import Annotated, TypeAlias

import typer

from lebots.core.model.options import PlanOptions

Prune: TypeAlias = Annotated[
    bool,
    typer.Option("--prune", help="Also retire what is in scope and unmanaged."),
]


Confirmed: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--confirm-deletes",
        metavar="N",
        min=0,
        help="Agree to exactly this number of removals, beyond the guards too.",
    ),
]


AllowEmpty: TypeAlias = Annotated[
    bool, typer.Option("--allow-empty", help="Let there be no manifest at all.")
]


def words(asked: PlanOptions) -> list[str]:
    """The options that ask for this again."""
    return [
        *(["--prune"] if asked.prune else []),
        *([f"--confirm-deletes={asked.confirmed}"] if asked.confirmed is not None else []),
        *(["--allow-empty"] if asked.allow_empty else []),
    ]
