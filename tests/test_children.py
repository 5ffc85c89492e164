"""What a run's children get: no login of the run, no token of the runner, no way to steer it."""

import ast
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from lebots import credentials, project
from lebots.core.model.secret import REGISTRY
from lebots.project import know_secrets
from lebots.project.children import for_children
from lebots.project.values import resolve
from tests.test_boundaries import MODULES, name_of, tree

WITHHELD = [
    *("GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "CI_JOB_TOKEN"),
    *("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_CACHE_URL", "INPUT_TOKEN", "CI_JOB_JWT_V2"),
    *("CI_REGISTRY_PASSWORD", "CI_DEPLOY_PASSWORD", "SYSTEM_ACCESSTOKEN", "LP_CLIENT_SECRET"),
    *("LP_PASSWORD", "LEBOTS_PLAN_KEY", "LEBOTS_ACTION_TOKEN", "LEBOTS_NOTE_TOKEN"),
    *("BITBUCKET_STEP_OIDC_TOKEN", "CIRCLE_OIDC_TOKEN", "BUILDKITE_AGENT_ACCESS_TOKEN"),
    *("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "BASH_ENV", "SSLKEYLOGFILE"),
]
KEPT = ["PATH", "HOME", "GH_TOKEN", "VAULT_ADDR", "GITHUB_REPOSITORY", "CI", "KUBECONFIG", "LANG"]
"""What a program needs to do its work; GH_TOKEN is set for it on purpose."""

SAYS = "import json, os; print(json.dumps(dict(os.environ)))"


@pytest.fixture
def environment() -> Mapping[str, str]:
    return {name: f"value-of-{name}" for name in (*WITHHELD, *KEPT, "MY_LOGIN", "MY_VAULT")}


def test_a_child_gets_what_it_needs_and_no_more(environment: Mapping[str, str]) -> None:
    assert set(for_children(environment, {"MY_LOGIN", "MY_VAULT"})) == set(KEPT)


def test_what_the_project_names_as_a_login_reaches_no_child(
    tmp_path: Path, environment: Mapping[str, str]
) -> None:
    login = {"method": "login", "username": {"env": "MY_LOGIN"}, "password": {"command": ["x"]}}
    vault = {
        "type": "vault",
        "address": "https://v",
        "path": "{name}",
        "token": {"env": "MY_VAULT"},
    }
    sinks = {"v": vault, "c": {"type": "command", "command": ["keep"]}}
    text: dict[str, object] = {"accounts": {"a": {"accountId": "1", "auth": login}}, "sinks": sinks}
    (tmp_path / "lebots.yaml").write_text(
        json.dumps({"apiVersion": "lebots/v1", "kind": "Project", **text})
    )
    found = project.load(tmp_path, credentials.load(), environment)
    assert set(found.children) == set(KEPT)
    assert "value-of" not in repr(found)


def test_a_program_that_prints_a_login_gets_none(
    tmp_path: Path, environment: Mapping[str, str]
) -> None:
    from lebots.core.model.address import Source
    from lebots.project import ValueSource

    source = ValueSource(Source("x", 1, 1), command=(sys.executable, "-c", SAYS), folder=tmp_path)
    said = json.loads(resolve(source, environment).reveal())
    assert not set(WITHHELD) & set(said)
    assert set(KEPT) <= set(said)


def test_every_module_that_starts_a_program_is_known() -> None:
    """Each is handed an environment that was made for children, or picks the few variables."""
    found = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("subprocess.run", "subprocess.Popen")
        and any(word.arg == "env" for word in node.keywords)
    }
    every = {
        name_of(path)
        for path in MODULES
        if not name_of(path).startswith("lebots.sandbox")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("subprocess.")
    }
    assert found == every
    assert found == {
        "action.run",  # lebots itself
        "lebots.credentials.programs.process",
        "lebots.git.repository",
        "lebots.project.values",
    }


def test_what_variables_hold_that_are_called_secrets_is_known() -> None:
    know_secrets(
        {
            "GH_TOKEN": "a token of the runner",
            "AWS_SECRET_ACCESS_KEY": "a key of AWS",
            "db_password": "of something else",
            "GOOGLE_APPLICATION_CREDENTIALS": "/run/secrets/file",
            "LP_ACCOUNT": "12345678",
        }
    )
    assert {"a token of the runner", "a key of AWS", "of something else"} <= set(REGISTRY)
    assert not {"/run/secrets/file", "12345678"} & set(REGISTRY)


def test_no_command_leaves_a_core_dump_or_session_keys(tmp_path: Path) -> None:
    program = (
        "import atexit, os, resource\n"
        "hard = resource.getrlimit(resource.RLIMIT_CORE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))\n"
        "atexit.register(lambda: print(resource.getrlimit(resource.RLIMIT_CORE), "
        "os.environ.get('SSLKEYLOGFILE')))\n"
        "from lebots.cli import main; main(['--version'])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={"SSLKEYLOGFILE": str(tmp_path / "keys"), "PATH": "/bin"},
    )
    assert ran.stdout.endswith("(0, 0) None\n"), ran.stdout + ran.stderr
