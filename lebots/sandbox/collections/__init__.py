"""The collections of the account, a file each, found by walking; they import objects alone."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from lebots.sandbox.objects.resource import Resource

_FOUND: list[Resource] = [
    import_module(f"{__name__}.{module.name}").COLLECTION for module in iter_modules(__path__)
]

COLLECTIONS = {resource.collection: resource for resource in _FOUND}
"""Every collection of the account, by its name."""
