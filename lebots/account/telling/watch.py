"""Tells people what a run asks of its account and waits for; never a header, a query or a body."""

from collections.abc import Callable
from dataclasses import dataclass, field

from lebots.core.vendor.redact import contains_secret

LONG = 3.0
"""Seconds from which on a wait is named; also how long a read goes on before it is told of."""


def _nothing(text: str) -> None:
    pass


@dataclass
class Watch:
    """What is told of requests: ``say`` prints a line, ``show`` puts one in place of the last."""

    say: Callable[[str], None] = _nothing
    show: Callable[[str], None] | None = None
    """For a terminal, where an empty text takes the line away; None where nobody looks on."""
    verbose: bool = False
    """Whether each request is told."""
    _told: float | None = field(default=None, init=False)

    def waits(self, seconds: float, why: str) -> None:
        """Names a wait that people notice."""
        if seconds >= LONG:
            self.say(f"waiting {seconds:.0f} s: {why}")

    def reads(self, path: str, now: float) -> None:
        """A list is about to be read; without a terminal only what takes long is told."""
        name = path.rpartition("/")[2]
        if not name.isalpha():
            return
        if self.show:
            self.show(f"reading {name} ...")
            return
        if self._told is None:
            self._told = now
        elif now - self._told >= LONG:
            self.say(f"reading {name} ... ({now - self._told:.0f} s since the last word)")
            self._told = now

    def answered(self) -> None:
        """What was read is there, or will not come."""
        if self.show:
            self.show("")

    def asked(self, method: str, path: str, ended: str, seconds: float, attempt: int) -> None:
        """One request is over: how it ended, by its status or in words."""
        if self.verbose:
            again = f" (try {attempt})" if attempt > 1 else ""
            self.say(f"{method} {shown_path(path)} {ended} {seconds * 1000:.0f} ms{again}")


def shown_path(path: str) -> str:
    """A path without what is secret in it; ids of objects are not."""
    return "/".join("***" if contains_secret(part) else part for part in path.split("/"))
