"""Effects in words: on the line of a change, and counted in a title."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from lebots.core.compare.effects import affected
from lebots.core.model.address import Address
from lebots.core.model.change import HARMFUL, Action, Change, Effect, Origin
from lebots.render.origins import origin
from lebots.render.plan_view import VERBS, PlanView, counted, joined

ON_THE_LINE = {
    Effect.IRREVERSIBLE: "cannot be undone",
    Effect.GRANTS: "grants rights",
    Effect.OUT_OF_SERVICE: "out of service",
    Effect.LOGIN_CHANGES: "login changes",
    Effect.REROUTES: "reroutes",
    Effect.CUSTOMER_TEXT: "customers see it",
    Effect.ADOPTS: "adopts",
    Effect.CONFLICT: "conflict",
    Effect.NEW_SECRET: "new secret",
}
_OURS = (None, Origin.PROPOSED, Origin.CONFLICT)
"""Origins that a title counts; without a base there is none."""
_COUNTED = {
    Effect.GRANTS: "grant",
    Effect.LOGIN_CHANGES: "login change",
    Effect.REROUTES: "reroute",
    Effect.CONFLICT: "conflict",
}
"""Effects that a title counts by themselves; the others are counted by kind of object."""


def headline(view: PlanView) -> list[str]:
    """What a plan does, in words: what hurts by effect, then what is new, then the rest."""
    proposed = _proposed(view)
    return [*hurting(view), *_new(view, proposed), *_rest(proposed), *_undeclared(view)]


def hurting(view: PlanView) -> list[str]:
    """What hurts, by effect: ``1 grant``, ``40 bots out of service``."""
    standing = [one for one in view.plan.changes if one.action is Action.UNCHANGED and one.effects]
    changes = [*_proposed(view), *standing]
    return [words for effect in HARMFUL for words in _hurting(view, changes, effect)]


def _proposed(view: PlanView) -> list[Change]:
    """The changes with something of this proposal in them, without the effects of the rest."""
    found = []
    for _, change in view.numbered:
        whole = origin(change) in _OURS
        origins = {part.path: part.origin for part in change.fields}
        effects = tuple(
            one
            for one in change.effects
            if (origins.get(one.path) or change.origin if one.path else origin(change)) in _OURS
        )
        if whole or effects:
            found.append(replace(change, effects=effects))
    return found


def _undeclared(view: PlanView) -> list[str]:
    number = len(view.plan.undeclared)
    return [f"{number} no longer declared"] if number else []


def _word(view: PlanView, address: Address) -> str:
    """The word for a kind that lebots knows; a title stands outside of fences."""
    kind = view.kinds.get(address.kind)
    return kind.label if kind else "object"


def by_kind(view: PlanView, addresses: Collection[Address]) -> str:
    """``40 bots and 1 key``."""
    counts = Counter(_word(view, address) for address in addresses)
    return joined([counted(number, word) for word, number in sorted(counts.items())])


def _hurting(view: PlanView, changes: Sequence[Change], effect: Effect) -> Iterator[str]:
    hit = affected(changes, effect)
    if not hit:
        return
    if effect in _COUNTED:
        yield counted(len(hit), _COUNTED[effect])
    elif effect is Effect.IRREVERSIBLE:
        deleted = {one.address for one in changes if one.action is Action.DELETE}
        if gone := [address for address in hit if address in deleted]:
            yield f"{by_kind(view, gone)} to DELETE"
        if lost := len(hit) - len(gone):
            yield f"{counted(lost, 'loss', 'losses')} of data"
    elif effect is Effect.ADOPTS:
        yield f"{by_kind(view, hit)} adopted"
    else:
        yield f"{by_kind(view, hit)} {ON_THE_LINE[effect]}"


def _new(view: PlanView, proposed: Sequence[Change]) -> Iterator[str]:
    """New objects; what only one other new one refers to is part of that."""
    new = [change for change in proposed if change.action is Action.CREATE]
    parts = view.parts
    whole = Counter(_word(view, one.address) for one in new if one.address not in parts)
    yield from (counted(number, f"new {word}") for word, number in whole.items())


def _rest(proposed: Sequence[Change]) -> Iterator[str]:
    harmless = [c for c in proposed if not any(one.effect in HARMFUL for one in c.effects)]
    for action in (one for one in VERBS if one is not Action.CREATE):
        if number := sum(change.action is action for change in harmless):
            yield f"{number} to {VERBS[action]}"
