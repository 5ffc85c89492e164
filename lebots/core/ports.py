"""What the executor needs of the outside world, as protocols; the edges implement them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from lebots.core.kind import Endpoint
from lebots.core.model import Account, Raw
from lebots.core.secret import Secret


class Item(NamedTuple):
    """One object read whole, its secrets sealed, with the revision its collection had then."""

    raw: Raw
    revision: str


class AccountPort(Protocol):
    """An account that can be read and written; every call raises AccountError or one of its kin."""

    def read(self) -> Account:
        """Reads every collection once."""

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
