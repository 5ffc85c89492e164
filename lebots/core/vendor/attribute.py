"""Attributes of a vendor's object as fields of a manifest; no error quotes a value."""

import re
from collections.abc import Callable, Iterator, Mapping
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
        if not isinstance(value, dict):
            # An empty list or text stands for an empty object in some answers (seen).
            if value is None or value in ([], ""):
                return None
            raise ForeignShape(attribute, "an object on the way to it", value)
        value = value.get(step)
    return value


def read(part: Field, raw: Mapping[str, Any], within: str = "") -> Value:
    """The field in manifest words; ``within`` says where ``raw`` stands, for errors.

    What is written in another form than documented is read where nobody can doubt what it means.
    """
    value, attribute = attribute_of(raw, part.attribute), within + part.attribute
    if not _is_nothing(part, value) and part.codec:
        try:
            value = part.codec.read(value)
        except ValueError:
            raise ForeignShape(attribute, "what the vendor describes", value) from None
    if _is_nothing(part, value):
        default: Value = plain(part.default)
        return default
    return _typed(part, value, attribute)


def referred(part: Field, raw: Mapping[str, Any]) -> Value:
    """Every id that stands in a field of a foreign shape: it may be referred to.

    Rather too many than too few, since what is referred to is not taken out of use.
    """
    value: Any = raw
    for step in part.attribute.split("."):
        value = value.get(step) if isinstance(value, dict) else value
    if part.fields:
        return [
            {inner.name: referred(inner, item) for inner in part.fields if inner.ref}
            for item in (value if isinstance(value, list) else [value])
            if isinstance(item, dict)
        ]
    return list(dict.fromkeys(_ids(value, part.id_type == "integer")))


def _ids(value: Any, numbers: bool) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _ids(inner, numbers)
    elif isinstance(value, str):
        words = re.split(r"[\s,;]+", value.strip())
        if not numbers or all(map(_WHOLE_NUMBER.fullmatch, words)):
            yield from filter(None, words)
    elif isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0:
        yield str(int(value))


def _is_nothing(part: Field, value: Any) -> bool:
    """Whether a value stands for none: an empty text does where no text belongs."""
    if value is None or (value == "" and (part.ref or _type(part.schema) != "string")):
        return True
    return bool(part.ref) and _type(part.schema) != "array" and value in ([], {}, 0, "0")


def _typed(part: Field, value: Any, attribute: str) -> Value:
    kind_of_value = _type(part.schema)
    if kind_of_value != "array":
        one = value[0] if part.ref and isinstance(value, list) and len(value) == 1 else value
        return _scalar(part, part.schema, {} if _means_object(part, value) else one, attribute)
    if not isinstance(value := _listed(value), list):
        raise ForeignShape(attribute, _WORDS["array"], value)
    places = [(f"{attribute}[{position}]", item) for position, item in enumerate(value)]
    if part.fields:
        return [_item(part, item, place) for place, item in places]
    return [_scalar(part, part.schema.get("items", {}), item, place) for place, item in places]


def _means_object(part: Field, value: Any) -> bool:
    return _type(part.schema) == "object" and value == []


def _listed(value: Any) -> Any:
    """The list that a value means: an empty object for an empty one, a single word for itself."""
    if value == {}:
        return []
    single = isinstance(value, int) and not isinstance(value, bool)
    if single or (isinstance(value, str) and re.fullmatch(r"[^\s,;]+", value)):
        return [value]
    return value


def _item(part: Field, item: Any, place: str) -> Spec:
    if not isinstance(item, dict):
        raise ForeignShape(place, _WORDS["object"], item)
    return {inner.name: read(inner, item, f"{place}.") for inner in part.fields}


def _scalar(part: Field, schema: Mapping[str, Any], value: Any, attribute: str) -> Value:
    if part.ref:
        reader, wanted = _ID_READERS[part.id_type], "an id"
        value = value.get("id") if isinstance(value, dict) else value
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
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
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
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError
    return value.replace("\r\n", "\n")


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
