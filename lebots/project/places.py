"""Paths and places in ``lebots.yaml``: no path of it leads out of the project (threat T39).

The only way from a text of the project to a path: another one would have to be checked again.
"""

from dataclasses import dataclass, field
from pathlib import Path

from lebots.core.model.address import Source
from lebots.core.model.finding import Finding
from lebots.core.model.value import Path as ValuePath
from lebots.core.quoting import quoted
from lebots.files.inside import before_placeholders, leads_out
from lebots.files.walk import PROJECT_FILE, shown
from lebots.files.yaml.reader import Document

OUTSIDE = "outside-project"
"""The code of a finding about a path that leads out."""


@dataclass
class Places:
    """What stands where in the project file of a folder; without a file, nothing does."""

    folder: Path
    document: Document | None = None
    findings: list[Finding] = field(default_factory=list)
    """Paths that lead out."""
    variables: set[str] = field(default_factory=set)
    """Names of variables of the environment that hold logins."""

    def at(self, here: ValuePath) -> Source:
        """Where a value stands."""
        return self.document.at(here) if self.document else self._nowhere()

    def key_at(self, here: ValuePath) -> Source:
        """Where the key to a value stands."""
        return self.document.keys[here] if self.document else self._nowhere()

    def path(self, written: str, here: ValuePath) -> Path:
        """The path that is written there, seen from the project's folder."""
        found = self.folder / written
        self._require_inside(found, written, here)
        return found

    def require_inside_unless_absolute(self, template: str, here: ValuePath) -> None:
        """Checks where a sink writes: an absolute path says openly that it is somewhere else."""
        if not template.startswith("/"):
            self._require_inside(self.folder / before_placeholders(template), template, here)

    def _require_inside(self, found: Path, written: str, here: ValuePath) -> None:
        if leads_out(found, self.folder):
            words = (
                f"{'.'.join(map(str, here))}: {quoted(written)} leads out of the project once "
                f"links are resolved; write a path below the folder of {PROJECT_FILE}"
            )
            self.findings.append(Finding(OUTSIDE, words, source=self.at(here)))

    def _nowhere(self) -> Source:
        return Source(shown(self.folder / PROJECT_FILE), 1, 1)
