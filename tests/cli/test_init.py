"""``lebots init``: a project that works at once, and nothing that was there before is lost."""

import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Project

FILES = {
    *("lebots.yaml", "manifests/routing-bot.yaml", "manifests/welcome.yaml", ".gitignore"),
    *("schemas/manifest.schema.json", "schemas/project.schema.json"),
}


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_project_plans_and_applies(empty: Project) -> None:
    ran = empty("init")
    assert ran.code == 0
    assert written(empty.folder) == FILES
    assert ran.out.splitlines() == [
        "wrote lebots.yaml",
        "wrote manifests/routing-bot.yaml",
        "wrote manifests/welcome.yaml",
        "wrote .gitignore",
        "wrote schemas/manifest.schema.json",
        "wrote schemas/project.schema.json",
        "",
        "next: lebots plan",
    ]
    assert (
        empty("validate").out
        == "4 manifests are valid: 1 AutomaticMessage, 1 BotUser, 1 Key, 1 Skill\n"
    )
    assert empty("plan", "--check").code == 3
    assert empty("apply", "--yes").code == 0
    assert empty("plan", "--check").code == 0


def test_git_ignores_what_a_run_leaves(empty: Project) -> None:
    empty("init")
    empty("apply", "--yes")
    ignored = (empty.folder / ".gitignore").read_text().splitlines()
    new = {path.split("/")[0] + "/" for path in written(empty.folder) - FILES}
    assert new == {".lebots/", ".secrets/"}
    assert new <= set(ignored)


@pytest.mark.parametrize("folder", ["new", "deep/er", "with blanks", "it's; $(touch owned)"])
def test_the_next_step_it_names_works(
    empty: Project, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    ran = empty("init", folder)
    assert ran.code == 0
    assert written(empty.folder / folder) == FILES
    cd, there, then, *plan = shlex.split(ran.out.splitlines()[-1].removeprefix("next: "))
    assert (cd, then, plan) == ("cd", "&&", ["lebots", "plan"])
    monkeypatch.chdir(there)
    assert empty(*plan[1:]).code == 0


@pytest.mark.parametrize("name", ["lebots.yaml", "manifests/welcome.yaml"])
@pytest.mark.parametrize("how", ["file", "folder", "link to nothing"])
def test_nothing_is_overwritten(empty: Project, name: str, how: str) -> None:
    place = empty.folder / name
    place.parent.mkdir(exist_ok=True)
    if how == "file":
        place.write_text("mine")
    elif how == "folder":
        place.mkdir()
    else:
        place.symlink_to("nowhere")
    before = sorted(empty.folder.rglob("*"))
    ran = empty("init")
    assert ran.code == 2
    assert f"already has {name}; nothing was written" in ran.err
    assert ran.out == ""
    assert sorted(empty.folder.rglob("*")) == before


def test_everything_that_is_in_the_way_is_named(empty: Project) -> None:
    empty("init")
    ran = empty("init")
    assert ran.code == 2
    named = "lebots.yaml, manifests/routing-bot.yaml, manifests/welcome.yaml"
    assert f"already has {named}; nothing was written" in ran.err


def test_a_repository_has_its_own_gitignore(empty: Project) -> None:
    empty.write(".gitignore", "node_modules/\n")
    ran = empty("init")
    assert ran.code == 0
    assert ran.err == ".gitignore is there already; see that it has .lebots/, .secrets/\n"
    assert (empty.folder / ".gitignore").read_text() == "node_modules/\n"


@pytest.mark.parametrize(
    "folder", ["file", "file/below", "link", "x" * 5000, "\x1b[2J/" + "x" * 5000]
)
def test_places_where_no_project_can_be(empty: Project, folder: str) -> None:
    empty.write("file", "mine")
    (empty.folder / "link").symlink_to("nowhere")
    ran = empty("init", folder)
    assert ran.code == 2
    assert "cannot be written" in ran.err
    assert "\x1b" not in ran.all
    assert (empty.folder / "file").read_text() == "mine"
    assert not (empty.folder / "nowhere").exists()


def test_editors_find_the_schema_of_each_document(empty: Project) -> None:
    empty("init")
    empty("apply", "--yes")
    assert empty("import", "--out", "more/of", "--layout", "flat").code == 0
    line = "# yaml-language-server: $schema={}schemas/{}.schema.json"
    for file, schema, up, documents in (
        ("lebots.yaml", "project", "", 1),
        ("manifests/routing-bot.yaml", "manifest", "../", 3),
        ("more/of/skills.yaml", "manifest", "../../", 5),
    ):
        path = empty.folder / file
        found = path.read_text().splitlines()
        assert found.count(line.format(up, schema)) == documents
        assert (path.parent / f"{up}schemas/{schema}.schema.json").is_file()
    assert empty("fmt", "--check").code == empty("fmt", "--check", "more").code == 0


def test_import_names_no_schema_that_is_not_there(empty: Project) -> None:
    empty("init")
    for path in (empty.folder / "schemas").iterdir():
        path.unlink()
    assert empty("import", "--out", "more").code == 0
    assert not [p for p in (empty.folder / "more").rglob("*.yaml") if "$schema" in p.read_text()]
