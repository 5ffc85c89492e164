"""docs/effects.md: its table is what the kinds declare, and its guards are what lebots does."""

import re
from pathlib import Path

import pytest

from lebots import kinds
from lebots.core.model.change import Effect
from tests.command import lebots

FILE = Path(__file__).parents[1] / "docs" / "effects.md"
PAGE = FILE.read_text(encoding="utf-8")
BEGIN, END = "<!-- table of effects, from the kinds -->\n", "<!-- end of the table -->"


def table() -> str:
    """Every effect of every field, the most harmful effects first."""
    found = [
        (one, kind, field)
        for kind in kinds.load().values()
        for field in kind.fields
        for one in field.effects or ()
    ]
    order = list(Effect)
    found.sort(key=lambda row: (order.index(row[0].effect), row[1].name, row[2].name))
    rows = [
        f"| {one.effect} | {kind.label} | `{field.name}` | {one.when.words} | {one.why} |"
        for one, kind, field in found
    ]
    head = "| effect | of a | field | when it | so the object |\n|---|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def test_the_table_is_what_the_kinds_declare() -> None:
    shown = PAGE[PAGE.index(BEGIN) + len(BEGIN) : PAGE.index(END)]
    assert shown == table(), "replace the table with:\n" + table()


def test_the_order_of_harm_is_told() -> None:
    told = re.findall(r"^\d+\. `([a-z-]+)`", PAGE, re.MULTILINE)
    assert told == list(Effect)


def test_the_project_of_the_page_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    (tmp_path / "lebots.yaml").write_text(project, encoding="utf-8")
    (tmp_path / "manifests").mkdir()
    monkeypatch.chdir(tmp_path)
    assert lebots("validate", "--allow-empty").code in (0, 2), lebots("validate").err
    assert "lebots.yaml" not in lebots("validate").err
