"""Any sink, with the parts of its credentials under names the project chose."""

from collections.abc import Mapping
from dataclasses import replace

from lebots.core.model.ports import Credential, Sink
from lebots.core.model.secret import Secret
from lebots.core.quoting import quoted
from lebots.errors import SinkRefused


class RenamedSink:
    """Delivers each part under the name ``names`` has for it; parts without one stay behind.

    A part that is secret never stays behind: SinkRefused. Reading gives the parts back under the
    names they came by, those delivered before the project chose others too.
    """

    def __init__(self, sink: Sink, names: Mapping[str, str]) -> None:
        self._sink, self._names = sink, names
        self._parts = {name: part for part, name in names.items()}

    def __repr__(self) -> str:
        return f"RenamedSink({self._sink!r}, {dict(self._names)!r})"

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
        """Stores the parts that have a name."""
        for part, value in credential.values.items():
            if isinstance(value, Secret) and part not in self._names:
                raise SinkRefused(
                    f"sink {quoted(self.name)}: its fields have no name for {part}, which is "
                    "secret and would be lost; add it in lebots.yaml"
                )
        values = {
            self._names[part]: value
            for part, value in credential.values.items()
            if part in self._names
        }
        self._sink.write(replace(credential, values=values), replaces)

    def read(self, account: str, key: str) -> Credential | None:
        """The stored credential with its parts under their own names."""
        found = self._sink.read(account, key)
        if found is None:
            return None
        values = {self._parts.get(name, name): value for name, value in found.values.items()}
        return replace(found, values=values)

    def read_back(self, account: str, key: str) -> str | None:
        """The id of the complete credential stored for this key."""
        return self._sink.read_back(account, key)

    def place(self, account: str, key: str) -> str:
        """Where the credential is or will be."""
        return self._sink.place(account, key)
