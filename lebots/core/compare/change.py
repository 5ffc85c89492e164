"""What must happen to one object, from its manifest and its live twin."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lebots.core.compare.diff import Keys, diff, diff_by_keys
from lebots.core.compare.match import Match
from lebots.core.model.address import Address
from lebots.core.model.change import REMOVALS, Action, Cause, Change, FieldChange
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory, refers_to, targets
from lebots.core.model.kind import Kind
from lebots.core.model.live import Live, PlannedState
from lebots.core.model.ports import Holding
from lebots.core.model.value import Lookup, Spec, Value
from lebots.core.quoting import quoted
from lebots.core.vendor.normalise import normalise, owned

RECOVERS = "created by a run that was cut short: lebots reads its secret again, or replaces it"
COPIED = "secret copied from {old}, which stays there: it may still be read"


@dataclass(frozen=True, slots=True)
class Sinks:
    """What the planner must know of where secrets go."""

    names: Collection[str] = ("default",)
    delivered: Mapping[Address, str] = field(default_factory=dict)
    """For each declared object that yields a secret: the id its sink holds the secret of."""
    former: Mapping[Address, str] = field(default_factory=dict)
    """The former name under which a sink holds what ``delivered`` says, where it is not the
    present one."""
    announced: Collection[Address] = frozenset()
    """Objects whose create an earlier run announced, and nobody knows how it ended."""
    holdings: Mapping[Address, Holding] = field(default_factory=dict)
    """What the sink holds under the present name: a write may replace that, and nothing else."""
    proposed: Collection[str] = frozenset()
    """Names of sinks that only the proposal has, which are not in force."""

    @property
    def known(self) -> frozenset[Address]:
        """The objects of which a sink holds a secret, or a note that they are being made."""
        return frozenset({*self.delivered, *self.announced})

    def stored(self, address: Address) -> str:
        """The id whose secret is in the sink; empty where there is none."""
        return self.delivered.get(address, "")

    def holds(self, address: Address, id_: str) -> bool:
        """Whether the secret of this object is in the sink, under its present name, for sure."""
        elsewhere = address in self.former or address in self.announced
        return self.stored(address) == id_ and not elsewhere

    def copied(self, address: Address, id_: str) -> str:
        """The former name under which the secret of this object is in the sink; empty: none."""
        return self.former.get(address, "") if self.stored(address) == id_ else ""


NO_SECRETS = Sinks()
"""Nothing was delivered anywhere yet."""


def compute_change(
    pair: Match, inventory: Inventory, sinks: Sinks, renamed: Mapping[Address, str]
) -> Change:
    """The create, update, rename or keep that brings one object in line with its manifest.

    ``renamed`` has the name that each object still has which is to be renamed.
    """
    wanted, kind, live = pair.desired, pair.kind, pair.live
    was = renamed.get(wanted.address, "")
    if live is None:
        return _create(pair, inventory)
    before, after = owned(kind, wanted.spec, _with_delivered(live.spec, pair, sinks))
    base = Change(wanted.address, Action.UNCHANGED, pair.endpoint.name, live.id, wanted.source)
    fields = [
        replace(
            change,
            source=wanted.at(*keys),
            loss=kind.by_name[change.field].data_loss(_only(keys, before), _only(keys, after)),
        )
        for keys, change in diff_by_keys(kind, before, after).items()
    ]
    if not (fields or was):
        return base
    delivers = any(_delivers(kind, f) for f in fields)
    source = sinks.copied(wanted.address, live.id) if delivers else ""
    recovers = RECOVERS if delivers and wanted.address in sinks.announced else ""
    return replace(
        base,
        action=Action.RENAME if was else Action.UPDATE,
        note=COPIED.format(old=quoted(source)) if source else recovers,
        fields=(*fields, *_resets(pair, live.spec, inventory)),
        desired=after,
        personal=kind.personal & after.keys(),
        references=_references(pair, inventory),
        sink=_sink(kind, after) if delivers else "",
        was=was,
        secret_from=source,
    )


def planned_state(pair: Match, change: Change) -> PlannedState:
    """A declared object as it will stand, with what the vendor resets along the way."""
    base = pair.live.spec if pair.live else pair.kind.on_create
    resets = {part.path: part.after for part in change.fields if part.reset}
    wanted = pair.desired
    return PlannedState(
        wanted.address,
        {**base, **wanted.spec, **resets},
        declared=True,
        source=wanted.source,
        positions=wanted.positions,
        live=pair.live,
    )


def sends(change: Change, kind: Kind) -> bool:
    """Whether the change writes to the account, and not to a sink alone."""
    if change.action is not Action.UPDATE:
        return True
    return any(
        not kind.by_name[part.field].client_only and not part.reset for part in change.fields
    )


def yields_secret(kind: Kind, spec: Spec) -> bool:
    """Whether an object with this spec is born with a secret."""
    if kind.delivery is None:
        return False
    return not kind.variant_field or spec.get(kind.variant_field) == kind.delivery.variant


def can_be_used(change: Change, kinds: Mapping[str, Kind]) -> bool:
    """Whether the change takes something out of use that other objects can refer to."""
    about = {change.address.kind}
    return change.action in REMOVALS and any(refers_to(kind, about) for kind in kinds.values())


def delete_summary(kind: Kind, spec: Spec, kinds: Mapping[str, Kind]) -> tuple[FieldChange, ...]:
    """What an object that is deleted was: whether it was on, and what it held on to.

    It is what an approval of the delete rests on.
    """
    facts = set(kind.retirement.off)
    facts |= {str(path[0]) for path, ref in kind.references if kinds[ref].counted}
    if kind.belongs:
        facts = {part.name for part in kind.fields if not part.of_name}
    known = normalise(kind, {name: value for name, value in spec.items() if name in facts})
    return tuple(
        FieldChange(part.name, known[part.name], None, personal=part.personal)
        for part in kind.fields
        if known.get(part.name) not in (None, "", [])
    )


def immutable(change: Change, kind: Kind) -> list[Finding]:
    """A finding for every field of an update that can only be set on a create."""
    if change.action not in (Action.UPDATE, Action.RENAME):
        return []
    return [
        Finding(
            "create-only",
            f"{part.path} cannot be changed after the {kind.label} was created; remove the "
            f"field, or create a new {kind.label} under another name",
            source=part.source,
            address=change.address,
        )
        for part in change.fields
        if kind.by_name[part.field].create_only
    ]


def cannot_create(matches: Sequence[Match]) -> list[Finding]:
    """A finding for every new object that lacks what the vendor demands of one."""
    findings = []
    for pair in matches:
        missing = pair.kind.needed - pair.desired.spec.keys() - pair.kind.on_create.keys()
        if pair.live is None and pair.endpoint.writable and missing:
            names = [part.name for part in pair.kind.fields if part.name in missing]
            text = (
                f"{pair.kind.label} {quoted(pair.desired.address.name)} does not exist yet, and a "
                f"new one needs {', '.join(names)}"
            )
            findings.append(pair.desired.finding("needed-to-create", text))
    return findings


def _only(keys: Keys, spec: Spec) -> Value:
    """A field's value; of an object no more than the part that ``keys`` lead to."""
    value = spec[keys[0]]
    if isinstance(value, Mapping) and len(keys) > 1:
        return {keys[1]: value[keys[1]]} if keys[1] in value else {}
    return value


def hidden(matches: Sequence[Match]) -> list[Finding]:
    """A note for every declared field that the account does not show and nobody can compare."""
    return [
        pair.desired.finding(
            "value-hidden",
            f"the account does not show {name}, so it cannot be compared; it is written with the "
            f"next change of this {pair.kind.label}",
            Severity.NOTE,
            (name,),
        )
        for pair in matches
        if pair.live
        for name in hidden_values(pair.kind, pair.desired.spec, pair.live)
    ]


def hidden_values(kind: Kind, desired: Spec, live: Live) -> dict[str, Value]:
    """The declared fields that the account may hold and does not show."""
    return {
        name: value
        for name, value in desired.items()
        if kind.by_name[name].blank_is_unknown
        and value not in ("", None)
        and live.spec.get(name) in ("", None)
    }


def _references(pair: Match, inventory: Inventory) -> Mapping[Address, str | None]:
    return {
        target: found[0].id if (found := inventory.at(target)) else None
        for _, target in targets(pair.kind, pair.desired.spec)
    }


def _create(pair: Match, inventory: Inventory) -> Change:
    kind, wanted = pair.kind, pair.desired
    spec = normalise(kind, {**kind.on_create, **wanted.spec})
    fields = tuple(_created(pair, spec, counts_without(wanted.address, kind, inventory.spec)))
    sink = _sink(kind, spec) if yields_secret(kind, spec) else ""
    return Change(
        wanted.address,
        Action.CREATE,
        pair.endpoint.name,
        source=wanted.source,
        fields=fields,
        desired=spec,
        personal=kind.personal & spec.keys(),
        references=_references(pair, inventory),
        sink=sink,
    )


def counts_without(address: Address, kind: Kind, lookup: Lookup) -> Spec | None:
    """The fields that count where the object is not there: those of the one for all owners."""
    what = kind.belongs.what(address.name) if kind.belongs else address.name
    return lookup(kind.name, what) if what != address.name else None


def _created(pair: Match, spec: Spec, instead: Spec | None) -> Iterator[FieldChange]:
    """The fields of a new object; of one that takes the place of another only what differs."""
    kind, wanted = pair.kind, pair.desired
    if instead is not None:
        for one in diff(kind, *owned(kind, without_name(kind, spec), instead)):
            yield replace(one, source=wanted.at(*one.path.split(".")))
        return
    for part in kind.fields:
        if part.name in spec and not part.of_name:
            said = part.name in wanted.spec
            source, cause = (wanted.at(part.name), None) if said else (None, Cause.DEFAULT)
            yield FieldChange(part.name, None, spec[part.name], source, cause, part.personal)


def without_name(kind: Kind, spec: Spec) -> Spec:
    """The fields without what the object is called by."""
    return {name: value for name, value in spec.items() if not kind.by_name[name].of_name}


def _with_delivered(live: Spec, pair: Match, sinks: Sinks) -> Spec:
    """The live fields with the sink that holds this object's secret, if its sink does."""
    delivery = pair.kind.delivery
    if delivery is None or delivery.sink_field not in pair.desired.spec or pair.live is None:
        return live
    held = sinks.holds(pair.desired.address, pair.live.id)
    return {**live, delivery.sink_field: pair.desired.spec[delivery.sink_field] if held else None}


def _delivers(kind: Kind, change: FieldChange) -> bool:
    return kind.delivery is not None and change.path == kind.delivery.sink_field


def _sink(kind: Kind, spec: Spec) -> str:
    return str(spec[kind.delivery.sink_field]) if kind.delivery else ""


def _resets(pair: Match, live: Spec, inventory: Inventory) -> list[FieldChange]:
    after = {**live, **pair.desired.spec}
    resets = pair.kind.resets(live, after, inventory.spec)
    return [
        FieldChange(
            name, live.get(name), value, None, Cause.RESET, pair.kind.by_name[name].personal
        )
        for name, value in resets.items()
        if name not in pair.desired.spec and live.get(name) != value
    ]
