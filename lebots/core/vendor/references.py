"""References between objects: names in manifests and plans, ids on the wire."""

from collections.abc import Callable, Mapping

from lebots.core.model.address import Address
from lebots.core.model.inventory import mapped
from lebots.core.model.kind import Kind
from lebots.core.model.live import Ref
from lebots.core.model.value import Spec

Names = Mapping[Ref, str]
"""The name of every object that has one."""


def nameless(id_: str) -> str:
    """What stands for the name of an object that has none."""
    return f"<id {id_}>"


def to_names(kind: Kind, spec: Spec, names: Names) -> Spec:
    """The spec with every id turned into the name it stands for.

    An id that nothing answers to (a deleted object, say) becomes ``<id N>``, which no manifest can
    match, so that it shows in a plan instead of vanishing.
    """
    return mapped(kind, spec, lambda ref, id_: names.get(Ref(ref, id_), nameless(id_)))


def to_ids(kind: Kind, spec: Spec, ids: Callable[[Address], str]) -> Spec:
    """The spec with every name turned into its id; ``ids`` raises for a name it does not know."""
    return mapped(kind, spec, lambda ref, name: ids(Address(ref, name)))
