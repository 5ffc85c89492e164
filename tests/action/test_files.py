"""The files for CI: action.yml, the example workflows and their page."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import yaml

from action.inputs import COMMANDS, PREFIX
from action.run import COUNTS, RESULTS
from tests.action.workflows import OURS, OWN_BRANCH, faults

ROOT = Path(__file__).parents[2]
CI = ROOT / "docs" / "ci"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
INSTALL, PULL, RUN, COMMENT, PUSH = ACTION["runs"]["steps"]
WORKFLOWS = {path.name: path.read_text() for path in sorted((CI / "github").glob("*.yml"))}
PAGE = (CI / "README.md").read_text()
GITLAB = yaml.safe_load((CI / "gitlab.yml").read_text())
JENKINS = (CI / "Jenkinsfile").read_text()


def test_every_example_is_here() -> None:
    assert list(WORKFLOWS) == ["apply.yml", "drift.yml", "keep-drift.yml", "pull-request.yml"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_an_example_workflow_is_sound(name: str) -> None:
    assert faults(WORKFLOWS[name]) == []


@pytest.mark.parametrize(
    ("name", "what", "instead", "fault"),
    [
        ("pull-request.yml", "on: pull_request", "on: pull_request_target", "trigger"),
        ("apply.yml", "  workflow_dispatch:", "  issue_comment:", "trigger issue_comment"),
        ("apply.yml", "  workflow_dispatch:", "  pull_request:", "apply: apply on another event"),
        ("pull-request.yml", OWN_BRANCH, "always()", "plan: a stranger's"),
        ("pull-request.yml", "command: validate", "command: plan", "validate: a stranger's"),
        ("drift.yml", "contents: read", "contents: write", "permissions"),
        ("drift.yml", "permissions:\n  contents: read\n", "", "permissions"),
        ("pull-request.yml", "pull-requests: write", "issues: write", "plan: permissions"),
        ("apply.yml", "@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a", "@v7", "pin: - uses: actions/u"),
        ("apply.yml", " # v6.0.2", "", "pin: - uses: actions/checkout"),
        ("drift.yml", "persist-credentials: false", "clean: true", "drift: the checkout keeps"),
        ("drift.yml", "    timeout-minutes: 15\n", "", "drift: no timeout"),
        ("apply.yml", "    environment: production\n", "", "apply: no environment"),
        ("apply.yml", "cancel-in-progress: false", "cancel-in-progress: true", "apply: an apply"),
        ("apply.yml", "${{ needs.plan.outputs.digest }}", "${{ inputs.x }}", "apply: the digest"),
        (
            "drift.yml",
            "    steps:\n",
            "    steps:\n      - run: echo ${{ github.head_ref }}\n",
            "drift: an expression in a script",
        ),
    ],
)
def test_an_unsound_workflow_is_found(name: str, what: str, instead: str, fault: str) -> None:
    text = WORKFLOWS[name]
    assert what in text
    assert any(found.startswith(fault) for found in faults(text.replace(what, instead)))


@pytest.mark.parametrize("name", WORKFLOWS)
def test_what_the_reader_fills_in_is_said(name: str) -> None:
    lines = [line for line in WORKFLOWS[name].splitlines() if OURS in line]
    assert lines
    assert all("# fill in: the commit of the lebots you trust" in line for line in lines)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_gives_inputs_that_there_are(name: str) -> None:
    for job in yaml.safe_load(WORKFLOWS[name])["jobs"].values():
        for step in job["steps"]:
            if OURS in step.get("uses", ""):
                assert step["with"].keys() <= ACTION["inputs"].keys()
                assert step["with"]["command"] in COMMANDS


def test_every_input_is_handed_over_by_environment() -> None:
    given = {**INSTALL["env"], **PULL["env"], **RUN["env"], **COMMENT["env"], **PUSH["env"]}
    assert given.pop(f"{PREFIX}EXIT_CODE") == "${{ steps.run.outputs.exit-code }}"
    assert given == {
        PREFIX + name.replace("-", "_").upper(): "${{ inputs." + name + " }}"
        for name in ACTION["inputs"]
    }
    for step in (INSTALL, PULL, RUN, COMMENT, PUSH):
        assert "${{" not in step["run"], "text of a workflow is never a part of a script"


def test_only_steps_of_their_own_have_the_token() -> None:
    """The one that comments runs no lebots, no program of the project and no git."""
    for step in (INSTALL, RUN):
        assert "token" not in str(step).casefold()
    assert COMMENT["env"][f"{PREFIX}TOKEN"] == "${{ inputs.token }}"
    assert "steps.run.outputs.comment == 'true'" in COMMENT["if"]
    assert "steps.run.outputs.receipt == 'true'" in PUSH["if"]
    assert all("inputs.receipts == 'branch'" in step["if"] for step in (PULL, PUSH))
    imported = (ROOT / "action" / "post.py").read_text()
    assert "subprocess" not in imported
    assert "lebots." not in imported.replace("lebots.git", "")


def test_no_workflow_listens_to_comments() -> None:
    for text in WORKFLOWS.values():
        assert not {"issue_comment", "pull_request_target", "workflow_run"} & set(
            yaml.safe_load(text.replace("\non:", "\n'on':"))["on"]
        )


def test_every_output_is_one_that_a_step_gives() -> None:
    names = {"exit-code", "digest", "changes", *COUNTS}
    assert {name: each["value"] for name, each in ACTION["outputs"].items()} == {
        name: "${{ steps.run.outputs." + name + " }}" for name in names
    }
    assert RUN["id"] == "run"


@pytest.mark.parametrize("script", [INSTALL["run"], RUN["run"], COMMENT["run"]])
def test_a_script_is_a_script(script: str) -> None:
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0


def bash(script: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs a step as GitHub does."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "GITHUB_ACTION_PATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(("step", "verb"), [(PULL, "pull"), (PUSH, "push")])
@pytest.mark.parametrize("account", ["", "production"])
def test_git_gets_the_token_for_the_receipts_and_nobody_else(
    tmp_path: Path, step: dict[str, str], verb: str, account: str
) -> None:
    python = tmp_path / "lebots/venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\npwd; echo "$@"; env\n')
    python.chmod(0o755)
    (tmp_path / "project").mkdir()
    about = {"ACCOUNT": account, "TOKEN": "ghs_secret", "WORKING_DIRECTORY": "project"}
    ran = bash(
        step["run"],
        tmp_path,
        RUNNER_TEMP=str(tmp_path),
        GITHUB_SERVER_URL="https://github.example",
        **{PREFIX + name: value for name, value in about.items()},
    )
    login = b64encode(b"x-access-token:ghs_secret").decode()
    mask, folder, arguments, *environment = ran.stdout.splitlines()
    assert (ran.returncode, mask, folder) == (0, f"::add-mask::{login}", f"{tmp_path}/project")
    named = f" --account={account}" if account else ""
    assert arguments.startswith(f"-I -m lebots receipt {verb}{named} -- {tmp_path}/lebots")
    assert "GIT_CONFIG_KEY_0=http.https://github.example/.extraheader" in environment
    assert f"GIT_CONFIG_VALUE_0=AUTHORIZATION: basic {login}" in environment
    assert "ghs_secret" not in ran.stdout


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A checkout whose modules have names that Python looks for."""
    folder = tmp_path / "checkout"
    (folder / "manifests").mkdir(parents=True)
    for name in ("venv", "pip", "json", "action", "lebots", "sitecustomize", "typer"):
        (folder / f"{name}.py").write_text("print('hijacked')\nraise SystemExit(99)\n")
    return folder


def test_the_last_step_runs_lebots_and_nothing_of_the_checkout(
    hostile: Path, tmp_path: Path
) -> None:
    (tmp_path / "lebots").mkdir()
    (tmp_path / "lebots" / "venv").symlink_to(sys.prefix)
    (hostile / "manifests" / "a.yaml").write_text("kind: Nothing\n")
    inputs: dict[str, Any] = {**dict.fromkeys(RUN["env"], ""), f"{PREFIX}COMMAND": "validate"}
    ran = bash(RUN["run"], hostile, RUNNER_TEMP=str(tmp_path), **inputs)
    assert (ran.returncode, "manifests/a.yaml" in ran.stdout + ran.stderr) == (4, True)
    assert "hijacked" not in ran.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "action").glob("*.py")), ids=lambda path: path.stem)
def test_the_action_needs_python_alone_and_no_shell(path: Path) -> None:
    """Threats T26 and T27."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            ours = {"action", "lebots.errors", "lebots.git.repository"}
            assert name.split(".")[0] in {*sys.stdlib_module_names, "action"} or name in ours
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in {"os.system", "os.popen", "eval", "exec"}
            assert "shell" not in {keyword.arg for keyword in node.keywords}


FAKE_PYTHON = """\
#!/bin/bash
echo "$0 $*" >> "$LOG"
if [ "$2" = -m ] && [ "$3" = venv ]; then mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; fi
if [ "$2" = -c ]; then exit "${OLD:-0}"; fi
"""


@pytest.mark.parametrize("extras", ["", "aws", "aws,vault", "oauth1, serve"])
def test_the_first_step_installs_isolated_locked_wheels_alone(tmp_path: Path, extras: str) -> None:
    ran, calls = install(tmp_path, LEBOTS_ACTION_EXTRAS=extras)
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")
    names = ["build", "runtime", *extras.replace(",", " ").split()]
    locked = " ".join(f"-r {ROOT}/requirements/{name}.txt" for name in names)
    pip = "-I -m pip install --quiet --disable-pip-version-check"
    assert calls[1:] == [
        f"-I -m venv {tmp_path}/lebots/venv",
        f"{pip} --only-binary :all: --require-hashes {locked}",
        f"{pip} --no-build-isolation --no-deps {ROOT}",
    ]


@pytest.mark.parametrize("extras", ["dev", "aws,../dev", "*"])
def test_the_first_step_knows_every_extra_and_no_other(tmp_path: Path, extras: str) -> None:
    ran, calls = install(tmp_path, LEBOTS_ACTION_EXTRAS=extras)
    names = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert (ran.returncode, len(calls)) == (2, 1)
    assert ran.stderr == (
        f"lebots has no extra of this name; its extras: {', '.join(sorted(names))}\n"
    )


def test_the_first_step_says_that_python_is_too_old(tmp_path: Path) -> None:
    ran, calls = install(tmp_path, OLD="1")
    assert (ran.returncode, len(calls)) == (2, 1)
    assert ran.stdout == (
        "::error title=lebots::lebots needs Python 3.11; add a step that sets it up\n"
    )


def install(folder: Path, **more: str) -> "tuple[subprocess.CompletedProcess[str], list[str]]":
    """Runs the first step with a stand-in for Python; the arguments of its calls."""
    python = folder / "bin" / "python3"
    python.parent.mkdir()
    python.write_text(FAKE_PYTHON)
    python.chmod(0o755)
    path = f"{python.parent}:{os.environ['PATH']}"
    about = {"PATH": path, "LOG": str(folder / "log"), "RUNNER_TEMP": str(folder)}
    ran = bash(INSTALL["run"], folder, **about, **{"LEBOTS_ACTION_EXTRAS": "", **more})
    calls = (folder / "log").read_text().splitlines()
    return ran, [call.split(" ", 1)[1] for call in calls]


@pytest.mark.parametrize("name", ["gitlab.yml", "Jenkinsfile"])
def test_elsewhere_too_lebots_is_installed_from_its_lock(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example's own commands, with git and the installer of a stand-in for lebots."""
    source = tmp_path / "source"
    (source / "action").mkdir(parents=True)
    (source / "action" / "install").write_text('#!/bin/sh\necho "$PWD: $@" > "$LOG"\n')
    (source / "action" / "install").chmod(0o755)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(source)]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "a"]):
        subprocess.run([*git, *command], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    script = installing(name).replace("/opt/lebots", f"{tmp_path}/opt/lebots")
    log, given = tmp_path / "log", {"LEBOTS": f"{source} {commit.stdout.strip()}"}
    given |= {"LEBOTS_EXTRAS": "aws", "WORKSPACE_TMP": str(tmp_path / "opt"), "LOG": str(log)}
    assert bash(script, tmp_path, **given).stderr == ""
    assert re.fullmatch(r".*: (?:/\S*/opt/lebots/)?\.venv aws\n", log.read_text())


def installing(name: str) -> str:
    """What an example does to install lebots."""
    if name == "gitlab.yml":
        return "\n".join(GITLAB[".lebots"]["before_script"])
    (script,) = re.findall(r"stage\('Install'\).*?sh '''(.*?)'''", JENKINS, re.DOTALL)
    return str(script)


def test_nothing_that_runs_in_ci_installs_otherwise() -> None:
    files = [ROOT / "action.yml", *CI.rglob("*")]
    assert [
        path.name for path in files if path.is_file() and "pip install" in path.read_text()
    ] == []


def test_the_page_names_every_output_file_and_command() -> None:
    table = PAGE.split("| output | is |")[1].split("\n\n")[0]
    assert set(re.findall(r"`([a-z-]+)`", table)) - {"true", "false"} == set(ACTION["outputs"])
    assert set(re.findall(r"`([a-z]+\.(?:json|md|html))`", PAGE)) == set(RESULTS)
    table = PAGE.split("| command | the step fails |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(COMMANDS)


def test_the_gitlab_example_gives_strangers_validate_alone() -> None:
    own = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"
    default = "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"
    jobs = {name: job for name, job in GITLAB.items() if isinstance(job, dict) and "stage" in job}
    assert list(jobs) == ["validate", "plan merge request", "plan", "apply"]
    assert jobs["validate"]["script"] == ["lebots validate"]
    for name in ("plan merge request", "plan", "apply"):
        (rule,) = jobs[name]["rules"]
        assert own in rule["if"] or default in rule["if"]


def test_the_gitlab_plan_is_made_under_the_rules_of_the_target() -> None:
    script = GITLAB["plan merge request"]["script"][0]
    assert '--base "origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"' in script
    assert GITLAB["variables"]["GIT_DEPTH"] == 0


def test_the_gitlab_apply_is_bound_started_by_hand_and_alone() -> None:
    apply = GITLAB["apply"]
    assert apply["rules"][0]["when"] == "manual"
    assert apply["environment"] == "production"
    assert apply["resource_group"]
    assert '--expect "$LEBOTS_DIGEST"' in apply["script"][0]
    assert apply["needs"] == ["plan"]


def test_the_digest_of_the_gitlab_plan_is_a_variable(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"digest": "0123"}')
    command = GITLAB["plan"]["script"][1]
    assert bash(command, tmp_path, PATH=os.environ["PATH"]).returncode == 0
    assert (tmp_path / "digest.env").read_text() == "LEBOTS_DIGEST=0123\n"
    assert GITLAB["plan"]["artifacts"]["reports"] == {"dotenv": "digest.env"}


def test_the_jenkins_example_binds_the_digest() -> None:
    text = JENKINS
    stages = dict(re.findall(r"stage\('(\w+)'\) \{(.*?)(?=\n    stage|\Z)", text, re.DOTALL))
    assert list(stages) == ["Install", "Validate", "Plan", "Approve", "Apply"]
    assert "credentials(" not in stages["Install"] + stages["Validate"] + stages["Approve"]
    assert "not { expression { env.CHANGE_FORK } }" in stages["Plan"]
    assert "credentials('lebots-read')" in stages["Plan"]
    assert '--base "origin/$CHANGE_TARGET"' in stages["Plan"]
    assert "anyOf { branch 'main'; changeRequest() }" in stages["Plan"]
    assert "branch 'main'" in stages["Approve"]
    assert "branch 'main'" in stages["Apply"]
    assert '--expect "$DIGEST"' in stages["Apply"]
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("path", ["gitlab.yml", "Jenkinsfile"])
def test_elsewhere_too_the_reader_fills_in_a_commit(path: str) -> None:
    (line,) = [one for one in (CI / path).read_text().splitlines() if "FULL_COMMIT_SHA" in one]
    assert "fill in: the lebots you trust" in line
