"""What can go wrong: the account's file (`SandboxError`), and a request (`ApiError`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

# The vendor publishes no list of internal codes (3.5); only 17 stands in a sample (10.17).
_INTERNAL_CODES = {400: 17, 401: 23}
_OTHER_CODE = 40
_BAD_SESSION = 10  # of the login service, in sample 10.17
_OAUTH_ERRORS = {400: "invalid_request", 401: "invalid_client", 403: "access_denied"}

ErrorStyle = Literal["flat", "service", "nested", "oauth2"]
"""The shapes of an error body: account configuration, other services, login, tokens (3.5)."""


class SandboxError(Exception):
    """The account cannot be opened or changed from outside. The text is one line for people."""


class LibraryMissing(SandboxError):
    """What was asked for needs a library of the extra `serve`, which is not installed."""


class ConnectionLost(ConnectionResetError):
    """An injected fault: the connection breaks and there is no answer.

    The server turns it into a reset of the TCP connection. In process it reaches the caller of the
    application, who has to treat it as the broken connection that it stands for.
    """


class ApiError(Exception):
    """A request the account refuses. Whatever it staged is rolled back, unless `keep`."""

    def __init__(
        self,
        status: int,
        message: str,
        fields: Sequence[str] = (),
        *,
        body: Mapping[str, Any] | None = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.fields = tuple(fields)
        self.body = body
        self.text = text
        self.headers = dict(headers or {})
        self.keep = False
        """Whether what the request staged stands all the same."""


def error_body(error: ApiError, style: ErrorStyle, now: float, timestamp: str) -> dict[str, Any]:
    """The error as the service words it (3.5, 10.17); `now` in seconds, `timestamp` as text."""
    if error.body is not None:
        return dict(error.body)
    if style == "oauth2":
        word = _OAUTH_ERRORS.get(error.status, "server_error")
        return {"error": word, "error_description": error.message}
    milliseconds = int(now * 1000)
    code = _INTERNAL_CODES.get(error.status, _OTHER_CODE)
    if style == "service":
        return {"time": milliseconds, "message": error.message, "internalCode": code}
    body: dict[str, Any] = {
        "time": timestamp,
        "message": error.message,
        "internalCode": code,
        "responseStatus": HTTPStatus(error.status).name,
    }
    if style == "nested":
        code = _BAD_SESSION if error.status == 401 else code
        return {"error": body | {"time": milliseconds, "internalCode": code}}
    if error.fields:
        body["fields"] = list(error.fields)
    return body
