"""Findings and changes as workflow commands, which GitHub shows on the lines of manifests.

This is the one renderer that writes commands for a runner; what it says inside is escaped twice,
as text and as a command's data (T14).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from lebots.core.model.address import Source
from lebots.core.model.change import HARMFUL, Action, Change
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.kind import Kind
from lebots.core.model.plan import Plan
from lebots.next_steps import worded
from lebots.render.detail import in_short
from lebots.render.escape import visible
from lebots.render.finding import advice, by_weight
from lebots.render.look_first import UNASKED, Alert, alerts
from lebots.render.plan_view import VERBS, PlanView, counted

_LEVELS = {
    Severity.ERROR: "error",
    Severity.REFUSAL: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
}
_MOST = 10
"""Annotations of one level that GitHub shows of a step."""


class _Annotation(NamedTuple):
    level: str
    title: str
    words: str
    source: Source | None = None

    def command(self) -> str:
        """The line that a runner obeys."""
        place = self.source
        properties = [f"title={_property(self.title)}"]
        if place:
            where = (f"file={_property(place.file)}", f"line={place.line}", f"col={place.column}")
            properties = [*where, *properties]
        return f"::{self.level} {','.join(properties)}::{_data(visible(self.words))}"


def findings(found: Iterable[Finding]) -> str:
    """A command for each finding; heavier ones first, since GitHub shows about ten of a level."""
    return "\n".join(one.command() for one in _findings(found))


def plan(planned: Plan, kinds: Mapping[str, Kind]) -> str:
    """Why the plan is refused, what hurts, what is found and what else changes, in this order.

    Of one level no more than GitHub shows.
    """
    view = PlanView(planned, kinds)
    first = alerts(view)
    found = [
        *_findings(planned.refused, "refused: "),
        *(_alerted(view, alert) for alert in first),
        *_findings(advice(planned.findings)),
        *_undeclared(planned),
        *_changed(view, first),
    ]
    return "\n".join(one.command() for one in _shown(found))


def _shown(found: Sequence[_Annotation]) -> Iterator[_Annotation]:
    """The first of each level, and how many more there are."""
    for level, number in Counter(one.level for one in found).items():
        same = [one for one in found if one.level == level]
        if number <= _MOST:
            yield from same
            continue
        yield from same[: _MOST - 1]
        rest = number - _MOST + 1
        yield _Annotation(level, "lebots", f"and {rest} more of this level: read the whole plan")


def _findings(found: Iterable[Finding], why: str = "") -> Iterator[_Annotation]:
    for one in by_weight(found):
        about = f"{one.address}: " if one.address else ""
        message = visible(f"{about}{worded(one).message}")
        yield _Annotation(_LEVELS[one.severity], why + one.code, message, one.source)


def _alerted(view: PlanView, alert: Alert) -> _Annotation:
    """What hurts, with its values, at the line of the field that brings it."""
    harm = not alert.effects or any(one in HARMFUL for one in alert.effects)
    head = "  ".join(filter(None, [alert.subject, alert.path, alert.values]))
    message = head + "".join(_after(line) for line in alert.below)
    source = alert.source or _nearest(view, alert.change)
    title = alert.words or ", ".join(alert.effects) or UNASKED
    return _Annotation("warning" if harm else "notice", f"lebots: {title}", message, source)


def _after(line: str) -> str:
    """A line below an alert, behind what stands before it; an indented one continues another."""
    return f" {line.strip()}" if line.startswith(" ") else f"; {line}"


def _nearest(view: PlanView, change: Change) -> Source | None:
    """Where manifests say something of what uses an object that none of them declares."""
    by_address = {one.address: one.source for one in view.plan.changes if one.source}
    owner = view.parts.get(change.address)
    near = [*([owner] if owner else []), *(one.address for one in change.used_by)]
    return next((by_address[one] for one in near if one in by_address), None)


def _undeclared(planned: Plan) -> Iterator[_Annotation]:
    """What stays in the account, where it is declared or was."""
    for one in planned.undeclared:
        names = ", ".join(visible(path) for path in one.fields) or "the whole object"
        message = f"{one.address}: {names} stays in the account as it is"
        yield _Annotation(
            "notice", "lebots: no longer declared", message, one.source or one.base_source
        )


def _changed(view: PlanView, told: Sequence[Alert]) -> Iterator[_Annotation]:
    """What changes besides: an object that comes or goes, and each field with its values."""
    said = {(alert.change.address, alert.path) for alert in told}
    whole = {number for alert in told if not alert.path for number in alert.numbers}
    for number, change in view.numbered:
        title = f"lebots: {VERBS[change.action]}"
        if change.action is not Action.UPDATE or not change.fields:
            if number not in whole:
                about = counted(len(change.fields), "field")
                yield _Annotation("notice", title, f"{view.title(change)}: {about}", change.source)
            continue
        for part in change.fields:
            if (change.address, visible(part.path)) not in said:
                values = in_short(change.action, part)
                message = f"{view.title(change)}  {visible(part.path)}  {values}"
                yield _Annotation("notice", title, message, part.source or change.source)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")
