"""Where generated secrets go: one module per kind of sink, behind one small protocol."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from lebots.core.secret import Secret


@dataclass(frozen=True, slots=True)
class Credential:
    """What a bot logs in with."""

    account: str
    key: str
    """Name of the Key the credential belongs to."""
    id: str
    """Client id of the key; not a secret."""
    values: Mapping[str, str | Secret]
    """Everything a login needs, by the name it is delivered under, such as ``LP_SECRET``."""


class Sink(Protocol):
    """A place that keeps credentials; its methods raise SinkError where the place fails them."""

    @property
    def name(self) -> str:
        """The name manifests call the sink by."""
        ...

    def probe(self) -> None:
        """Proves that writing and reading back works, and leaves nothing behind."""
        ...

    def write(self, credential: Credential) -> None:
        """Stores a credential durably and as a whole, or not at all."""
        ...

    def read(self, account: str, key: str) -> Credential | None:
        """The stored credential with sealed values, or None if there is none."""
        ...

    def read_back(self, account: str, key: str) -> str | None:
        """The id of the stored, complete credential, or None if there is none.

        SinkError where it is torn, belongs to something else, or cannot be read safely.
        """
        ...

    def place(self, account: str, key: str) -> str:
        """Where the credential is or will be, in words for a plan."""
        ...
