"""JSON as it travels: strict on the way in, secrets opened only on the way out."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from lebots import __version__
from lebots.core.model.secret import Secret
from lebots.core.strict_json import loads
from lebots.core.vendor.redact import WITHHELD, contains_secret

USER_AGENT = f"lebots/{__version__}"

_LONGEST_MESSAGE = 300
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


def revealed(body: Any) -> Iterator[str]:
    """The texts of the sealed secrets in a request body."""
    if isinstance(body, Secret):
        yield body.reveal()
    elif isinstance(body, Mapping):
        yield from revealed(list(body.values()))
    elif isinstance(body, Sequence) and not isinstance(body, str):
        for part in body:
            yield from revealed(part)


def reason(content: bytes, secrets: Iterable[str] = ()) -> Reason:
    """What an error body says; empty for a shape nobody has seen, such as a proxy's HTML page.

    Its words are withheld where one of the secrets that were sent stands in it.
    """
    said = _said(content)
    shown = str(said)
    if shown and contains_secret(f"{content.decode(errors='replace')} {shown}", secrets):
        return said._replace(message=WITHHELD, code="", fields=(), dependants=())
    return said


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
            more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
            yield f"{_text(name)} {', '.join(ids[:_MOST_NAMED])}{more}"


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
