"""A list is read only where something needs it: how often each is asked for, command by command."""

import re
from collections import Counter
from typing import Any

import pytest

from tests.cli.conftest import LEBOTS_YAML, Project, skill
from tests.repositories import Repo

SKILL = skill("one")
KEY = """\
---
apiVersion: lebots/v1
kind: Key
metadata: {name: one}
spec: {type: oauth2, sink: runtime}
"""
BOT = """\
---
apiVersion: lebots/v1
kind: BotUser
metadata: {name: survey-bot}
spec: {nickname: Ask}
"""
KEYS = ("installations", "appKeys")
HOURS = {"workinghours": 1, "specialoccasion": 1}
OF_SKILLS = {"skills": 1, "lobs": 1, "agentGroups": 1, "users": 1, **HOURS}
OF_KEYS = {**dict.fromkeys(KEYS, 1), "users": 1}
EVERY = {**OF_SKILLS, **OF_KEYS, "profiles": 1}
OF_BOTS = {name: 1 for name in EVERY if name not in HOURS}
SCOPE = """sandbox.db
    scope: {Key: ["*"]}
"""


def lists(project: Project, *command: str, code: int = 0) -> dict[str, int]:
    """How often a command asks for each list."""
    project.requests.clear()
    ran = project(*command)
    assert ran.code == code, ran.all
    ends = [request.rpartition("/")[2] for request in project.requests if request[:3] == "GET"]
    named = {"app-install": "installations", "app-keys": "appKeys", "keys": "appKeys"}
    found = Counter(named.get(end, end) for end in ends)
    return {name: found[name] for name in found if not re.fullmatch(r"[0-9a-f-]+", name)}


CASES: list[Any] = [
    pytest.param(SKILL, OF_SKILLS, id="skill"),
    pytest.param(KEY, OF_KEYS, id="key"),
    pytest.param(BOT, OF_BOTS, id="bot"),
    pytest.param(SKILL + KEY, {**OF_SKILLS, **OF_KEYS}, id="skill and key"),
]


@pytest.mark.parametrize(("manifests", "needed"), CASES)
def test_a_plan_reads_what_the_declared_kinds_need(
    lebots: Project, manifests: str, needed: dict[str, int]
) -> None:
    lebots.write("manifests/routing-bot.yaml", manifests)
    assert lists(lebots, "plan") == needed
    twice = dict.fromkeys(needed, 2)
    applied = lists(lebots, "apply", "--yes")
    assert {name: applied[name] for name in needed} == twice, "and once more as the proof"
    assert applied.keys() == needed.keys()
    drift = lists(lebots, "plan", "--drift")
    assert drift.items() <= needed.items()
    assert "users" in drift, "it tells of new bots"


def test_a_target_needs_what_it_refers_to(lebots: Project) -> None:
    lebots.write("manifests/more.yaml", SKILL + KEY)
    assert lists(lebots, "plan") == EVERY
    assert lists(lebots, "plan", "--target", "Skill/one") == OF_SKILLS
    assert lists(lebots, "plan", "--target", "Key/one") == OF_KEYS
    assert lists(lebots, "plan", "--target", "BotUser/routing-bot") == EVERY


def test_a_prune_reads_its_scope_and_who_uses_that(lebots: Project) -> None:
    lebots.write("lebots.yaml", LEBOTS_YAML.replace("sandbox.db\n", SCOPE, 1))
    lebots.write("manifests/routing-bot.yaml", SKILL)
    assert lists(lebots, "plan") == OF_SKILLS
    assert lists(lebots, "plan", "--prune") == {**OF_SKILLS, **OF_KEYS}


def test_a_receipt_counts_the_scope_for_a_later_prune(lebots: Project) -> None:
    """What the advice about a list that is not counted says, followed."""
    lebots.write("lebots.yaml", LEBOTS_YAML.replace("sandbox.db\n", SCOPE, 1))
    lebots.write("manifests/routing-bot.yaml", SKILL)
    assert "installations" not in lists(lebots, "apply", "--yes")
    assert lists(lebots, "apply", "--yes", "--receipt", "receipt.json").keys() >= set(KEYS)
    ran = lebots("plan", "--prune", "--receipt", "receipt.json")
    assert ran.code == 0
    assert "not counted" not in ran.all


def test_what_the_base_declares_is_looked_for(repo: Repo, lebots: Project) -> None:
    repo.write("manifests/routing-bot.yaml", SKILL)
    repo.commit()
    found = lists(lebots, "plan", "--base", "HEAD~1")
    assert found == EVERY
    assert "NO LONGER DECLARED" in lebots("plan", "--base", "HEAD~1").out


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("Skill", {"skills", "lobs", "agentGroups", *HOURS}),
        ("Key", set(KEYS)),
        ("BotUser", OF_BOTS.keys()),
    ],
)
def test_an_import_reads_what_is_chosen_and_what_that_refers_to(
    lebots: Project, kind: str, needed: set[str]
) -> None:
    assert lists(lebots, "import", "--out", "new", "--kind", kind).keys() == needed


def test_a_doctor_looks_at_bots_and_all_they_refer_to(lebots: Project) -> None:
    lebots.write("manifests/routing-bot.yaml", SKILL)
    assert lists(lebots, "doctor") == EVERY


def test_a_rotation_needs_the_bots_it_moves(lebots: Project) -> None:
    assert lebots("apply", "--yes").code == 0
    assert lists(lebots, "rotate", "Key/routing-bot", "--plan") == OF_BOTS
