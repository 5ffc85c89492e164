"""Every command, found in the command line itself, and a line of arguments that each can run."""

from collections.abc import Iterator
from typing import Any

import typer.main

from lebots.cli import app

RUNS: dict[str, tuple[str, ...]] = {
    "plan": (),
    "apply": ("--yes",),
    "validate": (),
    "import": ("--out", "imported"),
    "fmt": (),
    "compare": ("--from", "sandbox", "--to", "staging"),
    "doctor": (),
    "verify": ("--yes",),
    "rotate": ("Key/routing-bot", "--yes"),
    "schema": ("--account", "sandbox"),
    "explain": (),
    "get": ("Key/routing-bot",),
    "init": ("new",),
    "receipt push": ("receipt.json",),
    "receipt pull": ("receipt.json",),
    "sandbox serve": ("--port", "0"),
    "sandbox rules": (),
    "sandbox reset": (),
    "sandbox seed": ("--users", "1"),
    "sandbox show": (),
}
"""By command: arguments with which it succeeds in the project of the tests."""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by its words, and as the command line has it."""
    yield from _below("", typer.main.get_command(app))


def _below(words: str, group: Any) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _below(f"{words}{name} ", command)
        else:
            yield words + name, command.loaded
