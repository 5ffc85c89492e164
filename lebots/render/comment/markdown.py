"""Plans, outcomes and findings as a comment on a pull request.

Headings, counts and summaries are words of lebots; whatever a manifest or the account says stands
in fenced blocks (``lebots.render.comment.fence``). The same plan gives the same text.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from lebots.core.compare.digest import plan_digest
from lebots.core.model.address import Address
from lebots.core.model.change import REMOVALS, Outcome, Status
from lebots.core.model.finding import Finding
from lebots.core.model.kind import Kind
from lebots.core.model.plan import Plan
from lebots.render.comment import blocks
from lebots.render.comment.budget import BUDGETS, GITHUB, Block, Budget, Paragraph, Part, fitted
from lebots.render.comment.fence import fence, inline, neutralised, plain
from lebots.render.effect_words import headline
from lebots.render.escape import visible
from lebots.render.finding import refused, severities
from lebots.render.plain.plan import next_step
from lebots.render.plan_view import PlanView, counted

__all__ = ["BUDGETS", "GITHUB", "Budget", "Frame", "findings", "mark", "outcomes", "plan"]

_DOT = " \u00b7 "
_NOWHERE: Mapping[Address, str] = {}
_LONGEST_COMMAND = 2_000
"""Bytes; a command with hundreds of paths would leave no room for the plan."""
_SIDES = {Status.DONE: "+", Status.FAILED: "-"}
"""Colours of a diff view; what is neither done nor failed is to be looked at."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What every comment has around its contents."""

    version: str
    commit: str = ""
    budget: Budget = GITHUB
    base: str = ""
    """What a plan was compared with, and its commit."""


def plan(
    planned: Plan,
    kinds: Mapping[str, Kind],
    frame: Frame,
    *,
    places: Mapping[Address, str] = _NOWHERE,
    proposal: str = "lebots apply --expect {digest}",
) -> str:
    """The plan; ``places`` are where secrets go, ``proposal`` is the command that makes these
    changes, empty where there is none to type.
    """
    view, digest = PlanView(planned, kinds, places, neutralised), plan_digest(planned)
    body: list[Paragraph] = [
        f"### {_DOT.join(filter(None, ['lebots', plain(planned.name), _verdict(view)]))}",
        _facts(planned, frame),
        *_sections(view),
        *_closing(planned, proposal, digest),
    ]
    return fitted(mark("plan", planned.account), body, frame.budget)


def outcomes(
    ended: Sequence[Outcome],
    planned: Plan,
    kinds: Mapping[str, Kind],
    frame: Frame,
    *,
    converged: bool | None,
) -> str:
    """What an apply of the plan did, as a receipt; ``converged`` tells whether a plan made
    afterwards was empty, None where none was made.
    """
    counts = Counter(one.status for one in ended)
    words = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
    parts = tuple(_ended(ended, PlanView(planned, kinds, {}, neutralised)))
    body: list[Paragraph] = [
        f"### lebots apply: {words or 'nothing to do'}",
        _facts(planned, frame),
        f"Digest `{plan_digest(planned)}`",
        *([Block("diff", parts)] if parts else []),
        _what_next(ended, converged),
    ]
    return fitted(mark("apply", planned.account), body, frame.budget)


def findings(found: Iterable[Finding], frame: Frame) -> str:
    """What was found in the manifests."""
    found = tuple(found)
    body: list[Paragraph] = [
        f"### lebots validate: {severities(found)}",
        " · ".join(_made_by(frame)),
        *blocks.stopped(found),
        *blocks.advice(found),
    ]
    return fitted(mark("validate"), body, frame.budget)


def mark(what: str, account: str = "") -> str:
    """The first line of a comment, which nobody sees: it finds the comment to update."""
    about = f" account={plain(account)}" if account else ""
    return f"<!-- lebots:{what}:1{about} -->"


def _verdict(view: PlanView) -> str:
    head = [refused(view.plan.refused)] if view.plan.refused else []
    return ", ".join([*head, *headline(view)]) or "no changes"


def _facts(planned: Plan, frame: Frame) -> str:
    facts = [*_made_by(frame), f"account {inline(planned.account)}"]
    return _DOT.join([*facts, counted(planned.live, "live object")])


def _made_by(frame: Frame) -> list[str]:
    head = f"head {inline(frame.commit)}" if frame.base else f"commit {inline(frame.commit)}"
    # A code span takes the strokes of a branch's name; all else is escaped part by part.
    base = ("/".join(map(plain, word.split("/"))) for word in frame.base.split())
    onto = f" onto {' '.join(f'`{word}`' for word in base)}" if frame.base else ""
    commit = [f"{head}{onto}"] if frame.commit else []
    return [*commit, f"lebots {inline(frame.version)}"]


def _sections(view: PlanView) -> Iterator[Paragraph]:
    found = view.plan.findings
    if view.plan.refused:
        yield "**Refused:** nothing is applied until this is solved."
        yield from blocks.stopped(found)
    if view.plan.writes:
        yield blocks.table(view)
        yield from blocks.look_first(view)
        yield from blocks.no_longer_declared(view)
        yield from blocks.changes(view)
        yield blocks.details(view)
    else:
        yield from blocks.no_longer_declared(view)
    yield from blocks.left_alone(view)
    yield from blocks.advice(found)


def _closing(planned: Plan, command: str, digest: str) -> Iterator[str]:
    if not planned.writes or planned.refused:
        return
    reads, writes = planned.calls.reads, planned.calls.writes
    cost = f"Apply costs at most {counted(reads, 'read')} and {counted(writes, 'write')}."
    yield f"Guards passed{_removals(planned)}. {cost} Digest `{digest}`."
    if not command:
        return
    command = neutralised(visible(command.replace("{digest}", digest)))
    if len(command.encode()) > _LONGEST_COMMAND:
        yield "Next, once this is approved: `lebots apply` with the arguments of this plan."
    else:
        yield f"Next, once this is approved:\n\n{fence('text', [command])}"


def _removals(planned: Plan) -> str:
    gone = sum(change.action in REMOVALS for change in planned.changes)
    if not (gone and planned.live):
        return ""
    share = ceil(100 * gone / planned.live)
    live = counted(planned.live, "live object")
    return f", with {counted(gone, 'removal')} among {live} ({share} %)"


def _ended(ended: Sequence[Outcome], view: PlanView) -> Iterator[Part]:
    numbers = {(c.address, c.action): number for number, c in view.numbered}
    for position, one in enumerate(ended, start=1):
        number = numbers.get((one.change.address, one.change.action), position)
        side = _SIDES.get(one.status, "!")
        known = neutralised(f"  id {visible(one.id)}") if one.id else ""
        lines = [
            f"{side} {view.number(number)} {one.status:<7}  {view.action(one.change)}{known}",
            *([f"{side}   {neutralised(visible(one.reason))}"] if one.reason else []),
        ]
        done = one.status is Status.DONE
        turn = blocks.DropPriority.LINE if done else blocks.DropPriority.ALERT
        yield Part(lines, (turn,), f"  and {{}} more {'done' if done else 'not done'}")


def _what_next(ended: Sequence[Outcome], converged: bool | None) -> str:
    if any(one.status is not Status.DONE for one in ended):
        return f"Next: {neutralised(next_step(ended))}."
    if converged is None:
        return "Everything was written; plan again to see that the account shows it."
    if converged:
        return "The account is in sync."
    return f"Next: {next_step(ended)}."
