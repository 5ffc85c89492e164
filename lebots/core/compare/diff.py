"""What differs between two specs in one form; the only user of deepdiff."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from lebots.core.model.change import FieldChange
from lebots.core.model.kind import Kind
from lebots.core.model.value import Spec, Value

Keys: TypeAlias = tuple[str, ...]
"""The way to a part of a field; a key may hold dots itself."""


def diff(kind: Kind, before: Spec, after: Spec) -> tuple[FieldChange, ...]:
    """The fields that differ, each once, in the order of the kind's fields.

    A list is compared as a whole; objects are compared part by part, with dots in the path.
    """
    return tuple(diff_by_keys(kind, before, after).values())


def diff_by_keys(kind: Kind, before: Spec, after: Spec) -> Mapping[Keys, FieldChange]:
    """The same, each by the keys that lead to it."""
    if before == after:
        return {}
    order = {part.name: position for position, part in enumerate(kind.fields)}
    changes = {
        path: FieldChange(
            path=".".join(path),
            before=_value(before, path),
            after=_value(after, path),
            personal=kind.by_name[path[0]].personal,
        )
        for path in _paths(before, after)
    }
    return {path: changes[path] for path in sorted(changes, key=lambda p: (order[p[0]], p))}


def _paths(before: Spec, after: Spec) -> set[Keys]:
    # Imported here: it is the slowest import of all, and most runs find nothing to compare.
    from deepdiff import DeepDiff

    tree: Mapping[str, Any] = DeepDiff(
        before, after, view="tree", ignore_private_variables=False, ignore_type_in_groups=[]
    )
    return {
        _outside_lists(difference.path(output_format="list"))
        for group in tree.values()
        for difference in group
    }


def _outside_lists(path: list[str | int]) -> Keys:
    """The path up to the first list, since a list is one value to the reader."""
    inside = next((i for i, step in enumerate(path) if isinstance(step, int)), len(path))
    return tuple(str(step) for step in path[:inside])


def _value(spec: Spec, path: Keys) -> Value:
    value: Value = spec
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
