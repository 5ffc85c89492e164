"""Every file that a command reads, with something in its place that is none."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import not_run
from tests.cli.commands import RUNS, commands
from tests.cli.conftest import LEBOTS_YAML, Project
from tests.night import by_day

OVERLAID = LEBOTS_YAML.replace(
    "sandbox: .lebots/sandbox.db", "sandbox: .lebots/sandbox.db\n    overlays: [overlay.yaml]"
)
REAL = """\
apiVersion: lebots/v1
kind: Project
accounts:
  served:
    accountId: "12345678"
    domain: 127.0.0.1:9
    ca: ca.pem
    auth: {method: login, username: {file: name.txt}, password: {env: PATH}}
"""

NAMED = [
    *(
        (command, "named.yaml")
        for command in ("plan", "apply --yes", "validate", "fmt", "verify --yes")
    ),
    ("rotate Key/routing-bot", "named.yaml"),
    ("plan --target Skill/x", "named.yaml"),
    ("apply", "plan.json"),
    ("rotate", "plan.json"),
    ("plan --prune --receipt", "receipt.json"),
    ("plan --drift --receipt", "receipt.json"),
    ("receipt push", "receipt.json"),
    ("import --drift --receipt", "receipt.json"),
]
"""A command, and a file that its last argument names."""

FOUND = [
    *(
        (" ".join((name, *line)), "lebots.yaml")
        for name, line in RUNS.items()
        if name not in ("schema", "explain", "init", "sandbox rules", "fmt")
    ),
    *((command, "overlay.yaml") for command in ("plan", "apply --yes", "validate", "fmt")),
    *((command, "manifests/routing-bot.yaml") for command in ("plan", "validate", "fmt")),
    *((command, "ca.pem") for command in ("plan", "doctor")),
    *((command, "name.txt") for command in ("plan", "doctor")),
    *(
        (command, ".lebots/sandbox.db")
        for command in ("plan", "apply --yes", "import --out imported", "doctor", "sandbox show")
    ),
]
"""A command, and a file that it finds by itself."""


def fifo(file: Path) -> None:
    os.mkfifo(file)


def folder(file: Path) -> None:
    file.mkdir()


def endless(file: Path) -> None:
    file.symlink_to("/dev/zero")


def listening(file: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(file.name)
    Path(file.name).rename(file)


def too_large(file: Path) -> None:
    with file.open("wb") as made:
        made.truncate(100 * 1024 * 1024)


def forbidden(file: Path) -> None:
    file.write_text("", encoding="utf-8")
    file.chmod(0)


def dangling(file: Path) -> None:
    file.symlink_to("nowhere")


IN_PLACE: list[Callable[[Path], None]] = [
    fifo,
    folder,
    endless,
    listening,
    too_large,
    forbidden,
    dangling,
]


@pytest.fixture(autouse=True)
def _ends() -> Iterator[None]:
    """A command that waits for a pipe, or reads without an end, is cut off and fails."""

    def late(number: int, frame: object) -> None:
        raise TimeoutError("it waits or reads without an end")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_every_command_that_reads_a_file_is_here() -> None:
    """An argument or option that names a file to read, other than one to write to."""
    reading = {
        name
        for name, command in commands()
        for parameter in command.params
        if parameter.metavar in ("PATHS", "FILE") and parameter.name not in OUTPUTS
        if (name, parameter.name) not in WRITES
    }
    assert reading == {name for name in reading if any(one.startswith(name) for one, _ in NAMED)}
    assert all(any(one.startswith(name) for name in reading) for one, _ in NAMED)


OUTPUTS = ("markdown_file", "html_file", "out")
WRITES = {("apply", "receipt"), ("rotate", "receipt"), ("receipt pull", "file")}


PUT = [
    pytest.param(command, name, put, id=f"{command}-{name}-{put.__name__}".replace("/", "-"))
    for command, name in [*NAMED, *FOUND]
    for put in IN_PLACE
    if not (put is folder and name == "named.yaml")  # a folder of manifests is meant there
]


@pytest.mark.parametrize(("command", "name", "put"), by_day(PUT, PUT[::3]))
def test_what_is_no_file_is_refused_without_waiting(
    lebots: Project, command: str, name: str, put: Callable[[Path], None]
) -> None:
    if put is forbidden and os.geteuid() == 0:
        pytest.skip(not_run.NO_ROOT)
    text = {"overlay.yaml": OVERLAID, "ca.pem": REAL, "name.txt": REAL}.get(name, LEBOTS_YAML)
    lebots.write("lebots.yaml", text)
    if name == "ca.pem":
        lebots.write("name.txt", "somebody")
    file = lebots.folder / name
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    put(file)
    ran = lebots(*command.split(), *([name] if (command, name) in NAMED else []))
    harmless = put is dangling and (name == "lebots.yaml" or name.endswith(".db"))
    assert ran.code in ((0, 2, 4, 5) if harmless else (2, 4, 5, 6)), ran.all
    assert "a bug in lebots" not in ran.all
    assert file.name in ran.all or harmless or put is folder
    if name.endswith(".db"):
        assert "remove" not in ran.err
