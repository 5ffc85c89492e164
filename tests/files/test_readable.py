"""What is called readable reads back the same, and what is not is refused by the reader."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.files.yaml.reader import MAX_NODES, MAX_SCALAR_BYTES, read
from lebots.files.yaml.unwritable_reason import complaint, nodes
from lebots.files.yaml.writer import write
from tests.toys import law

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@law
@given(st.dictionaries(st.text(max_size=4), values, max_size=4))
def test_the_reader_agrees(value: dict[str, Any]) -> None:
    why = complaint(value)
    # Half a character has no UTF-8, so that it cannot even be written.
    documents, findings = read(write(value).encode(errors="surrogatepass"), "m.yaml")
    assert bool(findings) is bool(why)
    if not why:
        assert [document.value for document in documents] == [value]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("plain", ""),
        ("two\nlines\tand a tab", ""),
        (10**18 - 1, ""),
        (-(10**18 - 1), ""),
        (None, ""),
        (True, ""),
        ("x" * MAX_SCALAR_BYTES, ""),
        ("bell\a", "the character U+0007 is a control character; remove it"),
        ("\u202e", "the character U+202E changes the direction of the text around it; remove it"),
        ("\ud83e", "the character U+D83E is half a character; remove it"),
        (10**18, "a number has at most 18 digits"),
        ("é" * (MAX_SCALAR_BYTES // 2 + 1), "a text has at most 4096 bytes"),
        (["a", {"b": ["bell\a"]}], "the character U+0007 is a control character; remove it"),
        ({"bell\a": 1}, "the character U+0007 is a control character; remove it"),
        ([0] * MAX_NODES, "it holds more than 10000 values"),
    ],
)
def test_complaints(value: Any, words: str) -> None:
    assert complaint(value) == words


@pytest.mark.parametrize("spare", [0, 1])
def test_as_many_values_as_the_reader_takes(spare: int) -> None:
    value = {"a": list(range(MAX_NODES - 3 + spare))}
    assert nodes(value) == MAX_NODES + spare
    documents, findings = read(write(value).encode(), "m.yaml")
    assert len(documents) == 1 - spare
    assert len(findings) == spare
    assert bool(complaint(value)) is bool(spare)
