"""The three ways to act on an account, each behind httpx's ``Auth`` seam.

Every class attaches its credential only to hosts that the Domain API named and ``hosts`` accepted.
"""

from collections.abc import Callable, Generator
from typing import Any
from urllib.parse import urlencode

import httpx

from lebots.account.body import bound
from lebots.account.wire import dumps, loads, reason
from lebots.core.secret import Secret
from lebots.errors import AccountError, NotSent

_RENEW_EARLY = 60.0
_REFRESH_AFTER = 240.0
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}

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
            bound(response)
            self._take((yield self._ask()))
            _bear(request, self._token)
            yield request

    def __str__(self) -> str:
        return "acts as an OAuth 2 application, with no user and no session of its own"

    def _ask(self) -> httpx.Request:
        # In the body, never in the query: a URL ends up in logs (reference 2.2).
        form = {
            "client_id": self._id.reveal(),
            "client_secret": self._secret.reveal(),
            "grant_type": "client_credentials",
        }
        return httpx.Request(
            "POST",
            f"{self._host('sentinel')}/sentinel/api/v2/account/{self._account}/app/token",
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            content=urlencode(form).encode(),
        )

    def _take(self, response: httpx.Response) -> None:
        answer = _answer(_read(response), "no token for the OAuth 2 application")
        token, lasts = answer.get("access_token"), answer.get("expires_in", 0)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise AccountError("no token for the OAuth 2 application: the answer holds none")
        try:
            # Text in one client, a number in others (reference 2.2).
            seconds = float(lasts)
        except (TypeError, ValueError):
            seconds = 0.0
        self._token = Secret(token)
        self._ends = self._clock() + max(seconds - _RENEW_EARLY, 0.0)


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
        self._bearer, self._csrf = Secret(""), Secret("")
        self._cookies = httpx.Cookies()
        self._used = 0.0
        self.config: dict[str, Any] = {}
        """What the account says of the user: ``isAdmin``, ``userId``, ..."""

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Adds the bearer, logging in first, and again once if the session has ended."""
        fresh = not self._bearer.reveal()
        if fresh:
            self._take((yield self._login()))
        elif self._clock() - self._used > _REFRESH_AFTER:
            bound((yield self._with_session("refresh")))
        self._used = self._clock()
        _bear(request, self._bearer)
        response = yield request
        if response.status_code == 401 and not fresh:
            bound(response)
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
            request = self._with_session("logout")
            self._bearer = Secret("")
            http.send(request, auth=None, follow_redirects=False)

    def _login(self) -> httpx.Request:
        body = {"username": self._username, "password": self._password}
        return login_request(self._host, self._account, body)

    def _with_session(self, action: str) -> httpx.Request:
        return session_request(self._host, self._account, action, self._csrf, self._cookies)

    def _take(self, response: httpx.Response) -> None:
        answer = login_answer(_read(response))
        self._bearer, self._csrf = Secret(answer["bearer"]), Secret(str(answer.get("csrf", "")))
        self.config = answer["config"]
        self._cookies = httpx.Cookies()
        self._cookies.extract_cookies(response)


class OAuth1(httpx.Auth):
    """An OAuth 1 signature with an app key (reference 2.5): acts as the site.

    Past its end of life; for accounts that still have it. Needs the extra ``lebots[oauth1]``.
    """

    def __init__(
        self, app_key: Secret, secret: Secret, access_token: Secret, access_token_secret: Secret
    ) -> None:
        try:
            from oauthlib import oauth1
        except ImportError:
            raise AccountError("auth method oauth1 needs: pip install 'lebots[oauth1]'") from None
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


def login_request(host: Host, account: str, body: dict[str, Any]) -> httpx.Request:
    """The request of a login, of a user or of a bot (reference 8.1, 8.2)."""
    url = f"{host('agentVep')}/api/account/{account}/login"
    return httpx.Request("POST", url, params={"v": "1.3"}, headers=_JSON, content=dumps(body))


def session_request(
    host: Host, account: str, action: str, csrf: Secret, cookies: httpx.Cookies
) -> httpx.Request:
    """A refresh or logout: the csrf in the body, the session in the cookie (reference 8.1)."""
    url = f"{host('agentVep')}/api/account/{account}/{action}"
    request = httpx.Request(
        "POST", url, params={"v": "1.3"}, headers=_JSON, content=dumps({"csrf": csrf})
    )
    cookies.set_cookie_header(request)
    return request


def login_answer(response: httpx.Response) -> dict[str, Any]:
    """The answer of a login that worked; raises AccountError for any other."""
    answer = _answer(response, "login failed")
    config, bearer = answer.get("config"), answer.get("bearer")
    if not isinstance(config, dict) or not config.get("userId"):
        raise AccountError("login failed: the answer names no user")
    if not isinstance(bearer, str) or not bearer.isascii() or not bearer.isprintable():
        raise AccountError("login failed: the answer holds no bearer")
    return answer


_LOGIN_HINTS = {
    401: "; the account, the user or the credential is wrong (the account does not say which)",
    429: "; too many logins of this user: wait a while",
    451: "; LivePerson has blocked the account or the user: open a support case",
}


def _answer(response: httpx.Response, what: str) -> dict[str, Any]:
    status = response.status_code
    if not response.is_success:
        text = f"{what}: {status}{reason(response.content)}{_LOGIN_HINTS.get(status, '')}"
        if status == 429 or status >= 500:
            raise AuthBusy(text, status, response.headers)
        raise NotSent(text)
    try:
        answer = loads(response.content)
    except ValueError as error:
        raise AccountError(f"{what}: the answer is not usable: {error}") from None
    if not isinstance(answer, dict):
        raise AccountError(f"{what}: the answer has a foreign shape")
    return answer


def _read(response: httpx.Response) -> httpx.Response:
    bound(response)
    response.read()
    return response


def _bear(request: httpx.Request, token: Secret) -> None:
    request.headers["Authorization"] = f"Bearer {token.reveal()}"
