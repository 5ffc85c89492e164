"""Every code of a finding has its sentence, and docs/codes.md shows them all."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lebots.render.rule_texts import RULE_TEXTS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "codes.md"
BEGIN = "<!-- table of codes -->\n"
_CODE = re.compile(r"[a-z]+(-[a-z]+)+|file|format|null|overlay|protect|quota|adopted|locked|scope")
_MAKERS = re.compile(r"(metadata_)?_?[fF]inding|Violation|_refusal|_about|_at")


def told() -> Iterator[Any]:
    """The codes that stand as they are where a finding is made."""
    for file in (ROOT / "lebots").rglob("*.py"):
        if "sandbox" in file.relative_to(ROOT).parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _MAKERS.fullmatch(_name(node.func)):
                texts = [one.value for one in node.args[:3] if isinstance(one, ast.Constant)]
                yield from [one for one in texts if _CODE.fullmatch(str(one))][:1]


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def test_every_code_has_a_sentence() -> None:
    found = set(told())
    assert len(found) > 70
    assert found - RULE_TEXTS.keys() == set()
    assert all(re.fullmatch(r"[A-Za-z].*\.", text) for text in RULE_TEXTS.values())
    assert list(RULE_TEXTS) == sorted(RULE_TEXTS)


def test_the_page_shows_them_all() -> None:
    table = "| code | means |\n|---|---|\n"
    table += "".join(f"| `{code}` | {text} |\n" for code, text in RULE_TEXTS.items())
    assert PAGE.read_text(encoding="utf-8").partition(BEGIN)[2] == table, table
