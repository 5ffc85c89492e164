"""Whether foreign words repeat a secret: in every usual form, but not by chance."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from lebots.core.vendor.redact import quotes

SECRET = 'c4n4ry/+"ü 0f-4-s3cr3t'
RAW = SECRET.encode()


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        json.dumps(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        RAW.hex(),
        RAW.hex().upper(),
        *(base64.b64encode(b"user"[:n] + RAW + b"!").decode() for n in range(4)),
        *(base64.urlsafe_b64encode(b"user"[:n] + RAW + b"!").decode() for n in range(4)),
    ],
)
def test_a_secret_is_seen_in_every_usual_form(form: str) -> None:
    assert quotes(f"cannot store {form} here", ["other words", SECRET])
    assert not quotes(f"cannot store {form} here", ["other words"])


def test_a_secret_that_is_half_a_character_is_seen_too() -> None:
    secret = "\ud800" + SECRET
    assert quotes(f"cannot store {secret} here", [secret])
    assert quotes(quote(secret, safe="", errors="surrogatepass"), [secret])


@pytest.mark.parametrize(
    ("secret", "seen"), [("dummy", False), ("7 chars", False), ("8 chars!", True)]
)
def test_what_is_shorter_than_eight_characters_is_a_word_like_any_other(
    secret: str, seen: bool
) -> None:
    assert quotes(f"no {secret} here", [secret]) is seen
    assert not quotes("nothing of it here", [secret])
