"""The command line in a folder of its own, in process and as a process, on a bad account too."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lebots.cli import main
from lebots.run.inputs import embedded
from lebots.sandbox import Sandbox
from tests.repositories import Repo

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
Wrapper = Callable[[Application, dict[str, Any], Any], Iterable[bytes]]

ROOT = Path(__file__).parents[2]
AGENT_VIEW = "/agent_view"
"""The end of the path of a POST that only reads."""
LEBOTS = "import sys; sys.argv[0] = 'lebots'; from lebots.cli import main; main()"

LEBOTS_YAML = """\
apiVersion: lebots/v1
kind: Project
defaultAccount: sandbox
accounts:
  sandbox:
    sandbox: .lebots/sandbox.db
  staging:
    sandbox: .lebots/staging.db
  production:
    accountId: "12345678"
    auth: {method: oauth2, clientId: {env: LP_CLIENT_ID}, clientSecret: {env: LP_CLIENT_SECRET}}
sinks:
  runtime:
    type: dotenv
    path: .secrets/{account}/{name}.env
"""

ROUTING_BOT = """\
apiVersion: lebots/v1
kind: Skill
metadata:
  name: routing-bot
spec:
  description: Conversations the routing bot takes first
---
apiVersion: lebots/v1
kind: Key
metadata:
  name: routing-bot
spec:
  type: oauth2
  description: Login of the routing bot
  sink: runtime
---
apiVersion: lebots/v1
kind: BotUser
metadata:
  name: routing-bot
spec:
  fullName: Routing bot
  nickname: Ava
  email: private.person@example.com
  profiles: [Agent]
  skills: [routing-bot]
  agentGroup: Bots
  key: routing-bot
  maxAsyncChats: 25
"""


def skill(name: str, **spec: Any) -> str:
    """A manifest of a skill; JSON is YAML."""
    spec = {"description": "made by a test", **spec}
    metadata = {"name": name}
    document = {"apiVersion": "lebots/v1", "kind": "Skill", "metadata": metadata, "spec": spec}
    return f"---\n{json.dumps(document)}\n"


@dataclass(frozen=True)
class Ran:
    """How one command ended."""

    code: Any
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as JSON, all of it."""
        return json.loads(self.out)

    @property
    def all(self) -> str:
        """Everything that was printed."""
        return self.out + self.err


@dataclass
class Project:
    """A project folder, which is also the working folder."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    wrapper: Wrapper | None = None
    """What stands between lebots and the account, if anything."""
    requests: list[str] = field(default_factory=list)
    """Every request of all runs as ``METHOD path``."""

    def __call__(self, *arguments: str) -> Ran:
        """Runs a command in this process."""
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        printed = self.capsys.readouterr()
        return Ran(ended.value.code, printed.out, printed.err)

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    @property
    def writes(self) -> list[str]:
        return [
            request
            for request in self.requests
            if not (request.startswith("GET ") or request.endswith(AGENT_VIEW))
        ]

    def open(self, path: Path, **more: Any) -> Sandbox:
        """Opens an account whose requests are noted and pass through the wrapper."""
        sandbox = Sandbox(path, **more)
        sandbox.app = _Noting(self, sandbox.app)  # type: ignore[assignment]
        return sandbox

    def process(
        self,
        *arguments: str,
        program: str = LEBOTS,
        environment: Mapping[str, str] | None = None,
        **options: Any,
    ) -> "subprocess.Popen[bytes]":
        """Starts a command as a process of its own, which can be interrupted.

        Whoever runs the tests in the background of a shell, where nothing can be.
        """
        return subprocess.Popen(
            self.command(*arguments, program=program),
            cwd=self.folder,
            env={**self.environment(), **(environment or {})},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            **options,
        )

    @staticmethod
    def command(*arguments: str, program: str = LEBOTS) -> list[str]:
        """The command line of such a process."""
        return [sys.executable, "-c", program, *arguments]

    @staticmethod
    def environment() -> dict[str, str]:
        """The environment of such a process: it runs the lebots that is tested here."""
        paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        return {**os.environ, "PYTHONPATH": paths}

    def on_terminal(
        self,
        *arguments: str,
        types: bytes = b"",
        environment: Mapping[str, str] | None = None,
        **streams: Any,
    ) -> Ran:
        """Runs a command on a pseudo terminal, which gives what is typed; ``out`` is its screen.

        A stream that is given is connected to that instead; a piped stdout is then in ``out`` and
        the screen in ``err``.
        """
        keyboard, terminal = pty.openpty()
        try:
            connected = {"stdin": terminal, "stdout": terminal, "stderr": terminal, **streams}
            process = self.process(
                *arguments, environment={"TERM": "xterm", **(environment or {})}, **connected
            )
            os.close(terminal)
            if types:
                os.write(keyboard, types)
            screen = _everything(keyboard)
            piped, _ = process.communicate(timeout=20)
        finally:
            os.close(keyboard)
        if process.stdout is None:
            return Ran(process.returncode, screen.decode(), "")
        return Ran(process.returncode, piped.decode(), screen.decode())


class _Noting:
    """The account's application, watched; everything else about it is its own."""

    def __init__(self, project: Project, application: Any) -> None:
        self._project, self._application = project, application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self._project.requests.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        application: Application = self._application
        if self._project.wrapper:
            return self._project.wrapper(application, environ, start_response)
        return application(environ, start_response)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._application, name)


def _everything(terminal: int) -> bytes:
    content = b""
    # Linux tells the end of a terminal by an error.
    with suppress(OSError):
        while part := os.read(terminal, 65536):
            content += part
    return content


@pytest.fixture
def empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    """An empty working folder."""
    project = Project(tmp_path, capsys)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("lebots.run.inputs.session.SETTLE", ())
    monkeypatch.setattr(embedded, "Sandbox", project.open)
    monkeypatch.setattr("lebots.run.inputs.session.SETTLE_READS", (0.01,))
    return project


@pytest.fixture
def lebots(empty: Project) -> Project:
    """A project with two embedded accounts and a real one, and one routing bot."""
    empty.write("lebots.yaml", LEBOTS_YAML)
    empty.write("manifests/routing-bot.yaml", ROUTING_BOT)
    return empty


@pytest.fixture(scope="session")
def _applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test that wants it leaves the repository of all."""
    return tmp_path_factory.mktemp("applied") / "repository"


@pytest.fixture
def repo(lebots: Project, _applied: Path) -> Repo:
    """The project as a repository, applied, on main."""
    if _applied.exists():
        shutil.copytree(_applied, lebots.folder, dirs_exist_ok=True)
        return Repo(lebots.folder)
    repo = Repo.make(lebots.folder)
    repo.write(".gitignore", ".lebots/\n.secrets/\n*.json\n")
    repo.commit()
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 0
    shutil.copytree(lebots.folder, _applied)
    return repo


@pytest.fixture
def file(lebots: Project) -> Path:
    """The file of the account, with the account as it is at first."""
    made = lebots.folder / ".lebots/sandbox.db"
    made.parent.mkdir()
    Sandbox(made).close()
    return made


def refusing(method: str, path: str, status: int = 400, times: int = 1_000) -> Wrapper:
    """An account that refuses some requests."""
    left = [times]

    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == method and path in environ["PATH_INFO"] and left[0]:
            left[0] -= 1
            start_response(f"{status} Refused", [("Content-Type", "application/json")])
            return [b'{"message": "refused by the test"}']
        return application(environ, start_response)

    return wrapper


def text_of(process: "subprocess.Popen[bytes]") -> Sequence[str]:
    """Waits for a process; its stdout and stderr."""
    out, err = process.communicate(timeout=20)
    return [(part or b"").decode() for part in (out, err)]
