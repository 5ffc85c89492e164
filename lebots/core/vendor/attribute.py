"""Attributes of a vendor's object as fields of a manifest; no error quotes a value."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from lebots.core.model.kind import Field
from lebots.core.model.value import Spec, Value, plain

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


class ForeignShape(Exception):
    """An attribute whose value has not the shape its field needs."""

    def __init__(self, attribute: str, wanted: str, value: Any) -> None:
        super().__init__(f"{attribute!r} should hold {wanted}, but holds {type_of(value)}")


def attribute_of(raw: Mapping[str, Any], attribute: str) -> Any:
    """What stands at a dotted path; None where nothing does."""
    value: Any = raw
    for step in attribute.split("."):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise ForeignShape(attribute, "an object on the way to it", value)
        value = value.get(step)
    return value


def read(part: Field, raw: Mapping[str, Any], within: str = "") -> Value:
    """The field in manifest words; ``within`` says where ``raw`` stands, for errors."""
    value, attribute = attribute_of(raw, part.attribute), within + part.attribute
    if value is not None and part.codec:
        try:
            value = part.codec.read(value)
        except ValueError:
            raise ForeignShape(attribute, "what the vendor describes", value) from None
    if value is None or (part.ref and value == ""):
        default: Value = plain(part.default)
        return default
    return _typed(part, value, attribute)


def _typed(part: Field, value: Any, attribute: str) -> Value:
    kind_of_value = _type(part.schema)
    if kind_of_value != "array":
        return _scalar(part, part.schema, value, attribute)
    if not isinstance(value, list):
        raise ForeignShape(attribute, _WORDS["array"], value)
    places = [(f"{attribute}[{position}]", item) for position, item in enumerate(value)]
    if part.fields:
        return [_item(part, item, place) for place, item in places]
    return [_scalar(part, part.schema.get("items", {}), item, place) for place, item in places]


def _item(part: Field, item: Any, place: str) -> Spec:
    if not isinstance(item, dict):
        raise ForeignShape(place, _WORDS["object"], item)
    return {inner.name: read(inner, item, f"{place}.") for inner in part.fields}


def _scalar(part: Field, schema: Mapping[str, Any], value: Any, attribute: str) -> Value:
    if part.ref:
        reader, wanted = _ID_READERS[part.id_type], "an id"
    else:
        reader, wanted = _READERS[_type(schema)], _WORDS[_type(schema)]
    try:
        return reader(value)
    except ValueError:
        raise ForeignShape(attribute, wanted, value) from None


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


def type_of(value: Any) -> str:
    """What a foreign value is, without a word of it."""
    if value is None or value == "":
        return "nothing"
    return _WORDS[_JSON_TYPES.get(type(value), "number")]
