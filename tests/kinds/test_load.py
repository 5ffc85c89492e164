"""Kinds are found by walking the package; a broken module stops everything, by name."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lebots import kinds
from lebots.core.model.kind import Kind
from lebots.errors import LebotsError

TOY = """
from lebots.core.model.kind import Endpoint, Kind
KIND = Kind(
    name="{name}",
    label="toy",
    summary="A toy.",
    endpoints=(Endpoint(name="toys", service="toyService", path="/toys", version="1.0"),),
)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty package of kinds."""
    folder = tmp_path / "toy_kinds"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "toy_kinds"]:
        del sys.modules[name]


def test_kinds_come_sorted_by_name(package: Path) -> None:
    (package / "a.py").write_text(TOY.format(name="Zebra"))
    (package / "b.py").write_text(TOY.format(name="Ant"))
    found = kinds.load(package.name)
    assert list(found) == ["Ant", "Zebra"]
    assert all(isinstance(kind, Kind) and kind.name == name for name, kind in found.items())


def test_parts_of_a_kind_are_no_kinds(package: Path) -> None:
    (package / "_words.py").write_text("WORDS = ()")
    (package / "ant.py").write_text(TOY.format(name="Ant"))
    assert list(kinds.load(package.name)) == ["Ant"]


@pytest.mark.parametrize("text", ["", "KIND = 'Ant'"])
def test_a_module_without_a_kind_is_named(package: Path, text: str) -> None:
    (package / "ant.py").write_text(text)
    with pytest.raises(LebotsError, match=r"toy_kinds\.ant has no constant KIND"):
        kinds.load(package.name)


def test_a_name_claimed_twice_names_both_modules(package: Path) -> None:
    (package / "first.py").write_text(TOY.format(name="Ant"))
    (package / "second.py").write_text(TOY.format(name="Ant"))
    with pytest.raises(LebotsError, match=r"toy_kinds\.second .*'Ant'.* toy_kinds\.first has"):
        kinds.load(package.name)
