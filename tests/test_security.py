"""docs/security.md: every line of its tables names a test that there is."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROWS = [
    line
    for line in (ROOT / "docs/security.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("| who |", "|---"))
]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)` \|$")


def test_there_are_lines() -> None:
    assert len(ROWS) >= 15


@pytest.mark.parametrize("row", ROWS)
def test_a_line_names_a_test_that_there_is(row: str) -> None:
    found = NAMED.search(row)
    assert found, row
    module = ast.parse((ROOT / found[1]).read_text(encoding="utf-8"))
    assert found[2] in {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
