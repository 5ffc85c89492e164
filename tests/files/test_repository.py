"""Reading git: only what is asked for, nothing of the repository runs, every failure in words."""

import os
import shutil
from pathlib import Path

import pytest

from lebots.errors import UsageError
from lebots.git import repository
from lebots.git.merge import merged
from lebots.git.repository import Repository, TreeEntry
from tests.repositories import Repo

HERE = {"PATH": os.environ["PATH"], "HOME": os.devnull}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.make(tmp_path / "repo")


def opened(repo: Repo, **environment: str) -> Repository:
    return Repository.around(repo.folder, {**HERE, **environment})


def earlier(found: Repository, commit: str, paths: list[str]) -> list[tuple[str, str]]:
    return found.replaced(found.line(commit, paths), paths)


def refused(ref: str, repo: Repo) -> str:
    with pytest.raises(UsageError) as caught:
        opened(repo).commit(ref)
    return str(caught.value)


# Finding the repository


def test_the_repository_of_a_folder_below(repo: Repo) -> None:
    (repo.folder / "a/b").mkdir(parents=True)
    found = Repository.around(repo.folder / "a/b", HERE)
    assert found.top.resolve() == repo.folder.resolve()


def test_a_folder_in_no_repository(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not in a git repository"):
        Repository.around(tmp_path, HERE)


@pytest.mark.parametrize("path", ["", "/nowhere", "bin:.", ":"])
def test_without_git(repo: Repo, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative entry of PATH is passed over: it could lead to a program of a pull request."""
    monkeypatch.chdir(repo.folder)
    for place in (".", "bin"):
        fake = repo.write(f"{place}/git", "#!/bin/sh\ntouch owned\n")
        fake.chmod(0o755)
    with pytest.raises(UsageError, match="needs git, and there is none on the PATH"):
        Repository.around(repo.folder, {"PATH": path})
    assert not (repo.folder / "owned").exists()


def test_a_git_that_cannot_be_run(repo: Repo, tmp_path: Path) -> None:
    broken = tmp_path / "bin/git"
    broken.parent.mkdir()
    broken.write_text("no program")
    broken.chmod(0o755)
    with pytest.raises(UsageError, match=r"git cannot be run \(exec format error\)"):
        Repository.around(repo.folder, {"PATH": str(broken.parent)})


def test_a_git_that_takes_too_long(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "bin/git"
    slow.parent.mkdir()
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(repository, "PATIENCE", 0.05)
    with pytest.raises(UsageError, match=r"git rev-parse took more than 0\.05 seconds"):
        Repository.around(repo.folder, {"PATH": f"{slow.parent}:/bin:/usr/bin"})


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ("fatal: detected dubious ownership in repository at '/x'", "safe.directory"),
        ("fatal: not a git repository (or any of the parent directories)", "not in a git reposit"),
        ("fatal: odd \x1b[2J thing\nmore", r"fatal: odd \u001b[2J thing"),
        ("", "it does not say why"),
    ],
)
def test_what_git_says_where_it_refuses(tmp_path: Path, says: str, words: str) -> None:
    file = tmp_path / "says"
    file.write_text(says)
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat {file} >&2\nexit 128\n")
    program.chmod(0o755)
    with pytest.raises(UsageError) as caught:
        Repository.around(tmp_path, {"PATH": f"{program.parent}:/bin:/usr/bin"})
    assert words in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_variables_that_send_git_elsewhere_do_not_reach_it(repo: Repo, tmp_path: Path) -> None:
    """A hook of git sets them, and so could anybody."""
    wanted = repo.commit(a="here")
    other = Repo.make(tmp_path / "other")
    other.commit(a="there")
    trace = tmp_path / "trace"
    found = opened(
        repo,
        GIT_DIR=str(other.folder / ".git"),
        GIT_WORK_TREE=str(other.folder),
        GIT_INDEX_FILE="/nowhere",
        GIT_OBJECT_DIRECTORY="/nowhere",
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0="core.bare",
        GIT_CONFIG_VALUE_0="true",
        GIT_TRACE=str(trace),
        GIT_EXEC_PATH="/nowhere",
        LP_CLIENT_SECRET="canary",
    )
    assert found.top.resolve() == repo.folder.resolve()
    assert found.commit("HEAD") == wanted
    assert not trace.exists()
    assert "canary" not in str(found.environment)


def test_a_folder_that_looks_like_a_repository_of_its_own_is_not_taken_for_one(
    repo: Repo,
) -> None:
    """A pull request can hold one, with settings that name programs."""
    manifests = repo.folder / "manifests"
    for name in ("objects", "refs"):
        (manifests / name).mkdir(parents=True)
        (manifests / name / "keep").touch()
    (manifests / "HEAD").write_text("ref: refs/heads/main\n")
    (manifests / "config").write_text("[core]\n\tbare = true\n\trepositoryformatversion = 0\n")
    repo.commit()
    with pytest.raises(UsageError, match="--base: "):
        Repository.around(manifests, HERE)


# Naming a commit


def test_names_of_commits(repo: Repo) -> None:
    first, second = repo.commit(a="1"), repo.commit(a="2")
    repo.git("tag", "--annotate", "--message", "x", "v1", first)
    repo.git("branch", "feature/#1-ümlaut", first)
    found = opened(repo)
    names = {"HEAD": second, "main": second, "HEAD~1": first, "v1": first, first[:10]: first}
    for name, expected in {**names, "feature/#1-ümlaut": first, "main@{0}": second}.items():
        assert found.commit(name) == expected


HOSTILE = [
    *("", "-", "--", "--all", "-x", "--upload-pack=touch owned", "-ctouch", "--git-dir=/nowhere"),
    *("--output=owned", "HEAD:a.yaml", ":/change", "HEAD^{/change}", "main..HEAD", "^HEAD", "a b"),
    *("$(touch owned)", "`touch owned`", "; touch owned", "main\n--all", "main\0", "\x1b[2J"),
    *("\u202emain", "*", "mai?", "[m]ain", "ma\\in", "x" * 1001, "\ud800", "main --all", " main"),
    *("ext::sh -c touch% owned", "../main", "main/..", "HEAD:", ":0:a.yaml", "@{-1}..HEAD"),
]


@pytest.mark.parametrize("ref", HOSTILE)
def test_text_that_names_no_commit_is_never_an_option(repo: Repo, ref: str) -> None:
    repo.commit(a="1")
    words = refused(ref, repo)
    assert words.startswith("--base: ")
    assert words.isprintable()
    assert not list(repo.folder.rglob("owned"))


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("origin/main", '"origin/main"; fetch it first: `git fetch origin main`'),
        ("nope", '"nope"; fetch it first: `git fetch`, or a checkout with `fetch-depth: 0`'),
        ("0" * 40, "fetch it first"),
        ("HEAD^{tree}", "no commit"),
    ],
)
def test_a_commit_that_is_not_there(repo: Repo, ref: str, words: str) -> None:
    repo.commit(a="1")
    assert words in refused(ref, repo)


def test_a_repository_without_a_commit(repo: Repo) -> None:
    assert "no commit" in refused("HEAD", repo)


def test_a_shallow_clone_says_that_it_is_one(repo: Repo, tmp_path: Path) -> None:
    first, second = repo.commit(a="1"), repo.commit(a="2")
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.folder}", str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    found = opened(clone)
    assert (found.shallow, opened(repo).shallow) == (True, False)
    assert found.commit("origin/main") == second
    assert "(it is a shallow clone)" in refused(first, clone)


def test_what_is_checked_out_and_what_that_contains(repo: Repo) -> None:
    assert opened(repo).head == ""
    fork = repo.commit(a="1")
    tip = repo.commit(a="3")
    found = opened(repo)
    assert found.head == tip
    assert (found.contains(tip, fork), found.contains(fork, tip)) == (True, False)
    repo.git("checkout", "--quiet", "-b", "mine", fork)
    mine = repo.commit(b="1")
    assert found.head == mine
    assert not found.contains(mine, tip)
    repo.git("merge", "--quiet", "main")
    assert found.contains(found.head, tip)


# Files and what they hold

ODD = ["-x.yaml", "--all/y.yaml", "a b.yaml", "ümlaut.yaml", '"quoted".yaml', "tab\there.yaml"]


def test_files_with_any_name(repo: Repo) -> None:
    for name in [*ODD, "line\nbreak.yaml", ":(top)magic.yaml", "*.yaml"]:
        repo.write(name, f"content of {name}")
    raw = os.fsencode(repo.folder) + b"/\xff.yaml"
    Path(os.fsdecode(raw)).write_text("not UTF-8")
    commit = repo.commit()
    found = opened(repo)
    entries = found.files(commit, [])
    assert {entry.path for entry in entries} == {
        *ODD,
        "line\nbreak.yaml",
        ":(top)magic.yaml",
        "*.yaml",
        "\udcff.yaml",
    }
    contents = found.contents(entry.blob for entry in entries)
    for entry in entries:
        assert len(contents[entry.blob]) == entry.size
        if entry.path in ODD:
            assert contents[entry.blob].decode() == f"content of {entry.path}"


@pytest.mark.parametrize("name", ["--all", "-x.yaml", "*.yaml", ":(top)magic.yaml", "a"])
def test_a_path_is_a_name_and_nothing_else(repo: Repo, name: str) -> None:
    for file in ("--all/y.yaml", "-x.yaml", "*.yaml", ":(top)magic.yaml", "a/z.yaml", "other.yaml"):
        repo.write(file, file)
    commit = repo.commit()
    repo.write(name if name.endswith(".yaml") else f"{name}/new.yaml", "changed")
    later = repo.commit()
    found = opened(repo)
    assert [e.path for e in found.files(commit, [name])] == [
        {"--all": "--all/y.yaml", "a": "a/z.yaml"}.get(name, name)
    ]
    assert {path for path, _ in earlier(found, later, [name])} <= {name}


def test_links_and_submodules_are_left_out(repo: Repo, tmp_path: Path) -> None:
    (repo.folder / "link.yaml").symlink_to("/etc/passwd")
    (repo.folder / "folder").symlink_to("/etc")
    module = Repo.make(tmp_path / "module")
    module.commit(x="x")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(module.folder))
    commit = repo.commit(a="1")
    assert [e.path for e in opened(repo).files(commit, [])] == [".gitmodules", "a.yaml"]


def test_contents_of_nothing_of_one_and_of_many(repo: Repo) -> None:
    big, binary = "x" * 3_000_000, "\0\n\r\n"
    commit = repo.commit(a="", b="\n", c=big, d=binary, e=binary)
    found = opened(repo)
    blobs = {e.path: e.blob for e in found.files(commit, [])}
    assert blobs["d.yaml"] == blobs["e.yaml"]
    contents = found.contents(blobs.values())
    assert [contents[blobs[f"{name}.yaml"]].decode() for name in "abcde"] == [
        "",
        "\n",
        big,
        binary,
        binary,
    ]
    assert found.contents([]) == {}
    assert found.sizes([*blobs.values(), "0" * 40]) == {
        blobs[f"{name}.yaml"]: size
        for name, size in [("a", 0), ("b", 1), ("c", 3_000_000), ("d", 4)]
    }


def test_what_a_partial_clone_lacks_is_not_fetched(repo: Repo, tmp_path: Path) -> None:
    repo.commit(a="1")
    repo.git("config", "uploadpack.allowFilter", "true")
    commit = repo.commit(a="2")
    clone = Repo(tmp_path / "clone")
    repo.git(
        *("clone", "--quiet", "--filter=blob:none", "--no-checkout"),
        f"file://{repo.folder}",
        str(clone.folder),
    )
    blob = repo.git("rev-parse", "HEAD:a.yaml")
    found = opened(clone)
    with pytest.raises(UsageError, match="clone it without --filter"):
        found.contents([blob])
    with pytest.raises(UsageError, match="clone it without --filter"):
        found.files(commit, [])
    with pytest.raises(UsageError, match="clone it without --filter"):
        found.sizes([blob])
    assert f"?{blob}" in clone.git("rev-list", "--objects", "--missing=print", "HEAD")


def test_an_object_that_is_not_there(repo: Repo) -> None:
    repo.commit(a="1")
    with pytest.raises(UsageError, match="lacks the object"):
        opened(repo).contents(["0" * 40])
    with pytest.raises(UsageError, match="git ls-tree failed: fatal: "):
        opened(repo).files("0" * 40, [])


# What files were before


def test_earlier_versions_along_the_first_parents(repo: Repo) -> None:
    repo.commit(m__a="1")
    repo.commit(m__a="2", other="x")
    repo.commit(other="y")
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit(m__a="side 1")
    repo.commit(m__a="side 2")
    repo.git("checkout", "--quiet", "main")
    repo.commit(m__b="b 1")
    repo.git("merge", "--quiet", "--no-ff", "--message", "merge", "side")
    tip = repo.commit(m__b=None)
    found = opened(repo)

    def versions(paths: list[str]) -> list[tuple[str, str]]:
        before = earlier(found, tip, paths)
        contents = found.contents(blob for _, blob in before)
        return [(path, contents[blob].decode()) for path, blob in before]

    assert versions(["m"]) == [("m/b.yaml", "b 1"), ("m/a.yaml", "2"), ("m/a.yaml", "1")]
    assert versions(["m/a.yaml"]) == [("m/a.yaml", "2"), ("m/a.yaml", "1")]
    assert ("other.yaml", "x") in versions([])
    assert versions(["nowhere"]) == []


def test_a_file_that_moved_was_there_before(repo: Repo) -> None:
    repo.commit(m__a="1")
    repo.git("mv", "m/a.yaml", "m/b.yaml")
    tip = repo.commit()
    assert [path for path, _ in earlier(opened(repo), tip, ["m"])] == ["m/a.yaml"]


# Merges


def test_paths_of_edits_are_names_and_nothing_else(repo: Repo) -> None:
    repo.commit(a="1", deep__b="1")
    tip = repo.commit(a="2")
    edits = {**{name: name.encode("utf-8", "surrogateescape") for name in ODD}, "deep": b"file"}
    edits |= {"line\nbreak": b"M 100644 inline x\n", "back\\slash": b"\n", "\udcff": b""}
    with merged(opened(repo), tip, {"deep/b.yaml": None, "a.yaml": None, **edits}) as merge:
        entries = {one.path: one.blob for one in merge.repository.files(merge.tree, [])}
        found = merge.repository.contents(entries.values())
    assert {path: found[blob] for path, blob in entries.items()} == edits


def test_a_git_that_cannot_merge_by_itself_says_which_one_can(repo: Repo, tmp_path: Path) -> None:
    tip = repo.commit(a="1")
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    real = shutil.which("git")
    text = f'#!/bin/sh\ncase "$*" in *merge-tree*) exit 129;; esac\nexec {real} "$@"\n'
    program.write_text(text)
    program.chmod(0o755)
    found = opened(repo, PATH=f"{program.parent}:{HERE['PATH']}")
    with pytest.raises(UsageError, match=r"install git 2\.38 or newer, or merge the base first"):
        merged(found, tip, {}).__enter__()


def test_branches_that_come_from_nowhere_together(repo: Repo, tmp_path: Path) -> None:
    repo.commit(a="1")
    repo.git("checkout", "--quiet", "--orphan", "other")
    other = repo.commit(a="2")
    repo.git("checkout", "--quiet", "main")
    with pytest.raises(UsageError, match="no commit that both come from is there; merge the base"):
        merged(opened(repo), other, {}).__enter__()
    repo.git("branch", "-D", "other")
    repo.git("checkout", "--quiet", "-b", "mine")
    for number in range(3):
        repo.commit(b=str(number))
    repo.git("checkout", "--quiet", "main")
    repo.commit(a="3")
    clone = Repo(tmp_path / "clone")
    source = f"file://{repo.folder}"
    repo.git("clone", "--quiet", "--depth=1", "--no-single-branch", source, str(clone.folder))
    with pytest.raises(UsageError, match="no commit that both come from is there; check out with"):
        merged(opened(clone), opened(clone).commit("origin/mine"), {}).__enter__()


def test_a_repository_with_longer_ids(tmp_path: Path) -> None:
    repo = Repo(tmp_path)
    repo.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    tip = repo.commit(a="1")
    assert len(tip) == 64
    with merged(opened(repo), tip, {"b.yaml": b"2"}) as merge:
        assert len(merge.repository.files(merge.tree, [])) == 2


def test_worktrees_and_clones_that_share_objects(repo: Repo, tmp_path: Path) -> None:
    repo.commit(a="1")
    repo.git("branch", "mine")
    tip = repo.commit(a="2")
    repo.git("worktree", "add", "--quiet", str(tmp_path / "tree"), "mine")
    repo.git("clone", "--quiet", "--shared", str(repo.folder), str(tmp_path / "shared"))
    for folder in (tmp_path / "tree", tmp_path / "shared"):
        found = Repository.around(folder, HERE)
        with merged(found, tip, {"b.yaml": b"3"}) as merge:
            assert len(merge.repository.files(merge.tree, [])) == 2


# Nothing of the repository runs


def test_no_program_that_the_repository_names_is_run(repo: Repo, tmp_path: Path) -> None:
    owned = tmp_path / "owned"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho ran $0 $* >> {owned}\ncat\n")
    program.chmod(0o755)
    hooks = repo.folder / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    first = repo.commit(a="1")
    repo.git("checkout", "--quiet", "-b", "side")
    side = repo.commit(a="side")
    repo.git("checkout", "--quiet", "main")
    repo.write(".gitattributes", "* filter=evil diff=evil merge=evil text\n")
    commit = repo.commit(a="2")
    for hook in (
        "post-checkout",
        "reference-transaction",
        "post-index-change",
        "fsmonitor-watchman",
    ):
        (hooks / hook).symlink_to(program)
    for name in (
        *("core.fsmonitor", "core.pager", "pager.log", "pager.ls-tree", "diff.external"),
        *("core.sshCommand", "gpg.program", "core.askPass", "core.editor"),
        *("filter.evil.clean", "filter.evil.smudge", "filter.evil.process"),
        *("diff.evil.textconv", "diff.evil.command", "alias.rev-parse", "alias.ls-tree"),
        *("merge.evil.driver", "init.templateDir"),
        "core.alternateRefsCommand",
    ):
        repo.git("config", name, str(program))
    repo.git("config", "log.showSignature", "true")
    repo.git("config", "core.hooksPath", str(hooks))
    found = opened(repo)
    assert found.commit("main") == commit
    entries = found.files(commit, [])
    assert (
        TreeEntry("a.yaml", repo.git("--no-pager", "hash-object", "--no-filters", "a.yaml"), 1)
        in entries
    )
    found.contents(entry.blob for entry in entries)
    earlier(found, commit, ["a.yaml"])
    with merged(found, first, {"a.yaml": b"3"}) as merge:
        assert merge.conflicts == ()
    with merged(found, side, {"a.yaml": b"3"}) as merge:
        assert merge.conflicts == ("a.yaml",)
    assert found.shallow is False
    assert not owned.exists(), owned.read_text()


def test_the_working_tree_and_the_index_stay_as_they_are(repo: Repo) -> None:
    repo.commit(a="1")
    tip = repo.commit(a="2")
    repo.write("a.yaml", "3")
    before = {p: p.stat().st_mtime_ns for p in repo.folder.rglob("*")}
    found = opened(repo)
    found.contents(entry.blob for entry in found.files(found.commit("HEAD~1"), []))
    earlier(found, tip, [])
    with merged(found, tip, {"a.yaml": b"3", "new.yaml": b"4"}) as merge:
        files = merge.repository.files(merge.tree, [])
        assert {one.path for one in files} == {"a.yaml", "new.yaml"}
    assert {p: p.stat().st_mtime_ns for p in repo.folder.rglob("*")} == before
