"""Tables on stdout."""

import sys
from collections.abc import Collection, Iterator, Sequence
from textwrap import wrap

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lebots.cli.terminal.console import on_terminal, printed

_UNCUT = 10_000
"""Columns of a table that no terminal cuts."""
_BORDERS = 3
"""Columns that the frame of a cell takes."""


def show(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    title: str | None = None,
    whole: Collection[str] = (),
) -> None:
    """Prints rows to stdout: as a table where each word has room in the terminal, else each row as
    lines of its own; a table elsewhere is as wide as it is. Columns that are ``whole`` never wrap.
    """
    console = Console(width=None if on_terminal(sys.stdout) else _UNCUT)
    least = [
        max(map(len, [name, *(row[at] if name in whole else _longest(row[at]) for row in rows)]))
        for at, name in enumerate(columns)
    ]
    if sum(least) + _BORDERS * len(columns) + 1 > console.width:
        printed("\n".join([*([title] if title else []), *_lined(columns, rows, console.width), ""]))
        return
    table = Table(title=title, title_justify="left")
    for name, width in zip(columns, least, strict=True):
        table.add_column(name, overflow="fold", no_wrap=name in whole, min_width=width)
    for row in rows:
        table.add_row(*map(Text, row))
    with console.capture() as captured:
        console.print(table)
    printed(captured.get())


def _longest(text: str) -> str:
    return max(text.split(), key=len, default="")


def _lined(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    for first, *others in rows:
        told = [f"{name} {cell}" for name, cell in zip(columns[1:], others, strict=True) if cell]
        yield first
        parts = wrap(
            "; ".join(told), max(width - 2, 20), break_long_words=False, break_on_hyphens=False
        )
        yield from (f"  {part}" for part in parts)
