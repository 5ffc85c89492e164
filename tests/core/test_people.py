"""Whoever lebots never touches is counted by what it is; only people are people."""

import re
from collections.abc import Sequence

import pytest

from lebots import kinds
from lebots.core.compare.dependants import counted_users, with_dependants
from lebots.core.compare.effects import with_effects
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change, FieldChange
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import HUMAN, Account, Live
from lebots.core.model.options import AccountPolicy, PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.planner import plan
from lebots.documents import plan as json
from lebots.documents.text import dumps
from lebots.render.comment import markdown
from lebots.render.page import page
from lebots.render.plain import plan as text
from tests.render.reading import read

KINDS = kinds.load()
SKILL = Address("Skill", "Sales")
SYSTEM, UNKNOWN, STAFF = "a system user", "a user of an unknown type", "a bot of LivePerson staff"
CASES: Sequence[tuple[Sequence[str], str]] = (
    ([HUMAN], "1 person"),
    ([HUMAN, HUMAN], "2 people"),
    ([SYSTEM], SYSTEM),
    ([STAFF], STAFF),
    ([SYSTEM, HUMAN, SYSTEM], "1 person and 2 users (each a system user)"),
    ([UNKNOWN, HUMAN, HUMAN], "2 people and a user of an unknown type"),
)


def held(reasons: Sequence[str]) -> Inventory:
    skill = Live(SKILL, "1", "skills", {})
    users = [
        Live(
            Address("BotUser", f"n4me-{n}"),
            f"u{n}",
            "users",
            {"skills": ["Sales"]},
            unmanaged_reason=why,
        )
        for n, why in enumerate(reasons)
    ]
    return Inventory(Account("1", (skill, *users)), KINDS)


def changed(inventory: Inventory) -> Change:
    field = FieldChange("canTransfer", True, False)
    change = Change(SKILL, Action.UPDATE, "skills", "1", fields=(field,), desired={})
    after = inventory.planned()
    (change,) = with_dependants([change], inventory, after, [])
    (change,) = with_effects([change], inventory, after, {SKILL}, {SKILL})
    return change


def readers(planned: Plan) -> dict[str, str]:
    frame = markdown.Frame("0.4.0")
    return {
        "terminal": text.plan(planned, KINDS, version="0.4.0", width=200),
        "comment": markdown.plan(planned, KINDS, frame),
        "page": read(page.plan(planned, KINDS, version="0.4.0")).text,
        "json": dumps(json.plan(planned, version="0.4.0")),
    }


@pytest.mark.parametrize(("reasons", "words"), CASES)
def test_every_reader_counts_them_by_what_they_are(reasons: Sequence[str], words: str) -> None:
    assert re.split(r", | and ", words) == counted_users(reasons)
    for reader, shown in readers(Plan("1", (changed(held(reasons)),))).items():
        assert f"exists already, used by {words}; lebots" in " ".join(shown.split()), reader
        assert "n4me" not in shown, reader
        if reader in ("terminal", "comment"):
            assert re.sub(" and ", ", ", f"used by: {words}") in re.sub(" and ", ", ", shown)


@pytest.mark.parametrize(("reasons", "words"), CASES)
def test_a_prune_says_who_still_uses_it(reasons: Sequence[str], words: str) -> None:
    policy = AccountPolicy(scope={"Skill": ("*",)}, retire="delete", max_delete_percent=100)
    found = plan(
        [], held(reasons), options=PlanOptions(prune=True, allow_empty=True), policy=policy
    )
    (skill,) = (one for one in found.changes if one.address == SKILL)
    assert skill.note == f"in scope, still used by {words}"


def test_json_counts_people_and_the_others_apart() -> None:
    whole = json.plan(Plan("1", (changed(held([SYSTEM, HUMAN, SYSTEM])),)), version="0.4.0")
    (change,) = whole["changes"]
    assert (change["people"], change["otherUsers"]) == (1, {SYSTEM: 2})
