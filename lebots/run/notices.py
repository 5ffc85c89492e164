"""Shows findings and warnings of a run on stderr, and stops a run that has errors."""

import sys
from collections.abc import Iterable

from lebots.core.model.finding import Finding, Severity
from lebots.core.planner import is_blocking
from lebots.errors import AccountError, InvalidInput, Refused
from lebots.render.plain.plan import findings as drawn


def message(text: str) -> None:
    """Prints anything that is not the result to stderr."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def gate(findings: Iterable[Finding], *, show: bool = True) -> None:
    """Stops the run where a finding stands in its way; shows the others on stderr.

    Raises InvalidInput where the manifests are wrong, AccountError where the account does not show
    what they need, Refused where it stands against them.
    """
    findings = tuple(findings)
    if not is_blocking(findings):
        if findings and show:
            message(drawn(findings))
        return
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise InvalidInput(findings)
    if any(one.facts.unread for one in findings if is_blocking([one])):
        raise AccountError(drawn(findings))
    raise Refused(drawn(findings))
