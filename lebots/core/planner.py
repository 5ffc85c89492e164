"""Desired and live in, one plan out; a pure function, and the only place that compares."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from lebots.core.checks.missing_credentials import dead_credentials, rotating
from lebots.core.checks.policy import (
    advice,
    after_removals,
    growth,
    outgrown,
    taken_over,
    world,
)
from lebots.core.checks.possible_renames import rename_suggestions
from lebots.core.checks.protection import locked, protected
from lebots.core.checks.removal_limits import guard
from lebots.core.compare.change import (
    Sinks,
    can_be_used,
    cannot_create,
    compute_change,
    hidden,
    immutable,
    sends,
    undelivered,
    yields_secret,
)
from lebots.core.compare.match import Index, Match, check_references, match, undeclared
from lebots.core.compare.order import ordered
from lebots.core.compare.referrers import with_dependants
from lebots.core.compare.rename import carried_out, find
from lebots.core.did_you_mean import did_you_mean
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.kind import Kind
from lebots.core.model.live import Account
from lebots.core.model.options import NO_LIMITS, NO_OPTIONS, AccountPolicy, PlanOptions
from lebots.core.model.plan import BLOCKING, Calls, Plan
from lebots.core.prune.steps import Pruned, prune
from lebots.core.quoting import quoted
from lebots.core.vendor.references import targets
from lebots.errors import UsageError

NO_SECRETS = Sinks()
"""Nothing was delivered anywhere yet."""


def plan(
    desired: Sequence[Desired],
    account: Account,
    kinds: Mapping[str, Kind],
    sinks: Sinks = NO_SECRETS,
    asked: PlanOptions = NO_OPTIONS,
    allowed: AccountPolicy = NO_LIMITS,
) -> Plan:
    """What must happen to the account so that it matches the manifests.

    A refused plan must not be applied, and has all its changes all the same; only manifests that
    nothing can be planned of have none. Raises UsageError where it was asked for an address that
    no manifest declares.
    """
    index = Index(account)
    chosen = [with_delivery(wanted, kinds) for wanted in selected(desired, asked.only, kinds)]
    asked_for = find(desired, index, kinds)
    renames = asked_for.among(wanted.address for wanted in chosen)
    was = renames.was
    if was:
        account = carried_out(account, was, kinds)
        index = Index(account)
    matches, findings = match(chosen, index, kinds)
    findings += renames.findings
    unpaired = {one.address for one in findings if one.severity in BLOCKING}
    findings += _in_the_way(matches, unpaired, index, account, kinds, sinks, asked)
    held = unpaired | {one.address for one in findings if one.severity is Severity.ERROR}
    stuck = [pair for pair in matches if pair.desired.address in held]
    matches = [pair for pair in matches if pair.desired.address not in held]
    changes = [
        compute_change(pair, index, sinks, was.get(pair.desired.address, "")) for pair in matches
    ]
    pairs = list(zip(matches, changes, strict=True))
    known = [*pairs, *((pair, Change(pair.desired.address, Action.KEEP)) for pair in stuck)]
    pruned = prune(account, index, known, kinds, sinks, allowed) if asked.prune else Pruned()
    writes = ordered((c for c in changes if c.action is not Action.KEEP), kinds)
    writes = (*writes, *pruned.changes)
    quotas = growth(account, changes, kinds)
    after = after_removals(world(account, matches, changes), pruned.changes)
    declared = {wanted.address for wanted in desired} | asked_for.old
    findings += _remarks(pairs, account, kinds, sinks, allowed)
    findings += [*pruned.findings, *outgrown(quotas)]
    if not stuck:
        findings += advice(after, kinds)
        findings += rename_suggestions(matches, account, after, declared, kinds)
    declared |= {live.address for pair in stuck for live in index.like(pair.desired.address)}
    findings += guard(writes, pruned.reach, kinds, asked, allowed)
    kept = sorted((c for c in changes if c.action is Action.KEEP), key=lambda c: c.address)
    writes = with_dependants(writes, account, after, declared, kinds)
    return Plan(
        account=account.id,
        changes=(*writes, *kept, *_reports(account, declared, kinds, pruned)),
        findings=tuple(sorted(findings, key=_by_place)),
        live=_managed(account, kinds),
        calls=calls(writes, kinds),
        quotas=quotas,
    )


def _in_the_way(
    matches: Sequence[Match],
    unpaired: Collection[Address | None],
    index: Index,
    account: Account,
    kinds: Mapping[str, Kind],
    sinks: Sinks,
    asked: PlanOptions,
) -> list[Finding]:
    """What stands against manifests by themselves, without a look at what would change."""
    free = [pair for pair in matches if pair.desired.address not in unpaired]
    chosen = [pair.desired for pair in matches]
    return [
        *check_references(chosen, index, account, kinds),
        *_sink_findings(chosen, kinds, sinks),
        *dead_credentials(free, sinks, asked.reissue, account),
        *cannot_create(free),
        *undelivered(free),
    ]


def _remarks(
    pairs: Sequence[tuple[Match, Change]],
    account: Account,
    kinds: Mapping[str, Kind],
    sinks: Sinks,
    allowed: AccountPolicy,
) -> list[Finding]:
    """What there is to say of the changes one by one."""
    matches, changes = [pair for pair, _ in pairs], [change for _, change in pairs]
    return [
        *(finding for pair, change in pairs for finding in immutable(change, pair.kind)),
        *hidden(matches),
        *rotating(matches, account),
        *protected(changes, allowed.protect),
        *locked(changes, matches, sinks.known if allowed.replace_lost else frozenset()),
        *taken_over(matches, _edges([pair.desired for pair in matches], kinds), sinks.delivered),
        *_unreadable(account),
    ]


def _managed(account: Account, kinds: Mapping[str, Kind]) -> int:
    return sum(
        not (live.foreign or live.deleted or kinds[live.address.kind].lookup_only)
        for live in account.objects
    )


def is_blocking(findings: Sequence[Finding]) -> bool:
    """Whether any of the findings stands in the way of a plan."""
    return any(finding.severity in BLOCKING for finding in findings)


def calls(writes: Sequence[Change], kinds: Mapping[str, Kind]) -> Calls:
    """Every collection before and after, and each object that is changed or delivers a secret.

    The collections once more where something goes that somebody could use.
    """
    collections = sum(len(kind.endpoints) for kind in kinds.values())
    if not writes:
        return Calls(collections, 0)
    sent = [change for change in writes if sends(change, kinds[change.address.kind])]
    read = [change for change in sent if change.action is not Action.CREATE]
    delivering = [change for change in writes if change.sink and not change.secret_from]
    readings = 3 if any(can_be_used(change, kinds) for change in writes) else 2
    return Calls(readings * collections + len(read) + len(delivering), len(sent))


def selected(
    desired: Sequence[Desired], only: Sequence[Address], kinds: Mapping[str, Kind]
) -> Sequence[Desired]:
    """The manifests at these addresses and what they refer to; all where none is named.

    Raises UsageError for an address that no manifest declares.
    """
    if not only:
        return desired
    by_address = {wanted.address: wanted for wanted in desired}
    renamed = {Address(w.address.kind, old): w.address for w in desired for old in w.previously}
    for address in only:
        if address not in by_address:
            hint = did_you_mean(str(renamed.get(address, address)), map(str, by_address))
            raise UsageError(f"no manifest declares {address}{hint}")
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
    return replace(wanted, spec={kind.delivery.sink_field: kind.delivery.default, **wanted.spec})


def _sink_findings(
    desired: Sequence[Desired], kinds: Mapping[str, Kind], sinks: Sinks
) -> list[Finding]:
    findings = []
    for wanted in desired:
        delivery = kinds[wanted.address.kind].delivery
        sink = wanted.spec.get(delivery.sink_field) if delivery else None
        if delivery and isinstance(sink, str) and sink not in sinks.names:
            known = ", ".join(f"{quoted(name)}" for name in sorted(sinks.names))
            hint = did_you_mean(sink, sinks.names, f"known sinks: {known}")
            text = f"lebots.yaml has no sink {quoted(sink)}{hint}"
            findings.append(wanted.finding("unknown-sink", text, path=(delivery.sink_field,)))
    return findings


def _unreadable(account: Account) -> list[Finding]:
    return [
        Finding("unreadable", f"{name} could not be read: {reason}", Severity.NOTE)
        for name, reason in sorted(account.unreadable.items())
    ]


def _edges(desired: Sequence[Desired], kinds: Mapping[str, Kind]) -> Mapping[Address, set[Address]]:
    declared = {wanted.address for wanted in desired}
    return {
        wanted.address: {t for _, t in targets(kinds[wanted.address.kind], wanted.spec)} & declared
        for wanted in desired
    }


def _reports(
    account: Account, declared: set[Address], kinds: Mapping[str, Kind], pruned: Pruned
) -> list[Change]:
    told = {(change.endpoint, change.id) for change in (*pruned.changes, *pruned.kept)}
    reports = [
        Change(live.address, Action.REPORT, live.endpoint, live.id, note="declared by no manifest")
        for live in undeclared(account, declared, kinds)
        if (live.endpoint, live.id) not in told
    ]
    return sorted((*reports, *pruned.kept), key=lambda change: (change.address, change.id or ""))


def _by_place(finding: Finding) -> tuple[object, ...]:
    source = finding.source
    place = (source.file, source.line, source.column) if source else ("\U0010ffff", 0, 0)
    return (*place, finding.code, finding.message)
