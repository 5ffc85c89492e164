"""Translates between vendor JSON and manifest words by the facts of a kind.

Ids in fields with a ``ref`` are text here ("4100200902"); ``lebots.core.vendor.references`` gives
them names.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from lebots.core.model.kind import Endpoint, Field, Kind
from lebots.core.model.value import Raw, Spec, Value, plain
from lebots.core.vendor.attribute import ForeignShape, attribute_of, read, type_of
from lebots.errors import AccountError


def identity(endpoint: Endpoint, raw: Any) -> tuple[str, str]:
    """Id and natural name of an object, both as text; AccountError where one is missing."""
    id_ = _id(endpoint, raw)
    name = raw.get(endpoint.name_field)
    if not isinstance(name, str):
        raise _foreign(endpoint, id_, f"{endpoint.name_field!r} should hold text, but does not")
    return id_, name


def decode(kind: Kind, endpoint: Endpoint, raw: Any) -> Spec:
    """Every field of the kind in manifest words, ids as text.

    Numbers, booleans and ids may be native or quoted (the vendor's documentation quotes them, its
    answers do not: reference 3.6, D and F). Raises AccountError, which never quotes a value, for an
    object of a foreign shape.
    """
    with _shape_of(endpoint, _id(endpoint, raw)):
        spec: dict[str, Value] = {}
        for part in kind.fields:
            if part.name == kind.variant_field:
                spec[part.name] = endpoint.variant
            elif _on_the_wire(part, endpoint):
                spec[part.name] = read(part, raw)
        return spec


def encode(kind: Kind, endpoint: Endpoint, spec: Spec, raw: Raw) -> Raw:
    """A new object: ``raw`` with the fields of ``spec`` on top and without what the server owns.

    Everything else is carried through as it is, unknown attributes too, since a PUT deletes what
    it leaves out (reference 0, D). A field that says the same already keeps the account's own form.
    Onto an empty ``raw`` every field is written. Raises AccountError as ``decode`` does.
    """
    fields = [part for part in kind.fields if _on_the_wire(part, endpoint)]
    with _shape_of(endpoint, str(raw.get(endpoint.id_field, ""))):
        return _onto(fields, spec, _without(raw, endpoint.server_owned))


def create(kind: Kind, endpoint: Endpoint, name: str, spec: Spec) -> Raw:
    """The body of a create: what every new object has, its name, and the fields of ``spec``."""
    return {
        endpoint.name_field: name,
        **plain(endpoint.on_create),
        **encode(kind, endpoint, spec, {}),
    }


def _on_the_wire(part: Field, endpoint: Endpoint) -> bool:
    return not part.local and part.variant in (None, endpoint.variant)


def _id(endpoint: Endpoint, raw: Any) -> str:
    if not isinstance(raw, dict):
        raise AccountError(
            f"{endpoint.name}: the account lists {type_of(raw)} where an object belongs; "
            f"check that it speaks version {endpoint.version} of this interface"
        )
    id_ = raw.get(endpoint.id_field)
    if isinstance(id_, bool) or not isinstance(id_, int | str) or id_ == "":
        raise AccountError(
            f"{endpoint.name}: the account lists an object without {endpoint.id_field!r}; "
            f"check that it speaks version {endpoint.version} of this interface"
        )
    return str(id_)


@contextmanager
def _shape_of(endpoint: Endpoint, id_: str) -> Iterator[None]:
    try:
        yield
    except ForeignShape as fault:
        raise _foreign(endpoint, id_, str(fault)) from None


def _foreign(endpoint: Endpoint, id_: str, fault: str) -> AccountError:
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
        for attribute in part.implies:
            body.pop(attribute, None)
    return body


def _same(part: Field, left: Value, right: Value) -> bool:
    if part.unordered and isinstance(left, list) and isinstance(right, list):
        return all(item in right for item in left) and all(item in left for item in right)
    return left == right


def _put(body: Raw, attribute: str, value: Any) -> None:
    *parents, last = attribute.split(".")
    for step in parents:
        if body.get(step) is None:
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
