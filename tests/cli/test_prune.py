"""``--prune`` from the command line: what it refuses, what a saved plan repeats, how it ends."""

import json
import re
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lebots.sandbox import Sandbox
from tests.cli.conftest import (
    LEBOTS_YAML,
    ROOT,
    ROUTING_BOT,
    Application,
    Project,
    refusing,
    skill,
)

SCOPE = """\
    scope: {BotUser: ["old-*"], Key: ["old-*"], Skill: ["old-*"]}
"""
WITH_SCOPE = LEBOTS_YAML.replace("  staging:\n", f"{SCOPE}  staging:\n")
DELETES = WITH_SCOPE.replace("    scope:", "    retire: delete\n    scope:")
DATABASE = Path(".lebots/sandbox.db")


def retired_by_hand(name: str) -> None:
    """A bot with its key and skill, as a manifest that is gone had them made."""
    sandbox = Sandbox(DATABASE)
    try:
        found = sandbox.find("skills", "Survey")
        skill_id = sandbox.put("skills", {**found, "id": None, "name": name})
        secret = {"client_secret": "not-a-real-secret", "client_secret_expires_at": 0}
        key = {"client_name": name, "enabled": True, "is_internal": False, **secret}
        key_id = sandbox.put("installations", {**key, "grant_types": ["client_credentials"]})
        bot = {**sandbox.find("users", "survey-bot"), "loginName": name, "fullName": name}
        ids = {"id": None, "skillIds": [skill_id], "allowedAppKeys": key_id}
        sandbox.put("users", {**bot, **ids})
    finally:
        sandbox.close()


@pytest.fixture
def pruning(lebots: Project) -> Project:
    """A project with a scope, its bot made, and two bots that no manifest declares any more."""
    lebots.write("lebots.yaml", WITH_SCOPE)
    assert lebots("apply", "--yes").code == 0
    retired_by_hand("old-a")
    retired_by_hand("old-b")
    lebots.requests.clear()
    return lebots


def test_a_manifest_of_any_spelling_of_its_ending_keeps_its_object(pruning: Project) -> None:
    for name, ending in (("old-a", "YAML"), ("old-b", "Yml")):
        text = ROUTING_BOT.replace("routing-bot", name)
        pruning.write(f"manifests/{name}.{ending}", text)
    planned = pruning("plan", "--prune", "--format", "json").json
    changed = {(one["action"], one["address"]) for one in planned["changes"]}
    assert {("update", "BotUser/old-a"), ("update", "BotUser/old-b")} <= changed


@pytest.mark.parametrize(
    "file",
    [".old.yaml", "old.yaml.bak", "old.yml~", "old.json", "sub/lebots.yaml", "sub/OLD.JSON"],
)
def test_a_file_that_is_not_read_is_told_and_stops_a_prune(pruning: Project, file: str) -> None:
    pruning.write(f"manifests/{file}", skill("old-a"))
    ran = pruning("plan")
    assert ran.code == 0
    assert "not-read" in ran.out
    assert re.search(r"it alone\s+declares\s+Skill/old-a", ran.out)
    assert "is not read" in pruning("validate").err
    for command in (("plan", "--prune"), ("apply", "--yes", "--prune")):
        ran = pruning(*command)
        assert ran.code == 6
        assert f"manifests/{file}" in ran.err
    assert pruning.writes == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("copy.yaml.bak", ROUTING_BOT),
        ("notes.yaml.txt", "kind: Skill, apiVersion: lebots/v1"),
        ("plan.json", '{"formatVersion": 1}'),
        (".hidden/old.yaml", skill("old-a")),
        ("template.yaml.tpl", skill("old-a").replace('"old-a"', "{{ name }")),
    ],
)
def test_other_files_beside_manifests_are_nobodys_business(
    pruning: Project, file: str, text: str
) -> None:
    pruning.write(f"manifests/{file}", text)
    assert "not-read" not in pruning("plan", "--prune", "--confirm-deletes", "6").all


def shown(project: Project) -> Any:
    return project("sandbox", "show", "--format", "json").json


# What is asked for


def test_without_a_scope_nothing_may_be_retired_and_the_line_to_write_is_told(
    lebots: Project,
) -> None:
    ran = lebots("plan", "--prune")
    assert ran.code == 6
    assert '+ create  bot "routing-bot" with its skill and key' in ran.out, "it is shown"
    words, _, line = ran.err.partition("such as ")
    assert words.startswith("lebots: account sandbox has no scope, so --prune may touch nothing")
    assert lebots("apply", "--prune", "--yes").code == 6
    assert lebots.writes == []
    scope = yaml.safe_load(line.splitlines()[0])
    project = yaml.safe_load(LEBOTS_YAML)
    project["accounts"]["sandbox"] |= scope
    lebots.write("lebots.yaml", yaml.safe_dump(project))
    assert lebots("plan", "--prune").code == 0


def test_the_lines_of_the_guide_are_a_project(lebots: Project) -> None:
    guide = (ROOT / "docs" / "prune.md").read_text(encoding="utf-8")
    lines = guide.partition("```yaml\n")[2].partition("```")[0]
    lebots.write("lebots.yaml", f"apiVersion: lebots/v1\nkind: Project\n{lines}sinks:\n"
                 "  runtime: {type: dotenv, path: '.secrets/{name}.env'}\n")  # fmt: skip
    ran = lebots("validate")
    assert ran.code == 0, ran.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--prune", "--target", "Skill/routing-bot"], "--prune needs all manifests"),
        (["--prune", "--confirm-deletes", "-1"], "Invalid value for '--confirm-deletes'"),
        (["--prune", "--confirm-deletes", "all"], "Invalid value for '--confirm-deletes'"),
    ],
)
@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"]])
def test_what_cannot_be_asked_for(
    pruning: Project, command: list[str], options: list[str], words: str
) -> None:
    ran = pruning(*command, *options)
    assert ran.code == 2
    assert words in ran.err
    assert pruning.requests == []


def test_paths_that_leave_manifests_out_would_retire_what_those_declare(pruning: Project) -> None:
    pruning.write("manifests/more/x.yaml", skill("x"))
    for command in (["plan"], ["apply", "--yes"]):
        ran = pruning(*command, "manifests/more", "--prune")
        assert ran.code == 2
        assert "leave out manifests/routing-bot.yaml" in ran.err
    assert pruning("plan", "manifests/more").code == 0, "without --prune they may"
    assert pruning("plan", "manifests", "--prune", "--confirm-deletes", "6").code == 0
    both = ["manifests/more", "manifests/routing-bot.yaml"]
    assert pruning("plan", *both, "--prune", "--confirm-deletes", "6").code == 0


def test_a_project_may_keep_its_manifests_elsewhere(pruning: Project) -> None:
    (pruning.folder / "manifests").rename(pruning.folder / "bots")
    assert pruning("plan", "bots", "--prune", "--confirm-deletes", "6").code == 0


@pytest.mark.parametrize("command", ["plan", "apply", "validate"])
def test_a_scope_that_names_no_kind_is_found_at_its_place(pruning: Project, command: str) -> None:
    pruning.write("lebots.yaml", WITH_SCOPE.replace("Skill: [", "Skil: ["))
    ran = pruning(command)
    assert ran.code == 4
    place = "lebots.yaml:7:49: "
    assert f'{place}scope: there is no kind "Skil"; did you mean "Skill"?' in ran.err


# No manifests


def test_no_manifest_is_an_accident_unless_it_is_meant(pruning: Project) -> None:
    (pruning.folder / "manifests/routing-bot.yaml").unlink()
    for options in ([], ["--prune"], ["--prune", "--confirm-deletes", "6"]):
        ran = pruning("plan", *options)
        assert ran.code == 4
        assert "holds no manifest" in ran.err
    assert pruning("plan", "--allow-empty", "--check").code == 0
    ran = pruning("plan", "--prune", "--allow-empty")
    assert ran.code == 6
    assert "no bot in reach would be left in use" in ran.err
    ran = pruning("apply", "--yes", "--prune", "--allow-empty", "--confirm-deletes", "6")
    assert ran.code == 0, ran.err


@pytest.mark.parametrize("options", [[], ["--prune"], ["--prune", "--confirm-deletes", "6"]])
def test_a_folder_that_cannot_be_read_is_never_empty(pruning: Project, options: list[str]) -> None:
    (pruning.folder / "manifests").rename(pruning.folder / "elsewhere")
    ran = pruning("apply", "--yes", "--allow-empty", *options)
    assert ran.code == 4
    assert "no such file" in ran.err
    assert pruning.writes == []


def test_a_broken_manifest_is_not_one_that_is_gone(pruning: Project) -> None:
    pruning.write("manifests/routing-bot.yaml", "a: [b\n")
    ran = pruning("apply", "--yes", "--prune", "--allow-empty", "--confirm-deletes", "6")
    assert ran.code == 4
    assert pruning.writes == []


# Guards and consent


def test_a_guard_names_all_it_would_remove_and_the_word_that_agrees(pruning: Project) -> None:
    ran = pruning("plan", "--prune")
    assert ran.code == 6
    assert "2 of 3 bots in reach would be removed (66 %)" in ran.err
    assert "with --confirm-deletes 6" in ran.err
    for name in ("old-a", "old-b"):
        assert f'- disable  bot "{name}" with its key' in ran.out
        assert f'- skill "{name}"  CANNOT BE UNDONE' in ran.out
    assert pruning("apply", "--yes", "--prune").code == 6
    assert pruning("apply", "--yes", "--prune", "--confirm-deletes", "5").code == 6
    assert pruning.writes == []


def test_what_is_agreed_to_is_done_and_can_be_asked_for_again(pruning: Project) -> None:
    words = ("apply", "--yes", "--prune", "--confirm-deletes", "6")
    ran = pruning(*words)
    assert ran.code == 0, ran.err
    assert "4 to DISABLE, 2 to DELETE" in ran.out
    found = shown(pruning)
    bots = {one["loginName"]: one for one in found["users"]}
    assert (bots["old-a"]["isEnabled"], bots["old-a"]["skills"]) == (False, [])
    assert {one["name"] for one in found["skills"]}.isdisjoint({"old-a", "old-b"})
    again = pruning(*words)
    assert again.code == 0
    assert "no changes" in again.out
    assert pruning("plan", "--prune", "--check").code == 0
    assert pruning("plan", "--check").code == 0


def test_deleted_where_that_is_wished(pruning: Project) -> None:
    pruning.write("lebots.yaml", DELETES)
    ran = pruning("apply", "--yes", "--prune", "--confirm-deletes", "6")
    assert ran.code == 0, ran.err
    assert "old-" not in json.dumps(shown(pruning))
    assert pruning("plan", "--prune", "--check").code == 0


def test_the_proposal_repeats_what_was_asked_for(pruning: Project) -> None:
    planned = pruning("plan", "--prune", "--confirm-deletes", "6").out
    _, _, proposal = planned.partition("\nNEXT  ")
    words = shlex.split(proposal)
    assert words[:4] == ["lebots", "apply", "--prune", "--confirm-deletes=6"]
    assert pruning(*words[1:]).code == 0


def test_a_question_counts_the_removals(pruning: Project) -> None:
    ran = pruning.on_terminal("apply", "--prune", "--confirm-deletes", "6", types=b"n\n")
    assert ran.code == 6
    assert "Make these 6 changes, 6 of them removals, in account sandbox?" in ran.out


# A saved plan


def test_a_saved_plan_carries_what_was_asked_for(pruning: Project) -> None:
    assert pruning("plan", "--prune", "--confirm-deletes", "6", "--out", "plan.json").code == 0
    saved = json.loads(Path("plan.json").read_text())
    assert (saved["prune"], saved["confirmDeletes"], saved["allowEmpty"]) == (True, 6, False)
    assert pruning("apply", "plan.json").code == 0
    assert pruning("apply", "plan.json").code == 0, "there is nothing left to do"


def test_a_saved_plan_knows_that_no_manifest_was_meant(pruning: Project) -> None:
    (pruning.folder / "manifests/routing-bot.yaml").unlink()
    planned = pruning(
        "plan", "--prune", "--allow-empty", "--confirm-deletes", "6", "--out", "plan.json"
    )
    assert planned.code == 0
    assert pruning("apply", "plan.json").code == 0


@pytest.mark.parametrize("option", ["--prune", "--allow-empty"])
def test_a_saved_plan_takes_no_options(pruning: Project, option: str) -> None:
    assert pruning("plan", "--out", "plan.json").code == 0
    assert pruning("apply", "plan.json", option).code == 2


def test_a_saved_plan_does_the_rest_after_a_run_that_did_a_part(pruning: Project) -> None:
    assert pruning("plan", "--prune", "--confirm-deletes", "6", "--out", "plan.json").code == 0
    pruning.wrapper = refusing("DELETE", "/skills/")
    ran = pruning("apply", "plan.json")
    assert ran.code == 7
    assert "2 failed" in ran.out
    pruning.wrapper = None
    ran = pruning("apply", "plan.json")
    assert ran.code == 0, ran.err
    assert "2 done" in ran.out


def test_what_was_not_reviewed_is_not_removed(pruning: Project) -> None:
    """As many, but others: the number alone is no consent."""
    assert pruning("plan", "--prune", "--confirm-deletes", "6", "--out", "plan.json").code == 0
    manifest = ROUTING_BOT.replace("routing-bot", "old-a")
    pruning.write("manifests/old.yaml", manifest)
    retired_by_hand("old-c")
    ran = pruning("apply", "plan.json")
    assert ran.code == 7
    held = [line for line in ran.out.splitlines() if "held" in line and "old-c" in line]
    assert len(held) == 3


# Lists and answers


def test_what_cannot_be_read_is_not_pruned(pruning: Project) -> None:
    pruning.wrapper = refusing("GET", "/app-key-manager/", 403)
    ran = pruning("plan", "--prune", "--confirm-deletes", "4")
    assert ran.code == 0, ran.err
    words = " ".join(ran.out.split())
    sure = "because it cannot be sure that the account returned the whole list"
    assert f"lebots skips every key {sure}: appKeys could" in words
    assert words.count("in scope, lebots skips every key in this run") == 2


def test_an_account_that_does_not_do_what_it_says(pruning: Project) -> None:
    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "DELETE":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [b"{}"]
        return application(environ, start_response)

    pruning.wrapper = wrapper
    ran = pruning("apply", "--yes", "--prune", "--confirm-deletes", "6")
    assert ran.code == 7
    assert "everything was written, but the account does not show it" in ran.err
    assert "Skill/old-a: must be deleted\n  Skill/old-b: must be deleted\n" in ran.err
    assert "as the manifests say" not in ran.out


def test_a_delete_whose_answer_is_lost_is_looked_for(pruning: Project) -> None:
    pruning.write("lebots.yaml", DELETES.replace("old-*", "old-a"))

    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        answer = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "DELETE":
            return answer
        list(answer)
        start_response("504 Gateway Time-out", [("Content-Type", "text/html")])
        return [b"<html>"]

    pruning.wrapper = wrapper
    ran = pruning("apply", "--yes", "--prune")
    assert ran.code == 0, ran.all
    assert ran.out.count("done     delete") == 3
    assert len([one for one in pruning.writes if one.startswith("DELETE")]) == 3, "none twice"


# What an earlier receipt knows


def remembering(project: Project, skills: int) -> None:
    """A receipt of a time when the account had more skills, or fewer."""
    assert project("apply", "--yes", "--receipt", "receipt.json").code == 0
    receipt = json.loads(Path("receipt.json").read_text())
    receipt["baseline"]["counts"]["skills"] = skills
    Path("receipt.json").write_text(json.dumps(receipt))


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_nothing_goes_on_the_word_of_a_list_that_shrank(pruning: Project, command: str) -> None:
    remembering(pruning, 100)
    pruning.requests.clear()
    more = ["--yes"] if command == "apply" else []
    agreed = ["--confirm-deletes", "4"]  # two bots and two keys, and no skill
    ran = pruning(command, "--prune", "--receipt", "receipt.json", *agreed, *more)
    assert "skills lost too much since the receipt: 100 objects then" in " ".join(ran.out.split())
    assert not any(request.startswith("DELETE") for request in pruning.writes)
    assert "delete   skill" not in ran.out


def test_a_list_that_grew_is_believed(pruning: Project) -> None:
    remembering(pruning, 1)
    ran = pruning("plan", "--prune", "--confirm-deletes", "6", "--receipt", "receipt.json")
    assert ran.code == 0
    assert "lost too much" not in ran.out


def test_a_receipt_needs_a_use(pruning: Project) -> None:
    ran = pruning("plan", "--receipt", "receipt.json")
    assert (ran.code, ran.out) == (2, "")
    assert "--base, --drift and --prune" in ran.err


# Found by hand


def test_a_protection_holds_whatever_the_case_of_a_name(pruning: Project) -> None:
    guards = 'guards: {protect: ["BotUser/OLD-*", "Key/old-*", "Skill/Old-*"]}'
    pruning.write("lebots.yaml", WITH_SCOPE.replace("    scope:", f"    {guards}\n    scope:"))
    ran = pruning("plan", "--prune", "--check")
    assert ran.code == 0
    assert "lebots.yaml protects BotUser/OLD-*" in ran.out


def test_a_protection_of_no_kind_is_told_where_it_stands(pruning: Project) -> None:
    guards = 'guards: {protect: ["botuser/old-*"]}'
    pruning.write("lebots.yaml", WITH_SCOPE.replace("    scope:", f"    {guards}\n    scope:"))
    ran = pruning("plan")
    assert ran.code == 4
    assert re.search(r'lebots.yaml:\d+:\d+: protect: there is no kind "botuser"; did you', ran.err)


def test_paths_outside_the_usual_folder_must_be_whole_too(pruning: Project) -> None:
    Path("manifests").rename("bots")
    pruning.write("bots/more/x.yaml", skill("old-x"))
    ran = pruning("plan", "bots/routing-bot.yaml", "--prune")
    assert (ran.code, ran.out) == (2, "")
    assert "bots/more/x.yaml" in ran.err
    assert pruning("plan", "bots", "--prune", "--confirm-deletes", "6").code == 0


def test_a_plan_of_another_account_is_refused_before_anything_else(pruning: Project) -> None:
    assert pruning("plan", "--account", "staging", "--out", "plan.json").code == 0
    wrong = ROUTING_BOT.replace("profiles: [Agent]", "profiles: [Nope]")
    pruning.write("manifests/routing-bot.yaml", wrong)
    ran = pruning("apply", "plan.json")
    assert ran.code == 6
    assert "the saved plan is for account" in ran.err
    assert "Nope" not in ran.err
