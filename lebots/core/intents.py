"""What a sink holds of a key: a credential, and beside it the note that a create has begun."""

import re
from dataclasses import dataclass
from hashlib import sha256

from lebots.core.model import Address
from lebots.core.ports import Sink

_OURS = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Holding:
    """The id of the credential that a sink holds under one name, and the note beside it."""

    id: str | None = None
    note: str | None = None

    @property
    def open(self) -> bool:
        """Whether a create was announced and nobody knows how it ended.

        A note says what stood there when it was written: once another credential does, the create
        has come to its end, and the note was only not taken away. Beside the credential it is
        about, it says that this may not be what was written.
        """
        if self.note is None:
            return False
        if not _OURS.fullmatch(self.note):
            return self.id is None
        return self.note.endswith(_mark(self.id))


def look(sink: Sink, account: str, key: str) -> Holding:
    """What the sink holds under this name now."""
    return Holding(sink.read_back(account, key), sink.announced(account, key))


def token(chance: str, replaces: str | None) -> str:
    """A note of its own for a create; ``chance`` are 16 hexadecimal digits."""
    return chance + _mark(replaces)


def moved(address: Address, place: str, seen: Holding, now: Holding) -> str:
    """In what a sink is not as the plan saw it, in words."""
    if now.id != seen.id:
        held = f"the credential of id {now.id}" if now.id else "no credential"
        before = f"that of id {seen.id}" if seen.id else "none"
        return f"{place} holds {held} for {address} by now, and the plan saw {before}"
    if now.note is None:
        return f"a create of {address} that was announced in {place} has come to its end since"
    return f"another run has announced in {place} that it makes {address}"


def _mark(id_: str | None) -> str:
    return sha256((id_ or "").encode()).hexdigest()[:16]
