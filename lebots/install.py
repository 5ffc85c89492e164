"""How to add an extra to the environment lebots runs in, from where lebots itself came from."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lebots.core.quoting import command, visible
from lebots.core.strict_json import loads_or_none

_ROOT = Path(__file__).parents[1]


def adding(extra: str) -> str:
    """The command that installs an extra into this environment.

    No index is asked for lebots: the name is nobody's there, and whoever took it would run code.
    """
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        found = distribution("lebots")
    except PackageNotFoundError:
        return _installer("pip", "-e", f"{_ROOT}[{extra}]")
    source = loads_or_none(found.read_text("direct_url.json") or "") or {}
    tool = (found.read_text("INSTALLER") or "").strip()
    return _installer(tool, *(_source(source, extra) or _libraries(found.requires or (), extra)))


def _installer(tool: str, *wanted: str) -> str:
    python = sys.executable or "python3"
    pip = ("uv", "pip", "install", "--python", python)
    return visible(command(*(pip if tool == "uv" else (python, "-m", "pip", "install")), *wanted))


def _source(direct: Any, extra: str) -> tuple[str, ...]:
    """What pip calls the source of PEP 610; nothing where it is not told, or would tell a login."""
    url = str(direct.get("url", ""))
    parts = urlsplit(url)
    if not url or parts.password or parts.query:
        return ()
    if "dir_info" in direct:
        folder = f"{unquote(parts.path)}[{extra}]"
        return ("-e", folder) if direct["dir_info"].get("editable") else (folder,)
    vcs = direct.get("vcs_info")
    if vcs and not parts.netloc:
        return ()  # pip takes no requirement with such a URL
    if vcs:
        url = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    below = direct.get("subdirectory")
    return (f"lebots[{extra}] @ {url}{f'#subdirectory={below}' if below else ''}",)


def _libraries(required: Any, extra: str) -> tuple[str, ...]:
    """The libraries of an extra, by their own names."""
    named = (one.partition(";") for one in required)
    asked = (f"extra == '{extra}'", f'extra == "{extra}"')
    return tuple(name.strip() for name, _, marker in named if marker.strip() in asked)
