"""Commands to type: a shell takes them apart into the words they were made of."""

import pytest

from lebots.core.quoting import command


@pytest.mark.parametrize(
    ("word", "typed"),
    [
        ("plan", "plan"),
        ("two words", "'two words'"),
        ("日本", "'日本'"),
        ("a\nb", r"$'a\x0ab'"),
        ("it's\\{x}#", r"'it'\"'\"'s\{x}#'".replace(r"\"", '"')),
        ("a##b", r"$'a\x23\x23b'"),
        ("\udcff", r"$'\xff'"),
    ],
)
def test_a_word_is_typed_so_that_a_shell_reads_it_back(word: str, typed: str) -> None:
    assert command("lebots", word) == f"lebots {typed}"
