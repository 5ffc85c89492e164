"""The form of an answer, and what a path of the account leads to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from werkzeug.wrappers import Request, Response

from lebots.sandbox.errors import ApiError, ErrorStyle, error_body
from lebots.sandbox.http.faults import Strike
from lebots.sandbox.objects.records import dumps
from lebots.sandbox.objects.resource import Context

SERVED = "lebots.served"
"""In the WSGI environment of a request that came from another process."""

IN_CLEAR = "lebots.in_clear"
"""In the environment of a request that came over plain HTTP to a server of HTTPS."""

_ACCOUNT_ID = re.compile(r"[a-zA-Z0-9_]{1,20}")


@dataclass(frozen=True)
class Visit:
    """One request on its way: what its path says, and what faults are injected into it."""

    request: Request
    values: Mapping[str, str]
    strike: Strike


@dataclass(frozen=True)
class Route:
    """What a path leads to: who answers it, in which form it refuses, and if also `IN_CLEAR`."""

    answer: Callable[[Visit], Response]
    style: ErrorStyle
    in_clear: bool = False


class Service(Protocol):
    """One of the vendor's services."""

    def routes(self) -> Iterator[tuple[str, Route]]:
        """Its paths, as Werkzeug writes them."""


def json_answer(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Response:
    """JSON, or nothing at all for None."""
    if body is None:
        return Response(b"", status, headers)
    return Response(dumps(body), status, headers, content_type="application/json")


def refusal(context: Context, error: ApiError, style: ErrorStyle) -> Response:
    """What a refused request gets."""
    if error.status in (204, 304):
        return json_answer(error.status, None, error.headers)
    if error.text is not None:
        form = "application/x-www-form-urlencoded"
        return Response(error.text, error.status, error.headers, content_type=form)
    body = error_body(error, style, context.now(), context.timestamp())
    return json_answer(error.status, body, error.headers)


def check_account(
    context: Context, own: str, given: str, foreign_status: int | None = None
) -> None:
    """Refuses the id of another account, and what is no id (3.4)."""
    if not _ACCOUNT_ID.fullmatch(given):
        raise ApiError(400, f"Invalid account id: {given}")
    if given != own:
        status = foreign_status or context.rules.foreign_account_status
        raise ApiError(status, f"Unknown account: {given}")
