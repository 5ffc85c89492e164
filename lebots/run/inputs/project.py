"""The project of a folder, handed the types of sinks there are; the key that signs for it."""

import os
from pathlib import Path

from lebots import credentials, project
from lebots.documents.signature import Signing
from lebots.errors import UsageError
from lebots.project import Project, plan_key
from lebots.run.notices import message


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
