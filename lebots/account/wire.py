"""JSON as it travels: strict on the way in, secrets opened only on the way out."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn
from urllib.parse import parse_qs

from lebots import __version__
from lebots.core.model.secret import Secret
from lebots.core.vendor.redact import WITHHELD, contains_secret

USER_AGENT = f"lebots/{__version__}"

_DEEPEST = 50
_LONGEST_MESSAGE = 300
_MOST_DIGITS = 100
_MOST_NAMED = 10


def dumps(body: Any) -> bytes:
    """The bytes of a request body; the one place where a sealed secret is opened to be sent."""
    # Escaped to ASCII, since text cut inside an emoji can be carried in no other way.
    return json.dumps(body, separators=(",", ":"), default=_open).encode("ascii")


def loads(content: bytes) -> Any:
    """Parses an answer; raises ValueError, in words that quote nothing of it.

    Refused: anything but JSON in UTF-8, a key that stands twice, numbers that are not numbers or
    would lose digits, nesting deeper than any known answer has.
    """
    try:
        data = json.loads(
            content.decode(),
            object_pairs_hook=_object,
            parse_float=_float,
            parse_int=_int,
            parse_constant=_constant,
        )
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    except json.JSONDecodeError:
        raise ValueError("it is not JSON") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if _too_deep(data, _DEEPEST):
        raise ValueError("it is nested too deeply")
    return data


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


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


def _int(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError("a number has more digits than can be carried")
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    # A PUT sends every field back, so a number that loses digits here would be changed there.
    try:
        same = Decimal(text) == Decimal(repr(number))
    except ArithmeticError:
        same = False
    if not same:
        raise ValueError("a number has more digits than can be carried")
    return number


def _constant(text: str) -> NoReturn:
    raise ValueError("a number is not finite")


def _too_deep(value: Any, left: int) -> bool:
    if isinstance(value, dict):
        return left == 0 or any(_too_deep(item, left - 1) for item in value.values())
    if isinstance(value, list):
        return left == 0 or any(_too_deep(item, left - 1) for item in value)
    return False
