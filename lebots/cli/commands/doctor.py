"""``lebots doctor``: checks the connection, permissions, quotas and bots of one account."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap

from lebots.cli.terminal.console import result
from lebots.cli.terminal.options import AccountName, Format, OutputFormat, RulesFrom
from lebots.core.checks.doctor import Check, examine
from lebots.core.model.finding import Severity
from lebots.core.model.inventory import needed, reported
from lebots.documents.reports.checks import doctor as document
from lebots.documents.text import dumps
from lebots.errors import AccountError
from lebots.render.escape import visible
from lebots.run.inputs.manifests import ManifestSource, load
from lebots.run.inputs.project import ruled, told
from lebots.run.inputs.session import open_session

_WORDS = {
    Severity.NOTE: "ok",
    Severity.WARNING: "look",
    Severity.REFUSAL: "FAILS",
    Severity.ERROR: "FAILS",
}
_WIDTH = 92
_PROVED = frozenset({"reach", "credential", "rights", "clock", "feature", "count"})


def doctor(
    account: AccountName = None,
    format_: OutputFormat = Format.TEXT,
    rules_from: RulesFrom = None,
) -> None:
    """Check connection, permissions, quotas and the health of the bots."""

    project = told(ruled(rules_from))
    wanted = load(None, account, source=ManifestSource(project=project))[0]
    declared = {one.address.kind for one in wanted}
    with open_session(Path(), account, project) as session:
        account_id = session.client.account
        try:
            about = declared | reported(session.kinds)
            inventory = session.inventory(needed(session.kinds, about, users=False))
        except AccountError as error:
            # What stands in the way is what somebody asks a doctor for.
            checks = [Check("reach", Severity.ERROR, str(error))]
        else:
            actor, offset = session.client.actor(), session.client.clock_offset
            checks = examine(inventory, actor, offset, by_token=session.client.by_token)
    if format_ is Format.JSON:
        result(dumps(document(account_id, checks)))
    else:
        result(_drawn(checks))
    failed = sum(check.severity is Severity.ERROR for check in checks)
    if failed:
        raise AccountError(f"{failed} of {len(checks)} checks failed")


def _drawn(checks: Sequence[Check]) -> str:
    lines = []
    for check in checks:
        head = f"{_words(check):<5}  {check.name}  "
        lines += wrap(head + visible(check.message), _WIDTH, subsequent_indent=" " * 7)
    # Once more by line: wrapped, a word can come to stand where a CI runner takes it for a command.
    return "\n".join(map(visible, lines))


def _words(check: Check) -> str:
    # A note of the vendor's rules is advice, not a thing that was proved.
    if check.severity is Severity.NOTE and check.name not in _PROVED:
        return "note"
    return _WORDS[check.severity]
