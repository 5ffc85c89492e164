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


INTENT_OPEN, INTENT_CLOSED = "intent-open", "intent-closed"
"""What stands in a sink in place of an id: a create was announced and nobody knows how it ended, or
it is known to have done nothing. The announcement lies where the secret will, so that a crash at
any point leaves one record that tells the next run what to look for."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What a bot logs in with, on its way to a sink; with an intent for an id, only announced."""

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

    def write(self, credential: Credential) -> None:
        """Stores a credential durably and as a whole, or not at all."""

    def read(self, account: str, key: str) -> Credential | None:
        """The stored credential with sealed values; None if there is none."""

    def read_back(self, account: str, key: str) -> str | None:
        """The id of the complete credential stored for this key; None if there is none.

        SinkError where it is torn, belongs to something else, or cannot be read safely.
        """

    def place(self, account: str, key: str) -> str:
        """Where the credential is or will be, in words for a plan."""
