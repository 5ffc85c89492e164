"""Schemas made from kinds, and what is said about values that do not fit."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry

from lebots.core.manifest.schema import (
    arranged,
    check,
    manifest_schema,
    manifests_schema,
    spec_schema,
)
from lebots.core.manifest.schema_errors import compiled, shown_name, value_at, violations
from lebots.core.model.kind import Endpoint, Field, Kind
from lebots.core.model.value import Path, Value

TEXT = {"type": "string", "minLength": 1, "maxLength": 20, "description": "Text."}
ENDPOINTS = (Endpoint("toys", "toys", "/toys", "1.0"),)

TOY = Kind(
    "Toy",
    "toy",
    "A toy.",
    ENDPOINTS,
    (
        Field("label", TEXT),
        Field("enabled", {"type": "boolean", "description": "On."}, "isEnabled"),
        Field("size", {"type": ["integer", "null"], "minimum": 0, "maximum": 9}),
        Field("weight", {"type": "number", "exclusiveMinimum": 0}),
        Field("box", TEXT, "boxId", ref="Box"),
        Field(
            "friends",
            {"type": "array", "items": TEXT, "uniqueItems": True, "maxItems": 3},
            "friendIds",
            ref="Toy",
        ),
        Field(
            "steps",
            {"type": "array", "items": {"required": ["box"]}},
            fields=(Field("box", TEXT, ref="Box"), Field("order", {"type": "integer"})),
        ),
        Field("type", {"enum": ["plush", "wood"]}),
        Field("glue", TEXT),
        Field("address", {**TEXT, "title": "an https address", "pattern": "^https://[^ ]+$"}),
        Field("code", {**TEXT, "pattern": "^[A-Z]+$", "examples": ["ABC"]}),
        Field("colour", {"anyOf": [{"type": "integer"}, {"type": "array"}]}),
    ),
    name_schema={"pattern": "^[a-z-]+$", "title": "lower case letters and -"},
    schema={
        "required": ["label"],
        "allOf": [
            {
                "if": {"properties": {"type": {"const": "plush"}}, "required": ["type"]},
                "then": {"properties": {"glue": False}, "required": ["size"]},
            }
        ],
    },
)
BOX = Kind("Box", "box", "A box.", ENDPOINTS)
FOUND = Kind("Found", "found", "Only looked up.", ENDPOINTS, lookup_only=True)


def manifest(**spec: object) -> dict[str, Any]:
    return {
        "apiVersion": "lebots/v1",
        "kind": "Toy",
        "metadata": {"name": "bear"},
        "spec": {"label": "x", **spec},
    }


def told(document: Any) -> list[str]:
    return [
        f"{'.'.join(map(str, one.path))}: {one.code}: {one.message}" for one in check(TOY, document)
    ]


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"size": None, "enabled": False, "weight": 1, "friends": []},
        {"steps": [{"box": "a", "order": 1}, {"box": "b"}]},
        {"type": "plush", "size": 3},
        {"type": "wood", "glue": "much"},
        {"address": "https://x", "code": "ABC", "colour": []},
    ],
)
def test_what_fits(spec: dict[str, object]) -> None:
    assert told(manifest(**spec)) == []


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        # unknown fields
        ({"labl": "x"}, 'labl: unknown-field: there is no "labl"; did you mean "label"?'),
        ({"isEnabled": True}, "isEnabled: unknown-field: isEnabled is the vendor's word; write "
         "enabled"),
        ({"boxId": 3}, "boxId: unknown-field: boxId is the vendor's word; write box, with names in "
         "place of ids"),
        ({"steps": [{"box": "a", "odrer": 1}]}, "steps.0.odrer: unknown-field: there is no "
         '"odrer"; did you mean "order"?'),
        ({"hunter2 !": 1}, "hunter2 !: unknown-field: there is no such field here; there are "
         "label, enabled, size, weight, box, friends, steps, type, glue, address, code, colour"),
        # types
        ({"size": "7"}, "size: wrong-type: must be a whole number or null: write 7 without quotes"),
        ({"size": "hunter2"}, "size: wrong-type: must be a whole number or null"),
        ({"size": 1.0}, "size: wrong-type: must be a whole number or null: write 1"),
        ({"size": 1.5}, "size: wrong-type: must be a whole number or null"),
        ({"size": True}, "size: wrong-type: must be a whole number or null"),
        ({"weight": "1"}, "weight: wrong-type: must be a number: write 1 without quotes"),
        ({"enabled": "true"}, "enabled: wrong-type: must be true or false, without quotes"),
        ({"enabled": 1}, "enabled: wrong-type: must be true or false"),
        ({"label": 12}, 'label: wrong-type: must be text: quote it: "12"'),
        ({"label": True}, 'label: wrong-type: must be text: quote it: "true"'),
        ({"label": ["x"]}, "label: wrong-type: must be text"),
        ({"friends": "bob"}, "friends: wrong-type: must be a list: put it in brackets, as in "
         "[one, two]"),
        ({"friends": {"bob": 1}}, "friends: wrong-type: must be a list"),
        ({"steps": ["a"]}, "steps.0: wrong-type: must be a mapping of fields: indented below, one "
         "field per line"),
        ({"colour": "red"}, "colour: wrong-type: must be a whole number or a list"),
        # null
        ({"label": None}, "label: null: null is not allowed here: leave the field out to keep the "
         "live value"),
        ({"friends": [None]}, "friends.0: null: null is not allowed here: leave the field out to "
         "keep the live value"),
        # ids in place of names
        ({"box": 4711}, "box: wrong-type: must be the name of the Box, not its id; ids never stand "
         "in manifests"),
        ({"friends": ["a", 5]}, "friends.1: wrong-type: must be the name of the Toy, not its id; "
         "ids never stand in manifests"),
        ({"steps": [{"box": 5}]}, "steps.0.box: wrong-type: must be the name of the Box, not its "
         "id; ids never stand in manifests"),
        # values
        ({"size": 10}, "size: out-of-range: 10 is not at most 9"),
        ({"size": -1}, "size: out-of-range: -1 is not at least 0"),
        ({"weight": 0}, "weight: out-of-range: 0 is not more than 0"),
        ({"label": ""}, "label: out-of-range: must not be empty"),
        ({"label": "hunter2" * 9}, "label: out-of-range: must have at most 20 characters"),
        ({"friends": list("abcd")}, "friends: out-of-range: must hold at most 3"),
        ({"friends": ["a", "b", "a"]}, "friends.2: repeated: stands in the list twice"),
        ({"type": "Wood"}, 'type: not-one-of: must be one of plush, wood; did you mean "wood"?'),
        ({"type": "hunter2"}, "type: not-one-of: must be one of plush, wood"),
        ({"address": "http://hunter2"}, "address: bad-form: must be an https address"),
        ({"code": "hunter2"}, "code: bad-form: must have the form ^[A-Z]+$, such as ABC"),
        # fields that depend on each other
        ({"type": "plush", "size": 1, "glue": "x"}, "glue: not-allowed: is not allowed where type "
         "is plush; remove it"),
        ({"type": "plush"}, ': missing-field: the field "size" is missing, needed where type is '
         "plush"),
        ({"steps": [{"order": 1}]}, 'steps.0: missing-field: the field "box" is missing'),
    ],
)  # fmt: skip
def test_what_is_said(spec: dict[str, object], expected: str) -> None:
    prefix = "spec" if expected.startswith(":") else "spec."
    assert told(manifest(**spec)) == [prefix + expected]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"apiVersion": "v1"}, "apiVersion: not-one-of: must be lebots/v1"),
        ({"label": "x"}, "label: unknown-field: label belongs below spec"),
        ({"sepc": {}}, 'sepc: unknown-field: there is no "sepc"; did you mean "spec"?'),
        ({"metadata": {"name": "Bear"}}, "metadata.name: bad-form: must be lower case letters "
         "and -"),
        ({"metadata": {"name": "bear", "label": "x"}}, "metadata.label: unknown-field: label "
         "belongs below spec"),
        ({"metadata": None}, "metadata: null: null is not allowed here: write a mapping of fields, "
         "or leave the field out"),
        ({"spec": {}}, 'spec: missing-field: the field "label" is missing'),
    ],
)  # fmt: skip
def test_what_is_said_about_the_rest(change: dict[str, object], expected: str) -> None:
    assert told({**manifest(), **change}) == [expected]


NAMED = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
FORMS = {"anyOf": [{"type": "integer"}, NAMED]}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (FORMS, {"name": 3}, "name: wrong-type: must be text: quote it: \"3\""),
        (FORMS, "x", ": wrong-type: must be a whole number or a mapping of fields"),
        ({**FORMS, "title": "a number or a name"}, "x", ": bad-form: must be a number or a name"),
        ({"oneOf": [{"minimum": 1}, {"maximum": 5}]}, 3, ": not-allowed: fits several forms at "
         "once; leave one"),
        ({"properties": {"a": False}}, {"a": 1}, "a: not-allowed: is not allowed beside the other "
         "fields; remove it"),
        ({"not": {"const": 1}, "title": "another number"}, 1, ": bad-form: must be another number"),
        ({"not": {"const": 1}}, 1, ": bad-form: does not fit here"),
        ({"minLength": 2}, "a", ": out-of-range: must have at least 2 characters"),
        ({"minItems": 1}, [], ": out-of-range: must hold at least 1"),
        ({"const": 5}, 6, ": not-one-of: must be 5"),
        ({"enum": ["a", None, 3]}, 6, ": not-one-of: must be one of a, null, 3"),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "ab: bad-name: the name is not allowed"),
        ({"type": ["string", "boolean"]}, None, ": null: null is not allowed here: write text or "
         "true or false, or leave the field out"),
        ({"then": {"required": ["b"]}, "if": {"properties": {"a": {"const": True}}}}, {"a": True},
         ': missing-field: the field "b" is missing, needed where a is true'),
    ],
)  # fmt: skip
def test_any_schema_has_its_words(schema: dict[str, Any], value: Any, expected: str) -> None:
    (found,) = violations(compiled(schema), value)
    assert f"{'.'.join(map(str, found.path))}: {found.code}: {found.message}" == expected


def test_spec_is_needed_where_the_kind_needs_a_field() -> None:
    bare: dict[str, Any] = {"apiVersion": "lebots/v1", "kind": "Box", "metadata": {"name": "x"}}
    assert check(BOX, bare) == []
    assert [one.path for one in check(TOY, {**bare, "kind": "Toy"})] == [()]


def test_fields_are_arranged_as_the_kind_has_them_and_unknown_ones_come_last() -> None:
    document: dict[str, Any] = {
        "more": 1,
        "spec": {
            "steps": [{"order": 1, "box": "a"}, "odd"],
            "odd": {"b": 1, "a": 2},
            "label": "x",
        },
        "kind": "Toy",
        "apiVersion": "lebots/v1",
    }
    found = arranged(TOY, document)
    assert found == document
    assert json.dumps(found) == json.dumps(
        {
            "apiVersion": "lebots/v1",
            "kind": "Toy",
            "spec": {
                "label": "x",
                "steps": [{"box": "a", "order": 1}, "odd"],
                "odd": {"b": 1, "a": 2},
            },
            "more": 1,
        }
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), {"a": [{"b": 1}]}),
        (("a", 0, "b"), 1),
        (("a", 0, "c"), None),
        (("a", 1), None),
        (("a", "b"), None),
        ((0,), None),
        (("a", 0, "b", "c"), None),
    ],
)
def test_a_value_is_found_by_its_path(path: Path, value: Value) -> None:
    assert value_at({"a": [{"b": 1}]}, path) == value


@pytest.mark.parametrize(
    ("name", "shown"), [("label", '"label"'), ("hunter2 !", "this field"), ("", "this field")]
)
def test_a_name_is_repeated_only_where_it_looks_like_one(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_all_violations_come_together() -> None:
    document = manifest(size="7", labl="x", friends=[1, 2])
    assert [one.path[-1] for one in check(TOY, document)] == ["size", 0, 1, "labl"]


def test_kinds_of_one_name_do_not_share_a_schema() -> None:
    other = Kind("Toy", "toy", "Another toy.", ENDPOINTS)
    assert check(TOY, manifest()) == []
    assert [one.code for one in check(other, manifest())] == ["unknown-field"]
    assert check(TOY, manifest()) == []


def test_no_schema_is_ever_fetched() -> None:
    validator = compiled({"$ref": "http://127.0.0.1:9/schema.json"})
    with pytest.raises(Exception, match="Unresolvable"):
        violations(validator, {})


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*TOY.by_name, "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(values)
def test_any_value_is_judged_as_the_schema_says_and_never_quoted(value: Any) -> None:
    canary = "CANARY-\u00e9"
    document = manifest(**(value if isinstance(value, dict) else {"label": value}))
    found = check(TOY, _with_canaries(document, canary))
    strict = compiled(manifest_schema(TOY))
    assert bool(found) == (not strict.is_valid(_with_canaries(document, canary)))
    assert canary not in " ".join(one.message for one in found)


def _with_canaries(value: Any, canary: str) -> Any:
    if isinstance(value, dict):
        return {name: _with_canaries(item, canary) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_canaries(item, canary) for item in value]
    return f"{canary}{value}" if isinstance(value, str) and value != "lebots/v1" else value


# The published schemas

SCHEMAS = {
    "spec": spec_schema(TOY),
    "Toy": manifest_schema(TOY),
    "Box": manifest_schema(BOX),
    "manifest": manifests_schema({"Toy": TOY, "Box": BOX, "Found": FOUND}),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_schemas_and_know_all_their_words(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert not _unknown_words(SCHEMAS[name])


def _unknown_words(schema: Any) -> set[str]:
    """Words that are no keywords: a misspelt one would silently check nothing."""
    if not isinstance(schema, dict):
        return set()
    known = {*Draft202012Validator.VALIDATORS, "$schema", "$defs", "title", "description"}
    found = set(schema) - known - {"examples", "then", "else", "default"}
    for word in ("properties", "$defs"):
        for part in schema.get(word, {}).values():
            found |= _unknown_words(part)
    for word in ("items", "if", "then", "else", "not", "additionalProperties"):
        found |= _unknown_words(schema.get(word))
    for word in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(word, ()):
            found |= _unknown_words(part)
    return found


def test_a_misspelt_word_is_found() -> None:
    assert _unknown_words({"properties": {"a": {"tpye": "string"}}}) == {"tpye"}


def test_objects_are_closed_everywhere() -> None:
    schema = manifest_schema(TOY)
    spec = schema["properties"]["spec"]
    step = spec["properties"]["steps"]["items"]
    for part in (schema, schema["properties"]["metadata"], spec, step):
        assert part["additionalProperties"] is False


@pytest.mark.parametrize(
    ("document", "fits"),
    [
        (manifest(), True),
        (manifest(size="7"), False),
        ({**manifest(), "kind": "Box"}, False),
        ({"apiVersion": "lebots/v1", "kind": "Box", "metadata": {"name": "x"}}, True),
        ({"apiVersion": "lebots/v1", "kind": "Found", "metadata": {"name": "x"}}, False),
        ({"apiVersion": "lebots/v1", "metadata": {"name": "x"}}, False),
        ({"apiVersion": "lebots/v1", "kind": "Box"}, False),
    ],
)
def test_the_editors_schema_judges_by_kind(document: dict[str, Any], fits: bool) -> None:
    validator = Draft202012Validator(SCHEMAS["manifest"], registry=Registry())
    assert validator.is_valid(document) is fits


@given(st.text(max_size=6))
def test_names_fit_exactly_when_they_are_one_trimmed_line(name: str) -> None:
    pattern = manifest_schema(BOX)["properties"]["metadata"]["properties"]["name"]["pattern"]
    trimmed = bool(name) and name == name.strip() and not set("\n\t") & set(name)
    if re.search(pattern, name):
        assert trimmed
    elif trimmed:
        assert set("\x1c\x1d\x1e\x1f") & set(name)
