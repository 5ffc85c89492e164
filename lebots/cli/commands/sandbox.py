"""``lebots sandbox``: the embedded account by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from lebots.cli.terminal.console import result
from lebots.cli.terminal.options import AccountName, Format, OutputFormat
from lebots.cli.terminal.table import show as draw
from lebots.core.did_you_mean import did_you_mean
from lebots.core.quoting import quoted
from lebots.documents.text import dumps
from lebots.errors import UsageError
from lebots.render.escape import visible
from lebots.run.inputs.embedded import open_sandbox
from lebots.run.inputs.project import load_project
from lebots.run.notices import message
from lebots.sandbox import Sandbox

_WHOLE = frozenset({"name", "loginName", "key"})
"""Columns that are never cut: what people copy from a table."""

_COLUMNS = {
    "skills": ("name", "bots", "humans", "description"),
    "keys": ("name", "type", "enabled", "bots"),
    "users": ("loginName", "userType", "profiles", "skills", "agentGroup", "key"),
}


def reset(account: AccountName = None) -> None:
    """Reset the embedded account to its first state."""
    with _opened(account) as sandbox:
        sandbox.reset()
    message("the embedded account is in its first state again")


def seed(
    account: AccountName = None,
    users: Annotated[int, typer.Option(min=0, help="Human agents to add.")] = 0,
    skills: Annotated[int, typer.Option(min=0, help="Skills to add.")] = 0,
    busy: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=N", help="Open conversations of a bot; repeatable."),
    ] = None,
) -> None:
    """Add made-up people, skills and conversations, to test with a large account."""
    open_conversations = dict(map(_conversations, busy or ()))
    if not (users or skills or open_conversations):
        raise UsageError("name what to add: --users N, --skills N, --busy NAME=N")
    with _opened(account) as sandbox:
        bots = [user["loginName"] for user in sandbox.show()["users"] if user["userType"] == "bot"]
        for name in open_conversations:
            if name not in bots:
                raise UsageError(f"there is no bot {quoted(name)}{did_you_mean(name, bots)}")
        sandbox.seed(users=users, skills=skills)
        for name, number in open_conversations.items():
            sandbox.busy(name, number)
    message(f"added {users} users and {skills} skills")
    for name, number in open_conversations.items():
        message(f"{name} has {number} open conversations")


def show(account: AccountName = None, format_: OutputFormat = Format.TEXT) -> None:
    """Show the objects of the embedded account."""
    with _opened(account) as sandbox:
        shown = sandbox.show()
    if format_ is Format.JSON:
        result(dumps(shown))
        return
    # Bots first: they are what lebots is about.
    shown["users"].sort(key=lambda user: user["userType"] != "bot")
    for title, columns in _COLUMNS.items():
        rows = [[_cell(row.get(column)) for column in columns] for row in shown[title]]
        draw(columns, rows, title, _WHOLE)


def _conversations(text: str) -> tuple[str, int]:
    """Name and number of ``NAME=N``."""
    name, _, number = text.rpartition("=")
    if not (name and number.isascii() and number.isdigit() and len(number) < 7):
        raise UsageError(f'--busy: write NAME=N, such as survey-bot=3, not "{text}"')
    return name, int(number)


@contextmanager
def _opened(account: str | None) -> Iterator[Sandbox]:
    config = load_project().account(account)
    if config.sandbox is None:
        raise UsageError(f'account "{config.name}" is not an embedded one')
    with open_sandbox(config.sandbox, config.name) as sandbox:
        yield sandbox


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_cell(item) for item in value)
    return visible(str(value)) if value is not None else ""
