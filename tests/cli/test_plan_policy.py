"""docs/ci/plan_policy.py on plans that lebots made: every rule, and what the JSON tells for it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ROUTING_BOT, Project
from tests.repositories import Repo

SCRIPT = Path(__file__).parents[2] / "docs" / "ci" / "plan_policy.py"
NAMED = ROUTING_BOT.replace("routing-bot", "faq-bot")


def checked(plan: Any) -> tuple[int, list[str]]:
    """How the script ends, and what it says."""
    command = [sys.executable, "-I", str(SCRIPT)]
    ran = subprocess.run(command, input=json.dumps(plan), capture_output=True, text=True)
    assert ran.stderr == ""
    return ran.returncode, ran.stdout.splitlines()


@pytest.fixture
def repo(lebots: Project) -> Repo:
    """The project with nothing on main, and its bot on a branch."""
    (lebots.folder / "manifests/routing-bot.yaml").unlink()
    lebots.write(".gitignore", ".lebots/\n.secrets/\n")
    repo = Repo.make(lebots.folder)
    lebots.write("manifests/skill.yaml", NAMED.split("---")[0])
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--message", "base")
    return repo


def plan(lebots: Project, *options: str) -> Any:
    return json.loads(lebots("plan", "--base", "main", "--format", "json", *options).out)


def test_a_plan_that_breaks_no_rule(lebots: Project, repo: Repo) -> None:
    lebots.write("manifests/skill.yaml", NAMED)
    made = plan(lebots)
    assert checked(made) == (0, ["the plan breaks no rule"])
    head = repo.git("rev-parse", "HEAD")
    assert made["commits"] == {"ref": "main", "base": head, "head": head}
    assert made["accountName"] == "sandbox"
    assert made["terms"]["rules"]["retire"] == "disable"


def test_each_rule_that_a_plan_breaks_is_told(lebots: Project, repo: Repo) -> None:
    text = NAMED.replace("faq-bot", "other-bot").replace("maxAsyncChats: 25", "maxAsyncChats: 80")
    lebots.write("manifests/skill.yaml", text.replace("[Agent]", "[Administrator, Agent]"))
    code, lines = checked(plan(lebots))
    assert code == 1
    assert "1 objects with the effect grants, at most 0" in lines
    assert "refused by lebots: not-allowed" in lines
    assert "create Key/other-bot: another team's" in lines
    assert "BotUser/other-bot: maxAsyncChats 80, at most 50" in lines


def test_without_a_base_or_in_another_format_nothing_is_let_through(
    lebots: Project, repo: Repo
) -> None:
    alone = lebots("plan", "--format", "json").json
    assert checked(alone)[0] == 1
    assert checked({**alone, "formatVersion": 3}) == (
        1,
        ["these rules know plans of format 2, not 3"],
    )
