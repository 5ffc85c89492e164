"""docs/architecture.md names what is there: paths, packages, layers and contracts."""

import re
import tomllib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
LINTED = TOOLS["importlinter"]["contracts"]

PATHS = sorted(set(re.findall(r"`(lebots/[\w./-]*)`", PAGE)))
PACKAGES = sorted(p.parent.name for p in (ROOT / "lebots").glob("*/__init__.py"))
MODULES = sorted(p.name for p in (ROOT / "lebots").glob("*.py") if p.name != "__init__.py")
PICTURE = PAGE.split("```")[1]
PARTS = sorted(set(re.findall(r"\b(core|account)\.(\w+)", PICTURE)))


@pytest.mark.parametrize("path", PATHS)
def test_every_path_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_in_the_table(package: str) -> None:
    assert f"\n| `lebots/{package}/` |" in PAGE


@pytest.mark.parametrize("module", MODULES)
def test_every_module_outside_the_packages_is_in_the_table(module: str) -> None:
    assert f"\n| `lebots/{module}` |" in PAGE


@pytest.mark.parametrize(("package", "module"), PARTS)
def test_every_module_of_the_picture_exists(package: str, module: str) -> None:
    assert (ROOT / "lebots" / package / f"{module}.py").exists()


@pytest.mark.parametrize(
    "layered",
    [contract for contract in LINTED if contract["type"] == "layers"],
    ids=lambda contract: contract["containers"][0],
)
def test_the_layers_are_the_tested_ones(layered: Mapping[str, Any]) -> None:
    layers = "\n".join(layered["layers"])
    assert f"```\n{layers}\n```" in PAGE


@pytest.mark.parametrize("name", [contract["name"] for contract in LINTED])
def test_every_contract_is_named(name: str) -> None:
    assert f"- {name}\n" in PAGE


@pytest.mark.parametrize("name", TOOLS["coverage"]["run"]["source_pkgs"])
def test_what_must_be_covered_is_there(name: str) -> None:
    """Coverage passes over a name that it does not know."""
    assert find_spec(name)


def test_it_is_one_page() -> None:
    assert len(PAGE.splitlines()) <= 160
