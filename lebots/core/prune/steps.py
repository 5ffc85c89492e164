"""The changes of a prune, in an order in which the account allows them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from lebots.core.checks.list_integrity import Doubt, unreliable_kinds
from lebots.core.compare.change import Sinks, counts_without, delete_summary
from lebots.core.compare.diff import diff
from lebots.core.compare.graph import in_order
from lebots.core.compare.match import Match
from lebots.core.compare.order import kind_ranks
from lebots.core.model.address import Address
from lebots.core.model.change import WRITES, Action, Change
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory, targets
from lebots.core.model.kind import Kind
from lebots.core.model.live import Ref
from lebots.core.model.options import AccountPolicy
from lebots.core.model.value import Spec
from lebots.core.prune.candidates import RemovalSet, covers, fates
from lebots.core.vendor.normalise import is_off, normalise, owned

LETS_GO = "stops using what the plan deletes first"
OFF_ALREADY = "disabled already"

_Node: TypeAlias = tuple[Ref, bool]
"""An object, and whether it goes (True) or only lets go of another one (False)."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a prune does, what it leaves alone, and what it has to say."""

    changes: tuple[Change, ...] = ()
    """In the order of an apply; all other changes of the plan come before them."""
    kept: tuple[Change, ...] = ()
    """What is in scope and kept, with the reason."""
    findings: tuple[Finding, ...] = ()


def prune(
    inventory: Inventory,
    pairs: Sequence[tuple[Match, Change]],
    sinks: Sinks,
    allowed: AccountPolicy,
) -> Pruned:
    """Retires what is in scope and unmanaged; ``pairs`` are those with a change."""
    doubted = {
        kind: doubt
        for kind, doubt in sorted(
            unreliable_kinds(inventory, sinks.delivered, allowed.shrunken).items()
        )
        if kind in allowed.scope
    }
    found = fates(inventory, pairs, doubted, allowed)
    return Pruned(
        _changes(found, _released(pairs), allowed),
        tuple(_kept(found)),
        (*_doubtful(doubted, inventory.kinds), *_never_touched(inventory, allowed)),
    )


def _changes(
    found: RemovalSet, released: Mapping[Address, set[Address]], allowed: AccountPolicy
) -> tuple[Change, ...]:
    nodes: dict[_Node, Change] = {}
    for one, action in found.actions.items():
        cut = found.detach(one, found.cuts.get(one, ())) or {}
        if cut:
            nodes[one, False] = _update(found, one, Action.UPDATE, cut, LETS_GO)
        if action is Action.DELETE:
            nodes[one, True] = _delete(found, one, cut, allowed)
        elif (change := _disable(found, one)).fields:
            nodes[one, True] = change
    waits = {node: _waits(found, node) & nodes.keys() for node in nodes}
    ranks = kind_ranks(found.inventory.kinds)

    def rank(node: _Node) -> tuple[bool, int, str, str]:
        one, goes = node
        return goes, -ranks[one.kind], found.live[one].address.name, one.id

    ordered = []
    for node in in_order(waits, rank):
        change = nodes[node]
        users = {found.live[one].address for one, _ in waits[node]}
        users |= released.get(change.address, set()) if node[1] else set()
        ordered.append(replace(change, depends_on=tuple(sorted(users))))
    return tuple(ordered)


def _waits(found: RemovalSet, node: _Node) -> set[_Node]:
    one, goes = node
    if not goes:
        return set()
    address = found.live[one].address
    cut = {(user, False) for user, detach in found.cuts.items() if address in detach}
    return {(user, True) for user in found.waits[one]} | cut | {(one, False)}


def _disable(found: RemovalSet, one: Ref) -> Change:
    """Switches an object off and lets it go of what is deleted; without fields if it is so."""
    live = found.live[one]
    kind = found.kind(one)
    facts = kind.retirement
    wanted = {**facts.off, **(found.detach(one, found.gone()) or {})}
    note = OFF_ALREADY if is_off(kind, live.spec) else facts.stops
    return _update(found, one, Action.DISABLE, wanted, note)


def _update(found: RemovalSet, one: Ref, action: Action, wanted: Spec, note: str) -> Change:
    live = found.live[one]
    kind = found.kind(one)
    before, after = owned(kind, wanted, live.spec)
    fields = diff(kind, before, after)
    names = {part.field for part in fields}
    desired = {name: value for name, value in after.items() if name in names}
    return Change(
        live.address,
        action,
        live.endpoint,
        live.id,
        fields=fields,
        desired=desired,
        personal=kind.personal & desired.keys(),
        references={
            target: found.inventory.at(target)[0].id for _, target in targets(kind, desired)
        },
        note=note,
    )


def _delete(found: RemovalSet, one: Ref, cut: Spec, allowed: AccountPolicy) -> Change:
    live = found.live[one]
    kind = found.kind(one)
    facts = kind.retirement
    forced = f"a {kind.label} cannot be disabled, so it is deleted"
    notes = (forced if allowed.retire == "disable" else "", facts.lost, facts.stops)
    instead = normalise(kind, counts_without(live.address, kind, found.planned.spec) or {})
    return Change(
        live.address,
        Action.DELETE,
        live.endpoint,
        live.id,
        fields=tuple(
            replace(one, after=instead.get(one.path))
            for one in delete_summary(kind, {**live.spec, **cut}, found.inventory.kinds)
        ),
        note="; ".join(filter(None, notes)),
    )


def _released(pairs: Sequence[tuple[Match, Change]]) -> Mapping[Address, set[Address]]:
    """By pruned object: the declared objects whose update lets go of it first."""
    released: dict[Address, set[Address]] = {}
    for pair, change in pairs:
        if pair.live and change.action in WRITES:
            for _, target in targets(pair.kind, pair.live.spec):
                released.setdefault(target, set()).add(change.address)
    return released


def _kept(found: RemovalSet) -> Iterator[Change]:
    """What is in scope and stays, and why; what is off already where plans name such objects."""
    idle = {
        one: OFF_ALREADY
        for one, action in found.actions.items()
        if action is Action.DISABLE
        and found.kind(one).reports_undeclared
        and not _disable(found, one).fields
    }
    for one, why in sorted({**found.reasons, **idle}.items()):
        live = found.live[one]
        yield Change(
            live.address, Action.UNMANAGED, live.endpoint, live.id, note=f"in scope, {why}"
        )


def _doubtful(doubted: Mapping[str, Doubt], kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    for kind, (why, facts) in doubted.items():
        text = (
            f"lebots skips every {kinds[kind].label} because it cannot be sure that the account "
            f"returned the whole list: {why}"
        )
        yield Finding("unprunable", text, Severity.WARNING, facts=facts)


def _never_touched(inventory: Inventory, allowed: AccountPolicy) -> Iterator[Finding]:
    """Counted, not named: a scope of everything covers every person of the account."""
    met = Counter(
        (each.endpoint, each.unmanaged_reason)
        for each in inventory.present
        if each.unmanaged_reason and covers(allowed.scope, each.address)
    )
    for (endpoint, why), count in sorted(met.items()):
        text = f"{count} of the {endpoint} are in scope by name and never touched: {why}"
        yield Finding("never-pruned", text, Severity.NOTE)
