"""Files beside manifests that look like manifests and are not read, such as ``bot.yaml.bak``."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path

from lebots.core.manifest.schema import API_VERSION
from lebots.core.model.address import Address, Source, canonical
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.kind import Kind
from lebots.core.quoting import listed
from lebots.files.manifests import parts
from lebots.files.walk import MAX_FILES, is_read, shown
from lebots.files.yaml.allowance import Allowance

NOT_READ = "not-read"
"""The code of a finding about such a file."""

_ALIKE = re.compile(r"\.(ya?ml|json)", re.IGNORECASE)


def unread(
    paths: Sequence[Path],
    desired: Sequence[Desired],
    kinds: Mapping[str, Kind],
    allowance: Allowance,
) -> Iterator[Finding]:
    """A warning for each file below the paths that declares what no manifest does."""
    declared = {_key(one.address) for one in desired}
    alike = chain.from_iterable(allowance.listed(_alike, [path]) for path in paths)
    for file in islice(alike, MAX_FILES):
        data = allowance.content(file)
        if isinstance(data, Finding) or API_VERSION.encode() not in data:
            continue
        missing = [one.address for one in parts(data, kinds) if _key(one.address) not in declared]
        if missing:
            words = (
                f"this file is not read, though it alone declares {listed(missing)}; call it "
                "*.yaml, not hidden and not lebots.yaml, or move it out of the folder"
            )
            yield Finding(NOT_READ, words, Severity.WARNING, Source(shown(file), 1, 1))


def _alike(paths: Sequence[Path]) -> Sequence[Path]:
    found: list[Path] = []
    pending = [os.fspath(path) for path in reversed(paths)]
    while pending:  # without recursion: a tree can be deeper than Python's stack
        with suppress(OSError), os.scandir(pending.pop()) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
            # A link may lead anywhere, and what it leads to is no forgotten file.
            found += [
                Path(one.path)
                for one in inside
                if _ALIKE.search(one.name) and not is_read(one.name)
                if not (one.is_symlink() or one.is_dir())
            ]
            below = [one for one in inside if one.is_dir(follow_symlinks=False)]
            pending += [one.path for one in reversed(below) if not one.name.startswith(".")]
    return found


def _key(address: Address) -> tuple[str, str]:
    return address.kind, canonical(address.name)
