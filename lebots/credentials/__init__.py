"""Types of sinks, where generated secrets go: one module each, with one constant ``SINK``.

``content`` is what sinks hold, ``files``, ``programs`` and ``stores`` are what they are made of.
"""

from collections.abc import Mapping

from lebots.core.manifest.sink_type import SinkType
from lebots.core.registry import constants


def load(package: str = __name__) -> Mapping[str, SinkType]:
    """All types by name, sorted; those of another package where one is given."""
    return constants(package, "SINK", SinkType)
