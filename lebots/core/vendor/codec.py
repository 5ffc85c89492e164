"""Translates between vendor JSON and manifest words by the facts of a kind.

Ids in fields with a ``ref`` are text here ("4100200902"); ``lebots.core.vendor.references`` gives
them names.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from lebots.core.model.kind import Endpoint, Field, Kind
from lebots.core.model.value import Raw, Spec, Value, plain
from lebots.core.vendor.attribute import ForeignShape, attribute_of, read, referred
from lebots.core.vendor.references import nameless
from lebots.errors import AccountError


class Identity(NamedTuple):
    """What tells an object of the account from others, and what of that could not be read."""

    id: str
    name: str
    faults: tuple[str, ...] = ()


class Decoded(NamedTuple):
    """The fields of an object, and what of them could not be read: those hold ids at most."""

    spec: Spec
    faults: tuple[str, ...] = ()


def identify(endpoint: Endpoint, raw: Raw, position: int = 0) -> Identity:
    """Id and natural name of any object, by its position in a list where it has no id."""
    faults = []
    id_, name = raw.get(endpoint.id_field), raw.get(endpoint.name_field)
    if not _is_id(id_):
        faults.append(str(ForeignShape(endpoint.id_field, "an id", id_)))
        id_ = f"#{position}"
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not (isinstance(name, str) and name):
        faults.append(str(ForeignShape(endpoint.name_field, "text", name)))
        name = nameless(str(id_))
    if endpoint.contexts and _is_id(owner := raw.get(endpoint.contexts.field)):
        id_, name = f"{id_}@{owner}", f"{name}@{owner}"
    return Identity(str(id_), name, tuple(faults))


def identity(endpoint: Endpoint, raw: Raw) -> tuple[str, str]:
    """Id and natural name of an object, both as text; AccountError where one is missing."""
    found = identify(endpoint, raw)
    if found.faults:
        raise _unmanaged_reason(endpoint, found.id, found.faults[0])
    return found.id, found.name


def is_deleted(raw: Raw) -> bool:
    """Whether an object is deleted: the documentation quotes booleans (reference 3.6, D and F)."""
    return str(raw.get("deleted")).lower() == "true"


def decode(kind: Kind, endpoint: Endpoint, raw: Raw) -> Spec:
    """Every field of the kind in manifest words, ids as text.

    Numbers, booleans and ids may be native or quoted (the vendor's documentation quotes them, its
    answers do not: reference 3.6, D and F). Raises AccountError, which never quotes a value, for an
    object of a foreign shape.
    """
    found = decoded(kind, endpoint, raw)
    if found.faults:
        raise _unmanaged_reason(endpoint, identify(endpoint, raw).id, found.faults[0])
    return found.spec


def decoded(kind: Kind, endpoint: Endpoint, raw: Raw) -> Decoded:
    """Every field that can be read, as ``decode`` does; of the others the ids, where any are."""
    spec: dict[str, Value] = {}
    faults = []
    for part in kind.fields:
        if part.name == kind.variant_field:
            spec[part.name] = endpoint.variant
        elif _on_the_wire(part, endpoint):
            try:
                spec[part.name] = read(part, raw)
            except ForeignShape as fault:
                faults.append(str(fault))
                if part in kind.referring:
                    spec[part.name] = referred(part, raw)
    return Decoded(spec, tuple(faults))


def encode(kind: Kind, endpoint: Endpoint, spec: Spec, raw: Raw) -> Raw:
    """A new object: ``raw`` with the fields of ``spec`` on top and without what the server owns.

    Everything else is carried through as it is, unknown attributes too, since a PUT deletes what
    it leaves out (reference 0, D). A field that says the same already keeps the account's own form.
    Onto an empty ``raw`` every field is written. Raises AccountError as ``decode`` does.
    """
    fields = [p for p in kind.fields if _on_the_wire(p, endpoint) and not p.of_name]
    with _shape_of(endpoint, str(raw.get(endpoint.id_field, ""))):
        return _onto(fields, spec, _without(raw, endpoint.server_owned))


def without_server_owned(endpoint: Endpoint, raw: Raw) -> Raw:
    """The object without what the server sets, which says nothing of a write."""
    return _without(raw, endpoint.server_owned)


def create(kind: Kind, endpoint: Endpoint, name: str, spec: Spec) -> Raw:
    """The body of a create: what every new object has, its name, and the fields of ``spec``."""
    owner = kind.belongs and spec.get(kind.belongs.owner)
    context = {endpoint.contexts.field: int(str(owner))} if endpoint.contexts and owner else {}
    return {
        endpoint.name_field: kind.belongs.what(name) if kind.belongs else name,
        **context,
        **plain(endpoint.on_create),
        **encode(kind, endpoint, spec, {}),
    }


def _on_the_wire(part: Field, endpoint: Endpoint) -> bool:
    return not part.client_only and part.variant in (None, endpoint.variant)


def _is_id(value: Any) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool) and value != ""


@contextmanager
def _shape_of(endpoint: Endpoint, id_: str) -> Iterator[None]:
    try:
        yield
    except ForeignShape as fault:
        raise _unmanaged_reason(endpoint, id_, str(fault)) from None


def _unmanaged_reason(endpoint: Endpoint, id_: str, fault: str) -> AccountError:
    return AccountError(
        f"{endpoint.name} {id_!r}: {fault}; check that the account speaks version "
        f"{endpoint.version} of this interface and that the caller may read the whole object"
    )


def _onto(fields: Iterable[Field], spec: Spec, body: Raw) -> Raw:
    """Writes the fields of ``spec`` into ``body`` and returns it."""
    new = not body
    for part in fields:
        if part.name not in spec:
            continue
        value = plain(spec[part.name])
        current = attribute_of(body, part.attribute)
        if not new and _same(part, value, read(part, body)):
            continue
        _put(body, part.attribute, _native(part, value, current))
        for attribute in part.derived:
            body.pop(attribute, None)
    return body


def _same(part: Field, left: Value, right: Value) -> bool:
    if part.unordered and isinstance(left, list) and isinstance(right, list):
        return all(item in right for item in left) and all(item in left for item in right)
    return left == right


def _put(body: Raw, attribute: str, value: Any) -> None:
    *parents, last = attribute.split(".")
    for step in parents:
        if not body.get(step):
            body[step] = {}
        body = body[step]
    body[last] = value


def _native(part: Field, value: Any, current: Any) -> Any:
    if value is None:
        return None
    if part.fields:
        return _items(part, value, current)
    if part.ref and part.id_type == "integer":
        value = [int(id_) for id_ in value] if isinstance(value, list) else int(value)
    if part.ref and isinstance(current, list) and not (part.codec or isinstance(value, list)):
        value = [value]
    return part.codec.write(value, current) if part.codec else value


def _items(part: Field, wanted: list[Spec], current: Any) -> list[Raw]:
    """Each item written onto the one it continues, so that unknown attributes of items stay."""
    left = list(current) if isinstance(current, list) else []
    items = []
    for spec in wanted:
        before = next((item for item in left if _continues(part, spec, item)), None)
        if before is not None:
            left.remove(before)
        items.append(_onto(part.fields, spec, before or {}))
    return items


def _continues(part: Field, spec: Spec, item: Raw) -> bool:
    """Whether both point at the same objects; items that point at none are paired by position."""
    return all(spec.get(inner.name) == read(inner, item) for inner in part.fields if inner.ref)


def _without(raw: Raw, attributes: frozenset[str]) -> Raw:
    """A copy without these attributes; dots lead into objects and into each object of a list.

    Leaves are shared, not copied: a sealed secret cannot be copied.
    """
    inside: dict[str, set[str]] = {}
    for attribute in attributes:
        first, _, rest = attribute.partition(".")
        inside.setdefault(first, set()).add(rest)
    return {
        name: _pruned(value, frozenset(inside.get(name, ())))
        for name, value in raw.items()
        if "" not in inside.get(name, ())
    }


def _pruned(value: Any, attributes: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return _without(value, attributes)
    if isinstance(value, list):
        return [_pruned(item, attributes) for item in value]
    return value
