"""``lebots sandbox rules``: what the embedded account does."""

from rich.table import Table
from rich.text import Text

from lebots.cli.terminal.console import result
from lebots.cli.terminal.options import Format, OutputFormat
from lebots.cli.terminal.table import show
from lebots.documents.text import dumps
from lebots.sandbox.rules.table import table


def rules(format_: OutputFormat = Format.TEXT) -> None:
    """List the rules of the embedded account: documented, observed or guessed."""
    rows = table()
    if format_ is Format.JSON:
        result(dumps({"formatVersion": 1, "rules": rows}))
        return
    drawn = Table()
    for column in rows[0]:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(str(cell)) for cell in row.values()))
    show(drawn)
