"""Drift: manual changes in an account since the last complete apply."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from lebots.core.compare.change import NO_SECRETS, compute_change
from lebots.core.compare.match import Match, match
from lebots.core.compare.rename import Renames, find
from lebots.core.history.origin import History, explain, origins
from lebots.core.history.receipt import Baseline, Receipt, created_with
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Cause, Change, Origin
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Kind
from lebots.core.model.live import Ref
from lebots.core.model.plan import BLOCKING, Plan
from lebots.core.model.value import Spec
from lebots.core.planner import selected, unread_lists, with_delivery
from lebots.core.quoting import quoted

_GONE = frozenset({"not-selectable"})
"""Findings that say no more than that an object is not there."""
_NAMED = "its name is now {}"

Evidence: TypeAlias = Literal["receipt", "history", "nothing"]
Earlier: TypeAlias = Callable[[Address], Iterable[Spec]]
"""What the manifests said of an object so far."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Differences between an account and its manifests that no edit of a manifest explains."""

    account: str
    changes: tuple[Change, ...]
    """Objects that are gone (create) or differ (update), each field from the live value to the
    declared one, by address."""
    new: tuple[Change, ...] = ()
    """Objects that nobody declares and that were not there before."""
    findings: tuple[Finding, ...] = ()
    since: datetime | None = None
    """When the last clean apply ended; None where no receipt tells."""
    told_by: Evidence = "nothing"
    """What tells drift from pending changes; where nothing does, every difference counts."""
    pending: int = 0
    """Objects with differences that an edit of the manifests explains."""
    live: int = 0
    """Objects of the managed kinds the account holds now."""

    def __bool__(self) -> bool:
        return bool(self.changes or self.new)


def drift(
    desired: Sequence[Desired],
    inventory: Inventory,
    receipt: Receipt | None = None,
    only: Sequence[Address] = (),
    earlier: Earlier | None = None,
) -> Drift:
    """What differs, apart from what was edited in the manifests and not applied yet.

    A receipt that has a baseline tells that exactly. Without one a value that the manifests had
    ``earlier`` is pending; without that too, every difference of an owned field counts, and of one
    that lebots set on the create. An object that cannot be looked at is a finding. Where secrets
    are is no concern of it. Raises UsageError where ``only`` names an address that no manifest
    declares.
    """
    kinds = inventory.kinds
    desired = [with_delivery(wanted, kinds) for wanted in desired]
    made = {one.address: created_with(kinds[one.address.kind], one) for one in desired}
    desired = [replace(one, spec={**made[one.address], **one.spec}) for one in desired]
    chosen = selected(desired, only, kinds)
    baseline = receipt.clean if receipt else None
    evidence: Evidence = "receipt" if baseline else "history" if earlier else "nothing"
    renames = find(desired, inventory)
    every, findings = _differing(chosen, inventory, renames, made)
    differing = every
    if receipt and baseline:
        known = _evidence(receipt, baseline, chosen)
        differing = _unexplained(differing, desired, inventory, known)
        differing = [_with_new_name(change, baseline, inventory) for change in differing]
        findings += _untold(differing, kinds)
    elif earlier:
        known = History(None, earlier, _declared_before(differing, earlier))
        differing = _unexplained(differing, desired, inventory, known)
    findings += unread_lists(inventory)
    declared = {wanted.address for wanted in desired} | renames.old
    return Drift(
        account=inventory.account.id,
        changes=tuple(sorted(map(_as_it_is, differing), key=lambda change: change.address)),
        new=() if only else tuple(_new(declared, inventory, baseline)),
        findings=(*findings, *_without_baseline(receipt, evidence)),
        since=receipt.ended if receipt and baseline else None,
        told_by=evidence,
        pending=_pending(every, differing),
        live=inventory.in_reach(declared),
    )


def _pending(every: Iterable[Change], drifted: Iterable[Change]) -> int:
    """How many of the differing objects differ in more than what drifted."""
    kept = {one.address: (one.action, len(one.fields)) for one in drifted}
    return sum(kept.get(one.address) != (one.action, len(one.fields)) for one in every)


def _differing(
    chosen: Sequence[Desired],
    inventory: Inventory,
    renames: Renames,
    made: Mapping[Address, Spec],
) -> tuple[list[Change], list[Finding]]:
    """Every object that is not as declared, or made, and those that cannot be looked at."""
    was = renames.among(wanted.address for wanted in chosen).was
    view = inventory.renamed(was)
    matches, found = match(chosen, view)
    findings = [one for one in found if one.severity in BLOCKING and one.code not in _GONE]
    held = {one.address for one in findings}
    differing = [
        change
        for pair in matches
        if pair.desired.address not in held
        if (change := _difference(pair, view, was, made[pair.desired.address]))
    ]
    return differing, findings


def _declared_before(differing: Iterable[Change], earlier: Earlier) -> list[Address]:
    """The objects that are not there and that a commit declares: only a new one may be pending."""
    missing = [change.address for change in differing if change.action is Action.CREATE]
    return [one for one in missing if next(iter(earlier(one)), None) is not None]


def _without_baseline(receipt: Receipt | None, evidence: Evidence) -> list[Finding]:
    if receipt is None or receipt.clean:
        return []
    rest = "git history tells" if evidence == "history" else "every difference is shown"
    text = f"the run of the receipt left something to do, so {rest}"
    return [Finding("receipt-without-baseline", text, Severity.NOTE)]


def _evidence(receipt: Receipt, baseline: Baseline, chosen: Sequence[Desired]) -> History:
    # Of what a narrowed run did not look at nothing is known, so that every difference counts.
    unknown = [w.address for w in chosen if receipt.targets and w.address not in baseline.at]
    return History(receipt, existed=unknown)


def _unexplained(
    differing: Sequence[Change],
    desired: Sequence[Desired],
    inventory: Inventory,
    evidence: History,
) -> list[Change]:
    """The differences without those that an edit of the manifests explains."""
    plan = Plan(inventory.account.id, tuple(differing))
    told = explain(plan, desired, desired, inventory, evidence).changes
    return [_only_drift(change) for change in told if Origin.DRIFT in origins(change)]


def _difference(
    pair: Match, inventory: Inventory, was: Mapping[Address, str], made: Spec
) -> Change | None:
    """How the object differs in what the account holds of it; None where it does not.

    ``made`` is what no manifest says and lebots sets on the create.
    """
    change = compute_change(pair, inventory, NO_SECRETS, was)
    if change.action is Action.CREATE:
        return change
    shown = made.keys() & (pair.live.spec.keys() if pair.live else ())
    fields = tuple(
        replace(part, source=None, cause=Cause.DEFAULT) if name in made else part
        for part in change.fields
        if not (part.reset or pair.kind.by_name[name := part.field].client_only)
        if name in shown or name not in made
    )
    return replace(change, fields=fields, sink="") if fields or change.was else None


def _only_drift(change: Change) -> Change:
    """The change without what an edit of the manifests explains, the new name too."""
    if change.action is Action.RENAME and change.origin is not Origin.DRIFT:
        change = replace(change, action=Action.UPDATE, was="")
    fields = [replace(part, origin=None) for part in change.fields if part.origin is Origin.DRIFT]
    return replace(change, origin=None, fields=tuple(fields))


def _as_it_is(change: Change) -> Change:
    """A rename told as what it takes back."""
    if change.action is not Action.RENAME:
        return change
    return replace(change, action=Action.UPDATE, was="", note=_NAMED.format(quoted(change.was)))


def _with_new_name(change: Change, baseline: Baseline, inventory: Inventory) -> Change:
    """The change, with the name its object has by now where somebody renamed it."""
    known = baseline.at.get(change.address)
    if change.action is not Action.CREATE or known is None:
        return change
    name = inventory.names.get(Ref(change.address.kind, known.id))
    note = "" if name is None else _NAMED.format(quoted(name))
    return replace(change, id=known.id, note=note)


def _untold(changes: Sequence[Change], kinds: Mapping[str, Kind]) -> list[Finding]:
    """A note for each personal field: receipts do not hold it, so either side may have changed."""
    return [
        Finding(
            "personal-not-known",
            f"{part.path} of {kinds[change.address.kind].label} {quoted(change.address.name)} "
            "differs; receipts hold nothing personal, so the manifest may have changed as well",
            Severity.NOTE,
            part.source,
            change.address,
        )
        for change in changes
        if change.action is Action.UPDATE
        for part in change.fields
        if part.personal
    ]


def _new(
    declared: Collection[Address],
    inventory: Inventory,
    baseline: Baseline | None,
) -> list[Change]:
    if baseline is None:
        return []
    known = baseline.undeclared | baseline.by_id.keys()
    found = [
        Change(live.address, Action.UNMANAGED, live.endpoint, live.id, note="unmanaged")
        for live in inventory.undeclared(declared)
        if live.ref not in known
    ]
    return sorted(found, key=lambda change: (change.address, change.id or ""))
