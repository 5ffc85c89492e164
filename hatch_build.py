"""What a built package tells of where it came from: the links of its description, and its URLs.

A README links to files beside it, which a package page does not have. Where the build knows its
repository and commit, as on GitHub, the links name them; elsewhere they stay as they are.
"""

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r'(\]\(|\b(?:src|href)=")(?![a-z]+:|#)([^)"\s]+)')
_PICTURES = (".png", ".svg")


class Source(MetadataHookInterface):
    """Fills in the fields that ``pyproject.toml`` calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Adds the description, and the URLs where there are any."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        server, name, commit = map(
            os.environ.get, ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")
        )
        if server and name and commit:
            repository = f"{server}/{name}"
            text = absolute(text, repository, commit)
            metadata["urls"] = {
                "Source": repository,
                "Documentation": f"{repository}/tree/{commit}/docs",
                "Changelog": f"{repository}/blob/{commit}/CHANGELOG.md",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def absolute(text: str, repository: str, commit: str) -> str:
    """The text with links to files of the commit."""

    def link(found: re.Match[str]) -> str:
        way = "raw" if found[2].endswith(_PICTURES) else "blob"
        return f"{found[1]}{repository}/{way}/{commit}/{found[2]}"

    return _LINK.sub(link, text)
