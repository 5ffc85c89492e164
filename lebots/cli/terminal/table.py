"""Tables on stdout."""

import sys

from rich.console import Console, RenderableType

from lebots.cli.terminal.console import on_terminal, printed

_UNCUT = 10_000
"""Columns of a table that no terminal cuts."""


def show(drawn: RenderableType) -> None:
    """Prints a table to stdout, as wide as the terminal, and as wide as it is elsewhere."""
    console = Console(width=None if on_terminal(sys.stdout) else _UNCUT)
    with console.capture() as captured:
        console.print(drawn)
    printed(captured.get())
