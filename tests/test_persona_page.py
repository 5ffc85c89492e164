"""docs/persona.md is true: what shows a row is there, and its manifest is one."""

import re
from pathlib import Path

import pytest
import yaml

from lebots import kinds
from lebots.core.manifest.schema import check

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/persona.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.count("|") == 4][2:]


@pytest.mark.parametrize(("asked", "does", "shown"), ROWS, ids=[row[0] for row in ROWS])
def test_what_shows_it_is_there(asked: str, does: str, shown: str) -> None:
    assert asked
    assert does
    file, _, name = shown.strip("` ").partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not name or re.search(rf"^def {name}\(", text, re.MULTILINE), shown


def test_its_manifest_is_valid() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert check(kinds.load()["AutomaticMessage"], yaml.safe_load(block)) == []
