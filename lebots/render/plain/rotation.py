"""What of a rotation stays switched on, for people."""

from collections.abc import Sequence

from lebots.core.quoting import visible
from lebots.core.rotate.plan import Rotation
from lebots.documents.reports.rotation import waiting


def next_steps(found: Rotation, grace: float) -> Sequence[str]:
    """A line for each application that stays switched on."""
    return [
        visible(f"NEXT  the first one (id {one['id']}) stays on: {one['words']}")
        for one in waiting(found, grace)
    ]
