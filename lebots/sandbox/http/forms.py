"""The form of a request: its verb, its parameters, its body, the authority it came to."""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Any
from urllib.parse import parse_qsl, urlencode

from werkzeug.wrappers import Request

from lebots.sandbox.errors import ApiError
from lebots.sandbox.objects.fields import Json, parse_json

_LOOPBACK = re.compile(r"(([a-z0-9-]+\.)*localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?")
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_SECRET_PARAMETERS = frozenset(
    {
        "access_token",
        "accessToken",
        "accessTokenSecret",
        "assertion",
        "bearer",
        "client_assertion",
        "client_secret",
        "code",
        "csrf",
        "oauth_signature",
        "oauth_token",
        "password",
        "refresh_token",
        "secret",
        "token",
    }
)
# Bearers and secrets are 64 hex digits, access tokens JWTs. Clients put them even into paths (8.6).
_SECRET_TEXT = re.compile(r"[0-9A-Fa-f]{64}|eyJ[\w-]+\.[\w-]+\.[\w-]*")
HIDDEN = "***"


def only(request: Request, *methods: str) -> None:
    """Refuses every verb but these."""
    if request.method not in methods:
        refuse_method(request.method, methods)


def refuse_method(method: str, allowed: tuple[str, ...] | list[str]) -> None:
    """The answer to a verb that a path does not have."""
    raise ApiError(405, f"{method} is not allowed here", headers={"Allow": ", ".join(allowed)})


def parameters(request: Request, known: Set[str]) -> dict[str, str]:
    """The query; a parameter that nobody knows is refused, so that a typo does not go unseen."""
    for name, values in request.args.lists():
        if name not in known:
            raise ApiError(400, f"Unknown parameter: {name}", [name])
        if len(values) > 1:
            raise ApiError(400, f"Parameter given twice: {name}", [name])
    return request.args.to_dict()


def version(sent: str | None, *known: str, name: str = "v") -> None:
    """Refuses another version than these; none is fine."""
    if sent is not None and sent not in known:
        raise ApiError(400, f"Invalid version: {sent}", [name])


def json_object(request: Request) -> Json:
    """The body, which must be one JSON object."""
    try:
        body: Any = parse_json(request.get_data())
    except ValueError as error:
        raise ApiError(400, f"Invalid body: {error}") from None
    if not isinstance(body, dict):
        raise ApiError(400, "The body must be a JSON object")
    return body


def authority(request: Request) -> str:
    """The host, with its port if it was given, that the client has sent this request to."""
    sent = str(request.environ.get("HTTP_HOST", ""))
    if not _AUTHORITY.fullmatch(sent):
        raise ApiError(400, "The Host header names no host")
    return sent


def on_loopback(request: Request) -> bool:
    """Whether the client meant this machine: a page of elsewhere that leads a browser here did not.

    A client that names no host is no browser.
    """
    sent = str(request.environ.get("HTTP_HOST", "localhost")).lower()
    return _LOOPBACK.fullmatch(sent) is not None


def without_secrets(path: str, query: str) -> str:
    """Path and query as they may be noted down."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if any(name in _SECRET_PARAMETERS for name, _ in pairs):
        shown = [(name, HIDDEN if name in _SECRET_PARAMETERS else value) for name, value in pairs]
        query = urlencode(shown, safe="*$")
    return _SECRET_TEXT.sub(HIDDEN, f"{path}?{query}" if query else path)
