"""From a pull request to the account and back: git, the embedded account and lebots are real."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tests.action.conftest import GitHub
from tests.action.steps import PULL_REQUEST, PUSH, Runner, Step
from tests.action.test_run import FORKED
from tests.command import lebots

ROOT = Path(__file__).parents[2]
LEBOTS = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from lebots.cli import main; main()"

SKILL = """\
apiVersion: lebots/v1
kind: Skill
metadata:
  name: routing-bot
spec:
  description: {description}
"""
BOT = """\
---
apiVersion: lebots/v1
kind: Key
metadata:
  name: routing-bot
spec:
  type: oauth2
  description: Login of the routing bot
---
apiVersion: lebots/v1
kind: BotUser
metadata:
  name: routing-bot
spec:
  fullName: Routing bot
  nickname: Ava
  email: bots@example.com
  profiles: [Agent]
  skills: [routing-bot]
  agentGroup: Bots
  key: routing-bot
  maxAsyncChats: 25
  enabled: true
"""
BEFORE, AFTER = SKILL.format(description="Before"), SKILL.format(description="After")
FILE = "manifests/skill.yaml"
PROJECT = """\
apiVersion: lebots/v1
kind: Project
accounts:
  sandbox:
    sandbox: account.db
sinks:
  default: {{type: dotenv, path: "{folder}/secrets/{{name}}.env"}}
"""


class Repository:
    """A bare remote, its author's clone, and a fresh checkout for every job."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self.remote, self.author = folder / "remote.git", folder / "author"
        self.git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.remote))
        self.git(folder, "clone", "--quiet", str(self.remote), str(self.author))
        self.git(self.author, "switch", "--quiet", "--create", "main")

    def git(self, folder: Path, *arguments: str) -> str:
        """Runs git as somebody, in this folder."""
        command = ["git", "-c", "user.name=Author", "-c", "user.email=author@example.com"]
        done = subprocess.run(
            [*command, *arguments], cwd=folder, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def push(self, branch: str, files: Mapping[str, str]) -> None:
        """The author commits these files to a branch and pushes it."""
        known = self.git(self.author, "branch", "--list", branch)
        self.git(self.author, "switch", "--quiet", *([] if known else ["--create"]), branch)
        for name, text in files.items():
            file = self.author / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        self.git(self.author, "add", "--all")
        self.git(self.author, "commit", "--quiet", "--message", f"Change {', '.join(files)}")
        self.git(self.author, "push", "--quiet", "origin", branch)

    def merge(self, branch: str) -> None:
        """The pull request is merged with a merge commit."""
        self.git(self.author, "switch", "--quiet", "main")
        self.git(self.author, "merge", "--quiet", "--no-ff", "--message", "Merge", branch)
        self.git(self.author, "push", "--quiet", "origin", "main")

    def checkout(self, branch: str = "") -> Path:
        """What a job gets: main, or for a pull request the branch merged into it."""
        self._count += 1
        folder = self._folder / f"job-{self._count}"
        self.git(self._folder, "clone", "--quiet", str(self.remote), str(folder))
        if branch:
            about = ("--quiet", "--no-ff", "--message", "refs/pull/3/merge", f"origin/{branch}")
            self.git(folder, "merge", *about)
        return folder


@contextmanager
def one_account(top: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Works in a folder on the account that all of them share, as a real one is shared."""
    shared, own = top / "account.db", folder / "account.db"
    if shared.exists():
        shutil.copy(shared, own)
    monkeypatch.chdir(folder)
    yield
    if own.exists():
        shutil.copy(own, shared)


Job = Callable[..., Step]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """The default branch has a skill, which the account does not have yet."""
    made = Repository(tmp_path)
    made.push("main", {"lebots.yaml": PROJECT.format(folder=tmp_path), FILE: BEFORE})
    return made


@pytest.fixture
def job(
    tmp_path: Path,
    repository: Repository,
    github: GitHub,
    capfd: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Job:
    """Runs the action in a checkout of its own."""
    runner = Runner(tmp_path / "runner", github, capfd, [sys.executable, "-c", LEBOTS])
    runner.folder.mkdir()

    def run(event: Any, command: str, branch: str = "", **inputs: str) -> Step:
        with one_account(tmp_path, repository.checkout(branch), monkeypatch):
            return runner(event, command, **inputs)

    return run


@pytest.fixture
def by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Somebody changes the skill in the account, past the pull requests."""
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "manifests").mkdir(parents=True)
    (elsewhere / "lebots.yaml").write_text(PROJECT.format(folder=tmp_path))

    def change(manifest: str) -> None:
        (elsewhere / FILE).write_text(manifest)
        with one_account(tmp_path, elsewhere, monkeypatch):
            ended = lebots("apply", "--yes")
        assert ended.code == 0, ended.err

    return change


@pytest.fixture
def merged(repository: Repository, job: Job, github: GitHub, by_hand: Callable[[str], None]) -> str:
    """A pull request was planned, read and merged; the digest that the comment shows."""
    by_hand(BEFORE)
    repository.push("side", {FILE: AFTER, "manifests/bot.yaml": BOT})
    planned = job(PULL_REQUEST, "plan", "side")
    assert planned.code == 0, planned.log
    counts = {name: planned.outputs[name] for name in ("changes", "create", "update", "delete")}
    assert counts == {"changes": "true", "create": "2", "update": "1", "delete": "0"}
    (comment,) = github.comments
    assert comment["body"].endswith(f"\n\n{planned.summary}")
    head = ["html_block", "html_block", "paragraph_open", "inline", "paragraph_close"]
    assert blocks(comment["body"]) == [*head, *blocks(planned.summary)]
    (digest,) = re.findall(r"Digest `([0-9a-f]{64})`", comment["body"])
    assert digest == planned.outputs["digest"]

    repository.push("main", {"notes.txt": "other work\n"})
    repository.merge("side")
    return str(digest)


def blocks(text: str) -> list[str]:
    """What a code host would make of it, block by block."""
    return [token.type for token in MarkdownIt().parse(text)]


def test_what_was_read_in_the_pull_request_is_what_runs(
    merged: str, job: Job, tmp_path: Path, by_hand: Callable[[str], None]
) -> None:
    planned = job(PUSH, "plan")
    assert planned.outputs["digest"] == merged, "the digest survives the merge"

    applied = job(PUSH, "apply", digest=planned.outputs["digest"])
    assert (applied.code, applied.outputs) == (0, {"exit-code": "0", "digest": merged})
    assert "### lebots apply: 3 done" in applied.summary
    assert merged in (tmp_path / "runner" / "lebots" / "receipt.json").read_text()
    assert (tmp_path / "secrets" / "routing-bot.env").exists()

    again = job(PUSH, "plan")
    assert (again.code, again.outputs["changes"]) == (0, "false")
    assert job(PUSH, "drift").code == 0

    by_hand(SKILL.format(description="By hand"))
    assert job(PUSH, "drift").code == 3

    by_hand(BEFORE)
    waits = job(PUSH, "drift")
    assert waits.code == 0, "without a receipt, what the manifests said once is pending"
    assert "nothing changed in the account, 1 pending, as git history tells" in waits.log


def test_what_changed_after_the_approval_stops_it(
    merged: str, job: Job, tmp_path: Path, by_hand: Callable[[str], None]
) -> None:
    by_hand(SKILL.format(description="By hand"))
    refused = job(PUSH, "apply", digest=merged)
    assert (refused.code, refused.outputs["exit-code"]) == (6, "6")
    assert not (tmp_path / "runner" / "lebots" / "receipt.json").exists()
    assert not (tmp_path / "secrets").exists()

    planned = job(PUSH, "plan")
    assert planned.outputs["digest"] != merged
    assert planned.outputs["create"] == "2", "nothing was written"


def test_a_comment_says_it_when_nothing_is_left(
    repository: Repository, job: Job, github: GitHub, by_hand: Callable[[str], None]
) -> None:
    by_hand(BEFORE)
    repository.push("side", {FILE: AFTER})
    assert job(PULL_REQUEST, "plan", "side").outputs["changes"] == "true"
    repository.push("side", {FILE: BEFORE})
    assert job(PULL_REQUEST, "plan", "side").outputs["changes"] == "false"
    (comment,) = github.comments
    assert "### lebots \u00b7 sandbox \u00b7 no changes" in comment["body"]


def test_invalid_manifests_of_a_fork_are_annotated_and_nothing_else(
    repository: Repository, job: Job, github: GitHub, tmp_path: Path
) -> None:
    repository.push("side", {FILE: AFTER.replace("description", "descriptoin")})
    ended = job(FORKED, "validate", "side")
    assert ended.code == 4
    assert "::error file=manifests/skill.yaml,line=6" in ended.log
    assert job(FORKED, "plan", "side").code == 6
    assert not (tmp_path / "account.db").exists()
    assert github.requests == []
