"""Checks one reading of an account and its connection: permissions, features, counts and advice."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lebots.core.model.address import Address
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Live, PlannedState

_CLOCK_WARNS, _CLOCK_FAILS = 30.0, 3600.0
_ALMOST_FULL = 0.9


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; a NOTE is as it should be."""

    name: str
    severity: Severity
    message: str


def examine(
    inventory: Inventory,
    actor: str,
    clock_offset: float | None,
    *,
    by_token: bool = False,
) -> list[Check]:
    """Every check, in the order in which they matter; ``actor`` says who reads the account.

    ``by_token``: an application does, whose scopes say what it may write.
    """
    return [
        Check("reach", Severity.NOTE, f"account {inventory.account.id} answers"),
        Check("credential", Severity.NOTE, actor),
        *_readable(inventory),
        *(_writable(inventory) if by_token else ()),
        *_clock(clock_offset),
        *_features(inventory),
        *_undecodable(inventory),
        *_counts(inventory),
        *_advice(inventory),
    ]


def _readable(inventory: Inventory) -> Iterator[Check]:
    for name, reason in sorted(inventory.unreadable.items()):
        yield Check("rights", Severity.WARNING, f"{name} cannot be read: {reason}")
    unasked = ", ".join(sorted(inventory.account.unasked))
    if not inventory.unreadable:
        every = "every collection that is needed" if unasked else "every collection"
        yield Check("rights", Severity.NOTE, f"{every} can be read")
    if unasked:
        yield Check("rights", Severity.NOTE, f"not read, since nothing needs it: {unasked}")


def _writable(inventory: Inventory) -> Iterator[Check]:
    for kind in inventory.kinds.values():
        for endpoint in kind.endpoints:
            if endpoint.unknown_scope:
                words = f"{endpoint.name} can be written by some logins only: "
                yield Check("rights", Severity.WARNING, words + endpoint.unknown_scope)


def _clock(offset: float | None) -> Iterator[Check]:
    if offset is None:
        return
    # OAuth 1 signatures and tokens depend on the time; an hour is what no service tolerates (F33).
    size = abs(offset)
    severity = Severity.NOTE
    if size > _CLOCK_WARNS:
        severity = Severity.ERROR if size > _CLOCK_FAILS else Severity.WARNING
    where = "behind" if offset > 0 else "ahead of"
    words = "agrees with" if size < 1 else f"is {size:.0f} s {where}"
    yield Check("clock", severity, f"the clock here {words} the account's")


def _features(inventory: Inventory) -> Iterator[Check]:
    present = {live.endpoint for live in inventory.managed}
    for kind in inventory.listed.values():
        for endpoint in kind.endpoints:
            if endpoint.feature and endpoint.name in present:
                words = f"there are objects of kind {kind.name}, so the account can have them"
                yield Check("feature", Severity.NOTE, words)
            elif endpoint.feature:
                words = f"no object of kind {kind.name} exists yet; {endpoint.feature}"
                yield Check("feature", Severity.WARNING, words)


def _undecodable(inventory: Inventory) -> Iterator[Check]:
    for live in inventory.undecodable:
        words = f"{live.address} (id {live.id}) cannot be read: {live.unread}"
        yield Check("undecodable", Severity.WARNING, words)


def _counts(inventory: Inventory) -> Iterator[Check]:
    for kind in inventory.listed.values():
        for endpoint in kind.endpoints:
            if endpoint.name in inventory.unreadable or not kind.counted:
                continue
            count, limit = inventory.counts[endpoint.name], endpoint.limit
            name = kind.collected(endpoint.name)
            if limit is None:
                yield Check("count", Severity.NOTE, f"{count} {name}")
            else:
                full = count > limit * _ALMOST_FULL
                severity = Severity.WARNING if full else Severity.NOTE
                yield Check("count", severity, f"{count} of {limit} {name}")


def _advice(inventory: Inventory) -> Iterator[Check]:
    """What the rules of the kinds say of everything in the account, declared or not."""
    world = {
        live.address: replace(PlannedState.of(live), declared=_counts_as_ours(inventory, live))
        for live in inventory.present
    }
    rules = (rule for kind in inventory.kinds.values() for rule in kind.rules)
    found = (finding for rule in rules for finding in rule(world))
    for finding in sorted(found, key=_by_address):
        severity = Severity.WARNING if finding.severity is Severity.ERROR else finding.severity
        yield Check(finding.code, severity, f"{finding.address}: {finding.message}")


def _counts_as_ours(inventory: Inventory, live: Live) -> bool:
    return inventory.kinds[live.address.kind].counted and not (live.unmanaged_reason or live.faults)


def _by_address(finding: Finding) -> tuple[Address, str]:
    return finding.address or Address("", ""), finding.code
