"""How much one run may take out of use, by whatever way."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lebots.core.compare.digest import plan_digest
from lebots.core.compare.effects import affected
from lebots.core.model.address import Address
from lebots.core.model.change import WRITES, Action, Change, Effect
from lebots.core.model.finding import Facts, Finding, Severity
from lebots.core.model.inventory import Inventory, PlannedInventory
from lebots.core.model.kind import Kind
from lebots.core.model.options import AccountPolicy, Consent, PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.vendor.normalise import is_off

SHORT = 12
"""Digits of a digest that tell a plan from all others."""
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
    deleted = {change.address for change in changes if change.action is Action.DELETE}
    return frozenset(deleted.union(affected(changes, Effect.OUT_OF_SERVICE)))


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
    inventory: Inventory,
    after: PlannedInventory,
    declared: Collection[Address],
    asked: PlanOptions,
    allowed: AccountPolicy,
) -> list[Finding]:
    """Refuses a plan that takes more out of use than it may; ``changes`` are all with effects.

    Counted is what is deleted, disabled or taken out of service, per kind, against the objects of
    that kind in reach: declared ones and those that are removed, as far as they are in use now or
    are removed. What no run can touch makes no share smaller.

    - Share: of each kind at most ``maxDeletePercent`` (30 where it is not set), rounded down, and
      always one, unless the limit is 0.
    - Floor: of each kind that is removed from, something in reach is in use afterwards. So the last
      bot, and all of anything, never go unnoticed, however small the account is.
    - Counted consent: numbers stand for both where each is exactly that of its effect; with any
      other number nothing is done. They are given for one run, or stand in ``lebots.yaml`` for the
      plan of one digest. From a saved plan, in which each removal was agreed to by itself, some
      may be done already. A plan that writes nothing always passes, so that a run can be repeated.

    No consent lifts what keeps an object out of the plan: scope, protection, users, doubted lists.
    """
    writes = any(change.action in WRITES for change in changes)
    if writes and (refused := [*_miscounted(changes, asked)]):
        return refused
    counts, kinds = removal_counts(changes, inventory, after, declared), inventory.kinds
    breaches = [*_shares(counts, kinds, allowed), *_floors(counts, kinds)]
    if not breaches:
        return []
    if asked.confirmed is not None:
        facts = Facts(agreed=asked.confirmed)
        return [Finding(code, text, Severity.NOTE, facts=facts) for code, text in breaches]
    needed = _needed(changes)
    if asked.agreed and needed.keys() <= {one.effect for one in asked.agreed}:
        words = "each was agreed to"
        return [Finding(code, f"{text}; {words}", Severity.NOTE) for code, text in breaches]
    digest = plan_digest(Plan(inventory.account.id, tuple(changes)))
    if consent := _consent(changes, needed, asked, digest):
        words, place = "this line agrees to it", consent.source
        return [Finding(code, f"{text}; {words}", Severity.NOTE, place) for code, text in breaches]
    facts = Facts(stopped=needed.get(Effect.OUT_OF_SERVICE))
    if asked.prune:
        facts = Facts(removals=len(removed(changes)))
    agree = ", ".join(f"{effect}: {count}" for effect, count in needed.items())
    known = (asked.change or digest)[:SHORT]
    words = f"consent: [{{change: {known}, {agree}}}] in lebots.yaml agrees to it"
    return [
        Finding(code, f"{text}; {words}", Severity.REFUSAL, facts=facts) for code, text in breaches
    ]


def _needed(changes: Sequence[Change]) -> Mapping[Effect, int]:
    """How many objects each effect falls on that the guard counts."""
    effects = (Effect.IRREVERSIBLE, Effect.OUT_OF_SERVICE)
    return {one: count for one in effects if (count := len(affected(changes, one)))}


def _consent(
    changes: Sequence[Change], needed: Collection[Effect], asked: PlanOptions, digest: str
) -> Consent | None:
    """The consent of the proposal for exactly this plan or its change, if there is one."""
    for one in asked.consents:
        agreed = {count.effect for count in one.counts}
        exact = all(len(affected(changes, count.effect)) == count.number for count in one.counts)
        known = any(each.startswith(one.change) for each in (digest, asked.change))
        if known and exact and agreed.issuperset(needed):
            return one
    return None


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


def _miscounted(changes: Sequence[Change], asked: PlanOptions) -> Iterator[Finding]:
    """What was agreed to with another number than the plan has."""

    def wrong(agreed: int, count: int) -> bool:
        return not (count == agreed or (asked.fewer and count < agreed))

    count, agreed = len(removed(changes)), asked.confirmed
    if agreed is not None and wrong(agreed, count):
        text = f"the consent is for {agreed}, and the plan removes {count or 'nothing'}"
        facts = Facts(removals=count) if count else Facts(agreed=agreed)
        yield Finding("removal-count", text, Severity.REFUSAL, facts=facts)
    for one in asked.agreed:
        count = len(affected(changes, one.effect))
        if wrong(one.number, count):
            text = (
                f"the consent is for {one.effect}={one.number}, and the plan has {count or 'none'};"
                " after review, agree to that, or leave it out"
            )
            yield Finding("effect-count", text, Severity.REFUSAL)
