"""Files of secrets in a work tree: git ignores them, or the run is refused before it begins."""

import os
from pathlib import Path

import pytest

from lebots.core.model.ports import Credential
from lebots.core.model.secret import Secret
from lebots.credentials.files.dotenv_sink import DotenvSink
from lebots.errors import Refused
from lebots.git.unshared import Unshared
from tests.repositories import Repo

HERE = {"PATH": os.environ["PATH"], "HOME": os.devnull}
ME = ("10000001", "routing-bot")
CANARY = "c4n4ry-0f-4-s3cr3t"
TEMPLATES = [
    ".secrets/{name}.env",
    ".lebots/credentials/{name}.env",
    "config/{name}.env",
    "config/{account}/{name}.env",
    "{name}.env",
    "{name}/.env",
    "config/[x] *{name}?.env",
]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.make(tmp_path / "repo")


def sink_in(folder: Path, template: str, **environment: str) -> DotenvSink:
    """A sink as the command line opens it, asked what it holds as a plan does."""
    kept = Unshared(folder, [folder / "manifests"], {**HERE, **environment})
    sink = DotenvSink("runtime", template, folder, keep_out=kept.require)
    sink.read_back(*ME)
    return sink


def staged(repo: Repo) -> str:
    """Everything a commit of everything would hold."""
    repo.git("add", "--all")
    names = repo.git("ls-files", "-z").split("\0")
    return "".join(name + (repo.folder / name).read_text() for name in names if name)


def deliver(sink: DotenvSink) -> None:
    sink.probe()
    sink.announce(*ME, "one")
    sink.write(Credential(*ME, "id-1", {"LP_SECRET": Secret(CANARY)}), None)


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("used", [False, True])
def test_no_secret_is_ever_staged(repo: Repo, template: str, used: bool) -> None:
    sink = sink_in(repo.folder, template)
    folder = (repo.folder / sink.place(*ME)).parent
    if used:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "README").write_text("of the project")
        (folder / ".lebots-0123456789abcdef").write_text(CANARY)
    deliver(sink)
    (folder / ".lebots-fedcba9876543210.env").write_text(CANARY)
    found = staged(repo)
    assert CANARY not in found
    assert ".intent" not in found.replace("/.*.intent", "")
    assert ("of the project" in found) == used


def test_files_of_any_name_do_not_hide_a_whole_folder(repo: Repo) -> None:
    repo.write("config/README", "of the project")
    sink = sink_in(repo.folder, "config/{name}")
    with pytest.raises(Refused, match=r'"/routing-bot" and the line "/\.lebots-\*" at the end of'):
        sink.probe()
    assert sorted(path.name for path in (repo.folder / "config").iterdir()) == ["README"]
    deliver(sink_in(repo.folder, "own/{name}"))
    assert CANARY not in staged(repo)


@pytest.mark.parametrize("template", [*TEMPLATES, "config/{name}"])
def test_an_ignore_file_of_somebody_is_not_touched_but_the_line_is_told(
    repo: Repo, template: str
) -> None:
    sink = sink_in(repo.folder, template)
    folder = (repo.folder / sink.place(*ME)).parent
    folder.mkdir(parents=True, exist_ok=True)
    own = folder / ".gitignore"
    own.write_text("!*\n")
    before = sorted(repo.folder.rglob("*"))
    with pytest.raises(
        Refused, match=r'git does not ignore it.*add the line "/.*\.gitignore'
    ) as no:
        sink.probe()
    assert own.read_text() == "!*\n"
    assert sorted(repo.folder.rglob("*")) == before
    lines = str(no.value).split('the line "')[1:]
    own.write_text("!*\n" + "".join(line.partition('"')[0] + "\n" for line in lines))
    deliver(sink)
    assert CANARY not in staged(repo)


def test_a_file_git_has_already_is_not_helped_by_ignoring_it(repo: Repo) -> None:
    sink = sink_in(repo.folder, "config/{name}.env")
    deliver(sink)
    repo.git("add", "--force", "config/routing-bot.env")
    with pytest.raises(Refused, match=r"git rm --cached config/routing-bot\.env") as caught:
        sink.probe()
    assert CANARY not in str(caught.value)
    repo.git("rm", "--quiet", "--cached", "config/routing-bot.env")
    sink.probe()


@pytest.mark.parametrize(
    "template",
    [
        ".git/{name}.env",
        ".GIT/hooks/{name}.env",
        ".github/{name}.env",
        ".github/workflows/{name}.yml",
        "manifests/{name}.env",
        "manifests/deep/{account}/{name}.env",
    ],
)
@pytest.mark.parametrize("in_git", [False, True])
def test_what_others_read_is_no_place_for_secrets(
    tmp_path: Path, template: str, in_git: bool
) -> None:
    if in_git:
        Repo.make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Refused, match="choose another path"):
        sink_in(tmp_path, template).probe()
    assert sorted(tmp_path.rglob("*")) == before


def test_without_git_nobody_knows_what_it_ignores(repo: Repo, tmp_path: Path) -> None:
    sink = sink_in(repo.folder, ".secrets/{name}.env", PATH="/nowhere")
    with pytest.raises(Refused, match="needs git, and there is none on the PATH"):
        sink.probe()
    assert not (repo.folder / ".secrets").exists()
    outside = tmp_path / "outside"
    outside.mkdir()
    sink_in(outside, ".secrets/{name}.env", PATH="/nowhere").probe()


def test_a_repository_git_does_not_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere\n")
    with pytest.raises(Refused, match="choose a path outside of the work tree"):
        sink_in(tmp_path, "{name}.env").probe()


def test_an_absolute_path_in_another_work_tree_is_asked_of_that_one(
    repo: Repo, tmp_path: Path
) -> None:
    (tmp_path / "project").mkdir()
    repo.write("bots/.gitignore", "!*\n")
    base = os.path.realpath(repo.folder)
    with pytest.raises(Refused, match="at the end of"):
        sink_in(tmp_path / "project", f"{base}/bots/{{name}}.env").probe()


def test_a_project_reached_through_a_link_is_asked_where_it_is(repo: Repo, tmp_path: Path) -> None:
    repo.write("bots/config/.gitignore", "!*\n")
    (tmp_path / "link").symlink_to(repo.folder / "bots")
    with pytest.raises(Refused, match="at the end of"):
        sink_in(tmp_path / "link", "config/{name}.env").probe()


def test_a_repository_inside_is_asked_for_its_own_files(repo: Repo) -> None:
    repo.write(".gitignore", "/vendor/\n")
    inner = Repo.make(repo.folder / "vendor/inner")
    inner.write(".gitignore", "")
    with pytest.raises(Refused, match="at the end of"):
        sink_in(repo.folder, "vendor/inner/{name}.env").probe()


def test_nothing_of_the_repository_runs(repo: Repo) -> None:
    script = repo.write("evil", f"#!/bin/sh\ntouch {repo.folder}/owned\n")
    script.chmod(0o755)
    for setting in ("core.fsmonitor", "core.pager", "filter.evil.clean", "core.sshCommand"):
        repo.git("config", setting, str(script))
    repo.write(".git/hooks/post-index-change", script.read_text()).chmod(0o755)
    sink_in(repo.folder, ".secrets/{name}.env").probe()
    assert not (repo.folder / "owned").exists()


def test_manifests_that_are_the_whole_project_stand_in_no_way(tmp_path: Path) -> None:
    kept = Unshared(tmp_path, [tmp_path], HERE)
    DotenvSink("runtime", ".secrets/{name}.env", tmp_path, keep_out=kept.require).probe()
