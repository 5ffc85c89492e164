"""What a manifest or the account says, made safe to show; once, at the border."""

from collections.abc import Mapping

from lebots.core.model.value import Value
from lebots.core.quoting import quoted, visible

__all__ = ["quoted", "value", "visible"]


def value(content: Value) -> str:
    """A manifest value on one line, like JSON but with only what is invisible escaped."""
    if isinstance(content, str):
        return quoted(content)
    if isinstance(content, Mapping):
        parts = (f"{quoted(str(key))}: {value(part)}" for key, part in content.items())
        return "{" + ", ".join(parts) + "}"
    if isinstance(content, list | tuple):
        return "[" + ", ".join(value(part) for part in content) + "]"
    if content is None:
        return "null"
    return str(content).lower() if isinstance(content, bool) else str(content)
