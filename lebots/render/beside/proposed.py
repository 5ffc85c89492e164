"""The change of the manifests that a plan is of, in words, and what is held back beside it."""

from collections.abc import Iterator

from lebots.core.model.change import REMOVALS, Action
from lebots.core.model.plan import Plan, ProposedChange
from lebots.core.proposal.kept import differences
from lebots.render.detail import in_short
from lebots.render.escape import visible
from lebots.render.plan_view import VERBS, PlanView, counted

_WHOLE = {Action.CREATE, *REMOVALS}
_SHORT = 8
"""Digits of a digest where the whole of it stands near."""


def all_of(planned: Plan, change: ProposedChange) -> str:
    """``all of 5a65d1f0, and 3 other differences``: what a plan does of the change."""
    others = differences(change.others)
    left = differences(planned.writes) - (0 if change.held_back else others) or change.waiting
    words = f"all of {change.digest[:_SHORT]}{'' if left else ' is in the account'}"
    if not others:
        return f"{words}, nothing else" if left else words
    many = f"{counted(others, 'other difference')}{' held back' if change.held_back else ''}"
    waiting = f", which {counted(len(change.waiting), 'object')} of it must wait for"
    return f"{words}, and {many}{waiting if change.waiting else ''}" if left else f"{words}; {many}"


def in_account(change: ProposedChange | None) -> str:
    """What is so once an apply is done and proved: of all that is declared, or of the change."""
    if not (change and change.others):
        return "the account is in sync"
    many = counted(differences(change.others), "other difference")
    return f"all of {change.digest[:_SHORT]} is in the account; {many} held back"


def held_back(view: PlanView) -> Iterator[str]:
    """A line for each object that is left as it is because the change is all that was approved."""
    change = view.plan.proposed
    for one in change.others if change and change.held_back else ():
        fields = [
            f"{visible(part.path)} {in_short(one.action, part)}"
            for part in (() if one.action in _WHOLE else one.fields)
        ]
        about = view.shown(f"   {', '.join(fields)}") if fields else ""
        yield f"{VERBS[one.action]} {view.title(one)}{about}"
