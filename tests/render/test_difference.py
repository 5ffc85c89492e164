"""Differences of texts: the lines that differ and those around them, everything visible."""

import pytest
from hypothesis import given

from lebots.render.plain.file_difference import MAX_LINES, unified
from tests.render.hostile import assert_harmless, law, texts


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("", "", []),
        ("a\nb\n", "a\nb\n", []),
        ("", "a\n", ["@@ -0,0 +1 @@", "+a"]),
        ("a\nb\n", "a\nc\n", ["@@ -1,2 +1,2 @@", " a", "-b", "+c"]),
        ("a", "a\n", ["@@ -1 +1 @@", "-a", "\\ No newline at end of file", "+a"]),
        ("a\r\n", "a\n", ["@@ -1 +1 @@", "-a\\r", "+a"]),
        ("\ufeffa\n", "a\n", ["@@ -1 +1 @@", "-\\ufeffa", "+a"]),
        (
            "1\n2\n3\n4\n5\n6\n7\n8\n",
            "1\n2\n3\n4\n5\n6\n7\n9\n",
            ["@@ -5,4 +5,4 @@", " 5", " 6", " 7", "-8", "+9"],
        ),
        (
            "::a\n\x1b[31m ##[b]\n",
            "::a\n",
            ["@@ -1,2 +1 @@", " \\u003a:a", "-\\u001b[31m \\u0023#[b]"],
        ),
    ],
)
def test_unified(before: str, after: str, lines: list[str]) -> None:
    expected = ["--- a.yaml", "+++ a.yaml", *lines] if lines else []
    assert unified(before, after, "a.yaml").split("\n") == (expected or [""])


def test_texts_that_would_take_long_are_not_compared() -> None:
    long = "".join(f"{number}\n" for number in range(MAX_LINES))
    assert unified(long, long + "x\n", "a.yaml").split("\n") == [
        "--- a.yaml",
        "+++ a.yaml",
        "\\ more than 10000 lines: what differs is not shown",
    ]
    assert unified(long + "x\n", long + "x\n", "a.yaml") == ""
    assert unified(long, "x" + long, "a.yaml").endswith("\n-0\n+x0\n 1\n 2\n 3")


@given(texts, texts, texts)
@law
def test_nothing_in_a_text_can_act_or_hide(before: str, after: str, name: str) -> None:
    assert_harmless(unified(before, after, name))
