"""Finds the constants of one type in the modules of a package, so that a new one is a new file."""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, TypeVar

from lebots.errors import LebotsError


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_T = TypeVar("_T", bound=_Named)


def constants(package: str, constant: str, type_: type[_T]) -> Mapping[str, _T]:
    """Those of a package by name, sorted; parts are packages, or modules that start with ``_``.

    Raises LebotsError for a module without the constant and for a name that two modules claim.
    """
    found: dict[str, _T] = {}
    owners: dict[str, str] = {}
    walked = pkgutil.iter_modules(import_module(package).__path__)
    for part in sorted(one.name for one in walked if not one.ispkg and one.name[0] != "_"):
        module = f"{package}.{part}"
        value = getattr(import_module(module), constant, None)
        if not isinstance(value, type_):
            raise LebotsError(f"{module} has no constant {constant} that holds a {type_.__name__}")
        if value.name in owners:
            owner = owners[value.name]
            raise LebotsError(f"{module} claims the name {value.name!r}, which {owner} has already")
        found[value.name], owners[value.name] = value, module
    return dict(sorted(found.items()))
