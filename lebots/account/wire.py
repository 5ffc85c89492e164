"""JSON as it travels: strict on the way in, secrets opened only on the way out."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from lebots import __version__
from lebots.core.model.secret import Secret
from lebots.core.quoting import listed
from lebots.core.strict_json import loads, loads_or_none
from lebots.core.vendor.redact import WITHHELD, contains_secret

USER_AGENT = f"lebots/{__version__}"

_LONGEST_MESSAGE = 300
_LONGEST_CODE = 6
_LOOKED_AT = 64 * 1024
"""Bytes of an answer in which secrets are looked for, beside the words that are shown."""
_OAUTH2_ERRORS = frozenset(
    {
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
"""RFC 6749, 5.2."""
_MOST_NAMED = 10


def dumps(body: Any) -> bytes:
    """The bytes of a request body; the one place where a sealed secret is opened to be sent."""
    # Escaped to ASCII, since text cut inside an emoji can be carried in no other way.
    return json.dumps(body, separators=(",", ":"), default=_open).encode("ascii")


class Reason(NamedTuple):
    """Why a request was refused, out of any of the vendor's error shapes (reference 3.5)."""

    message: str = ""
    code: str = ""
    fields: tuple[str, ...] = ()
    dependants: tuple[str, ...] = ()
    """What still uses an object that cannot be deleted for that reason."""
    foreign: bool = False
    """Not in any shape of the vendor, so something in between may have spoken."""

    def __str__(self) -> str:
        text = f" {self.message}" if self.message else ""
        text += f" (internalCode {self.code})" if self.code else ""
        text += f" (fields: {', '.join(self.fields)})" if self.fields else ""
        return text + (f" (still used by {', '.join(self.dependants)})" if self.dependants else "")


def reason(content: bytes) -> Reason:
    """What an error body says; empty for a shape nobody has seen, such as a proxy's HTML page.

    Its words are withheld where a secret of the run stands in the answer.
    """
    said = _said(content)
    shown = str(said)
    if shown and contains_secret(f"{shown} {content[:_LOOKED_AT].decode(errors='replace')}"):
        return said._replace(message=WITHHELD, code="", fields=(), dependants=())
    return said


def login_reason(content: bytes) -> Reason:
    """Of an answer to a login, known codes alone: whatever else it says may be what was sent."""
    said = _said(content)
    known = said.code.isdecimal() and len(said.code) <= _LONGEST_CODE
    answer = loads_or_none(content)
    error = answer.get("error") if isinstance(answer, dict) else None
    error = error if isinstance(error, str) and error in _OAUTH2_ERRORS else ""
    return Reason(error, said.code if known else "", foreign=said.foreign)


def _said(content: bytes) -> Reason:
    try:
        data = loads(content)
    except ValueError:
        return _form_text(content)
    if not isinstance(data, dict):
        return Reason(foreign=True)
    inner = data.get("error")
    if isinstance(inner, dict):
        data = inner
    fields = data.get("fields")
    return Reason(
        message=_text(data.get("message") or data.get("error_description") or inner),
        code=_text(data.get("internalCode")),
        fields=tuple(_text(name) for name in fields) if isinstance(fields, list) else (),
        dependants=tuple(_dependants(data)),
    )


def _dependants(data: dict[str, Any]) -> Iterator[str]:
    """``engagements 7, 9``: what an answer about dependencies lists (reference 4.3, C)."""
    if not _text(data.get("type")).endswith("-dependencies"):
        return
    for name, items in data.items():
        if isinstance(items, list) and items:
            ids = [_text(item.get("id") if isinstance(item, dict) else item) for item in items]
            yield f"{_text(name)} {listed(ids, _MOST_NAMED)}"


def _form_text(content: bytes) -> Reason:
    """What the OAuth 1 layer says, in a form instead of JSON (reference 3.5)."""
    form = parse_qs(content[:2000].decode("ascii", "replace"))
    words = [form[name][0] for name in ("oauth_problem", "oauth_problem_advice") if name in form]
    return Reason(_text(": ".join(words)), foreign=bool(content.strip()) and not words)


def _text(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    text = str(value)[:_LONGEST_MESSAGE]
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _open(value: Any) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError(f"{type(value).__name__} cannot be sent")
