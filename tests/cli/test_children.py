"""The environment of every child of every command: nothing in it is a credential of the run."""

import json
import os
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from tests.cli.commands import RUNS
from tests.cli.conftest import LEBOTS_YAML, Project
from tests.cli.test_sinks import DOTENV, STORE
from tests.repositories import Repo
from tests.test_children import WITHHELD


def noting(name: str, log: Path, *command: str) -> str:
    """A program that writes its environment to a log, and becomes the command."""
    given = f"printf '%s\\0' {name} >> {shlex.quote(str(log))}; env -0 >> {shlex.quote(str(log))}"
    return f'#!/bin/sh\n{given}\nexec {shlex.join(command)} "$@"\n'


def test_no_command_hands_a_credential_to_a_child(
    lebots: Project, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path_factory.mktemp("tools")
    log, git = tools / "log", shutil.which("git")
    assert git
    store = (sys.executable, "-IS", str(STORE))
    for name, command in (("git", (git,)), ("sink", store), ("login", ("echo", "a-login"))):
        (tools / name).write_text(noting(name, log, *command))
        (tools / name).chmod(0o755)
    sink = f"type: command\n    command: [{json.dumps(str(tools / 'sink'))}]\n    fields: oauth2\n"
    login = f"clientId: {{command: [{json.dumps(str(tools / 'login'))}]}}, clientSecret"
    text = LEBOTS_YAML.replace(DOTENV, sink).replace(
        "clientId: {env: LP_CLIENT_ID}, clientSecret: {env: LP", f"{login}: {{env: MY_OWN"
    )
    lebots.write("lebots.yaml", text)
    repo = Repo.make(lebots.folder)
    repo.write(".gitignore", ".lebots/\nstore.json\nimported/\n*.json\n")
    repo.commit()
    secrets = {name: f"c4n4ry-of-{name}-{'0' * 32}" for name in (*WITHHELD, "MY_OWN_CLIENT_SECRET")}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    for line in (
        "plan --base main",
        "plan --drift --base main",
        "apply --yes",
        *(f"{name} {' '.join(line)}" for name, line in RUNS.items() if "serve" not in name),
        "plan --account production",
    ):
        ran = lebots(*line.split())
        assert "c4n4ry" not in ran.all, line
        assert "a bug in lebots" not in ran.all, line
    noted = log.read_text(encoding="utf-8", errors="replace")
    assert [name for name in ("git", "sink", "login") if f"{name}\0" not in noted] == []
    assert "c4n4ry" not in noted
