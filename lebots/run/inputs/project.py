"""The project of a folder, handed the types of sinks there are."""

from pathlib import Path

from lebots import credentials, project
from lebots.project import Project


def load_project(folder: Path = Path()) -> Project:
    """What ``lebots.yaml`` of a folder says; raises InvalidInput with all findings."""
    return project.load(folder, credentials.load())
