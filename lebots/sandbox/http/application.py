"""The WSGI application: from a request to the service that answers it, with faults on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from email.utils import formatdate
from functools import cache
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from lebots.sandbox.errors import ApiError, ConnectionLost, ErrorStyle, SandboxError
from lebots.sandbox.http import forms
from lebots.sandbox.http.answers import IN_CLEAR, SERVED, Route, Service, Visit, refusal
from lebots.sandbox.http.configuration import Configuration
from lebots.sandbox.http.faults import Body, Fault, Faults, Strike
from lebots.sandbox.http.hosts import Hosts
from lebots.sandbox.http.lag import History
from lebots.sandbox.http.metrics import Metrics
from lebots.sandbox.logins.access import Access
from lebots.sandbox.logins.login import Login
from lebots.sandbox.logins.sentinel import Sentinel
from lebots.sandbox.logins.sessions import Sessions, Tokens
from lebots.sandbox.objects.resource import Context
from lebots.sandbox.page.page import Page

NO_ANSWER = 0
"""Noted as the status of a request whose connection broke."""

_NOTED = 1000
"""Requests that are still known where there is no end of them."""

_ELSEWHERE = "https://elsewhere.invalid"
_LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body>"
_FOREIGN = b'{"status":"ok","items":{"next":null}}'


class _Request(Request):
    """A request with a limit to its size."""

    max_content_length = 64 * 1024 * 1024


class Application:
    """The WSGI application. Requests pass one at a time, so any threaded server may call it."""

    def __init__(
        self,
        context: Context,
        account: str,
        *,
        authenticate: bool,
        lock: threading.RLock,
    ) -> None:
        self._context = context
        self._lock = lock
        self.sleep: Callable[[float], None] = time.sleep
        """How an injected latency waits."""
        self._faults = Faults()
        sessions, tokens = Sessions(context), Tokens(context)
        self._access = Access(context, sessions, tokens)
        self._history = History(context)
        self._configuration = Configuration(
            context, account, self._access, self._history, authenticate=authenticate
        )
        services: tuple[Service, ...] = (
            self._configuration,
            Hosts(context, account),
            Sentinel(context, account, tokens),
            Login(context, account, sessions),
            Metrics(context, account, self._access, authenticate=authenticate),
            Page(context, account),
        )
        self._routes = {path: route for service in services for path, route in service.routes()}
        self._paths = _map(tuple(self._routes)).bind("sandbox.invalid")
        self.requests: list[tuple[str, str, int]] = []

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults in force."""
        return self._faults.all

    @property
    def lags(self) -> bool:
        """Whether any fault makes lists lag."""
        return self._faults.lag

    def inject(self, faults: Sequence[Fault]) -> None:
        """Puts these faults in force, in place of those there are; counting starts anew."""
        self._faults = Faults(faults)
        self._history.clear()
        self._configuration.remembers = self._faults.lag

    def forget(self) -> None:
        """Ends every login and token."""
        self._access.clear()
        self._history.clear()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = _Request(environ)
        try:
            request.get_data()  # now, so that a slow client keeps nobody else waiting
        except HTTPException as error:
            return error(environ, start_response)
        with self._lock:
            strike = self._faults.strike(request.method, request.path)
        if strike.latency:
            self.sleep(strike.latency)
        with self._lock:
            status = NO_ANSWER
            try:
                response = self._respond(request, strike)
                status = response.status_code
            finally:
                query = request.query_string.decode("latin-1")
                noted = forms.without_secrets(request.path, query)
                self.requests.append((request.method, noted, status))
                if SERVED in environ:
                    del self.requests[:-_NOTED]
        return response(environ, start_response)

    def _respond(self, request: Request, strike: Strike) -> Response:
        if strike.reset == "before":
            raise ConnectionLost("injected fault: reset before the request was carried out")
        style: ErrorStyle = "flat"
        try:
            route, values = self._route(request)
            style = route.style
            response = self._injected(request, strike, "before", style)
            if response is None:
                response = route.answer(Visit(request, values, strike))
                response = self._injected(request, strike, "after", style) or response
        except ApiError as error:
            response = refusal(self._context, error, style)
        except HTTPException as error:
            refused = ApiError(error.code or 400, str(error.description))
            response = refusal(self._context, refused, style)
        except ConnectionLost:
            raise
        except Exception as error:
            response = refusal(self._context, self._failed(request, error), style)
        if strike.reset == "after":
            raise ConnectionLost("injected fault: reset after the request was carried out")
        return response if strike.body is None else _with_body(response, strike.body)

    def _failed(self, request: Request, error: Exception) -> ApiError:
        """The answer where the file is at fault; in process, a read raises `SandboxError` instead.

        There is no use in asking again, as clients do after such an answer.
        """
        complaint = self._context.store.complaint(error)
        if complaint is None:
            raise error
        if request.method == "GET" and SERVED not in request.environ:
            raise SandboxError(f"the account's file {complaint}") from None
        return ApiError(500, f"The account's file {complaint}")

    def _route(self, request: Request) -> tuple[Route, dict[str, str]]:
        route, values = None, dict[str, str]()
        with suppress(HTTPException):
            path, found = self._paths.match(request.path)
            route, values = self._routes[path], dict(found)
        if SERVED in request.environ and not forms.on_loopback(request):
            raise ApiError(421, "Served for loopback only: localhost, 127.0.0.1 or [::1]")
        if IN_CLEAR in request.environ and not (route and route.in_clear):
            raise ApiError(400, "Plain HTTP is for the Domain API only: send this over HTTPS")
        if route is None:
            raise ApiError(404, f"There is nothing at {request.path}")
        return route, values

    def _injected(
        self, request: Request, strike: Strike, at: Any, style: ErrorStyle
    ) -> Response | None:
        """The answer of a fault that stands in for the account's."""
        fault = strike.answering(at)
        if fault is None or fault.status is None:
            return None
        headers = {}
        if fault.retry_after is not None:
            headers["Retry-After"] = self._retry_after(fault.retry_after)
        if 300 <= fault.status < 400:
            headers["Location"] = f"{_ELSEWHERE}{request.full_path.rstrip('?')}"
        return refusal(
            self._context, ApiError(fault.status, "Injected fault", headers=headers), style
        )

    def _retry_after(self, sent: str) -> str:
        kind, _, seconds = sent.partition(":")
        if kind == "date" and seconds.lstrip("-").isdigit():
            return formatdate(self._context.now() + int(seconds), usegmt=True)
        return sent


@cache
def _map(paths: tuple[str, ...]) -> Map:
    """The paths, made ready once for all accounts of the process: that takes Werkzeug long."""
    return Map([Rule(path, endpoint=path) for path in paths], merge_slashes=False)


def _with_body(response: Response, body: Body) -> Response:
    """The answer with another body; status and headers stay. What has none gets none."""
    if response.status_code in (204, 304):
        return response
    if body == "html":
        response.set_data(_LOGIN_PAGE)
        response.content_type = "text/html; charset=utf-8"
    elif body == "foreign":
        response.set_data(_FOREIGN)
    elif body == "empty":
        response.set_data(b"")
    else:
        whole = response.get_data()
        response.set_data(whole[: len(whole) // 2])
    return response
