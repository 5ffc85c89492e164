"""The parts of a plan's comment, each with the priority by which a long comment leaves it out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from lebots.core.model.change import REMOVALS, Action, Change, Origin
from lebots.core.model.finding import Finding
from lebots.render.comment.budget import Block, Paragraph, Part
from lebots.render.comment.fence import neutralised
from lebots.render.detail import described
from lebots.render.finding import advice as told
from lebots.render.finding import finding_lines, rolled_up, severities, stopping
from lebots.render.look_first import Alert, alerts, headed
from lebots.render.origins import ELSEWHERE, ORIGINS
from lebots.render.plan_view import VERBS, PlanView, counted, ranges, used_by
from lebots.render.rows import lined_rows, undeclared, users_worth_telling

_ROWS = {
    ORIGINS[Origin.PROPOSED]: ("**this pull request**", ""),
    ORIGINS[Origin.CONFLICT]: ("conflict", "changed in the account too: **apply overwrites it**"),
    ORIGINS[Origin.PENDING]: ("pending", "merged, not applied"),
    ORIGINS[Origin.DRIFT]: ("drift", "changed in the account: **apply reverts it**"),
    ELSEWHERE: ("other changes", ""),
    "": ("**this plan**", ""),
}
"""By where differences come from: the name of the row, and what to know of it."""
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
    BELOW_ALERT = 6
    ALERT = 7
    STOPPING = 8


def table(view: PlanView) -> str:
    """How many changes of each verb come from where."""
    found = {where: Counter(c.action for _, c in rows) for where, rows in view.differences.items()}
    verbs = [verb for verb in VERBS if verb not in _RARE or view.plan.count(verb)]
    rows = [["", *(VERBS[verb] for verb in verbs), ""], ["---"] * (2 + len(verbs))]
    for where, (name, note) in _ROWS.items():
        if where in found or (where == "" and not found):
            counts = found.get(where, Counter())
            rows.append([name, *(str(counts[verb] or "") for verb in verbs), note])
    if gone := len(view.plan.undeclared):
        deletes = (str(gone) if verb is Action.DELETE else "" for verb in verbs)
        rows.append(["no longer declared", *deletes, "stays in the account"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def look_first(view: PlanView) -> Iterator[Paragraph]:
    """What can hurt; never folded."""
    if found := alerts(view):
        yield "**Look first**"
        yield Block("diff", tuple(_alerted(view, found)))


def _alerted(view: PlanView, found: Sequence[Alert]) -> Iterator[Part]:
    """The most harmful are left out last, and what is said below them before their lines."""
    for position, alert in enumerate(found):
        marker = alert.marker
        first, *rest = headed(
            f"{marker} {ranges(alert.numbers)} {alert.subject}", alert, view.width
        )
        lines = view.with_place(first, alert.source)
        yield Part(
            [_clipped(one) for one in (*lines, *(f"{marker}   {line}" for line in rest))],
            (DropPriority.ALERT, -position),
            "  and {} more to look at",
        )
        if alert.below:
            yield Part(
                [_clipped(f"{marker}   {line}") for line in alert.below],
                (DropPriority.BELOW_ALERT, -position),
                "  and more about {} of them",
            )


def changes(view: PlanView) -> Iterator[Paragraph]:
    """One line for each object, below where its differences come from."""
    yield "**Changes, in order of apply**"
    proposed = ORIGINS[Origin.PROPOSED]
    if not view.differences.keys() & {"", proposed}:
        yield f"{_sentence(proposed)}: nothing"
    for where, numbered in view.differences.items():
        if where:
            yield f"{_sentence(where)}: {len(numbered)}"
        yield Block("diff", tuple(_numbered(view, numbered)))


def _numbered(view: PlanView, numbered: Sequence[tuple[int, Change]]) -> Iterator[Part]:
    sizes = Counter(_kind(view, change) for _, change in numbered)
    for row, line in lined_rows(view, numbered, marker_first=True):
        kind = _kind(view, row.changes[0])
        marker = row.marker
        used = (line for one in users_worth_telling(row) for line in used_by(view, one))
        yield Part(
            [_clipped(line), *(_clipped(f"{marker}   {user}") for user in used)],
            (DropPriority.LINE, row.marker in "!-", -sizes[kind]),
            f"  and {{}} more: {kind}",
        )


def details(view: PlanView) -> Block:
    """Every changed field of every object, folded."""
    parts = (_detail(view, number, change) for number, change in view.numbered)
    return Block("diff", tuple(parts), f"Detail of {counted(len(view.numbered), 'change')}")


def _detail(view: PlanView, number: int, change: Change) -> Part:
    lines = tuple(described(view, number, change, paired=True))
    turn = DropPriority.DETAIL
    if sum(map(len, lines)) > _LONG_DETAIL:
        turn = DropPriority.LONG_DETAIL
    elif change.action is Action.CREATE:
        turn = DropPriority.DETAIL_OF_CREATE
    elif change.action in REMOVALS:
        turn = DropPriority.DETAIL_OF_REMOVAL
    return Part(lines, (turn,), "  {} more: detail left out")


def no_longer_declared(view: PlanView) -> Iterator[Paragraph]:
    """What stays in the account although these manifests do not declare it any more."""
    if lines := list(undeclared(view)):
        yield "**No longer declared**, stays in the account; `--prune` removes what is in scope"
        parts = (
            Part([_clipped(f". {one}")], (DropPriority.LINE,), "  and {} more") for one in lines
        )
        yield Block("text", tuple(parts))


def left_alone(view: PlanView) -> Iterator[Block]:
    """What the plan names without touching it, folded."""
    if not view.left_alone:
        return
    counts = Counter(change.action for change in view.left_alone)
    words = [f"{word}: {counts[action]}" for action, word in _LEFT.items() if counts[action]]
    parts = (
        Part([view.left(change)], (DropPriority.NAMES,), "and {} more")
        for change in view.left_alone
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
    for finding in rolled_up(found):
        yield Part(finding_lines(finding, neutralised), (turn,), "  and {} more")


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def _clipped(line: str) -> str:
    if len(line) <= _LONGEST_LINE:
        return line
    return f"{line[:_LONGEST_LINE]} ... and {len(line) - _LONGEST_LINE} characters more"


def _kind(view: PlanView, change: Change) -> str:
    """The word for a kind that lebots knows; no other may stand outside a fence."""
    known = view.kinds.get(change.address.kind)
    return known.label if known else _OTHER_KINDS
