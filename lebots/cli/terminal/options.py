"""The arguments and options that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from lebots.core.model.address import Address
from lebots.errors import UsageError

CHANGES_PENDING = 3
"""Exit code of a check that found something to change."""


class Format(StrEnum):
    """How a result is printed; never changes what is done or the exit code."""

    TEXT = "text"
    JSON = "json"


def _named(account: str | None) -> str | None:
    """An empty name is a variable that was never set, and must not mean the default account."""
    if account == "":
        raise UsageError("--account: the name is empty; name an account, or leave the option out")
    return account


Paths: TypeAlias = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATHS", help="Manifest files and folders.", show_default="manifests"),
]


AccountName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="An account of lebots.yaml.",
        show_default="the project's default account",
        callback=_named,
    ),
]


OutputFormat: TypeAlias = Annotated[Format, typer.Option("--format", help="Output format.")]


Targets: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        metavar="ADDRESS",
        help="Only this object and what it refers to, such as BotUser/routing-bot; repeatable.",
    ),
]


Recreates: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--recreate",
        metavar="ADDRESS",
        help="Recreate this key (new client id and secret); repeatable.",
    ),
]


def addresses(texts: list[str] | None, option: str = "--target") -> tuple[Address, ...]:
    """The addresses an option was given; raises UsageError for text that is none."""
    try:
        return tuple(Address.parse(text) for text in texts or ())
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
