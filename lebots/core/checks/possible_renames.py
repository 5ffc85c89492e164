"""Finds new objects that look like one that is no longer declared: possible renames.

It names only pairs that match each other and nothing else.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from lebots.core.compare.change import planned_state
from lebots.core.compare.match import Match
from lebots.core.did_you_mean import closest
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory, PlannedInventory, targets
from lebots.core.model.kind import Field, Kind
from lebots.core.model.live import Live
from lebots.core.model.value import Spec, Value
from lebots.core.quoting import quoted
from lebots.core.vendor.normalise import owned

TELLING = 8
"""Characters from which on equal texts are hardly equal by chance."""

_NewOnes: TypeAlias = Mapping[Address, Match]
_Pair: TypeAlias = tuple[Address, Live]
"""A new object and the live one it looks like."""


def rename_suggestions(
    matches: Sequence[Match],
    inventory: Inventory,
    after: PlannedInventory,
    declared: Collection[Address],
) -> list[Finding]:
    """A note at every manifest of a new object that an undeclared one could be renamed to."""
    new = _new(matches)
    return [_note(new[a], live) for a, live in _likely(new, matches, inventory, after, declared)]


def likely_old_names(
    new: Sequence[Match],
    matches: Sequence[Match],
    inventory: Inventory,
    declared: Collection[Address],
) -> Mapping[Address, str]:
    """The name that each of these new objects had before, as it seems, if it was renamed.

    It is that of the one undeclared object it looks like, or one much like its own; empty where
    there are others.
    """
    states = (planned_state(m, Change(m.desired.address, Action.UNCHANGED)) for m in matches)
    some, after = _new(new), inventory.planned(states)
    left = _left(some, inventory, declared)
    found = {
        address: closest(address.name, names)
        for address, pair in some.items()
        if (names := _names(left, pair))
    }
    likely = _likely(some, matches, inventory, after, declared)
    return found | {address: live.address.name for address, live in likely}


def _new(matches: Sequence[Match]) -> _NewOnes:
    return {m.desired.address: m for m in matches if m.live is None and not m.endpoint.fixed_name}


def _left(
    new: _NewOnes, inventory: Inventory, declared: Collection[Address]
) -> Mapping[Address, Live]:
    """The objects that no manifest declares, and that one of the new could have been."""
    endpoints = {pair.endpoint.name for pair in new.values()}
    return {
        one.address: one
        for one in inventory.present
        if one.endpoint in endpoints
        and not (one.unmanaged_reason or one.faults)
        and one.address not in declared
    }


def _names(left: Mapping[Address, Live], pair: Match) -> list[str]:
    return [one.address.name for one in left.values() if one.endpoint == pair.endpoint.name]


def _likely(
    new: _NewOnes,
    matches: Sequence[Match],
    inventory: Inventory,
    after: PlannedInventory,
    declared: Collection[Address],
) -> list[_Pair]:
    """Each new object with the undeclared one that it, and it alone, looks like."""
    left = _left(new, inventory, declared)
    if not left:
        return []
    endpoints = {pair.endpoint.name for pair in new.values()}
    present = [one for one in inventory.present if one.endpoint in endpoints]
    return _unmistakable(
        [*_of_equal_words(new, present, left), *_in_the_same_place(new, matches, left, after)]
    )


def _note(pair: Match, live: Live) -> Finding:
    former = quoted(live.address.name)
    text = (
        f"looks like {pair.kind.label} {former} (id {live.id}) under a new name; to rename that "
        f"one, write previously: [{former}] below metadata"
    )
    return pair.desired.metadata_finding("perhaps-renamed", text, ("name",), Severity.NOTE)


def _unmistakable(pairs: Iterable[_Pair]) -> list[_Pair]:
    """The pairs of which neither side is in another pair."""
    found = {(address, live.address): (address, live) for address, live in pairs}
    new = Counter(address for address, _ in found)
    old = Counter(former for _, former in found)
    return [pair for (a, b), pair in sorted(found.items()) if new[a] == old[b] == 1]


# Equal words: every field the manifest sets is as in the account, a telling text among them


def _of_equal_words(
    new: _NewOnes, present: Iterable[Live], left: Mapping[Address, Live]
) -> Iterator[_Pair]:
    by_text: dict[tuple[str, str, str], list[Live]] = {}
    fields = {name for pair in new.values() for name, _ in _texts(pair)}
    for live in present:
        for name in fields & live.spec.keys():
            by_text.setdefault((live.endpoint, name, str(live.spec[name])), []).append(live)
    for address, pair in new.items():
        for name, text in _texts(pair):
            alike = by_text.get((pair.endpoint.name, name, text), ())
            if len(text) < TELLING or len(alike) != 1:
                continue
            if alike[0].address in left and _equal(pair, alike[0].spec):
                yield address, alike[0]


def _texts(pair: Match) -> Iterator[tuple[str, str]]:
    """The free texts a manifest sets that say something."""
    for name, value in pair.desired.spec.items():
        part = pair.kind.by_name[name]
        if isinstance(value, str) and value.strip() and _is_free(part):
            yield name, value


def _is_free(part: Field) -> bool:
    return not (part.client_only or part.ref or "enum" in part.schema)


def _equal(pair: Match, live: Spec) -> bool:
    spec = {
        name: value
        for name, value in pair.desired.spec.items()
        if not pair.kind.by_name[name].client_only
    }
    before, after = owned(pair.kind, spec, live)
    return before == after


# The same place: all that refers to the old one in the account refers to the new one now


def _in_the_same_place(
    new: _NewOnes,
    matches: Iterable[Match],
    left: Mapping[Address, Live],
    after: PlannedInventory,
) -> Iterator[_Pair]:
    for pair in matches:
        for part in pair.kind.referring if pair.live else ():
            for address, former in _moved(pair, part):
                if address not in new or former not in left or after.referrers(former):
                    continue
                live = left[former]
                if new[address].endpoint.name == live.endpoint and _agree(new[address], live):
                    yield address, live


def _moved(pair: Match, part: Field) -> Iterator[tuple[Address, Address]]:
    """What a field refers to from now on and what it refers to no more, where that is one each."""
    if pair.live is None or part.name not in pair.desired.spec:
        return
    now = _targets_of(pair.kind, part, pair.desired.spec[part.name])
    before = _targets_of(pair.kind, part, pair.live.spec.get(part.name))
    if len(now - before) == len(before - now) == 1:
        yield (now - before).pop(), (before - now).pop()


def _targets_of(kind: Kind, part: Field, value: Value) -> set[Address]:
    return {target for _, target in targets(kind, {part.name: value})}


def _agree(pair: Match, live: Live) -> bool:
    """Whether no text of the manifest says something else than the account does."""
    return all(live.spec.get(name) in (text, "", None) for name, text in _texts(pair))
