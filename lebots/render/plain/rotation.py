"""Which old keys stay enabled after a rotation, for people."""

from collections.abc import Sequence

from lebots.core.quoting import visible
from lebots.core.rotate.plan import Rotation
from lebots.documents.reports.rotation import waiting


def next_steps(found: Rotation, grace: float) -> Sequence[str]:
    """A line for each old key that stays enabled."""
    return [
        visible(f"NEXT  the old key (id {one['id']}) stays enabled: {one['words']}")
        for one in waiting(found, grace)
    ]
