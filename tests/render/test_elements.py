"""Text in HTML is text: it neither hides nor acts, and what was opened is closed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.render.escape import visible
from lebots.render.page.elements import element, joined, lines, void
from tests.render.hostile import assert_harmless, law, texts
from tests.render.reading import read


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (element("p"), "<p></p>"),
        (element("p", "5 > 4 & 3 < 4"), "<p>5 &gt; 4 &amp; 3 &lt; 4</p>"),
        (element("p", element("b", "<i>"), " x"), "<p><b>&lt;i&gt;</b> x</p>"),
        (element("p", "zero\u200bwidth\n"), r"<p>zero\u200bwidth\n</p>"),
        (element("a", "top", href="#top"), '<a href="#top">top</a>'),
        (element("a", href="\"'<>\t"), '<a href="&#34;&#39;&lt;&gt;\\t"></a>'),
        (element("p", class_="a b", aria_label="x"), '<p class="a b" aria-label="x"></p>'),
        (element("p", hidden=True, open=False), "<p hidden></p>"),
        (void("input", name="<", type="text"), '<input name="&lt;" type="text">'),
        (joined(["<", element("b"), "&"], ", "), "&lt;, <b></b>, &amp;"),
        (joined(["a", "b"], "\n"), r"a\nb"),
        (joined([]), ""),
        (lines([element("p"), void("br")]), "<p></p>\n<br>"),
        (lines([]), ""),
    ],
)
def test_what_is_made(made: str, expected: str) -> None:
    assert str(made) == expected


@law
@given(texts, texts)
def test_any_text_comes_back_as_what_can_be_seen_of_it(inside: str, about: str) -> None:
    made = element("p", inside, title=about)
    assert_harmless(made)
    assert read(made).text == visible(inside)
    assert read(made).attributes == {"title": visible(about)}


@law
@given(st.lists(texts, max_size=4))
def test_parts_keep_apart(parts: list[str]) -> None:
    made = element("ul", lines(element("li", part) for part in parts))
    assert [one.text for one in read(made).find("li")] == [visible(part) for part in parts]
