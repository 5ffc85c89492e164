"""Real git repositories for tests: made fast, with nothing of whoever runs them."""

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_WHO = {"NAME": "Somebody", "EMAIL": "somebody@example.com", "DATE": "2026-01-02T03:04:05Z"}
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in _WHO.items()
    },
}


@dataclass(frozen=True)
class Repo:
    """A repository with a working tree."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> "Repo":
        """A new one without any commit; its branch is main."""
        folder.mkdir(parents=True, exist_ok=True)
        repo = cls(folder)
        repo.git("init", "--quiet", "--template=", "--initial-branch=main")
        return repo

    def git(self, *arguments: str) -> str:
        """What a git command prints; an error where it fails."""
        ran = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=ENVIRONMENT,
            capture_output=True,
            check=False,
            text=True,
        )
        assert ran.returncode == 0, f"git {' '.join(arguments)}: {ran.stderr}"
        return ran.stdout.strip()

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def commit(self, **files: str | None) -> str:
        """Commits everything, with these files written or removed before; its id.

        Double underscores in a name stand for a slash, the ending is ``.yaml``.
        """
        for name, text in files.items():
            path = name.replace("__", "/") + ".yaml"
            if text is None:
                (self.folder / path).unlink()
            else:
                self.write(path, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")
        return self.git("rev-parse", "HEAD")

    def history(self, name: str, texts: Iterable[str]) -> None:
        """A commit for each text of a file, on main; the files of the working tree stay."""
        made = []
        for text in texts:
            size = len(text.encode())
            made += ["commit refs/heads/main", "committer Somebody <s@example.com> 0 +0000"]
            made += ["data 0", f"M 100644 inline {name}", f"data {size}", text]
        program = ["git", "fast-import", "--quiet"]
        given = "\n".join([*made, ""]).encode()
        subprocess.run(program, cwd=self.folder, env=ENVIRONMENT, input=given, check=True)
