"""``lebots get``: one manifest as an account gets it, each value with its place."""

from typing import Annotated

import typer

from lebots import kinds
from lebots.cli.terminal.console import result
from lebots.cli.terminal.options import DECLARED, AccountName, addresses
from lebots.core.planner import selected
from lebots.render.plain.manifest import manifest
from lebots.run.inputs.manifests import load
from lebots.run.notices import gate


def get(
    address: Annotated[
        str, typer.Argument(**DECLARED, help="An object, such as BotUser/routing-bot.")
    ],
    account: AccountName = None,
) -> None:
    """Show every value of one manifest with its file and line, overlays included."""
    loaded = kinds.load()
    (wanted_at,) = addresses([address], "ADDRESS")
    desired, findings = load(None, account)
    gate(findings)
    wanted = next(w for w in selected(desired, (wanted_at,), loaded) if w.address == wanted_at)
    result(manifest(wanted, loaded[wanted_at.kind]))
