"""How much one run may take out of use, by whatever way."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lebots.core.compare.effects import affected
from lebots.core.model.address import Address
from lebots.core.model.change import REMOVALS, Change
from lebots.core.model.effect import Effect
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory, PlannedInventory
from lebots.core.model.kind import Kind
from lebots.core.model.options import AccountPolicy, PlanOptions
from lebots.core.vendor.normalise import is_off

SHARE = 30
"""Percent of the objects of a kind that one run may remove where a project says nothing."""


@dataclass(frozen=True, slots=True)
class RemovalCount:
    """The objects of one kind in reach of a run: declared ones, and those it takes out of use."""

    kind: str
    removed: int
    before: int
    """How many there are: those in use now, and those that are removed."""
    after: int
    """How many are in use after the plan, new ones included."""


def removed(changes: Sequence[Change]) -> frozenset[Address]:
    """What the changes delete, disable, or take out of service in any other way."""
    verbs = {change.address for change in changes if change.action in REMOVALS}
    return frozenset(verbs.union(affected(changes, Effect.OUT_OF_SERVICE)))


def removal_counts(
    changes: Sequence[Change],
    inventory: Inventory,
    after: PlannedInventory,
    declared: Collection[Address],
) -> list[RemovalCount]:
    """What the guard counts, of every kind that something is removed of.

    ``declared`` is what all manifests declare, whatever the plan was narrowed to: a share of what
    one run was asked for would mean nothing.
    """
    gone, kinds = removed(changes), inventory.kinds
    if not gone:
        return []
    now = {
        live.address
        for live in inventory.managed
        if live.address in declared and not is_off(kinds[live.address.kind], live.spec)
    }
    then = {
        state.address
        for state in after.states
        if state.address in declared and not is_off(kinds[state.address.kind], state.spec)
    }
    return [
        RemovalCount(kind, _of(kind, gone), _of(kind, now | gone), _of(kind, then - gone))
        for kind in sorted({address.kind for address in gone})
    ]


def guard(
    changes: Sequence[Change],
    counts: Sequence[RemovalCount],
    kinds: Mapping[str, Kind],
    asked: PlanOptions,
    allowed: AccountPolicy,
) -> list[Finding]:
    """Refuses a plan that takes more out of use than it may.

    Counted is what is deleted, disabled or taken out of service, per kind, against the objects of
    that kind in reach: declared ones and those that are removed, as far as they are in use now or
    are removed. What no run can touch makes no share smaller.

    - Share: of each kind at most ``maxDeletePercent`` (30 where it is not set), rounded down, and
      always one, unless the limit is 0.
    - Floor: of each kind that is removed from, something in reach is in use afterwards. So the last
      bot, and all of anything, never go unnoticed, however small the account is.
    - Counted consent: a number stands for both where it is exactly the number of removals; with
      any other number nothing is done. From a saved plan, in which each removal was
      agreed to by itself, some may be done already. A plan that writes nothing always passes, so
      that a run can be repeated.

    No consent lifts what keeps an object out of the plan: scope, protection, users, doubted lists.
    """
    count, agreed = len(removed(changes)), asked.confirmed
    breaches = [*_shares(counts, kinds, allowed), *_floors(counts, kinds)]
    if agreed is None:
        refused = [(code, f"{text}; {_agree(count)}") for code, text in breaches]
    elif not changes or count == agreed or (asked.fewer and count < agreed):
        return [
            Finding(code, f"{text}; agreed to by --confirm-deletes {agreed}", Severity.NOTE)
            for code, text in breaches
        ]
    else:
        refused = [("removal-count", _miscounted(count, agreed))]
    return [Finding(code, text, Severity.REFUSAL) for code, text in refused]


def _of(kind: str, addresses: Collection[Address]) -> int:
    return sum(address.kind == kind for address in addresses)


def _shares(
    counts: Sequence[RemovalCount], kinds: Mapping[str, Kind], allowed: AccountPolicy
) -> Iterator[tuple[str, str]]:
    limit = SHARE if allowed.max_delete_percent is None else allowed.max_delete_percent
    for each in counts:
        if each.removed > max(each.before * limit // 100, min(limit, 1)):
            share = each.removed * 100 // each.before
            yield (
                "removal-share",
                f"{each.removed} of {each.before} {kinds[each.kind].label}s in reach would be "
                f"removed ({share} %), and one run removes {limit} % of a kind at most",
            )


def _floors(counts: Sequence[RemovalCount], kinds: Mapping[str, Kind]) -> Iterator[tuple[str, str]]:
    for each in counts:
        if not each.after:
            yield "removal-floor", f"no {kinds[each.kind].label} in reach would be left in use"


def _agree(count: int) -> str:
    return f"look at each, then agree with --confirm-deletes {count}"


def _miscounted(count: int, agreed: int) -> str:
    text = f"--confirm-deletes agrees to {agreed}, and the plan removes"
    return f"{text} {count}; {_agree(count)}" if count else f"{text} nothing; leave the option out"
