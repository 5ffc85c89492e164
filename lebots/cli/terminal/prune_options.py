"""The options around ``--prune``, and when it is refused before the account is read."""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

import typer

from lebots.core.model.options import PlanOptions
from lebots.errors import UsageError

Prune: TypeAlias = Annotated[
    bool,
    typer.Option("--prune", help="Also disable or delete unmanaged objects that are in scope."),
]


Confirmed: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--confirm-deletes",
        metavar="N",
        min=0,
        help="After review, allow exactly this number of removals, even beyond the guards.",
    ),
]


AllowEmpty: TypeAlias = Annotated[
    bool, typer.Option("--allow-empty", help="Allow a project without any manifest.")
]


def check(prune: bool, target: Sequence[str] | None, confirm_deletes: int | None) -> None:
    """Raises UsageError for options that do not go together."""
    if prune and target:
        raise UsageError("--prune needs all manifests; leave --target out")
    if confirm_deletes is not None and not prune:
        raise UsageError("--confirm-deletes is for --prune; add --prune")


def words(asked: PlanOptions) -> list[str]:
    """The options that ask for this again."""
    return [
        *(["--prune"] if asked.prune else []),
        *([f"--confirm-deletes={asked.confirmed}"] if asked.confirmed is not None else []),
        *(["--allow-empty"] if asked.allow_empty else []),
    ]
