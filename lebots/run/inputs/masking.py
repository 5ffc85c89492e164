"""Tells GitHub's runner of each secret before its first use, so that its log masks it (T19).

A second line only: lebots prints no secret, and the runner knows a masked value in few forms.
"""

import os
import stat
import sys
from collections.abc import Iterable, Mapping

from lebots.core.model.ports import Credential, Sink
from lebots.core.model.secret import Secret
from lebots.credentials.content.passing import PassingSink


def masks_are_on(environment: Mapping[str, str]) -> bool:
    """Whether the action runs this: it alone knows that the runner, and nobody else, reads along.

    On the same runner a step of somebody else's may keep what lebots prints (threat T36).
    """
    return environment.get("LEBOTS_MASKS") == "github"


def mask(values: Iterable[object], environment: Mapping[str, str]) -> None:
    """Has the runner mask every ``Secret`` among the values; does nothing anywhere else."""
    if not masks_are_on(environment) or not _read_by_a_runner():
        return
    for value in values:
        if isinstance(value, Secret) and value:
            # A command stands alone on its line; the runner undoes these three escapes.
            text = value.reveal().replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
            print(f"::add-mask::{text}", file=sys.stderr, flush=True)  # noqa: T201


def _read_by_a_runner() -> bool:
    """Whether stderr is a pipe: a file would keep the value, and a terminal show it."""
    try:
        return stat.S_ISFIFO(os.fstat(sys.stderr.fileno()).st_mode)
    except (AttributeError, OSError):
        return False


class MaskingSink(PassingSink):
    """A sink that has what is secret masked before it passes on."""

    def __init__(self, sink: Sink, environment: Mapping[str, str]) -> None:
        super().__init__(sink)
        self._environment = environment
        self._masked: set[tuple[str, str, str]] = set()
        """Account, key and id of what passed; sinks give back as secret what never was."""

    def __repr__(self) -> str:
        return f"MaskingSink({self._sink!r})"

    def write(self, credential: Credential, replaces: str | None) -> None:
        """Stores the credential."""
        mask(credential.values.values(), self._environment)
        self._masked.add((credential.account, credential.key, credential.id))
        self._sink.write(credential, replaces)

    def read(self, account: str, key: str) -> Credential | None:
        """The stored credential."""
        found = self._sink.read(account, key)
        if found and (account, key, found.id) not in self._masked:
            mask(found.values.values(), self._environment)
        return found
