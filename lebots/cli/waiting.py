"""Waiting that a signal can end."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from lebots.errors import Interrupted

_SLICE = 0.1


@dataclass
class Waiting:
    """Sleeps in short slices; once ``stopped`` is set, every wait ends the run instead."""

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    stopped: bool = False

    def __call__(self, seconds: float) -> None:
        """Waits that long; raises Interrupted where the run was stopped."""
        ends = self.clock() + seconds
        while not self.stopped and (left := ends - self.clock()) > 0:
            self.sleep(min(left, _SLICE))
        if self.stopped:
            raise Interrupted("interrupted while waiting for the account")
