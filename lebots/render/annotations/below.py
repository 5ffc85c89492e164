"""Places as a code host knows them: from the top of a repository."""

import posixpath
from dataclasses import replace

from lebots.core.model.address import Source


def from_top(source: Source, folder: str) -> Source:
    """A place that is told from ``folder``; an absolute one stays as it is."""
    if not folder or posixpath.isabs(source.file):
        return source
    return replace(source, file=posixpath.normpath(posixpath.join(folder, source.file)))
