"""What is released: wheel and sdist, looked into, and the workflow that makes them.

``make dist`` runs it after it has built them for good.
"""

import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import trove_classifiers
import yaml
from packaging.metadata import Metadata

from hatch_build import absolute
from lebots import __version__

ROOT = Path(__file__).parents[1]
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
REPOSITORY = {
    "GITHUB_SERVER_URL": "https://git.example.com",
    "GITHUB_REPOSITORY": "bots/lebots",
    "GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567",
}
"""What a runner says of the commit that it builds."""


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    ran = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **REPOSITORY},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return folder


def wheel(dist: Path) -> dict[str, bytes]:
    (path,) = dist.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sdist(dist: Path) -> set[str]:
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


def tracked() -> Iterator[str]:
    for path in (ROOT / "lebots").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT).as_posix()


def test_the_wheel_is_the_package_and_nothing_else(dist: Path) -> None:
    info = f"lebots-{__version__}.dist-info/"
    found = set(wheel(dist))
    assert {name for name in found if not name.startswith(info)} == set(tracked())
    assert f"{info}licenses/LICENSE" in found
    assert b"lebots = lebots.cli:main" in wheel(dist)[f"{info}entry_points.txt"]


def test_the_sdist_builds_the_wheel_and_has_no_tests(dist: Path) -> None:
    found = sdist(dist)
    assert set(tracked()) <= found
    assert {"pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "PKG-INFO"} <= found
    tops = {name.partition("/")[0] for name in found}
    assert not tops & {"tests", "benchmarks", "docs", "requirements", ".github", ".venv", "action"}


def metadata(dist: Path) -> Metadata:
    """The metadata, checked as a package index checks it."""
    content = wheel(dist)[f"lebots-{__version__}.dist-info/METADATA"]
    return Metadata.from_email(content, validate=True)


def test_an_index_would_take_the_metadata(dist: Path) -> None:
    found = metadata(dist)
    assert str(found.version) == __version__
    assert found.description_content_type == "text/markdown"
    assert found.license_expression == "Apache-2.0"
    assert set(found.classifiers or ()) <= trove_classifiers.classifiers
    assert set(found.project_urls or ()) == {"Source", "Documentation", "Changelog"}


def test_every_link_of_the_description_is_absolute(dist: Path) -> None:
    text = metadata(dist).description or ""
    targets = re.findall(r'\]\(([^)\s]+)|(?:src|href)="([^"]+)"', text)
    found = ["".join(target) for target in targets]
    assert len(found) > 10
    begin = "https://git.example.com/bots/lebots/"
    assert [target for target in found if not target.startswith(begin)] == []
    assert sum(target.startswith(f"{begin}raw/") for target in found) == 2, "two pictures"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](docs/a.md#b)", "[a](R/blob/C/docs/a.md#b)"),
        ("![a](a.png)", "![a](R/raw/C/a.png)"),
        ('<img src="docs/a.png">', '<img src="R/raw/C/docs/a.png">'),
        ("[a](https://example.com/a.md) [b](#b)", "[a](https://example.com/a.md) [b](#b)"),
    ],
)
def test_a_link_names_the_commit(text: str, expected: str) -> None:
    assert absolute(text, "R", "C") == expected


def test_what_is_released_is_attested_and_nothing_goes_to_an_index() -> None:
    build, release = WORKFLOW["jobs"]["build"], WORKFLOW["jobs"]["release"]
    assert WORKFLOW["permissions"] == {}
    assert build["permissions"] == {"contents": "read"}
    assert "make dist" in [step.get("run") for step in build["steps"]]
    uses = [step["uses"].partition("@")[0] for step in release["steps"] if "uses" in step]
    assert uses == ["actions/download-artifact", "actions/attest-build-provenance"]
    assert release["environment"] == "release"
    words = str(WORKFLOW)
    assert "twine" not in words
    assert "pypi" not in words
    for step in (*build["steps"], *release["steps"]):
        if "uses" in step:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"])
