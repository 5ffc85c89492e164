"""The lock: what pip installs is named, checked by hash, and within what pyproject.toml allows."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "requirements"
DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, GROUPS = DECLARED["project"], DECLARED["dependency-groups"]
EXTRAS = PROJECT["optional-dependencies"]
WANTED: dict[str, list[str]] = {
    "runtime": PROJECT["dependencies"],
    **{name: PROJECT["dependencies"] + more for name, more in EXTRAS.items()},
    "dev": PROJECT["dependencies"] + sum(EXTRAS.values(), GROUPS["dev"]),
    "build": GROUPS["build"],
    "tools": GROUPS["tools"],
}
"""What each file of the lock is for."""

_PIN = re.compile(r"([a-z0-9-]+)(\[[a-z,-]+\])?==([0-9a-z.+!]+)( ; [A-Za-z0-9_<>=!.' ()-]+)?( \\)?")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
_OURS = re.compile(r"(?:# via|#  ) +lebots \(pyproject\.toml(:\w+)?\)")


@dataclass
class Pin:
    name: str
    version: str
    hashes: int = 0
    declared: bool = False


def pins(name: str) -> Iterator[Pin]:
    """Every version that a file names."""
    pin = None
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()[2:]:
        if found := _PIN.fullmatch(line):
            if pin:
                yield pin
            pin = Pin(found[1], found[3])
        elif pin and _HASH.fullmatch(line):
            pin.hashes += 1
        elif pin and line.startswith("    #") and "://" not in line:
            pin.declared |= bool(_OURS.fullmatch(line.strip()))
        else:
            pytest.fail(f"requirements/{name}.txt has a line that is no locked version: {line}")
    if pin:
        yield pin


def test_there_is_a_file_for_every_use_and_no_other() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(WANTED)
    (extras,) = re.findall(r"^EXTRAS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert extras.split() == sorted(EXTRAS)


@pytest.mark.parametrize("name", WANTED)
def test_every_version_is_checked_by_its_hash(name: str) -> None:
    assert [pin.name for pin in pins(name) if not pin.hashes] == []


@pytest.mark.parametrize("name", WANTED)
def test_the_lock_is_what_pyproject_allows(name: str) -> None:
    wanted = [Requirement(one) for one in WANTED[name]]
    locked = {pin.name: pin for pin in pins(name)}
    stale = f"requirements/{name}.txt is not what pyproject.toml says any more; run: make update"
    declared = {pin.name for pin in locked.values() if pin.declared}
    assert declared == {canonicalize_name(one.name) for one in wanted}, stale
    for one in wanted:
        assert one.specifier.contains(locked[canonicalize_name(one.name)].version), stale


def test_files_that_are_installed_together_agree() -> None:
    """A name may have several versions, for several versions of Python: then it has all of them."""
    versions: dict[str, set[frozenset[str]]] = {}
    for name in WANTED:
        found: dict[str, set[str]] = {}
        for pin in pins(name):
            found.setdefault(pin.name, set()).add(pin.version)
        for package, several in found.items():
            versions.setdefault(package, set()).add(frozenset(several))
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}


def test_what_builds_the_project_is_in_the_lock() -> None:
    assert set(DECLARED["build-system"]["requires"]) <= set(GROUPS["build"])
