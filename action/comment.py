"""One comment on a pull request that is kept up to date, and never anybody else's."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

TIMEOUT: Final = 10.0
"""Seconds a request may take to connect, and to go on."""
_PAGE: Final = 100
_PAGES: Final = 50
"""Twice the 2,500 comments that GitHub takes on one pull request."""
_LARGEST: Final = 64 << 20
_MOST_NODES: Final = 4_000_000
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class NotCommented(Exception):
    """The comment could not be written; the message quotes nothing of any answer."""


@dataclass(frozen=True)
class PullRequest:
    """A pull request at the API of its host, as one author sees it.

    ``api`` is the address of the API, ``repository`` is OWNER/NAME, ``author`` the login whose
    comments are ours. Raises NotCommented where an address is not one to send a token to.
    """

    api: str
    repository: str
    number: int
    author: str
    token: str

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.api)
            local = parts.scheme == "http" and parts.hostname in _LOOPBACK
        except ValueError:
            raise NotCommented("GITHUB_API_URL is no address") from None
        if not (local or (parts.scheme == "https" and parts.hostname)) or parts.username:
            raise NotCommented("GITHUB_API_URL is no https address")
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", self.repository, re.ASCII):
            raise NotCommented("GITHUB_REPOSITORY is not OWNER/NAME")

    def keep(self, mark: str, text: str, *, new: bool = True) -> None:
        """Makes ``mark`` and ``text`` our one comment that begins with the line ``mark``.

        Without ``new`` a comment is only changed, never made. Raises NotCommented.
        """
        found = next((one for one in self._comments() if self._is_ours(one, mark)), None)
        body = {"body": f"{mark}\n{text}"}
        if found:
            self._ask("PATCH", f"issues/comments/{found['id']}", body)
        elif new:
            self._ask("POST", f"issues/{self.number}/comments", body)

    def _is_ours(self, comment: Any, mark: str) -> bool:
        match comment:
            case {"id": int(), "body": str(body), "user": {"login": self.author}}:
                return body.split("\n", 1)[0].rstrip("\r") == mark
        return False

    def _comments(self) -> Iterator[Any]:
        for page in range(1, _PAGES + 1):
            query = f"per_page={_PAGE}&page={page}"
            comments = self._ask("GET", f"issues/{self.number}/comments?{query}")
            if not isinstance(comments, list):
                raise NotCommented("GitHub answered with something that is no list of comments")
            yield from comments
            if len(comments) < _PAGE:
                return

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        request = Request(  # noqa: S310 - https or loopback, see __post_init__
            f"{self.api.rstrip('/')}/repos/{self.repository}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "User-Agent": "lebots",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            # Made by hand: a ready-made context writes session keys where SSLKEYLOGFILE says.
            context = SSLContext(PROTOCOL_TLS_CLIENT)
            context.load_default_certs()
            opener = build_opener(_NoRedirect, HTTPSHandler(context=context))
            with opener.open(request, timeout=TIMEOUT) as answer:
                return _parsed(answer.read(_LARGEST))
        except HTTPError as error:
            error.close()
            raise NotCommented(
                f"GitHub answered {error.code}{_HINTS.get(error.code, '')}"
            ) from None
        except (OSError, HTTPException, ValueError, RecursionError) as error:
            raise NotCommented(f"GitHub cannot be asked: {type(error).__name__}") from None


def _parsed(content: bytes) -> Any:
    if sum(map(content.count, (b",", b"[", b"{"))) > _MOST_NODES:
        raise ValueError("too many values")
    return json.loads(content)


_HINTS: Final = {
    401: ": the token is not valid",
    403: ": the job needs `permissions: pull-requests: write`",
    404: ": the token cannot see this pull request",
    422: ": the comment was not taken",
}


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would take the token to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None
