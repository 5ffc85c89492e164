"""The hooks for pre-commit, run as pre-commit runs them, and the page that shows them.

pre-commit itself is not needed: what it does with a hook is a few lines here. It lays the project's
settings over the hook's own, picks the staged files by two patterns, and runs the entry with the
arguments and, if wanted, those files.
"""

import re
import shlex
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from lebots import __version__
from tests.cli.conftest import ROUTING_BOT
from tests.command import lebots

ROOT = Path(__file__).parents[1]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
BY_ID = {hook["id"]: hook for hook in HOOKS}
PAGE = (ROOT / "docs" / "ci" / "pre-commit.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
TYPES = {
    **dict.fromkeys(("id", "name", "description", "entry", "language", "files", "exclude"), str),
    **dict.fromkeys(("pass_filenames", "always_run", "require_serial"), bool),
    "args": list,
}
"""Keys of a hook that pre-commit knows, as far as they are used, and the types of their values."""


# What the files say


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_is_one_of_pre_commit(hook: Mapping[str, Any]) -> None:
    assert {"id", "name", "entry", "language"} <= set(hook) <= set(TYPES)
    assert all(type(value) is TYPES[key] for key, value in hook.items())
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert hook["language"] == "python", "installed from pyproject.toml"
    assert shlex.split(hook["entry"])[0] in scripts
    assert re.compile(hook["files"])
    assert re.compile(hook.get("exclude", "^$"))


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_fits_the_hooks(example: Any) -> None:
    (repo,) = example["repos"]
    assert set(repo) == {"repo", "rev", "hooks"}
    assert repo["rev"] == f"v{__version__}"
    assert [hook["id"] for hook in repo["hooks"]] == list(BY_ID)
    for hook in repo["hooks"]:
        assert all(type(value) is TYPES[key] for key, value in hook.items())


def test_the_page_names_every_hook() -> None:
    assert re.findall(r"(?m)^\| `(lebots-\w+)` \|", PAGE) == list(BY_ID)


@pytest.mark.parametrize(
    ("path", "hooks"),
    [
        ("manifests/a.yaml", ["lebots-fmt", "lebots-validate"]),
        ("manifests/deep/er/a.b.yml", ["lebots-fmt", "lebots-validate"]),
        ("lebots.yaml", ["lebots-validate"]),
        ("manifests/lebots.yaml", ["lebots-validate"]),
        ("manifests/.a.yaml", ["lebots-validate"]),
        ("manifests/.hidden/a.yaml", ["lebots-validate"]),
        ("manifests/my-lebots.yaml", ["lebots-fmt", "lebots-validate"]),
        ("manifests/a.json", []),
        ("manifests.yaml", []),
        ("other/manifests/a.yaml", []),
        ("other/lebots.yaml", []),
        (".github/workflows/a.yaml", []),
    ],
)
def test_which_files_call_which_hook(path: str, hooks: list[str]) -> None:
    assert [hook["id"] for hook in HOOKS if picked(hook, [path])] == hooks


# What the hooks do


def picked(hook: Mapping[str, Any], files: list[str]) -> list[str]:
    exclude = hook.get("exclude", "^$")
    return [f for f in files if re.search(hook["files"], f) and not re.search(exclude, f)]


@dataclass
class Repository:
    """A git repository, the working folder, that uses an example of the page."""

    folder: Path
    example: Any

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
        ran = subprocess.run(
            ["git", *identity, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout

    def stage(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        self.git("add", "--", name)
        return file

    def run(self) -> dict[str, bool | None]:
        """Which hooks let the commit pass; None for those that have nothing to look at."""
        names = "git diff --staged --name-only --no-ext-diff -z --diff-filter=ACMRTUXB"
        staged = [name for name in self.git(*shlex.split(names)[1:]).split("\0") if name]
        settings = self.example["repos"][0]["hooks"]
        return {one["id"]: self._run({**BY_ID[one["id"]], **one}, staged) for one in settings}

    def _run(self, hook: Mapping[str, Any], staged: list[str]) -> bool | None:
        files = picked(hook, staged)
        if not files:
            return None
        _, *options = shlex.split(hook["entry"])
        passed = files if hook.get("pass_filenames", True) else []
        before = self.git("diff", "--no-ext-diff")
        ran = lebots(*options, *hook.get("args", []), *passed)
        return ran.code == 0 and self.git("diff", "--no-ext-diff") == before


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.chdir(tmp_path)
    found = Repository(tmp_path, EXAMPLES[0])
    found.git("init", "--quiet")
    return found


FINE = {"lebots-fmt": True, "lebots-validate": True}


def test_what_is_in_order_passes(repository: Repository) -> None:
    repository.stage("manifests/bot.yaml", ROUTING_BOT)
    assert repository.run() == FINE
    repository.git("commit", "--quiet", "-m", "A bot")
    repository.stage("README.md", "words\n")
    assert repository.run() == {"lebots-fmt": None, "lebots-validate": None}


def test_what_is_out_of_order_is_put_in_order_and_stopped_once(repository: Repository) -> None:
    odd = ROUTING_BOT.replace("[Agent]", "[ Agent ] # one")
    file = repository.stage("manifests/bot.yaml", odd)
    repository.stage("manifests/.hidden.yaml", odd)
    assert repository.run() == {"lebots-fmt": False, "lebots-validate": True}
    assert file.read_text() == ROUTING_BOT.replace("[Agent]", "[Agent] # one")
    repository.git("add", "--all")
    assert repository.run() == FINE


def test_only_what_changed_is_put_in_order(repository: Repository) -> None:
    old = repository.stage("manifests/old.yaml", ROUTING_BOT.replace("routing-bot", "'old-bot'"))
    repository.git("commit", "--quiet", "-m", "An old bot")
    before = old.read_text()
    repository.stage("manifests/bot.yaml", ROUTING_BOT)
    assert repository.run()["lebots-fmt"] is True
    assert old.read_text() == before


def test_what_does_not_fit_what_is_there_is_stopped(repository: Repository) -> None:
    repository.stage("manifests/bot.yaml", ROUTING_BOT)
    repository.git("commit", "--quiet", "-m", "A bot")
    repository.stage("manifests/again.yaml", ROUTING_BOT)
    assert repository.run() == {"lebots-fmt": True, "lebots-validate": False}


def test_a_wrong_file_is_stopped_and_stays(repository: Repository) -> None:
    file = repository.stage("manifests/bot.yaml", ROUTING_BOT.replace("nickname", "nickmane"))
    before = file.read_text()
    assert repository.run() == {"lebots-fmt": False, "lebots-validate": False}
    assert file.read_text() == before


def test_a_wrong_project_is_stopped(repository: Repository) -> None:
    repository.stage("manifests/bot.yaml", ROUTING_BOT)
    repository.git("commit", "--quiet", "-m", "A bot")
    repository.stage("lebots.yaml", "kind: Project\n")
    assert repository.run() == {"lebots-fmt": None, "lebots-validate": False}


def test_other_folders_and_overlays(repository: Repository) -> None:
    repository.example = EXAMPLES[1]
    repository.stage(
        "lebots.yaml",
        "apiVersion: lebots/v1\nkind: Project\naccounts:\n  test:\n    sandbox: test.db\n"
        "    overlays: [overlays/test]\n",
    )
    repository.stage("bots/bot.yaml", ROUTING_BOT)
    overlay = "kind: Key\nmetadata:\n  name: routing-bot\nspec:\n  description: test\n"
    repository.stage("overlays/test/key.yaml", overlay.replace("test", "'test'"))
    assert repository.run() == {"lebots-fmt": False, "lebots-validate": True}
    assert (repository.folder / "overlays/test/key.yaml").read_text() == overlay
    repository.git("add", "--all")
    assert repository.run() == FINE
    repository.stage("overlays/test/key.yaml", overlay.replace("routing-bot", "other"))
    assert repository.run() == {"lebots-fmt": True, "lebots-validate": False}
