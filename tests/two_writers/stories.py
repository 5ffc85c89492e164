"""Where stories of two writers play: which sinks, which rules, which of them in every run."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.two_writers.conftest import Setting
from tests.two_writers.machine import Machine
from tests.two_writers.stores import KINDS
from tests.two_writers.world import World

WRITABLE = (False,)
"""Rules by which a key can be written back whole: not where its secret is shown once."""

KEYS = "installations"
"""The path of keys, as the account names them."""


def told_in(
    *often: str, kinds: Sequence[str] = KINDS, rules: Sequence[bool] = (False, True)
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A story that is told with these sinks and rules; every run of the tests tells ``often``."""
    settings = [Setting(kind, once) for kind in kinds for once in rules]
    cases = [
        pytest.param(one, id=str(one), marks=() if str(one) in often else pytest.mark.nightly)
        for one in settings
    ]
    return pytest.mark.parametrize("world", cases, indirect=True)


def two_machines(world: World) -> tuple[Machine, Machine]:
    """Two folders, so that no file is shared but what the sink keeps."""
    return world.machine("here"), world.machine("there")
