"""LivePerson as httpx meets it: answers for its hosts, and notes everything that was sent."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from json import dumps
from typing import Any

import httpx

from lebots.account.answers import Request
from lebots.account.client import Client
from lebots.account.connection import Settings, connect
from lebots.core.model.secret import Secret

ACCOUNT = "55501234"
NOON = 1_790_000_000.0
"""Epoch seconds on the clock of the machine that runs lebots."""

DOMAIN = "api.liveperson.net"
HOSTS = {
    "accountConfigReadWrite": "zz1.ac.liveperson.net",
    "agentVep": "zz1.agentvep.liveperson.net",
    "appKeyManagement": "zz1.appkey-mgmnt.liveperson.net",
    "sentinel": "zz1.sentinel.liveperson.net",
}

VALUES = {
    "oauth2": {"clientId": "canary-id", "clientSecret": "canary-secret/+&="},
    "login": {"username": "canary-user", "password": "canary-pass/+&="},
    "oauth1": {
        "appKey": "canary-key",
        "secret": "canary-key-secret",
        "accessToken": "canary-access",
        "accessTokenSecret": "canary-access-secret",
    },
}
"""What each way to authenticate is given; the word ``canary`` is in every secret of these tests."""

CANARY = "canary"

LE_USERS = f"/api/account/{ACCOUNT}/configuration/le-users"
MESSAGES = f"/api/account/{ACCOUNT}/configuration/engagement-window/unified-auto-messages"
AC_COMMON = f"/api/account/{ACCOUNT}/configuration/ac-common"
TOKEN = f"/sentinel/api/v2/account/{ACCOUNT}/app/token"
LOGIN, REFRESH, LOGOUT = (
    f"/api/account/{ACCOUNT}/{action}" for action in ("login", "refresh", "logout")
)

Answer = Callable[[httpx.Request], httpx.Response]


def says(
    status: int = 200,
    json: Any = None,
    *,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """An answer, made anew each time; JSON unless ``content`` is given."""
    body = dumps(json).encode() if content is None else content
    return lambda request: httpx.Response(status, headers=headers, content=body)


def streams(stream: httpx.SyncByteStream, headers: Mapping[str, str] | None = None) -> Answer:
    """A success whose body comes as this stream gives it."""
    return lambda request: httpx.Response(200, headers=headers, stream=stream)


def breaks(error: type[httpx.TransportError]) -> Answer:
    """No answer at all; the text of the error quotes a secret, as texts of errors can."""

    def answer(request: httpx.Request) -> httpx.Response:
        raise error(f"{CANARY} in the text of an error")

    return answer


REFUSED = {"message": "No", "internalCode": 23}


def domain_api(account: str = ACCOUNT, **hosts: Any) -> dict[str, Any]:
    """The answer of the Domain API, all services; ``hosts`` replace or add some."""
    return {
        "baseURIs": [
            {"service": service, "account": account, "baseURI": host}
            for service, host in {**HOSTS, **hosts}.items()
        ]
    }


@dataclass
class Clock:
    """Time that passes only while somebody waits."""

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@dataclass(frozen=True, eq=False)
class Sent:
    """One request as it left."""

    method: str
    url: httpx.URL
    headers: httpx.Headers
    content: bytes
    timeout: Mapping[str, float | None]

    @property
    def call(self) -> str:
        return f"{self.method} {self.url.path}"

    @property
    def carries(self) -> str:
        """Everything in it, as text."""
        return f"{self.url} {self.headers.raw} {self.content!r}"


class Vendor:
    """The transport below httpx: the last answer to a call is given again for as long as needed."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.behind: httpx.BaseTransport | None = None
        """The application that answers what nothing else was said for."""
        self._answers: dict[str, list[Answer]] = {}
        self._logins = 0
        self.on(f"GET /api/account/{ACCOUNT}/service", says(json=domain_api()))
        self.on(f"POST {TOKEN}", self._token)
        self.on(f"POST {LOGIN}", self._login)
        self.on(f"POST {REFRESH}", says(content=b""))
        self.on(f"POST {LOGOUT}", says(content=b""))

    def on(self, call: str, *answers: Answer) -> None:
        """What is answered to calls that begin so; the most fitting text counts."""
        self._answers[call] = list(answers)

    def pass_on(self, *calls: str) -> None:
        """Leaves these calls to what is behind."""
        for call in calls:
            del self._answers[call]

    def handle(self, request: httpx.Request) -> httpx.Response:
        """What httpx calls in place of its own transport."""
        content = request.read()
        timeout = request.extensions.get("timeout", {})
        headers = httpx.Headers(request.headers)
        self.sent.append(Sent(request.method, request.url, headers, content, timeout))
        fitting = [call for call in self._answers if self.sent[-1].call.startswith(call)]
        if fitting:
            answers = self._answers[max(fitting, key=len)]
            return answers.pop(0)(request) if len(answers) > 1 else answers[0](request)
        if self.behind:
            return self.behind.handle_request(request)
        return says(json=[])(request)

    @property
    def calls(self) -> list[str]:
        """Every request as ``METHOD path``."""
        return [sent.call for sent in self.sent]

    def to(self, call: str) -> list[Sent]:
        """The requests of one call."""
        return [sent for sent in self.sent if sent.call == call]

    def bearers(self, call: str) -> list[str]:
        """What each request of a call was authorized with."""
        return [sent.headers.get("Authorization", "") for sent in self.to(call)]

    def _token(self, request: httpx.Request) -> httpx.Response:
        self._logins += 1
        token = {"access_token": f"{CANARY}-token-{self._logins}", "token_type": "Bearer"}
        return says(json={**token, "expires_in": 3600})(request)

    def _login(self, request: httpx.Request) -> httpx.Response:
        self._logins += 1
        number = self._logins
        return says(
            json={
                "bearer": f"{CANARY}-bearer-{number}",
                "csrf": f"{CANARY}-csrf-{number}",
                "config": {"userId": "4100200455", "isAdmin": True},
            },
            headers={"Set-Cookie": f"Session_id={CANARY}-session-{number}; Path=/; Secure"},
        )(request)


def users(method: str = "GET", **more: Any) -> Request:
    """A request of the collection of users; a write has a body."""
    fields: dict[str, Any] = {"query": {"v": "6.0", "select": "$all"}}
    if method in ("POST", "PUT"):
        fields["body"] = {"loginName": "routing-bot"}
    return Request(method, "accountConfigReadWrite", f"{LE_USERS}/users", **{**fields, **more})


@contextmanager
def connected(clock: Clock, method: str = "oauth2", **settings: Any) -> Iterator[Client]:
    """A client of the account, by the same way as every command's."""
    values = {name: Secret(value) for name, value in VALUES[method].items()}
    wanted = Settings(ACCOUNT, method, values, **settings)
    with connect(wanted, clock.wait, clock, lambda: NOON, lambda: 0.0) as client:
        yield client
