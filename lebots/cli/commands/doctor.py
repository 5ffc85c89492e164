"""``lebots doctor``: checks the connection, permissions, quotas and bots of one account."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from lebots.cli.terminal.console import result
from lebots.cli.terminal.options import AccountName, Format, OutputFormat
from lebots.core.model.finding import Severity
from lebots.errors import AccountError

if TYPE_CHECKING:
    from lebots.core.checks.doctor import Check

_WORDS = {
    Severity.NOTE: "ok",
    Severity.WARNING: "look",
    Severity.REFUSAL: "FAILS",
    Severity.ERROR: "FAILS",
}
_WIDTH = 92
_PROVED = frozenset({"reach", "credential", "rights", "clock", "feature", "count"})


def doctor(account: AccountName = None, format_: OutputFormat = Format.TEXT) -> None:
    """Check connection, permissions, quotas and the health of the bots."""
    from lebots.core.checks.doctor import Check, examine
    from lebots.core.model.inventory import Inventory
    from lebots.documents.text import dumps
    from lebots.run.inputs.session import open_session

    with open_session(Path(), account) as session:
        account_id = session.client.account
        try:
            reading = session.port.read()
        except AccountError as error:
            # What stands in the way is what somebody asks a doctor for.
            checks = [Check("reach", Severity.ERROR, str(error))]
        else:
            actor, offset = session.client.actor(), session.client.clock_offset
            checks = examine(Inventory(reading, session.kinds), actor, offset)
    if format_ is Format.JSON:
        listed = [{"name": c.name, "severity": c.severity, "message": c.message} for c in checks]
        result(dumps({"formatVersion": 1, "account": account_id, "checks": listed}))
    else:
        result(_drawn(checks))
    failed = sum(check.severity is Severity.ERROR for check in checks)
    if failed:
        raise AccountError(f"{failed} of {len(checks)} checks failed")


def _drawn(checks: Sequence["Check"]) -> str:
    from lebots.render.escape import visible

    lines = []
    for check in checks:
        head = f"{_words(check):<5}  {check.name}  "
        lines += wrap(head + visible(check.message), _WIDTH, subsequent_indent=" " * 7)
    # Once more by line: wrapped, a word can come to stand where a CI runner takes it for a command.
    return "\n".join(map(visible, lines))


def _words(check: "Check") -> str:
    # A note of the vendor's rules is advice, not a thing that was proved.
    if check.severity is Severity.NOTE and check.name not in _PROVED:
        return "note"
    return _WORDS[check.severity]
