"""Writes the manifest of one live object, and tells what no manifest can hold."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from lebots.core.compare.change import yields_secret
from lebots.core.compare.match import only_one, unsayable
from lebots.core.manifest.names import metadata_of
from lebots.core.manifest.schema import API_VERSION, check
from lebots.core.model.address import Address, is_sayable
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory, targets
from lebots.core.model.kind import Delivery, Field, Kind
from lebots.core.model.live import Live
from lebots.core.model.value import Spec, Value
from lebots.core.quoting import quoted
from lebots.core.vendor.normalise import normalise
from lebots.core.vendor.references import nameless

Complaint = Callable[[Value], str]
"""Why a manifest cannot hold a value; empty where it can."""


@dataclass(frozen=True, slots=True)
class SinkRecords:
    """What the sinks of a project hold for the keys of an account."""

    held: Mapping[Address, Mapping[str, str]] = field(default_factory=dict)
    """By key: each sink that holds a credential for it, with the id in it."""
    unreadable: Mapping[Address, str] = field(default_factory=dict)
    """Keys for which a sink could not be asked, with the reason."""
    announced: Mapping[Address, str] = field(default_factory=dict)
    """Keys that a run was making when it was cut short, with the sink that says so."""


@dataclass(frozen=True, slots=True)
class ManifestDocument:
    """One manifest to write."""

    address: Address
    spec: Spec
    """In the order of the kind's fields."""
    id: str
    updated: str = ""
    """When the object was last changed, as the account says; empty: not told."""
    metadata: Spec = field(default_factory=dict)
    """What says which object it is, where that is not its name; ``spec`` may have parts of it."""
    beside: Address | None = None
    """The only object of another kind that refers to this one, if it is imported as well."""

    @property
    def value(self) -> Mapping[str, Value]:
        """The manifest as it stands in a file."""
        metadata = self.metadata or {"name": self.address.name}
        below = {name: value for name, value in self.spec.items() if name not in self.metadata}
        spec = {"spec": below} if below else {}
        return {
            "apiVersion": API_VERSION,
            "kind": self.address.kind,
            "metadata": metadata,
            **spec,
        }


@dataclass
class ManifestExporter:
    """Describes live objects as documents, and notes in ``findings`` what it leaves out."""

    inventory: Inventory
    stored: SinkRecords
    complaint: Complaint
    full: bool
    """Whether fields at their defaults are stated too."""
    findings: list[Finding] = field(default_factory=list)
    ids: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Kind and field of ids that mean nothing in another account and were not stated."""

    def document(self, live: Live) -> ManifestDocument | None:
        """The manifest of an object; None where it cannot have one."""
        kind = self.inventory.kinds[live.address.kind]
        if why := self._obstacle(live, kind):
            self.findings.append(left_out(live.address, why))
            return None
        spec = {
            name: value
            for name, value in self._stated(live, kind).items()
            if not self.unsayable(live.address, kind, name, value)
        }
        draft = ManifestDocument(
            live.address, spec, live.id, live.updated, metadata_of(kind, live.address.name, spec)
        )
        document = self._fitting(draft, kind)
        if document:
            self._note_missing(document, kind)
        return document

    def _obstacle(self, live: Live, kind: Kind) -> str:
        """Why the object cannot be declared, whatever its fields hold."""
        name = live.address.name
        if live.faults:
            return f"it cannot be read (id {live.id}): {live.unread}"
        for _, owner in targets(kind, live.spec) if kind.belongs else ():
            if why := self._broken(owner):
                return why
        if why := self.complaint(name):
            return f"its name cannot stand in a manifest: {why}"
        if not is_sayable(name):
            return f"no manifest can hold its name: {unsayable(kind, live)}"
        if not unicodedata.is_normalized("NFC", name):
            return "its name is written with combining marks; write it in composed form (NFC)"
        twins = [twin for twin in self.inventory.like(live.address) if not twin.deleted]
        if len(twins) > 1:
            ids = ", ".join(f"{twin.id} ({quoted(twin.address.name)})" for twin in twins)
            same = f"{len(twins)} objects have names that count as the same: {ids}"
            return f"{same}; {only_one(kind, twins)}"
        return self._unsettled(live) if yields_secret(kind, live.spec) else ""

    def _unsettled(self, live: Live) -> str:
        """Why nobody knows where the secret of this object is."""
        if why := self.stored.unreadable.get(live.address):
            return f"it cannot be told where its secret is: {why}"
        if sink := self.stored.announced.get(live.address):
            return (
                f"a run that was cut short was making it, with its secret for sink "
                f"{quoted(sink)}; apply the manifest of that run, then import again"
            )
        return ""

    def _stated(self, live: Live, kind: Kind) -> Spec:
        """The fields to write, in the kind's order."""
        known = dict(normalise(kind, live.spec))
        if kind.delivery and yields_secret(kind, live.spec):
            known |= self._sink(live, kind.delivery)
        return {
            part.name: known[part.name]
            for part in kind.fields
            if part.name in known and self._says_something(part, known[part.name], kind)
        }

    def _says_something(self, part: Field, value: Value, kind: Kind) -> bool:
        """Whether to state a field: it can be stated, and left out would mean something else."""
        if part.client_only:
            return True
        if value is None and "null" not in part.schema["type"]:
            return False
        if part.blank_is_unknown and value in ("", None):
            return False
        if self.full or part.name in kind.needed:
            return True
        differs = bool(value != self._silent[kind.name][part.name])
        if differs and part.account_id:
            self.ids[kind.name, part.name] += 1
        return differs and not part.account_id

    @cached_property
    def _silent(self) -> Mapping[str, Spec]:
        """By kind: what each field of a new object is where its manifest is silent."""
        return {
            kind.name: {
                part.name: part.default if part.create_default is None else part.create_default
                for part in kind.fields
            }
            | dict(normalise(kind, kind.on_create))
            for kind in self.inventory.kinds.values()
        }

    def _sink(self, live: Live, delivery: Delivery) -> Spec:
        """The sink that holds the secret; null where it is kept elsewhere."""
        held = self.stored.held.get(live.address, {})
        holders = sorted(sink for sink, id_ in held.items() if id_ == live.id)
        sink = delivery.default if delivery.default in holders else next(iter(holders), None)
        strangers = sorted(sink for sink, id_ in held.items() if id_ != live.id)
        if sink is None and strangers:
            text = (
                f"sink {quoted(strangers[0])} holds the secret of another one of this name (id "
                f"{held[strangers[0]]}), so {delivery.sink_field} is null; name the sink there to "
                "have this one's secret delivered"
            )
            self.findings.append(warning("credential-stale", live.address, text))
        return {} if sink == delivery.default and not self.full else {delivery.sink_field: sink}

    def unsayable(self, address: Address, kind: Kind, name: str, value: Value) -> bool:
        """Whether no manifest can state this value of a field; notes why."""
        why = self.complaint(value)
        for _, target in targets(kind, {name: value}):
            why = why or self._broken(target)
        if why:
            self._leave_out(address, name, why)
        return bool(why)

    def _broken(self, target: Address) -> str:
        """What is wrong with a reference; empty where it leads to one object."""
        found, label = self.inventory.at(target), self.inventory.kinds[target.kind].label
        if not found:
            for endpoint in self.inventory.kinds[target.kind].endpoints:
                if reason := self.inventory.unreadable.get(endpoint.name):
                    return f"the {label} cannot be looked up: {reason}"
            # What a value means that nothing matches is not known (reference 12 no. 31): only what
            # the account itself says is deleted can be taken out.
            if any(nameless(live.id) == target.name for live in self._deleted(target.kind)):
                return f"the {label} {target.name} is deleted; take it out in the account"
            return f"no list shows the {label} {target.name}; it stays in the account as it is"
        if len(found) > 1:
            ids = ", ".join(live.id for live in found)
            return (
                f"{len(found)} objects are named {label} {quoted(target.name)}: {ids}; "
                + only_one(self.inventory.kinds[target.kind], found)
            )
        if found[0].faults:
            return f"{label} {quoted(target.name)} cannot be read: {found[0].unread}"
        if reason := found[0].unmanaged_reason:
            return f"{label} {quoted(target.name)} is {reason} and cannot be declared"
        return ""

    def _deleted(self, kind: str) -> list[Live]:
        return [one for one in self.inventory.objects if one.deleted and one.address.kind == kind]

    def _fitting(self, document: ManifestDocument, kind: Kind) -> ManifestDocument | None:
        """The document without fields that the kind's schema refuses; None where it is no use."""
        refused: dict[str, str] = {}
        for violation in check(kind, document.value):
            match violation.path:
                case ("spec", str(name), *_) if name in document.spec:
                    refused.setdefault(name, violation.message)
                case _:
                    self.findings.append(left_out(document.address, violation.message))
                    return None
        for name, why in refused.items():
            self._leave_out(document.address, name, why)
        kept = {name: value for name, value in document.spec.items() if name not in refused}
        document = replace(document, spec=kept)
        if why := self.complaint(document.value):
            self.findings.append(left_out(document.address, why))
            return None
        return document

    def _leave_out(self, address: Address, name: str, why: str) -> None:
        text = f"{name} is left out: {why}"
        self.findings.append(warning("field-not-imported", address, text))

    def _note_missing(self, document: ManifestDocument, kind: Kind) -> None:
        needed = (part.name for part in kind.fields if part.name in kind.needed)
        if missing := [name for name in needed if name not in document.spec]:
            text = (
                f"the manifest lacks {', '.join(missing)}, which the account does not tell, so it "
                f"cannot make the {kind.label} elsewhere; write it by hand for that"
            )
            self.findings.append(warning("needed-to-create", document.address, text))


def left_out(address: Address, why: str) -> Finding:
    """A finding for an object that gets no manifest."""
    return warning("not-imported", address, f"left out: {why}")


def warning(code: str, address: Address, text: str) -> Finding:
    """A finding about one object of the account."""
    return Finding(code, text, Severity.WARNING, address=address)
