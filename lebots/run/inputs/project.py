"""The project of a folder, handed the types of sinks there are."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lebots.project import Project


def load_project(folder: Path = Path()) -> "Project":
    """What ``lebots.yaml`` of a folder says; raises InvalidInput with all findings."""
    from lebots import credentials, project

    return project.load(folder, credentials.load())
