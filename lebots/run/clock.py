"""The time of day."""

from datetime import UTC, datetime


def now() -> datetime:
    """The time of day; the one place of a run that asks for it."""
    return datetime.now(UTC)


def minute() -> datetime:
    """The time that a command to copy tells, to the minute."""
    return datetime.now(UTC).replace(second=0, microsecond=0)
