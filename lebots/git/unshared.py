"""Files of secrets inside a work tree: git must ignore them, or a commit takes them along."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lebots.core.quoting import command, visible
from lebots.errors import Refused, UsageError
from lebots.files.inside import followed
from lebots.files.walk import shown
from lebots.git.repository import Repository

_PURPOSE = "a file of secrets in a git work tree"


@dataclass(frozen=True)
class Unshared:
    """Keeps files of secrets out of what a project shares; ``shared`` are its other folders."""

    project: Path
    shared: Sequence[Path]
    environment: Mapping[str, str]

    def require(self, folder: Path, lines: Mapping[str, str]) -> None:
        """Raises Refused where git, or a reader of the project, would get one of the files.

        ``lines`` has the names of the files, each with the line of an ignore file it needs.
        """
        project = followed(self.project)
        top = next((at for at in (folder, *folder.parents) if os.path.lexists(at / ".git")), None)
        self._require_own(folder, top or project, project)
        if top is None:
            return
        files = [folder / name for name in lines]
        try:
            repository = Repository.around(folder, self.environment, _PURPOSE)
            tracked, ignored = repository.tracked(files), repository.ignored(files)
        except UsageError as error:
            raise Refused(f"{error}; or choose a path outside of the work tree") from None
        if tracked:
            named = command(*tracked)
            raise Refused(
                f"git has {named} already, so that ignoring it does not help; run "
                f"`git rm --cached {named}` in {shown(repository.top)}, and replace the key if a "
                "secret was committed"
            )
        missing = dict.fromkeys(lines[file.name] for file in files if file not in ignored)
        if missing:
            raise Refused(
                "git does not ignore it, so that a commit would take the secret along; add "
                f"{' and '.join(_line(line) for line in missing)} at the end of "
                f"{shown(folder / '.gitignore')}"
            )

    def _require_own(self, folder: Path, top: Path, project: Path) -> None:
        steps = [step.casefold() for step in folder.parts]
        below = folder.relative_to(top).parts if folder.is_relative_to(top) else ()
        if ".git" in steps or ".github" in [step.casefold() for step in below]:
            raise Refused("what is below .git and .github is not for secrets; choose another path")
        for shared in self.shared:
            place = followed(shared)
            if folder.is_relative_to(place) and not project.is_relative_to(place):
                raise Refused(f"manifests are kept below {shown(shared)}; choose another path")


def _line(line: str) -> str:
    return f'the line "{visible(line)}"'
