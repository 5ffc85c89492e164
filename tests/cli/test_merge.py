"""``lebots plan --base REF`` on branches of real repositories: the merge is planned, and the origin
of every field is told once.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Project, skill
from tests.cli.test_base import DATABASE, OVERLAY, by_hand, codes, origins
from tests.night import by_day
from tests.repositories import Repo

BOT = "manifests/routing-bot.yaml"
NICKNAME, CHATS = "BotUser/routing-bot nickname", "BotUser/routing-bot maxAsyncChats"
TEXT, NAME = "Skill/routing-bot description", "BotUser/routing-bot fullName"
WORDS = ("takes first", "takes last")


def change(repo: Repo, *replacements: tuple[str, str], commit: bool = True) -> None:
    """Edits the manifest of the bot as it is."""
    text = (repo.folder / BOT).read_bytes().decode()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    (repo.folder / BOT).write_bytes(text.encode())
    if commit:
        repo.commit()


def diverge(repo: Repo, theirs: Callable[[Repo], Any], mine: Callable[[Repo], Any]) -> None:
    """What colleagues merge, and what stands on a branch that began before."""
    repo.git("checkout", "--quiet", "-b", "mine")
    repo.git("checkout", "--quiet", "main")
    theirs(repo)
    repo.git("checkout", "--quiet", "mine")
    mine(repo)


def nickname(repo: Repo) -> None:
    change(repo, ("nickname: Ava", "nickname: Bea"))


def words(repo: Repo) -> None:
    change(repo, WORDS)


def uncommitted(repo: Repo) -> None:
    change(repo, WORDS, commit=False)


def both(repo: Repo) -> None:
    words(repo)
    change(repo, ("nickname: Ava", "nickname: Cal"), commit=False)


def new(repo: Repo) -> None:
    repo.write("manifests/new.yaml", skill("new"))


def moved(repo: Repo) -> None:
    (repo.folder / "manifests/deep").mkdir()
    repo.git("mv", BOT, "manifests/deep/er.yaml")
    repo.commit()


def renamed(repo: Repo) -> None:
    old = "metadata:\n  name: routing-bot\nspec:\n  description: Conv"
    with_name = old.replace("name: routing-bot", "name: router\n  previously: [routing-bot]")
    change(repo, (old, with_name), ("skills: [routing-bot]", "skills: [router]"))


def picked(repo: Repo) -> None:
    repo.git("cherry-pick", "main")
    words(repo)


def merged(repo: Repo) -> None:
    words(repo)
    repo.git("merge", "--quiet", "--no-edit", "main")


def rebased(repo: Repo) -> None:
    words(repo)
    repo.git("rebase", "--quiet", "main")


def by_somebody(repo: Repo) -> None:
    words(repo)
    by_hand("routing-bot", maxAsyncChats=7)


def nothing(repo: Repo) -> None:
    """A branch of the past."""


MINE_AND_THEIRS = {NICKNAME: "pending", TEXT: "proposed"}
STORIES: list[tuple[Callable[[Repo], Any], Callable[[Repo], Any], dict[str, str]]] = [
    (nickname, nothing, {NICKNAME: "pending"}),
    (nothing, words, {TEXT: "proposed"}),
    (nickname, words, MINE_AND_THEIRS),
    (nickname, uncommitted, MINE_AND_THEIRS),
    (new, uncommitted, {TEXT: "proposed"}),
    (nickname, moved, {NICKNAME: "pending"}),
    (moved, words, {TEXT: "proposed"}),
    (nickname, picked, MINE_AND_THEIRS),
    (nickname, merged, MINE_AND_THEIRS),
    (nickname, rebased, MINE_AND_THEIRS),
    (nickname, by_somebody, {**MINE_AND_THEIRS, CHATS: "drift"}),
    (nickname, renamed, {NICKNAME: "pending"}),
]


@pytest.mark.parametrize(
    ("theirs", "mine", "expected"),
    STORIES,
    ids=[f"{theirs.__name__}-{mine.__name__}" for theirs, mine, _ in STORIES],
)
@pytest.mark.parametrize("more", by_day([(), ("--receipt", "receipt.json")], [()]), ids=str)
def test_the_origin_of_every_field(
    lebots: Project,
    repo: Repo,
    theirs: Callable[[Repo], Any],
    mine: Callable[[Repo], Any],
    expected: dict[str, str],
    more: tuple[str, ...],
) -> None:
    diverge(repo, theirs, mine)
    if theirs is new:
        (repo.folder / "manifests/new.yaml").unlink()
    ran = lebots("plan", "--base", "main", "--format", "json", *more)
    assert ran.code == 0, ran.err
    assert origins(ran.json) == expected
    assert codes(ran.json) <= {"merge-planned"}
    lacks = repo.git("rev-list", "--count", "HEAD..main") != "0"
    assert ("merge-planned" in codes(ran.json)) == lacks


def told(lebots: Project, *arguments: str) -> dict[str, str]:
    """The origin of each object that changes."""
    document = lebots("plan", "--base", "main", "--format", "json", *arguments).json
    return {c["address"]: c["origin"] for c in document["changes"] if "digest" in c}


def test_objects_that_either_side_adds_or_takes_away(lebots: Project, repo: Repo) -> None:
    for name in ("a", "b"):
        repo.write(f"manifests/{name}.yaml", skill(name))
    repo.commit()
    assert lebots("apply", "--yes").code == 0

    def theirs(repo: Repo) -> None:
        (repo.folder / "manifests/a.yaml").unlink()
        repo.commit(manifests__theirs=skill("theirs"))

    def mine(repo: Repo) -> None:
        (repo.folder / "manifests/b.yaml").unlink()
        repo.write("manifests/mine.yaml", skill("mine"))

    diverge(repo, theirs, mine)
    assert told(lebots) == {"Skill/mine": "proposed", "Skill/theirs": "pending"}
    document = lebots("plan", "--base", "main", "--format", "json").json
    assert [
        c["address"] for c in document["changes"] if c["address"] in ("Skill/a", "Skill/b")
    ] == []


def test_a_rename_that_forgets_the_old_name_is_a_new_object(lebots: Project, repo: Repo) -> None:
    def mine(repo: Repo) -> None:
        old = "metadata:\n  name: routing-bot\nspec:\n  description: Conv"
        new_name = old.replace("name: routing-bot", "name: router")
        change(repo, (old, new_name), ("skills: [routing-bot]", "skills: [router]"))

    diverge(repo, nickname, mine)
    assert told(lebots) == {"Skill/router": "proposed", "BotUser/routing-bot": "proposed"}
    found = lebots("plan", "--base", "main", "--format", "json").json
    assert origins(found)["BotUser/routing-bot skills"] == "proposed"
    assert origins(found)[NICKNAME] == "pending"


@pytest.mark.parametrize("way", ["--no-ff", "--squash", "rebase"])
def test_after_the_merge_all_of_it_waits(lebots: Project, repo: Repo, way: str) -> None:
    diverge(repo, nickname, words)
    if way == "rebase":
        repo.git("rebase", "--quiet", "main")
        repo.git("checkout", "--quiet", "main")
        repo.git("merge", "--quiet", "--ff-only", "mine")
    else:
        repo.git("checkout", "--quiet", "main")
        repo.git("merge", "--quiet", way, *(["--no-edit"] if way == "--no-ff" else []), "mine")
        repo.commit()
    repo.git("checkout", "--quiet", "-b", "next")
    found = lebots("plan", "--base", "main", "--format", "json").json
    assert origins(found) == {NICKNAME: "pending", TEXT: "pending"}


def test_a_revert(lebots: Project, repo: Repo) -> None:
    nickname(repo)
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 0
    repo.git("checkout", "--quiet", "-b", "mine")
    repo.git("revert", "--no-edit", "HEAD")
    found = lebots("plan", "--base", "main", "--format", "json").json
    assert origins(found) == {NICKNAME: "proposed"}
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--ff-only", "mine")
    for more in ((), ("--receipt", "receipt.json")):
        found = lebots("plan", "--base", "main", "--format", "json", *more).json
        assert origins(found) == {NICKNAME: "pending"}


def test_a_fork(lebots: Project, repo: Repo) -> None:
    """The base is a branch of another remote."""
    theirs = Repo(lebots.folder.parent / f"{lebots.folder.name}-upstream")
    repo.git("clone", "--quiet", str(repo.folder), str(theirs.folder))
    change(theirs, ("nickname: Ava", "nickname: Bea"))
    words(repo)
    repo.git("remote", "add", "upstream", str(theirs.folder))
    repo.git("fetch", "--quiet", "upstream")
    found = lebots("plan", "--base", "upstream/main", "--format", "json").json
    assert origins(found) == MINE_AND_THEIRS


def test_a_folder_of_a_large_repository(
    lebots: Project, tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What conflicts elsewhere is no matter of a plan; paths are those of the working folder."""
    repo = Repo.make(tmp_path_factory.mktemp("mono"))
    bots = repo.folder / "teams/bots"
    shutil.copytree(lebots.folder, bots)
    repo.write(".gitignore", ".lebots/\n.secrets/\n")
    repo.write("README.md", "one\n")
    repo.commit()
    monkeypatch.chdir(bots)
    assert lebots("apply", "--yes").code == 0
    inside = Repo(bots)

    def theirs(repo: Repo) -> None:
        repo.write("README.md", "two\n")
        nickname(inside)

    def mine(repo: Repo) -> None:
        repo.write("README.md", "three\n")
        words(inside)

    diverge(repo, theirs, mine)
    document = lebots("plan", "--base", "main", "--format", "json").json
    assert origins(document) == MINE_AND_THEIRS
    places = {part["source"]["file"] for c in document["changes"] for part in c["fields"]}
    assert places == {BOT}


# Line ends


def test_line_ends_of_a_checkout_are_no_change(
    lebots: Project, repo: Repo, tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As git makes them on Windows: core.autocrlf."""
    repo.git("checkout", "--quiet", "-b", "theirs")
    nickname(repo)
    clone = Repo(tmp_path_factory.mktemp("clone") / "clone")
    repo.git(
        *("clone", "--quiet", "--config", "core.autocrlf=true", "--branch=main"),
        str(repo.folder),
        str(clone.folder),
    )
    shutil.copytree(lebots.folder / ".lebots", clone.folder / ".lebots")
    shutil.copytree(lebots.folder / ".secrets", clone.folder / ".secrets")
    monkeypatch.chdir(clone.folder)
    for file in (BOT, "lebots.yaml"):
        assert b"\r\n" in (clone.folder / file).read_bytes()
    quiet = lebots("plan", "--base", "origin/main", "--check")
    assert (quiet.code, quiet.err) == (0, "")
    assert codes(lebots("plan", "--base", "origin/main", "--format", "json").json) == set()
    assert lebots("fmt", "--check").code == 0
    change(clone, WORDS, commit=False)
    assert b"\r\n" in (clone.folder / BOT).read_bytes()
    found = lebots("plan", "--base", "origin/theirs", "--format", "json").json
    assert origins(found) == MINE_AND_THEIRS
    assert codes(found) == {"merge-planned"}


# What git cannot merge


def test_a_conflict_of_git_is_told_with_its_file(lebots: Project, repo: Repo) -> None:
    diverge(repo, nickname, both)
    lebots.requests.clear()
    ran = lebots("plan", "--base", "main")
    assert (ran.code, lebots.requests) == (4, [])
    assert ran.err == (
        f"{BOT}:1:1: this file and the one at main conflict, so git cannot merge them; merge or "
        "rebase, and keep what is meant\n1 error\n"
    )
    assert repo.git("status", "--porcelain") == f"M {BOT}", "nothing of it is in the working tree"


def test_an_unfinished_merge_in_the_working_tree(lebots: Project, repo: Repo) -> None:
    diverge(repo, nickname, lambda repo: change(repo, ("nickname: Ava", "nickname: Cal")))
    with pytest.raises(AssertionError, match="git merge"):
        repo.git("merge", "main")
    for arguments in ([], ["--base", "main"]):
        ran = lebots("plan", *arguments)
        assert ran.code == 4
        assert f"{BOT}:23:1: this file has an unfinished merge: <<<<<<< stands here" in ran.err
        assert ran.err.endswith("\n1 error\n")


def test_a_file_that_one_side_changes_and_the_other_removes(lebots: Project, repo: Repo) -> None:
    repo.commit(manifests__a=skill("a"))
    diverge(
        repo,
        lambda repo: repo.commit(manifests__a=skill("a", description="changed by colleagues")),
        lambda repo: repo.commit(manifests__a=None),
    )
    ran = lebots("plan", "--base", "main")
    assert ran.code == 4
    assert "manifests/a.yaml:1:1: this file and the one at main conflict" in ran.err


def test_a_clone_without_the_history_of_the_merge(
    lebots: Project, repo: Repo, tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    diverge(repo, nickname, words)
    clone = tmp_path_factory.mktemp("clone") / "clone"
    source = f"file://{repo.folder}"
    repo.git("clone", "--quiet", "--depth=1", "--no-single-branch", source, str(clone))
    monkeypatch.chdir(clone)
    ran = lebots("plan", "--base", "origin/main")
    assert ran.code == 2
    assert "cannot be merged: no commit that both come from is there" in ran.err
    assert "`fetch-depth: 0`" in ran.err


# What is read, and what stays as it is


def test_overlays_are_those_of_the_merged_project(lebots: Project, repo: Repo) -> None:
    def theirs(repo: Repo) -> None:
        text = (repo.folder / "lebots.yaml").read_text()
        with_overlay = text.replace("sandbox.db\n", "sandbox.db\n    overlays: [over]\n", 1)
        repo.write("lebots.yaml", with_overlay)
        repo.commit(over__bot=OVERLAY % "Theirs")

    diverge(repo, theirs, words)
    document = lebots("plan", "--base", "main", "--format", "json").json
    assert origins(document) == MINE_AND_THEIRS
    (source,) = {
        part["source"]["file"]
        for c in document["changes"]
        for part in c["fields"]
        if part["path"] == "nickname"
    }
    assert source == "over/bot.yaml"
    assert codes(document) == {"merge-planned"}


def test_lines_are_those_of_the_merged_file(lebots: Project, repo: Repo) -> None:
    more = ("kind: Key\n", "kind: Key\n# one\n# two\n")
    diverge(repo, lambda repo: change(repo, more), uncommitted)
    change(repo, ("maxAsyncChats: 25", "maxAsyncChats: 26"), commit=False)
    document = lebots("plan", "--base", "main", "--format", "json").json
    lines = {
        part["path"]: part["source"]["line"] for c in document["changes"] for part in c["fields"]
    }
    text = (repo.folder / BOT).read_text().splitlines()
    here = next(number for number, line in enumerate(text, 1) if "maxAsyncChats" in line)
    assert lines == {"description": 6, "maxAsyncChats": here + 2}
    (note,) = (one for one in document["findings"] if one["code"] == "merge-planned")
    assert note["severity"] == "note"
    assert "line numbers are those of the merged files" in note["message"]


def test_links_and_files_that_git_ignores_are_read_as_without_a_base(
    lebots: Project, repo: Repo
) -> None:
    def mine(repo: Repo) -> None:
        repo.write("manifests/notes.txt", skill("linked"))
        (repo.folder / "manifests/linked.yaml").symlink_to("notes.txt")
        (repo.folder / "manifests/again.yaml").symlink_to("routing-bot.yaml")
        repo.write(".git/info/exclude", "ignored.yaml\n")
        repo.write("manifests/ignored.yaml", skill("ignored"))
        repo.commit()

    diverge(repo, nickname, mine)
    expected = {"Skill/linked": "proposed", "Skill/ignored": "proposed"}
    assert told(lebots) == {**expected, "BotUser/routing-bot": "pending"}


def test_nothing_of_the_repository_is_touched(lebots: Project, repo: Repo) -> None:
    diverge(repo, nickname, words)
    change(repo, ("maxAsyncChats: 25", "maxAsyncChats: 26"), commit=False)
    repo.git("add", "--all")
    new(repo)

    def everything() -> dict[Path, tuple[bytes, int]]:
        files = (path for path in repo.folder.rglob("*") if path.is_file())
        kept = (path for path in files if ".lebots" not in path.parts)
        # Git marks objects that it was about to write again as fresh.
        objects = repo.folder / ".git/objects"
        return {
            path: (path.read_bytes(), path.is_relative_to(objects) or path.stat().st_mtime_ns)
            for path in kept
        }

    before = everything()
    assert told(lebots)["Skill/new"] == "proposed"
    assert everything() == before
    assert (repo.folder / DATABASE).exists()
