"""``lebots receipt push`` and ``pull``: a home for receipts, for runs that keep no files."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Project, skill
from tests.repositories import Repo

BRANCH = "refs/heads/lebots-receipts/sandbox"
FILE = "receipt.json"
Job = Callable[[], Project]


def shared(repo: Repo) -> Path:
    """A remote of the repository, called origin; its folder."""
    home = repo.folder.parent / f"{repo.folder.name}-home.git"
    subprocess.run(
        ["git", "init", "--quiet", "--bare", "--initial-branch=main", str(home)], check=True
    )
    repo.git("remote", "add", "origin", str(home))
    return home


@pytest.fixture
def home(repo: Repo, lebots: Project) -> Path:
    """Where the receipts live; the first apply's is there."""
    home = shared(repo)
    ran = lebots("receipt", "push", FILE)
    assert (ran.code, ran.out) == (0, "")
    assert "the receipt is on refs/heads/lebots-receipts/sandbox (" in ran.err
    repo.git("push", "--quiet", "origin", "main")
    return home


@pytest.fixture
def job(
    home: Path,
    lebots: Project,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Job:
    """A job of a CI that keeps nothing: a fresh clone, and the one account."""

    def clone() -> Project:
        folder = tmp_path_factory.mktemp("job")
        subprocess.run(["git", "clone", "--quiet", str(home), str(folder)], check=True)
        # The account is a file: it stands for a server that each job reaches.
        for kept in (".lebots", ".secrets"):
            shutil.copytree(lebots.folder / kept, folder / kept)
        monkeypatch.chdir(folder)
        return Project(folder, lebots.capsys)

    return clone


def another(project: Project) -> None:
    """The receipt of another apply."""
    found = json.loads((project.folder / FILE).read_text())
    project.write(FILE, json.dumps({**found, "startedAt": "2026-01-02T03:04:05Z"}))


def receipts(home: Path) -> list[str]:
    ran = subprocess.run(
        ["git", "log", "--format=%s", BRANCH], cwd=home, capture_output=True, text=True, check=True
    )
    return ran.stdout.splitlines()


def test_a_stateless_job_finds_the_receipt_and_leaves_the_next(job: Job, home: Path) -> None:
    first = job()
    assert first("receipt", "pull", FILE).code == 0
    drift = first("plan", "--drift", "--receipt", FILE, "--format", "json").json
    assert (drift["toldBy"], drift["objects"]) == ("receipt", [])
    first.write("manifests/new.yaml", skill("night-bot"))
    assert first("apply", "--yes", "--receipt", FILE).code == 0
    assert first("receipt", "push", FILE).code == 0
    second = job()
    assert second("receipt", "pull", FILE).code == 0
    assert (second.folder / FILE).read_bytes() == (first.folder / FILE).read_bytes()
    assert len(receipts(home)) == 2
    assert receipts(home)[0].startswith("sandbox: receipt of the apply of ")


def test_a_second_writer_is_refused_and_then_goes_on(job: Job, home: Path) -> None:
    early = job()
    assert early("receipt", "pull", FILE).code == 0
    late = job()
    assert late("receipt", "pull", FILE).code == 0
    assert late("receipt", "push", FILE).code == 0
    os.chdir(early.folder)
    another(early)
    ran = early("receipt", "push", FILE)
    assert ran.code == 6
    assert "another run pushed a receipt that this one has not seen" in ran.err
    assert len(receipts(home)) == 2, "nothing is forced"
    assert early("receipt", "pull", FILE).code == 0
    another(early)
    assert early("receipt", "push", FILE).code == 0
    assert len(receipts(home)) == 3


def test_who_never_pulled_cannot_push(job: Job, home: Path) -> None:
    blind = job()
    shutil.copy(home.parent / home.name.removesuffix("-home.git") / FILE, blind.folder)
    another(blind)
    ran = blind("receipt", "push", FILE)
    assert (ran.code, len(receipts(home))) == (6, 1)
    assert "lebots receipt pull" in ran.err


def test_an_account_without_receipts_yet(job: Job) -> None:
    ran = job()("receipt", "pull", FILE, "--account", "staging")
    assert (ran.code, Path(FILE).exists()) == (0, False)
    assert "there is no refs/heads/lebots-receipts/staging yet" in ran.err


def test_nothing_else_in_the_checkout_changes(job: Job) -> None:
    project = job()
    clone = Repo(project.folder)
    before = (clone.git("status", "--porcelain"), clone.git("branch", "--all"))
    assert project("receipt", "pull", FILE).code == 0
    assert (clone.git("status", "--porcelain"), clone.git("branch", "--all")) == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{}", "the receipt is not of format"),
        ("no receipt", "not a receipt that `lebots apply --receipt` wrote"),
        (None, "a receipt of account 1, this is account 55501234"),
    ],
)
def test_what_is_no_receipt_of_the_account_is_neither_pushed_nor_pulled(
    job: Job, home: Path, content: str | None, says: str
) -> None:
    project = job()
    assert project("receipt", "pull", FILE).code == 0
    good = json.loads((project.folder / FILE).read_text())
    bad = json.dumps({**good, "account": "1"}) if content is None else content
    project.write("bad.json", bad)
    ran = project("receipt", "push", "bad.json")
    assert (ran.code, says in ran.err, len(receipts(home))) == (6, True, 1)

    clone = Repo(project.folder)
    blob = clone.git("hash-object", "-w", "bad.json")
    tree = subprocess.run(
        ["git", "mktree"], input=f"100644 blob {blob}\t{FILE}\n", cwd=clone.folder,
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    clone.git("push", "--quiet", "origin", f"+{clone.git('commit-tree', tree, '-m', 'x')}:{BRANCH}")
    ran = project("receipt", "pull", "new.json")
    assert (ran.code, says in ran.err) == (6, True)
    assert "look at who pushed to it" in ran.err
    assert not Path("new.json").exists()


def test_a_branch_without_a_receipt(job: Job) -> None:
    project = job()
    Repo(project.folder).git("push", "--quiet", "origin", f"+main:{BRANCH}")
    ran = project("receipt", "pull", FILE)
    assert (ran.code, "has no receipt.json of lebots" in ran.err) == (6, True)


def test_a_remote_that_is_not_there(job: Job, home: Path) -> None:
    project = job()
    ran = project("receipt", "pull", FILE, "--remote", "orign")
    assert (ran.code, 'did you mean "origin"?' in ran.err) == (2, True)
    shutil.rmtree(home)
    for command in ("pull", "push"):
        shutil.copy(home.parent / home.name.removesuffix("-home.git") / FILE, project.folder)
        ran = project("receipt", command, FILE)
        assert (ran.code, "cannot be" in ran.err) == (5, True)
        assert str(home) not in ran.err, "git's own words may hold a login"


def test_nothing_of_the_repository_runs(job: Job, tmp_path: Path) -> None:
    project = job()
    clone = Repo(project.folder)
    hooks = project.folder / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("pre-push", "reference-transaction", "post-checkout"):
        file = hooks / hook
        file.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        file.chmod(0o755)
    assert project("receipt", "pull", FILE).code == 0
    assert project("receipt", "push", FILE).code == 0
    clone.git("remote", "set-url", "origin", f"ext::sh -c 'touch {tmp_path}/ran'")
    assert project("receipt", "pull", FILE).code == 5
    assert not (tmp_path / "ran").exists()
