"""OAuth 1.0a signatures (2.5), checked by hand after RFC 5849.

The clients under test sign with a library; a mistake in it would go unseen if it also checked.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlsplit

_PAIR = re.compile(r'\s*([A-Za-z_.~-]+)="([^"]*)"\s*')
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PROTOCOL = frozenset(
    {
        "oauth_consumer_key",
        "oauth_token",
        "oauth_signature_method",
        "oauth_signature",
        "oauth_timestamp",
        "oauth_nonce",
        "oauth_version",
    }
)


@dataclass(frozen=True)
class Secrets:
    """What both sides know of a key; two-value signing has no token."""

    consumer: str
    token: str = ""


def parse(header: str) -> dict[str, str]:
    """The parameters of an `Authorization: OAuth ...` header; `ValueError` if it is malformed."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "oauth":
        raise ValueError("no OAuth header")
    found: dict[str, str] = {}
    for part in rest.split(","):
        pair = _PAIR.fullmatch(part)
        if not pair:
            raise ValueError("malformed OAuth header")
        name, value = unquote(pair[1]), unquote(pair[2])
        if name in found:
            raise ValueError(f"{name} given twice")
        found[name] = value
    found.pop("realm", None)
    unknown = sorted(found.keys() - _PROTOCOL)
    if unknown:
        raise ValueError(f"unknown {', '.join(unknown)}")
    return found


def base_string(method: str, url: str, query: str, oauth: Iterable[tuple[str, str]]) -> str:
    """The text that is signed (RFC 5849, 3.4.1); `url` without query, as the client wrote it."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    if parts.port not in (None, _DEFAULT_PORTS.get(parts.scheme)):
        host = f"{host}:{parts.port}"
    pairs = [*parse_qsl(query, keep_blank_values=True), *oauth]
    encoded = sorted(
        (_encoded(name), _encoded(value)) for name, value in pairs if name != "oauth_signature"
    )
    normal = "&".join(f"{name}={value}" for name, value in encoded)
    where = f"{parts.scheme.lower()}://{host}{parts.path or '/'}"
    return "&".join(_encoded(part) for part in (method.upper(), where, normal))


def signature(text: str, secrets: Secrets) -> str:
    """HMAC-SHA1 of a base string, the only method the vendor's clients use (2.5)."""
    key = f"{_encoded(secrets.consumer)}&{_encoded(secrets.token)}"
    digest = hmac.digest(key.encode(), text.encode(), hashlib.sha1)
    return base64.b64encode(digest).decode()


def _encoded(text: str) -> str:
    """RFC 5849, 3.6: everything but the unreserved characters."""
    return quote(text, safe="~")
