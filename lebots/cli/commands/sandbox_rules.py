"""``lebots sandbox rules``: what the embedded account does."""

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
    show([*rows[0]], [[*map(str, row.values())] for row in rows])
