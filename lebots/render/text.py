"""Plans, outcomes and findings as plain text, at most 92 columns wide where the content allows.

The same plan gives the same text: no clock, no terminal, no colour. Column 0 holds a marker, so
that a diff view colours the details by itself.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lebots.core.digest import plan_digest
from lebots.core.kind import Kind
from lebots.core.model import (
    Action,
    Address,
    Change,
    FieldChange,
    Finding,
    Origin,
    Outcome,
    Plan,
    Severity,
    Status,
)
from lebots.render import origins
from lebots.render.detail import detail
from lebots.render.escape import quoted, visible
from lebots.render.sheet import VERBS, WIDTH, Sheet, counted, joined, title, unasked

_COUNTED = {
    Action.CREATE: "to create",
    Action.UPDATE: "to change",
    Action.RENAME: "to rename",
    Action.DISABLE: "to DISABLE",
    Action.DELETE: "to REMOVE",
}
_STOPS = (Severity.ERROR, Severity.REFUSAL)
_NOWHERE: Mapping[Address, str] = {}
_FIELD_NAMES = 40
"""Columns the names of changed fields may take in a line of CHANGES."""


def plan(
    planned: Plan,
    kinds: Mapping[str, Kind],
    *,
    version: str,
    places: Mapping[Address, str] = _NOWHERE,
    proposal: str = "lebots apply --expect {digest}",
) -> str:
    """The whole plan; ``places`` are where secrets go, ``proposal`` is the command that
    makes these changes, empty where it is running already.
    """
    sheet = Sheet(planned, kinds, places)
    sections = [
        _verdict(planned, version),
        _look_first(sheet),
        *_changes(sheet),
        detail(sheet) if planned.writes else [],
        _left_alone(sheet),
        findings_section(planned.findings),
        _closing(planned, proposal),
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
    if counts[Status.DONE] == len(ended) and converged:
        return f"OUTCOME  {words or 'nothing to do'}; the account is as the manifests say"
    return f"OUTCOME  {words or 'nothing to do'}\nNEXT  {_next_step(counts)}"


def findings(found: Iterable[Finding]) -> str:
    """One line for each finding, place first, and a line that counts them."""
    found = tuple(found)
    lines = [visible(str(finding)) for finding in found]
    return "\n".join([*lines, _severities(found)])


def _verdict(planned: Plan, version: str) -> list[str]:
    stops = tuple(finding for finding in planned.findings if finding.severity in _STOPS)
    todo = [f"{planned.count(a)} {word}" for a, word in _COUNTED.items() if planned.count(a)]
    kept, reported = planned.count(Action.KEEP), planned.count(Action.REPORT)
    rest = [f"{kept} unchanged"] if kept else []
    rest += [f"{reported} left alone"] if reported else []
    header = f"lebots {visible(version)}   account {visible(planned.account)}"
    if stops:
        return [header, f"no plan: {_severities(stops)}"]
    verdict = ", ".join(todo) or "no changes"
    return [
        header,
        "    ".join(part for part in (verdict, ", ".join(rest), f"{planned.live} live") if part),
        *_origins(planned),
        f"digest {plan_digest(planned)}",
    ]


def _origins(planned: Plan) -> list[str]:
    if not origins.told(planned):
        return []
    found = origins.counts(planned)
    return ["    ".join(f"{found[origin]} {word}" for origin, word in origins.WORDS.items())]


def _look_first(sheet: Sheet) -> list[str]:
    lines = [
        line
        for number, change in sheet.numbered
        if change.action is Action.DELETE or change.sink or unasked(change)
        for line in _warned(sheet, number, change)
    ]
    return ["LOOK FIRST", *lines] if lines else []


def _warned(sheet: Sheet, number: int, change: Change) -> Iterator[str]:
    words, below = [], []
    if change.action is Action.DELETE:
        below.append("lebots cannot undo this")
    if change.sink:
        create = change.action is Action.CREATE
        words.append("YIELDS A SECRET" if create else "DELIVERS A SECRET")
        place = sheet.places.get(change.address)
        where = f", at {quoted(place)}" if place else ""
        below.append(f"to sink {quoted(change.sink)}{where}; never printed")
    if unasked(change):
        words.append("CHANGES MORE THAN THE MANIFEST SAYS")
        notes = {part.note: None for part in change.fields if part.note}
        below += [_named(change, note) for note in notes]
    if change.note:
        below.append(visible(change.note))
    yield from sheet.with_place("  ".join([sheet.head(number, change), *words]), change.source)
    yield from (f"        {line}" for line in below)


def _named(change: Change, note: str) -> str:
    names = [visible(part.path) for part in change.fields if part.note == note]
    return f"{', '.join(names)}: {visible(note)}"


def _changes(sheet: Sheet) -> list[list[str]]:
    """One list of all changes, or where a base was given one for each origin."""
    if not origins.told(sheet.plan):
        lines = list(_listed(sheet, sheet.numbered, None))
        return [["CHANGES, in order of apply", *lines]] if lines else []
    return [
        [origins.HEADINGS[origin], *_listed(sheet, chosen, origin)]
        for origin, chosen in origins.sections(sheet.plan)
    ]


def _listed(
    sheet: Sheet, chosen: Sequence[tuple[int, Change]], origin: Origin | None
) -> Iterator[str]:
    heads = [sheet.head(number, change) for number, change in sheet.numbered]
    width = min(max(map(len, heads), default=0), WIDTH // 2)
    for number, change in chosen:
        about = _about(sheet, number, change, origins.fields_of(change, origin))
        line = f"{heads[number - 1]:<{width}}   {about}".rstrip()
        yield sheet.placed(line, change.source) or line


def _about(sheet: Sheet, number: int, change: Change, fields: Sequence[FieldChange]) -> str:
    names = ", ".join(visible(part.path) for part in fields)
    if len(names) > _FIELD_NAMES:
        names = counted(len(fields), "field")
    needs = sheet.needs(number, change)
    waits = f"needs {joined([str(earlier) for earlier in needs])}" if needs else ""
    return ", ".join(part for part in (names, waits) if part)


def _left_alone(sheet: Sheet) -> list[str]:
    """What lebots sees and does not touch, and what it touches no more."""
    lines = []
    for change in sheet.plan.changes:
        if change.action is Action.REPORT or (change.action is Action.KEEP and change.note):
            marker = "." if change.action is Action.REPORT else "="
            known = f"   id {visible(change.id)}" if change.id else ""
            note = f"   {visible(change.note)}" if change.note else ""
            lines.append(f"  {marker} {title(change.address, sheet.kinds)}{known}{note}")
    return ["LEFT ALONE", *lines] if lines else []


def findings_section(found: Sequence[Finding]) -> list[str]:
    """The findings below their heading, the weightiest first; nothing where there is none."""
    weights = list(Severity)
    lines = []
    for finding in sorted(found, key=lambda one: weights.index(one.severity)):
        about = f"{finding.address}: " if finding.address else ""
        place = f"  {finding.source.file}:{finding.source.line}" if finding.source else ""
        text = visible(f"{finding.code}  {about}{finding.message}{place}")
        lines += _wrapped(f"  {finding.severity:<7} {text}")
    return ["FINDINGS", *lines] if lines else []


def _wrapped(line: str) -> list[str]:
    broken = textwrap.wrap(
        line, WIDTH, subsequent_indent=" " * 10, break_long_words=False, break_on_hyphens=False
    )
    # Once more, since a word from the middle now begins a line.
    return [visible(part) for part in broken]


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
    reason = f"  {visible(ended.error)}" if ended.error else ""
    verb = VERBS.get(change.action, change.action.value)
    return f"{ended.status:<7}  {verb:<6}  {title(change.address, kinds)}{known}{reason}"


def _next_step(counts: Counter[Status]) -> str:
    if counts[Status.UNKNOWN]:
        return "run again: it looks what became of the unknown ones before it writes"
    if counts[Status.HELD]:
        return "plan again and have it approved: what is held back is not what was approved"
    if counts[Status.FAILED] or counts[Status.BLOCKED]:
        return "run again: it does only the rest"
    return "plan again: the account does not show all that was written"


def _severities(found: Sequence[Finding]) -> str:
    counts = Counter(finding.severity for finding in found)
    words = [counted(counts[severity], severity) for severity in Severity if counts[severity]]
    return ", ".join(words) or "no findings"
