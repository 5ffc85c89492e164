"""A secret that can be recognised wherever it shows up, however it was encoded on its way."""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from random import Random
from urllib.parse import quote, quote_plus

CANARY = 'Ki"\\/+&%<ü>?~=' + "c4n4ryQ7mVx2Lw9ZtB8s"
"""Unguessable; its first half looks different in every encoding, its second half in few."""

PERSONAL = "p3rs0nalR5kHv8Jd"
"""The same for values that are no secrets but belong to somebody."""


class _Number(int):
    """The number a secret is made of; drawn, it is the canary."""

    def __format__(self, spec: str) -> str:
        return CANARY + super().__format__(spec)


class Chance(Random):
    """Chance that makes every secret of a sandbox recognisable; each is another one."""

    def getrandbits(self, k: int) -> int:
        number = super().getrandbits(k)
        return _Number(number) if k == 256 else number


def forms(secret: str) -> Iterator[bytes]:
    """The secret as it is, and as encodings would hide it."""
    raw = secret.encode()
    for text in (secret, secret[::-1], *_escaped(secret)):
        yield text.encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for before in range(3):
        # Whatever stands before it, one of three shifts of its base64 form would be seen.
        for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
            yield alphabet(b"x" * before + raw)[4 : (before + len(raw)) // 3 * 4]


def _escaped(secret: str) -> Iterator[str]:
    percent = "".join(f"%{byte:02X}" for byte in secret.encode())
    for text in (quote(secret, safe=""), quote(secret), quote_plus(secret), percent):
        yield from (text, re.sub("%..", lambda found: found[0].lower(), text))
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield json.dumps(json.dumps(secret))[3:-3]
    yield "".join(f"\\u{ord(character):04x}" for character in secret)
    yield from (repr(secret)[1:-1], repr(secret.encode())[2:-1])
    yield from (html.escape(secret), html.escape(secret, quote=False))


HALVES = (CANARY[:14], CANARY[14:])

_FORMS = frozenset(form for half in HALVES for form in forms(half))


def hits(places: Iterable[tuple[str, str | bytes]]) -> list[str]:
    """The places in which the canary stands, in any form; of each its name and what is there."""
    found = []
    for place, content in places:
        raw = content if isinstance(content, bytes) else content.encode(errors="backslashreplace")
        if any(form in raw for form in _FORMS):
            found.append(place)
    return found
