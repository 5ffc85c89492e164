"""Whether paths stay inside the project once their links are resolved (threats T05 and T39).

What a checkout holds may be a link to anywhere: a path is judged by where it leads.
"""

import os
from pathlib import Path

_MOST_LINKS = 40
"""As many as Linux follows in one path; through more of them nothing is opened."""


def followed(path: Path) -> Path:
    """Where a path leads, whether or not it is there; a path of too many links leads to itself.

    Unlike ``os.path.realpath`` it takes a chain of any length in no time, and never recurses.
    """
    found, *parts = path.absolute().parts
    pending, links = parts[::-1], 0
    while pending:
        part = pending.pop()
        here = os.path.dirname(found) if part == ".." else os.path.join(found, part)
        try:
            target = Path(os.readlink(here)) if part != ".." else None
        except OSError:
            target = None
        if target is None:
            found = here
            continue
        links += 1
        if links > _MOST_LINKS:
            return Path(os.path.abspath(path))
        pending += target.parts[::-1]
    return Path(found)


def leads_out(path: Path, folder: Path) -> bool:
    """Whether a path ends outside a folder; one that cannot be followed does."""
    try:
        return not followed(path).is_relative_to(followed(folder))
    except (OSError, ValueError):
        return True


def strays(path: Path, folder: Path) -> bool:
    """Whether a path that is written inside a folder ends outside: a link takes it there.

    Whoever writes a path outside means it.
    """
    try:
        written = Path(os.path.abspath(path))
    except ValueError:
        return False
    tops = (Path(os.path.abspath(folder)), followed(folder))
    return any(map(written.is_relative_to, tops)) and leads_out(path, folder)


def before_placeholders(template: str) -> Path:
    """The part of a path with ``{...}`` in it that is the same whatever is filled in."""
    return Path(
        template.partition("{")[0].rpartition("/")[0] or ("/" if template[:1] == "/" else "")
    )
