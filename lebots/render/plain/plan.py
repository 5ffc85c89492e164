"""Plans, outcomes and findings as plain text, at most 92 columns wide where the content allows.

The same plan gives the same text: no clock, no terminal, no colour. Column 0 holds a marker, so
that a diff view colours the details by itself.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from lebots.core.compare.digest import plan_digest
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Origin, Outcome, Status
from lebots.core.model.finding import Finding
from lebots.core.model.kind import Kind
from lebots.core.model.plan import Plan
from lebots.next_steps import worded
from lebots.render.detail import detail
from lebots.render.effect_words import headline, hurting
from lebots.render.escape import visible
from lebots.render.finding import advice, finding_lines, refused, rolled_up, severities
from lebots.render.look_first import Alert, alerts, headed
from lebots.render.origins import ORIGINS
from lebots.render.plan_view import VERBS, WIDTH, PlanView, counted, heading, ranges
from lebots.render.rows import lined_rows, undeclared

_COUNTED = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.RENAME: "to rename",
    Action.DISABLE: "to DISABLE",
    Action.DELETE: "to DELETE",
}
_NOWHERE: Mapping[Address, str] = {}


class _Words(NamedTuple):
    heading: str
    counted: str


_ORIGINS = {
    ORIGINS[Origin.PROPOSED]: _Words("THIS BRANCH", "by this branch"),
    ORIGINS[Origin.PENDING]: _Words("PENDING, merged but not applied", "pending"),
    ORIGINS[Origin.DRIFT]: _Words("DRIFT, changed in the account: an apply reverts it", "drift"),
    ORIGINS[Origin.CONFLICT]: _Words(
        "CONFLICT, changed in the account too: an apply overwrites it", "in conflict"
    ),
}


def plan(
    planned: Plan,
    kinds: Mapping[str, Kind],
    *,
    version: str,
    places: Mapping[Address, str] = _NOWHERE,
    proposal: str = "lebots apply --expect {digest}",
    width: int = WIDTH,
) -> str:
    """The whole plan; ``places`` are where secrets go, ``proposal`` is the command that
    makes these changes, empty where it is running already.
    """
    view = PlanView(planned, kinds, places, width=width)
    sections = [
        _verdict(view, version),
        _look_first(view),
        _no_longer_declared(view),
        _changes(view),
        detail(view) if planned.writes else [],
        _left_alone(view),
        findings_section(advice(planned.findings), width),
        _refused(planned, width) or _closing(planned, proposal),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def outcome(ended: Outcome, number: int, total: int, kinds: Mapping[str, Kind]) -> str:
    """One line of a log: ``[2/5] done     create  skill "billing"  id 1204``."""
    return f"[{number:>{len(str(total))}}/{total}] {_outcome(ended, kinds)}"


def outcomes(ended: Sequence[Outcome], kinds: Mapping[str, Kind], *, converged: bool) -> str:
    """One line for each outcome, and the summary."""
    return "\n".join(
        [*(_outcome(one, kinds) for one in ended), summary(ended, converged=converged)]
    )


def summary(ended: Sequence[Outcome], *, converged: bool) -> str:
    """How an apply ended, in counts, and what to do next.

    ``converged`` tells whether a plan made afterwards was empty.
    """
    counts = Counter(one.status for one in ended)
    words = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
    if counts[Status.DONE] == len(ended) and any(one.beside for one in ended):
        return f"OUTCOME  {words}; the account changed more than what was written"
    if counts[Status.DONE] == len(ended) and converged:
        return f"OUTCOME  {words or 'nothing to do'}; the account is in sync"
    return f"OUTCOME  {words or 'nothing to do'}\nNEXT  {next_step(ended)}"


def findings(found: Iterable[Finding]) -> str:
    """One line for each finding, place first, and a line that counts them."""
    found = tuple(found)
    lines = [visible(str(worded(finding))) for finding in found]
    return "\n".join([*lines, severities(found)])


def verdict(planned: Plan) -> str:
    """What a plan comes to, in counts."""
    todo = [f"{planned.count(a)} {word}" for a, word in _COUNTED.items() if planned.count(a)]
    kept, reported = planned.count(Action.UNCHANGED), planned.count(Action.UNMANAGED)
    rest = [f"{kept} unchanged"] if kept else []
    rest += [f"{reported} unmanaged"] if reported else []
    parts = (
        refused(planned.refused),
        ", ".join(todo) or ("" if planned.refused else "no changes"),
        ", ".join(rest),
        f"{planned.live} live",
    )
    return "    ".join(part for part in parts if part)


def _verdict(view: PlanView, version: str) -> list[str]:
    planned = view.plan
    account = visible(f"{planned.name} ({planned.account})" if planned.name else planned.account)
    header = f"lebots {visible(version)}   account {account}"
    lines = [*_headline(view), verdict(planned), *_origins(view)]
    if planned.refused:
        return [f"{header}   REFUSED", *lines]
    return [header, *lines, f"digest {plan_digest(planned)}"]


def _headline(view: PlanView) -> list[str]:
    """What hurts, by effect; nothing where nothing does."""
    return [", ".join(headline(view))] if hurting(view) else []


def _origins(view: PlanView) -> list[str]:
    counts = {where: len(numbered) for where, numbered in view.differences.items()}
    words = [f"{counts.get(where, 0)} {one.counted}" for where, one in _ORIGINS.items()]
    words += [f"{len(view.plan.undeclared)} no longer declared"]
    told = counts.keys() & _ORIGINS.keys() or view.plan.undeclared
    line = "    ".join(words)
    return [line if len(line) <= view.width else ", ".join(words)] if told else []


def _look_first(view: PlanView) -> list[str]:
    lines = [line for alert in alerts(view) for line in _warned(view, alert)]
    return ["LOOK FIRST", *lines] if lines else []


def _warned(view: PlanView, alert: Alert) -> Iterator[str]:
    numbers = f"{ranges(alert.numbers):>{len(str(len(view.numbered)))}}"
    first, *rest = headed(f"  {numbers} {alert.marker} {alert.subject}", alert, view.width)
    yield from view.with_place(first, alert.source)
    for line in (*rest, *alert.below):
        room = view.width - 8
        parts = textwrap.wrap(line, room, subsequent_indent="  ", break_on_hyphens=False)
        # Once more, since a word from the middle now begins a line.
        yield from (f"        {visible(part)}" for part in parts)


def _changes(view: PlanView) -> list[str]:
    lines = []
    for where, numbered in view.differences.items():
        lines += [f"  {_ORIGINS[where].heading if where in _ORIGINS else where}"] if where else []
        for row, line in lined_rows(view, numbered):
            lines.append(view.placed(line, row.source) or line)
    return ["CHANGES, in order of apply", *lines] if lines else []


def _no_longer_declared(view: PlanView) -> list[str]:
    lines = [f"  . {line}" for line in undeclared(view)]
    return (
        ["NO LONGER DECLARED, stays in the account; --prune removes what is in scope", *lines]
        if lines
        else []
    )


def _left_alone(view: PlanView) -> list[str]:
    lines = [f"  {view.left(change)}" for change in view.left_alone]
    return ["UNMANAGED", *lines] if lines else []


def findings_section(found: Sequence[Finding], width: int = WIDTH) -> list[str]:
    """The findings below their heading, the gravest first; nothing where there is none."""
    lines = _finding_lines(found, width)
    return ["FINDINGS", *lines] if lines else []


def _finding_lines(found: Sequence[Finding], width: int) -> list[str]:
    return [line for one in rolled_up(found) for line in finding_lines(one, width=width)]


def _refused(planned: Plan, width: int) -> list[str]:
    """Why nothing of the plan can be applied: the last word, where a terminal shows it."""
    lines = _finding_lines(planned.refused, width)
    return ["REFUSED, nothing is applied until this is solved", *lines] if lines else []


def _closing(planned: Plan, proposal: str) -> list[str]:
    if not planned.writes:
        return []
    reads, writes = planned.calls.reads, planned.calls.writes
    cost = f"{counted(reads, 'read')}, {counted(writes, 'write')}"
    lines = [f"CALLS   apply: at most {cost}; then a second plan, expected empty"]
    if proposal:
        lines.append(f"NEXT  {visible(proposal.replace('{digest}', plan_digest(planned)))}")
    return lines


def _outcome(ended: Outcome, kinds: Mapping[str, Kind]) -> str:
    change = ended.change
    known = f"  id {visible(ended.id)}" if ended.id else ""
    reason = f"  {visible(ended.reason)}" if ended.reason else ""
    verb = VERBS.get(change.action, change.action.value)
    return f"{ended.status:<7}  {verb:<6}  {heading(change, kinds)}{known}{reason}"


def next_step(ended: Sequence[Outcome]) -> str:
    """What to do after an apply that left something undone."""
    counts = Counter(one.status for one in ended)
    if counts[Status.UNKNOWN]:
        return "run again: it looks what became of the unknown ones before it writes"
    if counts[Status.HELD]:
        return "plan again and have it approved: what is held back is not what was approved"
    if refused := [str(one.change.address) for one in ended if one.final]:
        return (
            f"first change what the account refuses for good ({visible(', '.join(refused))}), then "
            "plan again: another run ends the same way"
        )
    if counts[Status.FAILED] or counts[Status.BLOCKED]:
        return "run again: it does only the rest"
    return "plan again: the account does not show all that was written"
