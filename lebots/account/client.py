"""Requests to one account over httpx, and what their answers mean.

Everything a caller may have to decide on is in the class of the error (``lebots.errors``): nothing
was sent, the account said no, the revision was stale, or nobody knows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from lebots import __version__
from lebots.account.wire import Reason, dumps, loads, reason
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


@dataclass(frozen=True, slots=True)
class Request:
    """One call: where it goes and what it carries; ``body`` may hold sealed secrets."""

    method: str
    service: str
    path: str
    query: Mapping[str, str]
    body: Any = None
    headers: Mapping[str, str] | None = None

    @property
    def writes(self) -> bool:
        """Whether the call can change the account."""
        return self.method != "GET"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: parsed JSON (None where the body was empty) and the collection's revision."""

    data: Any
    revision: str


class Client:
    """One account behind one ``httpx.Client``, which brings transport, credentials and timeouts.

    ``host`` gives the base URL of a service by its name in the Domain API.
    """

    def __init__(self, account: str, http: httpx.Client, host: Callable[[str], str]) -> None:
        self.account = account
        self._http = http
        self._host = host

    def send(self, request: Request) -> Answer:
        """Sends one request and returns its answer; raises AccountError or one of its kin."""
        try:
            response = self._http.send(self._build(request), follow_redirects=False)
        except _NOT_SENT as error:
            raise NotSent(f"{request}: not sent: {_words(error)}") from None
        except httpx.TransportError as error:
            raise _lost(request, f"no answer: {_words(error)}") from None
        if not response.is_success:
            raise _refusal(request, response.status_code, reason(response.content))
        return Answer(_data(request, response), _revision(response.headers))

    def _build(self, request: Request) -> httpx.Request:
        headers = {
            "Accept": "application/json",
            "User-Agent": f"lebots/{__version__}",
            **(request.headers or {}),
        }
        content = None
        if request.body is not None:
            headers["Content-Type"] = "application/json"
            content = dumps(request.body)
        url = self._host(request.service) + request.path
        return self._http.build_request(
            request.method, url, params=dict(request.query), headers=headers, content=content
        )


def _data(request: Request, response: httpx.Response) -> Any:
    if not response.content and request.writes:
        return None
    try:
        return loads(response.content)
    except ValueError as error:
        # A body cut short without a length header arrives as an ordinary 2xx.
        raise _lost(request, f"the answer is not usable: {error}") from None


def _revision(headers: httpx.Headers) -> str:
    """The collection's revision: ``ac-revision``, else ``ETag`` (reference 3.2)."""
    value = headers.get("ac-revision") or headers.get("etag") or ""
    return value.removeprefix("W/").strip('"')


def _refusal(request: Request, status: int, why: Reason) -> AccountError:
    text = f"{request}: {status}{why}"
    if request.writes and request.method != "POST" and status in _STALE:
        return Conflict(text, status, why.fields)
    if status >= 500 or status == 408 or 300 <= status < 400:
        return _lost(request, f"{status}{why}")
    return Rejected(text, status, why.fields)


def _lost(request: Request, why: str) -> AccountError:
    if request.writes:
        return OutcomeUnknown(f"{request}: {why}; it may or may not have happened")
    return AccountError(f"{request}: {why}")


def _words(error: httpx.TransportError) -> str:
    # The text of a transport error can quote what was sent; the class alone tells enough.
    return type(error).__name__
