"""``lebots plan`` and ``lebots validate``: what they print, save and propose."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.conftest import ROUTING_BOT, Project, skill


@pytest.fixture
def two_bots(lebots: Project) -> Project:
    lebots.write("manifests/other.yaml", ROUTING_BOT.replace("routing-bot", "other bot"))
    return lebots


def addresses(document: Mapping[str, Any]) -> list[str]:
    return [c["address"] for c in document["changes"] if c["action"] == "create"]


def test_json_fits_the_published_schema_and_the_saved_plan(lebots: Project) -> None:
    schema = lebots("schema", "plan").json
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    printed = lebots("plan", "--format", "json", "--out", "plan.json").json
    saved = json.loads((lebots.folder / "plan.json").read_text())
    validator.validate(printed)
    validator.validate(saved)
    assert saved.pop("checksum")
    assert saved.pop("madeAt")
    assert saved == printed


def test_text_and_json_tell_the_same(lebots: Project) -> None:
    text = lebots("plan").out
    document = lebots("plan", "--format", "json").json
    assert f"digest {document['digest']}\n" in text
    assert f"{document['summary']['create']} to create" in text
    assert all(f'"{change["name"]}"' in text for change in document["changes"])


def test_nothing_personal_is_shown(lebots: Project) -> None:
    lebots.write(
        "manifests/routing-bot.yaml",
        ROUTING_BOT + "  mobileNumber: '+49 170 5550199'\n  employeeId: E-77881\n",
    )
    text = lebots("plan", "--out", "plan.json")
    printed = lebots("plan", "--format", "json")
    applied = lebots("apply", "--yes")
    shown = [text.all, printed.all, applied.all, (lebots.folder / "plan.json").read_text()]
    for value in ("private.person", "5550199", "E-77881"):
        assert not any(value in one for one in shown)
    lebots.write(
        "manifests/routing-bot.yaml", ROUTING_BOT.replace("private.person", "other.person")
    )
    for ran in (lebots("plan"), lebots("plan", "--format", "json"), lebots("apply", "--yes")):
        assert "email" in ran.out
        assert "private.person" not in ran.all
        assert "other.person" not in ran.all


def test_check_exits_3_until_it_is_applied(lebots: Project) -> None:
    assert lebots("plan", "--check").code == 3
    assert lebots("plan").code == 0
    assert lebots("apply", "--yes").code == 0
    assert lebots("plan", "--check").code == 0


def test_a_plan_sends_no_write_and_makes_no_file_it_was_not_asked_for(lebots: Project) -> None:
    lebots("plan", "--format", "json")
    lebots("plan")
    assert lebots.writes == []
    found = {path.name for path in lebots.folder.iterdir()}
    assert found == {"lebots.yaml", "manifests", ".lebots"}


def test_a_target_takes_along_what_it_refers_to(two_bots: Project) -> None:
    whole = two_bots("plan", "--format", "json").json
    assert len(addresses(whole)) == 6
    one = two_bots("plan", "--format", "json", "--target", "BotUser/other bot").json
    assert sorted(addresses(one)) == ["BotUser/other bot", "Key/other bot", "Skill/other bot"]
    assert one["targets"] == ["BotUser/other bot"]
    skill_only = two_bots("plan", "--format", "json", "--target", "Skill/other bot").json
    assert addresses(skill_only) == ["Skill/other bot"]
    two = two_bots("plan", "--format=json", "--target=Skill/other bot", "--target=Key/routing-bot")
    assert sorted(addresses(two.json)) == ["Key/routing-bot", "Skill/other bot"]


def test_paths_are_files_and_folders_each_read_once(lebots: Project) -> None:
    lebots.write("a/x.yaml", skill("in a"))
    lebots.write("b/deep/y.yml", skill("in b"))
    lebots.write("b/.hidden/z.yaml", skill("hidden"))
    lebots.write("b/notes.txt", "not a manifest")
    document = lebots("plan", "a/x.yaml", "b", "a", "b/deep", "--format", "json").json
    assert sorted(addresses(document)) == ["Skill/in a", "Skill/in b"]
    assert document["paths"] == ["a/x.yaml", "b", "a", "b/deep"]


PROPOSALS = [
    [],
    ["--account", "staging"],
    ["--target", "Skill/other bot"],
    ["--target=BotUser/routing-bot", "--target", "Skill/it's; $(touch owned) #"],
    ["manifests/other.yaml", "manifests"],
    ["with blanks/and 'quotes'"],
    ["--", "-odd.yaml"],
    ["--account=staging", "--target=Skill/x", "with blanks/and 'quotes'", "manifests"],
]


@pytest.mark.parametrize("arguments", PROPOSALS, ids=" ".join)
def test_the_proposed_command_applies_what_was_shown(
    two_bots: Project, arguments: list[str]
) -> None:
    two_bots.write("manifests/hostile.yaml", skill("it's; $(touch owned) #"))
    two_bots.write("with blanks/and 'quotes'/x.yaml", skill("x"))
    two_bots.write("-odd.yaml", skill("odd"))
    planned = two_bots("plan", *arguments)
    assert planned.code == 0
    proposed = shlex.split(planned.out.splitlines()[-1])
    assert proposed[:3] == ["NEXT", "lebots", "apply"]
    assert two_bots("plan", "--check", *arguments).code == 3
    applied = two_bots(*proposed[2:])
    assert applied.code == 0, applied.all
    assert two_bots("plan", "--check", *arguments).code == 0


def test_an_empty_plan_proposes_nothing(lebots: Project) -> None:
    lebots("apply", "--yes")
    planned = lebots("plan")
    assert "no changes" in planned.out
    assert "NEXT" not in planned.out


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("manifests", "manifests cannot be written (it is no regular file)"),
        ("/dev/null", "cannot be written (it is no regular file)"),
        ("folder.json", "folder.json cannot be written"),
        ("lebots.yaml/plan.json", "cannot be written"),
        ("x" * 300, "cannot be written (file name too long)"),
        ("lebots.yaml/\x1b[2J.json", r"lebots.yaml/\u001b[2J.json cannot be written"),
    ],
)
def test_places_a_plan_cannot_be_saved_at(lebots: Project, out: str, words: str) -> None:
    (lebots.folder / "folder.json").mkdir()
    before = sorted(lebots.folder.rglob("*.yaml"))
    ran = lebots("plan", "--out", out)
    assert ran.code == 2
    assert words in ran.err
    assert "\x1b" not in ran.all
    assert sorted(lebots.folder.rglob("*.yaml")) == before


def test_a_plan_is_saved_with_the_folders_it_needs_and_replaces_an_older_one(
    lebots: Project,
) -> None:
    file = lebots.folder / "out/of/the way.json"
    for _ in range(2):
        assert lebots("plan", "--out", "out/of/the way.json").code == 0
        assert lebots("apply", "out/of/the way.json").code == 0
    assert json.loads(file.read_text())["summary"]["unchanged"] == 3
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("command", ["plan", "validate"])
def test_a_saved_plan_is_no_manifest(lebots: Project, command: str) -> None:
    lebots("plan", "--out", "plan.json")
    ran = lebots(command, "plan.json")
    assert ran.code == 2
    assert "plan.json: manifests are *.yaml and *.yml" in ran.err


def test_a_folder_may_be_called_like_a_saved_plan(lebots: Project) -> None:
    lebots.write("bots.json/x.yaml", skill("x"))
    planned = lebots("plan", "bots.json")
    proposed = shlex.split(planned.out.splitlines()[-1])
    assert lebots(*proposed[2:]).code == 0


def test_advice_stands_in_the_document_or_on_stderr_not_around_it(lebots: Project) -> None:
    lebots.write("manifests/near.yaml", skill("routing-b\u043et"))
    for command in ("plan", "validate"):
        ran = lebots(command, "--format", "json")
        assert "look-alike" in [one["code"] for one in ran.json["findings"]]
    ran = lebots("validate")
    assert ran.out == "4 manifests are valid: 1 BotUser, 1 Key, 2 Skill\n"
    assert "manifests/near.yaml:2:" in ran.err
    assert "2 warnings" in ran.err


def test_validate_counts_what_is_valid(lebots: Project) -> None:
    assert lebots("validate").out == "3 manifests are valid: 1 BotUser, 1 Key, 1 Skill\n"
    lebots.write("one/x.yaml", skill("x"))
    assert lebots("validate", "one").out == "1 manifest is valid: 1 Skill\n"
    assert not Path(".lebots").exists(), "validate opens no account"


def test_validate_as_json_has_every_finding(lebots: Project) -> None:
    good = lebots("validate", "--format", "json")
    assert good.json["summary"]["error"] == 0
    lebots.write("manifests/bad.yaml", skill("x", maxWaitTime="soon", nope=1) + skill("x"))
    ran = lebots("validate", "--format", "json")
    assert ran.code == 4
    assert ran.json["summary"]["error"] == len(
        [one for one in ran.json["findings"] if one["severity"] == "error"]
    )
    assert {one["source"]["file"] for one in ran.json["findings"]} >= {"manifests/bad.yaml"}
    assert ran.json["summary"]["error"] >= 3


def test_what_is_read_elsewhere_names_no_file_of_this_machine(lebots: Project) -> None:
    """The saved plan is here; who reads the comment or the page has the digest."""
    files = ("--markdown-file", "plan.md", "--html-file", "plan.html")
    ran = lebots("plan", "--account", "staging", "--out", "saved.json", *files)
    assert "NEXT  lebots apply saved.json --account staging\n" in ran.out
    digest = json.loads((lebots.folder / "saved.json").read_text())["digest"]
    for name in ("plan.md", "plan.html"):
        text = (lebots.folder / name).read_text()
        assert f"lebots apply --account staging --expect {digest}" in text
        assert "saved.json" not in text
