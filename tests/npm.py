"""Packages of the npm registry that tests and checks run, exactly as a lock file says."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import not_run


class Missing(Exception):
    """Node, npm or the packages are not here; the message says how to get them."""


def installed(folder: Path) -> str:
    """The path of Node, once what the folder's lock names is installed; raises Missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Missing(not_run.NODE)
    with (folder / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another test process may be installing
        done = folder / "node_modules" / ".package-lock.json"
        if done.exists() and done.stat().st_mtime >= os.fstat(lock.fileno()).st_mtime:
            return node
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
        if ran.returncode:
            raise Missing(not_run.PACKAGES)
        done.touch()
    return node


def or_skip(folder: Path) -> str:
    """As ``installed``, for a test, which is left out where anything is missing."""
    try:
        return installed(folder)
    except Missing as why:
        pytest.skip(str(why))
