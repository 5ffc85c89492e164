"""The parts of a plan's comment, each with the priority by which a long comment leaves it out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from lebots.core.model.change import REMOVALS, Action, Change, Origin
from lebots.core.model.finding import Finding
from lebots.render.comment.budget import Block, Paragraph, Part
from lebots.render.comment.fence import broken
from lebots.render.detail import described
from lebots.render.finding import advice as told
from lebots.render.finding import by_weight, finding_lines, severities, stopping
from lebots.render.look_first import Alert, Concern, alerts
from lebots.render.plan_view import ORIGINS, VERBS, WIDTH, PlanView, counted, symbol, used_by

_FIRST = 50
"""Removals, secrets and so on that are looked at before any other line."""
_COLUMNS = {**VERBS, Action.UNCHANGED: "unchanged", Action.UNMANAGED: "unmanaged"}
_RARE = {Action.RENAME, Action.DISABLE}
_OTHER_KINDS = "other kinds"
_LEFT = {Action.UNMANAGED: "unmanaged", Action.UNCHANGED: "unchanged, with a note"}
_LONG_DETAIL = 3_000
"""Characters; an object with more is left out before it drives out many others."""
_LONGEST_LINE = 400
"""Characters of a line that must not be left out because a name in it fills a comment."""


class DropPriority(IntEnum):
    """What is left out first, second and so on."""

    LONG_DETAIL = 0
    DETAIL_OF_CREATE = 1
    DETAIL = 2
    DETAIL_OF_REMOVAL = 3
    NAMES = 4
    LINE = 5
    LATE_ALERT = 6
    BELOW_ALERT = 7
    ALERT = 8
    STOPPING = 9


def table(sheet: PlanView) -> str:
    """How many objects of each kind meet what."""
    columns = [action for action in _COLUMNS if action not in _RARE or sheet.plan.count(action)]
    counts = Counter((_kind(sheet, c), c.action) for c in sheet.plan.changes)
    rows = [["kind", *(_COLUMNS[column] for column in columns)], ["---"] * (1 + len(columns))]
    for kind in dict.fromkeys(_kind(sheet, change) for change in sheet.plan.changes):
        rows.append([kind, *(str(counts[kind, column]) for column in columns)])
    totals = (f"**{sheet.plan.count(column)}**" for column in columns)
    rows.append(["**all**", *totals])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def look_first(sheet: PlanView) -> Iterator[Paragraph]:
    """What can hurt; never folded."""
    found = alerts(sheet)
    if not found:
        return
    counts = Counter(concern for alert in found for concern in alert.concerns)
    words = ", ".join(concern.counted(counts[concern]) for concern in Concern if counts[concern])
    yield f"**Look first:** {words}"
    yield Block("diff", tuple(_alerted(sheet, found)))


def _alerted(sheet: PlanView, found: Sequence[Alert]) -> Iterator[Part]:
    seen: Counter[Concern] = Counter()
    for alert in found:
        seen.update(alert.concerns)
        early = min(seen[concern] for concern in alert.concerns) <= _FIRST
        marker = _marker(alert.change)
        line = "  ".join([_line(sheet, alert.number, alert.change), *alert.words])
        yield Part(
            [_clipped(one) for one in sheet.with_place(line, alert.change.source)],
            (DropPriority.ALERT, alert.change.action in REMOVALS)
            if early
            else (DropPriority.LATE_ALERT,),
            "  and {} more to look at",
        )
        if alert.below:
            yield Part(
                [_clipped(f"{marker}   {line}") for line in alert.below],
                (DropPriority.BELOW_ALERT,) if early else (DropPriority.LATE_ALERT,),
                "  and more about {} of them",
            )


def changes(sheet: PlanView) -> Iterator[Paragraph]:
    """One line for each object, below where its differences come from."""
    yield "**Changes, in order of apply**"
    proposed = ORIGINS[Origin.PROPOSED]
    if not sheet.differences.keys() & {"", proposed}:
        yield f"{_sentence(proposed)}: nothing"
    for where, numbered in sheet.differences.items():
        if where:
            yield f"{_sentence(where)}: {len(numbered)}"
        yield Block("diff", tuple(_numbered(sheet, numbered)))


def _numbered(sheet: PlanView, numbered: Sequence[tuple[int, Change]]) -> Iterator[Part]:
    sizes = Counter(_kind(sheet, change) for _, change in numbered)
    lines = [_line(sheet, number, change) for number, change in numbered]
    width = min(max(map(len, lines)), WIDTH // 2)
    for line, (number, change) in zip(lines, numbered, strict=True):
        kind = _kind(sheet, change)
        about = f"{line:<{width}}   {sheet.about(number, change)}".rstrip()
        yield Part(
            [_clipped(about), *map(_clipped, _hanging_on(sheet, change))],
            (DropPriority.LINE, change.action in REMOVALS, -sizes[kind]),
            f"  and {{}} more: {kind}",
        )


def _hanging_on(sheet: PlanView, change: Change) -> Iterator[str]:
    """Who uses what changes, unfolded; those who use what goes stand with what to look at first."""
    if change.used_by and change.action not in REMOVALS:
        yield from (f"{_marker(change)}   {line}" for line in used_by(sheet, change))


def details(sheet: PlanView) -> Block:
    """Every changed field of every object, folded."""
    parts = (_detail(sheet, number, change) for number, change in sheet.numbered)
    return Block("diff", tuple(parts), f"Detail of {counted(len(sheet.numbered), 'change')}")


def _detail(sheet: PlanView, number: int, change: Change) -> Part:
    lines = tuple(described(sheet, number, change, paired=True))
    turn = DropPriority.DETAIL
    if sum(map(len, lines)) > _LONG_DETAIL:
        turn = DropPriority.LONG_DETAIL
    elif change.action is Action.CREATE:
        turn = DropPriority.DETAIL_OF_CREATE
    elif change.action in REMOVALS:
        turn = DropPriority.DETAIL_OF_REMOVAL
    return Part(lines, (turn,), "  {} more: detail left out")


def left_alone(sheet: PlanView) -> Iterator[Block]:
    """What the plan names without touching it, folded."""
    if not sheet.left_alone:
        return
    counts = Counter(change.action for change in sheet.left_alone)
    words = [f"{word}: {counts[action]}" for action, word in _LEFT.items() if counts[action]]
    parts = (
        Part([sheet.left(change)], (DropPriority.NAMES,), "and {} more")
        for change in sheet.left_alone
    )
    yield Block("text", tuple(parts), _sentence("; ".join(words)))


def stopped(found: Iterable[Finding]) -> Iterator[Block]:
    """The findings that stand in the way, if there are any."""
    if stops := stopping(found):
        yield Block("text", tuple(_found(stops, DropPriority.STOPPING)))


def advice(found: Iterable[Finding]) -> Iterator[Block]:
    """The other findings, folded."""
    if rest := told(found):
        yield Block("text", tuple(_found(rest, DropPriority.NAMES)), severities(rest))


def _found(found: Iterable[Finding], turn: DropPriority) -> Iterator[Part]:
    for finding in by_weight(found):
        yield Part(finding_lines(finding, broken), (turn,), "  and {} more")


def _line(sheet: PlanView, number: int, change: Change) -> str:
    return f"{_marker(change)} {sheet.number(number)} {sheet.action(change)}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def _clipped(line: str) -> str:
    if len(line) <= _LONGEST_LINE:
        return line
    return f"{line[:_LONGEST_LINE]} ... and {len(line) - _LONGEST_LINE} characters more"


def _marker(change: Change) -> str:
    """A diff view has a colour for ``!``, and none for ``~``."""
    return symbol(change).replace("~", "!")


def _kind(sheet: PlanView, change: Change) -> str:
    """The word for a kind that lebots knows; no other may stand outside a fence."""
    known = sheet.kinds.get(change.address.kind)
    return known.label if known else _OTHER_KINDS
