"""Desired and live in, one plan out; a pure function."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from lebots.core.checks.grant_limits import beyond
from lebots.core.checks.missing_credentials import missing_credentials, rotating, undelivered
from lebots.core.checks.named import check_declared, check_recreated
from lebots.core.checks.policy import adopted, advice, growth, outgrown, taken_over
from lebots.core.checks.possible_renames import rename_suggestions
from lebots.core.checks.protection import locked, protected
from lebots.core.checks.removal_limits import guard
from lebots.core.compare.change import (
    NO_SECRETS,
    Sinks,
    can_be_used,
    cannot_create,
    compute_change,
    hidden,
    immutable,
    planned_state,
    sends,
    yields_secret,
)
from lebots.core.compare.dependants import with_dependants
from lebots.core.compare.effects import with_effects
from lebots.core.compare.match import Match, check_references, match
from lebots.core.compare.order import ordered
from lebots.core.compare.rename import find
from lebots.core.did_you_mean import did_you_mean
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Facts, Finding, Severity
from lebots.core.model.inventory import Inventory, targets
from lebots.core.model.kind import Kind
from lebots.core.model.options import NO_LIMITS, NO_OPTIONS, AccountPolicy, PlanOptions
from lebots.core.model.plan import BLOCKING, Calls, Plan
from lebots.core.proposal.kept import UNMET, kept_to, unmet
from lebots.core.prune.steps import Pruned, prune
from lebots.core.quoting import quoted


def plan(
    desired: Sequence[Desired],
    inventory: Inventory,
    sinks: Sinks = NO_SECRETS,
    options: PlanOptions = NO_OPTIONS,
    policy: AccountPolicy = NO_LIMITS,
) -> Plan:
    """What must happen to the account so that it matches the manifests, in ten steps.

    1. Choose the manifests that are asked for, with what they refer to, and the fields.
    2. Find the renames, and see the account as if they were made.
    3. Match each manifest with its live object, by name.
    4. Hold the manifests that something stands against by itself; nothing is compared for them.
    5. Compare the others field by field: one change each.
    6. Prune what is in scope and no manifest declares, if that is asked for.
    7. Order the changes by what refers to what.
    8. See the account as it will stand, and say what is wrong with the changes and with that.
    9. Tell of each change who uses its object, and what it does to people: its effects.
    10. Guard: hold the effects against what the policy allows; report what stays as it is.

    A refused plan must not be applied, and has all its changes all the same; only manifests that
    nothing can be planned of have none. Raises UsageError where it was asked for an address that
    no manifest declares.
    """
    kinds = inventory.kinds
    check_declared(options.named, desired)
    whole = [with_delivery(wanted, kinds) for wanted in selected(desired, options.only, kinds)]
    chosen = kept_to(options.part, whole, kinds)
    check_recreated(options.recreate, chosen, kinds)

    every = find(desired, inventory)
    renames = every.among(wanted.address for wanted in chosen if wanted.previously)
    inventory = inventory.renamed(renames.was)

    matches, found = match(chosen, inventory)
    declared = {wanted.address for wanted in desired} | every.old
    told = [*found, *renames.findings, *unmet(options.part, chosen, declared, inventory)]
    free, held, findings = _parted(matches, told, inventory, sinks, options, declared)

    pairs = [(one, compute_change(one, inventory, sinks, renames.was)) for one in free]
    changes = [change for _, change in pairs]

    known = [*pairs, *((one, Change(one.desired.address, Action.UNCHANGED)) for one in held)]
    pruned = prune(inventory, known, sinks, policy) if options.prune else Pruned()

    writes = (*ordered(changes, kinds), *pruned.changes)

    after = inventory.planned(planned_state(*pair) for pair in pairs).without(pruned.changes)
    quotas = growth(inventory, changes)
    new_here = adopted([one for one, _ in pairs], _edges(pairs, kinds), sinks.delivered)
    findings += _remarks(pairs, inventory, sinks, policy, new_here)
    findings += [*pruned.findings, *outgrown(quotas)]
    if not held:
        findings += [*advice(after), *rename_suggestions(free, inventory, after, declared)]
    declared |= {live.address for one in held for live in inventory.like(one.desired.address)}
    findings += _undecodable(inventory, declared)
    writes = with_dependants(writes, inventory, after, declared)
    complete = with_effects((*writes, *_unchanged(changes)), inventory, after, new_here, declared)
    findings += guard(complete, inventory, after, declared, options, policy)
    findings += beyond(complete, after, kinds, policy)
    return Plan(
        account=inventory.account.id,
        changes=(*complete, *_reports(inventory, declared, pruned)),
        findings=tuple(sorted(findings, key=_by_place)),
        live=inventory.in_reach(declared),
        calls=calls(writes, inventory.listed),
        quotas=quotas,
    )


def _parted(
    matches: Sequence[Match],
    told: Sequence[Finding],
    inventory: Inventory,
    sinks: Sinks,
    options: PlanOptions,
    declared: set[Address],
) -> tuple[list[Match], list[Match], list[Finding]]:
    """The manifests that changes can be planned of, the others, and all that stands against them.

    What is ``told`` of it is in that; the rest is said without a look at what would change.
    """
    unmatched = {one.address for one in told if one.severity in BLOCKING}
    matched = [one for one in matches if one.desired.address not in unmatched]
    chosen = [one.desired for one in matches]
    lacking = {one.address for one in told if one.code == UNMET}
    findings = [
        *told,
        *(one for one in check_references(chosen, inventory) if one.address not in lacking),
        *_sink_findings(chosen, inventory.kinds, sinks),
        *missing_credentials(matched, sinks, options.recreate, inventory),
        *cannot_create(matched),
        *undelivered(matched, inventory, sinks.names, declared),
    ]
    against = unmatched | {one.address for one in findings if one.severity is Severity.ERROR}
    free = [one for one in matches if one.desired.address not in against]
    return free, [one for one in matches if one.desired.address in against], findings


def _remarks(
    pairs: Sequence[tuple[Match, Change]],
    inventory: Inventory,
    sinks: Sinks,
    policy: AccountPolicy,
    new_here: Collection[Address],
) -> list[Finding]:
    """What there is to say of the changes one by one."""
    matches, changes = [one for one, _ in pairs], [change for _, change in pairs]
    return [
        *(finding for one, change in pairs for finding in immutable(change, one.kind)),
        *hidden(matches),
        *rotating(matches, inventory),
        *protected(changes, policy.protect),
        *locked(changes, matches, sinks.known if policy.replace_lost else frozenset()),
        *taken_over(matches, new_here),
        *unread_lists(inventory),
    ]


def is_blocking(findings: Sequence[Finding]) -> bool:
    """Whether any of the findings stands in the way of a plan."""
    return any(finding.severity in BLOCKING for finding in findings)


def calls(writes: Sequence[Change], kinds: Mapping[str, Kind]) -> Calls:
    """Every collection before and after, and each object that is changed or delivers a secret.

    An object that is changed is read again afterwards. The collections once more where something
    goes that somebody could use.
    """
    collections = sum(len(kind.endpoints) for kind in kinds.values())
    if not writes:
        return Calls(collections, 0)
    sent = [change for change in writes if sends(change, kinds[change.address.kind])]
    read = [change for change in sent if change.action is not Action.CREATE]
    delivering = [change for change in writes if change.sink and not change.secret_from]
    readings = 3 if any(can_be_used(change, kinds) for change in writes) else 2
    looked = sum(change.action is not Action.DELETE for change in read)
    return Calls(readings * collections + len(read) + looked + len(delivering), len(sent))


def selected(
    desired: Sequence[Desired], only: Sequence[Address], kinds: Mapping[str, Kind]
) -> Sequence[Desired]:
    """The manifests at these addresses and what they refer to; all where none is named.

    Raises UsageError for an address that no manifest declares.
    """
    if not only:
        return desired
    check_declared(only, desired)
    by_address = {wanted.address: wanted for wanted in desired}
    waiting, chosen = list(only), set()
    while waiting:
        address = waiting.pop()
        if address in by_address and address not in chosen:
            chosen.add(address)
            waiting += [t for _, t in targets(kinds[address.kind], by_address[address].spec)]
    return [wanted for wanted in desired if wanted.address in chosen]


def with_delivery(wanted: Desired, kinds: Mapping[str, Kind]) -> Desired:
    """The manifest with the sink that its secret goes to where it names none."""
    kind = kinds[wanted.address.kind]
    if not yields_secret(kind, wanted.spec) or kind.delivery is None:
        return wanted
    return replace(wanted, spec={kind.delivery.sink_field: kind.delivery.unnamed, **wanted.spec})


def _sink_findings(
    desired: Sequence[Desired], kinds: Mapping[str, Kind], sinks: Sinks
) -> list[Finding]:
    findings = []
    for wanted in desired:
        delivery = kinds[wanted.address.kind].delivery
        sink = wanted.spec.get(delivery.sink_field) if delivery else None
        if delivery and isinstance(sink, str) and sink not in sinks.names:
            if sink in sinks.proposed:
                findings.append(_proposed_sink(wanted, sink, delivery.sink_field))
                continue
            known = ", ".join(f"{quoted(name)}" for name in sorted(sinks.names))
            hint = did_you_mean(sink, sinks.names, f"known sinks: {known}")
            if (delivery.sink_field,) not in wanted.positions and known:
                hint = f", and this manifest names no other; known sinks: {known}"
            text = f"lebots.yaml has no sink {quoted(sink)}{hint}"
            findings.append(wanted.finding("unknown-sink", text, path=(delivery.sink_field,)))
    return findings


def _proposed_sink(wanted: Desired, sink: str, field: str) -> Finding:
    words = f"only the proposed lebots.yaml has the sink {quoted(sink)}, the one in force has not"
    facts = Facts(proposed=sink)
    return wanted.finding("unknown-sink", words, Severity.REFUSAL, (field,), facts)


def unread_lists(inventory: Inventory) -> list[Finding]:
    """A note for each list that the account refuses, whether or not anything needs it."""
    return [
        Finding("unreadable", f"{name} could not be read: {reason}", Severity.NOTE)
        for name, reason in sorted(inventory.unreadable.items())
    ]


def _undecodable(inventory: Inventory, declared: Collection[Address]) -> list[Finding]:
    """A warning for each object that cannot be read, where no manifest is refused for it."""
    return [
        Finding(
            "undecodable",
            f"{live.address.kind} {quoted(live.address.name)} (id {live.id}) cannot be read, so "
            f"lebots leaves it alone: {live.unread}",
            Severity.WARNING,
        )
        for live in inventory.undecodable
        if live.address not in declared
    ]


def _edges(
    pairs: Sequence[tuple[Match, Change]], kinds: Mapping[str, Kind]
) -> Mapping[Address, set[Address]]:
    desired = [one.desired for one, _ in pairs]
    declared = {wanted.address for wanted in desired}
    return {
        wanted.address: {t for _, t in targets(kinds[wanted.address.kind], wanted.spec)} & declared
        for wanted in desired
    }


def _unchanged(changes: Sequence[Change]) -> list[Change]:
    return sorted((c for c in changes if c.action is Action.UNCHANGED), key=lambda c: c.address)


def _reports(inventory: Inventory, declared: set[Address], pruned: Pruned) -> list[Change]:
    told = {(change.endpoint, change.id) for change in (*pruned.changes, *pruned.kept)}
    reports = [
        Change(live.address, Action.UNMANAGED, live.endpoint, live.id, note="unmanaged")
        for live in inventory.undeclared(declared)
        if (live.endpoint, live.id) not in told
    ]
    return sorted((*reports, *pruned.kept), key=lambda change: (change.address, change.id or ""))


def _by_place(finding: Finding) -> tuple[object, ...]:
    source = finding.source
    place = (source.file, source.line, source.column) if source else ("\U0010ffff", 0, 0)
    return (*place, finding.code, finding.message)
