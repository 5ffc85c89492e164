"""A guard whose evidence is missing, damaged or of something else refuses, in every command."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Project, refusing, skill
from tests.cli.test_prune import pruning, retired_by_hand  # noqa: F401 (a fixture)
from tests.night import by_day

FILE = Path("receipt.json")


def edited(**parts: Any) -> None:
    receipt = json.loads(FILE.read_text())
    FILE.write_text(json.dumps({**receipt, **parts}))


def replaced(make: Callable[[], None]) -> Callable[[], None]:
    def change() -> None:
        FILE.unlink()
        make()

    return change


DAMAGED: dict[str, Callable[[], Any]] = {
    "empty": lambda: FILE.write_text(""),
    "half": lambda: FILE.write_text(FILE.read_text()[:500]),
    "no text": lambda: FILE.write_bytes(b"\xff\xfe\x00"),
    "something else": lambda: FILE.write_text("notes: keep these\n"),
    "a plan": lambda: FILE.write_text('{\n  "formatVersion": 1,\n  "digest": ""\n}\n'),
    "of another format": lambda: edited(formatVersion=2),
    "without its counts": lambda: edited(baseline={"objects": [], "undeclared": []}),
    "with a count that is none": lambda: edited(
        baseline={"objects": [], "undeclared": [], "counts": {"skills": -1}}
    ),
    "of another account": lambda: edited(account="99"),
    "a folder": replaced(FILE.mkdir),
    "a pipe": replaced(lambda: os.mkfifo(FILE)),
    "a link to nowhere": replaced(lambda: FILE.symlink_to("nowhere")),
    "a link to itself": replaced(lambda: FILE.symlink_to(FILE)),
}
"""What is at the receipt's place, and is no receipt of this account."""

NO_BASELINE = {"without a baseline": lambda: edited(converged=None, baseline=None)}

AGREED = ("--prune", "--confirm-deletes", "6")
PRUNES: dict[str, tuple[str, ...]] = {
    "plan --prune": ("plan", *AGREED),
    "apply --prune": ("apply", "--yes", *AGREED),
    "apply of a saved plan": ("apply", "plan.json"),
}
OTHERS: dict[str, tuple[str, ...]] = {
    "apply": ("apply", "--yes"),
    "apply of a part": ("apply", "--yes", "--target", "Skill/routing-bot"),
    "plan --drift": ("plan", "--drift"),
}


@pytest.fixture
def remembering(pruning: Project) -> Project:  # noqa: F811
    """Two bots in scope, a saved plan that retires them, and the receipt of a clean apply."""
    assert pruning("apply", "--yes", "--receipt", str(FILE)).code == 0
    assert pruning("plan", *AGREED, "--out", "plan.json").code == 0
    pruning.requests.clear()
    return pruning


def kept() -> Any:
    return FILE.read_bytes() if FILE.is_file() else os.lstat(FILE).st_mode


@pytest.mark.parametrize("state", by_day(list(DAMAGED), list(DAMAGED)[::3]))
def test_what_is_no_receipt_is_refused_before_the_first_request(
    remembering: Project, state: str
) -> None:
    """By every reader of one; and a run writes its own over no other file."""
    DAMAGED[state]()
    before = kept()
    for command in (*PRUNES.values(), *OTHERS.values()):
        ran = remembering(*command, "--receipt", str(FILE))
        assert (ran.code in (2, 6), ran.out) == (True, ""), command
        assert "receipt.json" in ran.err
        assert remembering.requests == []
        assert kept() == before


@pytest.mark.parametrize("command", PRUNES.values(), ids=PRUNES)
def test_a_receipt_without_a_baseline_is_no_evidence(
    remembering: Project, command: tuple[str, ...]
) -> None:
    NO_BASELINE["without a baseline"]()
    ran = remembering(*command, "--receipt", str(FILE))
    assert (ran.code, ran.out, remembering.requests) == (6, "", [])
    assert "`lebots apply --receipt FILE` without --prune writes one" in ran.err
    assert remembering("apply", "--receipt", str(FILE)).code == 0, "as it says"
    assert remembering(*command, "--receipt", str(FILE)).code == 0


@pytest.mark.parametrize("command", list(PRUNES.values())[:2], ids=list(PRUNES)[:2])
@pytest.mark.parametrize("lost", ["skills", "installations", "users"])
def test_a_list_that_the_receipt_does_not_count_is_not_believed(
    remembering: Project, command: tuple[str, ...], lost: str
) -> None:
    """It could not be read then, or the receipt is older than the kind."""
    receipt = json.loads(FILE.read_text())
    del receipt["baseline"]["counts"][lost]
    FILE.write_text(json.dumps(receipt))
    ran = remembering(*command, "--receipt", str(FILE))
    # What is referred to from the list stays too, so that another number was agreed to.
    told = " ".join(ran.all.split())
    assert ran.code == 6 or f"{lost} is not counted in the receipt" in told
    kind = {"skills": "skills/", "installations": "installations/", "users": "users/"}[lost]
    assert not any(kind in request for request in remembering.writes)


def test_only_a_receipt_that_is_not_there_is_none(remembering: Project) -> None:
    ran = remembering("apply", "--yes", *AGREED, "--receipt", "new/first.json")
    assert ran.code == 0, ran.err
    assert json.loads(Path("new/first.json").read_text())["converged"]


@pytest.mark.parametrize("command", ["plan --prune", "plan --drift"])
def test_a_plan_is_given_one_that_is_there(remembering: Project, command: str) -> None:
    ran = remembering(*(PRUNES | OTHERS)[command], "--receipt", "missing.json")
    assert (ran.code, remembering.requests) == (2, [])
    assert "missing.json: the receipt cannot be read (no such file or directory)" in ran.err


# What a run in part leaves


def test_a_run_that_did_a_part_keeps_the_older_baseline(remembering: Project) -> None:
    before = json.loads(FILE.read_text())["baseline"]
    remembering.write("manifests/more.yaml", skill("more") + skill("most"))
    remembering.wrapper = refusing("POST", "/skills", 403)
    for _ in range(2):
        assert remembering("apply", "--yes", "--receipt", str(FILE)).code == 7
        found = json.loads(FILE.read_text())
        assert (found["converged"], found["baseline"]) == (None, before)
    remembering.wrapper = None
    assert remembering("plan", *AGREED, "--receipt", str(FILE)).code == 0, "it is evidence still"
    drift = remembering("plan", "--drift", "--receipt", str(FILE), "--format", "json")
    assert "receipt-without-baseline" in drift.out, "but not of how this run left the account"
    assert remembering("apply", "--yes", "--receipt", str(FILE)).code == 0
    found = json.loads(FILE.read_text())
    assert found["converged"]
    assert found["baseline"]["counts"]["skills"] == before["counts"]["skills"] + 2


def test_the_older_baseline_holds_a_later_prune_back(remembering: Project) -> None:
    receipt = json.loads(FILE.read_text())
    receipt["baseline"]["counts"]["skills"] = 100
    FILE.write_text(json.dumps(receipt))
    remembering.write("manifests/more.yaml", skill("more"))
    remembering.wrapper = refusing("POST", "/skills", 403)
    assert remembering("apply", "--yes", "--receipt", str(FILE)).code == 7
    remembering.wrapper = None
    (remembering.folder / "manifests/more.yaml").unlink()
    agreed = ("--prune", "--confirm-deletes", "4")
    ran = remembering("apply", "--yes", *agreed, "--receipt", str(FILE))
    assert "skills lost too much since the receipt: 100 objects then" in " ".join(ran.out.split())
    assert not any("DELETE" in request for request in remembering.writes)


# What a prune sees


def test_a_prune_of_paths_sees_whatever_may_hold_manifests(remembering: Project) -> None:
    """A folder that a link hides is as unseen as one that cannot be opened."""
    remembering.write("manifests/bots/x.yaml", skill("x"))
    (remembering.folder / "manifests/routing-bot.yaml").rename("manifests/bots/routing-bot.yaml")
    agreed = ("manifests/bots", "--prune", "--confirm-deletes", "6")
    assert remembering("plan", *agreed).code == 0
    Path("elsewhere").mkdir()
    remembering.write("elsewhere/old.yaml", skill("old-a"))
    Path("manifests/more").symlink_to("../elsewhere")
    remembering.requests.clear()
    for command in (("plan",), ("apply", "--yes")):
        ran = remembering(*command, *agreed)
        assert (ran.code, ran.out, remembering.requests) == (2, "", [])
        assert "--prune must see every manifest" in ran.err
