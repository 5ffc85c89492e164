"""Schemas as editors want them: what is wrong in words, and the names of an account to choose."""

from collections.abc import Mapping, Sequence
from typing import Any

from lebots.core.model.kind import Kind
from lebots.core.model.value import Path
from lebots.documents.json_schema import Shape

Names = Mapping[str, Sequence[str]]
"""By kind: the names that its objects have."""

_EMPTY = {"label": "a number", "body": "$1"}
"""Else editors write a 0, which for a limit is a value with a meaning."""
_WHOLE = frozenset({"required", "allOf", "if", "then", "else"})
"""What holds of a whole manifest, and not of a part."""
_DROP: Shape = {
    "type": "object",
    "title": "nothing: this account does without the field",
    "required": ["$patch"],
    "properties": {"$patch": {"const": "delete", "description": "Drops the field."}},
    "additionalProperties": False,
}


def for_editors(schema: Any) -> Any:
    """A copy in which a pattern has words, and a number is completed to nothing."""
    if isinstance(schema, list | tuple):
        return [for_editors(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    copy = {name: for_editors(part) for name, part in schema.items()}
    if isinstance(copy.get("pattern"), str) and isinstance(copy.get("title"), str):
        copy["patternErrorMessage"] = f"must be {copy['title']}"
    kinds = copy.get("type")
    if kinds == "integer" or (isinstance(kinds, list) and "integer" in kinds):
        copy["defaultSnippets"] = [_EMPTY]
    return copy


def with_names(document: Shape, kind: Kind, names: Names, sinks: Sequence[str]) -> Shape:
    """A manifest's schema that proposes these names; any other name stays allowed."""
    proposed = {path: names.get(ref, ()) for path, ref in kind.references}
    if kind.delivery:
        proposed[(kind.delivery.sink_field,)] = sinks
    shapes = {**document["properties"]}
    for path, found in proposed.items():
        # What an object belongs to stands in metadata.
        where = "spec" if path[0] in shapes["spec"]["properties"] else "metadata"
        if found:
            shapes[where] = _proposing(shapes[where], path, list(found))
    return {**document, "properties": shapes}


def _proposing(shape: Shape, path: Path, names: Sequence[str]) -> Shape:
    if not path:
        return {**shape, "examples": names}
    if path[0] == "*":
        return {**shape, "items": _proposing(shape.get("items", {}), path[1:], names)}
    parts = shape["properties"]
    return {
        **shape,
        "properties": {**parts, path[0]: _proposing(parts[path[0]], path[1:], names)},
    }


def overlay_schema(manifests: Shape) -> Shape:
    """What may stand in an overlay: parts of manifests, what they drop, and what is new."""
    documents = {name: _partial(one) for name, one in manifests["$defs"].items()}
    return {
        **manifests,
        "title": "lebots overlay",
        "description": "What differs from a manifest in an account, or an object of its own.",
        "$defs": documents,
    }


def _partial(document: Shape) -> Shape:
    parts = document["properties"]
    words = {
        "$patch": {"const": "delete", "description": "Drops the manifest for this account."},
        "$new": {"const": True, "description": "Declares an object for this account alone."},
    }
    return {
        **document,
        "required": ["apiVersion", "kind", "metadata"],
        "properties": {**parts, **words, "spec": _droppable(parts["spec"])},
    }


def _droppable(shape: Shape) -> Shape:
    """An object of which any part may be left out, or dropped."""
    rest = {name: part for name, part in shape.items() if name not in _WHOLE}
    parts = {
        name: {"description": part.get("description", ""), "anyOf": [_inside(part), _DROP]}
        for name, part in shape["properties"].items()
    }
    return {**rest, "properties": parts}


def _inside(part: Shape) -> Shape:
    return _droppable(part) if "properties" in part else part
