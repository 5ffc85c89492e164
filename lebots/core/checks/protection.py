"""Refuses changes of protected objects."""

from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import dataclass

from lebots.core.checks.name_patterns import known_as, plain, protecting, spelled
from lebots.core.compare.change import sends
from lebots.core.compare.match import Match
from lebots.core.model.address import Address
from lebots.core.model.change import TOUCHES, Change
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.kind import Kind
from lebots.core.model.live import Live
from lebots.core.model.options import AccountPolicy


def protected(changes: Iterable[Change], patterns: Sequence[str]) -> list[Finding]:
    """A refusal for every change to an object that exists and that the project protects."""
    return [
        Finding(
            "protected",
            f"lebots.yaml protects {pattern}, so lebots does not change it; remove the manifest, "
            "or have the guard reviewed",
            Severity.REFUSAL,
            change.source,
            change.address,
        )
        for change in changes
        if change.action in TOUCHES
        for pattern in protecting(patterns, *_addresses(change))
    ]


def shielded(wanted: Desired, patterns: Sequence[str], so: str) -> list[Finding]:
    """A refusal for every pattern that protects what a manifest declares, under any of its names.

    ``so`` says what is not done because of it.
    """
    return [
        wanted.finding(
            "protected",
            f"lebots.yaml protects {pattern}, so {so}; have the guard reviewed",
            Severity.REFUSAL,
        )
        for pattern in protecting(patterns, *names_of(wanted))
    ]


def shielded_anew(
    desired: Iterable[Desired], moved: Set[Address], patterns: Sequence[str], to: Kind
) -> list[Finding]:
    """A refusal for each object to move that is protected under a name it has yet to get.

    What protects it under the name it has, a plan of the moves tells.
    """
    return [
        finding
        for wanted in desired
        if not moved.isdisjoint(names_of(wanted)[1:])
        for finding in shielded(wanted, patterns, f"it is not moved to another {to.label}")
    ]


def locked(
    changes: Iterable[Change], matches: Iterable[Match], replaceable: Collection[Address]
) -> list[Finding]:
    """A refusal for every change to an object that exists and whose manifest protects it.

    To deliver its secret is no change of it, unless the object is ``replaceable``: where its secret
    turns out to be lost, the run would switch it off and make another.
    """
    protects = {pair.desired.address: pair for pair in matches if pair.desired.protect}
    found = []
    for change in changes:
        if change.address not in protects or change.action not in TOUCHES:
            continue
        pair, verb = protects[change.address], change.action.value
        if not sends(change, pair.kind):
            if change.secret_from or change.address not in replaceable:
                continue
            verb = "replace"
        text = (
            f"metadata.protect is true, so lebots does not {verb} {change.address}; remove that "
            "line, or undo this change"
        )
        found.append(pair.desired.metadata_finding("locked", text, ("protect",), Severity.REFUSAL))
    return found


def _addresses(change: Change) -> Iterable[Address]:
    """The address of a change, and the one its object had before a rename."""
    yield change.address
    if change.was:
        yield Address(change.address.kind, change.was)


@dataclass(frozen=True, slots=True)
class Said:
    """What manifests say of names, in plain form, whether or not an object has one of them."""

    locked: frozenset[Address]
    """Those of what ``metadata.protect`` keeps as it is."""
    former: frozenset[Address]
    """Those under ``metadata.previously``."""


def said(wanted: Iterable[Desired]) -> Said:
    """What these manifests say of names."""
    wanted = tuple(wanted)
    return Said(
        frozenset(name for one in wanted if one.protect for name in map(_plain, names_of(one))),
        frozenset(_plain(name) for one in wanted for name in names_of(one)[1:]),
    )


def guard(live: Live, names: Said, allowed: AccountPolicy) -> str:
    """Why an object in scope is kept whoever uses it; empty where neither name nor login tells."""
    for pattern in protecting(allowed.protect, live.address):
        return f"lebots.yaml protects {pattern}"
    if live.id in allowed.own:
        return "this run logs in with it"
    if not known_as(live.address).isdisjoint(names.locked):
        return "a manifest of that name says metadata.protect"
    if _plain(live.address) in names.former:
        return "a manifest names it under metadata.previously"
    if not any(spelled(one, live.address.name) for one in allowed.scope[live.address.kind]):
        return "but the scope spells its name otherwise; write it there as the account does"
    return ""


def names_of(wanted: Desired) -> tuple[Address, ...]:
    """The address of a manifest, and those its object had before."""
    kind = wanted.address.kind
    return (wanted.address, *(Address(kind, name) for name in wanted.previously))


def _plain(address: Address) -> Address:
    return Address(address.kind, plain(address.name))
