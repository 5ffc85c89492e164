"""LivePerson's own node-agent-sdk against the sandbox, served over HTTPS on loopback.

Nobody here wrote this client: it finds its hosts, logs in, keeps its cookie and signs as it always
did. The environment says who it is, as in the samples that come with it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from lebots.cli import main
from lebots.sandbox import Rules, Sandbox
from lebots.sandbox.http.serve import Server, serve
from tests import not_run, trusted

pytestmark = pytest.mark.enable_socket

FOLDER = Path(__file__).parent / "node-agent-sdk"
ACCOUNT = "55501234"
SURVEY_BOT = {
    "LP_USER": "survey-bot",
    "LP_APPKEY": "5e1f0c2a9b7d4e6f8a3c1d0b2e4f6a8c",
    "LP_SECRET": "0000000000000000",
    "LP_ACCESSTOKEN": "00000000000000000000000000000def",
    "LP_ACCESSTOKENSECRET": "0000000000000001",
}
DELIVERED = ("LP_APPKEY", "LP_SECRET", "LP_ACCESSTOKEN", "LP_ACCESSTOKENSECRET")

Visit = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def node() -> str:
    """Node with the client installed."""
    return installed(FOLDER)


def installed(folder: Path) -> str:
    """Node, with what a folder's lock file says beside it; skips where there is none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip(not_run.NODE)
    with (folder / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another test process may be installing
        mark = folder / "node_modules" / ".package-lock.json"
        fresh = mark.exists() and mark.stat().st_mtime >= os.fstat(lock.fileno()).st_mtime
        if not fresh:
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
            if done.returncode:
                pytest.skip(not_run.PACKAGES)
            mark.touch()
    return node


@pytest.fixture
def open_sandbox() -> Iterator[Callable[..., Sandbox]]:
    """Opens accounts that ask who is there, and closes them in the end."""
    opened: list[Sandbox] = []

    def open_one(**switches: Any) -> Sandbox:
        opened.append(Sandbox(":memory:", rules=Rules(**switches), authenticate=True))
        return opened[-1]

    yield open_one
    for sandbox in opened:
        sandbox.close()


@pytest.fixture
def visit(node: str, tmp_path: Path) -> Visit:
    """Runs a script of the client against an account and returns what it prints."""

    def run(sandbox: Sandbox, script: str, **environment: str) -> dict[str, Any]:
        with serve(sandbox, https=True, certificates=tmp_path) as server:
            return _run(node, script, server, environment)

    return run


def _run(node: str, script: str, server: Server, who: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [node, script],
        cwd=FOLDER,
        env=_environment(server, who),
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = done.stdout.splitlines()
    assert lines, done.stderr
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def _environment(server: Server, who: dict[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "NODE_EXTRA_CA_CERTS": str(server.ca),
        "NODE_NO_WARNINGS": "1",
        "LP_ACCOUNT": ACCOUNT,
        "LP_CSDS": server.url.removeprefix("https://"),
        **who,
    }


def _bot_with_application(sandbox: Sandbox, **fields: Any) -> dict[str, str]:
    """A bot whose key is an OAuth 2 application, and what its runtime is given."""
    app = {
        "client_name": "test.acme.faq-bot",
        "client_secret": "not-a-real-secret",
        "grant_types": ["client_credentials"],
        "enabled": True,
    }
    client_id = str(sandbox.put("installations", app | fields))
    survey_bot = sandbox.dump()["users"][-1]
    own = {"id": None, "loginName": "faq-bot", "pid": "0b7d9d0e-2c55-5c1f-8f02-77a1e2b3c4d5"}
    sandbox.put("users", survey_bot | own | {"allowedAppKeys": client_id})
    return {
        "LP_USER": "faq-bot",
        "LP_APPKEY": client_id,
        "LP_SECRET": "not-a-real-secret",
        "LP_ACCESSTOKEN": "dummy",
        "LP_ACCESSTOKENSECRET": "dummy",
    }


def _asked(sandbox: Sandbox) -> list[tuple[str, str, int]]:
    """What the client asked for, the path of the account left out."""
    return [
        (method, path.replace(f"/api/account/{ACCOUNT}", ""), status)
        for method, path, status in sandbox.requests
    ]


def test_it_logs_in_with_an_oauth_2_application(
    open_sandbox: Callable[..., Sandbox], visit: Visit
) -> None:
    sandbox = open_sandbox()
    found = visit(sandbox, "login.js", **_bot_with_application(sandbox))
    assert found["connected"] is True
    assert found["agentId"] == "0b7d9d0e-2c55-5c1f-8f02-77a1e2b3c4d5"
    assert found["problems"] == ["unexpected server response (404)"], "the websocket, as it must"
    assert _asked(sandbox)[:4] == [
        ("GET", "/service/baseURI.json?version=1.0", 200),
        ("POST", "/login?v=1.3", 200),
        ("GET", "/ws_api/account/55501234/messaging/brand/***?v=2.1", 404),
        ("POST", "/refresh?v=1.3", 200),
    ]


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project of `lebots init`, in the working folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    _lebots("init")
    return folder


def test_it_logs_in_with_the_credential_that_apply_delivered(
    open_sandbox: Callable[..., Sandbox],
    node: str,
    starter: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox = open_sandbox()
    for name in ("username", "password"):
        monkeypatch.setenv(f"LP_{name}".upper(), sandbox.tool_access()[name])
    with serve(sandbox, https=True, certificates=tmp_path / "certificates") as server:
        _point(starter / "lebots.yaml", server)
        _lebots("apply", "--yes")
        who = _delivered(starter / ".secrets" / "routing-bot.env")
        found = _run(node, "login.js", server, {"LP_USER": "routing-bot", **who})
    bot, key = sandbox.find("users", "routing-bot"), sandbox.find("installations", "routing-bot")
    assert bot["allowedAppKeys"] == who["LP_APPKEY"] == key["client_id"]
    assert (found["connected"], found["userId"]) == (True, str(bot["id"]))
    assert found["agentId"] == bot["pid"]


def _lebots(*arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0


def _point(file: Path, server: Server) -> None:
    """Leads the starter project to the account that is served; its sink stays."""
    project = yaml.safe_load(file.read_text())
    names = ("username", "password")
    project["accounts"] = {
        "sandbox": {
            "accountId": ACCOUNT,
            "domain": server.url.removeprefix("https://"),
            "ca": trusted.inside(file.parent, server.ca),
            "auth": {"method": "login", **{name: {"env": f"LP_{name.upper()}"} for name in names}},
        }
    }
    file.write_text(json.dumps(project))


def _delivered(file: Path) -> dict[str, str]:
    """What a shell that sources the file would hand to the client."""
    words = shlex.split(file.read_text(), comments=True)
    values = dict(word.split("=", 1) for word in words)
    return {name: values[name] for name in DELIVERED}


def test_it_logs_in_with_an_oauth_1_key(open_sandbox: Callable[..., Sandbox], visit: Visit) -> None:
    found = visit(open_sandbox(), "login.js", **SURVEY_BOT)
    assert (found["connected"], found["userId"]) == (True, "4100200313")


@pytest.mark.parametrize(
    "wrong", [{"LP_SECRET": "another"}, {"LP_USER": "nobody"}, {"LP_APPKEY": "nobody"}]
)
def test_it_is_told_when_its_credentials_are_wrong(
    open_sandbox: Callable[..., Sandbox], visit: Visit, wrong: dict[str, str]
) -> None:
    sandbox = open_sandbox()
    found = visit(sandbox, "login.js", **SURVEY_BOT | wrong)
    assert found["connected"] is False
    assert len(found["problems"]) == 1
    assert _asked(sandbox)[-1] == ("POST", "/login?v=1.3", 401)


def test_it_is_told_when_oauth_1_has_ended(
    open_sandbox: Callable[..., Sandbox], visit: Visit
) -> None:
    found = visit(open_sandbox(oauth1_login="ended"), "login.js", **SURVEY_BOT)
    assert found["connected"] is False


def test_its_signatures_are_good(open_sandbox: Callable[..., Sandbox], visit: Visit) -> None:
    sandbox = open_sandbox()
    found = visit(sandbox, "signed.js", **SURVEY_BOT)
    assert found["status"] == 200, found["problem"]
    assert "survey-bot" in found["users"]
    ((_, path, _),) = sandbox.requests
    assert "select=%24all" in path


def test_a_signature_with_a_wrong_secret_is_not(
    open_sandbox: Callable[..., Sandbox], visit: Visit
) -> None:
    found = visit(open_sandbox(), "signed.js", **SURVEY_BOT | {"LP_SECRET": "another"})
    assert found["status"] == 401
    assert found["problem"].startswith("oauth_problem=signature_invalid&")


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert packages
    assert [package for package in packages if "resolved" in package] == []
    assert all(package["integrity"].startswith("sha512-") for package in packages)
