"""``lebots plan --drift``: only what somebody changed in the account, for a scheduled job."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer

from lebots.cli.console import result
from lebots.cli.options import CHANGES_PENDING, Format
from lebots.cli.receipts import read
from lebots.core.model import Desired, Finding
from lebots.core.planner import stops
from lebots.core.terms import Asked
from lebots.errors import Refused


def drifted(
    desired: Sequence[Desired],
    findings: Sequence[Finding],
    account: str | None,
    asked: Asked,
    receipt: Path | None,
    format_: Format,
) -> None:
    """Reports and ends with 3 where there is anything, with 6 where an object cannot be looked at.

    The account is read once; no sink is asked, so the job needs no more than a right to read.
    """
    from lebots import __version__
    from lebots.cli.session import open_session
    from lebots.core.drift import drift
    from lebots.render import drift as render
    from lebots.render.json import dumps

    with open_session(Path(), account) as session:
        known = read(receipt, session.client.account) if receipt else None
        found = drift(desired, session.port.read(), session.kinds, known, asked.only)
    found = replace(found, findings=(*findings, *found.findings))
    if format_ is Format.TEXT:
        result(render.text(found, session.kinds, version=__version__))
    else:
        result(dumps(render.document(found, version=__version__)))
    if found:
        raise typer.Exit(CHANGES_PENDING)
    if stops(found.findings):
        raise Refused("some objects cannot be looked at, so that nobody knows whether they changed")
