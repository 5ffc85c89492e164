"""Foreign words in messages: short, escaped, and withheld where a secret is in them."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.vendor.redact import MAX_SHOWN, contains_secret, safe_excerpt

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
    assert contains_secret(f"cannot store {form} here", ["other words", SECRET])
    assert not contains_secret(f"cannot store {form} here", ["other words"])


def test_a_secret_that_is_half_a_character_is_seen_too() -> None:
    secret = "\ud800" + SECRET
    assert contains_secret(f"cannot store {secret} here", [secret])
    assert contains_secret(quote(secret, safe="", errors="surrogatepass"), [secret])


@pytest.mark.parametrize(
    ("secret", "seen"), [("dummy", False), ("7 chars", False), ("8 chars!", True)]
)
def test_what_is_shorter_than_eight_characters_is_a_word_like_any_other(
    secret: str, seen: bool
) -> None:
    assert contains_secret(f"no {secret} here", [secret]) is seen
    assert not contains_secret("nothing of it here", [secret])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", '""'),
        ("  no\n", '"no"'),
        ("a\nb\x1b[31m\u202e", '"a\\nb\\u001b[31m\\u202e"'),
        ("x" * 400, f'"{"x" * MAX_SHOWN} ..."'),
    ],
)
def test_words_are_shown_on_one_line(text: str, shown: str) -> None:
    assert safe_excerpt(text) == shown


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        json.dumps(SECRET),
        quote(SECRET, safe=""),
        RAW.hex(),
        RAW.hex().upper(),
        base64.b64encode(b"user:" + RAW).decode(),
        base64.b64encode(b"bots: " + RAW + b"!").decode(),
        base64.urlsafe_b64encode(b"x" + RAW).decode(),
    ],
)
def test_a_secret_in_any_usual_form_withholds_them(form: str) -> None:
    assert safe_excerpt(f"cannot store {form} here", ["other", SECRET]) == (
        "(its words hold a secret and are not shown)"
    )
    assert "cannot" in safe_excerpt("cannot store it here", ["other", SECRET])


def test_a_secret_after_the_shown_part_withholds_them_too() -> None:
    assert "not shown" in safe_excerpt("x" * (MAX_SHOWN - 4) + SECRET, [SECRET])


def test_a_word_that_is_no_secret_does_not() -> None:
    assert safe_excerpt("no dummy here", ["dummy"]) == '"no dummy here"'


@given(st.text(), st.text(min_size=8), st.text())
def test_nothing_of_it_gets_out(before: str, secret: str, after: str) -> None:
    shown = safe_excerpt(before + secret + after, [secret])
    assert shown == "(its words hold a secret and are not shown)"


@given(st.text())
def test_what_is_shown_is_printable(text: str) -> None:
    assert safe_excerpt(text).isprintable()


def test_letters_of_any_language_are_shown_as_they_are() -> None:
    assert safe_excerpt("kein Schlüssel") == '"kein Schlüssel"'
