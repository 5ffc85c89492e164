"""A saved plan binds an apply: exactly what it shows is done, or nothing."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from lebots.sandbox import Sandbox
from tests.cli.conftest import ROUTING_BOT, Project, skill


@pytest.fixture
def saved(lebots: Project) -> Project:
    assert lebots("plan", "--out", "plan.json").code == 0
    return lebots


def test_a_saved_plan_is_its_own_approval(saved: Project) -> None:
    ran = saved("apply", "plan.json")
    assert ran.code == 0
    digest = json.loads(Path("plan.json").read_text())["digest"]
    assert ran.out.startswith(f"digest {digest}, as approved\n")
    saved.requests.clear()
    again = saved("apply", "plan.json")
    assert again.code == 0
    assert "no changes" in again.out
    assert saved.writes == []


def test_a_saved_plan_knows_its_paths_and_targets(lebots: Project) -> None:
    lebots.write("more/x.yaml", skill("x") + skill("y"))
    assert lebots("plan", "more", "--target", "Skill/x", "--out", "plan.json").code == 0
    assert lebots("apply", "plan.json").code == 0
    assert len(lebots.writes) == 1
    assert lebots("plan", "more", "--target", "Skill/x", "--check").code == 0


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


def sealed_anew(**changes: Any) -> Callable[[str], str]:
    """What somebody does who knows how the checksum is made."""

    def forge(text: str) -> str:
        document = {**json.loads(text), **changes}
        del document["checksum"]
        body = json.dumps(document, indent=2)
        document["checksum"] = sha256(body.encode()).hexdigest()
        return json.dumps(document, indent=2) + "\n"

    return forge


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (replaced("takes first", "takes last"), "edited or cut off"),
        (replaced('"create": 3', '"create": 2'), "edited or cut off"),
        (lambda text: text[:-3], "not a plan"),
        (lambda text: text + " ", "edited or cut off"),
        (lambda text: "", "not a plan"),
        (lambda text: "[]", "not a plan"),
        (lambda text: "{}", "not of format"),
        (lambda text: "[" * 100_000, "not a plan"),
        (lambda text: ROUTING_BOT, "not a plan"),
        (replaced('"formatVersion": 2', '"formatVersion": 3'), "plan again with this lebots"),
        (sealed_anew(targets=["nonsense"]), "no address"),
        (sealed_anew(changes="all"), "shape of a plan"),
        (sealed_anew(account="99999999"), "digest is not that of its changes"),
        (sealed_anew(digest="0" * 64), "digest is not that of its changes"),
        (sealed_anew(terms={}), "digest is not that of its changes"),
    ],
)
def test_a_plan_that_is_not_as_it_was_saved_is_refused(
    saved: Project, edit: Callable[[str], str], words: str
) -> None:
    file = Path("plan.json")
    file.write_text(edit(file.read_text()))
    ran = saved("apply", "plan.json")
    assert ran.code == 6
    assert words in ran.err
    assert ran.out == ""
    assert saved.writes == []


def test_binary_is_no_plan(saved: Project) -> None:
    Path("plan.json").write_bytes(b"\xff\xfe\x00" * 100)
    ran = saved("apply", "plan.json")
    assert ran.code == 6
    assert "not a plan" in ran.err


def test_a_forged_approval_does_not_widen_what_is_done(saved: Project) -> None:
    """Each change is compared with its own digest."""
    saved.write("manifests/more.yaml", skill("smuggled in"))
    ran = saved("apply", "plan.json", "--format", "json")
    assert ran.code == 7
    held = [one["address"] for one in ran.json["outcomes"] if one["status"] == "held"]
    assert held == ["Skill/smuggled in"]
    assert len(saved.writes) == 3


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nope.json", "no such file"),
        ("no/where.json", "no such file"),
        ("\x1b[2J.json", r"\u001b[2J.json: the plan cannot be read"),
        ("x" * 5000 + ".json", "file name too long"),
    ],
)
def test_a_plan_that_is_not_there(saved: Project, name: str, words: str) -> None:
    ran = saved("apply", name)
    assert ran.code == 2
    assert words in ran.err
    assert "\x1b" not in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan.json", "manifests"],
        ["manifests", "plan.json"],
        ["plan.json", "plan.json"],
        ["plan.json", "--target", "Skill/routing-bot"],
    ],
    ids=" ".join,
)
def test_a_saved_plan_stands_alone(saved: Project, arguments: list[str]) -> None:
    assert saved("apply", *arguments).code == 2
    assert saved.writes == []


@pytest.mark.parametrize(
    ("digits", "code"), [(64, 0), (12, 0), (11, 6), (0, 6)], ids=lambda one: str(one)
)
def test_a_digest_binds_a_saved_plan_too(saved: Project, digits: int, code: int) -> None:
    digest = json.loads(Path("plan.json").read_text())["digest"]
    assert saved("apply", "plan.json", "--expect", digest[:digits]).code == code
    assert bool(saved.writes) is (code == 0)


def test_another_digest_than_that_of_the_saved_plan_is_refused(saved: Project) -> None:
    ran = saved("apply", "plan.json", "--expect", "0" * 64)
    assert (ran.code, saved.writes) == (6, [])
    assert "the saved plan has digest" in ran.err


# An approval covers where secrets go, and under which rules

OTHER = {
    "the path of the sink": (".secrets/{account}", "other/{account}", "sinks"),
    "a guard": (
        "sandbox: .lebots/sandbox.db",
        "guards: {maxDeletePercent: 90}\n    sandbox: .lebots/sandbox.db",
        "rules",
    ),
}


@pytest.mark.parametrize(("old", "new", "part"), OTHER.values(), ids=OTHER)
@pytest.mark.parametrize("kept", ["digest", "saved plan"])
def test_an_approval_covers_destinations_and_rules(
    saved: Project, old: str, new: str, part: str, kept: str
) -> None:
    plan = json.loads(Path("plan.json").read_text())
    project = Path("lebots.yaml")
    text = project.read_text()
    assert old in text
    project.write_text(text.replace(old, new))
    arguments = ["plan.json"] if kept == "saved plan" else ["--expect", plan["digest"]]
    ran = saved("apply", *arguments)
    assert (ran.code, saved.writes) == (6, [])
    assert part in ran.err


def test_a_program_in_place_of_the_approved_sink_is_never_run(saved: Project) -> None:
    program = Path("steal")
    program.write_text("#!/bin/sh\ntouch stolen\n")
    program.chmod(0o755)
    project = Path("lebots.yaml")
    old = "type: dotenv\n    path: .secrets/{account}/{name}.env"
    assert old in project.read_text()
    new = "type: command\n    command: [./steal]"
    project.write_text(project.read_text().replace(old, new))
    saved.requests.clear()
    ran = saved("apply", "plan.json")
    assert (ran.code, saved.requests) == (6, [])
    assert "sinks runtime changed since the plan was approved" in ran.err
    assert not Path("stolen").exists()


def test_comments_and_order_are_not_in_an_approval(saved: Project) -> None:
    project = Path("lebots.yaml")
    project.write_text("# the project of our bots\n" + project.read_text())
    assert saved("apply", "plan.json").code == 0


def test_a_plan_of_another_account_is_refused(lebots: Project) -> None:
    Path(".lebots").mkdir()
    Sandbox(Path(".lebots/staging.db"), account="70001234").close()
    lebots("plan", "--account", "staging", "--out", "plan.json")
    for more in ([], ["--yes"]):
        ran = lebots("apply", "plan.json", *more)
        assert ran.code == 6
        assert "for account 70001234, this is account 55501234" in ran.err
    assert lebots.writes == []
    assert lebots("apply", "plan.json", "--account", "staging").code == 0


def test_manifests_that_moved_away_are_missed(saved: Project) -> None:
    Path("manifests").rename("elsewhere")
    ran = saved("apply", "plan.json")
    assert ran.code == 4
    assert "manifests:1:1: cannot be read" in ran.err
    assert saved.writes == []


def test_manifests_that_broke_stop_the_run(saved: Project) -> None:
    saved.write("manifests/bad.yaml", "kind: [")
    assert saved("apply", "plan.json").code == 4
    assert saved.writes == []


def test_what_the_manifests_gained_is_held_back(saved: Project) -> None:
    saved.write("manifests/more.yaml", skill("more"))
    ran = saved("apply", "plan.json")
    assert ran.code == 7
    assert "not as approved" in ran.out
    assert "3 done, 1 held" in ran.out
    assert "have it approved" in ran.out
    assert saved("plan", "--check", "--target", "Skill/more").code == 3


def test_what_the_manifests_lost_is_not_done(saved: Project) -> None:
    saved.write("manifests/routing-bot.yaml", ROUTING_BOT.partition("---\n")[0])
    assert saved("apply", "plan.json").code == 0
    assert len(saved.writes) == 1


def test_an_edited_manifest_is_held_back_with_what_depends_on_it(saved: Project) -> None:
    saved.write("manifests/routing-bot.yaml", ROUTING_BOT.replace("takes first", "takes last"))
    ran = saved("apply", "plan.json", "--yes")
    assert ran.code == 7
    assert "held     create  skill" in ran.out
    assert "waits for Skill/routing-bot" in ran.out
    assert "done     create  key" in ran.out


# Age


def made(text: str, moment: datetime) -> str:
    return sealed_anew(madeAt=moment.isoformat())(text)


@pytest.mark.parametrize(
    ("hours", "options", "words"),
    [
        (23, [], ""),
        (25, [], "more than 24 hours ago; plan and review again, or allow more with --max-age"),
        (25, ["--max-age", "48"], ""),
        (3, ["--max-age", "2"], "more than 2 hours ago"),
        (-1, [], "made in the future"),
    ],
)
def test_an_old_plan_is_refused(saved: Project, hours: int, options: list[str], words: str) -> None:
    file = Path("plan.json")
    file.write_text(made(file.read_text(), datetime.now(UTC) - timedelta(hours=hours)))
    ran = saved("apply", "plan.json", *options)
    assert ran.code == (6 if words else 0)
    assert words in ran.err
    assert bool(saved.writes) is not bool(words)


@pytest.mark.parametrize("moment", ["yesterday", "2026-01-01T00:00:00", ""])
def test_a_plan_that_tells_no_time_is_refused(saved: Project, moment: str) -> None:
    file = Path("plan.json")
    file.write_text(sealed_anew(madeAt=moment)(file.read_text()))
    ran = saved("apply", "plan.json")
    assert (ran.code, saved.writes) == (6, [])
    assert "made" in ran.err


def test_an_age_is_for_a_saved_plan(lebots: Project) -> None:
    ran = lebots("apply", "--max-age", "3", "--yes")
    assert (ran.code, lebots.writes) == (2, [])


# What is held back


def test_what_is_held_back_is_told_field_by_field(lebots: Project) -> None:
    assert lebots("apply", "--yes").code == 0
    manifest = ROUTING_BOT.replace("maxAsyncChats: 25", "maxAsyncChats: 30")
    manifest = manifest.replace("private.person@", "other.person@")
    lebots.write("manifests/routing-bot.yaml", manifest)
    assert lebots("plan", "--out", "plan.json").code == 0
    manifest = manifest.replace("maxAsyncChats: 30", "maxAsyncChats: 31")
    manifest = manifest.replace("nickname: Ava", "nickname: Eve")
    lebots.write("manifests/routing-bot.yaml", manifest)
    ran = lebots("apply", "plan.json")
    assert ran.code == 7
    assert 'nickname "Ava" -> "Eve" was not approved' in ran.out
    assert "maxAsyncChats 25 -> 31, approved was 25 -> 30" in ran.out
    assert "other.person" not in ran.all


def test_a_personal_value_is_held_back_without_being_told(
    lebots: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEBOTS_PLAN_KEY", "the key of plans, which is long enough")
    assert lebots("apply", "--yes").code == 0
    manifest = ROUTING_BOT.replace("private.person@", "other.person@")
    lebots.write("manifests/routing-bot.yaml", manifest)
    assert lebots("plan", "--out", "plan.json").code == 0
    lebots.write("manifests/routing-bot.yaml", manifest.replace("other.person@", "third.person@"))
    ran = lebots("apply", "plan.json")
    assert ran.code == 7
    assert "what it refers to, or a personal value" in ran.out
    assert "person@" not in ran.all
