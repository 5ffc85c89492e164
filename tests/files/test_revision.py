"""Manifests as git has them: the same rules as for files on disk, on the tree of a commit."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.errors import UsageError
from lebots.files.manifests import load, reading
from lebots.files.walk import EMPTY
from lebots.git import tree, versions
from lebots.git.repository import Repository
from lebots.run.inputs.revision import Revision
from tests.night import by_day
from tests.repositories import Repo
from tests.toys import KINDS, at

HERE = {"PATH": os.environ["PATH"], "HOME": os.devnull}


def shelf(name: str, **spec: Any) -> str:
    fields = "".join(f"  {field}: {value}\n" for field, value in spec.items())
    head = f"---\napiVersion: lebots/v1\nkind: Shelf\nmetadata: {{name: {name}}}\n"
    return head + (f"spec:\n{fields}" if fields else "spec: {}\n")


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """A repository that is the working folder."""
    repo = Repo.make(tmp_path / "repo")
    monkeypatch.chdir(repo.folder)
    return repo


def opened(ref: str = "HEAD", *paths: str) -> Revision:
    return Revision.open(ref, [Path(path) for path in paths or ("manifests",)], HERE)


def read(
    *paths: str, ref: str = "HEAD", overlays: Sequence[str] = ()
) -> tuple[list[Desired], list[Finding]]:
    places = [Path(path) for path in paths or ("manifests",)]
    layers = [Path(path) for path in overlays]
    desired, findings = load(places, KINDS, layers, reading(opened(ref, *paths).tree.read))
    return desired, [one for one in findings if one.code != EMPTY]


def names(found: tuple[list[Desired], list[Finding]]) -> list[str]:
    assert found[1] == []
    return sorted(wanted.address.name for wanted in found[0])


def test_manifests_of_a_commit_and_not_those_on_disk(repo: Repo) -> None:
    repo.commit(manifests__a=shelf("A", width=1))
    repo.commit(manifests__a=shelf("A", width=2), manifests__b=shelf("B"))
    repo.write("manifests/a.yaml", shelf("A", width=3))
    assert names(read()) == ["A", "B"]
    (then,) = read(ref="HEAD~1")[0]
    assert then.spec == {"width": 1}
    assert str(then.at("width")) == "HEAD~1:manifests/a.yaml:6:10", (
        "as git writes a file of a commit"
    )


def test_the_rules_of_the_walk_hold(repo: Repo) -> None:
    for name in (
        *("manifests/a.yaml", "manifests/deep/er/b.yml", "manifests/notes.txt", "other/c.yaml"),
        *(
            "manifests/.hidden.yaml",
            "manifests/.hidden/d.yaml",
            "manifests/e.YAML",
            "manifests/yaml",
        ),
    ):
        repo.write(name, shelf(Path(name).stem.strip(".")))
    repo.write("manifests/lebots.yaml", "kind: Project")
    (repo.folder / "manifests/link.yaml").symlink_to("a.yaml")
    (repo.folder / "manifests/out.yaml").symlink_to("/etc/passwd")
    repo.commit()
    assert names(read()) == ["a", "b", "e"]
    assert names(read("manifests/.hidden.yaml", "other")) == ["c", "hidden"]
    assert names(read("manifests/notes.txt", "manifests/deep", "manifests/deep/er")) == [
        "b",
        "notes",
    ]


def test_the_same_as_from_disk(repo: Repo) -> None:
    repo.commit(
        manifests__a=shelf("A", width=1) + shelf("B", topics="[x, y]"), manifests__d__c=shelf("C")
    )
    on_disk, _ = load([Path("manifests")], KINDS)
    in_git, _ = read()
    assert [(w.address, w.spec) for w in in_git] == [(w.address, w.spec) for w in on_disk]


def test_the_whole_repository_is_a_path_too(repo: Repo) -> None:
    repo.commit(a=shelf("A"), m__b=shelf("B"), c=shelf("C"))
    assert names(read(".")) == ["A", "B", "C"]
    assert names(read(".", "m")) == ["A", "B", "C"]


def test_a_folder_that_the_commit_does_not_have_yet(repo: Repo) -> None:
    repo.commit()
    repo.write("manifests/a.yaml", shelf("A"))
    assert names(read()) == []


def test_files_without_a_manifest_are_nothing_wrong(repo: Repo) -> None:
    repo.commit(manifests__a="# nothing yet\n")
    assert names(read()) == []


def test_a_path_that_is_a_link_leads_where_it_does_now(repo: Repo) -> None:
    repo.commit(real__a=shelf("A"))
    (repo.folder / "manifests").symlink_to("real")
    assert names(read()) == ["A"]


def test_from_below_and_from_elsewhere(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit(team__manifests__a=shelf("A"), manifests__b=shelf("B"))
    monkeypatch.chdir(repo.folder / "team")
    assert names(read()) == ["A"]
    assert names(read("manifests/a.yaml")) == ["A"]
    assert names(read("../manifests", ".")) == ["A", "B"]
    monkeypatch.chdir(tmp_path)
    assert names(read("repo/manifests")) == ["B"]


def test_a_path_outside_the_repository(repo: Repo, tmp_path: Path) -> None:
    repo.commit(manifests__a=shelf("A"))
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(UsageError, match=r"\.\./elsewhere is not in the repository at .*/repo;"):
        read("manifests", "../elsewhere")
    with pytest.raises(UsageError, match="is not in a git repository"):
        read("../elsewhere")


# What is wrong


def codes(found: tuple[list[Desired], list[Finding]]) -> set[str]:
    return {finding.code for finding in found[1]}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kind: [", "yaml-syntax"),
        (shelf("A", nope=1), "unknown-field"),
        (shelf("A") + shelf("A"), "same-name"),
        ("\x00", "yaml-character"),
    ],
)
def test_what_is_wrong_is_found_as_on_disk(repo: Repo, text: str, code: str) -> None:
    repo.commit(manifests__a=text)
    found = read()
    assert code in codes(found)
    assert all(str(one.source).startswith("HEAD:manifests/a.yaml:") for one in found[1])


def test_names_that_cannot_be_shown(repo: Repo) -> None:
    repo.write("manifests/a\x1b[2J.yaml", shelf("A"))
    Path(os.fsdecode(os.fsencode(repo.folder) + b"/manifests/\xff.yaml")).write_text(shelf("B"))
    repo.commit()
    _, findings = read()
    assert [one.message for one in findings] == [
        "the file name holds a character that cannot be shown; rename it"
    ] * 2
    assert all(str(one).isprintable() for one in findings)


def test_limits(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit(manifests__a=shelf("A"), manifests__b=shelf("B", description="x" * 200))
    for name, value, words in (
        ("MAX_BYTES", 150, "manifests/b.yaml:1:1: larger than 150 bytes"),
        ("MAX_TOTAL", 150, "HEAD has more than 150 bytes of manifests"),
        ("MAX_FILES", 1, "HEAD has more than 1 files"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(tree, name, value)
            _, findings = read()
            assert words in " ".join(map(str, findings))


# Overlays


def test_overlays_are_read_from_the_commit_too(repo: Repo) -> None:
    repo.commit(manifests__a=shelf("A", width=1, description="x"), over__a=shelf("A", width=2))
    repo.write("over/a.yaml", shelf("A", width=3))
    (found,), findings = read(overlays=["over", "gone"])
    assert (found.spec, findings) == ({"width": 2, "description": "x"}, [])
    assert str(found.at("width")).startswith("HEAD:over/a.yaml:")


# What was said before


def before(name: str, *paths: str, ref: str = "HEAD") -> list[Any]:
    places = [Path(path) for path in paths or ("manifests",)]
    return [dict(spec) for spec in opened(ref, *paths).versions(places, KINDS).of(at(name))]


def test_earlier_versions_of_an_object(repo: Repo) -> None:
    repo.commit(manifests__a=shelf("A", width=1) + shelf("B"))
    repo.commit(manifests__a=shelf("A", width=2) + shelf("B"))
    repo.commit(manifests__a=None, manifests__moved=shelf("A", width=2), manifests__notes="no")
    repo.commit(manifests__moved=shelf("A", width=3))
    assert before("Shelf/A") == [{"width": 3}, {"width": 2}, {"width": 1}]
    assert before("Shelf/B") == [{}]
    assert before("Shelf/A", ref="HEAD~2") == [{"width": 2}, {"width": 1}]
    assert before("Shelf/A", ref="HEAD~3") == [{"width": 1}]


def test_earlier_versions_that_were_not_valid_say_nothing(repo: Repo) -> None:
    for text in (shelf("A", width=1), "kind: [", shelf("A", nope=1), shelf("A", width="[1]"), "\0"):
        repo.commit(manifests__a=text)
    repo.write("manifests/a.yaml", "").write_bytes(b"\xff")
    repo.commit()
    repo.commit(manifests__a=shelf("A", width=9))
    assert before("Shelf/A") == [{"width": 9}, {"width": 1}]


@pytest.mark.parametrize("lacking", ["apiVersion: lebots/v1\n", "", "$new: true\n"])
def test_a_part_of_an_object_says_what_it_says(repo: Repo, lacking: str) -> None:
    """An overlay need not hold what its manifest does."""
    text = "apiVersion: lebots/v1\nkind: Shelf\nmetadata: {name: A}\nspec: {width: 7}\n"
    repo.commit(over__a=lacking + text if "$" in lacking else text.replace(lacking, ""))
    repo.commit(over__a=None)
    assert before("Shelf/A", "manifests", "over") == [{"width": 7}]


def test_a_name_in_any_spelling(repo: Repo) -> None:
    repo.commit(manifests__a=shelf('"\\x41"', width=1), manifests__b=shelf("'A'", width=2))
    assert before("Shelf/A") == [{"width": 1}, {"width": 2}]


def test_history_has_no_limit_and_is_read_no_further_than_it_is_asked(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "AT_ONCE", 2)
    for width in range(9):
        repo.commit(manifests__a=shelf("A", width=width), manifests__b=shelf("B"))
    found = opened().versions([Path("manifests")], KINDS)
    asked: list[int] = []
    real = Repository.contents

    def contents(self: Repository, blobs: Iterable[str]) -> dict[str, bytes]:
        asked.append(len(blobs := list(blobs)))
        return real(self, blobs)

    monkeypatch.setattr(Repository, "contents", contents)
    said = found.of(at("Shelf/A"))
    assert asked == []
    assert next(said)["width"] == 8
    assert asked == [2]
    assert next(said)["width"] == 7
    assert asked == [2, 2]
    assert not found.exhausted
    assert [spec["width"] for spec in found.of(at("Shelf/A"))] == [*range(8, -1, -1)]
    assert [spec["width"] for spec in said] == [*range(6, -1, -1)], "two may look at once"
    assert found.exhausted == {at("Shelf/A")}
    assert (found.cut, len(asked)) == ("", 6), "nothing is read twice"


@pytest.mark.parametrize("commits", by_day([10_000, 1_000], [1_000]))
def test_a_long_history(repo: Repo, commits: int) -> None:
    repo.history("manifests/a.yaml", (shelf("A", width=number) for number in range(commits)))
    assert before("Shelf/A")[-1] == {"width": 0}


def test_files_that_the_repository_lacks_are_told(repo: Repo) -> None:
    repo.commit(manifests__a=shelf("A", width=1))
    gone = repo.git("rev-parse", "HEAD:manifests/a.yaml")
    repo.commit(manifests__a=shelf("A", width=2))
    (repo.folder / f".git/objects/{gone[:2]}/{gone[2:]}").unlink()
    found = opened().versions([Path("manifests")], KINDS)
    assert [spec["width"] for spec in found.of(at("Shelf/A"))] == [2]
    assert found.cut == "the repository lacks files of its history"


# Single files


def test_what_a_file_of_the_commit_holds(repo: Repo, tmp_path: Path) -> None:
    repo.commit(lebots="kind: Project\n", manifests__a=shelf("A"))
    found = opened()
    repo.write("lebots.yaml", "changed")
    assert found.tree.content(Path("lebots.yaml")) == b"kind: Project\n"
    assert found.tree.content(Path("manifests")) is None, "a folder"
    assert found.tree.content(Path("nowhere.yaml")) is None
    assert found.tree.holds(Path("lebots.yaml"))
    assert not found.tree.holds(tmp_path / "lebots.yaml")
