"""Plans the rotation of a key, so that an interrupted rotation can continue.

The vendor has no call that changes a secret (reference 5): a new key takes the place of
the old one. The account itself records how far that is, so nothing else has to:

1. The old key gives its name away (``NAME`` to ``NAME.rotated-<id>``); bots still use it.
2. The new key is created as NAME, with the same settings, and its secret is delivered.
3. Each declared bot is moved to NAME; its other fields stay as they are.
4. The old key is disabled when nobody uses it and the new key is old enough.

In every state between, a plain plan goes the same way (bots to NAME) or is refused: it never takes
a bot back, and never makes a key.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf

from lebots.core import planner
from lebots.core.checks.protection import protected, shielded_anew
from lebots.core.compare.change import Sinks, yields_secret
from lebots.core.compare.dependants import with_dependants
from lebots.core.compare.diff import diff
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Cause, Change, ChangeEffect, Effect
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Kind, Retirement
from lebots.core.model.live import Live
from lebots.core.model.options import NO_LIMITS, AccountPolicy, PlanOptions, RotationOptions
from lebots.core.model.plan import Plan
from lebots.core.model.value import Spec
from lebots.core.rotate.state import RotationState, begun, refusals, rotatable
from lebots.core.vendor.normalise import owned

_GIVES_NAME = "gives its name to the new {label}; what logs in with it keeps working"
_MADE = "new {label}, with the settings of the old one; its secret replaces the one in the sink"
_DELIVERED = "new {label} of a rotation; its secret replaces the one in the sink"
_MOVED = "moves to the new {label}; a session opened with the old {label} goes on until it ends"

_TOLD = frozenset({"unreadable", "name-of-deleted"})
"""What a plain plan has to say that matters here; the rest is about what manifests declare."""
_NAMED = 3
"""How many users of a key a finding names."""


class Wait(StrEnum):
    """Why an old key stays enabled."""

    USED = "something that is not moved logs in with it"
    OWN = "this run logs in with it"
    GRACE = "the new one is not old enough"
    AGE_UNKNOWN = "the account does not tell when the new one was created"


@dataclass(frozen=True, slots=True)
class PendingDisable:
    """An old key that stays enabled after the plan, and why."""

    live: Live
    why: Wait


@dataclass(frozen=True, slots=True)
class Rotation:
    """What is left to do of the rotation of one key."""

    plan: Plan
    second: Live | None = None
    """The key that has the name, as the account shows it before the plan."""
    waiting: tuple[PendingDisable, ...] = ()


def plan(
    desired: Sequence[Desired],
    inventory: Inventory,
    sinks: Sinks,
    options: RotationOptions,
    policy: AccountPolicy = NO_LIMITS,
) -> Rotation:
    """The rest of a rotation; nothing where none is under way and none is to be begun.

    1. Find the key's manifest, and what it and the project say against a rotation.
    2. See how far the account is; at the start, the old key is seen without its name.
    3. Plan the new key and the moves of the bots, and nothing else of their manifests.
    4. See who still uses the old key, and whether it may be disabled.
    5. Put the changes in order: the name is given away, the rest of the plan, what is disabled.

    Raises UsageError for an address that no manifest declares, or that is not one of a kind whose
    objects are born with a secret.
    """
    kinds = inventory.kinds
    wanted = rotatable(desired, kinds, options.key)
    findings = refusals(wanted, kinds[options.key.kind], policy)
    state, more = begun(wanted, inventory, sinks, begin=options.begin)
    findings += more
    if not (state.formers and yields_secret(state.kind, wanted.spec)):
        return Rotation(Plan(inventory.account.id, (), tuple(findings)), state.second)
    bots = _bots(desired, state)
    moved = {bot.address for bot in bots}
    asked = PlanOptions(recreate=(options.key,))
    planned = planner.plan([_cut(state), *bots], state.inventory, sinks, asked, policy)
    findings += _news(planned.findings, findings)
    findings += shielded_anew(desired, moved, policy.protect, state.kind)
    left = _users(state.formers[0], state, moved) if state.gives else []
    findings += [_left_behind(left, state)] if left else []
    # The grace is for bots to read the new credential: it cannot begin before that is where they
    # look, and they are allowed to use it.
    made_by = -inf if planned.writes and options.made_by != inf else options.made_by
    why = {one.id: _why(one, state, moved, made_by, policy) for one in state.formers}
    waiting = tuple(PendingDisable(one, w) for one in state.formers if (w := why[one.id]))
    writes = [*_renames(state, desired), *_worded(planned.writes, state, moved)]
    writes += [_switched_off(one, state, writes) for one in state.formers if not why[one.id]]
    if all(finding.code != "protected" for finding in findings):
        findings += protected(writes, policy.protect)
    findings += _uncopied(state, writes)
    used = [] if left else [one.live for one in waiting if one.why is Wait.USED]
    findings += [_used(one, state, moved) for one in used]
    calls = planner.calls(writes, kinds)
    whole = replace(planned, changes=tuple(writes), findings=tuple(findings), calls=calls)
    return Rotation(whole, state.second, waiting)


def _news(planned: Iterable[Finding], told: Iterable[Finding]) -> list[Finding]:
    """What a plan of the moves has to say that matters here and was not told yet."""
    known = {(finding.code, finding.address) for finding in told}
    more = [one for one in planned if planner.is_blocking([one]) or one.code in _TOLD]
    return [one for one in more if (one.code, one.address) not in known]


def _bots(desired: Sequence[Desired], state: RotationState) -> list[Desired]:
    """Of each declared object that logs in with an old key: the reference alone."""
    former = {one.address.name for one in state.formers}
    inventory = state.inventory
    found = []
    for wanted in desired:
        field = inventory.kinds[wanted.address.kind].login_key
        for name in (wanted.address.name, *wanted.previously) if field else ():
            live = inventory.at(Address(wanted.address.kind, name))
            if (
                len(live) == 1
                and not live[0].unmanaged_reason
                and live[0].spec.get(field) in former
            ):
                spec = {field: state.wanted.address.name}
                found.append(_only(wanted, live[0].address, spec))
    return found


def _cut(state: RotationState) -> Desired:
    """The key's manifest: only where its secret goes, and all of the old key for a new one.

    What else the manifest wants is a change for a plan of its own, and what it leaves to others
    the bots may need.
    """
    wanted, kind = state.wanted, state.kind
    spec = {kind.variant_field: wanted.spec.get(kind.variant_field)} if kind.variant_field else {}
    sink = kind.delivery.sink_field if kind.delivery else ""
    spec |= {sink: wanted.spec[sink]} if sink in wanted.spec else {}
    if state.second is None:
        spec = {**_settings(state.formers[0], kind), **spec}
    return _only(wanted, wanted.address, spec)


def _settings(first: Live, kind: Kind) -> Spec:
    """What the old key is set to, where that is more than a new one is anyway."""
    return {
        name: value
        for name, value in first.spec.items()
        if not kind.by_name[name].client_only and value is not None
        if value != kind.by_name[name].default or name in kind.on_create
    }


def _only(wanted: Desired, address: Address, spec: Spec) -> Desired:
    """A manifest of nothing but these fields; whether it is protected stays."""
    return Desired(address, spec, wanted.source, metadata=wanted.metadata, protect=wanted.protect)


def _renames(state: RotationState, desired: Sequence[Desired]) -> Sequence[Change]:
    if not state.gives:
        return ()
    first = state.formers[0]
    change = Change(
        first.address,
        Action.RENAME,
        first.endpoint,
        first.id,
        state.wanted.source,
        note=_GIVES_NAME.format(label=state.kind.label),
        was=state.wanted.address.name,
    )
    declared = {one.address for one in desired}
    return with_dependants([change], state.inventory, state.inventory.planned(), declared)


def _worded(
    changes: Sequence[Change], state: RotationState, moved: set[Address]
) -> Iterator[Change]:
    """The changes with what a reviewer must know, and after what they rest on."""
    label = state.kind.label
    for change in changes:
        if change.address in moved:
            # It is managed, though the plan of a move alone cannot tell.
            effects = tuple(one for one in change.effects if one.effect is not Effect.ADOPTS)
            note = _MOVED.format(label=label)
            yield replace(change, cause=Cause.ROTATION, note=note, effects=effects)
        elif change.action is Action.CREATE:
            given = (state.formers[0].address,) if state.gives else ()
            note = _MADE.format(label=label)
            yield replace(change, note=note, depends_on=(*given, *change.depends_on))
        else:
            yield replace(change, note=_DELIVERED.format(label=label))


def _why(
    one: Live,
    state: RotationState,
    moved: set[Address],
    made_by: float,
    policy: AccountPolicy,
) -> Wait | None:
    """Why an old key is not disabled; None where it is."""
    if _users(one, state, moved):
        return Wait.USED
    if one.id in policy.own:
        return Wait.OWN
    if made_by == inf:
        return None
    if state.second is None:
        return Wait.GRACE
    if state.second.issued is None:
        return Wait.AGE_UNKNOWN
    return None if state.second.issued <= made_by else Wait.GRACE


def _users(one: Live, state: RotationState, moved: Collection[Address]) -> list[Live]:
    """What logs in with an old key and is not moved."""
    left = (user for user in state.inventory.referrers(one.address) if user.address not in moved)
    return sorted(left, key=lambda live: live.address)


def _switched_off(one: Live, state: RotationState, earlier: Sequence[Change]) -> Change:
    facts = state.kind.retirement or Retirement()
    return Change(
        one.address,
        Action.DISABLE,
        one.endpoint,
        one.id,
        fields=diff(state.kind, *owned(state.kind, facts.off, one.spec)),
        desired=facts.off,
        depends_on=tuple(sorted({change.address for change in earlier})),
        note=facts.stops,
        effects=(ChangeEffect(Effect.OUT_OF_SERVICE, facts.stops, on=(one.address,)),),
    )


def _uncopied(state: RotationState, writes: Sequence[Change]) -> list[Finding]:
    """A warning for settings of the old key of which lebots never reads some parts."""
    if not any(change.action is Action.CREATE for change in writes):
        return []
    first = state.formers[0]
    secret = state.kind.endpoint(first.endpoint).secret
    return [
        state.wanted.finding(
            "not-copied",
            f"{part.name} of the old {state.kind.label} may hold secrets, which lebots never "
            "reads: the new one gets the rest; set them there by hand",
            Severity.WARNING,
        )
        for part in state.kind.fields
        if first.spec.get(part.name) not in (None, part.default, {})
        if any(path.startswith(f"{part.attribute}.") for path in secret)
    ]


def _left_behind(left: Sequence[Live], state: RotationState) -> Finding:
    """A refusal to begin: what is not moved would lose its stored credential."""
    text = (
        f"none of these manifests declares {_listed(left)}: lebots does not rotate a "
        f"{state.kind.label} that something outside your manifests uses, because it would lose its "
        "only stored credential; declare them, name all manifests, or move them by hand first"
    )
    return state.wanted.finding("not-moved", text, Severity.REFUSAL)


def _listed(users: Sequence[Live]) -> str:
    words = [
        f"{u.address} ({u.unmanaged_reason})" if u.unmanaged_reason else str(u.address)
        for u in users[:_NAMED]
    ]
    more = f" and {len(users) - _NAMED} more" if len(users) > _NAMED else ""
    return ", ".join(words) + more


def _used(one: Live, state: RotationState, moved: Collection[Address]) -> Finding:
    users = _listed(_users(one, state, moved))
    text = (
        f"none of these manifests declares {users}, so lebots does not move them, and "
        f"the old {state.kind.label} (id {one.id}) that they use stays enabled; its "
        "secret is no longer in the sink: declare them, or move them by hand"
    )
    return state.wanted.finding("still-used", text, Severity.WARNING)
