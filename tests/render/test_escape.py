"""Untrusted text is shown so that it can neither hide nor act."""

import pytest
from hypothesis import given

from lebots.core.model.value import Value
from lebots.render.escape import quoted, value, visible
from tests.render.hostile import assert_harmless, is_command, law, texts, values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", '""'),
        ("plain", '"plain"'),
        ("Zoë 漢字 🤖", '"Zoë 漢字 🤖"'),
        ('say "hi"', r'"say \"hi\""'),
        ("back\\slash", r'"back\\slash"'),
        ("\\u200b", r'"\\u200b"'),
        ("zero\u200bwidth", r'"zero\u200bwidth"'),
        ("two\nlines\r\tx", r'"two\nlines\r\tx"'),
        ("\x1b[31mred\x9b", r'"\u001b[31mred\u009b"'),
        ("\0\x7f", r'"\u0000\u007f"'),
        ("next\x85line", r'"next\u0085line"'),
        ("\u2028\u2029", r'"\u2028\u2029"'),
        ("evil\u202etxt.exe\u2066", r'"evil\u202etxt.exe\u2066"'),
        ("no\xa0break\u3000", r'"no\u00a0break\u3000"'),
        ("fillers\u3164\u115f\u2800", r'"fillers\u3164\u115f\u2800"'),
        ("tags\U000e0041", r'"tags\U000e0041"'),
        ("selector\ufe0f\U000e0100", r'"selector\ufe0f\U000e0100"'),
        ("unassigned\u0378", r'"unassigned\u0378"'),
        ("private\ue000", r'"private\ue000"'),
        ("surrogate\ud800", r'"surrogate\ud800"'),
        ("##[error]x", r'"\u0023#[error]x"'),
        ("###[x]", r'"#\u0023#[x]"'),
        ("##vso[x]", r'"\u0023#vso[x]"'),
        ("## heading", '"## heading"'),
        ("a::b", '"a::b"'),
    ],
)
def test_quoted(text: str, expected: str) -> None:
    assert quoted(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('skill "a" has one bot', 'skill "a" has one bot'),
        ("already \\u200b escaped", "already \\u200b escaped"),
        ("two\nlines", r"two\nlines"),
        ("::error::x", r"\u003a:error::x"),
        ("  ::error::x", r"  \u003a:error::x"),
        ("\t::error::x", r"\t::error::x"),
        ("\xa0::error::x", r"\u00a0::error::x"),
        (":", ":"),
        ("a ::b::", "a ::b::"),
    ],
)
def test_visible(text: str, expected: str) -> None:
    assert visible(text) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (1, "1"),
        (1.0, "1.0"),
        (-2.5, "-2.5"),
        ("a", '"a"'),
        ([], "[]"),
        (["a", 1, None], '["a", 1, null]'),
        (("a",), '["a"]'),
        ({}, "{}"),
        ({"a": {"b": [True]}}, '{"a": {"b": [true]}}'),
        ({"a\n": "\u200b"}, r'{"a\n": "\u200b"}'),
    ],
)
def test_value(content: Value, expected: str) -> None:
    assert value(content) == expected


@law
@given(texts)
def test_nothing_hides_and_nothing_acts(text: str) -> None:
    assert_harmless(quoted(text))
    assert_harmless(visible(text))


@law
@given(values)
def test_no_value_hides_or_acts(content: Value) -> None:
    assert_harmless(value(content))


@law
@given(texts, texts)
def test_different_texts_look_different(one: str, other: str) -> None:
    assert (quoted(one) == quoted(other)) == (one == other)


@law
@given(texts)
def test_making_visible_twice_is_making_visible_once(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(
    "line",
    ["::error::x", "  ::error::x", "\u2003::x::", "text ##[error]x", "##vso[a]b"],
)
def test_the_rule_for_commands_finds_commands(line: str) -> None:
    assert is_command(line)
