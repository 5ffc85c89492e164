"""What can go wrong: the account's file (`SandboxError`), and a request (`ApiError`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

# The vendor publishes no list of internal codes (3.5); only 17 stands in a sample (10.17).
_INTERNAL_CODES = {400: 17, 401: 23}
_OTHER_CODE = 40


class SandboxError(Exception):
    """The account cannot be opened or changed from outside. The text is one line for people."""


class ApiError(Exception):
    """A request the account refuses. Whatever the request staged is rolled back, unless `keep`."""

    def __init__(
        self,
        status: int,
        message: str,
        fields: Sequence[str] = (),
        *,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        keep: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.fields = tuple(fields)
        self.body = body
        self.headers = dict(headers or {})
        self.keep = keep


def flat_body(error: ApiError, timestamp: str) -> dict[str, Any]:
    """An error of account configuration (3.5, 10.17) [C]: flat, time as text, `fields` if any."""
    if error.body is not None:
        return dict(error.body)
    body: dict[str, Any] = {
        "time": timestamp,
        "message": error.message,
        "internalCode": _INTERNAL_CODES.get(error.status, _OTHER_CODE),
        "responseStatus": HTTPStatus(error.status).name,
    }
    if error.fields:
        body["fields"] = list(error.fields)
    return body


def service_body(error: ApiError, milliseconds: int) -> dict[str, Any]:
    """An error of the other services (3.5, 10.17) [D]: flat, time in epoch milliseconds."""
    code = _INTERNAL_CODES.get(error.status, _OTHER_CODE)
    return {"time": milliseconds, "message": error.message, "internalCode": code}
