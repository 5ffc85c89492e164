"""Waiting that a signal can end."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from lebots.errors import Interrupted

_SLICE = 0.1
# The turn between two requests is shorter: what was begun, such as a key whose secret is still to
# be fetched and stored, is then brought to its end (F36).
_LONG = 1.0


@dataclass
class InterruptibleSleep:
    """Sleeps in short slices; once ``stopped`` is set, every long wait ends the run instead."""

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    stopped: bool = False

    def __call__(self, seconds: float) -> None:
        """Waits that long; raises Interrupted where the run was stopped."""
        ends, long = self.clock() + seconds, seconds >= _LONG
        while not (long and self.stopped) and (left := ends - self.clock()) > 0:
            self.sleep(min(left, _SLICE))
        if long and self.stopped:
            raise Interrupted("interrupted while waiting for the account")
