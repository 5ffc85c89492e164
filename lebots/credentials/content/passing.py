"""The base of sinks that change or watch what goes through them."""

from lebots.core.model.ports import Credential, Sink


class PassingSink:
    """A sink that passes everything on to another one as it is."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    @property
    def name(self) -> str:
        """The name manifests call the sink by."""
        return self._sink.name

    def probe(self) -> None:
        """Proves that the sink works."""
        self._sink.probe()

    def announce(self, account: str, key: str, token: str) -> None:
        """Notes that a create begins."""
        self._sink.announce(account, key, token)

    def announced(self, account: str, key: str) -> str | None:
        """The token of the note that stands."""
        return self._sink.announced(account, key)

    def withdraw(self, account: str, key: str, token: str = "") -> None:
        """Removes the note."""
        self._sink.withdraw(account, key, token)

    def write(self, credential: Credential, replaces: str | None) -> None:
        """Stores the credential."""
        self._sink.write(credential, replaces)

    def read(self, account: str, key: str) -> Credential | None:
        """The stored credential."""
        return self._sink.read(account, key)

    def read_back(self, account: str, key: str) -> str | None:
        """The id of the complete credential stored for this key."""
        return self._sink.read_back(account, key)

    def place(self, account: str, key: str) -> str:
        """Where the credential is or will be."""
        return self._sink.place(account, key)
