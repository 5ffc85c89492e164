"""Which old keys stay enabled after a rotation: why, until when, and what to do."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lebots.core.rotate.plan import Rotation, Wait
from lebots.core.vendor.decode import LATEST
from lebots.render.escape import visible

_HOUR = 3600.0


def waiting(found: Rotation, grace: float) -> list[dict[str, Any]]:
    """Each old key that stays enabled, for programs; ``grace`` is in hours."""
    listed = []
    for one in found.waiting:
        after = _end_of_grace(found, grace) if one.why is Wait.GRACE else None
        listed.append(
            {
                "id": one.live.id,
                "why": one.why.value,
                "after": after.isoformat() if after else None,
                "words": _words(one.why, after, grace),
            }
        )
    return listed


def next_steps(found: Rotation, grace: float) -> Sequence[str]:
    """A line for each old key that stays enabled, for people."""
    return [
        visible(f"NEXT  the old key (id {one['id']}) stays enabled: {one['words']}")
        for one in waiting(found, grace)
    ]


def _end_of_grace(found: Rotation, grace: float) -> datetime | None:
    """When the old key may be disabled; None: unknown."""
    if found.second is None or found.second.issued is None:
        return None
    return datetime.fromtimestamp(min(found.second.issued + grace * _HOUR, LATEST), UTC)


def _words(why: Wait, after: datetime | None, grace: float) -> str:
    if why is Wait.GRACE and after:
        return f"run the same command again after {after:%Y-%m-%d %H:%M:%S} UTC"
    return {
        Wait.GRACE: f"run the same command again {grace:g} hours after the new key was created",
        Wait.AGE_UNKNOWN: "the account does not tell when the new key was created; once bots "
        "use it, run the command with --grace 0",
        Wait.OWN: "this run logs in with it; give lebots another credential, then run it again",
        Wait.USED: "not all that log in with it are declared; move them, then run it again",
    }[why]
