"""The time of day."""

from datetime import UTC, datetime


def now() -> datetime:
    """The time of day; the one place of a run that asks for it."""
    return datetime.now(UTC)
