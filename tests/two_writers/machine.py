"""A project folder with runs of lebots in it, each a process of its own."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import trusted
from tests.two_writers.account import PATIENCE, Account
from tests.two_writers.stores import Store

TREE = Path(os.environ.get("LEBOTS_TREE", Path(__file__).parents[2]))
"""Where the lebots that runs here comes from: these tests judge another version by it."""

_PROGRAM = """\
import sys
from lebots.cli import main
try:
    from lebots.run.inputs import session
except ImportError: # an older lebots is judged
    from lebots.cli import session
sys.argv[0] = "lebots"
session.SETTLE_READS = (0.5, 1.0, 2.0)
main()
"""
"""Waits less than it would for an account that lags: whoever waits meets nobody."""
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    arguments: tuple[str, ...]
    code: int
    said: str
    """Both streams, in the order they were written."""

    def __str__(self) -> str:
        return f"$ lebots {' '.join(self.arguments)}\n{self.said}\nexit {self.code}\n"


class Run:
    """A run that goes on, on a pseudo terminal or without one."""

    def __init__(self, machine: "Machine", arguments: tuple[str, ...], *, terminal: bool) -> None:
        self._arguments, self._said, self._closed = arguments, b"", False
        self._screen, streams = pty.openpty() if terminal else os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *arguments],
            cwd=machine.folder,
            env=machine.environment,
            stdin=streams if terminal else subprocess.DEVNULL,
            stdout=streams,
            stderr=streams,
        )
        os.close(streams)

    @property
    def said(self) -> str:
        """What it said so far."""
        return self._said.decode(errors="replace")

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def until(self, text: str, seconds: float = PATIENCE) -> None:
        """Waits until it has said this."""
        ends = time.monotonic() + seconds
        while text not in self.said:
            assert self._listen(ends), f"never said {text!r}:\n{self.said}"

    def type(self, text: str) -> None:
        """Types on its terminal."""
        os.write(self._screen, text.encode())

    def ended(self, seconds: float = 2 * PATIENCE) -> Ended:
        """Waits for its end."""
        ends = time.monotonic() + seconds
        while self._listen(ends):
            pass
        try:
            code = self._process.wait(max(0.1, ends - time.monotonic()))
        finally:
            self.close()
        return Ended(self._arguments, code, self.said)

    def close(self) -> None:
        """Ends it by force if it still goes on."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        if not self._closed:
            self._closed = True
            os.close(self._screen)

    def _listen(self, ends: float) -> bool:
        """Takes in what it says next; false at its end, or when the time is over."""
        readable, _, _ = select.select([self._screen], [], [], max(0.0, ends - time.monotonic()))
        part = b""
        if readable:
            # Linux tells the end of a terminal by an error.
            with suppress(OSError):
                part = os.read(self._screen, 65536)
        self._said += part
        return bool(part)


class Machine:
    """A project folder on a machine of its own."""

    def __init__(
        self, folder: Path, account: Account, store: Store, guards: Mapping[str, bool]
    ) -> None:
        self.folder = folder
        self._account = account
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        names = {"clientId": "BOT_CLIENT_ID", "clientSecret": "BOT_CLIENT_SECRET"}
        self.environment = {
            **kept,
            **store.environment,
            **{env: account.access[name] for name, env in names.items()},
            "PYTHONPATH": str(TREE),
            "TERM": "dumb",
            "COLUMNS": "120",
        }
        self.runs: list[Run] = []
        auth = {"method": "oauth2", **{name: {"env": env} for name, env in names.items()}}
        served: dict[str, Any] = {
            "accountId": account.id,
            "domain": account.domain,
            "ca": trusted.inside(folder, account.ca),
            "auth": auth,
            **({"guards": guards} if guards else {}),
        }
        settings = dict(store.settings)
        if "ca" in settings:
            settings["ca"] = trusted.inside(folder, Path(settings["ca"]))
        project = {
            "apiVersion": "lebots/v1",
            "kind": "Project",
            "defaultAccount": "served",
            "accounts": {"served": served},
            "sinks": {"runtime": settings},
        }
        self.write("lebots.yaml", json.dumps(project))

    def write(self, name: str, text: str) -> None:
        """Writes a file of the project."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def start(self, *arguments: str) -> Run:
        """Begins a run that nobody attends."""
        return self._begun(Run(self, arguments, terminal=False))

    def on_terminal(self, *arguments: str) -> Run:
        """Begins a run that somebody sits before."""
        return self._begun(Run(self, arguments, terminal=True))

    def __call__(self, *arguments: str) -> Ended:
        """A run from begin to end."""
        return self.start(*arguments).ended()

    def close(self) -> None:
        """Ends what still goes on."""
        for run in self.runs:
            run.close()

    def _begun(self, run: Run) -> Run:
        self.runs.append(run)
        return run
