"""docs/reference/lebots-yaml.md: its table is the schema of the project, its example is one."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lebots.cli.schemas import all_schemas
from lebots.run.inputs.project import load_project

PAGE = (Path(__file__).parents[1] / "docs" / "reference" / "lebots-yaml.md").read_text("utf-8")
BEGIN, END = "<!-- table of fields, from the schema -->\n", "<!-- end of the table -->"
VALUE = {"env", "file", "command"}
"""How a value is named that does not stand in the file; told once, in words."""


def takes(schema: Any) -> str:
    """What a field takes, in words."""
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if set(schema.get("properties", ())) == VALUE:
        return "a [value](#values)"
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if kinds == ["array"]:
        inner = schema["items"]
        return "a list" if inner.get("properties") else f"a list of {takes(inner)}"
    limits = [schema.get("minimum"), schema.get("maximum")]
    if kinds == ["integer"]:
        return f"{limits[0]} to {limits[1]}" if limits[1] is not None else f"{limits[0]} or more"
    words = {"string": "text", "boolean": "`true` or `false`", "object": "a mapping"}
    return schema.get("title") or " or ".join(words[kind] for kind in kinds)


def rows(schema: Any, path: str = "") -> Iterator[str]:
    """A line for each field, in the order of the schema."""
    for name, part in schema.get("properties", {}).items():
        here = f"{path}{name}"
        told = part.get("description", "").replace("|", "\\|")
        needed = " (needed)" if name in schema.get("required", ()) else ""
        words = takes(part).replace("|", "\\|")
        yield f"| `{here}` | {words}{needed} | {told} |"
        yield from below(part, here)


def below(part: Any, here: str) -> Iterator[str]:
    if set(part.get("properties", ())) == VALUE:
        return
    yield from rows(part, f"{here}.")
    if isinstance(inner := part.get("additionalProperties"), dict):
        yield from rows(inner, f"{here}.NAME.")
    if isinstance(inner := part.get("items"), dict):
        yield from rows(inner, f"{here}[].")


def table() -> str:
    found = "\n".join(rows(all_schemas()["project"]))
    return f"| field | takes | what it says |\n|---|---|---|\n{found}\n"


def test_the_table_is_the_schema() -> None:
    shown = PAGE[PAGE.index(BEGIN) + len(BEGIN) : PAGE.index(END)]
    assert shown == table(), "replace the table with:\n" + table()


def test_the_example_is_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    (tmp_path / "lebots.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "overlays").mkdir()
    monkeypatch.chdir(tmp_path)
    found = load_project()
    assert set(found.accounts) == {"sandbox", "production"}
    assert {sink.type.name for sink in found.sinks.values()} == {"dotenv", "vault"}
