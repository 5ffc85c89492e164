"""The arguments and options that several commands share."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from lebots.cli.terminal import completion
from lebots.core.did_you_mean import did_you_mean
from lebots.core.model.address import Address
from lebots.core.quoting import quoted
from lebots.errors import UsageError

CHANGES_PENDING = 3
"""Exit code of a check that found something to change."""


class Format(StrEnum):
    """How a result is printed; never changes what is done or the exit code."""

    TEXT = "text"
    JSON = "json"


def one_of(names: Iterable[str], *flags: str, help_: str) -> Any:
    """An option that takes one of these names, and answers others with the one that is meant."""
    by_name = {str(name): name for name in names}
    listed = ", ".join(by_name)

    def parse(text: str) -> str:
        if text not in by_name:
            hint = did_you_mean(text, by_name, f"write one of {listed}")
            raise typer.BadParameter(f"there is no {quoted(text)}{hint}")
        return by_name[text]

    return typer.Option(
        *flags,
        parser=parse,
        metavar=f"<{'|'.join(by_name)}>",
        autocompletion=lambda: list(by_name),
        help=help_,
    )


def _named(account: str | None) -> str | None:
    """An empty name is a variable that was never set, and must not mean the default account."""
    if account == "":
        raise UsageError("--account: the name is empty; name an account, or leave the option out")
    return account


def _ref(ref: str | None) -> str | None:
    """Nor must an empty name mean the rules of the file here."""
    if ref == "":
        raise UsageError("--rules-from: the name is empty; name a commit, or leave the option out")
    return ref


Paths: TypeAlias = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATHS", help="Manifest files and folders.", show_default="manifests"),
]


ACCOUNT: Mapping[str, Any] = {"metavar": "NAME", "autocompletion": completion.accounts}
"""What an option has that names an account."""
AccountName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        **ACCOUNT,
        help="An account of lebots.yaml.",
        show_default="the project's default account",
        callback=_named,
    ),
]


RulesFrom: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--rules-from",
        metavar="REF",
        envvar="LEBOTS_RULES_FROM",
        show_envvar=False,
        help="Logins, sinks, guards and scope of lebots.yaml at REF, such as origin/main; a dot "
        "for the file here.",
        show_default="the base of plan --base, else the file here",
        callback=_ref,
    ),
]

DECLARED: Mapping[str, Any] = {"metavar": "ADDRESS", "autocompletion": completion.declared}
"""What an argument has that is the address of something the manifests declare."""

OutputFormat: TypeAlias = Annotated[Format, one_of(Format, "--format", help_="Output format.")]


def addresses(texts: list[str] | None, option: str) -> tuple[Address, ...]:
    """The addresses an option was given; raises UsageError for text that is none."""
    try:
        return tuple(Address.parse(text) for text in texts or ())
    except ValueError as error:
        raise UsageError(f"{option}: {error}, such as BotUser/routing-bot") from None
