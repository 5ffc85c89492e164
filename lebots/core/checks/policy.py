"""Checks the account as it will be after the plan: limits and advice of the vendor."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from lebots.core.compare.match import Match
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory, PlannedInventory, targets
from lebots.core.model.kind import Kind
from lebots.core.model.plan import Quota
from lebots.core.quoting import quoted


def advice(after: PlannedInventory) -> list[Finding]:
    """What the rules of all kinds say about the account as it will stand."""
    rules = (rule for kind in after.kinds.values() for rule in kind.rules)
    return [finding for rule in rules for finding in rule(after.world)]


def growth(inventory: Inventory, changes: Iterable[Change]) -> tuple[Quota, ...]:
    """How far each collection is filled in which something is created."""
    created = Counter(c.endpoint for c in changes if c.action is Action.CREATE)
    present = inventory.counts
    return tuple(
        Quota(e.name, present[e.name], present[e.name] + created[e.name], e.limit)
        for kind in inventory.kinds.values()
        for e in kind.endpoints
        if created[e.name]
    )


def outgrown(quotas: Iterable[Quota]) -> list[Finding]:
    """A refusal for every collection that would grow past what the vendor allows."""
    return [
        Finding(
            "quota",
            f"{one.now} {one.collection} exist and {one.after - one.now} would be created, but the "
            f"account holds at most {one.limit}; remove some first",
            Severity.REFUSAL,
        )
        for one in quotas
        if one.limit is not None and one.after > one.limit
    ]


def unsure_writes(changes: Iterable[Change], kinds: Mapping[str, Kind]) -> list[Finding]:
    """A warning for each collection to be written that an application's token may not write."""
    kinds_of = {change.endpoint: kinds[change.address.kind] for change in changes}
    return [
        Finding(
            "unsure-right",
            f"whether this login may write {name} shows only when it does: {words}",
            Severity.WARNING,
        )
        for name, kind in sorted(kinds_of.items())
        if (words := kind.endpoint(name).unknown_scope)
    ]


def adopted(
    matches: Sequence[Match],
    edges: Mapping[Address, set[Address]],
    delivered: Mapping[Address, str],
) -> frozenset[Address]:
    """The declared objects that live already, and that nothing ties to the other manifests yet.

    lebots keeps no state, so the evidence is the account itself: once a plan was applied, the
    objects of the manifests refer to each other there. ``edges`` are the references the manifests
    declare among each other. An object whose secret is in its sink (``delivered``) was made here.
    """
    live = {pair.desired.address: _live_targets(pair) for pair in matches if pair.live}
    touched: set[Address] = set()
    joined = {
        pair.desired.address
        for pair in matches
        if pair.live and delivered.get(pair.desired.address) == pair.live.id
    }
    for address, pointed in edges.items():
        for target in pointed - {address}:
            touched |= {address, target}
            if target in live.get(address, ()):
                joined |= {address, target}
    return frozenset((touched - joined) & live.keys())


def taken_over(matches: Sequence[Match], adopted: Collection[Address]) -> list[Finding]:
    """A note for every live object that comes under management."""
    return [
        pair.desired.finding(
            "adopted",
            f"{pair.kind.label} {quoted(pair.desired.address.name)} exists "
            f"(id {pair.live.id}); lebots will manage it. Fields that are not in the manifest stay "
            "as they are",
            Severity.NOTE,
        )
        for pair in matches
        if pair.live and pair.desired.address in adopted
    ]


def _live_targets(pair: Match) -> set[Address]:
    return {target for _, target in targets(pair.kind, pair.live.spec)} if pair.live else set()
