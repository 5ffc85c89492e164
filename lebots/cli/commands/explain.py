"""``lebots explain``: the kinds in words, for people."""

from typing import Annotated

import typer

from lebots import kinds
from lebots.cli.terminal.console import result
from lebots.cli.terminal.known import known
from lebots.core.did_you_mean import did_you_mean
from lebots.core.quoting import command
from lebots.errors import UsageError
from lebots.render.escape import quoted
from lebots.render.plain import explain as words


def explain(
    name: Annotated[
        str | None,
        typer.Argument(metavar="WHAT", help="KIND or KIND.field.", show_default=False),
    ] = None,
) -> None:
    """Explain the kinds, one kind, or one field."""
    loaded = kinds.load()
    if name is None:
        result(words.kinds(loaded))
        return
    if "/" in name:
        raise UsageError(f"explain is for kinds and fields; see `{command('lebots', 'get', name)}`")
    kind_name, _, path = name.partition(".")
    kind = loaded[known(kind_name, loaded, "kind")]
    if not path:
        result(words.kind(kind))
        return
    found = words.field(kind, path)
    if not found:
        hint = did_you_mean(path, kind.by_name)
        raise UsageError(f"{kind.name} has no field {quoted(path)}{hint}")
    result(found)
