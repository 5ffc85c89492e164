"""Certificates of a server that a test started, where a project may read them: inside it."""

import shutil
from hashlib import sha256
from pathlib import Path


def inside(folder: Path, ca: Path | None) -> str:
    """Puts a copy of the file into the project's folder; its name there."""
    if ca is None:
        raise ValueError("the server has no certificate")
    name = f"ca-{sha256(str(ca).encode()).hexdigest()[:8]}.pem"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ca, folder / name)
    return name
