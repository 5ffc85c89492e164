"""An account on loopback that several runs share, and that can keep one request waiting."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Lock
from typing import Any, NamedTuple

import httpx

from lebots.account.connection import certificates as trusting
from lebots.sandbox import Fault, Rules, Sandbox
from lebots.sandbox.http.serve import Server, serve

BOTS = ("routing-bot", "second-bot")
PATIENCE = 60.0
"""Seconds after which a test that waits for something gives up, and a run for its answer."""


class Hold:
    """One request that does not get its answer before it is let go."""

    def __init__(self, method: str, path: str, *, after: bool) -> None:
        self.method, self.path = method, path
        self.after = after
        """Whether the account has carried it out by then."""
        self._taken = False
        self._reached, self._free = Event(), Event()

    def wants(self, environ: dict[str, Any]) -> bool:
        """Whether this is the request; the first one is."""
        wanted = environ["REQUEST_METHOD"] == self.method and self.path in environ["PATH_INFO"]
        taken, self._taken = self._taken, self._taken or wanted
        return wanted and not taken

    def stand(self) -> None:
        """Keeps the request, in the thread that answers it."""
        self._reached.set()
        self._free.wait(2 * PATIENCE)

    def reached(self, seconds: float = PATIENCE) -> bool:
        """Waits until the request stands."""
        return self._reached.wait(seconds)

    def detach(self) -> None:
        """Gives the request its answer."""
        self._free.set()


class Application(NamedTuple):
    """An application as the account has it."""

    id: str
    name: str
    enabled: bool


class Account:
    """The served account, with a look behind it."""

    def __init__(self, sandbox: Sandbox, server: Server, holds: list[Hold], lock: Lock) -> None:
        self._sandbox, self._server = sandbox, server
        self._holds, self._lock = holds, lock
        self.id = sandbox.account
        self.domain = server.url.removeprefix("https://")
        self.ca = server.ca
        self.access = sandbox.tool_access()

    @contextmanager
    def holding(self, method: str, path: str, *, after: bool = False) -> Iterator[Hold]:
        """Keeps the next such request until it is let go, or the block ends."""
        hold = Hold(method, path, after=after)
        with self._lock:
            self._holds.append(hold)
        try:
            yield hold
        finally:
            with self._lock:
                self._holds.remove(hold)
            hold.detach()

    def lag(self, seconds: float) -> None:
        """From now on lists of applications show writes so much later; 0 ends it."""
        faults = [Fault(method="GET", path="installations", lag=seconds)] if seconds else []
        self._sandbox.faults = faults

    @property
    def writes(self) -> list[str]:
        """What was written to the account so far, logins aside."""
        return [
            f"{method} {path.partition('?')[0]} {status}"
            for method, path, status in list(self._sandbox.requests)
            if method != "GET" and not path.partition("?")[0].endswith(("/token", "login", "out"))
        ]

    def applications(self, name: str) -> list[Application]:
        """Those that have this name, or had it before they were retired."""
        found = [
            Application(one["client_id"], one["client_name"], one["enabled"])
            for one in self._sandbox.dump()["installations"]
            if not one["deleted"]
        ]
        return [one for one in found if one.name == name or one.name.startswith(f"{name}.")]

    def bots(self) -> dict[str, str]:
        """The bots that were made here, each with the id of the key it is linked to."""
        return {
            user["loginName"]: str(user["allowedAppKeys"])
            for user in self._sandbox.dump()["users"]
            if not user["deleted"] and user["loginName"] in BOTS
        }

    def logs_in(self, bot: str, client: str, secret: str) -> bool:
        """Whether a bot gets in with this credential, over HTTPS as any bot does."""
        body = {"username": bot, "appKey": client, "secret": secret}
        body |= {"accessToken": "dummy", "accessTokenSecret": "dummy"}
        assert self.ca
        with httpx.Client(verify=trusting(self.ca), trust_env=False) as http:
            url = f"https://{self.domain}/api/account/{self.id}/login"
            answer = http.post(url, params={"v": "1.3"}, json=body)
        return answer.status_code == 200


@contextmanager
def served(file: Path, certificates: Path, *, once: bool) -> Iterator[Account]:
    """A new account; with ``once`` it shows a secret only in the answer that made it."""
    rules = Rules(secrets_on_read="absent" if once else "clear")
    sandbox = Sandbox(file, authenticate=True, rules=rules)
    holds: list[Hold] = []
    lock = Lock()
    answering: Any = _Holding(sandbox.app, holds, lock)
    try:
        with serve(answering, https=True, certificates=certificates) as server:
            try:
                yield Account(sandbox, server, holds, lock)
            finally:
                for hold in holds:
                    hold.detach()
    finally:
        sandbox.close()


class _Holding:
    """Stands between the server and the account."""

    def __init__(self, application: Any, holds: list[Hold], lock: Lock) -> None:
        self._application: Callable[..., Iterable[bytes]] = application
        self._holds, self._lock = holds, lock
        self.app = self._answer

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self._lock:
            hold = next((one for one in self._holds if one.wants(environ)), None)
        if hold and not hold.after:
            hold.stand()
        begun: list[Any] = []
        content = b"".join(self._application(environ, lambda *all_: begun.append(all_)))
        if hold and hold.after:
            hold.stand()
        with suppress(OSError):
            start_response(*begun[0])
        return [content]
