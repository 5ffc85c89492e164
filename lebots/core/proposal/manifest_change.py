"""What a change of the manifests comes to: the fields that differ from a base, and their digest.

Neither the account nor git is asked, so that nothing a colleague merges or applies moves it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lebots.core.compare.digest import FORMAT_VERSION, value_digest
from lebots.core.model.address import Address
from lebots.core.model.desired import Desired
from lebots.core.model.kind import Kind
from lebots.core.model.options import NAME, PREVIOUSLY, Part
from lebots.core.model.value import Value
from lebots.core.vendor.normalise import normalise

Stated: TypeAlias = Mapping[Address, Mapping[str, Value]]
"""What manifests say of each object, by field, in one form for equal values."""

_STEERS = frozenset({"metadata.ignore", "metadata.protect"})
"""What an apply keeps to and never writes."""


@dataclass(frozen=True, slots=True)
class ManifestChange:
    """The fields that a change of the manifests touches."""

    fields: Mapping[Address, Mapping[str, tuple[Value, ...]]]
    """By object and field: the value afterwards, or nothing where it is declared no longer."""

    def digest(self, account: str, kinds: Mapping[str, Kind]) -> str:
        """A digest of 64 hex digits; of personal values only that they change.

        It is of one account: what is approved for one is not approved for another.
        """
        entries: list[Value] = []
        for address in sorted(self.fields):
            known = kinds[address.kind].by_name
            for name, after in sorted(self.fields[address].items()):
                hidden = name in known and known[name].personal
                entries.append([address.kind, address.name, name, *((None,) if hidden else after)])
        return value_digest({"change": FORMAT_VERSION, "account": account, "fields": entries})

    @property
    def part(self) -> Part:
        """The fields that an apply of the change writes."""
        written = {
            address: frozenset(name for name, after in fields.items() if after) - _STEERS
            for address, fields in self.fields.items()
        }
        return {address: names for address, names in written.items() if names}

    def superseded(self, now: Stated) -> Iterator[str]:
        """The fields of which manifests say something else by now."""
        for address, fields in self.fields.items():
            said = now.get(address, {})
            for name, after in fields.items():
                if after != ((said[name],) if name in said else ()):
                    yield f"{address} {name}"


def stated(desired: Iterable[Desired], kinds: Mapping[str, Kind]) -> Stated:
    """What the manifests say, wherever and in whatever order they do."""
    found: dict[Address, Mapping[str, Value]] = {}
    for wanted in desired:
        metadata: dict[str, Value] = {
            NAME: wanted.address.name,
            PREVIOUSLY: list(wanted.previously),
            "metadata.ignore": sorted(wanted.ignore),
            "metadata.protect": wanted.protect,
        }
        said = {name: value for name, value in metadata.items() if value}
        found[wanted.address] = {**said, **normalise(kinds[wanted.address.kind], wanted.spec)}
    return found


def manifest_change(before: Stated, after: Stated) -> ManifestChange:
    """What differs; an object with another name is compared with what was said of the former."""
    found: dict[Address, Mapping[str, tuple[Value, ...]]] = {}
    left = dict(before)
    for address, now in sorted(after.items()):
        was = left.pop(address, None)
        for former in () if was else _formers(address, now):
            if was is None and former not in after:
                was = left.pop(former, None)
        old = was or {}
        fields: dict[str, tuple[Value, ...]] = dict.fromkeys(old.keys() - now.keys(), ())
        fields |= {n: (value,) for n, value in now.items() if n not in old or old[n] != value}
        if fields:
            found[address] = fields
    return ManifestChange({**found, **{address: {NAME: ()} for address in left}})


def _formers(address: Address, now: Mapping[str, Value]) -> Iterator[Address]:
    names = now.get(PREVIOUSLY)
    for name in names if isinstance(names, list) else ():
        yield Address(address.kind, str(name))
