"""``lebots rotate`` has what ``apply`` has: saved plans, receipts, Markdown, from the one loop."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lebots.core.compare.digest import digest_of
from lebots.sandbox import Sandbox
from tests.cli.conftest import ROUTING_BOT, Project, refusing
from tests.cli.test_approval import sealed_anew
from tests.cli.test_rotate import BOTS, KEY, aged, applications, applied, keys_of_bots, values
from tests.cli.test_verify import SECOND
from tests.night import by_day
from tests.test_schemas import problems

__all__ = ["applied"]

PLAN = Path("plan.json")
ROTATED = {"routing-bot": True, "routing-bot.rotated-ID": True}


@pytest.fixture
def saved(applied: Project) -> Project:
    """A rotation that was planned and saved, and nothing else of it was done."""
    ran = applied("rotate", KEY, "--out", "plan.json")
    assert (ran.code, ran.err, applied.writes) == (0, "", [])
    applied.requests.clear()
    return applied


def document() -> Any:
    return json.loads(PLAN.read_text())


# It goes well


def test_a_saved_plan_is_its_own_approval(saved: Project) -> None:
    before = values()
    ran = saved("rotate", "plan.json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"digest {document()['digest']}, as approved\n")
    assert applications(saved) == ROTATED
    assert keys_of_bots(saved) == {values()["LP_APPKEY"]} != {before["LP_APPKEY"]}


def test_what_was_shown_is_what_is_saved(applied: Project) -> None:
    shown = applied("rotate", KEY, "--plan", "--format", "json", "--grace", "0", "--verify").json
    applied("rotate", KEY, "--grace", "0", "--verify", "--out", "plan.json")
    kept = document()
    assert {name: kept[name] for name in shown} == shown
    assert kept.keys() - shown.keys() == {"madeAt", "checksum"}
    assert kept["terms"]["rotation"] == {"key": KEY, "graceHours": 0.0, "verify": True}
    assert problems("rotation", kept) == []


def test_a_saved_plan_tells_how_it_is_carried_out(applied: Project) -> None:
    ran = applied("rotate", KEY, "--account", "sandbox", "--out", "plan.json")
    assert "NEXT  lebots rotate plan.json --account sandbox\n" in ran.out
    assert applied("rotate", "plan.json", "--account", "sandbox").code == 0


def test_a_saved_plan_knows_its_paths_and_options(applied: Project) -> None:
    (applied.folder / "manifests").rename(applied.folder / "bots")
    applied("rotate", KEY, "bots", "--grace", "0", "--out", "plan.json")
    assert applied("rotate", "plan.json").code == 0
    assert applications(applied) == {**ROTATED, "routing-bot.rotated-ID": False}


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [("PUT", "/installations", 0), ("POST", "/installations", 0), ("PUT", "/users", 6)],
    ids=["rename", "create", "move"],
)
def test_a_saved_plan_goes_on_where_it_was_cut_short(
    saved: Project, method: str, path: str, code: int
) -> None:
    """Unless the new key is there: nobody has approved which one it is."""
    saved.wrapper = refusing(method, path, 401)
    assert saved("rotate", "plan.json").code == 7
    saved.wrapper = None
    assert saved("rotate", "plan.json").code == code
    assert saved("rotate", KEY, "--yes").code == 0
    assert keys_of_bots(saved) == {values()["LP_APPKEY"]}


def test_what_is_done_is_not_done_again(saved: Project) -> None:
    assert saved("rotate", "plan.json").code == 0
    saved.requests.clear()
    ran = saved("rotate", "plan.json")
    assert (ran.code, saved.writes) == (0, [])
    assert "no changes" in ran.out


@pytest.mark.parametrize("digits", [64, 12])
def test_a_digest_binds_a_rotation(applied: Project, digits: int) -> None:
    digest = applied("rotate", KEY, "--plan", "--format", "json").json["digest"]
    assert applied("rotate", KEY, "--expect", digest[:digits]).code == 0
    assert applications(applied) == ROTATED


def test_a_digest_binds_a_saved_rotation_too(saved: Project) -> None:
    assert saved("rotate", "plan.json", "--expect", document()["digest"][:12]).code == 0


# It is refused


APART = [
    ("rotate plan.json manifests", "a saved plan has its own: leave PATHS out"),
    ("rotate plan.json --grace 24 --verify", "leave --grace, --verify out"),
    ("rotate plan.json --plan", "leave --plan out"),
    ("rotate plan.json --out other.json", "leave --out out"),
    (f"rotate {KEY} --out other.json --yes", "this only plans: leave --yes out"),
    (f"rotate {KEY} --plan --expect 123 --receipt r", "leave --expect, --receipt out"),
    (f"rotate {KEY} --max-age 3", "--max-age is for an approval"),
    ("rotate nope.json", "nope.json: the plan cannot be read"),
    ("rotate Key/nope.json", "no manifest declares Key/nope.json"),
    ("apply plan.json", "the plan of a rotation; give it to `lebots rotate`"),
    ("plan plan.json", "a plan is for apply"),
]
"""A command line, and what is told of it."""


def test_what_does_not_go_together(saved: Project) -> None:
    for words, told in APART:
        ran = saved(*words.split())
        assert (ran.code, saved.writes) == (2, []), words
        assert told in " ".join(ran.err.split()), words
    assert not Path("other.json").exists()


def test_the_plan_of_an_apply_is_no_rotation(applied: Project) -> None:
    assert applied("plan", "--out", "plan.json").code == 0
    ran = applied("rotate", "plan.json")
    assert (ran.code, applied.writes) == (2, [])
    assert "the plan of an apply; give it to `lebots apply`" in ran.err


def with_digest(change: Callable[[Any], Any]) -> Callable[[str], str]:
    """What somebody does who knows all of lebots, and no key."""

    def forge(text: str) -> str:
        found = json.loads(text)
        change(found)
        changes = [one["digest"] for one in found["changes"] if "digest" in one]
        digest = digest_of(found["account"], changes, (), found["terms"])
        return sealed_anew(**{**found, "digest": digest})(text)

    return forge


def terms(**rotation: Any) -> Callable[[Any], Any]:
    def change(found: Any) -> None:
        found["terms"]["rotation"].update(rotation)

    return change


def other_digest(found: Any) -> None:
    found["changes"][-1]["digest"] = "0" * 64


def one_less(found: Any) -> None:
    del found["changes"][-1]


def no_rotation(found: Any) -> None:
    del found["terms"]["rotation"]


FORGED: dict[str, tuple[Callable[[str], str], str]] = {
    "a byte": (lambda text: text.replace("routing-bot", "routing-bat", 1), "edited or cut off"),
    "cut off": (lambda text: text[:-9], "not a plan"),
    "the account": (sealed_anew(account="99999999"), "digest is not that"),
    "the digest": (sealed_anew(digest="0" * 64), "digest is not that"),
    "an older format": (sealed_anew(formatVersion=1), "not of format"),
    "no keys that wait": (sealed_anew(waiting=None), "shape of a plan"),
    "old": (sealed_anew(madeAt="2020-01-01T00:00:00+00:00"), "more than 24 hours ago"),
    "of the future": (sealed_anew(madeAt="2999-01-01T00:00:00+00:00"), "in the future"),
    "another account": (with_digest(lambda found: found.update(account="9")), "for account 9"),
    "a change less": (with_digest(one_less), "nobody approved to update it"),
    "another change": (with_digest(other_digest), "not as approved"),
    "another grace": (with_digest(terms(graceHours=0)), "nobody approved to disable it"),
    "a grace without end": (
        lambda text: text.replace('"graceHours": 24.0', '"graceHours": 1e999'),
        "not a plan",
    ),
    "a grace that is none": (with_digest(terms(graceHours="0")), "shape of a plan"),
    "a key that is none": (with_digest(terms(key="nonsense")), "names what is no address"),
    "no rotation": (with_digest(no_rotation), "shape of a plan"),
}
OF_ROTATIONS = ["a change less", "another grace", "a grace that is none", "a key that is none"]
"""What a saved plan of an apply does not have too."""


@pytest.mark.parametrize("what", by_day(list(FORGED), OF_ROTATIONS))
def test_a_forged_plan_rotates_nothing(saved: Project, what: str) -> None:
    forge, words = FORGED[what]
    before = PLAN.read_text()
    PLAN.write_text(forge(before))
    assert PLAN.read_text() != before
    ran = saved("rotate", "plan.json", "--yes")
    assert (ran.code, saved.writes) == (6, [])
    assert words in ran.err


@pytest.mark.parametrize(
    "change", [terms(verify=True), terms(graceHours=48), one_less], ids=["verify", "grace", "less"]
)
@pytest.mark.parametrize("by", ["digest", "key"])
def test_a_consistent_forgery_meets_the_digest_or_the_key(
    applied: Project, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], Any], by: str
) -> None:
    """Whatever its changes are: how the rotation is carried out is approved too."""
    if by == "key":
        monkeypatch.setenv("LEBOTS_PLAN_KEY", "the key of plans, which is long enough")
    applied("rotate", KEY, "--out", "plan.json")
    digest = document()["digest"]
    PLAN.write_text(with_digest(change)(PLAN.read_text()))
    applied.requests.clear()
    ran = applied("rotate", "plan.json", *(["--expect", digest] if by == "digest" else []))
    assert (ran.code, applied.writes) == (6, [])


def test_another_grace_is_another_digest(applied: Project) -> None:
    digest = applied("rotate", KEY, "--plan", "--format", "json").json["digest"]
    ran = applied("rotate", KEY, "--expect", digest, "--verify")
    assert (ran.code, applied.writes) == (6, [])
    assert "the rotation changed since it was approved" in ran.err


def rewritten(file: str, old: str, new: str) -> Callable[[Project], None]:
    def change(project: Project) -> None:
        text = (project.folder / file).read_text()
        assert old in text
        project.write(file, text.replace(old, new))

    return change


def another_account(project: Project) -> None:
    Sandbox(project.folder / ".lebots/staging.db", account="70001234").close()
    rewritten("lebots.yaml", "defaultAccount: sandbox", "defaultAccount: staging")(project)


def another_bot(project: Project) -> None:
    third = SECOND.replace("second-bot", "third-bot").replace("Second", "Third")
    project.write("manifests/third.yaml", third)
    assert project("apply", "--yes").code == 0


def rotated_already(project: Project) -> None:
    assert project("rotate", KEY, "--yes", "--grace", "0").code == 0


def begun_and_over(project: Project) -> None:
    assert project("rotate", KEY, "--yes").code == 0
    aged(project, 24.1)


STALE: dict[str, tuple[Callable[[Project], None], str]] = {
    "a bot more": (another_bot, "BotUser/third-bot"),
    "a bot that is no longer declared": (
        lambda project: (project.folder / "manifests/second.yaml").unlink(),
        "BotUser/second-bot",
    ),
    "the key was rotated": (rotated_already, "not as approved"),
    "its grace is over": (begun_and_over, "nobody approved to disable it"),
    "another sink": (
        rewritten("lebots.yaml", ".secrets/{account}", "other/{account}"),
        "sinks runtime changed",
    ),
    "another guard": (
        rewritten(
            "lebots.yaml",
            "    sandbox: .lebots/sandbox.db\n",
            "    sandbox: .lebots/sandbox.db\n    guards: {maxDeletePercent: 90}\n",
        ),
        "rules maxDeletePercent changed",
    ),
    "another account": (another_account, "for account 55501234, this is account 70001234"),
    "the key is protected": (
        rewritten(
            "manifests/routing-bot.yaml",
            "kind: Key\nmetadata:\n",
            "kind: Key\nmetadata:\n  protect: true\n",
        ),
        "does not rotate it",
    ),
}


@pytest.mark.parametrize(("happens", "words"), STALE.values(), ids=STALE)
def test_a_stale_plan_rotates_nothing(
    saved: Project, happens: Callable[[Project], None], words: str
) -> None:
    happens(saved)
    saved.requests.clear()
    ran = saved("rotate", "plan.json", "--yes")
    assert (ran.code, saved.writes) == (6, [])
    assert words in " ".join(ran.err.split())


# What is written down


def test_a_rotation_has_a_receipt(saved: Project) -> None:
    assert saved("apply", "--yes", "--receipt", "receipt.json").code == 0
    before = json.loads(Path("receipt.json").read_text())
    ran = saved("rotate", "plan.json", "--receipt", "receipt.json")
    assert (ran.code, ran.err) == (0, "")
    receipt = json.loads(Path("receipt.json").read_text())
    assert problems("receipt", receipt) == []
    assert receipt["digest"] == document()["digest"]
    assert receipt["targets"] == [KEY]
    assert [one["status"] for one in receipt["changes"]] == ["done"] * 4
    assert (receipt["converged"], receipt["baseline"]) == (None, before["baseline"])
    drift = saved("plan", "--drift", "--receipt", "receipt.json", "--format", "json")
    assert drift.code in (0, 3)


def test_a_receipt_of_a_rotation_that_was_cut_short(applied: Project) -> None:
    applied.wrapper = refusing("POST", "/installations", 401)
    assert applied("rotate", KEY, "--yes", "--receipt", "receipt.json").code == 7
    receipt = json.loads(Path("receipt.json").read_text())
    ended = {one["address"]: one["status"] for one in receipt["changes"]}
    assert ended[KEY] == "failed"
    assert {ended[f"BotUser/{bot}"] for bot in BOTS} == {"blocked"}


def test_what_is_no_receipt_is_not_written_over(applied: Project) -> None:
    Path("receipt.json").write_text(ROUTING_BOT)
    ran = applied("rotate", KEY, "--yes", "--receipt", "receipt.json")
    assert (ran.code, applied.writes) == (6, [])
    assert "this run would write over it" in ran.err
    assert Path("receipt.json").read_text() == ROUTING_BOT


def test_a_rotation_as_markdown(applied: Project) -> None:
    ran = applied("rotate", KEY, "--plan", "--markdown-file", "plan.md")
    assert ran.code == 0
    planned = Path("plan.md").read_text()
    assert f"lebots rotate {KEY} --expect " in planned
    assert applied("rotate", KEY, "--yes", "--markdown-file", "done.md").code == 0
    done = Path("done.md").read_text()
    assert "### lebots rotate: 4 done" in done
    assert "stays enabled: run the same command again after" in done
    assert "in sync" not in done
