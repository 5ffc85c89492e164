"""Keeps out modules that libraries load although lebots does not use them, to start faster."""

import sys
from collections.abc import Sequence
from types import ModuleType

MODULES = frozenset({"httpx._main", "pydantic"})
"""A command line of httpx, with click and its kin; classes that deepdiff would compare."""


class Unused:
    """Says that they are not there, which httpx and deepdiff are prepared for."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        if name in MODULES:
            raise ModuleNotFoundError(f"lebots does without {name}", name=name)


def leave_out() -> None:
    """Keeps them out of this process, unless it has them."""
    if Unused not in sys.meta_path:
        sys.meta_path.insert(0, Unused)
