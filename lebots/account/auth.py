"""The three ways to act on an account, each behind httpx's ``Auth`` seam.

Every class attaches its credential only to hosts that the Domain API named and ``hosts`` accepted.
"""

import math
from collections.abc import Callable, Generator, Mapping
from typing import Any, TypeGuard
from urllib.parse import urlencode

import httpx

from lebots.account.body import bound
from lebots.account.telling.trouble import SESSION_ENDED
from lebots.account.wire import USER_AGENT, dumps, login_reason
from lebots.core.model.secret import Secret, know
from lebots.core.strict_json import loads
from lebots.core.vendor.seal import seal
from lebots.errors import AccountError, NotSent
from lebots.install import adding

_RENEW_EARLY = 60.0
_REFRESH_AFTER = 240.0
_JSON = "application/json"
_TOKENS = ("access_token", "id_token", "refresh_token", "bearer", "csrf")
_VERSION = {"v": "1.3"}
_PATIENCE = 30.0
# A run that ends must not wait for an answer that changes nothing.
_LAST_PATIENCE = 5.0

Host = Callable[[str], str]
"""Service name to base URL; raises AccountError."""


class AuthBusy(NotSent):
    """The login service asks for patience; what the login was for has not been sent."""

    def __init__(self, message: str, status: int, headers: httpx.Headers) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


Flow = Generator[httpx.Request, httpx.Response, None]


class ClientCredentials(httpx.Auth):
    """OAuth 2 client credentials at Sentinel v2 (reference 2.2): acts as the application.

    The token is renewed a minute before it ends and once on a 401.
    """

    def __init__(
        self,
        account: str,
        client_id: Secret,
        client_secret: Secret,
        host: Host,
        clock: Callable[[], float],
    ) -> None:
        self._account, self._host, self._clock = account, host, clock
        self._id, self._secret = client_id, client_secret
        self._token = Secret("")
        self._ends = 0.0

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Adds the bearer, fetching a token first where there is none that lasts."""
        fresh = self._clock() >= self._ends
        if fresh:
            self._take((yield self._ask()))
        _bear(request, self._token)
        response = yield request
        if response.status_code == 401 and not fresh:
            bound(response, self._clock)
            self._take((yield self._ask()))
            _bear(request, self._token)
            yield request

    def __str__(self) -> str:
        return "acts as an OAuth 2 application, with no user and no session of its own"

    def is_application(self, id_: str) -> bool:
        """Whether the application of this id is the one that logs in."""
        return self._id.reveal() == id_

    def _ask(self) -> httpx.Request:
        # In the body, never in the query: a URL ends up in logs (reference 2.2).
        url = f"{self._host('sentinel')}/sentinel/api/v2/account/{self._account}/app/token"
        form = {
            "client_id": self._id.reveal(),
            "client_secret": self._secret.reveal(),
            "grant_type": "client_credentials",
        }
        return _post(url, urlencode(form).encode(), kind="application/x-www-form-urlencoded")

    def _take(self, response: httpx.Response) -> None:
        answer = _answer(_read(response, self._clock), "no token for the OAuth 2 application")
        token = answer.get("access_token")
        if not _usable(token):
            raise AccountError("no token for the OAuth 2 application: the answer holds none")
        self._token = token
        self._ends = self._clock() + _lasts(answer.get("expires_in"))


class UserLogin(httpx.Auth):
    """A user's name and password (reference 2.3, 8): acts as that user until ``logout``.

    Logging in ends every other session of the user, so it must be one of lebots' own.
    """

    def __init__(
        self,
        account: str,
        username: Secret,
        password: Secret,
        host: Host,
        clock: Callable[[], float],
    ) -> None:
        self._account, self._host, self._clock = account, host, clock
        self._username, self._password = username, password
        self.ended = False
        """Whether a session of this run ended before its time."""
        self.say: Callable[[str], None] = lambda text: None
        """Told once that one did."""
        self._bearer, self._csrf = Secret(""), Secret("")
        self._cookies = httpx.Cookies()
        self._refreshed = 0.0
        self.config: dict[str, Any] = {}
        """What the account says of the user: ``isAdmin``, ``userId``, ..."""

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Adds the bearer, logging in first, and again once if the session has ended."""
        fresh = not self._bearer.reveal()
        if fresh:
            self._take((yield self._login()))
        elif self._clock() - self._refreshed > _REFRESH_AFTER:
            self._keep(_read((yield self._with_session("refresh")), self._clock))
        _bear(request, self._bearer)
        response = yield request
        if response.status_code == 401 and not fresh:
            bound(response, self._clock)
            if not self.ended:
                self.say(SESSION_ENDED)
            self.ended = True
            self._take((yield self._login()))
            _bear(request, self._bearer)
            yield request

    def __str__(self) -> str:
        admin = self.config.get("isAdmin") in (True, "true")
        rights = "an administrator" if admin else "no administrator: applications may be refused"
        return f"acts as user {self.config.get('userId', 'unknown')}, {rights}"

    def logout(self, http: httpx.Client) -> None:
        """Ends the session; one that cannot be ended runs out by itself (reference 8.6)."""
        if self._bearer.reveal():
            request = self._with_session("logout", _LAST_PATIENCE)
            self._bearer = Secret("")
            # What comes back changes nothing, so it is not read: it may have no end.
            http.send(request, auth=None, stream=True, follow_redirects=False).close()

    def _login(self) -> httpx.Request:
        url = f"{self._host('agentVep')}/api/account/{self._account}/login"
        body = {"username": self._username, "password": self._password}
        return _post(url, dumps(body), _VERSION)

    def _with_session(self, action: str, seconds: float = _PATIENCE) -> httpx.Request:
        url = f"{self._host('agentVep')}/api/account/{self._account}/{action}"
        # The csrf in the body, the session in the cookie (reference 8.1).
        request = _post(url, dumps({"csrf": self._csrf}), _VERSION, seconds=seconds)
        self._cookies.set_cookie_header(request)
        return request

    def _take(self, response: httpx.Response) -> None:
        answer = _logged_in(_read(response, self._clock))
        csrf = answer.get("csrf", "")
        self._bearer = answer["bearer"]
        self._csrf = csrf if isinstance(csrf, Secret) else Secret(str(csrf))
        self.config = answer["config"]
        self._cookies = httpx.Cookies()
        self._keep(response)

    def _keep(self, response: httpx.Response) -> None:
        self._cookies.extract_cookies(response)
        for cookie in self._cookies.jar:
            know(cookie.value or "")
        self._refreshed = self._clock()


class OAuth1(httpx.Auth):
    """An OAuth 1 signature with an app key (reference 2.5): acts as the site.

    Past its end of life; for accounts that still have it. Needs the extra ``oauth1``.
    """

    def __init__(
        self, app_key: Secret, secret: Secret, access_token: Secret, access_token_secret: Secret
    ) -> None:
        try:
            from oauthlib import oauth1
        except ImportError:
            raise AccountError(f"auth method oauth1 needs: {adding('oauth1')}") from None
        self._client = oauth1.Client(
            app_key.reveal(),
            client_secret=secret.reveal(),
            resource_owner_key=access_token.reveal(),
            resource_owner_secret=access_token_secret.reveal(),
            signature_method=oauth1.SIGNATURE_HMAC_SHA1,
        )

    def __str__(self) -> str:
        return "acts for the site with an OAuth 1 key, which is past its end of life"

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Signs the request with a nonce of its own."""
        method: Any = request.method
        _, headers, _ = self._client.sign(str(request.url), http_method=method)
        request.headers["Authorization"] = headers["Authorization"]
        yield request


def _logged_in(response: httpx.Response) -> dict[str, Any]:
    """The answer of a login that worked; raises AccountError for any other."""
    answer = _answer(response, "login failed")
    config = answer.get("config")
    if not isinstance(config, dict) or not config.get("userId"):
        raise AccountError("login failed: the answer names no user")
    if not _usable(answer.get("bearer")):
        raise AccountError("login failed: the answer holds no bearer")
    return answer


_LOGIN_HINTS = {
    401: "; the account, the user or the credential is wrong (the account does not say which)",
    429: "; too many logins of this user: wait a while",
    451: "; LivePerson has blocked the account or the user: open a support case",
}


def _answer(response: httpx.Response, what: str) -> dict[str, Any]:
    """The answer with its tokens sealed; raises AccountError with status and known codes alone."""
    status = response.status_code
    if not response.is_success:
        why = login_reason(response.content)
        text = f"{what}: {status}{why}{_LOGIN_HINTS.get(status, '')}"
        if status == 429 or status >= 500:
            raise AuthBusy(text, status, response.headers)
        raise NotSent(text)
    try:
        answer = loads(response.content)
    except ValueError as error:
        raise AccountError(f"{what}: the answer is not usable: {error}") from None
    if not isinstance(answer, dict):
        raise AccountError(f"{what}: the answer has a foreign shape")
    return seal(answer, _TOKENS)


def _read(response: httpx.Response, clock: Callable[[], float]) -> httpx.Response:
    bound(response, clock)
    response.read()
    return response


def _usable(token: Any) -> TypeGuard[Secret]:
    if not isinstance(token, Secret) or not token:
        return False
    return token.reveal().isascii() and token.reveal().isprintable()


def _lasts(sent: Any) -> float:
    """Seconds a token is used for; one whose end is not told is good until a 401."""
    try:
        # Text in one client, a number in others (reference 2.2).
        seconds = float(sent)
    except (TypeError, ValueError):
        return math.inf
    return max(seconds - _RENEW_EARLY, 0.0) if seconds > 0 else math.inf


def _post(
    url: str,
    content: bytes,
    params: Mapping[str, str] | None = None,
    kind: str = _JSON,
    seconds: float = _PATIENCE,
) -> httpx.Request:
    """A request of a login, whole: httpx gives what an Auth makes no header and no timeout."""
    return httpx.Request(
        "POST",
        url,
        params=params and dict(params),
        headers={"Content-Type": kind, "Accept": _JSON, "User-Agent": USER_AGENT},
        content=content,
        extensions={"timeout": httpx.Timeout(seconds).as_dict()},
    )


def _bear(request: httpx.Request, token: Secret) -> None:
    request.headers["Authorization"] = f"Bearer {token.reveal()}"
