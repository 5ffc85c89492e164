"""One form for both sides: what counts as the same name, and what a manifest owns."""

import unicodedata
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.model.address import canonical
from lebots.core.vendor.normalise import normalise, owned
from tests.toys import BOOK, SHELF, law


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("FAQ bot", "faq bot", id="case"),
        pytest.param("  faq\t", "faq", id="blanks around"),
        pytest.param("faq\u00a0", "faq", id="no-break space"),
        pytest.param("ﬁnance", "finance", id="ligature"),
        pytest.param("Straße", "STRASSE", id="sharp s"),
        pytest.param("caf\u00e9", "cafe\u0301", id="composed and decomposed"),
        pytest.param("\uff26\uff21\uff31", "faq", id="full width"),
        pytest.param("\u212aelvin", "kelvin", id="kelvin sign"),
        pytest.param("bot①", "bot1", id="circled digit"),
    ],
)
def test_names_that_count_as_the_same(left: str, right: str) -> None:
    assert canonical(left) == canonical(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param("faq bot", "faqbot", id="blank inside"),
        pytest.param("f\u0430q", "faq", id="Cyrillic a: a look-alike, warned of elsewhere"),
        pytest.param("fa\u200bq", "faq", id="zero-width space"),
        pytest.param("f\u0130q", "fiq", id="dotted capital i"),
        pytest.param("faq-bot", "faq_bot", id="punctuation"),
    ],
)
def test_names_that_differ(left: str, right: str) -> None:
    assert canonical(left) != canonical(right)


@law
@given(st.text(max_size=12))
def test_the_unicode_form_of_a_name_never_matters(name: str) -> None:
    forms: list[Literal["NFC", "NFD", "NFKC", "NFKD"]] = ["NFC", "NFD", "NFKC", "NFKD"]
    assert {canonical(unicodedata.normalize(form, name)) for form in forms} == {canonical(name)}


@pytest.mark.parametrize(
    ("spec", "normal"),
    [
        pytest.param({"topics": ["b", "a"]}, {"topics": ["a", "b"]}, id="unordered: sorted"),
        pytest.param({"topics": ["a", "a"]}, {"topics": ["a"]}, id="unordered: a set"),
        pytest.param({"topics": ("a",)}, {"topics": ["a"]}, id="unordered: tuple"),
        pytest.param({"topics": None}, {"topics": []}, id="null is the vendor's default"),
        pytest.param({"description": None}, {"description": ""}, id="null text"),
        pytest.param({"width": None}, {"width": None}, id="null without a default"),
        pytest.param({}, {}, id="absent stays absent"),
    ],
)
def test_the_normal_form(spec: dict[str, Any], normal: dict[str, Any]) -> None:
    assert normalise(SHELF, spec) == normal


def test_ordered_lists_keep_order_and_repeats() -> None:
    assert normalise(BOOK, {"tags": ["b", "a", "b"]}) == {"tags": ["b", "a", "b"]}


def test_items_of_a_list_are_normalised_too() -> None:
    spec = {"chapters": [{"heading": None, "cites": None}]}
    assert normalise(BOOK, spec) == {"chapters": [{"heading": "", "cites": None}]}


@law
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "topics": st.none() | st.lists(st.text(max_size=2), max_size=4),
            "description": st.none() | st.text(max_size=3),
            "width": st.none() | st.integers(0, 3),
        },
    )
)
def test_the_normal_form_is_normal(spec: dict[str, Any]) -> None:
    once = normalise(SHELF, spec)
    assert normalise(SHELF, once) == once
    assert once.keys() == spec.keys()


@pytest.mark.parametrize(
    ("desired", "live", "before", "after"),
    [
        pytest.param({}, {"description": "x"}, {}, {}, id="unowned fields are not looked at"),
        pytest.param(
            {"description": "x"}, {}, {"description": ""}, {"description": "x"}, id="missing live"
        ),
        pytest.param({"topics": []}, {"topics": None}, {"topics": []}, {"topics": []}, id="[]"),
        pytest.param(
            {"topics": ["b", "a"]},
            {"topics": ["a", "b"]},
            {"topics": ["a", "b"]},
            {"topics": ["a", "b"]},
            id="unordered",
        ),
        pytest.param(
            {"print": {"year": 1815}},
            {"print": {"year": 1816, "press": "Murray"}},
            {"print": {"year": 1816}},
            {"print": {"year": 1815}},
            id="inside an object, what is left out is not managed",
        ),
        pytest.param(
            {"print": {"size": {"width": 1}}},
            {"print": {"size": {"width": 1, "height": 2}, "press": "Murray"}},
            {"print": {"size": {"width": 1}}},
            {"print": {"size": {"width": 1}}},
            id="at any depth",
        ),
        pytest.param(
            {"print": {"year": 1815}},
            {"print": None},
            {"print": None},
            {"print": {"year": 1815}},
            id="an object where there was none",
        ),
        pytest.param(
            {"subtitle": "A novel"},
            {"subtitle": ""},
            {"subtitle": "A novel"},
            {"subtitle": "A novel"},
            id="blanked for privacy: unknown, not different",
        ),
        pytest.param(
            {"subtitle": "A novel"},
            {},
            {"subtitle": "A novel"},
            {"subtitle": "A novel"},
            id="left out for privacy",
        ),
        pytest.param(
            {"subtitle": "A novel"},
            {"subtitle": "A play"},
            {"subtitle": "A play"},
            {"subtitle": "A novel"},
            id="not blanked: different",
        ),
        pytest.param(
            {"chapters": [{"heading": "I"}]},
            {"chapters": [{"heading": "I", "cites": "Emma"}]},
            {"chapters": [{"heading": "I", "cites": "Emma"}]},
            {"chapters": [{"heading": "I"}]},
            id="a list is compared whole",
        ),
    ],
)
def test_both_sides_cut_down_to_what_the_manifest_owns(
    desired: dict[str, Any], live: dict[str, Any], before: Any, after: Any
) -> None:
    kind = SHELF if desired.keys() & {"description", "topics"} else BOOK
    assert owned(kind, desired, live) == (before, after)
