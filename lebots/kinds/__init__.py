"""The kinds of objects lebots knows: one module each, with one constant ``KIND``."""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

from lebots.core.model.kind import Kind
from lebots.errors import LebotsError


def load() -> Mapping[str, Kind]:
    """All kinds by name, sorted. Raises LebotsError as ``load_from`` does."""
    return load_from(import_module(__name__))


def load_from(package: ModuleType) -> Mapping[str, Kind]:
    """The kinds of the modules of a package by name, sorted; parts of a kind start with ``_``.

    Raises LebotsError for a module without a ``KIND`` and for a name that two modules claim.
    """
    kinds: dict[str, Kind] = {}
    owners: dict[str, str] = {}
    for found in sorted(found.name for found in pkgutil.iter_modules(package.__path__)):
        if found.startswith("_"):
            continue
        module = f"{package.__name__}.{found}"
        kind = getattr(import_module(module), "KIND", None)
        if not isinstance(kind, Kind):
            raise LebotsError(f"{module} has no constant KIND that holds a Kind")
        if kind.name in owners:
            raise LebotsError(
                f"{module} claims the kind {kind.name!r}, which {owners[kind.name]} has already"
            )
        kinds[kind.name], owners[kind.name] = kind, module
    return dict(sorted(kinds.items()))
