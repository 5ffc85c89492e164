"""Decodes the objects of an account's collections into manifest words."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lebots.core.model.address import Address
from lebots.core.model.inventory import targets
from lebots.core.model.kind import Endpoint, Kind
from lebots.core.model.live import Account, Live, Ref
from lebots.core.model.value import Raw
from lebots.core.vendor.codec import Identity, decoded, identify, is_deleted
from lebots.core.vendor.references import Names, to_names

LATEST = 253_402_300_799
"""The last second a date can stand for; what is larger is no count of seconds."""

Collections = Mapping[tuple[str, str], Sequence[Raw]]
"""Kind and endpoint name to the objects of that collection, as read."""


def assemble(
    account: str, kinds: Mapping[str, Kind], collections: Collections, unreadable: Mapping[str, str]
) -> Account:
    """The account as one value, ids turned into names wherever they are known.

    An object that has not the shape its kind expects says what could not be read, and stops none.
    """
    listed = [
        _Listed(kind, endpoint, raw, identify(endpoint, raw, position))
        for kind in kinds.values()
        for endpoint in kind.endpoints
        for position, raw in enumerate(collections.get((kind.name, endpoint.name), ()))
    ]
    built_in = {
        Ref(kind.name, id_): (endpoint, name)
        for kind in kinds.values()
        for endpoint in kind.endpoints
        for id_, name in endpoint.built_in.items()
    }
    names = {ref: name for ref, (_, name) in built_in.items()}
    names |= {one.ref: one.who.name for one in listed if not is_deleted(one.raw)}
    known = {one.ref for one in listed}
    objects = [_live(one, names) for one in listed]
    objects += [
        Live(Address(ref.kind, name), ref.id, endpoint.name, {}, built_in=True)
        for ref, (endpoint, name) in built_in.items()
        if ref not in known
    ]
    return Account(id=account, objects=tuple(objects), unreadable=unreadable)


class _Listed(NamedTuple):
    kind: Kind
    endpoint: Endpoint
    raw: Raw
    who: Identity

    @property
    def ref(self) -> Ref:
        return Ref(self.kind.name, self.who.id)


def _live(one: _Listed, names: Names) -> Live:
    kind, endpoint, raw, who = one
    spec, faults = decoded(kind, endpoint, raw)
    refs = (Ref(target.kind, target.name) for _, target in targets(kind, spec))
    deleted, unmanaged_reason = is_deleted(raw), kind.unmanaged_reason(raw)
    spec, name = to_names(kind, spec, names), who.name
    if kind.belongs:
        name = kind.belongs.called(kind.belongs.what(name), spec.get(kind.belongs.owner))
    return Live(
        address=Address(kind.name, name),
        id=who.id,
        endpoint=endpoint.name,
        spec=spec,
        deleted=deleted,
        untouched=kind.untouched(raw),
        built_in=who.id in endpoint.built_in,
        unmanaged_reason=unmanaged_reason,
        faults=() if deleted or unmanaged_reason else (*who.faults, *faults),
        updated=_updated(raw),
        issued=_issued(endpoint, raw),
        dangling=tuple(ref for ref in refs if ref not in names),
    )


def _updated(raw: Raw) -> str:
    # For display only: the vendor writes dates without a zone (reference 3.6, D).
    date = raw.get("dateUpdated")
    return date if isinstance(date, str) else ""


def _issued(endpoint: Endpoint, raw: Raw) -> int | None:
    second = raw.get(endpoint.issued_field)
    if isinstance(second, str) and re.fullmatch(r"[0-9]{1,19}", second):
        second = int(second)
    if isinstance(second, bool) or not isinstance(second, int):
        return None
    return second if 0 < second <= LATEST else None
