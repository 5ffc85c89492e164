"""Finds the live object of each manifest by its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lebots.core.did_you_mean import did_you_mean
from lebots.core.model.address import Address, is_sayable
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Facts, Finding, Severity
from lebots.core.model.inventory import Inventory, targets
from lebots.core.model.kind import Endpoint, Kind
from lebots.core.model.live import Live
from lebots.core.quoting import quoted


@dataclass(frozen=True, slots=True)
class Match:
    """A manifest and the live object it means, if there is one."""

    desired: Desired
    """Without the fields it ignores, where the object exists."""
    kind: Kind
    endpoint: Endpoint
    live: Live | None


def match(desired: Sequence[Desired], inventory: Inventory) -> tuple[list[Match], list[Finding]]:
    """Pairs every manifest with its live object; what cannot be paired safely is a finding."""
    matches: list[Match] = []
    findings: list[Finding] = []
    for wanted in desired:
        kind = inventory.kinds[wanted.address.kind]
        endpoint = kind.endpoint_for(wanted.spec)
        candidates = [
            live for live in inventory.like(wanted.address) if live.endpoint == endpoint.name
        ]
        present = [live for live in candidates if not live.deleted]
        stop = _obstacle(wanted, kind, endpoint, present, inventory)
        findings += stop
        if not stop and not present:
            findings += deleted_twins(wanted, kind, candidates)
        live = present[0] if present and not stop else None
        matches.append(Match(owning(wanted) if live else wanted, kind, endpoint, live))
    return matches, findings


def only_one(kind: Kind, twins: Sequence[Live]) -> str:
    """How to come to one object of a name, where several have it."""
    if other := _another(kind, [kind.endpoint(live.endpoint) for live in twins]):
        return f"and the account can neither rename nor remove them: {other}"
    return "rename or remove the others first"


def unsayable(kind: Kind, live: Live) -> str:
    """What to do about a name that no manifest can hold."""
    endpoint = kind.endpoint(live.endpoint)
    advice = "rename it in the account, to one line without blanks around it"
    return _another(kind, [endpoint]) or endpoint.fixed_name or advice


def _another(kind: Kind, endpoints: Sequence[Endpoint]) -> str:
    """What to use in place of objects that the vendor lets nobody write; empty where one can."""
    writable = [endpoint for endpoint in kind.endpoints if endpoint.writable]
    if not writable or any(endpoint.writable for endpoint in endpoints):
        return ""
    return f"use a {kind.label} of {kind.variant_field} {writable[0].variant} instead"


def owning(wanted: Desired) -> Desired:
    """The manifest of an object that exists: what it ignores is for people to set."""
    if not wanted.ignore:
        return wanted
    kept = {name: value for name, value in wanted.spec.items() if name not in wanted.ignore}
    return replace(wanted, spec=kept)


def check_references(desired: Sequence[Desired], inventory: Inventory) -> list[Finding]:
    """A finding for every name in a manifest that leads nowhere or to more than one object."""
    declared = {wanted.address: wanted.address.name for wanted in desired}
    known = {
        **{Address(w.address.kind, old): w.address.name for w in desired for old in w.previously},
        **declared,
    }
    return [
        finding
        for wanted in desired
        for path, target in targets(inventory.kinds[wanted.address.kind], wanted.spec)
        if target not in declared
        for finding in _reference(wanted, path, target, inventory, known)
    ]


def _obstacle(
    wanted: Desired, kind: Kind, endpoint: Endpoint, present: Sequence[Live], inventory: Inventory
) -> list[Finding]:
    name = wanted.address.name
    twins = [live for live in inventory.at(wanted.address) if live.endpoint != endpoint.name]
    if twins:
        # References hold names alone, so such a name could mean either object.
        ids = ", ".join(f"{live.endpoint} {live.id}" for live in (*present, *twins))
        text = f"another {kind.label} is named {quoted(name)} too ({ids}); choose another name"
        return [wanted.finding("ambiguous", text, Severity.REFUSAL)]
    if len(present) > 1:
        ids = ", ".join(f"{live.id} ({quoted(live.address.name)})" for live in present)
        text = (
            f"{len(present)} live objects match {kind.label} {quoted(name)}: {ids}; lebots never "
            f"picks one, {only_one(kind, present)}"
        )
        return [wanted.finding("ambiguous", text, Severity.REFUSAL)]
    if not present and (reason := inventory.unreadable.get(endpoint.name)):
        text = f"{kind.label} {quoted(name)} cannot be looked up: {reason}"
        facts = Facts(unread=endpoint.name)
        return [wanted.finding("unreadable", text, Severity.REFUSAL, facts=facts)]
    if not present:
        return [] if endpoint.writable else [_not_selectable(wanted, kind, endpoint, inventory)]
    return _untouchable(wanted, kind, present[0])


def _untouchable(wanted: Desired, kind: Kind, live: Live) -> list[Finding]:
    """Why lebots must not change the one object of a name."""
    name = wanted.address.name
    if holder := live.unmanaged_reason or (
        f"the {kind.label} of every account" if live.built_in else ""
    ):
        text = (
            f"the name {quoted(name)} is held by {holder} (id {live.id}), which lebots never "
            "touches; choose another name"
        )
        return [wanted.finding("held-by-other", text, Severity.REFUSAL)]
    if live.faults:
        text = (
            f"{kind.label} {quoted(name)} (id {live.id}) cannot be read: {live.unread}; correct it "
            "in the account, or take its manifest out"
        )
        return [wanted.finding("undecodable", text, Severity.REFUSAL)]
    if live.address.name != name:
        advice = "write the name as the account does"
        if not is_sayable(live.address.name):
            advice = f"no manifest can hold that name: {unsayable(kind, live)}"
        text = (
            f"the account writes this {kind.label} {quoted(live.address.name)} (id {live.id}), not "
            f"{quoted(name)}; {advice}"
        )
        return [wanted.finding("name-differs", text, Severity.REFUSAL)]
    return []


def _not_selectable(
    wanted: Desired, kind: Kind, endpoint: Endpoint, inventory: Inventory
) -> Finding:
    names = [
        name
        for name in inventory.names_of(kind.name)
        if any(live.endpoint == endpoint.name for live in inventory.at(Address(kind.name, name)))
    ]
    text = (
        f"the account has no {kind.label} {quoted(wanted.address.name)} of {kind.variant_field} "
        f"{quoted(endpoint.variant)}, and such a {kind.label} can be selected, never created"
    )
    return wanted.finding("not-selectable", text + did_you_mean(wanted.address.name, names))


def deleted_twins(wanted: Desired, kind: Kind, candidates: Sequence[Live]) -> list[Finding]:
    """A warning where deleted objects among these still hold the name."""
    deleted = [live for live in candidates if live.deleted]
    if not deleted:
        return []
    ids = ", ".join(live.id for live in deleted)
    text = (
        f"a deleted {kind.label} (id {ids}) still holds the name {quoted(wanted.address.name)}; "
        "lebots does not revive it, and the account may refuse to give the name away again"
    )
    return [wanted.finding("name-of-deleted", text, Severity.WARNING)]


def _reference(
    wanted: Desired,
    path: tuple[str | int, ...],
    target: Address,
    inventory: Inventory,
    known: Mapping[Address, str],
) -> list[Finding]:
    found, kinds = inventory.at(target), inventory.kinds
    label = kinds[target.kind].label
    if found:
        return _unusable(wanted, path, kinds[target.kind], found)
    for endpoint in kinds[target.kind].endpoints:
        if reason := inventory.unreadable.get(endpoint.name):
            text = f"{label} {quoted(target.name)} cannot be looked up: {reason}"
            facts = Facts(unread=endpoint.name)
            return [wanted.finding("reference-unreadable", text, Severity.REFUSAL, path, facts)]
    if target in known:
        text = f"{label} {quoted(target.name)} is named {quoted(known[target])} now; write that"
        return [wanted.finding("reference-renamed", text, path=path)]
    names = inventory.names_of(target.kind)
    names += [name for other, name in known.items() if other.kind == target.kind]
    text = (
        f"reference to unknown {label} {quoted(target.name)}: no manifest declares it and the "
        "account has none"
    )
    return [wanted.finding("reference-unknown", text + did_you_mean(target.name, names), path=path)]


def _unusable(
    wanted: Desired, path: tuple[str | int, ...], kind: Kind, found: Sequence[Live]
) -> list[Finding]:
    """Why the objects of a name cannot be referred to; nothing where one can."""
    target = f"{kind.label} {quoted(found[0].address.name)}"
    if len(found) > 1:
        ids = ", ".join(live.id for live in found)
        text = f"{len(found)} live objects are named {target}: {ids}; {only_one(kind, found)}"
        return [wanted.finding("reference-ambiguous", text, Severity.REFUSAL, path)]
    if found[0].unmanaged_reason:
        text = f"{target} is {found[0].unmanaged_reason} and cannot be used; name another one"
        return [wanted.finding("reference-foreign", text, Severity.REFUSAL, path)]
    if found[0].faults:
        text = (
            f"{target} (id {found[0].id}) cannot be read: {found[0].unread}; correct it in the "
            "account, or name another one"
        )
        return [wanted.finding("reference-undecodable", text, Severity.REFUSAL, path)]
    return []
