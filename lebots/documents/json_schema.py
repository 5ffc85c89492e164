"""What the JSON Schemas of the project file and of lebots' own documents are made of."""

from collections.abc import Collection
from typing import Any

from lebots.core.manifest.schema import DIALECT

Shape = dict[str, Any]
"""A JSON Schema, or a part of one."""

DIGEST: Shape = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def published(title: str, description: str, shape: Shape) -> Shape:
    """A schema that stands by itself."""
    return {"$schema": DIALECT, "title": title, "description": description, **shape}


def record(properties: Shape, optional: Collection[str] = ()) -> Shape:
    """An object of exactly these properties."""
    return settings(properties, [name for name in properties if name not in optional])


def settings(properties: Shape, required: Collection[str] = ()) -> Shape:
    """An object of any of these properties and no others."""
    needed = {"required": list(required)} if required else {}
    return {
        "type": "object",
        **needed,
        "properties": properties,
        "additionalProperties": False,
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


def filled(description: str) -> Shape:
    """Any text that is not empty."""
    return {"type": "string", "minLength": 1, "description": description}


def form(pattern: str, title: str) -> Shape:
    """Text that fits the pattern from end to end; ``$`` alone would allow a line feed after it."""
    return {"type": "string", "pattern": f"^{pattern}$(?!\\n)", "title": title}


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
