"""The options around ``--prune``, and when it is refused before the account is read."""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

import typer

from lebots.core.model.options import PlanOptions
from lebots.errors import UsageError

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


def check(prune: bool, target: Sequence[str] | None, confirm_deletes: int | None) -> None:
    """Raises UsageError for options that do not go together."""
    if prune and target:
        raise UsageError(
            "--prune needs the whole plan: what --target leaves out is declared all the same"
        )
    if confirm_deletes is not None and not prune:
        raise UsageError("--confirm-deletes counts what --prune removes; add --prune")


def words(asked: PlanOptions) -> list[str]:
    """The options that ask for this again."""
    return [
        *(["--prune"] if asked.prune else []),
        *([f"--confirm-deletes={asked.confirmed}"] if asked.confirmed is not None else []),
        *(["--allow-empty"] if asked.allow_empty else []),
    ]
