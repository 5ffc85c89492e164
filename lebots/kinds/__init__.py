"""The kinds of objects lebots knows: one module each, with one constant ``KIND``."""

from collections.abc import Mapping

from lebots.core.model.kind import Kind
from lebots.core.registry import constants


def load(package: str = __name__) -> Mapping[str, Kind]:
    """All kinds by name, sorted; those of another package where one is given."""
    return constants(package, "KIND", Kind)
