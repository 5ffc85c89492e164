"""The `select` parameter (3.1)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.sandbox.errors import ApiError
from lebots.sandbox.objects.selector import parse, project
from tests.sandbox.support import STEADY

_NAMES = st.text("abcXYZ_", min_size=1, max_size=3)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)
_OBJECTS = st.dictionaries(_NAMES, _VALUES, max_size=5)


@pytest.mark.parametrize(
    ("text", "selection"),
    [
        ("id", {"id": None}),
        ("id,name", {"id": None, "name": None}),
        ("$all", {"$all": None}),
        ("a(b)", {"a": {"b": None}}),
        ("a(b,c(d)),e", {"a": {"b": None, "c": {"d": None}}, "e": None}),
        ("a(b),a(c)", {"a": {"c": None}}),
    ],
)
def test_selectors(text: str, selection: dict[str, Any]) -> None:
    assert parse(text) == selection


@pytest.mark.parametrize(
    "text",
    ["", ",", "a,", ",a", "a,,b", "a(", "a()", "a(b", "a)", "(a)", "a b", "a(b)c", "a.b", "1a", "$",
     "$all(", "a(" * 2000 + "b" + ")" * 2000],
)  # fmt: skip
def test_malformed_selectors_are_a_400(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse(text)
    assert (refused.value.status, refused.value.fields) == (400, ("select",))


@STEADY
@given(_OBJECTS, st.lists(_NAMES, min_size=1, max_size=4, unique=True))
def test_a_selection_shows_what_is_asked_and_there_and_nothing_else(
    obj: dict[str, Any], names: list[str]
) -> None:
    shown = project(obj, parse(",".join(names)))
    assert shown == {name: obj[name] for name in names if name in obj}


@STEADY
@given(_OBJECTS, _NAMES, _NAMES)
def test_a_nested_selection_reaches_into_objects_and_arrays(
    obj: dict[str, Any], parent: str, child: str
) -> None:
    shown = project(obj, parse(f"{parent}({child})"))
    assert shown.keys() == obj.keys() & {parent}
    value, found = obj.get(parent), shown.get(parent)
    if isinstance(value, dict):
        assert found == {name: value[name] for name in value.keys() & {child}}
    elif isinstance(value, list):
        assert len(found) == len(value)
