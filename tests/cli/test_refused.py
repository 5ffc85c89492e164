"""A refused plan on the command line: shown everywhere, saved with its reason, never applied."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from lebots.documents.saved_plan import seal
from tests.cli.conftest import LEBOTS_YAML, ROUTING_BOT, Project
from tests.repositories import Repo

PROTECTS = LEBOTS_YAML.replace(
    "  staging:\n", '    guards: {protect: ["Skill/routing-bot"]}\n  staging:\n'
)
WORDS = "lebots.yaml protects Skill/routing-bot, so lebots does not change it"
FORMATS = ["text", "markdown", "html", "json", "github"]


@pytest.fixture
def refused(lebots: Project) -> Project:
    """A bot is made; then a change of its skill, which is protected by now, and of the bot."""
    assert lebots("apply", "--yes").code == 0
    lebots.write("lebots.yaml", PROTECTS)
    changed = ROUTING_BOT.replace("takes first", "gets")
    lebots.write("manifests/routing-bot.yaml", changed.replace("Chats: 25", "Chats: 30"))
    lebots.requests.clear()
    return lebots


@pytest.mark.parametrize("format_", FORMATS)
def test_each_format_shows_the_changes_and_the_code_is_6(refused: Project, format_: str) -> None:
    ran = refused("plan", "--format", format_)
    assert ran.code == 6
    assert WORDS in " ".join(ran.out.split())
    for field in ("description", "maxAsyncChats"):
        assert field in ran.out
    assert WORDS in ran.err
    assert refused("plan", "--check", "--format", format_).code == 6


def test_what_is_written_to_files_shows_them_too(refused: Project) -> None:
    files = {"--markdown-file": "plan.md", "--html-file": "plan.html", "--out": "plan.json"}
    assert refused("plan", *(word for pair in files.items() for word in pair)).code == 6
    for name in files.values():
        drawn = (refused.folder / name).read_text("utf-8")
        assert "maxAsyncChats" in drawn
        assert WORDS in " ".join(drawn.split())


def test_no_consent_applies_it(refused: Project) -> None:
    document = refused("plan", "--format", "json").json
    assert [one["code"] for one in document["refused"]] == ["protected"]
    assert document["summary"]["update"] == 2
    for consent in (("--yes",), ("--expect", document["digest"]), ()):
        ran = refused("apply", *consent)
        assert ran.code == 6
        assert WORDS in ran.err
        assert "maxAsyncChats" in ran.out, "apply shows what it refuses"
    assert refused.writes == []


def test_nor_does_its_digest_once_the_guard_is_gone(refused: Project) -> None:
    seen = refused("plan", "--format", "json").json
    refused.write("lebots.yaml", LEBOTS_YAML)
    allowed = refused("plan", "--format", "json").json
    assert seen["changes"] == allowed["changes"]
    assert refused("apply", "--expect", seen["digest"]).code == 6
    assert refused.writes == []
    assert refused("apply", "--expect", allowed["digest"]).code == 0


def test_nor_does_the_saved_plan(refused: Project) -> None:
    assert refused("plan", "--out", "plan.json").code == 6
    refused.write("lebots.yaml", LEBOTS_YAML)
    ran = refused("apply", "plan.json")
    assert ran.code == 6
    assert "the saved plan is a refused one" in ran.err
    assert f"Skill/routing-bot: {WORDS}" in ran.err
    assert refused.writes == []
    assert refused("plan", "--out", "plan.json").code == 0
    assert refused("apply", "plan.json").code == 0


def test_words_in_a_saved_plan_cannot_forge_lines(refused: Project) -> None:
    refused("plan", "--out", "plan.json")
    saved: dict[str, Any] = json.loads((refused.folder / "plan.json").read_text())
    document = {name: saved[name] for name in saved if name not in ("checksum", "madeAt")}
    document["refused"][0]["message"] = "a\n::error::b\x1b[31m"
    refused.write("plan.json", seal(document, datetime.now(UTC)))
    ran = refused("apply", "plan.json")
    assert ran.code == 6
    assert not re.search(r"^\s*::|\x1b", ran.err, re.MULTILINE)


def test_of_all_accounts_the_refused_one_is_shown_and_counted(refused: Project) -> None:
    project = PROTECTS.split("  production:")[0] + "sinks:" + PROTECTS.split("sinks:")[1]
    refused.write("lebots.yaml", project)
    ran = refused("plan", "--all-accounts")
    assert ran.code == 6
    assert "1 of 2 accounts have a plan that is refused" in ran.err
    assert WORDS in " ".join(ran.out.split())
    assert "sandbox  refused (1 refusal)    2 to update" in ran.out
    sandbox, staging = refused("plan", "--all-accounts", "--format", "json").json["accounts"]
    assert (sandbox["exitCode"], sandbox["plan"]["summary"]["update"]) == (6, 2)
    assert WORDS in sandbox["error"]
    assert (staging["exitCode"], staging["plan"]["refused"]) == (0, [])


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_refused_rotation_shows_its_steps(refused: Project, format_: str) -> None:
    refused.write("lebots.yaml", PROTECTS.replace("Skill/routing-bot", "Key/routing-bot"))
    refused.write("manifests/routing-bot.yaml", ROUTING_BOT)
    ran = refused("rotate", "Key/routing-bot", "--plan", "--format", format_)
    assert ran.code == 6
    if format_ == "json":
        verbs = [one["action"] for one in ran.json["changes"]]
        assert verbs == ["rename", "create", "update"]
        assert [one["code"] for one in ran.json["refused"]] == ["protected"]
        for consent in (("--yes",), ("--expect", ran.json["digest"])):
            assert refused("rotate", "Key/routing-bot", *consent).code == 6
    else:
        assert "1 to create, 1 to update, 1 to rename" in ran.out
        assert "protects Key/routing-bot, so it is not rotated" in " ".join(ran.out.split())
    assert refused.writes == []


def test_a_manifest_that_cannot_be_planned_hides_no_other(lebots: Project) -> None:
    lebots.write("manifests/routing-bot.yaml", ROUTING_BOT.replace("Bots", "Nobody"))
    ran = lebots("plan")
    assert ran.code == 4
    assert 'create  skill "routing-bot"' in ran.out
    assert 'create  bot   "routing-bot"' not in ran.out
    assert "Nobody" in ran.err


def test_a_base_tells_apart_what_is_refused(refused: Project) -> None:
    repo = Repo.make(refused.folder)
    refused.write(".gitignore", ".lebots/\n.secrets/\n")
    repo.commit()
    document = refused("plan", "--base", "main", "--format", "json").json
    assert document["refused"]
    assert sum(document["origins"].values()) == 2


def test_on_a_terminal_the_words_are_said_once_and_last(refused: Project) -> None:
    ran = refused.on_terminal("plan", environment={"NO_COLOR": "1"})
    shown = re.sub("\x1b[^m]*m", "", ran.out)
    assert ran.code == 6
    last = shown[shown.index("REFUSED, nothing is applied") :]
    assert " ".join(shown.split()).count(WORDS) == 1
    assert WORDS in " ".join(last.split())
