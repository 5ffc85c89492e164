"""JSON Schemas of manifests, made from the kinds' facts, for checking and for editors."""

from collections.abc import Mapping
from typing import Any

from lebots.core.did_you_mean import did_you_mean
from lebots.core.manifest.schema_errors import Violation, compiled, value_at, violations
from lebots.core.model.address import NAME_PATTERN
from lebots.core.model.finding import NO_FACTS, Facts
from lebots.core.model.kind import Field, Kind, Schema
from lebots.core.model.value import Path, Value

API_VERSION = "lebots/v1"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

NAME: Schema = {
    "type": "string",
    "title": "a name on one line, without blanks around it",
    "minLength": 1,
    "maxLength": 255,
    "pattern": NAME_PATTERN,
}
"""What every name of an object has in common."""

LIFECYCLE = frozenset({"previously", "ignore", "protect"})
"""What metadata says of how an object is looked after; the rest says which one it is."""

_checked: dict[int, tuple[Kind, Any]] = {}
"""Compiled schemas by the identity of their kind, which is kept so that the identity stays its."""


def spec_schema(kind: Kind) -> dict[str, Any]:
    """The schema of ``spec``: the kind's fields and its further limits, nothing else."""
    return {
        "type": "object",
        "description": f"The fields of the {kind.label} that git owns; a field left out stays as "
        "it is in the account.",
        **kind.schema,
        "properties": {
            field.name: _field_schema(field) for field in kind.fields if not field.of_name
        },
        "additionalProperties": False,
    }


def manifest_schema(kind: Kind) -> dict[str, Any]:
    """The schema of a whole manifest of the kind."""
    return {"$schema": DIALECT, **_document(kind)}


def manifests_schema(kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """One schema for manifests of all kinds that can be declared, for editors."""
    declared = {name: kind for name, kind in sorted(kinds.items()) if not kind.lookup_only}
    return {
        "$schema": DIALECT,
        "title": "lebots manifest",
        "description": "One object that must exist in the account.",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata"],
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"enum": list(declared), "description": "What the manifest declares."},
        },
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for name in declared
        ],
        "$defs": {name: _document(kind) for name, kind in declared.items()},
    }


def check(kind: Kind, document: Value) -> list[Violation]:
    """Everything that keeps ``document`` from being a manifest of the kind, in schema order."""
    if id(kind) not in _checked:
        _checked[id(kind)] = kind, compiled(manifest_schema(kind))
    found = violations(_checked[id(kind)][1], document)
    return [_in_words_of(kind, one, document) for one in found]


def arranged(kind: Kind, document: Value) -> Value:
    """The document with the fields of all its mappings in the order of the kind's schema."""
    return _arranged(document, _document(kind))


def _arranged(value: Value, schema: Schema) -> Value:
    if isinstance(value, Mapping):
        known = schema.get("properties", {})
        names = [*(name for name in known if name in value), *(n for n in value if n not in known)]
        return {name: _arranged(value[name], known.get(name, {})) for name in names}
    if isinstance(value, list | tuple):
        return [_arranged(item, schema.get("items", {})) for item in value]
    return value


def _document(kind: Kind) -> dict[str, Any]:
    spec = spec_schema(kind)
    return {
        "title": kind.name,
        "description": kind.summary,
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", *(["spec"] if spec.get("required") else [])],
        "properties": {
            "apiVersion": {
                "const": API_VERSION,
                "description": "The version of the manifest format.",
            },
            "kind": {"const": kind.name, "description": kind.summary},
            "metadata": _metadata(kind),
            "spec": spec,
        },
        "additionalProperties": False,
    }


def _metadata(kind: Kind) -> dict[str, Any]:
    name = {
        **NAME,
        "description": f"The name of the {kind.label} in the account, as written there.",
    }
    words = {"name": name}
    if kind.belongs:
        owner = kind.by_name[kind.belongs.owner]
        words = {kind.belongs.word: dict(kind.name_schema), owner.name: _field_schema(owner)}
    elif kind.name_schema:
        name["allOf"] = [dict(kind.name_schema)]
    return {
        "type": "object",
        "description": f"Which {kind.label} this is, and how it is looked after.",
        "required": [next(iter(words))],
        "properties": {**words, **_lifecycle(kind)},
        "additionalProperties": False,
    }


def _lifecycle(kind: Kind) -> dict[str, Any]:
    """How an object is looked after over time; what makes no sense for the kind is left out."""
    words: dict[str, Any] = {}
    if not kind.fixed_name:
        words["previously"] = {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "uniqueItems": True,
            "description": f"Names the {kind.label} had before, as written in the account. lebots "
            "renames the one that still has such a name: it keeps its id, and what refers to it "
            "follows. Without effect once that is done.",
        }
    if kind.ignorable:
        words["ignore"] = {
            "type": "array",
            "items": {"type": "string", "enum": list(kind.ignorable)},
            "uniqueItems": True,
            "description": f"Fields people may edit in the account: lebots sets them when "
            f"it creates the {kind.label}, and neither compares nor writes them afterwards.",
        }
    words["protect"] = {
        "type": "boolean",
        "description": f"true: lebots does not update, rename, disable or delete the "
        f"{kind.label} once it exists, until you remove this line.",
    }
    return words


def _field_schema(field: Field) -> dict[str, Any]:
    schema = dict(field.schema)
    if field.fields:
        schema["items"] = {
            "type": "object",
            **schema.get("items", {}),
            "properties": {part.name: _field_schema(part) for part in field.fields},
            "additionalProperties": False,
        }
    return schema


def _in_words_of(kind: Kind, found: Violation, document: Value) -> Violation:
    """The violation with what only the kind knows: its fields, the vendor's words, references."""
    place, name = found.path[:-1], found.path[-1] if found.path else ""
    if found.code == "unknown-field":
        return _unknown(kind, found, place, str(name))
    if found.path[:2] == ("metadata", "ignore") and found.code == "not-one-of":
        return _not_ignored(kind, found, value_at(document, found.path))
    if found.path[:1] != ("spec",):
        return found
    if found.code == "null":
        words = "null is not allowed here: leave the field out to keep the live value"
        return found._replace(message=words)
    if found.code == "wrong-type" and isinstance(value_at(document, found.path), int):
        ref = next((ref for path, ref in kind.references if _matches(path, found.path[1:])), "")
        if ref:
            words = f"must be the name of the {ref}, not its id; ids never stand in manifests"
            return found._replace(message=words)
    return found


def _unknown(kind: Kind, found: Violation, place: Path, name: str) -> Violation:
    if place == ("spec",):
        meant = [field for field in kind.fields if name == field.attribute.split(".")[0]]
        if meant:
            words = f"{name} is the vendor's word; write {' or '.join(f.name for f in meant[:3])}"
            ids = ", with names in place of ids" if meant[0].ref else ""
            return found._replace(message=words + ids)
    elif name in kind.by_name:
        return found._replace(message=f"{name} belongs below spec")
    elif (place, name) == (("metadata",), "previously"):
        words = f"previously: {kind.fixed_name}"
        facts = Facts(fixed_name_of=kind.name) if kind.retirement.possible else NO_FACTS
        return found._replace(code="not-allowed", message=words, facts=facts)
    return found


def _not_ignored(kind: Kind, found: Violation, name: Value) -> Violation:
    """The violation with why a field cannot be left to people."""
    if words := _kept_from_people(kind, name):
        return found._replace(message=words)
    words = f"there is no such field of a {kind.label}"
    if hint := did_you_mean(name, kind.by_name):
        return found._replace(message=words + hint)
    return found._replace(message=words, facts=Facts(unknown_field_of=kind.name))


def _kept_from_people(kind: Kind, name: Value) -> str:
    part = kind.by_name.get(name) if isinstance(name, str) else None
    if part and part.client_only:
        return f'"{part.name}" is a word of lebots that the account does not hold; remove it'
    if part:
        return f'"{part.name}" cannot change once the {kind.label} is created; remove it'
    meant = [field for field in kind.fields if name == field.attribute.split(".")[0]]
    words = " or ".join(field.name for field in meant[:3])
    return f"{name} is the vendor's word; write {words}" if meant else ""


def _matches(pattern: Path, path: Path) -> bool:
    return len(pattern) == len(path) and all(
        part == "*" or part == step for part, step in zip(pattern, path, strict=True)
    )
