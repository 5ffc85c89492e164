"""What the executor needs of the outside world, as protocols; the edges implement them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple, Protocol

from lebots.core.model.address import Address
from lebots.core.model.kind import Endpoint
from lebots.core.model.live import Account
from lebots.core.model.secret import Secret
from lebots.core.model.value import Raw


class Item(NamedTuple):
    """One object read whole, its secrets sealed, with the revision its collection had then."""

    raw: Raw
    revision: str


class AccountPort(Protocol):
    """An account that can be read and written; every call raises AccountError or one of its kin."""

    def read(self, unasked: frozenset[str] = frozenset()) -> Account:
        """Reads every collection once, those of the kinds aside that nobody asks for."""

    def find(self, endpoint: Endpoint, name: str) -> list[Raw]:
        """The objects of one collection with exactly this name, deleted ones aside."""

    def fetch(self, endpoint: Endpoint, id_: str) -> Item:
        """One object, whole."""

    def create(self, endpoint: Endpoint, body: Raw) -> Raw:
        """Creates one object and returns what the account answered, secrets sealed."""

    def replace(self, endpoint: Endpoint, id_: str, body: Raw, revision: str) -> None:
        """Replaces one object whole; raises Conflict where the revision is stale."""

    def delete(self, endpoint: Endpoint, id_: str, revision: str) -> None:
        """Deletes one object; raises Conflict where the revision is stale."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What a bot logs in with, on its way to a sink or out of one."""

    account: str
    key: str
    """Name of the key in the manifests."""
    id: str
    """The vendor's id of the key, which is no secret."""
    values: Mapping[str, str | Secret]
    """Name to value, in the names the sink's reader expects."""


class Sink(Protocol):
    """A place that keeps credentials; its methods raise SinkError where the place fails them."""

    @property
    def name(self) -> str:
        """The name manifests call the sink by."""

    def probe(self) -> None:
        """Proves that writing and reading back work here, and leaves nothing behind."""

    def announce(self, account: str, key: str, token: str) -> None:
        """Notes durably that a create of this key begins; an earlier note stays as it is.

        The note (an intent) stands beside a credential, never in its place: a crash at any point
        leaves a record that tells the next run what to look for, and takes no credential away.
        """

    def announced(self, account: str, key: str) -> str | None:
        """The token of the note that stands for this key; None if there is none."""

    def withdraw(self, account: str, key: str, token: str = "") -> None:
        """Removes the note of this key; with a token only the note that has it."""

    def write(self, credential: Credential, replaces: str | None) -> None:
        """Stores a credential durably and as a whole, or not at all.

        ``replaces`` is the id of the credential that stands there now, None where none does. Raises
        SinkMoved, with nothing written, where another one stands there: somebody else was here.
        """

    def read(self, account: str, key: str) -> Credential | None:
        """The stored credential with sealed values; None if there is none.

        Raises SinkWriteOnly where the place never gives secrets back.
        """

    def read_back(self, account: str, key: str) -> str | None:
        """The id of the complete credential stored for this key; None if there is none.

        SinkError where it is torn, belongs to something else, or cannot be read safely.
        """

    def place(self, account: str, key: str) -> str:
        """Where the credential is or will be, in words for a plan."""


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
