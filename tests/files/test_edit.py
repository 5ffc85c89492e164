"""Other values at places of a YAML text; all else of it stays, byte for byte."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lebots import kinds
from lebots.core.model.kind import Kind
from lebots.core.vendor.normalise import normalise
from lebots.files.yaml.edit import Addition, Replacement, edited
from lebots.files.yaml.reader import read
from lebots.files.yaml.unwritable_reason import complaint
from lebots.files.yaml.writer import write
from tests.kinds.strategies import specs

KINDS = {name: kind for name, kind in kinds.load().items() if not kind.lookup_only}


def value(text: str) -> Any:
    (document,), findings = read(text.encode(), "a.yaml")
    assert findings == []
    return document.value


def replaced(text: str, path: tuple[str | int, ...], new: Any) -> str:
    (document,), _ = read(text.encode(), "a.yaml")
    old: Any = document.value
    for step in path:
        old = old[step]
    place = document.positions[path]
    after = edited(text, [Replacement(place.line, place.column, old, new)])
    assert after is not None
    found = value(after)
    for step in path:
        found = found[step]
    assert found == new
    return after


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("a: 1 # one\nb: 2\n", 3, "a: 3 # one\nb: 2\n"),
        ("a: x\n", "yes", 'a: "yes"\n'),
        ("a:   'x'   # one\n", "q: z", "a: 'q: z'   # one\n"),
        ("a: x # one\n", "q\nz\n", 'a: "q\\nz\\n" # one\n'),
        ("a: x\nb: 1\n", "q\nz\n", "a: |\n  q\n  z\nb: 1\n"),
        ("a: |\n  q\n  z\n\n# about b\nb: 1\n", "q", "a: q\n\n# about b\nb: 1\n"),
        ("a: [x, q] # one\nb: 1\n", ["x", "z"], "a: [x, z] # one\nb: 1\n"),
        ("a: [x, q] # one\n", ["x"], "a: [x] # one\n"),
        ("a: [x]\n", ["x", "q,z"], "a: [x, 'q,z']\n"),
        ("a:\n  - x # one\n  - q\nb: 1\n", ["x"], "a:\n  - x # one\nb: 1\n"),
        ("a:\n  - x # one\n# two\n  - q\nb: 1\n", ["q"], "a:\n# two\n  - q\nb: 1\n"),
        ("a:\n- x\n- q # two\nb: 1\n", ["x", "q", "z"], "a:\n- x\n- q # two\n- z\nb: 1\n"),
        ("a:\n  - x\n  - q\nb: 1\n", ["x", "z"], "a:\n  - x\n  - z\nb: 1\n"),
        ("a:\n  - x\nb: 1\n", [], "a: []\nb: 1\n"),
        ("a: {b: 1, c: [2]} # one\n", {"b": 1, "c": [3]}, 'a: {"b": 1, "c": [3]} # one\n'),
        ("a:\n  - {n: 1, p: 2} # one\n", [{"n": 1, "p": 3}], 'a:\n  - {"n": 1, "p": 3} # one\n'),
        ("a: x\r\nb: 1\r\n", "q", "a: q\r\nb: 1\r\n"),
        ("a:\r\n  - x\r\n", ["x", "q"], "a:\r\n  - x\r\n  - q\r\n"),
        ("a: x", ["q"], "a: [q]"),
        ("a: null\n", 5, "a: 5\n"),
        ("\ufeffa: \u00e4\n", "\u00f6", "\ufeffa: \u00f6\n"),
    ],
)
def test_a_value_is_replaced_where_it_stands(before: str, new: Any, after: str) -> None:
    assert replaced(before, ("a",), new) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("s:\n  a: 1\n  b: [x] # two\n# end\n", "s:\n  a: 1\n  b: [x] # two\n  c: 3\n# end\n"),
        ("s:\n    a: 1\n", "s:\n    a: 1\n    c: 3\n"),
        ("s:\n  a: 1\n  b:\n    - x\nt: 1\n", "s:\n  a: 1\n  b:\n    - x\n  c: 3\nt: 1\n"),
        ("s: {a: 1}\n", None),
    ],
)
def test_a_field_is_added_after_its_neighbours(before: str, after: str | None) -> None:
    (document,), _ = read(before.encode(), "a.yaml")
    place = document.positions["s", "a"]
    assert edited(before, [Addition(place.line, place.column, "c", 3)]) == after


def test_what_is_not_there_is_not_edited() -> None:
    assert edited("a: 1\n", [Replacement(3, 1, 1, 2)]) is None
    assert edited("a: [1\n", [Replacement(1, 4, 1, 2)]) is None


def test_edits_of_one_text_do_not_meet() -> None:
    text = "a: 1\nb:\n  - x\n  - q\nc: z\n"
    edits = [
        Replacement(1, 4, 1, 10),
        Replacement(3, 3, ["x", "q"], ["q"]),
        Replacement(5, 4, "z", "zz"),
    ]
    assert edited(text, edits) == "a: 10\nb:\n  - q\nc: zz\n"


@st.composite
def fields(draw: st.DrawFn, kind: Kind) -> tuple[str, str, Any]:
    """A manifest's text with a comment on each line, a field of it, and another value."""
    endpoint = draw(st.sampled_from([one for one in kind.endpoints if one.writable]))
    before, after = (normalise(kind, draw(specs(kind, endpoint))) for _ in range(2))
    names = [name for name in before if name in after and before[name] != after[name]]
    name = draw(st.sampled_from(sorted(names))) if names else ""
    if not name or complaint(before) or complaint(after):
        return "", "", None
    text = write({"spec": dict(before), "last": 1})
    lines = [line if "|" in line or not line.endswith(("]", "}")) else f"{line} # kept"
             for line in text.splitlines()]  # fmt: skip
    return "\n".join(lines) + "\n", name, after[name]


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(deadline=None)
@given(data=st.data())
def test_any_field_of_any_kind_gets_any_value_and_all_else_stays(
    kind: str, data: st.DataObject
) -> None:
    text, name, new = data.draw(fields(KINDS[kind]))
    if not name:
        return
    before = value(text)
    after = replaced(text, ("spec", name), new if not isinstance(new, tuple) else list(new))
    found = value(after)
    assert {**found["spec"], name: None} == {**before["spec"], name: None}
    assert [*found["spec"]] == [*before["spec"]]
    assert found["last"] == 1
    kept = [line for line in text.splitlines() if not line.lstrip().startswith((f"{name}:", "-"))]
    assert len(kept) > 1
