"""Labels each difference of a plan: proposed, pending, drift or conflict.

A difference that the base would make too is pending or drift: a receipt tells which, else git
history. No label is part of a digest.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from lebots.core.compare.change import Sinks, compute_change
from lebots.core.compare.diff import diff
from lebots.core.compare.match import Match, owning
from lebots.core.compare.rename import old_names
from lebots.core.history.receipt import Known, Receipt, moved, related
from lebots.core.model.address import Address
from lebots.core.model.change import (
    ORDER,
    REMOVALS,
    WRITES,
    Action,
    Change,
    ChangeEffect,
    Effect,
    FieldChange,
    Origin,
    Undeclared,
)
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory, to_new_names
from lebots.core.model.kind import Field
from lebots.core.model.live import Live, Ref
from lebots.core.model.plan import Plan
from lebots.core.model.value import Spec
from lebots.core.planner import with_delivery
from lebots.core.vendor.normalise import owned

_NO_SECRETS = Sinks()
_BOTH = "a manual change in the account says something else than these manifests"


def silent(address: Address) -> Iterable[Spec]:
    """A history that says nothing."""
    return ()


@dataclass(frozen=True)
class History:
    """What separates drift from pending changes."""

    receipt: Receipt | None = None
    """Of the last apply that left nothing to do."""
    earlier: Callable[[Address], Iterable[Spec]] = silent
    """What the base said of an object before; asked only where nothing else tells, and no further
    than that needs."""
    existed: Collection[Address] = ()
    """Objects that were there once, as a sink shows that holds their secret."""


def explain(
    plan: Plan,
    desired: Collection[Desired],
    base: Sequence[Desired],
    inventory: Inventory,
    evidence: History,
) -> Plan:
    """The plan with an origin on every writing change and each of its fields.

    ``desired`` are the manifests the plan was made from, ``base`` those of the base.
    """
    teller = _Teller(plan, desired, base, inventory, evidence)
    return replace(
        plan,
        changes=tuple(
            teller.told(change) if change.action in WRITES else change for change in plan.changes
        ),
    )


def origins(change: Change) -> frozenset[Origin]:
    """Where a change and its fields come from; empty where no base was given."""
    found = {part.origin for part in change.fields}
    if change.action is not Action.UPDATE or not found:
        found.add(change.origin)
    return frozenset(origin for origin in found if origin)


def no_longer_declared(
    plan: Plan,
    desired: Collection[Desired],
    base: Sequence[Desired],
    inventory: Inventory,
) -> tuple[Undeclared, ...]:
    """Whatever the base declares and these manifests do not, where the account has it.

    Objects that the plan removes are in the plan, and are not told twice.
    """
    heads = {wanted.address: wanted for wanted in desired}
    renamed = {Address(w.address.kind, name) for w in desired for name in w.previously}
    told = renamed | {change.address for change in plan.changes if change.action in REMOVALS}
    found = []
    for wanted in base:
        address, head = wanted.address, heads.get(wanted.address)
        live = inventory.at(address)
        if address in told or not live:
            continue
        kind, spec = inventory.kinds[address.kind], live[0].spec
        dropped = wanted.spec.keys() - head.spec.keys() if head else frozenset()
        kept = {
            part.name: spec.get(part.name)
            for part in kind.fields
            if part.name in dropped and not part.client_only
        }
        if kept or not head:
            personal = frozenset(name for name in kept if kind.by_name[name].personal)
            source = head.source if head else None
            found.append(Undeclared(address, kept, personal, source, wanted.source))
    return tuple(found)


class _Teller:
    """Tells the origins of one plan; no answer depends on another."""

    def __init__(
        self,
        plan: Plan,
        desired: Collection[Desired],
        base: Sequence[Desired],
        inventory: Inventory,
        evidence: History,
    ) -> None:
        was = old_names(plan.changes)
        self.names = {Address(new.kind, old): new.name for new, old in was.items()}
        # As the planner does, all sides are seen with the names after the plan's renames.
        self.now, self.view = inventory, inventory.renamed(was)
        self.kinds, self.evidence = inventory.kinds, evidence
        self.declared = {wanted.address for wanted in desired}
        self.base = {wanted.address: self._with_new_names(wanted) for wanted in base}
        self.baseline = evidence.receipt.clean if evidence.receipt else None

    def _with_new_names(self, wanted: Desired) -> Desired:
        kind = self.kinds[wanted.address.kind]
        wanted = with_delivery(wanted, self.kinds)
        return replace(wanted, spec=to_new_names(kind, wanted.spec, self.names))

    def told(self, change: Change) -> Change:
        """The change with its origin and those of its fields."""
        if change.action in REMOVALS or change.address not in self.declared:
            origin = self._removal(change)
            fields = tuple(replace(part, origin=origin) for part in change.fields)
            return replace(change, origin=origin, fields=fields)
        live = self.view.by_ref.get(Ref(change.address.kind, change.id or ""))
        alone = self._alone(change, live)
        verb = self._verb(change, alone)
        same = {part.path: part for part in alone.fields} if alone else {}

        def told(part: FieldChange) -> FieldChange:
            theirs = same.get(part.path)
            if theirs is None:
                return replace(part, origin=Origin.PROPOSED)
            if theirs.after != part.after:
                both = live and not part.reset and self._since(change, theirs, live) is Origin.DRIFT
                if not both:
                    return replace(part, origin=Origin.PROPOSED)
                return replace(part, origin=Origin.CONFLICT, base=theirs.after)
            if verb is Origin.PROPOSED and self._local(change, part):
                # such as a secret that moves along with a new name
                return replace(part, origin=Origin.PROPOSED)
            since = self._missing(change) if live is None else self._since(change, part, live)
            return replace(part, origin=since)

        fields = _settled(map(told, change.fields))
        effects = (*change.effects, *_conflicts(change.address, fields))
        return replace(
            change,
            origin=verb or _strongest(fields),
            fields=fields,
            effects=tuple(sorted(effects, key=lambda one: ORDER.index(one.effect))),
        )

    def _alone(self, change: Change, live: Live | None) -> Change | None:
        """What the base alone would do to the object; None where it does not declare it."""
        kind = self.kinds[change.address.kind]
        wanted = self.base.get(change.address) or self.base.get(_before(change))
        if wanted is None or kind.endpoint_for(wanted.spec).name != change.endpoint:
            return None
        wanted = owning(wanted) if live else wanted
        pair = Match(wanted, kind, kind.endpoint(change.endpoint), live)
        return compute_change(pair, self.view, _NO_SECRETS, {})

    def _verb(self, change: Change, alone: Change | None) -> Origin | None:
        """Where a create or a rename comes from; None for an update, which is its fields."""
        if change.action is Action.UPDATE:
            return None
        wanted = self.base.get(change.address)
        if alone is None or wanted is None:
            return Origin.PROPOSED
        if change.action is Action.CREATE:
            return self._missing(change)
        if change.was not in wanted.previously:
            return Origin.PROPOSED
        known = self._known(change)
        back = known is not None and known.address == change.address
        return Origin.DRIFT if back else Origin.PENDING

    def _missing(self, change: Change) -> Origin:
        there = self.baseline is not None and change.address in self.baseline.at
        gone = there or change.address in self.evidence.existed
        return Origin.DRIFT if gone else Origin.PENDING

    def _removal(self, change: Change) -> Origin:
        """The origin of a prune."""
        if change.address in self.base:
            return Origin.PROPOSED
        if self.baseline and self._known(change):
            return Origin.PENDING
        if self.baseline and (change.address.kind, change.id) in self.baseline.undeclared:
            return Origin.PENDING
        said = next(iter(self.evidence.earlier(change.address)), None)
        return Origin.DRIFT if said is None else Origin.PENDING

    def _since(self, change: Change, part: FieldChange, live: Live) -> Origin:
        """Whether a difference the base has too waits, or was brought about in the account."""
        if part.reset:
            return Origin.PENDING  # until the fields it goes along with are known
        field = self._field(change, part)
        known = self._known(change)
        if self.baseline and known is None:
            if {change.address, _before(change)} & self.baseline.at.keys():
                return Origin.DRIFT  # another object has its name by now
            if self.evidence.receipt and not self.evidence.receipt.targets:
                return Origin.PENDING  # declared since, and never applied
        if field.client_only:
            return Origin.PENDING  # the account does not hold it
        if known is not None:
            now = self.now.by_ref[live.ref]
            since = moved(known, self.kinds[change.address.kind], now, part.path)
            if since is not None:
                return Origin.DRIFT if since else Origin.PENDING
            if not (field.personal or field.blank_is_unknown):
                return Origin.PENDING  # owned since, and never applied
        return Origin.PENDING if self._said_before(change, part, live) else Origin.DRIFT

    def _field(self, change: Change, part: FieldChange) -> Field:
        return self.kinds[change.address.kind].by_name[part.path.partition(".")[0]]

    def _local(self, change: Change, part: FieldChange) -> bool:
        return self._field(change, part).client_only

    def _known(self, change: Change) -> Known | None:
        if self.baseline is None:
            return None
        return self.baseline.by_id.get((change.address.kind, change.id))

    def _said_before(self, change: Change, part: FieldChange, live: Live) -> bool:
        """Whether an earlier version of the base wanted the value that the account has."""
        kind, name = self.kinds[change.address.kind], part.path.partition(".")[0]
        earlier = self.evidence.earlier
        said = chain(earlier(change.address), earlier(_before(change)) if change.was else ())
        specs = (to_new_names(kind, spec, self.names) for spec in said)
        return any(
            not any(
                related(other.path, part.path)
                for other in diff(kind, *owned(kind, {name: spec[name]}, live.spec))
            )
            for spec in specs
            if name in spec
        )


def _conflicts(address: Address, fields: Iterable[FieldChange]) -> Iterator[ChangeEffect]:
    for part in fields:
        if part.origin is Origin.CONFLICT:
            yield ChangeEffect(Effect.CONFLICT, _BOTH, part.path, (address,))


def _before(change: Change) -> Address:
    """The address the object had before a rename; its own where it is not renamed."""
    return Address(change.address.kind, change.was or change.address.name)


def _settled(fields: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    """The fields, with what the vendor resets along with others told like those."""
    fields = tuple(fields)
    others = {p.origin for p in fields if not p.reset}
    cause = Origin.DRIFT if Origin.DRIFT in others else Origin.PENDING
    return tuple(
        replace(part, origin=cause) if part.reset and part.origin is not Origin.PROPOSED else part
        for part in fields
    )


def _strongest(fields: Iterable[FieldChange]) -> Origin:
    found = {part.origin for part in fields}
    for origin in (Origin.CONFLICT, Origin.PROPOSED, Origin.DRIFT):
        if origin in found:
            return origin
    return Origin.PENDING
