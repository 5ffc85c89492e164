"""Unquoted words: whatever YAML 1.1 reads as something else is never taken for text."""

import string
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lebots.files.yaml.scalars import is_text, plain
from tests.night import examples

words = st.one_of(
    st.text("0123456789_.:+-exob", min_size=1, max_size=8),
    st.text(string.ascii_letters, min_size=1, max_size=5),
    st.from_regex(r"\A[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\Z"),
)

_OLD: Any = yaml.SafeLoader("")


@given(words)
@settings(max_examples=examples(1000))
def test_text_is_text_to_every_reader(word: str) -> None:
    old = _OLD.resolve(yaml.ScalarNode, word, (True, False))
    if is_text(word):
        assert old == "tag:yaml.org,2002:str"


@given(words)
@example("0.0e0")
@settings(max_examples=examples(1000))
def test_a_number_is_the_same_number_to_json(word: str) -> None:
    value, complaint = plain(word)
    if complaint:
        assert value is None
    elif isinstance(value, int | float) and not isinstance(value, bool):
        assert yaml.safe_load(word) == value


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_every_number_of_18_digits_is_read(number: int) -> None:
    assert plain(str(number)) == (number, "")
