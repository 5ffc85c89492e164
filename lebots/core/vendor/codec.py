"""Translates between vendor JSON and manifest words by the facts of a kind.

Ids in fields with a ``ref`` are text here ("4100200902"); ``lebots.core.vendor.references`` gives
them names.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lebots.core.model.kind import Endpoint, Field, Kind
from lebots.core.model.value import Raw, Spec, Value
from lebots.errors import AccountError

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,19}")
_WORDS = {
    "array": "a list",
    "object": "an object",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}
_JSON_TYPES = {dict: "object", list: "array", str: "string", int: "integer", bool: "boolean"}


class _Unreadable(Exception):
    """An attribute whose value has not the shape its field needs."""

    def __init__(self, attribute: str, wanted: str, value: Any) -> None:
        super().__init__(f"{attribute!r} should hold {wanted}, but holds {_word(value)}")


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
                spec[part.name] = _read(part, _get(raw, part.attribute), part.attribute)
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
        **_plain(endpoint.on_create),
        **encode(kind, endpoint, spec, {}),
    }


def _on_the_wire(part: Field, endpoint: Endpoint) -> bool:
    return not part.local and part.variant in (None, endpoint.variant)


# Errors


def _id(endpoint: Endpoint, raw: Any) -> str:
    if not isinstance(raw, dict):
        raise AccountError(
            f"{endpoint.name}: the account lists {_word(raw)} where an object belongs; "
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
    except _Unreadable as fault:
        raise _foreign(endpoint, id_, str(fault)) from None


def _foreign(endpoint: Endpoint, id_: str, fault: str) -> AccountError:
    return AccountError(
        f"{endpoint.name} {id_!r}: {fault}; check that the account speaks version "
        f"{endpoint.version} of this interface and that the caller may read the whole object"
    )


def _word(value: Any) -> str:
    """What a foreign value is, without a word of it."""
    if value is None or value == "":
        return "nothing"
    return _WORDS[_JSON_TYPES.get(type(value), "number")]


# Reading


def _get(raw: Mapping[str, Any], attribute: str) -> Any:
    value: Any = raw
    for step in attribute.split("."):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _Unreadable(attribute, "an object on the way to it", value)
        value = value.get(step)
    return value


def _read(part: Field, value: Any, attribute: str) -> Value:
    if value is not None and part.codec:
        try:
            value = part.codec.read(value)
        except ValueError:
            raise _Unreadable(attribute, "what the vendor describes", value) from None
    if value is None or (part.ref and value == ""):
        return _default(part)
    return _typed(part, value, attribute)


def _default(part: Field) -> Value:
    value: Value = _plain(part.default)
    return value


def _typed(part: Field, value: Any, attribute: str) -> Value:
    kind_of_value = _type(part.schema)
    if kind_of_value != "array":
        return _scalar(part, part.schema, value, attribute)
    if not isinstance(value, list):
        raise _Unreadable(attribute, _WORDS["array"], value)
    places = [(f"{attribute}[{position}]", item) for position, item in enumerate(value)]
    if part.fields:
        return [_item(part, item, place) for place, item in places]
    return [_scalar(part, part.schema.get("items", {}), item, place) for place, item in places]


def _item(part: Field, item: Any, place: str) -> Spec:
    if not isinstance(item, dict):
        raise _Unreadable(place, _WORDS["object"], item)
    return {
        inner.name: _read(inner, _get(item, inner.attribute), f"{place}.{inner.attribute}")
        for inner in part.fields
    }


def _scalar(part: Field, schema: Mapping[str, Any], value: Any, attribute: str) -> Value:
    if part.ref:
        read, wanted = _ID_READERS[part.id_type], "an id"
    else:
        read, wanted = _READERS[_type(schema)], _WORDS[_type(schema)]
    try:
        return read(value)
    except ValueError:
        raise _Unreadable(attribute, wanted, value) from None


def _type(schema: Mapping[str, Any]) -> str:
    """The one JSON type of a schema, null aside."""
    types = schema["type"]
    return types if isinstance(types, str) else next(name for name in types if name != "null")


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise ValueError


def _integer(value: Any) -> int:
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError
    return value


def _text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError
    return value


def _object(value: Any) -> Mapping[str, Value]:
    if not isinstance(value, dict):
        raise ValueError
    return value


def _filled(value: Any) -> str:
    if text := _text(value):
        return text
    raise ValueError


_READERS: Mapping[str, Callable[[Any], Value]] = {
    "boolean": _boolean,
    "integer": _integer,
    "string": _text,
    "object": _object,
}
_ID_READERS: Mapping[str, Callable[[Any], Value]] = {
    "integer": lambda value: str(_integer(value)),
    "string": _filled,
}


# Writing


def _onto(fields: Iterable[Field], spec: Spec, body: Raw) -> Raw:
    """Writes the fields of ``spec`` into ``body`` and returns it."""
    new = not body
    for part in fields:
        if part.name not in spec:
            continue
        value = _plain(spec[part.name])
        current = _get(body, part.attribute)
        if not new and _same(part, value, _read(part, current, part.attribute)):
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
    return all(
        spec.get(inner.name) == _read(inner, _get(item, inner.attribute), inner.attribute)
        for inner in part.fields
        if inner.ref
    )


def _plain(value: Value) -> Any:
    """The value in JSON's own types, sharing no container with the original."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


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
