"""The project of a folder, handed the types of sinks there are; the key that signs for it."""

from pathlib import Path

from lebots import credentials, project
from lebots.documents.signature import Signing
from lebots.project import Project, plan_key
from lebots.run.notices import message


def load_project(folder: Path = Path()) -> Project:
    """What ``lebots.yaml`` of a folder says; raises InvalidInput with all findings."""
    return project.load(folder, credentials.load())


def signing() -> Signing:
    """How this run signs what it writes for later runs, and checks what earlier ones wrote.

    Raises UsageError for a key that is too short.
    """
    return Signing(plan_key(), message)
