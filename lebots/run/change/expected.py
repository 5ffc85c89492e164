"""What ``--expect`` takes: a digest or its first digits, and when it was shown."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lebots.errors import Refused, UsageError
from lebots.render.escape import quoted

MAX_AGE = timedelta(hours=24)
"""After which an approval is too old where nobody says otherwise (F42)."""
_SKEW = timedelta(minutes=5)
"""How far the clock of the machine that planned may be ahead."""
_DIGITS = re.compile(r"[0-9a-f]{12,64}")
_DURATION = re.compile(r"([0-9]{1,5})([mhd]?)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_TIME = "%Y-%m-%dT%H:%MZ"


@dataclass(frozen=True, slots=True)
class Expected:
    """The digest that somebody agreed to."""

    digits: str
    """All of it, or the first twelve or more."""
    made: datetime | None = None
    """When the plan was made that showed it."""

    @classmethod
    def read(cls, text: str) -> "Expected":
        """Raises Refused for what is no digest, UsageError for a time that is none."""
        digits, at, time = text.partition("@")
        if not _DIGITS.fullmatch(digits):
            raise Refused("--expect needs the digest of a plan: 12 to 64 hexadecimal digits of it")
        if not at:
            return cls(digits)
        try:
            return cls(digits, datetime.strptime(time, _TIME).replace(tzinfo=UTC))
        except ValueError:
            raise UsageError(
                f"--expect: {quoted(time[:40])} is no time; write it as the plan shows it, such as "
                "DIGEST@2026-12-01T10:00Z"
            ) from None

    def fits(self, digest: str) -> bool:
        """Whether these are the digits of a digest, or its first ones."""
        return digest.startswith(self.digits)

    def check_age(self, now: datetime, limit: timedelta | None) -> None:
        """Raises Refused where it is too old, UsageError where nobody can tell."""
        if self.made:
            check_age("this digest", self.made, now, limit)
        elif limit:
            raise UsageError(
                "--max-age: the digest does not tell its age; copy it with its time, such as "
                "DIGEST@2026-12-01T10:00Z"
            )


def stamp(now: datetime) -> str:
    """What stands behind a digest where it is to be copied: ``@2026-12-01T10:00Z``."""
    return f"@{now.astimezone(UTC):{_TIME}}"


def check_age(what: str, made: datetime, now: datetime, limit: timedelta | None) -> None:
    """Raises Refused where something was made longer ago than the limit, or in the future."""
    limit = limit or MAX_AGE
    if now - made > limit:
        raise Refused(
            f"{what} was made on {made:%Y-%m-%d at %H:%M} UTC, more than {_words(limit)} ago; plan "
            "and review again, or allow more with --max-age"
        )
    if made - now > _SKEW:
        raise Refused(f"{what} was made in the future; check the clocks, plan again")


def duration(text: str | None) -> timedelta | None:
    """The time that ``24h``, ``90m`` or ``2d`` means; a bare number is of hours.

    Raises UsageError for anything else, and for none at all.
    """
    if text is None:
        return None
    found = _DURATION.fullmatch(text)
    if not found or not int(found[1]):
        raise UsageError("--max-age: write a duration, such as 24h, 90m or 2d")
    return int(found[1]) * _UNITS[found[2] or "h"]


def _words(limit: timedelta) -> str:
    minutes = int(limit.total_seconds()) // 60
    return f"{minutes} minutes" if minutes % 60 else f"{minutes // 60} hours"
