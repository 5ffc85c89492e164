"""What manifests of a kind can hold, and how an account may show it, made from the kind's facts."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from lebots.core.model.kind import Endpoint, Field, Kind, Schema
from lebots.core.vendor.codec import create

_LONGEST_TEXT = 12
_LARGEST_ID = 2**63 - 1

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
CANARY = "canary-of-a-value"
foreign_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.just(CANARY),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [CANARY, "agentGroupId", "priority", "webhooks", "engagement", "retry"]
            ),
            inner,
        )
    ),
    max_leaves=6,
)
unknown_attributes = st.dictionaries(
    st.text(min_size=1, max_size=6).map("x-{}".format), json_values, max_size=3
)


def specs(kind: Kind, endpoint: Endpoint) -> st.SearchStrategy[dict[str, Any]]:
    """Specs with ids in place of names, of any of the fields an object of this endpoint has."""
    fields = {
        part.name: _values(part)
        for part in kind.fields
        if not (part.client_only or part.of_name) and part.variant in (None, endpoint.variant)
    }
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def answers(draw: st.DrawFn, kind: Kind, endpoint: Endpoint) -> dict[str, Any]:
    """Objects as the account may list them: native or quoted, unset as null, with foreign parts."""
    raw = create(kind, endpoint, "x", draw(specs(kind, endpoint)))
    for name in draw(st.sets(st.sampled_from(sorted(raw)))) - {endpoint.name_field}:
        raw[name] = None if draw(st.booleans()) else _quoted(raw[name])
    for path in draw(st.sets(st.sampled_from(sorted(endpoint.server_owned | {"dateUpdated"})))):
        _plant(raw, path.split("."), draw(json_values))
    raw |= draw(unknown_attributes)
    if endpoint.id_field != endpoint.name_field:
        raw[endpoint.id_field] = draw(st.integers(1, _LARGEST_ID))
    return dict(draw(st.permutations(list(raw.items()))))


def _values(part: Field) -> st.SearchStrategy[Any]:
    if part.ref:
        return _of_schema(part.schema, _ids(part))
    if part.fields:
        inner = st.fixed_dictionaries({inner.name: _values(inner) for inner in part.fields})
        return st.lists(inner, max_size=3)
    return _of_schema(part.schema)


def _ids(part: Field) -> st.SearchStrategy[str]:
    if part.id_type == "integer":
        return st.integers(-1, _LARGEST_ID).map(str)
    return st.uuids().map(str)


def _of_schema(
    schema: Schema, text: st.SearchStrategy[str] | None = None
) -> st.SearchStrategy[Any]:
    types = schema["type"]
    if not isinstance(types, str):
        return st.one_of(*(_of_schema({**schema, "type": one}, text) for one in types))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if types == "array":
        items = _of_schema(schema["items"], text)
        return st.lists(
            items,
            min_size=schema.get("minItems", 0),
            max_size=schema.get("maxItems", 4),
            unique=schema.get("uniqueItems", False),
        )
    if types == "object":
        required = schema.get("required", ())
        parts = {name: _of_schema(part) for name, part in schema["properties"].items()}
        return st.fixed_dictionaries(
            {name: part for name, part in parts.items() if name in required},
            optional={name: part for name, part in parts.items() if name not in required},
        )
    if types == "integer":
        return st.integers(schema["minimum"], schema["maximum"])
    if types == "boolean":
        return st.booleans()
    if types == "null":
        return st.none()
    return _texts(schema) if text is None else text


def _texts(schema: Schema) -> st.SearchStrategy[str]:
    pattern: str = schema.get("pattern", "")
    if pattern:
        return st.from_regex(pattern, fullmatch=True).filter(
            lambda text: len(text) <= schema["maxLength"]
        )
    longest = min(schema.get("maxLength", _LONGEST_TEXT), _LONGEST_TEXT)
    return st.text(min_size=schema.get("minLength", 0), max_size=longest)


def _quoted(value: Any) -> Any:
    """Numbers and booleans as text, the way the vendor's documentation writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return [_quoted(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _quoted(item) for name, item in value.items()}
    return value


def _plant(raw: Any, path: list[str], value: Any) -> None:
    """Sets an attribute where the objects on the way to it exist."""
    if isinstance(raw, list):
        for item in raw:
            _plant(item, path, value)
    elif isinstance(raw, dict) and len(path) > 1:
        _plant(raw.get(path[0]), path[1:], value)
    elif isinstance(raw, dict):
        raw[path[0]] = value
