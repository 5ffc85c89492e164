"""Findings as lines of a plan, and in counts."""

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import BLOCKING
from lebots.next_steps import worded
from lebots.render.escape import visible
from lebots.render.plan_view import WIDTH, counted


def stopping(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that stand in the way of a plan."""
    return tuple(finding for finding in found if finding.severity in BLOCKING)


def advice(found: Iterable[Finding]) -> list[Finding]:
    """The other findings."""
    return [finding for finding in found if finding.severity not in BLOCKING]


def refused(found: Sequence[Finding]) -> str:
    """``refused (1 refusal)``, where these are why a plan is; empty where it may be applied."""
    return f"refused ({severities(found)})" if found else ""


def by_weight(found: Iterable[Finding]) -> list[Finding]:
    """The findings, the gravest first."""
    weights = list(Severity)
    return sorted(found, key=lambda one: weights.index(one.severity))


def finding_lines(finding: Finding, shown: Callable[[str], str] = str) -> list[str]:
    """One finding, wrapped; ``shown`` is what else visible text must go through."""
    about = f"{finding.address}: " if finding.address else ""
    place = f"  {finding.source.file}:{finding.source.line}" if finding.source else ""
    text = shown(visible(f"{finding.code}  {about}{worded(finding).message}{place}"))
    broken = textwrap.wrap(
        f"  {finding.severity:<7} {text}",
        WIDTH,
        subsequent_indent=" " * 10,
        break_long_words=False,
        break_on_hyphens=False,
    )
    # Once more, since a word from the middle now begins a line.
    return [visible(part) for part in broken]


def severities(found: Sequence[Finding]) -> str:
    """``1 error, 2 warnings``."""
    counts = Counter(finding.severity for finding in found)
    words = [counted(counts[severity], severity) for severity in Severity if counts[severity]]
    return ", ".join(words) or "no findings"
