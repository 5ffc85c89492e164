"""What the JSON Schemas of lebots' own documents are made of."""

from collections.abc import Collection
from typing import Any

Shape = dict[str, Any]
"""A JSON Schema, or a part of one."""

DIGEST: Shape = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def record(properties: Shape, optional: Collection[str] = ()) -> Shape:
    """An object of exactly these properties."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in properties if name not in optional],
        "properties": properties,
    }


def mapping(values: Shape, description: str) -> Shape:
    """An object with any names and such values."""
    return {"type": "object", "description": description, "additionalProperties": values}


def items(of: Shape, description: str) -> Shape:
    """A list."""
    return {"type": "array", "description": description, "items": of}


def text(description: str) -> Shape:
    """Any text."""
    return {"type": "string", "description": description}


def flag(description: str) -> Shape:
    """True or false."""
    return {"type": "boolean", "description": description}


def count(description: str) -> Shape:
    """A number of things."""
    return {"type": "integer", "minimum": 0, "description": description}


def address() -> Shape:
    """How an object is named."""
    return text("Kind/name of an object.")


def place(description: str) -> Shape:
    """A place in a file; the schema that uses it defines ``source``."""
    return {"description": description, "anyOf": [{"$ref": "#/$defs/source"}, {"type": "null"}]}


def or_null(shape: Shape) -> Shape:
    """The shape, or null."""
    return {**shape, "type": [shape["type"], "null"]}


def described(shape: Shape, description: str) -> Shape:
    """The shape with other words."""
    return {**shape, "description": description}
