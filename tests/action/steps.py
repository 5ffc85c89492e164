"""One step of a workflow: its event, its inputs, and what it left behind."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from action.inputs import PREFIX
from action.post import main as post
from action.run import main
from tests.action.conftest import BOT, TOKEN, GitHub
from tests.action.test_trust import PULL, pull, push
from tests.repositories import Repo

PULL_REQUEST = ("pull_request", pull(), {**PULL, "GITHUB_BASE_REF": "main"})
PUSH = ("push", push(), {"GITHUB_REF": "refs/heads/main"})


@dataclass(frozen=True)
class Step:
    """How a step ended."""

    code: int
    outputs: dict[str, str]
    summary: str
    log: str


@dataclass
class Runner:
    """What GitHub's runner does around a step, below one folder."""

    folder: Path
    github: GitHub
    capfd: Any
    lebots: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    """What the job's environment has besides."""
    count: int = 0
    number: int = 77
    """Of the run; a later one has a greater number."""

    def __call__(
        self, event: tuple[str, Any, Mapping[str, str]], command: str, **inputs: Any
    ) -> Step:
        """Runs the step with these inputs of ``action.yml``."""
        self.count += 1
        name, payload, about = event
        files = {
            kind: self.folder / f"{kind}-{self.count}" for kind in ("event", "output", "summary")
        }
        files["event"].write_text(json.dumps(payload))
        given = {
            "command": command,
            "comment": "always",
            **inputs,
        }
        token = given.pop("token", TOKEN)
        author = given.pop("comment_author", BOT)
        environment = {
            **os.environ,
            **self.environment,
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_EVENT_NAME": name,
            "GITHUB_EVENT_PATH": str(files["event"]),
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            "GITHUB_API_URL": self.github.url,
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_REPOSITORY": "acme/bots",
            "GITHUB_RUN_ID": str(self.number),
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_SHA": "c0" * 20,
            **about,
            **{PREFIX + key.upper(): value for key, value in given.items()},
        }
        if command == "apply" and "GITHUB_SHA" not in about:
            environment["GITHUB_SHA"] = _commit(Path(given.get("working_directory") or "."))
        self.capfd.readouterr()
        code = main(environment, self.lebots)
        written = files["output"].read_text() if files["output"].exists() else ""
        outputs = dict(line.split("=", 1) for line in written.splitlines())
        if outputs.pop("comment", "") == "true":
            told = {"TOKEN": token, "COMMENT_AUTHOR": author, "EXIT_CODE": outputs["exit-code"]}
            assert post(environment | {PREFIX + name: value for name, value in told.items()}) == 0
        out, err = self.capfd.readouterr()
        summary = files["summary"].read_text() if files["summary"].exists() else ""
        return Step(code, outputs, summary, out + err)

    @property
    def files(self) -> Path:
        """Where the step leaves its results."""
        return self.folder / "lebots"


def _commit(folder: Path) -> str:
    """The commit that is checked out; one is made where there is no repository."""
    if not (folder / ".git").exists():
        Repo.make(folder).git("commit", "--quiet", "--allow-empty", "--message", "first")
    return Repo(folder).git("rev-parse", "HEAD")


def program(path: Path) -> list[str]:
    """The command line of a Python program."""
    return [sys.executable, str(path)]
