"""Finds live objects that still have a previous name of a manifest, to rename them.

Manifests and live objects are matched by name, so the new name is put on the object and on every
reference before anything is compared. In the account ids stay, so references need no change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lebots.core.compare.match import deleted_twins
from lebots.core.model.address import Address, canonical
from lebots.core.model.change import Action, Change
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Endpoint, Kind
from lebots.core.model.live import Live
from lebots.core.quoting import quoted


@dataclass(frozen=True, slots=True)
class Renames:
    """The renames that manifests ask for and an account allows."""

    was: Mapping[Address, str] = field(default_factory=dict)
    """New address to the name the live object still has."""
    findings: tuple[Finding, ...] = ()

    def among(self, addresses: Iterable[Address]) -> "Renames":
        """Only what is about these addresses."""
        chosen = set(addresses)
        return Renames(
            {address: old for address, old in self.was.items() if address in chosen},
            tuple(finding for finding in self.findings if finding.address in chosen),
        )

    @property
    def old(self) -> set[Address]:
        """The addresses the objects still have."""
        return {Address(address.kind, name) for address, name in self.was.items()}


def find(desired: Sequence[Desired], inventory: Inventory) -> Renames:
    """The renames to make; what stands in the way of one is a finding at its former name.

    An object that a manifest declares under its own name is never renamed away from it.
    """
    asking = [wanted for wanted in desired if wanted.previously]
    if not asking:
        return Renames()
    declared = {wanted.address for wanted in desired}
    was: dict[Address, str] = {}
    findings: list[Finding] = []
    for wanted in asking:
        kind = inventory.kinds[wanted.address.kind]
        endpoint = kind.endpoint_for(wanted.spec)
        if endpoint.fixed_name:
            continue
        holders = _holders(wanted, inventory, declared)
        if inventory.at(wanted.address):
            findings += _without_effect(wanted, kind, holders)
        elif not holders:
            findings += _spelled_otherwise(wanted, kind, inventory)
        elif found := _obstacles(wanted, kind, endpoint, holders):
            findings += found
        elif not _twins(wanted, endpoint, holders, inventory):
            findings += deleted_twins(wanted, kind, inventory.like(wanted.address))
            was[wanted.address] = holders[0].address.name
    return Renames(was, tuple(findings))


def old_names(changes: Iterable[Change]) -> Mapping[Address, str]:
    """New address to old name of every rename among the changes."""
    return {c.address: c.was for c in changes if c.action is Action.RENAME}


def _holders(wanted: Desired, inventory: Inventory, declared: set[Address]) -> list[Live]:
    """The live objects with a former name that nobody else declares."""
    former = (Address(wanted.address.kind, name) for name in wanted.previously)
    return [live for address in former if address not in declared for live in inventory.at(address)]


def _without_effect(wanted: Desired, kind: Kind, holders: Sequence[Live]) -> list[Finding]:
    if not holders:
        return []
    others = ", ".join(f"{quoted(live.address.name)} (id {live.id})" for live in holders)
    text = (
        f"previously has no effect any more: {kind.label} {quoted(wanted.address.name)} exists, "
        f"and {others} is another one, which lebots does not touch; remove the name here"
    )
    return [_at(wanted, holders[0].address.name, "former-name-held", text, Severity.WARNING)]


def _twins(
    wanted: Desired, endpoint: Endpoint, holders: Sequence[Live], inventory: Inventory
) -> list[Live]:
    """Objects with the new name in another spelling, which the matching tells of."""
    return [
        live
        for live in inventory.like(wanted.address)
        if not live.deleted and live.endpoint == endpoint.name and live not in holders
    ]


def _obstacles(
    wanted: Desired, kind: Kind, endpoint: Endpoint, holders: Sequence[Live]
) -> list[Finding]:
    """Why the object of a former name cannot be renamed; never more than one reason at a time."""
    name, live = wanted.address.name, holders[0]
    former = quoted(live.address.name)
    if len(holders) > 1:
        ids = ", ".join(f"{one.id} ({quoted(one.address.name)})" for one in holders)
        text = (
            f"{len(holders)} live objects have a former name of {kind.label} {quoted(name)}: {ids};"
            " lebots never picks one, leave only the name of the one that is meant, or rename or "
            "remove the others first"
        )
        return [_at(wanted, live.address.name, "ambiguous", text)]
    if live.unmanaged_reason:
        text = (
            f"the former name {former} is held by {live.unmanaged_reason} (id {live.id}), which lebots "
            "never touches; remove it from previously"
        )
        return [_at(wanted, live.address.name, "held-by-other", text)]
    if live.endpoint != endpoint.name:
        theirs = kind.endpoint(live.endpoint).variant
        text = (
            f"{kind.label} {former} (id {live.id}) is of {kind.variant_field} {quoted(theirs)}, "
            f"which cannot become {quoted(endpoint.variant)}; remove the name from previously"
        )
        return [_at(wanted, live.address.name, "cannot-rename", text)]
    return []


def _spelled_otherwise(wanted: Desired, kind: Kind, inventory: Inventory) -> list[Finding]:
    """A refusal where an object has a former name in another spelling, which may be the one meant.

    Where that is the present name in another spelling, the matching tells of it.
    """
    for position, former in enumerate(wanted.previously):
        if canonical(former) == canonical(wanted.address.name):
            continue
        for live in inventory.like(Address(wanted.address.kind, former)):
            if not live.deleted and live.address.name != former:
                text = (
                    f"the account writes this {kind.label} {quoted(live.address.name)} (id "
                    f"{live.id}), not {quoted(former)}; write the name as the account does"
                )
                place = ("previously", position)
                return [wanted.metadata_finding("name-differs", text, place, Severity.REFUSAL)]
    return []


def _at(
    wanted: Desired, former: str, code: str, text: str, severity: Severity = Severity.REFUSAL
) -> Finding:
    """A finding at the place of a former name."""
    place = ("previously", wanted.previously.index(former))
    return wanted.metadata_finding(code, text, place, severity)
