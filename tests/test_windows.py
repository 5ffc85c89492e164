"""Who writes manifests on Windows can check them; what reaches an account says what it needs.

The commands run in a process that has no module and no name that Windows does not have.
"""

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lebots.errors import UsageError
from tests.cli.commands import RUNS

ROOT = Path(__file__).parents[1]
WITHOUT = """
import asyncio, json, os, select, signal, socket, subprocess, sys, tempfile
MODULES = "fcntl grp posix pty pwd readline resource syslog termios tty".split()
NAMES = '''chown chroot confstr fchdir fchmod fchown fdatasync fork forkpty geteuid getgid getpgid
    getpriority getuid killpg lchown link_ lockf mkfifo mknod nice openpty pathconf pipe2
    posix_spawn pread preadv pwrite pwritev readv register_at_fork sched_getaffinity sendfile
    set_blocking
    get_blocking setpgid setsid setuid statvfs sync sysconf tcgetpgrp ttyname uname wait wait3 wait4
    writev WNOHANG O_NONBLOCK O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NOCTTY O_SYNC O_DSYNC O_ASYNC'''
SIGNALS = '''SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2
    SIGWINCH alarm getitimer pause pthread_kill pthread_sigmask setitimer sigpending sigwait'''
for module, names in ((os, NAMES), (signal, SIGNALS), (socket, "AF_UNIX"), (select, "poll epoll")):
    for name in names.split():
        vars(module).pop(name, None)
for module in MODULES:
    sys.modules[module] = None
for name in ("supports_dir_fd", "supports_fd", "supports_follow_symlinks"):
    getattr(os, name).clear()
import contextlib, io, pathlib
from lebots.cli import main

def run(folder, words):
    pathlib.Path(folder).mkdir(exist_ok=True)
    os.chdir(folder)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(words)
        except SystemExit as ended:
            return ended.code, out.getvalue(), err.getvalue()

print(json.dumps([run(folder, words) for folder, words in json.loads(sys.stdin.read())]))
"""
WORK = {
    "--version": 0,
    "validate": 0,
    "validate --format json": 0,
    "fmt --check": 3,
    "fmt --diff": 0,
    "fmt": 0,
    "explain": 0,
    "explain BotUser.skills": 0,
    "get BotUser/routing-bot": 0,
    "schema": 0,
    "schema project": 0,
    "schema --write": 0,
    "init other": 0,
    "sandbox rules": 0,
    "sandbox reset": 0,
    "sandbox show": 0,
}
"""Commands of authors, with how they end on the project of the test."""
REACH = (
    "plan",
    "plan --drift",
    "apply --yes",
    "import --out other",
    "compare --from sandbox --to sandbox2",
    "doctor",
    "verify --yes",
    "rotate Key/routing-bot --yes",
)
ELSE = {"receipt push", "receipt pull", "sandbox serve", "sandbox seed"}
"""They need git, and a server that goes on."""


@cache
def ended(folder: Path) -> dict[str, Any]:
    project = folder / "project"
    shutil.copytree(ROOT / "manifests", project / "manifests")
    text = (ROOT / "lebots.yaml").read_text(encoding="utf-8")
    text = text.replace("accounts:\n", "accounts:\n  sandbox2: {sandbox: .lebots/two.db}\n")
    (project / "lebots.yaml").write_text(text, encoding="utf-8")
    skill = "kind: Skill\napiVersion: lebots/v1\nmetadata: {name: late}\n"
    (project / "manifests" / "late.yaml").write_text(skill, encoding="utf-8")
    commands = [*WORK, *REACH]
    given = json.dumps([(str(project), words.split()) for words in commands])
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT], input=given, cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    return dict(zip(commands, json.loads(ran.stdout), strict=True))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return ended(tmp_path_factory.mktemp("windows"))


@pytest.mark.parametrize(("words", "code"), WORK.items())
def test_authors_can_work(results: dict[str, Any], words: str, code: int) -> None:
    assert results[words][0] == code, results[words]


@pytest.mark.parametrize("words", REACH)
def test_what_reaches_an_account_says_what_it_needs(results: dict[str, Any], words: str) -> None:
    code, _, told = results[words]
    assert code == UsageError.exit_code, told
    assert "this command needs Linux or macOS, or WSL on Windows" in told


def test_every_command_is_one_of_them() -> None:
    run = [*WORK, *REACH]
    found = {name for name in RUNS for words in run if f"{words} ".startswith(f"{name} ")}
    assert found | ELSE == set(RUNS)
