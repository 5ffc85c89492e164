"""Findings and changes as workflow commands, which GitHub shows on the lines of manifests.

This is the one renderer that writes commands for a runner; what it says inside is escaped twice,
as text and as a command's data (T14).
"""

from collections.abc import Iterable, Iterator

from lebots.core.model.address import Source
from lebots.core.model.change import Action, Change
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import Plan
from lebots.next_steps import worded
from lebots.render.escape import quoted, visible
from lebots.render.finding import advice, by_weight
from lebots.render.plan_view import VERBS, hurts, unasked

_LEVELS = {
    Severity.ERROR: "error",
    Severity.REFUSAL: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
}


def findings(found: Iterable[Finding], why: str = "") -> str:
    """A command for each finding; heavier ones first, since GitHub shows about ten of a level."""
    return "\n".join(
        _command(_LEVELS[one.severity], one.source, why + one.code, _message(one))
        for one in by_weight(found)
    )


def plan(planned: Plan) -> str:
    """A command for each change that a manifest asks for, and for each finding.

    Why the plan is refused comes first.
    """
    refused = findings(planned.refused, "refused: ")
    lines = [refused, *_changes(planned), findings(advice(planned.findings))]
    return "\n".join(line for line in lines if line)


def _changes(planned: Plan) -> Iterator[str]:
    changes = [change for change in planned.writes if change.source]
    for change in sorted(changes, key=lambda one: not _hurts(one)):
        level = "warning" if _hurts(change) else "notice"
        yield _command(level, change.source, f"lebots {VERBS[change.action]}", _about(change))


def _hurts(change: Change) -> bool:
    return hurts(change) or unasked(change)


def _about(change: Change) -> str:
    names = ", ".join(visible(part.path) for part in change.fields)
    words = f"{VERBS[change.action]} {visible(change.address.kind)} {quoted(change.address.name)}"
    if change.was:
        words += f", before {quoted(change.was)}"
    if change.sink:
        how = "generated" if change.action is Action.CREATE else "delivered"
        words += f"; a secret will be {how} to sink {quoted(change.sink)}"
    return f"{words}: {names}" if names else words


def _message(finding: Finding) -> str:
    about = f"{finding.address}: " if finding.address else ""
    return visible(f"{about}{worded(finding).message}")


def _command(level: str, source: Source | None, title: str, message: str) -> str:
    place = (
        [f"file={_property(source.file)}", f"line={source.line}", f"col={source.column}"]
        if source
        else []
    )
    return f"::{level} {','.join([*place, f'title={_property(title)}'])}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
