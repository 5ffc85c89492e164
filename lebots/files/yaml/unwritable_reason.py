"""Why the reader of manifests would refuse a value, asked before it is written."""

from collections.abc import Mapping

from lebots.core.model.value import Value
from lebots.files.yaml.characters import explain, refused
from lebots.files.yaml.reader import MAX_NODES, MAX_SCALAR_BYTES
from lebots.files.yaml.scalars import MAX_DIGITS


def complaint(value: Value) -> str:
    """Why the reader would refuse a value or a part of it; empty where it would not."""
    if nodes(value) > MAX_NODES:
        return f"it holds more than {MAX_NODES} values"
    return _complaint(value)


def nodes(value: Value) -> int:
    """How many values the reader counts in this one, names of fields included."""
    if isinstance(value, Mapping):
        return 1 + len(value) + sum(map(nodes, value.values()))
    return 1 + sum(map(nodes, value)) if isinstance(value, list | tuple) else 1


def _complaint(value: Value) -> str:
    if isinstance(value, str):
        return _about_text(value)
    if isinstance(value, Mapping):
        return next(filter(None, map(_complaint, (*value, *value.values()))), "")
    if isinstance(value, list | tuple):
        return next(filter(None, map(_complaint, value)), "")
    if isinstance(value, int) and len(str(abs(value))) > MAX_DIGITS:
        return f"a number has at most {MAX_DIGITS} digits"
    return ""


def _about_text(text: str) -> str:
    if bad := refused(text):
        return explain(min(bad))
    if len(text.encode()) > MAX_SCALAR_BYTES:
        return f"a text has at most {MAX_SCALAR_BYTES} bytes"
    return ""
