"""The account and the sink as one run meets them: whenever they are asked, a fault can strike."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from lebots.account.gateway import Gateway
from lebots.core.model.kind import Endpoint
from lebots.core.model.live import Account
from lebots.core.model.ports import Credential, Item
from lebots.core.model.value import Raw
from lebots.errors import AccountError, OutcomeUnknown, Rejected, SinkError, SinkMoved

READ_FAULTS = ("crash", "fails")
WRITE_FAULTS = ("crash", "crash after", "lost", "lost after", "refused")
SINK_FAULTS = ("crash", "crash after", "fails", "fails after")

Schedule = Mapping[int, str]
"""Which boundary is struck by which fault."""


class Crash(BaseException):
    """The process is gone; nothing in it can do anything about it."""


@dataclass
class Boundaries:
    """Counts the boundaries and strikes where the schedule says so."""

    tick: Callable[[], None]
    """Called at each boundary: everything that is asked for takes a moment."""
    schedule: Schedule = field(default_factory=dict)
    passed: list[tuple[str, ...]] = field(default_factory=list)
    """For each boundary that was passed: the faults that could strike there."""

    def begin(self, schedule: Schedule) -> None:
        """Counts anew, with another schedule."""
        self.schedule, self.passed = schedule, []

    @contextmanager
    def crossing(self, kinds: tuple[str, ...], lost: Callable[[str], Exception]) -> Iterator[None]:
        self.tick()
        struck = self.schedule.get(len(self.passed), "")
        self.passed.append(kinds)
        if struck == "crash":
            raise Crash
        if struck == "refused":
            raise Rejected("refused by the schedule", 503)
        if struck in ("lost", "fails"):
            raise lost(struck)
        yield
        if struck == "crash after":
            raise Crash
        if struck in ("lost after", "fails after"):
            raise lost(struck)


@dataclass
class Port:
    """An account whose every call is a boundary."""

    inner: Gateway
    at: Boundaries

    def read(self, unasked: frozenset[str] = frozenset()) -> Account:
        with self.at.crossing(READ_FAULTS, AccountError):
            return self.inner.read(unasked)

    def find(self, endpoint: Endpoint, name: str) -> list[Raw]:
        with self.at.crossing(READ_FAULTS, AccountError):
            return self.inner.find(endpoint, name)

    def fetch(self, endpoint: Endpoint, id_: str) -> Item:
        with self.at.crossing(READ_FAULTS, AccountError):
            return self.inner.fetch(endpoint, id_)

    def create(self, endpoint: Endpoint, body: Raw) -> Raw:
        with self.at.crossing(WRITE_FAULTS, OutcomeUnknown):
            return self.inner.create(endpoint, body)

    def replace(self, endpoint: Endpoint, id_: str, body: Raw, revision: str) -> None:
        with self.at.crossing(WRITE_FAULTS, OutcomeUnknown):
            self.inner.replace(endpoint, id_, body, revision)

    def delete(self, endpoint: Endpoint, id_: str, revision: str) -> None:
        with self.at.crossing(WRITE_FAULTS, OutcomeUnknown):
            self.inner.delete(endpoint, id_, revision)


@dataclass
class Vault:
    """A sink whose every call is a boundary; what it holds outlives the runs."""

    at: Boundaries
    confirmed: Callable[[str], None]
    """Called with the id of each credential the sink says it holds."""
    name: str = "default"
    held: dict[str, Credential] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def probe(self) -> None:
        with self.at.crossing(SINK_FAULTS[:1] + SINK_FAULTS[2:3], SinkError):
            pass

    def announce(self, account: str, key: str, token: str) -> None:
        with self.at.crossing(SINK_FAULTS, SinkError):
            self.notes.setdefault(key, token)

    def announced(self, account: str, key: str) -> str | None:
        with self.at.crossing(READ_FAULTS, SinkError):
            return self.notes.get(key)

    def withdraw(self, account: str, key: str, token: str = "") -> None:
        with self.at.crossing(SINK_FAULTS, SinkError):
            if token in ("", self.notes.get(key)):
                self.notes.pop(key, None)

    def write(self, credential: Credential, replaces: str | None) -> None:
        with self.at.crossing(SINK_FAULTS, SinkError):
            if self._id(credential.key) not in (None, replaces, credential.id):
                raise SinkMoved("the vault holds another credential by now")
            self.held[credential.key] = credential

    def read(self, account: str, key: str) -> Credential | None:
        with self.at.crossing(READ_FAULTS, SinkError):
            found = self.held.get(key)
        if found:
            self.confirmed(found.id)
        return found

    def read_back(self, account: str, key: str) -> str | None:
        with self.at.crossing(READ_FAULTS, SinkError):
            found = self._id(key)
        if found:
            self.confirmed(found)
        return found

    def place(self, account: str, key: str) -> str:
        return f"memory:{key}"

    def _id(self, key: str) -> str | None:
        return self.held[key].id if key in self.held else None
