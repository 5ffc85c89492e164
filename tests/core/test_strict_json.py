"""JSON is read in one place, strictly; what a reader makes of a refusal is the reader's."""

import ast
from pathlib import Path

import pytest

from lebots.core.strict_json import loads, loads_or_none

ROOT = Path(__file__).parents[2] / "lebots"
SIGNED = "c4n4ry"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"a": "\xff"}', "not UTF-8"),
        (f'{{"{SIGNED}": 1, }}', "not JSON"),
        (f'{{"{SIGNED}": 1, "{SIGNED}": 2}}', "a name stands twice"),
        ("[NaN]", "not finite"),
        ("[0.12345678901234567890]", "more digits"),
        ("[1e999]", "more digits"),
        ("[1e99999999999999999999]", "more digits"),
        (f"[{'1' * 101}]", "more digits"),
        ("[" * 51 + "]" * 51, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_refused_is_told_and_not_quoted(content: str | bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        loads(content)
    assert SIGNED not in str(refused.value)
    assert loads_or_none(content) is None


@pytest.mark.parametrize("content", ['{"a": [1, 2.5, null]}', b'{"a": [1, 2.5, null]}'])
def test_what_is_read(content: str | bytes) -> None:
    assert loads(content) == loads_or_none(content) == {"a": [1, 2.5, None]}


def test_deeper_documents_are_read_where_they_are_expected() -> None:
    assert loads("[" * 51 + "]" * 51, deepest=51)


def test_nothing_else_reads_json() -> None:
    reading = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"json.loads", "json.load"}
    }
    assert {path for path in reading if not path.startswith("sandbox/")} == {"core/strict_json.py"}


def test_an_answer_of_many_values_is_refused_before_they_are_made() -> None:
    with pytest.raises(ValueError, match="too many values"):
        loads(b"[" + b"[]," * 4_000_000 + b"[]]")
