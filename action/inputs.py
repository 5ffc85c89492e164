"""What a step was asked to do: the inputs of `action.yml` and what the runner tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from action.comment import mark_of

COMMANDS: Final = ("validate", "plan", "drift", "import", "apply")
COMMENTS: Final = ("always", "changes", "never")
"""When a comment is made; one that is there is kept up to date all the same, but for never."""
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
    plan: str
    """The saved plan to apply; empty: plan anew."""
    prune: bool
    confirm_deletes: str
    receipts: bool
    """Whether receipts are kept on a branch."""
    comment: str
    """One of COMMENTS."""
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
        plan = given.get("plan", "") if command == "apply" else ""
        paths = tuple(filter(None, map(str.strip, given.get("paths", "").splitlines())))
        if command == "import" and len(paths) > 1:
            raise WrongInput("import takes one folder of manifests as paths")
        return cls(
            command=command,
            account=given.get("account", ""),
            paths=paths,
            base=given.get("base", ""),
            rules_from=given.get("rules_from", ""),
            digest=digest,
            plan=plan,
            prune=_chosen(given, "prune", ("false", "true")) == "true",
            confirm_deletes=given.get("confirm_deletes", ""),
            receipts=_chosen(given, "receipts", ("none", "branch")) == "branch",
            comment=_chosen(given, "comment", COMMENTS),
            author=given.get("comment_author", ""),
            token=given.get("token", ""),
            folder=Path(given.get("working_directory") or "."),
        )

    @property
    def mark(self) -> str:
        """The hidden line of the comment about what this step looks at, in every run of it."""
        what = self.command if self.command == "apply" else "plan"
        return mark_of(what, self.account, self.paths, self.folder.as_posix())

    def arguments(self, files: Path, base: str, rules: str) -> list[str]:
        """The arguments of lebots; ``files`` is where results go, ``base`` a commit to compare
        with, ``rules`` the one whose lebots.yaml is in force.
        """
        options = list(_OPTIONS[self.command])
        if self.command == "apply":
            options += [f"--expect={self.digest}", f"--receipt={files / 'receipt.json'}"]
            options += [f"--base={self.base}"] if self.base else []
        if self.plan:  # it says the rest itself
            return ["apply", *options, f"--markdown-file={files / 'apply.md'}", "--", self.plan]
        reads = self.command in ("drift", "import") or (
            self.command == "plan" and (base or self.prune)
        )
        if reads and (files / "receipt.json").is_file():
            options.append(f"--receipt={files / 'receipt.json'}")
        if self.account and self.command != "validate":
            options.append(f"--account={self.account}")
        if rules and self.command != "validate":
            options.append(f"--rules-from={rules}")
        if self.command == "plan":
            options += [f"--out={files / 'plan.json'}", f"--html-file={files / 'plan.html'}"]
            options += [f"--base={base}"] if base else []
        if self.command in WRITE_MARKDOWN:
            options += [f"--markdown-file={files / WRITE_MARKDOWN[self.command]}"]
            options += ["--prune"] if self.prune else []
            options += [f"--confirm-deletes={self.confirm_deletes}"] if self.confirm_deletes else []
        if self.command == "import":
            return ["import", *options, *(f"--out={path}" for path in self.paths)]
        return [self.command.replace("drift", "plan"), *options, "--", *self.paths]


WRITE_MARKDOWN: Final = {"plan": "plan.md", "apply": "apply.md"}
"""The commands that write Markdown, and the name of the file."""
_OPTIONS: Final = {
    "validate": ["--format=github"],
    "plan": ["--check", "--format=github"],
    "drift": ["--drift"],
    "import": ["--drift"],
    "apply": [],
}


def _chosen(given: Mapping[str, str], name: str, choices: Sequence[str]) -> str:
    """One of the choices; the first where nothing is said."""
    value = given.get(name) or choices[0]
    if value not in choices:
        raise WrongInput(f"{name} must be {', '.join(choices[:-1])} or {choices[-1]}")
    return value
