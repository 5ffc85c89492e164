"""Any sink, with the parts of its credentials under names the project chose."""

from collections.abc import Mapping
from dataclasses import replace

from lebots.core.model.ports import Credential, Sink
from lebots.core.model.secret import Secret
from lebots.core.quoting import quoted
from lebots.credentials.content.passing import PassingSink
from lebots.errors import SinkRefused


class RenamedSink(PassingSink):
    """Delivers each part under the name ``names`` has for it; parts without one stay behind.

    A part that is secret never stays behind: SinkRefused. Reading gives the parts back under the
    names they came by, those delivered before the project chose others too.
    """

    def __init__(self, sink: Sink, names: Mapping[str, str]) -> None:
        super().__init__(sink)
        self._names = names
        self._parts = {name: part for part, name in names.items()}

    def __repr__(self) -> str:
        return f"RenamedSink({self._sink!r}, {dict(self._names)!r})"

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
