"""Decodes the objects of an account's collections into manifest words."""

from collections.abc import Mapping, Sequence

from lebots.core.model.address import Address
from lebots.core.model.inventory import targets
from lebots.core.model.kind import Endpoint, Kind
from lebots.core.model.live import Account, Live, Ref
from lebots.core.model.value import Raw
from lebots.core.vendor.codec import decode, identity
from lebots.core.vendor.references import Names, to_names

LATEST = 253_402_300_799
"""The last second a date can stand for; what is larger is no count of seconds."""

Collections = Mapping[tuple[str, str], Sequence[Raw]]
"""Kind and endpoint name to the objects of that collection, as read."""


def assemble(
    account: str, kinds: Mapping[str, Kind], collections: Collections, unreadable: Mapping[str, str]
) -> Account:
    """The account as one value, ids turned into names wherever they are known.

    Raises AccountError where an object has not the shape its kind expects.
    """
    names = _names(kinds, collections)
    objects = [
        _live(kind, endpoint, raw, names)
        for kind in kinds.values()
        for endpoint in kind.endpoints
        for raw in collections.get((kind.name, endpoint.name), ())
    ]
    listed = {live.ref for live in objects}
    built_in = [
        Live(address=Address(kind.name, name), id=id_, endpoint=endpoint.name, spec={})
        for kind in kinds.values()
        for endpoint in kind.endpoints
        for id_, name in endpoint.built_in.items()
        if (kind.name, id_) not in listed
    ]
    return Account(id=account, objects=(*objects, *built_in), unreadable=unreadable)


def _live(kind: Kind, endpoint: Endpoint, raw: Raw, names: Names) -> Live:
    id_, name = identity(endpoint, raw)
    spec = decode(kind, endpoint, raw)
    refs = (Ref(target.kind, target.name) for _, target in targets(kind, spec))
    return Live(
        address=Address(kind.name, name),
        id=id_,
        endpoint=endpoint.name,
        spec=to_names(kind, spec, names),
        deleted=_deleted(raw),
        foreign=kind.foreign(raw),
        updated=_updated(raw),
        issued=_issued(endpoint, raw),
        dangling=tuple(ref for ref in refs if ref not in names),
    )


def _names(kinds: Mapping[str, Kind], collections: Collections) -> Names:
    built_in = {
        Ref(kind.name, id_): name
        for kind in kinds.values()
        for endpoint in kind.endpoints
        for id_, name in endpoint.built_in.items()
    }
    listed = {}
    for (kind_name, endpoint_name), items in collections.items():
        endpoint = kinds[kind_name].endpoint(endpoint_name)
        for raw in items:
            id_, name = identity(endpoint, raw)
            if not _deleted(raw):
                listed[Ref(kind_name, id_)] = name
    return built_in | listed


def _updated(raw: Raw) -> str:
    # For display only: the vendor writes dates without a zone (reference 3.6, D).
    date = raw.get("dateUpdated")
    return date if isinstance(date, str) else ""


def _issued(endpoint: Endpoint, raw: Raw) -> int | None:
    second = raw.get(endpoint.issued_field)
    if isinstance(second, bool) or not isinstance(second, int):
        return None
    return second if 0 < second <= LATEST else None


def _deleted(raw: Raw) -> bool:
    # The documentation quotes booleans, real data does not (reference 3.6).
    return raw.get("deleted") in (True, "true")
