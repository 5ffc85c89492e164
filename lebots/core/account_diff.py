"""Two live accounts side by side, by name; ids differ between accounts and are never compared."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lebots.core.compare.diff import diff
from lebots.core.model.address import Address
from lebots.core.model.change import FieldChange
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Field, Kind
from lebots.core.model.live import Live
from lebots.core.quoting import quoted
from lebots.core.vendor.normalise import normalise


@dataclass(frozen=True, slots=True)
class Pair:
    """One name in both accounts, or in one of them."""

    address: Address
    here: bool
    there: bool
    fields: tuple[FieldChange, ...] = ()
    """What differs, from here to there; none where it is in one account only."""

    @property
    def same(self) -> bool:
        """Whether both accounts have it, with the same fields."""
        return self.here and self.there and not self.fields


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two accounts have in common, and what not."""

    here: str
    there: str
    pairs: tuple[Pair, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def only_here(self) -> tuple[Pair, ...]:
        """What the second account lacks."""
        return tuple(pair for pair in self.pairs if not pair.there)

    @property
    def only_there(self) -> tuple[Pair, ...]:
        """What the first account lacks."""
        return tuple(pair for pair in self.pairs if not pair.here)

    @property
    def different(self) -> tuple[Pair, ...]:
        """What both have, not with the same fields."""
        return tuple(pair for pair in self.pairs if pair.fields)

    @property
    def same(self) -> int:
        """How many objects are the same in both."""
        return sum(pair.same for pair in self.pairs)


def compare(here: Inventory, there: Inventory) -> Comparison:
    """Every object that manifests could declare, people and deleted ones aside.

    What cannot be compared is a finding: a name that several objects of an account share, an object
    that cannot be read, a list that is shown by one account alone.
    """
    unread = here.unreadable.keys() | there.unreadable.keys()
    left, right = _objects(here, unread), _objects(there, unread)
    findings = [*_twins(here, left), *_twins(there, right)]
    findings += [*_undecodable(here, there), *_unreadable(here, there)]
    odd = {live.address for each in (here, there) for live in each.undecodable}
    pairs = []
    for address in sorted((left.keys() | right.keys()) - odd):
        ours, theirs = left.get(address, []), right.get(address, [])
        if len(ours) > 1 or len(theirs) > 1:
            continue
        kind = here.kinds[address.kind]
        fields = _differences(kind, ours[0], theirs[0], here, unread) if ours and theirs else ()
        pairs.append(Pair(address, bool(ours), bool(theirs), fields))
    return Comparison(here.account.id, there.account.id, tuple(pairs), tuple(findings))


def _objects(inventory: Inventory, unread: Collection[str]) -> dict[Address, list[Live]]:
    return {
        live.address: [one for one in inventory.at(live.address) if not one.unmanaged_reason]
        for live in inventory.managed
        if live.endpoint not in unread
    }


def _differences(
    kind: Kind, ours: Live, theirs: Live, inventory: Inventory, unread: Collection[str]
) -> tuple[FieldChange, ...]:
    """What differs, apart from references whose names one of the accounts does not show."""
    unnamed = {
        each.name
        for each in inventory.kinds.values()
        if any(endpoint.name in unread for endpoint in each.endpoints)
    }
    known = [part.name for part in _fields(kind) if not _refers(part, unnamed)]
    sides = ({name: live.spec.get(name) for name in known} for live in (ours, theirs))
    return diff(kind, *(normalise(kind, side) for side in sides))


def _refers(part: Field, kinds: Collection[str]) -> bool:
    return part.ref in kinds or any(inner.ref in kinds for inner in part.fields)


def _fields(kind: Kind) -> Iterator[Field]:
    # The variant tells which collection an object lives in, and is compared though it is local.
    for part in kind.fields:
        if not part.account_id and (not part.client_only or part.name == kind.variant_field):
            yield part


def _undecodable(*inventories: Inventory) -> list[Finding]:
    return [
        Finding(
            "undecodable",
            f"{live.address} (id {live.id}) of account {each.account.id} cannot be read: "
            f"{live.unread}",
            Severity.WARNING,
        )
        for each in inventories
        for live in each.undecodable
    ]


def _twins(inventory: Inventory, objects: Mapping[Address, Sequence[Live]]) -> list[Finding]:
    return [
        Finding(
            "ambiguous",
            f"account {inventory.account.id} has {len(found)} objects named {quoted(address.name)} "
            f"({', '.join(live.id for live in found)}), so they cannot be compared",
            Severity.WARNING,
            address=address,
        )
        for address, found in sorted(objects.items())
        if len(found) > 1
    ]


def _unreadable(*inventories: Inventory) -> list[Finding]:
    return [
        Finding(
            "unreadable",
            f"{name} of account {each.account.id} could not be read: {reason}",
            Severity.WARNING,
        )
        for each in inventories
        for name, reason in sorted(each.unreadable.items())
    ]
