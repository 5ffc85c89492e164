"""Requests to one account over httpx, and what their answers mean.

Everything a caller may have to decide on is in the class of the error (``lebots.errors``): nothing
was sent, the account said no, the revision was stale, or nobody knows.
"""

from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy

import httpx

from lebots.account.answers import Answer, Received, Request, lost, understood
from lebots.account.auth import AuthBusy, ClientCredentials, UserLogin
from lebots.account.body import ENCODINGS, LONGEST, read
from lebots.account.pace import Pace, Tries, epoch
from lebots.account.telling.trouble import SESSION_ENDED_AGAIN, clock_hint, trouble
from lebots.account.telling.watch import Watch
from lebots.account.wire import USER_AGENT, dumps, reason
from lebots.core.model.plan import Calls
from lebots.errors import NotSent

# The full list of what httpx raises before a byte of the request has left.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.ProxyError,  # only https is spoken, so without a tunnel nothing leaves
)
# Seconds after a 429 of the login service (reference 8.5).
_LOGIN_WAIT = 5.0


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
        watch: Watch | None = None,
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
        self._watch = watch or Watch()
        self.proxy = ""
        """Address of the proxy that requests go through, for messages."""
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
            received = self._exchange(request)
            return understood(request, received, self._hint(request, received))
        if not request.writes:
            self._watch.reads(request.path, self._pace.clock())
        try:
            return self._sent_in_time(request, self._pace, self._pace.tries())
        finally:
            self._watch.answered()

    def _sent_in_time(self, request: Request, pace: Pace, tries: Tries) -> Answer:
        began = pace.clock()
        while True:
            pace.turn()
            try:
                received = self._exchange(request, tries.count)
                status, who = received.status, "the account"
                seconds = tries.after(status, received.headers, _harmless(request, received))
            except AuthBusy as busy:
                # Only the login was sent, so any request may follow a second one.
                status, who = busy.status, "the login service"
                seconds = tries.after(status, busy.headers, not request.once, _LOGIN_WAIT)
                if seconds is None:
                    raise NotSent(f"{busy}{tries.told(pace.clock() - began)}") from None
            if seconds is None:
                tried = tries.told(pace.clock() - began)
                return understood(request, received, self._hint(request, received) + tried)
            asks = "asks for patience" if status == 429 else "cannot answer now"
            again = f"{who} {asks} ({status}); then {request.method} {request.path} is tried again"
            self._watch.answered()
            self._watch.waits(seconds, f"{again} ({tries.count} of {tries.most(status)} tries)")
            pace.wait(seconds)

    def _hint(self, request: Request, received: Received) -> str:
        """What else may be behind a refusal, with the next step: the clock, the session."""
        if received.status in (400, 401, 403):
            refused = received.content.find(b"timestamp_refused") >= 0
            if hint := clock_hint(self.clock_offset or 0.0, refused=refused):
                return hint
        own = None if request.anonymous else self._auth
        if received.status == 401 and isinstance(own, UserLogin) and own.ended:
            return SESSION_ENDED_AGAIN
        return ""

    def _exchange(self, request: Request, attempt: int = 1) -> Received:
        clock = self._pace.clock if self._pace else lambda: 0.0
        began, ended = clock(), "no answer"
        try:
            received = self._received(request, clock)
            ended = str(received.status)
            return received
        except NotSent:
            ended = "not sent"
            raise
        finally:
            self._watch.asked(request.method, request.path, ended, clock() - began, attempt)

    def _received(self, request: Request, clock: Callable[[], float]) -> Received:
        built = self._build(request)
        if request.cookies is not None:
            request.cookies.set_cookie_header(built)
        auth = None if request.anonymous else self._auth
        try:
            response = self._http.send(built, auth=auth, stream=True, follow_redirects=False)
            try:
                content = read(response, clock, longest=request.patience)
            finally:
                response.close()
        except _NOT_SENT as error:
            through = f" through {self.proxy}" if self.proxy else ""
            where = f"{error.request.url.host} cannot be reached{through}"
            raise NotSent(f"{request}: not sent: {where}: {trouble(error)}") from None
        except httpx.RequestError as error:
            if error.request.url != built.url:
                raise NotSent(f"{request}: not sent: no login: {trouble(error)}") from None
            self._count(request, 1)
            raise lost(request, f"no answer: {trouble(error)}") from None
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
        built.extensions["told"] = True
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
