"""What every kind must keep, whatever it is about."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema_specifications import REGISTRY

from lebots import kinds
from lebots.core.manifest.schema import manifests_schema, spec_schema
from lebots.core.manifest.schema_errors import compiled, violations
from lebots.core.model.kind import Endpoint, Field, Kind
from lebots.core.model.value import Spec
from lebots.core.vendor import codec as mapping
from lebots.core.vendor.normalise import normalise
from lebots.errors import AccountError
from tests.kinds.strategies import CANARY, answers, foreign_values, specs
from tests.night import examples

KINDS = kinds.load()
ENDPOINTS = {e.name: (kind, e) for kind in KINDS.values() for e in kind.endpoints}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
every_endpoint = pytest.mark.parametrize(("kind", "endpoint"), ENDPOINTS.values(), ids=ENDPOINTS)
every_written = pytest.mark.parametrize(
    "name", [name for name, (kind, _) in ENDPOINTS.items() if not kind.lookup_only]
)
law = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=examples(40),
    suppress_health_check=[HealthCheck.too_slow],
)


def _schemas(schema: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The schema of every value below, with its path; conditions aside."""
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _schemas(inner, f"{path}.{name}")
    if "items" in schema:
        yield from _schemas(schema["items"], f"{path}[]")


def _all_fields(fields: tuple[Field, ...]) -> Iterator[Field]:
    for part in fields:
        yield part
        yield from _all_fields(part.fields)


# Facts


def test_the_kinds_are_those_of_the_vendor() -> None:
    assert list(KINDS) == sorted(KINDS)
    assert {"AgentGroup", "BotUser", "Key", "Lob", "Profile", "Skill"} <= set(KINDS)
    declared = {name for name, kind in KINDS.items() if not kind.lookup_only}
    assert {"BotUser", "Key", "Skill"} <= declared


@every_kind
def test_a_kind_says_what_it_is(kind: Kind) -> None:
    assert kind.label
    assert kind.summary.endswith(".")
    assert kind.endpoints
    assert kind.lookup_only or kind.fields


@every_kind
def test_every_value_of_a_manifest_is_described(kind: Kind) -> None:
    for path, schema in _schemas(spec_schema(kind), kind.name):
        if not path.endswith("[]"):
            assert schema.get("description", "").endswith("."), path


@every_kind
def test_schemas_use_only_words_of_the_dialect(kind: Kind) -> None:
    known = set()
    for vocabulary in Draft202012Validator.META_SCHEMA["allOf"]:
        known |= set(_meta(vocabulary["$ref"])["properties"])
    for path, schema in _schemas(spec_schema(kind), kind.name):
        assert set(schema) <= known, path
    Draft202012Validator.check_schema(spec_schema(kind))


def _meta(reference: str) -> Any:
    return REGISTRY.contents(f"https://json-schema.org/draft/2020-12/{reference}")


def test_the_schema_of_all_manifests_is_a_schema() -> None:
    Draft202012Validator.check_schema(manifests_schema(KINDS))


@every_kind
def test_patterns_are_anchored_bounded_and_without_nested_repetition(kind: Kind) -> None:
    for path, schema in _schemas(spec_schema(kind), kind.name):
        if pattern := schema.get("pattern"):
            assert (pattern[0], pattern[-1]) == ("^", "$"), path
            assert schema["maxLength"] <= 4096, path
            assert schema["title"], f"{path} must say in words what the pattern wants"
            assert not re.search(r"[*+}][^()]*\)[*+{?]", pattern), path
            assert not re.search(pattern, "https://a.example.com/b\n"), path


@every_kind
def test_integers_are_bounded(kind: Kind) -> None:
    for path, schema in _schemas(spec_schema(kind), kind.name):
        if "integer" in schema.get("type", ()):
            assert {"minimum", "maximum"} <= set(schema), path


@every_kind
def test_fields_point_at_kinds_that_exist(kind: Kind) -> None:
    assert {part.ref for part in _all_fields(kind.fields)} - {""} <= set(KINDS)


@every_kind
def test_only_lists_are_unordered(kind: Kind) -> None:
    for part in _all_fields(kind.fields):
        assert not part.unordered or "array" in part.schema["type"], part.name


@every_endpoint
def test_no_field_is_owned_by_the_server_or_secret(kind: Kind, endpoint: Endpoint) -> None:
    taken = endpoint.server_owned | endpoint.secret | {endpoint.id_field, endpoint.name_field}
    for part in kind.fields:
        if part.client_only or part.variant not in (None, endpoint.variant):
            continue
        for path in taken:
            assert part.attribute != path, part.name
            assert not part.attribute.startswith(f"{path}."), part.name


@every_endpoint
def test_what_a_create_sends_is_never_set_by_the_server(kind: Kind, endpoint: Endpoint) -> None:
    taken = endpoint.server_owned | endpoint.secret | {endpoint.id_field}
    body = mapping.create(kind, endpoint, "x", {})
    assert not (set(body) - {endpoint.name_field}) & taken


@every_kind
def test_facts_name_fields_that_exist(kind: Kind) -> None:
    named = kind.needed | kind.on_create.keys() | set(kind.schema.get("required", ()))
    named |= {kind.variant_field} if kind.variant_field else set()
    named |= {kind.delivery.sink_field} if kind.delivery else set()
    named |= set(kind.retirement.off) if kind.retirement else set()
    assert named <= set(kind.by_name)
    variants = {endpoint.variant for endpoint in kind.endpoints}
    assert {part.variant for part in kind.fields} <= variants | {None}


@every_kind
def test_what_is_looked_up_is_never_retired_and_what_is_off_is_valid(kind: Kind) -> None:
    if not kind.retirement.possible:
        return
    assert not kind.lookup_only
    off = {**kind.valid[0], **kind.retirement.off}
    assert violations(compiled(spec_schema(kind)), off) == []


def test_how_each_kind_is_retired() -> None:
    retired = {name: kind.retirement for name, kind in KINDS.items() if kind.retirement.possible}
    assert {name: (dict(facts.off), facts.deletable) for name, facts in retired.items()} == {
        "AgentGroup": ({"enabled": False}, True),
        "AutomaticMessage": ({}, True),
        "BotUser": ({"enabled": False}, True),
        "Key": ({"enabled": False}, True),
        "Skill": ({}, True),
    }


@every_kind
def test_names_of_fields_are_unique(kind: Kind) -> None:
    assert len(kind.by_name) == len(kind.fields)


@every_endpoint
def test_only_kinds_that_are_written_list_deleted_objects(kind: Kind, endpoint: Endpoint) -> None:
    """A name held by a deleted object must be told from a free one."""
    assert endpoint.path.startswith("/")
    assert "{account}" in endpoint.path
    le_users = "/le-users/" in endpoint.path
    assert (endpoint.query.get("select") == "$all") is le_users
    assert ("include_deleted" in endpoint.query) is (le_users and not kind.lookup_only)


# Examples


@every_kind
def test_valid_examples_are_valid(kind: Kind) -> None:
    assert kind.lookup_only or kind.valid
    for spec in kind.valid:
        assert violations(compiled(spec_schema(kind)), spec) == []


@every_kind
def test_invalid_examples_are_refused_at_the_field_they_name(kind: Kind) -> None:
    assert kind.lookup_only or kind.invalid
    for spec, path in kind.invalid:
        found = violations(compiled(spec_schema(kind)), spec)
        assert path in [".".join(map(str, one.path)) for one in found], spec


@every_kind
def test_the_example_for_newcomers_is_enough_for_a_create(kind: Kind) -> None:
    if not kind.lookup_only:
        assert kind.needed <= kind.valid[0].keys() | kind.on_create.keys()


@every_kind
def test_what_a_create_adds_is_valid(kind: Kind) -> None:
    spec = {name: kind.valid[0][name] for name in kind.schema.get("required", ())}
    assert violations(compiled(spec_schema(kind)), {**spec, **kind.on_create}) == []


@every_kind
def test_defaults_have_the_type_of_their_field(kind: Kind) -> None:
    for part in _all_fields(kind.fields):
        if part.default is not None:
            found = violations(compiled({"type": part.schema["type"]}), part.default)
            assert found == [], part.name


@every_kind
def test_what_the_vendor_fills_in_can_be_stated(kind: Kind) -> None:
    for part in kind.fields:
        if part.create_default is not None:
            assert violations(compiled(part.schema), part.create_default) == [], part.name


@every_kind
def test_a_secret_may_be_kept_elsewhere(kind: Kind) -> None:
    if kind.delivery:
        sink = kind.by_name[kind.delivery.sink_field]
        assert violations(compiled(sink.schema), None) == []


# Laws


def _canonical(kind: Kind, spec: Spec) -> str:
    return json.dumps(normalise(kind, spec), sort_keys=True)


def _owned_part(kind: Kind, name: str, found: Any, spec: Spec) -> Any:
    """The parts of an object that a manifest states, unless it states it whole."""
    stated = spec[name]
    if kind.by_name[name].atomic or not isinstance(stated, dict):
        return found
    return {part: value for part, value in found.items() if part in stated}


def _pruned(raw: Any, path: list[str]) -> None:
    for item in raw if isinstance(raw, list) else [raw]:
        if isinstance(item, dict) and len(path) == 1:
            item.pop(path[0], None)
        elif isinstance(item, dict):
            _pruned(item.get(path[0]), path[1:])


@every_written
@law
@given(data=st.data())
def test_what_was_written_is_read_again(name: str, data: st.DataObject) -> None:
    kind, endpoint = ENDPOINTS[name]
    spec = data.draw(specs(kind, endpoint))
    raw = data.draw(st.just({}) | answers(kind, endpoint))
    body = {endpoint.id_field: 1, **mapping.encode(kind, endpoint, spec, raw)}
    found = mapping.decode(kind, endpoint, body)
    assert _canonical(kind, {n: _owned_part(kind, n, found[n], spec) for n in spec}) == (
        _canonical(kind, spec)
    )


@every_written
@law
@given(data=st.data())
def test_writing_what_was_read_changes_nothing(name: str, data: st.DataObject) -> None:
    kind, endpoint = ENDPOINTS[name]
    raw = data.draw(answers(kind, endpoint))
    before = json.dumps(raw)
    body = mapping.encode(kind, endpoint, mapping.decode(kind, endpoint, raw), raw)
    assert json.dumps(raw) == before
    for path in endpoint.server_owned:
        _pruned(raw, path.split("."))
    assert json.dumps(body) == json.dumps(raw)


@every_written
@law
@given(data=st.data())
def test_a_write_leaves_every_field_it_does_not_own(name: str, data: st.DataObject) -> None:
    kind, endpoint = ENDPOINTS[name]
    raw = data.draw(answers(kind, endpoint))
    spec = data.draw(specs(kind, endpoint))
    before = mapping.decode(kind, endpoint, raw)
    body = mapping.encode(kind, endpoint, spec, raw)
    after = mapping.decode(kind, endpoint, body)
    assert {n: after[n] for n in before if n not in spec} == {
        n: before[n] for n in before if n not in spec
    }
    written = {part.attribute.split(".")[0] for part in kind.fields}
    implied = {name for part in kind.fields for name in part.derived}
    for path in endpoint.server_owned:
        _pruned(raw, path.split("."))
    untouched = {n: v for n, v in raw.items() if n not in written | implied}
    assert json.dumps({n: body[n] for n in untouched}) == json.dumps(untouched)


@every_written
@law
@given(data=st.data())
def test_a_write_shares_nothing_with_what_was_read(name: str, data: st.DataObject) -> None:
    kind, endpoint = ENDPOINTS[name]
    raw = data.draw(answers(kind, endpoint))
    body = mapping.encode(kind, endpoint, data.draw(specs(kind, endpoint)), raw)
    assert not {id(part) for part in _containers(body)} & {id(part) for part in _containers(raw)}


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _containers(inner)


@every_written
@law
@given(data=st.data())
def test_a_foreign_answer_is_read_or_refused_without_a_word_of_it(
    name: str, data: st.DataObject
) -> None:
    kind, endpoint = ENDPOINTS[name]
    raw = data.draw(answers(kind, endpoint))
    attribute = data.draw(st.sampled_from(sorted({*raw, "x-any"} - {endpoint.id_field})))
    raw[attribute] = data.draw(foreign_values)
    spec = data.draw(specs(kind, endpoint))
    said = [
        _refusal(lambda: mapping.decode(kind, endpoint, raw)),
        _refusal(lambda: mapping.encode(kind, endpoint, spec, raw)),
    ]
    assert CANARY not in "".join(said)


def _refusal(read: Callable[[], object]) -> str:
    try:
        read()
    except AccountError as error:
        return str(error)
    return ""
