"""References between objects: names in manifests and plans, ids on the wire."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from lebots.core.model.address import Address
from lebots.core.model.kind import Field, Kind
from lebots.core.model.value import Path, Spec, Value

Names = Mapping[tuple[str, str], str]
"""Kind and id to name."""


def to_names(kind: Kind, spec: Spec, names: Names) -> Spec:
    """The spec with every id turned into the name it stands for.

    An id that nothing answers to (a deleted object, say) becomes ``<id N>``, which no manifest can
    match, so that it shows in a plan instead of vanishing.
    """
    return _mapped(kind.referring, spec, lambda ref, id_: names.get((ref, id_), f"<id {id_}>"))


def to_ids(kind: Kind, spec: Spec, ids: Callable[[Address], str]) -> Spec:
    """The spec with every name turned into its id; ``ids`` raises for a name it does not know."""
    return _mapped(kind.referring, spec, lambda ref, name: ids(Address(ref, name)))


def to_new_names(kind: Kind, spec: Spec, names: Mapping[Address, str]) -> Spec:
    """The spec with the names of renamed objects turned into their new ones."""
    return to_ids(kind, spec, lambda address: names.get(address, address.name))


def targets(kind: Kind, spec: Spec) -> Iterator[tuple[Path, Address]]:
    """Every object the spec points at, with the place of the name."""
    yield from _targets(kind.referring, spec)


def _targets(fields: Iterable[Field], spec: Spec) -> Iterator[tuple[Path, Address]]:
    for part in fields:
        value = spec.get(part.name)
        if part.ref and isinstance(value, str):
            yield (part.name,), Address(part.ref, value)
        elif isinstance(value, list | tuple):
            for position, item in enumerate(value):
                if part.ref and isinstance(item, str):
                    yield (part.name, position), Address(part.ref, item)
                elif part.fields and isinstance(item, Mapping):
                    for path, address in _targets(part.fields, item):
                        yield (part.name, position, *path), address


def _mapped(fields: Iterable[Field], spec: Spec, turn: Callable[[str, str], str]) -> Spec:
    turned = dict(spec)
    for part in fields:
        if part.name in turned:
            turned[part.name] = _turned(part, turned[part.name], turn)
    return turned


def _turned(part: Field, value: Value, turn: Callable[[str, str], str]) -> Value:
    if part.ref and isinstance(value, str):
        return turn(part.ref, value)
    if isinstance(value, list | tuple):
        return [
            turn(part.ref, item)
            if part.ref and isinstance(item, str)
            else _mapped(part.fields, item, turn)
            if part.fields and isinstance(item, Mapping)
            else item
            for item in value
        ]
    return value
