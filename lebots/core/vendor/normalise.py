"""Puts both sides of a comparison into one form, so that only real differences are left."""

import json
from collections.abc import Iterable, Mapping

from lebots.core.model.kind import Field, Kind
from lebots.core.model.value import Spec, Value


def normalise(kind: Kind, spec: Spec) -> Spec:
    """The spec with unordered lists sorted and nulls read as what they stand for."""
    return _fields(kind.by_name, spec)


def owned(kind: Kind, desired: Spec, live: Spec) -> tuple[Spec, Spec]:
    """Both sides in one form, cut down to the fields the manifest owns: live, then desired.

    Inside an object, too, what the manifest leaves out is not managed, unless the field is stated
    whole. A field that the vendor blanks for privacy counts as unknown, not as different (reference
    6.5).
    """
    after = normalise(kind, desired)
    known = normalise(kind, {name: live.get(name) for name in after})
    before = {
        name: known[name] if kind.by_name[name].atomic else _declared_part(known[name], value)
        for name, value in after.items()
    }
    for name in after:
        if kind.by_name[name].blank_is_unknown and before[name] in ("", None):
            before[name] = after[name]
    return before, after


def is_off(kind: Kind, spec: Spec) -> bool:
    """Whether an object is switched off."""
    off = kind.retirement.off if kind.retirement else {}
    before, after = owned(kind, off, spec)
    return bool(off) and before == after


def _declared_part(live: Value, desired: Value) -> Value:
    if not (isinstance(live, Mapping) and isinstance(desired, Mapping)):
        return live
    return {
        name: _declared_part(live[name], value) for name, value in desired.items() if name in live
    }


def _fields(by_name: Mapping[str, Field], spec: Spec) -> dict[str, Value]:
    return {name: _value(by_name[name], value) for name, value in spec.items()}


def _value(part: Field, value: Value) -> Value:
    if value is None:
        return part.default
    if isinstance(value, str):
        # Web forms send CR LF, editors write LF: both end a line.
        return value.replace("\r\n", "\n")
    if not isinstance(value, list | tuple):
        return value
    parts = {below.name: below for below in part.fields}
    items = [
        _fields(parts, item) if parts and isinstance(item, Mapping) else item for item in value
    ]
    return _sorted(items) if part.unordered and len(items) > 1 else items


def _sorted(items: Iterable[Value]) -> list[Value]:
    """Each item once, in an order that depends on nothing but the items."""
    by_text = {_sort_key(item): item for item in items}
    return [by_text[text] for text in sorted(by_text)]


def _sort_key(value: Value) -> str:
    return json.dumps(value, sort_keys=True)
