"""A request, what came back, and what that means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx

from lebots.account.body import LONGEST
from lebots.account.wire import Reason, login_reason, reason
from lebots.core.model.secret import SecretBytes
from lebots.core.strict_json import loads
from lebots.errors import AccountError, Conflict, OutcomeUnknown, Rejected

# Sibling collections document 409, the user and skill pages no status at all (reference 3.3).
_STALE = frozenset({304, 409, 412})
# Sent as If-Match, these two would write over everybody else's edits (reference 3.3).
_FORCED = frozenset({"-1", "*"})
_PAGE = (
    "; a web page answered in place of the account: a proxy or a login page of your network stands "
    "between; name the proxy as accounts.NAME.proxy in lebots.yaml, or run where there is none"
)
_PROXY_LOGIN = (
    "; the proxy wants a login, which lebots never sends: let it pass this machine without one"
)
_REVISION = re.compile(r"[!#-~]+")


@dataclass(frozen=True, slots=True)
class Request:
    """One call: where it goes and what it carries; ``body`` may hold sealed secrets."""

    method: str
    service: str
    path: str
    query: Mapping[str, str]
    body: Any = None
    headers: Mapping[str, str] | None = None
    anonymous: bool = False
    """Sent without any credential of the run."""
    once: bool = False
    """Never sent a second time, whatever the answer."""
    cookies: httpx.Cookies | None = None
    """A session's own: sent along, and those of the answer kept."""
    asks: bool = False
    """Whether it changes nothing, whatever its method is."""
    patience: float = LONGEST
    """Seconds it may take as a whole."""

    @property
    def logs_in(self) -> bool:
        """Whether it carries a login, whose answer may repeat it."""
        return self.anonymous and self.once

    @property
    def writes(self) -> bool:
        """Whether the call can change the account."""
        return self.method != "GET" and not self.asks

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: parsed JSON (None where the body was empty) and the collection's revision."""

    data: Any = field(repr=False)
    revision: str


class Received(NamedTuple):
    """An answer as it came; no traceback shows it."""

    status: int
    headers: httpx.Headers
    content: SecretBytes

    def __repr__(self) -> str:
        return f"Received({self.status}, {self.content!r})"


def understood(request: Request, received: Received, hint: str = "") -> Answer:
    """The answer to a request; raises AccountError or one of its kin, with the hint."""
    page = _PAGE if received.content.lstrip()[:1] == b"<" else ""
    if not 200 <= received.status < 300:
        why = login_reason if request.logs_in else reason
        more = _PROXY_LOGIN if received.status == 407 else page
        raise _refusal(request, received.status, why(received.content), f"{more}{hint}")
    return Answer(_data(request, received.content, page), _revision(received.headers))


def _data(request: Request, content: SecretBytes, page: str) -> Any:
    if not content and request.writes:
        return None
    try:
        return loads(content)
    except ValueError as error:
        if page:
            raise lost(request, f"the answer is not usable{page}") from None
        # A body cut short without a length header arrives as an ordinary 2xx.
        raise lost(request, f"the answer is not usable: {error}") from None


def _revision(headers: httpx.Headers) -> str:
    """The collection's revision: ``ac-revision``, else ``ETag`` (reference 3.2), if usable."""
    value = headers.get("ac-revision") or headers.get("etag") or ""
    revision = value.removeprefix("W/").strip('"')
    return revision if _REVISION.fullmatch(revision) and revision not in _FORCED else ""


def _refusal(request: Request, status: int, why: Reason, more: str) -> AccountError:
    text = f"{request}: {status}{why}{more}"
    stale = request.writes and request.method != "POST" and status in _STALE
    # The status of a delete that is refused because of dependants is not known (reference 4.3), and
    # no fields are wrong where only the revision is.
    if stale and not (why.dependants or why.fields):
        return Conflict(text, status, why.fields)
    if status >= 500 or status == 408 or status < 400 or (request.writes and why.foreign):
        return lost(request, f"{status}{why}{more}")
    return Rejected(text, status, why.fields, foreign=why.foreign)


def lost(request: Request, why: str) -> AccountError:
    """What to raise where nobody knows whether the account has seen a request."""
    if request.writes:
        return OutcomeUnknown(f"{request}: {why}; it may or may not have happened")
    return AccountError(f"{request}: {why}")
