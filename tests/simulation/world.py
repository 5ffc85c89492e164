"""What outlives the runs of lebots: an account, a sink and the time; and one run in this world.

A run is the real ``lebots apply`` on one key and its bot. Stood in for are the clock, the
connection to the account (to the real sandbox, in this process) and the sink. A fault can strike at
every boundary: whenever the account or the sink is asked for something. Each run starts from
nothing but what the account and the sink hold.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from shutil import rmtree
from typing import Any
from unittest.mock import patch

import httpx

from lebots import kinds
from lebots.account.client import Client
from lebots.account.gateway import Gateway
from lebots.cli import main
from lebots.core.model.change import Outcome
from lebots.core.model.options import AccountPolicy
from lebots.core.model.plan import Plan
from lebots.core.model.ports import Credential
from lebots.core.model.secret import Secret
from lebots.run.inputs.session import Reading, Session
from lebots.run.interruptible_sleep import InterruptibleSleep
from lebots.sandbox import Fault, Rules, Sandbox
from lebots.sandbox.http.lag import Snapshot
from tests.canary import CANARY, PERSONAL, Chance, hits
from tests.simulation.ports import Boundaries, Crash, Port, Schedule, Vault
from tests.simulation.witness import Witness

KINDS = kinds.load()
FILES = {
    "lebots.yaml": """\
apiVersion: lebots/v1
kind: Project
accounts:
  simulated: {sandbox: account.db}
sinks:
  default: {type: dotenv, path: "{name}.env"}
""",
    "manifests/robot.yaml": f"""\
apiVersion: lebots/v1
kind: Key
metadata: {{name: robot}}
spec: {{type: oauth2}}
---
apiVersion: lebots/v1
kind: BotUser
metadata: {{name: robot}}
spec:
  fullName: Robot
  nickname: Robot
  email: {PERSONAL}@example.com
  profiles: [Agent]
  skills: [Survey]
  agentGroup: Bots
  key: robot
  maxAsyncChats: 25
""",
}
"""The working folder. The account and the sink it names are not the ones that are asked."""
APPLY = ("apply", "--yes", "--receipt", "receipt.json")
UNTOUCHED: Schedule = {}
MOST_NEW_KEYS = 2
"""In one run; the one that was lost, and its replacement."""

START = 1_790_000_000.0
TENTH = 2.0**-13
"""Seconds on the account's clock for each tenth of a simulated second. The account stamps objects
with whole seconds, so that worlds that differ only in when they came to be are the same."""


@contextmanager
def opening(session: Callable[..., Any]) -> Iterator[None]:
    """Every command gets this session in place of one with an account."""
    with ExitStack() as stack:
        for command in ("apply", "plan", "rotate"):
            stack.enter_context(patch(f"lebots.cli.commands.{command}.open_session", session))
        yield


@dataclass(frozen=True)
class Moment:
    """Everything that outlives a run: from equal moments, equal runs come to equal ends."""

    key: bytes
    """Equal for equal moments."""
    account: bytes
    lagging: Mapping[str, list[tuple[Any, int, int]]]
    """By collection, what its lists still show: objects, revision, tenths until they stop."""
    chance: Any
    held: Mapping[str, Credential]
    notes: Mapping[str, str]


@dataclass(frozen=True)
class Ran:
    """How one run of lebots went."""

    done: bool
    """Whether it said that everything is as the manifests say."""
    passed: tuple[tuple[str, ...], ...]
    """For each boundary: the faults that could strike there."""
    wrongs: tuple[str, ...]
    """What no run may do, whatever strikes it."""
    hits: tuple[str, ...]
    """Where a secret stands, or in what is printed a personal value."""
    made: int
    """How many keys it made."""
    outcomes: tuple[Outcome, ...] = ()


@dataclass
class World:
    """The account, the sink and the time."""

    folder: Path
    """The working folder of the runs; each finds a new one."""
    readable: bool = True
    """Whether the account shows a secret again after the create."""
    lag: int = 0
    """Seconds by which lists lag behind writes; each boundary takes one."""
    replace_lost: bool = True
    files: Mapping[str, str] = field(default_factory=lambda: FILES)
    """What the working folder holds when a run begins."""
    tenths: int = 0
    """The time since the start, in tenths of a second."""
    hours: float = 0.0
    """What the clock of lebots says since the start; nothing but a grace looks at it."""
    log: list[tuple[str, str]] = field(default_factory=list)
    """What the account and the sink saw in the last run: an event and the id of a key."""

    def __post_init__(self) -> None:
        self.at = Boundaries(lambda: self.sleep(1.0))
        self.vault = Vault(self.at, self._confirmed)
        self.chance = Chance(1)
        shown: Any = "clear" if self.readable else "absent"
        self.sandbox = Sandbox(
            ":memory:",
            rules=Rules(secrets_on_read=shown),
            now=lambda: START + self.tenths * TENTH,
            random=self.chance,
        )
        self.sandbox.faults = [Fault(lag=self._lag * TENTH)] if self.lag else []
        legacy = self.sandbox.find("appKeys", "legacy-bots")
        secrets = dict.fromkeys(("appSecret", "token", "tokenSecret"), CANARY)
        self.sandbox.put("appKeys", {**legacy, **secrets})
        header = {"header_name": "X-Hook", "header_value": CANARY}
        hook = {"endpoint": "https://hooks.example.com", "headers": [header]}
        theirs = {
            "client_name": "made by hand",
            "client_secret": CANARY,
            "software_statement": CANARY,
            "capabilities": {"webhooks": {"ms.MessagingEventNotification.ContentEvent": hook}},
            "enabled": True,
        }
        self.sandbox.put("installations", theirs)

    @property
    def _lag(self) -> int:
        return self.lag * 10

    def sleep(self, seconds: float) -> None:
        """Lets time pass; in whole tenths, so that it adds up exactly."""
        self.tenths += max(1, round(seconds * 10))

    def run(self, schedule: Schedule = UNTOUCHED, command: Sequence[str] = APPLY) -> Ran:
        """One run of lebots, struck by these faults at its boundaries."""
        self.at.begin(schedule)
        self.log.clear()
        witness = Witness()
        code = self._carried_out(command, witness)
        shown = [*witness.shown(), *self._written()]
        found = hits([*shown, *witness.noted()])
        found += [f"{place}: personal" for place, text in shown if PERSONAL in text]
        made = sum(event == "key made" for event, _ in self.log)
        wrongs = tuple(self._wrongs(code, made))
        return Ran(code == 0, tuple(self.at.passed), wrongs, tuple(found), made, witness.outcomes)

    def bad_end(self) -> str:
        """What is wrong with the world once lebots is done; empty if nothing is."""
        enabled = [
            one
            for one in self.sandbox.dump()["installations"]
            if one["client_name"].startswith("robot") and one["enabled"] and not one["deleted"]
        ]
        if len(enabled) > 1:
            return "dup"
        held = self.vault.held.get("robot")
        if not enabled or enabled[0]["client_name"] != "robot":
            return "lost"
        if held is None or held.id != enabled[0]["id"]:
            return "lost"
        real = self.sandbox.find("installations", "robot")["client_secret"]
        secret: Any = held.values["LP_SECRET"]
        bot = self.sandbox.find("users", "robot")
        usable = secret.reveal() == real and bot["allowedAppKeys"] == held.id
        return "" if usable else "lost"

    def now(self) -> Moment:
        """This moment, to come back to."""
        store: Any = self.sandbox._store
        lagging = {name: left for name, left in self._lagging() if left}
        held = dict(self.vault.held)
        tables = ("meta", "revisions", "objects", "refs")
        rows = [store._db.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
        credentials = sorted((name, one.id, _opened(one)) for name, one in held.items())
        # What tells two notes apart is chance; what they are to replace is not.
        notes = sorted((name, note[16:]) for name, note in self.vault.notes.items())
        chance = self.chance.getstate()
        everything = (rows, sorted(lagging.items()), credentials, notes, chance)
        key = sha256(repr(everything).encode()).digest()
        return Moment(key, store._db.serialize(), lagging, chance, held, dict(self.vault.notes))

    def back_to(self, moment: Moment) -> None:
        """Makes the world what it was then; the clock starts anew."""
        store: Any = self.sandbox._store
        store._db.deserialize(moment.account)
        self.tenths = 0
        self.chance.setstate(moment.chance)
        self.vault.held, self.vault.notes = dict(moment.held), dict(moment.notes)
        history = self.sandbox.app._history
        history.clear()
        for name, earlier in moment.lagging.items():
            history._snapshots[name] = [
                Snapshot(objects, revision, START + (left - self._lag) * TENTH, 0)
                for objects, revision, left in earlier
            ]

    def _lagging(self) -> Iterator[tuple[str, list[tuple[Any, int, int]]]]:
        # An earlier state is never shown again once its time is over: then it is no part of this.
        for name, snapshots in self.sandbox.app._history._snapshots.items():
            written = [round((one.written_at - START) / TENTH) for one in snapshots]
            yield (
                name,
                [
                    (one.objects, one.revision, then + self._lag - self.tenths)
                    for one, then in zip(snapshots, written, strict=True)
                    if self.tenths < then + self._lag
                ],
            )

    def _carried_out(self, command: Sequence[str], witness: Witness) -> object:
        rmtree(self.folder, ignore_errors=True)
        for name, text in self.files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)
        with (
            chdir(self.folder),
            opening(lambda *about, **more: self._open(witness)),
            witness.watching(),
        ):
            try:
                main(command)
            except SystemExit as ended:
                return ended.code
            except Crash as crash:
                witness.errors.append(crash)
                return "crash"

    def _written(self) -> Iterator[tuple[str, str]]:
        """The files the run has left, by name."""
        for path in self.folder.rglob("*"):
            name = str(path.relative_to(self.folder))
            if path.is_file() and name not in self.files:
                yield name, path.read_text()

    @contextmanager
    def _open(self, witness: Witness) -> Iterator[Session]:
        transport = httpx.WSGITransport(app=self._answer)
        with httpx.Client(transport=transport, trust_env=False) as http:
            client = Client(self.sandbox.account, http, lambda service: "https://sandbox.test")
            yield _Watched(
                name="simulated",
                client=client,
                port=Port(Gateway(client, KINDS), self.at),
                sinks={"default": self.vault},
                kinds=KINDS,
                wait=InterruptibleSleep(sleep=self.sleep, clock=lambda: self.tenths / 10),
                now=lambda: START + self.hours * 3600,
                allowed=AccountPolicy(replace_lost=self.replace_lost),
                witness=witness,
            )

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The account, which notes keys that are made and bots that are sent."""
        posted, path = environ["REQUEST_METHOD"] == "POST", environ["PATH_INFO"]
        if posted and path.endswith("/users"):
            content = environ["wsgi.input"].read()
            environ["wsgi.input"] = BytesIO(content)
            self.log.append(("bot sent", json.loads(content)["allowedAppKeys"]))

        def start(status: str, headers: Any, *rest: Any) -> Any:
            if posted and path.endswith("/installations") and status.startswith("2"):
                self.log.append(("key made", ""))
            return start_response(status, headers, *rest)

        return self.sandbox.app(environ, start)

    def _confirmed(self, id_: str) -> None:
        self.log.append(("confirmed", id_))

    def _wrongs(self, code: object, made: int) -> Iterator[str]:
        if code not in (0, 5, 6, 7, "crash"):
            yield f"ended with {code}"
        if made > MOST_NEW_KEYS:
            yield f"made {made} keys"
        for number, (event, key) in enumerate(self.log):
            if event == "bot sent" and ("confirmed", key) not in self.log[:number]:
                yield "sent a bot whose secret no sink had confirmed"


@dataclass
class _Watched(Session):
    witness: Witness = field(default_factory=Witness)

    def plan(self, *about: Any, **more: Any) -> tuple[Plan, Reading]:
        planned, reading = super().plan(*about, **more)
        self.witness.plan = self.witness.plan or planned
        return planned, reading

    def apply(self, *about: Any, **more: Any) -> tuple[Outcome, ...]:
        self.witness.outcomes = super().apply(*about, **more)
        return self.witness.outcomes


def _opened(credential: Credential) -> list[tuple[str, str]]:
    return [
        (name, value.reveal() if isinstance(value, Secret) else value)
        for name, value in credential.values.items()
    ]
