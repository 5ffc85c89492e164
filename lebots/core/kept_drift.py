"""What manifests must say so that a manual change in the account is kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lebots.core.history.drift import Drift
from lebots.core.importer.manifest import (
    Complaint,
    ManifestDocument,
    ManifestExporter,
    SinkRecords,
    warning,
)
from lebots.core.manifest.schema import check
from lebots.core.model.address import Source
from lebots.core.model.change import Action, Change
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Kind
from lebots.core.model.live import Ref
from lebots.core.model.value import Path, Spec, Value
from lebots.core.vendor.normalise import normalise, owned


@dataclass(frozen=True, slots=True)
class Kept:
    """One value of the account that a manifest gets."""

    wanted: Desired
    path: Path
    """Below ``spec``."""
    old: Value
    new: Value
    personal: bool = False

    @property
    def source(self) -> Source | None:
        """Where the old value begins; None for a field that no manifest has yet."""
        return self.wanted.positions.get(self.path)


@dataclass
class Keeper:
    """Finds what to write, and notes in ``findings`` what no manifest can hold."""

    inventory: Inventory
    complaint: Complaint
    findings: list[Finding] = field(default_factory=list)

    def kept(self, drift: Drift, desired: Sequence[Desired]) -> list[Kept]:
        """The values of the account that differ, in the order of the addresses."""
        by_address = {one.address: one for one in desired}
        found: list[Kept] = []
        for change in drift.changes:
            if why := _beyond(change):
                self.findings.append(warning("not-kept", change.address, why))
            if change.action is Action.UPDATE:
                found += self._of(change, by_address[change.address])
        for change in drift.new:
            self.findings.append(warning("not-kept", change.address, _NEW))
        return found

    def _of(self, change: Change, wanted: Desired) -> Iterator[Kept]:
        kind = self.inventory.kinds[change.address.kind]
        live = self.inventory.by_ref[Ref(kind.name, change.id or "")]
        exporter = ManifestExporter(self.inventory, SinkRecords(), self.complaint, full=True)
        for name in dict.fromkeys(part.field for part in change.fields):
            value = _account(kind, name, wanted.spec, live.spec)
            if exporter.unsayable(wanted.address, kind, name, value):
                continue
            if wrong := _invalid(kind, wanted, name, value):
                text = f"{name} stays as the manifest says: {wrong}"
                self.findings.append(warning("not-kept", wanted.address, text))
                continue
            personal = kind.by_name[name].personal
            if name in wanted.spec:
                yield from _parts(Kept(wanted, (name,), wanted.spec[name], value, personal))
            else:
                yield Kept(wanted, (name,), None, value, personal)
        self.findings += exporter.findings


_NEW = "no manifest declares it; import it by its name"


def _beyond(change: Change) -> str:
    """What of a change no value in a manifest can keep; empty where that is nothing."""
    if change.note:
        return f"{change.note}: to keep it, set metadata.name, and the old one in previously"
    if change.action is Action.CREATE:
        return "it was deleted in the account: remove its manifest to keep that"
    return ""


def _account(kind: Kind, name: str, wanted: Spec, live: Spec) -> Value:
    """What the account has, in the order of the manifest where that means the same."""
    if name not in wanted:
        return normalise(kind, {name: live[name]})[name]
    value = owned(kind, {name: wanted[name]}, live)[0][name]
    old = wanted[name]
    if not (isinstance(old, list) and isinstance(value, list | tuple)):
        return value
    alike = [one for one in old if one in value]
    alike += [one for one in value if one not in old]
    same = normalise(kind, {name: alike}) == normalise(kind, {name: value})
    return alike if same else list(value)


def _parts(whole: Kept) -> Iterator[Kept]:
    """The parts that differ, as small as they have a place of their own."""
    old, new = whole.old, whole.new
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old.keys() == new.keys():
        for name in old:
            path = (*whole.path, name)
            yield from _parts(replace(whole, path=path, old=old[name], new=new[name]))
    else:
        yield whole


def _invalid(kind: Kind, wanted: Desired, name: str, value: Value) -> str:
    document = ManifestDocument(wanted.address, {**wanted.spec, name: value}, "")
    found = check(kind, document.value)
    return next((one.message for one in found if one.path[:2] == ("spec", name)), "")
