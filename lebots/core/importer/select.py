"""Selects what an import writes, so that a plan of it changes nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lebots.core.checks.name_patterns import fits
from lebots.core.compare.change import Sinks
from lebots.core.importer.manifest import (
    Complaint,
    ManifestDocument,
    ManifestExporter,
    SinkRecords,
    left_out,
)
from lebots.core.model.address import Address, Source
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Facts, Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Kind
from lebots.core.model.live import Live
from lebots.core.planner import plan


@dataclass(frozen=True, slots=True)
class Choice:
    """Which objects to import, and how much of each."""

    kinds: frozenset[str] = frozenset()
    """Names of kinds; empty means all that count whether or not they are declared."""
    names: tuple[str, ...] = ()
    """Patterns of names, with ``*`` for any text; empty means all."""
    full: bool = False
    """Whether fields at their defaults are stated too."""

    def fits(self, address: Address, kind: Kind) -> bool:
        """Whether the object, which is of this kind, was chosen."""
        if not self.takes(kind):
            return False
        return not self.names or any(fits(pattern, address.name) for pattern in self.names)

    def takes(self, kind: Kind) -> bool:
        """Whether objects of the kind are imported."""
        if kind.lookup_only:
            return False
        return kind.name in self.kinds if self.kinds else kind.counted


@dataclass(frozen=True, slots=True)
class Imported:
    """The manifests of an account, and a finding for everything that is not in them."""

    documents: tuple[ManifestDocument, ...]
    findings: tuple[Finding, ...]


def chosen(inventory: Inventory, choice: Choice) -> list[Live]:
    """The objects that were chosen and that lebots may touch, in the order of their names."""
    found = [
        live
        for live in _meant(inventory, choice)
        if not (live.deleted or live.unmanaged_reason or live.built_in or live.untouched)
    ]
    return sorted(found, key=lambda live: (live.address, live.endpoint, live.id))


def unmatched(inventory: Inventory, choice: Choice) -> list[str]:
    """The patterns that fit the name of no object of the chosen kinds, whoever owns it."""
    names = {live.address.name for live in _meant(inventory, replace(choice, names=()))}
    return [one for one in choice.names if not any(fits(one, name) for name in names)]


def manifests(
    inventory: Inventory,
    choice: Choice,
    stored: SinkRecords,
    complaint: Complaint,
) -> Imported:
    """One manifest for each chosen object that can be declared.

    An object that cannot is left out whole, a value that cannot be stated leaves its field out;
    each has a finding that says why. No secret is among the values.
    """
    describer = ManifestExporter(inventory, stored, complaint, choice.full)
    found = chosen(inventory, choice)
    drafts = [document for live in found if (document := describer.document(live))]
    kept, refused = _accepted(drafts, inventory, stored)
    users = _only_users(inventory, {document.address for document in kept})
    return Imported(
        tuple(replace(document, beside=users.get(document.address)) for document in kept),
        (
            *describer.findings,
            *refused,
            *_unnamed(describer.ids),
            *_unread(inventory, choice),
            *_passed_over(inventory, choice),
        ),
    )


def _accepted(
    documents: Sequence[ManifestDocument],
    inventory: Inventory,
    stored: SinkRecords,
) -> tuple[list[ManifestDocument], list[Finding]]:
    """The documents a plan takes, and in its own words why it refuses the others."""
    kept = list(documents)
    refused: list[Finding] = []
    ids = {document.address: document.id for document in documents}
    names = {kind.delivery.default for kind in inventory.kinds.values() if kind.delivery}
    names |= {sink for held in stored.held.values() for sink in held}
    while True:
        desired = [Desired(one.address, one.spec, Source("", 1, 1)) for one in kept]
        stops = {
            finding.address: finding.message
            for finding in plan(desired, inventory, Sinks(names, ids)).refused
            if finding.address in ids
        }
        if not stops:
            return kept, refused
        refused += [left_out(address, why) for address, why in stops.items() if address]
        kept = [one for one in kept if one.address not in stops]


def _only_users(inventory: Inventory, imported: set[Address]) -> Mapping[Address, Address]:
    """Each object that just one object of another kind refers to, with that one.

    Objects of one kind that point at each other, such as skills, do not count. Nothing is put
    beside an object that may itself be put beside another.
    """
    kinds = inventory.kinds
    below = {ref for kind in kinds.values() for _, ref in kind.references if ref != kind.name}
    found: dict[Address, Address] = {}
    for target in imported:
        referrers = {one.address for one in inventory.referrers(target)}
        users = [
            user for user in referrers if user.kind != target.kind and not kinds[user.kind].belongs
        ]
        if len(users) == 1 and users[0] in imported and users[0].kind not in below:
            found[target] = users[0]
    return found


def _meant(inventory: Inventory, choice: Choice) -> Iterator[Live]:
    for live in inventory.objects:
        if choice.fits(live.address, inventory.kinds[live.address.kind]):
            yield live


def unread(inventory: Inventory, choice: Choice) -> Mapping[str, str]:
    """The chosen collections that could not be read, with the reason."""
    return {
        name: reason
        for name in _collections(inventory, choice)
        if (reason := inventory.unreadable.get(name))
    }


def all_unread(inventory: Inventory, choice: Choice) -> bool:
    """Whether nothing that was chosen could be read."""
    return len(unread(inventory, choice)) == len(_collections(inventory, choice))


def _collections(inventory: Inventory, choice: Choice) -> list[str]:
    return [
        endpoint.name
        for _, kind in sorted(inventory.kinds.items())
        if choice.takes(kind)
        for endpoint in kind.endpoints
    ]


def _unread(inventory: Inventory, choice: Choice) -> list[Finding]:
    """A warning for each collection whose objects nobody has seen; unreadable is not absent."""
    return [
        Finding(
            "unreadable",
            f"{name} could not be read, so none of it is imported: {reason}",
            Severity.WARNING,
        )
        for name, reason in unread(inventory, choice).items()
    ]


def _unnamed(ids: Mapping[tuple[str, str], int]) -> list[Finding]:
    """How many fields were left out because they hold ids that mean nothing elsewhere."""
    return [
        Finding(
            "unnamed-id",
            f"{kind}: {name} left out ({count}): an id that lebots has no name for, so another "
            "account would get it wrong",
            Severity.NOTE,
            facts=Facts(unnamed=name),
        )
        for (kind, name), count in sorted(ids.items())
    ]


def _passed_over(inventory: Inventory, choice: Choice) -> list[Finding]:
    """How many of the objects are never imported, and why."""
    counts = Counter(
        (live.address.kind, "deleted" if live.deleted else live.unmanaged_reason)
        for live in _meant(inventory, choice)
        if live.deleted or live.unmanaged_reason
    )
    return [
        Finding("never-imported", f"{kind}: {count} left out: {why}", Severity.NOTE)
        for (kind, why), count in sorted(counts.items())
    ]
