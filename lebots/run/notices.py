"""Shows findings and warnings of a run on stderr, and stops a run that has errors."""

import sys
from collections.abc import Iterable, Mapping

from lebots.account.telling.watch import Watch
from lebots.core.model.finding import Finding, Severity
from lebots.core.planner import is_blocking
from lebots.errors import AccountError, InvalidInput, Refused
from lebots.render.plain.plan import findings as drawn


def message(text: str) -> None:
    """Prints anything that is not the result to stderr."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


_asked_for = False


def tell_requests(wanted: bool) -> None:
    """Notes whether the command line asks for a line for each request."""
    global _asked_for
    _asked_for = wanted


def watching(environment: Mapping[str, str], *, embedded: bool = False) -> Watch:
    """What tells of requests and waits on stderr: on a terminal in one line that goes again."""
    verbose = _asked_for or environment.get("LEBOTS_DEBUG") == "1"
    looked_at = not (verbose or embedded) and sys.stderr is not None and sys.stderr.isatty()
    return Watch(message, _passing if looked_at else None, verbose)


def _passing(text: str) -> None:
    print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)  # noqa: T201


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
