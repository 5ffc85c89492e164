"""Foreign words in messages: short, escaped, and withheld where a secret is in them."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.credentials.hearsay import MAX_SHOWN, repeated

SECRET = 'c4n4ry/+"ü 0f-4-s3cr3t'
RAW = SECRET.encode()


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
    assert repeated(text) == shown


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
    assert repeated(f"cannot store {form} here", ["other", SECRET]) == (
        "(its words hold a secret and are not shown)"
    )
    assert "cannot" in repeated("cannot store it here", ["other", SECRET])


def test_a_secret_after_the_shown_part_withholds_them_too() -> None:
    assert "not shown" in repeated("x" * (MAX_SHOWN - 4) + SECRET, [SECRET])


def test_a_word_that_is_no_secret_does_not() -> None:
    assert repeated("no dummy here", ["dummy"]) == '"no dummy here"'


@given(st.text(), st.text(min_size=8), st.text())
def test_nothing_of_it_gets_out(before: str, secret: str, after: str) -> None:
    shown = repeated(before + secret + after, [secret])
    assert shown == "(its words hold a secret and are not shown)"


@given(st.text())
def test_what_is_shown_is_printable(text: str) -> None:
    assert repeated(text).isprintable()
    assert repeated(text).isascii()
