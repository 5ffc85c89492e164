"""The forms that parts of the schema of ``lebots.yaml`` share."""

from collections.abc import Mapping
from typing import Any

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"
_STEP = r"([A-Za-z0-9_.=@+-]|\{name\}|\{account\})+"

STEPS = rf"(?=.*\{{name\}})(?!(.*/)?\.\.?(/|$)){_STEP}(/{_STEP})*"
"""A path of names, with a place for the name of a key."""


def mapping(properties: Mapping[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """An object with these fields and no others."""
    needed = {"required": list(required)} if required else {}
    return {
        "type": "object",
        **needed,
        "properties": dict(properties),
        "additionalProperties": False,
    }


def named(items: Mapping[str, Any], description: str) -> dict[str, Any]:
    """An object of any number of such items, by names people give them."""
    return {
        "type": "object",
        "description": description,
        "minProperties": 1,
        "propertyNames": form(_NAME, "text of letters, digits, ., _ and -, at most 63"),
        "additionalProperties": dict(items),
    }


def text(description: str) -> dict[str, Any]:
    """Any text that is not empty."""
    return {"type": "string", "minLength": 1, "description": description}


def form(pattern: str, title: str) -> dict[str, Any]:
    """Text that fits the pattern from end to end; ``$`` alone would allow a line feed after it."""
    return {"type": "string", "pattern": f"^{pattern}$(?!\\n)", "title": title}


SERVER = form(
    r"(https://[A-Za-z0-9.-]+(:[0-9]{1,5})?"
    r"|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?)/?",
    "https://host:port without a path; plain http only on localhost",
)
"""The address of a server that is told secrets."""


def value() -> dict[str, Any]:
    """Where a value is read from; the file never holds it."""
    variable = form("[A-Z_][A-Z0-9_]*", "the name of an environment variable, in capitals")
    return {
        "description": "Where the value is read from when it is needed; never the value itself.",
        **mapping(
            {
                "env": {**variable, "description": "Name of an environment variable."},
                "file": text("File that holds the value and nothing else."),
                "command": {
                    "type": "array",
                    "items": {"type": "string"},
                    "minItems": 1,
                    "description": "Program and its arguments; the value is what it prints.",
                },
            }
        ),
        "minProperties": 1,
        "maxProperties": 1,
    }
