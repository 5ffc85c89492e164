"""The project of a folder, under the rules of a commit; the key that signs for it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lebots import credentials, project
from lebots.documents.signature import Signing
from lebots.errors import UsageError
from lebots.files.walk import PROJECT_FILE
from lebots.git.repository import Repository
from lebots.git.tree import Tree
from lebots.project import Project, plan_key
from lebots.project.rules import NamedFile, named_files, under
from lebots.render.beside.rules import unused_lines
from lebots.run.inputs.revision import Revision
from lebots.run.notices import message

CHECKOUT = "."
"""The name for the rules of the files here, whatever is in git."""


def load_project(folder: Path = Path()) -> Project:
    """What ``lebots.yaml`` of a folder says; raises InvalidInput with all findings."""
    return project.load(folder, credentials.load())


def load_to_reach(folder: Path) -> Project:
    """The project, to open an account of it, which takes locks and private files.

    Raises UsageError too, on a system without descriptors of folders, such as Windows.
    """
    if os.open not in os.supports_dir_fd:
        raise UsageError(
            "this command needs Linux or macOS, or WSL on Windows; validate, fmt, explain, get, "
            "schema and init work here"
        )
    return load_project(folder)


def signing() -> Signing:
    """How this run signs what it writes for later runs, and checks what earlier ones wrote.

    Raises UsageError for a key that is too short.
    """
    return Signing(plan_key(), message)


@dataclass(frozen=True)
class Rules:
    """The project file of a commit: its logins, destinations and rules hold for a proposal."""

    tree: Tree
    project: Project

    @classmethod
    def at(cls, ref: str | None, here: Project, base: Revision | None = None) -> "Rules | None":
        """Those of a commit, or of the base where none is named; None for those of the file here.

        Raises UsageError where there is no git, no repository or no such commit, and InvalidInput
        where the file there is wrong.
        """
        if ref == CHECKOUT or (ref is None and base is None):
            return None
        if ref is None and base and not base.tree.holds(here.folder / PROJECT_FILE):
            # Manifests of another repository do not say whose rules hold.
            if not Repository.is_around(here.folder, here.environment):
                return None
            ref = base.ref
        if ref is not None:
            base = Revision.open(ref, [here.folder], here.environment, "--rules-from")
        return cls(base.tree, project_of(base.tree, here)) if base else None

    def over(self, proposal: Project) -> Project:
        """A proposal under these rules; nothing of what it has otherwise is opened."""
        return under(self.project, proposal, self.tree.name, self._changed())

    def _changed(self) -> Iterator[NamedFile]:
        """The programs and files that the rules name, and that are not here as they are there."""
        folder = self.project.folder
        named = {one: Path(os.path.abspath(folder / one.file)) for one in named_files(self.project)}
        here = Path(os.path.abspath(folder))
        paths = {path for path in named.values() if not here.is_relative_to(path)}
        wrong = set(self.tree.differing(sorted(paths)))
        return (one for one, path in named.items() if path in wrong)


def project_of(tree: Tree, here: Project) -> Project:
    """What the project file of a tree says; raises InvalidInput with all findings."""
    file = here.folder / PROJECT_FILE
    data, name = tree.content(file), tree.called(file)
    return project.parsed(here.folder, data, credentials.load(), here.environment, name)


def ruled(ref: str | None) -> Project | None:
    """The project here under the rules of a commit; None where none is named. Raises as ``at``."""
    if ref is None:
        return None
    here = load_to_reach(Path())
    rules = Rules.at(ref, here)
    return rules.over(here) if rules else here


def told(found: Project | None) -> Project | None:
    """The project; says on stderr what of the proposal is not used, for what draws no plan."""
    if found and found.rules and found.rules.unused:
        message("\n".join(unused_lines(found.rules)))
    return found
