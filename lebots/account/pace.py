"""How fast lebots sends requests, and how long it waits before it tries again."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

_SLOWEST = 8.0
_SLOWER, _FASTER = 2.0, 0.9
_LONGEST_WAIT = 60.0
_SHORTEST_WAIT = 1.0

SERVER_ERROR_WAITS = (5.0, 10.0, 15.0)
"""Seconds before each repeat of a read that ended in 5xx (documented: reference 3.7)."""

TOO_MANY_TRIES = 5
"""How often a request answered 429 is repeated."""


@dataclass
class Pace:
    """The shared pace of one account: it slows down on 429 and recovers with every success.

    Everything that time and chance decide is handed in: ``clock`` counts seconds and never goes
    back, ``now`` is in epoch seconds, ``chance`` gives numbers from 0 to 1, ``wait`` may raise to
    end the run. ``interval`` is the least time between two requests; no rate limit is published
    (reference 3.7), so half a second is an assumption.
    """

    clock: Callable[[], float]
    wait: Callable[[float], None]
    now: Callable[[], float]
    chance: Callable[[], float]
    interval: float = 0.5
    _interval: float = field(init=False)
    _next: float = field(init=False, default=-math.inf)

    def __post_init__(self) -> None:
        self._interval = self.interval

    def turn(self) -> None:
        """Waits until the next request may go out."""
        left = self._next - self.clock()
        if left > 0:
            self.wait(left)
        self._next = self.clock() + self._interval

    def slow_down(self) -> None:
        """The account said 429."""
        self._interval = min(max(self._interval, 0.25) * _SLOWER, _SLOWEST)

    def recover(self) -> None:
        """The account answered as it should."""
        self._interval = max(self._interval * _FASTER, self.interval)
        if self._interval < _SLOWEST / 100:
            self._interval = self.interval

    def tries(self) -> "Tries":
        """The patience for one request."""
        return Tries(self)


@dataclass
class Tries:
    """How often one request was sent, and how long to wait before it may be sent again."""

    pace: Pace
    _too_many: int = 0
    _server_errors: int = 0

    @property
    def count(self) -> int:
        """The number of the try that is under way, from 1."""
        return 1 + self._too_many + self._server_errors

    def most(self, status: int) -> int:
        """How many tries a request has at most that is answered so each time."""
        return 1 + (TOO_MANY_TRIES if status == 429 else len(SERVER_ERROR_WAITS))

    def told(self, seconds: float) -> str:
        """What to say of a request that was tried more than once, in vain."""
        tries = self._too_many + self._server_errors
        if tries < 2:
            return ""
        return f"; tried {tries} times in {seconds:.0f} s, so wait some minutes and run again"

    def after(
        self, status: int, headers: Mapping[str, str], again: bool, least: float = _SHORTEST_WAIT
    ) -> float | None:
        """Seconds until the next try, or None where there is none.

        ``again`` tells whether sending the request twice can do no harm; ``least`` is the shortest
        wait after a 429. As the vendor advises: 429 and 5xx are tried again, nothing else.
        """
        if status == 429:
            self.pace.slow_down()
            self._too_many += 1
            if not again or self._too_many > TOO_MANY_TRIES:
                return None
            return self._jittered(
                max(retry_after(headers.get("retry-after", ""), self.pace.now()), least)
            )
        if status >= 500:
            self._server_errors += 1
            if not again or self._server_errors > len(SERVER_ERROR_WAITS):
                return None
            return self._jittered(SERVER_ERROR_WAITS[self._server_errors - 1])
        if status < 400:
            self.pace.recover()
        return None

    def _jittered(self, seconds: float) -> float:
        """Up to a fifth longer, so that many clients do not come back at once."""
        return seconds * (1.0 + 0.2 * self.pace.chance())


def retry_after(header: str, now: float) -> float:
    """Seconds to wait after a 429, from a header that may be seconds, a date, absent or absurd.

    At least one second, as the vendor advises, and at most a minute; ``now`` is in epoch seconds.
    """
    return min(max(_seconds(header.strip(), now), _SHORTEST_WAIT), _LONGEST_WAIT)


def epoch(date: str) -> float | None:
    """Epoch seconds of a date as HTTP writes it; None for any other text."""
    try:
        when = parsedate_to_datetime(date)
        # Dates of HTTP without a zone are in GMT; Python would take them for local time.
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError):
        return None


def _seconds(header: str, now: float) -> float:
    if header.isascii() and header.isdigit():
        return float(header[:9])
    then = epoch(header)
    return 0.0 if then is None else then - now
