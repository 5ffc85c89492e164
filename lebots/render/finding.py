"""Findings as lines of a plan, and in counts."""

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from lebots.core.model.finding import NO_FACTS, Finding, Severity
from lebots.core.model.plan import BLOCKING
from lebots.next_steps import worded
from lebots.render.escape import visible
from lebots.render.plan_view import WIDTH, counted

_MANY = 4
"""From so many on, findings of one code are one line."""
_NAMED = 2
"""Objects that such a line names beside the first."""


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


def rolled_up(found: Iterable[Finding]) -> list[Finding]:
    """The findings, the gravest first; of many notes of one code the first, with their number."""
    groups: dict[object, list[Finding]] = {}
    for position, one in enumerate(by_weight(found)):
        alike = one.severity in (Severity.WARNING, Severity.NOTE)
        groups.setdefault((one.severity, one.code) if alike else position, []).append(one)
    return [
        one
        for group in groups.values()
        for one in (group if len(group) < _MANY else [_for_all(group)])
    ]


def _for_all(group: Sequence[Finding]) -> Finding:
    others = [str(one.address) for one in group[1 : 1 + _NAMED] if one.address]
    rest = len(group) - 1 - len(others)
    if rest:
        others.append(f"{rest} more")
    words = f"{worded(group[0]).message} (so too {', '.join(others)})"
    return replace(group[0], message=words, facts=NO_FACTS)


def finding_lines(
    finding: Finding, shown: Callable[[str], str] = str, width: int = WIDTH
) -> list[str]:
    """One finding, wrapped; ``shown`` is what else visible text must go through."""
    about = f"{finding.address}: " if finding.address else ""
    place = f"  {finding.source.file}:{finding.source.line}" if finding.source else ""
    text = shown(visible(f"{finding.code}  {about}{worded(finding).message}{place}"))
    broken = textwrap.wrap(
        f"  {finding.severity:<7} {text}",
        width,
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
