"""One key and its bot, made under faults: real planner, executor, gateway and sandbox, no waits.

A fault can strike at every boundary: whenever the account or the sink is asked for something. Each
run of lebots starts from nothing but what the account and the sink hold; runs go on until one says
that everything is done.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from lebots import kinds
from lebots.account.client import Client
from lebots.account.gateway import Gateway
from lebots.cli.session import Session
from lebots.cli.waiting import Waiting
from lebots.core.kind import Endpoint
from lebots.core.model import Account, Address, Desired, Outcome, Raw, Source, Status
from lebots.core.ports import INTENT_CLOSED, INTENT_OPEN, Credential, Item
from lebots.core.terms import EVERYTHING, Allowed
from lebots.errors import AccountError, LebotsError, OutcomeUnknown, Rejected, SinkError
from lebots.sandbox import Fault, Rules, Sandbox

KINDS = kinds.load()
KEY = Address("Key", "robot")
BOT = Address("BotUser", "robot")
_HERE = Source("robot.yaml", 1, 1)
MANIFESTS = [
    Desired(KEY, {"type": "oauth2"}, _HERE),
    Desired(
        BOT,
        {
            "fullName": "Robot",
            "nickname": "Robot",
            "email": "bots@example.com",
            "profiles": ["Agent"],
            "skills": ["Survey"],
            "agentGroup": "Bots",
            "key": "robot",
            "maxAsyncChats": 25,
        },
        _HERE,
    ),
]
MOST_RUNS = 8

READ_FAULTS = ("crash", "fails")
WRITE_FAULTS = ("crash", "crash after", "lost", "lost after", "refused")
SINK_FAULTS = ("crash", "crash after", "fails", "fails after")

Schedule = Mapping[int, str]
"""Which boundary, counted over all runs, is struck by which fault."""


class Crash(BaseException):
    """The process is gone; nothing in it can do anything about it."""


@dataclass
class Boundaries:
    """Counts the boundaries and strikes where the schedule says so."""

    schedule: Schedule
    tick: Callable[[], None]
    """Called at each boundary: everything that is asked for takes a moment."""
    faults: list[tuple[str, ...]] = field(default_factory=list)
    """For each boundary that was passed: the faults that could strike there."""

    @contextmanager
    def crossing(self, kinds: tuple[str, ...], lost: Callable[[str], Exception]) -> Iterator[None]:
        self.tick()
        struck = self.schedule.get(len(self.faults), "")
        self.faults.append(kinds)
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

    def read(self) -> Account:
        with self.at.crossing(READ_FAULTS, AccountError):
            return self.inner.read()

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
    announces: bool = True
    """False: a protocol without intents, to show that the check sees what that breaks."""
    name: str = "default"
    held: dict[str, Credential] = field(default_factory=dict)

    def probe(self) -> None:
        with self.at.crossing(SINK_FAULTS[:1] + SINK_FAULTS[2:3], SinkError):
            pass

    def write(self, credential: Credential) -> None:
        with self.at.crossing(SINK_FAULTS, SinkError):
            if self.announces or credential.id not in (INTENT_OPEN, INTENT_CLOSED):
                self.held[credential.key] = credential

    def read(self, account: str, key: str) -> Credential | None:
        return self.held.get(key)

    def read_back(self, account: str, key: str) -> str | None:
        with self.at.crossing(READ_FAULTS, SinkError):
            found = self.held.get(key)
            return found.id if found else None

    def place(self, account: str, key: str) -> str:
        return f"memory:{key}"


@dataclass
class World:
    """What outlives a run: the account, the sink and the time."""

    schedule: Schedule
    readable: bool = True
    """Whether the account shows a secret again after the create."""
    lag: float = 0.0
    """Seconds by which lists lag behind writes; each boundary takes one."""
    announces: bool = True
    replace_lost: bool = True
    now: float = 1_790_000_000.0
    manifests: Sequence[Desired] = field(default_factory=lambda: MANIFESTS)
    outcomes: tuple[Outcome, ...] = ()
    """How the changes of the last run ended."""

    def __post_init__(self) -> None:
        shown: Any = "clear" if self.readable else "absent"
        faults = [Fault(lag=self.lag)] if self.lag else []
        self.at = Boundaries(self.schedule, lambda: self.sleep(1.0))
        self.vault = Vault(self.at, self.announces)
        self.sandbox = Sandbox(
            ":memory:",
            rules=Rules(secrets_on_read=shown),
            now=lambda: self.now,
            random=Random(1),
            faults=faults,
        )

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    @contextmanager
    def opened(self) -> Iterator[Session]:
        """The account opened for one run."""
        transport = httpx.WSGITransport(app=self.sandbox.app)
        with httpx.Client(transport=transport, trust_env=False) as http:
            client = Client(self.sandbox.account, http, lambda service: "https://sandbox.test")
            yield Session(
                name="simulated",
                client=client,
                port=Port(Gateway(client, KINDS), self.at),
                sinks={"default": self.vault},
                kinds=KINDS,
                wait=Waiting(sleep=self.sleep, clock=lambda: self.now),
                allowed=Allowed(replace_lost=self.replace_lost),
                now=lambda: self.now,
            )

    def run(self) -> bool:
        """One run of ``lebots apply``; whether it said that everything is done."""
        with self.opened() as session:
            try:
                plan, account = session.plan(self.manifests)
                if plan.findings and not plan.changes:
                    return False
                self.outcomes = session.apply(plan, account, {}, lambda one: None, lambda: False)
                if any(outcome.status is not Status.DONE for outcome in self.outcomes):
                    return False
                return not self.outcomes or not session.left_over(self.manifests, EVERYTHING).writes
            except (Crash, LebotsError):
                return False

    def play(self) -> str:
        """Runs until done and once more at once; the bad end it came to, or nothing."""
        for _ in range(MOST_RUNS):
            if self.run():
                break
        else:
            return "stuck"
        self.run()
        return self.bad_end()

    def bad_end(self) -> str:
        """What is not as it should be when all is said to be done; empty where nothing is."""
        applications = [
            one
            for one in self.sandbox.dump()["installations"]
            if one["client_name"].startswith("robot") and one["enabled"] and not one["deleted"]
        ]
        if len(applications) > 1:
            return "dup"
        held = self.vault.held.get("robot")
        if not applications or held is None or held.id != applications[0]["id"]:
            return "lost"
        real = self.sandbox.find("installations", "robot")["client_secret"]
        secret: Any = held.values["LP_SECRET"]
        bot = self.sandbox.find("users", "robot")
        usable = secret.reveal() == real and bot["allowedAppKeys"] == held.id
        return "" if usable else "lost"


def explore(
    most: int, make: Callable[[Schedule], World], schedule: Schedule | None = None
) -> Iterator[tuple[Schedule, str]]:
    """Every schedule of at most that many faults, each with the end it came to."""
    schedule = schedule or {}
    world = make(schedule)
    end = world.play()
    world.sandbox.close()
    yield schedule, end
    if len(schedule) == most:
        return
    first = max(schedule, default=-1) + 1
    for index in range(first, len(world.at.faults)):
        for fault in world.at.faults[index]:
            yield from explore(most, make, {**schedule, index: fault})
