"""Requests to one account over httpx, and what their answers mean.

Everything a caller may have to decide on is in the class of the error (``lebots.errors``): nothing
was sent, the account said no, the revision was stale, or nobody knows.
"""

import re
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple

import httpx

from lebots.account.auth import AuthBusy, ClientCredentials
from lebots.account.body import ENCODINGS, LONGEST, read
from lebots.account.pace import Pace, epoch
from lebots.account.wire import USER_AGENT, Reason, dumps, login_reason, reason
from lebots.core.model.plan import Calls
from lebots.core.model.secret import SecretBytes
from lebots.core.strict_json import loads
from lebots.errors import AccountError, Conflict, NotSent, OutcomeUnknown, Rejected

# The full list of what httpx raises before a byte of the request has left.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
# Sibling collections document 409, the user and skill pages no status at all (reference 3.3).
_STALE = frozenset({304, 409, 412})
# Sent as If-Match, these two would write over everybody else's edits (reference 3.3).
_FORCED = frozenset({"-1", "*"})
# Seconds after a 429 of the login service (reference 8.5).
_LOGIN_WAIT = 5.0
_REVISION = re.compile(r"[!#-~]+")


@dataclass(frozen=True, slots=True)
class Request:
    """One call: where it goes and what it carries; ``body`` may hold sealed secrets."""

    method: str
    service: str
    path: str
    query: Mapping[str, str]
    body: Any = None
    headers: Mapping[str, str] | None = None
    anonymous: bool = False
    """Sent without any credential of the run."""
    once: bool = False
    """Never sent a second time, whatever the answer."""
    cookies: httpx.Cookies | None = None
    """A session's own: sent along, and those of the answer kept."""
    asks: bool = False
    """Whether it changes nothing, whatever its method is."""
    patience: float = LONGEST
    """Seconds it may take as a whole."""

    @property
    def logs_in(self) -> bool:
        """Whether it carries a login, whose answer may repeat it."""
        return self.anonymous and self.once

    @property
    def writes(self) -> bool:
        """Whether the call can change the account."""
        return self.method != "GET" and not self.asks

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: parsed JSON (None where the body was empty) and the collection's revision."""

    data: Any = field(repr=False)
    revision: str


class Received(NamedTuple):
    """An answer as it came; no traceback shows it."""

    status: int
    headers: httpx.Headers
    content: SecretBytes

    def __repr__(self) -> str:
        return f"Received({self.status}, {self.content!r})"


class Client:
    """One account behind one ``httpx.Client``, which brings transport, credentials and timeouts.

    ``host`` gives the base URL of a service by its name in the Domain API.
    """

    def __init__(
        self,
        account: str,
        http: httpx.Client,
        host: Callable[[str], str],
        *,
        auth: httpx.Auth | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.account = account
        self.clock_offset: float | None = None
        """Seconds the account's clock is ahead of ours, by its last answer."""
        self.calls = Calls(0, 0)
        """Requests that were sent, repeated ones too; logins and host discovery aside."""
        self.lags = True
        """Whether a read may not show yet what was written before it (reference 3.7)."""
        self._http, self._host = http, host
        self._auth, self._pace = auth, pace
        # A cookie belongs to one session, not to whatever is asked of the same host later.
        http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))

    def actor(self) -> str:
        """Who acts here; what a login tells of its user is known after the first request."""
        return str(self._auth) if self._auth else "no credential: the embedded account"

    @property
    def by_token(self) -> bool:
        """Whether an application acts here, whose scopes say what it may write."""
        return isinstance(self._auth, ClientCredentials)

    def logs_in_with(self, id_: str) -> bool:
        """Whether the run would lose its own access with the object of this id."""
        return isinstance(self._auth, ClientCredentials) and self._auth.is_application(id_)

    def send(self, request: Request) -> Answer:
        """Sends one request and returns its answer; raises AccountError or one of its kin.

        With a pace, an answer that asks for patience is waited for and asked for again: a read
        always, a write only where the answer proves that nothing was done.
        """
        if self._pace is None:
            return _understood(request, self._exchange(request))
        tries = self._pace.tries()
        while True:
            self._pace.turn()
            try:
                received = self._exchange(request)
                seconds = tries.after(
                    received.status, received.headers, _harmless(request, received)
                )
            except AuthBusy as busy:
                # Only the login was sent, so any request may follow a second one.
                seconds = tries.after(busy.status, busy.headers, not request.once, _LOGIN_WAIT)
                if seconds is None:
                    raise
            if seconds is None:
                return _understood(request, received)
            self._pace.wait(seconds)

    def _exchange(self, request: Request) -> Received:
        built = self._build(request)
        if request.cookies is not None:
            request.cookies.set_cookie_header(built)
        auth = None if request.anonymous else self._auth
        try:
            response = self._http.send(built, auth=auth, stream=True, follow_redirects=False)
            try:
                clock = self._pace.clock if self._pace else lambda: 0.0
                content = read(response, clock, longest=request.patience)
            finally:
                response.close()
        except _NOT_SENT as error:
            where = f"{error.request.url.host} cannot be reached"
            raise NotSent(f"{request}: not sent: {where}: {_words(error)}") from None
        except httpx.RequestError as error:
            if error.request.url != built.url:
                raise NotSent(f"{request}: not sent: no login: {_words(error)}") from None
            self._count(request, 1)
            raise _lost(request, f"no answer: {_words(error)}") from None
        # Where a login had run out the request was sent before, and is in the history.
        again = sum(earlier.url == built.url for earlier in response.history)
        self._count(request, 1 + again)
        if request.cookies is not None:
            request.cookies.extract_cookies(response)
        self._learn_offset(response.headers)
        return Received(response.status_code, response.headers, content)

    def _count(self, request: Request, times: int) -> None:
        reads, writes = (0, times) if request.writes else (times, 0)
        self.calls = Calls(self.calls.reads + reads, self.calls.writes + writes)

    def _learn_offset(self, headers: httpx.Headers) -> None:
        if self._pace and (sent := epoch(headers.get("date", ""))) is not None:
            self.clock_offset = sent - self._pace.now()

    def _build(self, request: Request) -> httpx.Request:
        # First, since it may have to be looked up: nothing is opened yet if that fails.
        url = self._host(request.service) + request.path
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": ", ".join(ENCODINGS),
            "User-Agent": USER_AGENT,
            **(request.headers or {}),
        }
        content = None
        if request.body is not None:
            headers["Content-Type"] = "application/json"
            content = dumps(request.body)
        built = self._http.build_request(
            request.method, url, params=dict(request.query), headers=headers, content=content
        )
        timeouts: dict[str, float | None] = built.extensions["timeout"]
        for name, seconds in timeouts.items():
            timeouts[name] = min(request.patience, LONGEST if seconds is None else seconds)
        return built


def _harmless(request: Request, received: Received) -> bool:
    """Whether the request may be sent again after this answer."""
    if request.once:
        return False
    if not request.writes:
        return True
    # Only the account itself can say that it did nothing; a page of a proxy cannot.
    return received.status == 429 and not reason(received.content).foreign


def _understood(request: Request, received: Received) -> Answer:
    if not 200 <= received.status < 300:
        why = login_reason if request.logs_in else reason
        raise _refusal(request, received.status, why(received.content))
    return Answer(_data(request, received.content), _revision(received.headers))


def _data(request: Request, content: SecretBytes) -> Any:
    if not content and request.writes:
        return None
    try:
        return loads(content)
    except ValueError as error:
        # A body cut short without a length header arrives as an ordinary 2xx.
        raise _lost(request, f"the answer is not usable: {error}") from None


def _revision(headers: httpx.Headers) -> str:
    """The collection's revision: ``ac-revision``, else ``ETag`` (reference 3.2), if usable."""
    value = headers.get("ac-revision") or headers.get("etag") or ""
    revision = value.removeprefix("W/").strip('"')
    return revision if _REVISION.fullmatch(revision) and revision not in _FORCED else ""


def _refusal(request: Request, status: int, why: Reason) -> AccountError:
    text = f"{request}: {status}{why}"
    stale = request.writes and request.method != "POST" and status in _STALE
    # The status of a delete that is refused because of dependants is not known (reference 4.3), and
    # no fields are wrong where only the revision is.
    if stale and not (why.dependants or why.fields):
        return Conflict(text, status, why.fields)
    if status >= 500 or status == 408 or status < 400 or (request.writes and why.foreign):
        return _lost(request, f"{status}{why}")
    return Rejected(text, status, why.fields, foreign=why.foreign)


def _lost(request: Request, why: str) -> AccountError:
    if request.writes:
        return OutcomeUnknown(f"{request}: {why}; it may or may not have happened")
    return AccountError(f"{request}: {why}")


def _words(error: httpx.RequestError) -> str:
    """Why a request failed; never the text of the error itself, which can quote what was sent."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})"
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
        if isinstance(cause, socket.gaierror):
            return "its name is not known"
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__
