"""What a step was asked to do: the inputs of `action.yml` and what the runner tells."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

COMMANDS: Final = ("validate", "plan", "drift", "apply")
PREFIX: Final = "LEBOTS_ACTION_"
"""How the variables begin in which `action.yml` hands over its inputs."""


class WrongInput(Exception):
    """An input that is missing, or that its command cannot take."""


@dataclass(frozen=True)
class Inputs:
    """The inputs of one step."""

    command: str
    account: str
    paths: tuple[str, ...]
    base: str
    rules_from: str
    digest: str
    prune: bool
    confirm_deletes: str
    comment: bool
    author: str
    token: str
    folder: Path

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Inputs":
        """Reads them; raises WrongInput."""
        given = {
            name.removeprefix(PREFIX).lower(): value.strip()
            for name, value in environment.items()
            if name.startswith(PREFIX)
        }
        command = given.get("command", "")
        if command not in COMMANDS:
            raise WrongInput(f"command must be one of {', '.join(COMMANDS)}")
        digest = given.get("digest", "") if command == "apply" else ""
        if command == "apply" and not digest:
            raise WrongInput("apply needs the digest that a plan of this branch gave")
        return cls(
            command=command,
            account=given.get("account", ""),
            paths=tuple(filter(None, map(str.strip, given.get("paths", "").splitlines()))),
            base=given.get("base", ""),
            rules_from=given.get("rules_from", ""),
            digest=digest,
            prune=_switch(given, "prune"),
            confirm_deletes=given.get("confirm_deletes", ""),
            comment=_switch(given, "comment"),
            author=given.get("comment_author", ""),
            token=given.get("token", ""),
            folder=Path(given.get("working_directory") or "."),
        )

    @property
    def mark(self) -> str:
        """The hidden line of the comment about what this step looks at, in every run of it."""
        about = json.dumps([self.account, self.paths, self.folder.as_posix()])
        return f"<!-- lebots:action:1 {sha256(about.encode()).hexdigest()[:16]} -->"

    def arguments(self, files: Path, base: str, rules: str) -> list[str]:
        """The arguments of lebots; ``files`` is where results go, ``base`` a commit to compare
        with, ``rules`` the one whose lebots.yaml is in force.
        """
        options = list(_OPTIONS[self.command])
        if self.account and self.command != "validate":
            options.append(f"--account={self.account}")
        if rules and self.command != "validate":
            options.append(f"--rules-from={rules}")
        if self.command == "apply":
            options += [f"--expect={self.digest}", f"--receipt={files / 'receipt.json'}"]
        if self.command == "plan":
            options.append(f"--out={files / 'plan.json'}")
            options += [f"--base={base}"] if base else []
        if self.command in WRITE_MARKDOWN:
            options += [f"--markdown-file={files / WRITE_MARKDOWN[self.command]}"]
            options += ["--prune"] if self.prune else []
            options += [f"--confirm-deletes={self.confirm_deletes}"] if self.confirm_deletes else []
        return [self.command.replace("drift", "plan"), *options, "--", *self.paths]


WRITE_MARKDOWN: Final = {"plan": "plan.md", "apply": "apply.md"}
"""The commands that write Markdown, and the name of the file."""
_OPTIONS: Final = {
    "validate": ["--format=github"],
    "plan": ["--check", "--format=github"],
    "drift": ["--drift"],
    "apply": [],
}


def _switch(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "")
    if value not in ("", "true", "false"):
        raise WrongInput(f"{name} must be true or false")
    return value == "true"
