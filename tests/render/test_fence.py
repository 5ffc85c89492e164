"""Untrusted text in a comment: fences nothing closes, and links and mentions that are dead."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.render.comment.fence import fence, inline, neutralised, plain
from lebots.render.escape import quoted, visible
from tests.render.comment import PARSER, dangers
from tests.render.corpus import CURATED
from tests.render.hostile import law, texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain", "plain"),
        ("@octocat", r"\u0040octocat"),
        ("a@b.example", r"a\u0040b.example"),
        ("\uff20x \ufe6bx", "\\uff20x \\ufe6bx"),
        ("#1", r"\u00231"),
        ("\uff031", r"\uff031"),
        ("https://x", r"https\u003a//x"),
        ("https\uff1a\uff0f\uff0fx", "https\\uff1a\uff0f\uff0fx"),
        ("a: /b", "a: /b"),
        ("www.x.example", r"www\u002ex.example"),
        ("GH-1", r"GH\u002d1"),
        ("gh-1", r"gh\u002d1"),
        ("high-priority", "high-priority"),
        ("&commat;x", r"\u0026commat;x"),
        ("&#64;x", r"\u0026\u002364;x"),
        ("&amp;#64;x", r"\u0026amp;\u002364;x"),
        ("&ampcommat;x", r"\u0026ampcommat;x"),
        ("\uff06commat;x", r"\uff06commat;x"),
        ("R&D, AT&T; a && b", "R&D, AT&T; a && b"),
        ("`" * 9, "`" * 9),
        ("`" * 11, "`" * 9 + r"\u0060\u0060"),
    ],
)
def test_what_links_is_broken(text: str, expected: str) -> None:
    assert neutralised(text) == expected


@law
@given(texts | st.text() | st.sampled_from(CURATED))
def test_what_is_broken_means_nothing_in_html(text: str) -> None:
    shown = neutralised(quoted(text))
    assert unescape(shown) == shown
    assert dangers(shown) == []


@law
@given(texts | st.sampled_from(CURATED))
def test_breaking_twice_is_breaking_once(text: str) -> None:
    assert neutralised(neutralised(visible(text))) == neutralised(visible(text))


@law
@given(texts | st.sampled_from(CURATED), texts | st.sampled_from(CURATED))
def test_different_texts_stay_different(one: str, other: str) -> None:
    assert (neutralised(quoted(one)) == neutralised(quoted(other))) == (one == other)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], "```text\n```"),
        (["a", "b"], "```text\na\nb\n```"),
        (["a ` b"], "```text\na ` b\n```"),
        (["```"], "````text\n```\n````"),
        (["a", "x ````` y", "```"], "``````text\na\nx ````` y\n```\n``````"),
        (["~~~"], "```text\n~~~\n```"),
    ],
)
def test_a_fence_is_longer_than_any_run_in_it(lines: list[str], expected: str) -> None:
    assert fence("text", lines) == expected


def test_a_fence_can_be_made_longer() -> None:
    assert fence("", ["a"], ticks=5) == "`````\na\n`````"


@law
@given(st.lists(st.sampled_from([*"`~ \t>-#a", "```", "~~~", "````"]).map(str), max_size=12))
def test_no_line_closes_a_fence(parts: list[str]) -> None:
    lines = ["".join(parts[:4]), "".join(parts[4:8]), "".join(parts[8:])]
    (token,) = PARSER.parse(fence("text", lines))
    assert token.type == "fence"
    assert token.content == "\n".join([*lines, ""])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10000001", "`10000001`"),
        ("0.4.0+dirty_1-x", "`0.4.0+dirty_1-x`"),
        ("`", r"`\u0060`"),
        ("a b\n", r"`a\u0020b\u000a`"),
        ("-->", r"`--\u003e`"),
        ("\\", r"`\u005c`"),
        ("GH-1", r"`GH\u002d1`"),
        ("www.x", r"`www\u002ex`"),
        ("\u200b", r"`\u200b`"),
        ("x" * 103, f"`{'x' * 100}+3`"),
    ],
)
def test_a_short_text_outside_of_fences(text: str, expected: str) -> None:
    assert inline(text) == expected


@law
@given(texts | st.text() | st.sampled_from(CURATED))
def test_nothing_outside_of_fences_means_anything(text: str) -> None:
    assert set(plain(text)) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-\\"
    )
