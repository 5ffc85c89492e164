"""What programs and servers say, made safe to repeat: short, escaped, and without any secret."""

import json
from collections.abc import Iterable

from lebots.core.vendor.redact import WITHHELD, quotes

MAX_SHOWN = 300
"""Characters of foreign words that a message repeats."""


def repeated(text: str, secrets: Iterable[str] = ()) -> str:
    """The words in quotes, on one line of ASCII; others in their place if a secret is in them."""
    if quotes(text, secrets):
        return WITHHELD
    text = text.strip()
    if len(text) > MAX_SHOWN:
        text = text[:MAX_SHOWN].rstrip() + " ..."
    return json.dumps(text)
