"""What lebots writes and no other eyes may see, under any umask; secrets that git would take."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Project
from tests.repositories import Repo

SHARED = {"lebots.yaml", "manifests", "manifests/routing-bot.yaml"}
FOR_OTHERS = {"out/plan.md", "out/plan.html", "out/done.md"}
"""Comments and pages are written to be shown: they are as the umask says."""


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode)
        for path in folder.rglob("*")
    }


def test_all_that_is_written_is_private_under_any_umask(lebots: Project, umask: int) -> None:
    """Whatever a run writes is in one of the two lists, or for its owner alone."""
    (lebots.folder / "out").mkdir()
    (lebots.folder / "wide.json").touch()
    (lebots.folder / "wide.json").chmod(0o666)
    before = modes(lebots.folder)
    pages = ("--markdown-file", "out/plan.md", "--html-file", "out/plan.html")
    assert lebots("plan", "--out", "plans/new/plan.json", *pages).code == 0
    assert lebots("plan", "--out", "wide.json").code == 0
    receipt = ("--receipt", "receipts/receipt.json", "--markdown-file", "out/done.md")
    assert lebots("apply", "plans/new/plan.json", *receipt).code == 0
    assert lebots("rotate", "Key/routing-bot", "--out", "plans/rotation.json").code == 0
    assert lebots("rotate", "plans/rotation.json", "--receipt", "receipts/rotation.json").code == 0
    made = {name: mode for name, mode in modes(lebots.folder).items() if name not in before}
    expected = {"plans/new/plan.json", "receipts/receipt.json", ".lebots/sandbox.db"}
    assert expected | {"plans/rotation.json", "receipts/rotation.json"} <= made.keys()
    assert any(name.startswith(".secrets/") for name in made)
    for name in FOR_OTHERS:
        assert made.pop(name) == 0o666 & ~umask
    made["wide.json"] = modes(lebots.folder)["wide.json"]
    assert {name: mode for name, mode in made.items() if mode & 0o077} == {}


@pytest.fixture
def versioned(lebots: Project) -> Repo:
    """The project of ``lebots`` in git."""
    return Repo.make(lebots.folder)


def test_a_secret_that_git_would_take_is_never_made(lebots: Project, versioned: Repo) -> None:
    versioned.write(".secrets/55501234/.gitignore", "!*\n")
    ran = lebots("apply", "--yes")
    assert ran.code == 6
    assert 'add the line "/*.env"' in ran.all
    assert lebots("sandbox", "show").all.count("routing-bot") == 0
    versioned.write(".secrets/55501234/.gitignore", "/*.env\n/.lebots-*\n")
    assert lebots("apply", "--yes").code == 0
    versioned.git("add", "--all")
    assert "routing-bot.env" not in versioned.git("ls-files")


@pytest.mark.parametrize("path", ["manifests/{name}.env", ".github/{name}.env", ".git/{name}.env"])
def test_a_place_that_is_shared_is_refused(lebots: Project, versioned: Repo, path: str) -> None:
    file = versioned.folder / "lebots.yaml"
    file.write_text(file.read_text().replace(".secrets/{account}/{name}.env", path))
    ran = lebots("apply", "--yes")
    assert ran.code == 6
    assert "choose another path" in ran.all
    assert lebots("sandbox", "show").all.count("routing-bot") == 0
