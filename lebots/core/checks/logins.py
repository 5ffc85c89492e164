"""How a login as a bot ended."""

from dataclasses import dataclass

from lebots.core.model.address import Address

STATUSES = ("in", "failed", "skipped")


@dataclass(frozen=True, slots=True)
class Ended:
    """How one login ended; an empty ``error`` means that the bot got in."""

    bot: Address
    id: str = ""
    error: str = ""
    tried: bool = True
    idle: bool = False
    """Whether nobody logs in as it anyway: its manifest disables it."""

    @property
    def status(self) -> str:
        """One of ``STATUSES``."""
        if not self.tried:
            return "skipped"
        return "failed" if self.error else "in"
