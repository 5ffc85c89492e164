"""Requests to the API of a host of code, with a token that goes nowhere else."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException
from ssl import PROTOCOL_TLS_CLIENT, SSLCertVerificationError, SSLContext
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
    build_opener,
)

from action.comment import AskLater, NotCommented

TIMEOUT: Final = 10.0
"""Seconds a request may take to connect, and to go on."""
_PAGE: Final = 100
_PAGES: Final = 50
"""Twice the 2,500 comments that GitHub takes on one pull request."""
_LARGEST: Final = 64 << 20
_MOST_NODES: Final = 4_000_000
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_REDIRECTS: Final = 3


@dataclass(frozen=True)
class Host:
    """The API of a host; ``name`` and ``variable`` are for messages.

    Raises NotCommented where the address is not one to send a token to.
    """

    name: str
    variable: str
    api: str
    headers: Mapping[str, str]

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.api)
            local = parts.scheme == "http" and parts.hostname in _LOOPBACK
        except ValueError:
            raise NotCommented(f"{self.variable} is no address") from None
        if not (local or (parts.scheme == "https" and parts.hostname)) or parts.username:
            raise NotCommented(f"{self.variable} is no https address")

    def pages(self, path: str) -> Iterator[Any]:
        """All items of a list."""
        for page in range(1, _PAGES + 1):
            items = self.ask("GET", f"{path}per_page={_PAGE}&page={page}")
            if not isinstance(items, list):
                raise NotCommented(f"{self.name} answered with something that is no list")
            yield from items
            if len(items) < _PAGE:
                return

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """What it answers; raises NotCommented, or AskLater where that may help."""
        address = f"{self.api.rstrip('/')}/{path}"
        for _ in range(_REDIRECTS):
            answer = self._once(method, address, body)
            if not isinstance(answer, _Moved):
                return answer
            address = answer.to
        raise NotCommented(f"{self.name} redirects for ever")

    @cached_property
    def _opener(self) -> OpenerDirector:
        # Made by hand: a ready-made context writes session keys where SSLKEYLOGFILE says.
        context = SSLContext(PROTOCOL_TLS_CLIENT)
        context.load_default_certs()
        return build_opener(_NoRedirect, HTTPSHandler(context=context))

    def _once(self, method: str, address: str, body: object) -> Any:
        request = Request(  # noqa: S310 - https or loopback, see __post_init__
            address,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "User-Agent": "lebots", **self.headers},
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                return _parsed(answer.read(_LARGEST))
        except HTTPError as error:
            with error:
                return self._refused(method, address, error)
        except OSError as error:
            what = f"{self.name} cannot be asked: {type(error).__name__}"
            if isinstance(getattr(error, "reason", error), SSLCertVerificationError):
                raise NotCommented(f"{what}: its certificate is not trusted") from None
            raise AskLater(what) from None
        except (HTTPException, ValueError, RecursionError) as error:
            raise NotCommented(f"{self.name} cannot be asked: {type(error).__name__}") from None

    def _refused(self, method: str, address: str, error: HTTPError) -> "_Moved | None":
        code, headers = error.code, error.headers
        if code in (301, 302, 307, 308) and (to := headers.get("Location")):
            moved = urljoin(address, to)
            # A redirect to another host would take the token there.
            if urlsplit(moved)[:2] == urlsplit(address)[:2]:
                return _Moved(moved)
        what = f"{self.name} answered {code}"
        if code == 429 or (code == 403 and _is_limit(error)):
            raise AskLater(f"{what}: too many requests", _seconds(headers.get("Retry-After")))
        if code >= 500:
            raise AskLater(what, _seconds(headers.get("Retry-After")))
        if code in (404, 410) and method == "DELETE":
            return None
        if code in (404, 410) and method in ("PATCH", "PUT"):
            raise AskLater(f"{what}: the comment is gone", 0.0)
        raise NotCommented(what + _HINTS.get(code, ""))


@dataclass(frozen=True)
class _Moved:
    to: str


def _is_limit(error: HTTPError) -> bool:
    """Whether a 403 stands for too many requests, and not for a missing right."""
    if "Retry-After" in error.headers or error.headers.get("X-RateLimit-Remaining") == "0":
        return True
    return b"rate limit" in error.read(1 << 16).lower()


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdecimal() else None


def _parsed(content: bytes) -> Any:
    if sum(map(content.count, (b",", b"[", b"{"))) > _MOST_NODES:
        raise ValueError("too many values")
    return json.loads(content) if content.strip() else None


_HINTS: Final = {
    401: ": the token is not valid",
    403: ": the token may not comment there",
    404: ": the token cannot see it",
    422: ": the comment was not taken",
}


class _NoRedirect(HTTPRedirectHandler):
    """Followed by hand, if at all."""

    def redirect_request(self, *_: Any) -> None:
        return None
