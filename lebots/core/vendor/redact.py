"""Makes the words of servers and programs safe to show: short, escaped, without secrets.

The one place that decides whether foreign words are shown. It asks the registry of the run's
secrets (``Secret``), so no caller can forget one.
"""

import codecs
from collections.abc import Iterable, Iterator
from functools import lru_cache

from lebots.core.model.secret import REGISTRY
from lebots.core.quoting import quoted
from lebots.core.vendor.decoded import readings, squeezed

WITHHELD = "(its words hold a secret and are not shown)"

MAX_SHOWN = 300
"""Characters of foreign words that a message repeats."""

_SHORTEST = 8
"""Shorter values are words like "dummy", which stand in any text by chance."""
_WINDOW = 12
"""So many characters of a longer secret in a row are a part of it, and no chance."""
_ROT47 = {code: 33 + (code - 33 + 47) % 94 for code in range(33, 127)}


def contains_secret(text: str) -> bool:
    """Whether a secret of the run stands in the text, whole or in part, in any usual encoding."""
    secrets = [one for one in REGISTRY if len(one) >= _SHORTEST]
    if not secrets or len(text) < _SHORTEST:
        return False
    if any(one in text for one in secrets):
        return True
    found = readings(text)
    return any(form in found for form in _forms(secrets))


def safe_excerpt(text: str) -> str:
    """The words in quotes, on one line; others in their place if a secret is in them."""
    if contains_secret(text):
        return WITHHELD
    text = text.strip()
    if len(text) > MAX_SHOWN:
        text = text[:MAX_SHOWN].rstrip() + " ..."
    return quoted(text)


def _forms(secrets: Iterable[str]) -> Iterator[str]:
    for secret in secrets:
        yield from _forms_of(secret)


@lru_cache(maxsize=4096)
def _forms_of(secret: str) -> tuple[str, ...]:
    """What to look for in a reading: each part that cannot be there by chance."""
    turned = (secret, codecs.encode(secret, "rot13"), secret.translate(_ROT47))
    return tuple(
        dict.fromkeys(
            window
            for one in turned
            for way in (one, one[::-1])
            for window in _windows(squeezed(way), "".join(way.split()))
        )
    )


def _windows(form: str, whole: str) -> Iterator[str]:
    if len(form) < _SHORTEST:
        # Mostly signs, which are squeezed out.
        yield from (whole,) if len(whole) >= _SHORTEST else ()
    elif len(form) < _WINDOW + 4:
        yield form
    else:
        yield from (form[at : at + _WINDOW] for at in range(len(form) - _WINDOW + 1))
