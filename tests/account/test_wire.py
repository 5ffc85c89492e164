"""JSON as it travels: strict on the way in, secrets opened only on the way out."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.account.wire import dumps, reason
from lebots.core.model.secret import Secret
from lebots.core.strict_json import loads
from tests.toys import law

CANARY = "canary-4711"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "not JSON", id="nothing"),
        pytest.param(b"<html>canary-4711</html>", "not JSON", id="HTML"),
        pytest.param(b'{"pin": "canary-4711"', "not JSON", id="cut short"),
        pytest.param(b'{"pin": "canary-4711"} x', "not JSON", id="more behind it"),
        pytest.param(b"{'pin': 1}", "not JSON", id="single quotes"),
        pytest.param(b'["a\nb"]', "not JSON", id="raw line break in text"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', "not JSON", id="byte order mark"),
        pytest.param('{"a": "canary-4711é"}'.encode("latin-1"), "not UTF-8", id="Latin-1"),
        pytest.param('{"a": 1}'.encode("utf-16"), "not UTF-8", id="UTF-16"),
        pytest.param(b'["\xed\xa0\x80"]', "not UTF-8", id="half a character in bytes"),
        pytest.param(b'{"a": "canary-4711", "a": 2}', "stands twice", id="key twice"),
        pytest.param(b'[{"b": {"a": 1, "\\u0061": 2}}]', "stands twice", id="key twice, escaped"),
        pytest.param(b"[NaN]", "not finite", id="NaN"),
        pytest.param(b"[-Infinity]", "not finite", id="infinity"),
        pytest.param(b"1e400", "more digits", id="larger than any float"),
        pytest.param(b"1e-400", "more digits", id="smaller than any float"),
        pytest.param(b"1e9999999999999999999", "more digits", id="an absurd exponent"),
        pytest.param(b"1e-9999999999999999999", "more digits", id="an absurd small one"),
        pytest.param(b"0.1234567890123456789", "more digits", id="digits a float cannot hold"),
        pytest.param(b"9007199254740993.0", "more digits", id="a float next to a whole number"),
        pytest.param(b"9" * 101, "more digits", id="a number nobody needs"),
        pytest.param(b"9" * 5000, "more digits", id="a number Python refuses"),
        pytest.param(b"[" * 51 + b"]" * 51, "too deeply", id="51 lists"),
        pytest.param(b'{"a":' * 51 + b"1" + b"}" * 51, "too deeply", id="51 objects"),
        pytest.param(b"[" * 200_000, "too deeply", id="a bomb"),
    ],
)
def test_what_is_refused_and_never_quoted(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words) as raised:
        loads(content)
    assert CANARY not in str(raised.value)
    assert raised.value.__suppress_context__ or not raised.value.__context__


@pytest.mark.parametrize(
    ("content", "value"),
    [
        pytest.param(b"null", None, id="null"),
        pytest.param(b" [1] \n", [1], id="blanks around"),
        pytest.param(b"9223372036854775807", 2**63 - 1, id="ids of 64 bits"),
        pytest.param(
            b"123456789012345678901234567890", 123456789012345678901234567890, id="larger"
        ),
        pytest.param(b"1.0", 1.0, id="a float that is whole"),
        pytest.param(b"1E5", 100000.0, id="exponent"),
        pytest.param(b"0.1", 0.1, id="a float"),
        pytest.param(b"-0.0", -0.0, id="minus zero"),
        pytest.param(b"-0", 0, id="whole minus zero"),
        pytest.param('"é"'.encode(), "é", id="UTF-8"),
        pytest.param(b'"\\u00e9"', "é", id="escaped"),
        pytest.param(b'"\\ud83d\\ude00"', "\U0001f600", id="surrogates in a pair"),
        pytest.param(b'"\\ud83d"', "\ud83d", id="text cut inside an emoji"),
        pytest.param(b"[" * 50 + b"]" * 50, json.loads("[" * 50 + "]" * 50), id="50 deep"),
    ],
)
def test_what_is_kept(content: bytes, value: Any) -> None:
    found = loads(content)
    assert found == value
    assert type(found) is type(value)
    assert repr(found) == repr(value)


REFUSALS = {
    "",
    "it is not UTF-8",
    "it is not JSON",
    "it is nested too deeply",
    "a name stands twice",
    "a number is not finite",
    "a number has more digits than can be carried",
}

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=()), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@law
@given(values)
def test_what_was_read_is_sent_back_as_it_was(value: Any) -> None:
    sent = dumps(value)
    assert repr(loads(sent)) == repr(value), "no number changes its type, no text its characters"
    assert dumps(loads(sent)) == sent


@law
@given(st.binary(max_size=40) | st.text('{}[]",:0e.-\\unaN ', max_size=40).map(str.encode))
def test_any_bytes_are_a_value_or_a_value_error(content: bytes) -> None:
    words = ""
    try:
        dumps(loads(content))
    except ValueError as error:
        words = str(error)
    assert words in REFUSALS
    reason(content)


def test_a_sealed_secret_is_opened_only_to_be_sent() -> None:
    assert dumps({"pin": Secret(CANARY), "id": 1}) == b'{"pin":"canary-4711","id":1}'


def test_what_is_no_json_cannot_be_sent() -> None:
    with pytest.raises(TypeError, match="set cannot be sent"):
        dumps({"pin": {1}})


# Why a request was refused


@pytest.mark.parametrize(
    ("content", "text"),
    [
        pytest.param(
            b'{"time":"2026-10-01 08:00:00","message":"Invalid value","internalCode":17,'
            b'"responseStatus":"BAD_REQUEST","fields":["loginName"]}',
            " Invalid value (internalCode 17) (fields: loginName)",
            id="users and skills",
        ),
        pytest.param(
            b'{"error":{"time":1790000000000,"message":"Bad csrf","internalCode":10,'
            b'"responseStatus":"UNAUTHORIZED"}}',
            " Bad csrf (internalCode 10)",
            id="login service",
        ),
        pytest.param(
            b'{"time":1790000000000,"message":"Bad token","internalCode":23}',
            " Bad token (internalCode 23)",
            id="other services",
        ),
        pytest.param(
            b'{"error":"invalid_client","error_description":"Unknown client"}',
            " Unknown client",
            id="OAuth 2",
        ),
        pytest.param(b'{"error":"invalid_client"}', " invalid_client", id="OAuth 2, short"),
        pytest.param(
            b"oauth_problem=token_rejected&oauth_problem_advice=Unknown%20token",
            " token_rejected: Unknown token",
            id="OAuth 1",
        ),
        pytest.param(b"oauth_problem=nonce_used", " nonce_used", id="OAuth 1, short"),
        pytest.param(b'{"message":"No","fields":[]}', " No", id="no fields"),
        pytest.param(b'{"message":"No","fields":"all"}', " No", id="fields of another shape"),
        pytest.param(
            b'{"type":"skill-dependencies","message":"In use","users":[{"id":7}],"skills":[],'
            b'"engagements":[{"id":8},9],"widgets":"all"}',
            " In use (still used by users 7, engagements 8, 9)",
            id="a skill in use",
        ),
        pytest.param(
            b'{"type":"skill-dependencies","users":' + str(list(range(12))).encode() + b"}",
            " (still used by users 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more)",
            id="a skill in much use",
        ),
        pytest.param(b'{"message":"No","users":[{"id":7}]}', " No", id="another list"),
        pytest.param(b'{"internalCode":0}', " (internalCode 0)", id="a code alone"),
        pytest.param(b'{"message":{"a":1},"internalCode":[1]}', "", id="other types"),
        pytest.param(b"<html><body>message=No</body></html>", "", id="HTML"),
        pytest.param(b"Forbidden", "", id="plain text"),
        pytest.param(b"", "", id="nothing"),
        pytest.param(b"[1]", "", id="a list"),
        pytest.param(b'"No"', "", id="text"),
        pytest.param(b"null", "", id="null"),
        pytest.param(b"\xff\xfe", "", id="no text at all"),
    ],
)
def test_the_reason_in_every_shape_of_the_vendor(content: bytes, text: str) -> None:
    assert str(reason(content)) == text


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("a\nb\r\x1b[31m", r"a\nb\r\x1b[31m"),
        ("\u202eevil\u200b", r"\u202eevil\u200b"),
        ("\ud83d", r"\ud83d"),
        ("\U000e0041", r"\U000e0041"),
        ("plain é", "plain é"),
    ],
)
def test_foreign_words_are_shown_without_control_characters(message: str, shown: str) -> None:
    found = reason(json.dumps({"message": message, "fields": [message]}).encode())
    assert (found.message, found.fields) == (shown, (shown,))
    used = {"type": "x-dependencies", message: [{"id": message}]}
    assert reason(json.dumps(used).encode()).dependants == (f"{shown} {shown}",)
    form = reason(b"oauth_problem=a%0Ab")
    assert form.message == r"a\nb"


def test_a_long_reason_is_cut() -> None:
    assert len(reason(json.dumps({"message": "x" * 100_000}).encode()).message) == 300
