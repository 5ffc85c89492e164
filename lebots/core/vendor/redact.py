"""Makes the words of servers and programs safe to show: short, escaped, without secrets."""

import base64
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from lebots.core.quoting import quoted

WITHHELD = "(its words hold a secret and are not shown)"

MAX_SHOWN = 300
"""Characters of foreign words that a message repeats."""

# Shorter values are words like "dummy", which stand in any text by chance.
_SHORTEST = 8


def contains_secret(text: str, secrets: Iterable[str]) -> bool:
    """Whether any of the secrets stands in the text, as it is or as usual encodings write it."""
    return any(form in text for secret in secrets for form in _forms(secret))


def safe_excerpt(text: str, secrets: Iterable[str] = ()) -> str:
    """The words in quotes, on one line; others in their place if a secret is in them."""
    if contains_secret(text, secrets):
        return WITHHELD
    text = text.strip()
    if len(text) > MAX_SHOWN:
        text = text[:MAX_SHOWN].rstrip() + " ..."
    return quoted(text)


def _forms(secret: str) -> Iterator[str]:
    """The secret as it is, and as the usual encodings would write it."""
    if len(secret) < _SHORTEST:
        return
    yield secret
    yield json.dumps(secret)[1:-1]
    yield quote(secret, safe="", errors="surrogatepass")
    yield quote_plus(secret, errors="surrogatepass")
    raw = secret.encode("utf-8", "surrogatepass")
    yield raw.hex()
    yield raw.hex().upper()
    for before in range(3):
        # Whatever stands before it, one of three shifts of its base64 form would be seen.
        for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
            shifted = alphabet(b"\0" * before + raw).decode()
            whole = shifted[4 : (before + len(raw)) // 3 * 4]
            if len(whole) >= _SHORTEST:
                yield whole
