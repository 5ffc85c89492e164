"""The kinds in words, for ``lebots explain``."""

import json
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from lebots.core.model.kind import Field, Kind

_WIDTH = 92


def kinds(loaded: Mapping[str, Kind]) -> str:
    """One line for each kind."""
    width = max(map(len, loaded))
    lines = [f"{kind.name:{width}}  {kind.summary}" for kind in loaded.values()]
    return "\n".join([*lines, "", "more: lebots explain KIND, lebots explain KIND.field"])


def kind(described: Kind) -> str:
    """What a kind is, its fields in one line each, and an example."""
    lines = [described.name, *_wrapped(described.summary, "  ")]
    if described.lookup_only:
        return "\n".join([*lines, "", "  lebots looks it up by name and never changes it."])
    lines += ["", "FIELDS of spec"]
    width = max(len(part.name) for part in described.fields)
    for part in described.fields:
        needed = ", needed to create" if part.name in described.needed else ""
        lines.append(f"  {part.name:{width}}  {_type(part.schema, part)}{needed}")
    if described.valid:
        lines += ["", "EXAMPLE of spec", *_example(described.valid[0])]
    return "\n".join([*lines, "", f"more: lebots explain {described.name}.{'FIELD'}"])


def field(described: Kind, path: str) -> str:
    """What one field means, its type and limits; empty if the kind has no such field."""
    schema = _at({"properties": {f.name: f.schema for f in described.fields}}, path)
    if not schema:
        return ""
    part = described.by_name.get(path)
    lines = [f"{described.name}.{path}  {_type(schema, part)}"]
    lines += _wrapped(str(schema.get("description", "")), "  ")
    lines += [f"  {limit}" for limit in _limits(schema)]
    if part:
        lines += [f"  {fact}" for fact in _facts(part, described)]
    parts = {below.name: below for below in part.fields} if part else {}
    inner = _properties(schema)
    lines += [f"  .{name}  {_type(sub, parts.get(name))}" for name, sub in inner.items()]
    return "\n".join(lines)


def _type(schema: Mapping[str, Any], part: Field | None) -> str:
    if "enum" in schema:
        return " | ".join(json.dumps(word) for word in schema["enum"])
    types = schema.get("type", "any")
    names = [types] if isinstance(types, str) else list(types)
    if "array" in names:
        items = schema.get("items", {})
        of = f"{part.ref} names" if part and part.ref else _type(items, None)
        names[names.index("array")] = f"list of {of}"
    elif part and part.ref and "string" in names:
        names[names.index("string")] = f"{part.ref} name"
    return " or ".join(names)


def _limits(schema: Mapping[str, Any]) -> Iterable[str]:
    words = {
        "minimum": "at least {}",
        "maximum": "at most {}",
        "minLength": "at least {} characters",
        "maxLength": "at most {} characters",
        "minItems": "at least {} items",
        "maxItems": "at most {} items",
        "pattern": "must match {}",
    }
    for keyword, text in words.items():
        if keyword in schema:
            plural = text.removesuffix("s") if schema[keyword] == 1 else text
            yield plural.format(schema[keyword])


def _facts(part: Field, described: Kind) -> Iterable[str]:
    if not part.client_only and part.attribute != part.name:
        yield f"the vendor's attribute is {part.attribute}"
    if part.name in described.needed:
        yield "needed to create"
    if part.name in described.on_create:
        yield f"sent on a create if left out: {json.dumps(described.on_create[part.name])}"
    if part.create_only:
        yield "cannot be changed later"
    if part.personal:
        yield "personal: plans show that it changes, never the value"


def _at(schema: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The schema below a path; a name on the way may hold dots itself."""
    for name, below in _properties(schema).items():
        if path == name:
            return dict(below)
        if path.startswith(f"{name}.") and (found := _at(below, path[len(name) + 1 :])):
            return found
    return {}


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found = schema.get("properties") or schema.get("items", {}).get("properties") or {}
    return dict(found)


def _example(spec: Mapping[str, Any]) -> list[str]:
    return [f"  {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in spec.items()]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)
