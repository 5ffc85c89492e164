"""What differs between two specs in one form."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.compare.diff import diff
from lebots.core.model.change import FieldChange
from lebots.core.model.value import Spec
from lebots.core.vendor.normalise import normalise
from tests.toys import BOOK, law


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        pytest.param({"lent": True}, {"lent": True}, [], id="nothing"),
        pytest.param({"lent": True}, {"lent": False}, [("lent", True, False)], id="one field"),
        pytest.param({"place": None}, {"place": 0}, [("place", None, 0)], id="null is not 0"),
        pytest.param({"place": 0}, {"place": None}, [("place", 0, None)], id="0 is not null"),
        pytest.param({"author": ""}, {"author": None}, [("author", "", None)], id="blank, null"),
        pytest.param(
            {"tags": ["a", "b"]},
            {"tags": ["b", "a"]},
            [("tags", ["a", "b"], ["b", "a"])],
            id="a list is one value",
        ),
        pytest.param(
            {"chapters": [{"heading": "I"}, {"heading": "II"}]},
            {"chapters": [{"heading": "I"}, {"heading": "2"}]},
            [
                (
                    "chapters",
                    [{"heading": "I"}, {"heading": "II"}],
                    [{"heading": "I"}, {"heading": "2"}],
                )
            ],
            id="so is a list of objects",
        ),
        pytest.param(
            {"print": {"year": 1815, "press": "M"}},
            {"print": {"year": 1816, "press": "M"}},
            [("print.year", 1815, 1816)],
            id="an object is compared part by part",
        ),
        pytest.param(
            {"print": {}}, {"print": {"year": 1}}, [("print.year", None, 1)], id="new part"
        ),
        pytest.param(
            {"print": {"runs": [1, 2]}},
            {"print": {"runs": [1, 3]}},
            [("print.runs", [1, 2], [1, 3])],
            id="a list inside an object",
        ),
        pytest.param(
            {"print": None}, {"print": {"year": 1}}, [("print", None, {"year": 1})], id="new object"
        ),
        pytest.param(
            {"print": {}}, {"print": {"year": None}}, [("print.year", None, None)], id="null part"
        ),
        pytest.param(
            {"print": {"__year": 1}},
            {"print": {"__year": 2}},
            [("print.__year", 1, 2)],
            id="names with leading underscores count",
        ),
        pytest.param(
            {"print": {"a'b": 1}}, {"print": {"a'b": 2}}, [("print.a'b", 1, 2)], id="odd names"
        ),
        pytest.param(
            {"tags": ["caf\u00e9"]},
            {"tags": ["cafe\u0301"]},
            [("tags", ["caf\u00e9"], ["cafe\u0301"])],
            id="Unicode forms differ: the account decides how it writes a value",
        ),
    ],
)
def test_differences(before: Any, after: Any, changes: list[tuple[str, Any, Any]]) -> None:
    found = diff(BOOK, before, after)
    assert [(change.path, change.before, change.after) for change in found] == changes


def test_fields_come_in_the_order_of_the_kind() -> None:
    before: Spec = {"lent": True, "shelf": "A", "tags": [], "print": {"b": 1, "a": 1}}
    after: Spec = {"print": {"a": 2, "b": 2}, "tags": ["x"], "lent": False, "shelf": "B"}
    paths = [change.path for change in diff(BOOK, before, after)]
    assert paths == ["shelf", "tags", "print.a", "print.b", "lent"]


def test_personal_data_is_marked() -> None:
    change = FieldChange("author", "J. A.", "Jane Austen", personal=True)
    assert diff(BOOK, {"author": "J. A."}, {"author": "Jane Austen"}) == (change,)


scalars = st.integers(-3, 3) | st.text("ab_'.", max_size=2)
"""Neither null, which inside an object is not the same as absent, nor true, which equals 1."""
objects = st.recursive(
    st.dictionaries(st.text("ab_'.[", min_size=1, max_size=3), scalars, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner | st.lists(inner), max_size=3),
    max_leaves=4,
)
specs = st.fixed_dictionaries(
    {
        "print": objects,
        "tags": st.lists(st.sampled_from("abc"), max_size=3),
        "place": st.none() | scalars,
    }
)


@law
@given(specs, specs)
def test_something_is_found_exactly_where_something_differs(before: Any, after: Any) -> None:
    found = diff(BOOK, before, after)
    assert {c.path.partition(".")[0] for c in found} == {n for n in after if before[n] != after[n]}
    assert all(change.before != change.after for change in found)
    assert len({change.path for change in found}) == len(found)


@law
@given(specs)
def test_nothing_differs_from_itself(spec: Any) -> None:
    assert diff(BOOK, normalise(BOOK, spec), normalise(BOOK, spec)) == ()


@pytest.mark.parametrize(("after", "imported"), [("x", False), ("y", True)])
def test_deepdiff_is_imported_only_when_the_sides_differ(after: str, imported: bool) -> None:
    program = (
        "import sys; from tests.toys import SHELF; from lebots.core.compare.diff import diff;"
        f"diff(SHELF, {{'description': 'x'}}, {{'description': {after!r}}});"
        "print('deepdiff' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"{imported}\n"
