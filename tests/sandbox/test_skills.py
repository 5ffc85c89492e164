"""Skills (4)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.support import (
    ANA,
    BILLING,
    BOTS,
    RETAIL,
    SALES,
    SKILLS,
    SURVEY,
    SURVEY_BOT,
    TODAY,
    USERS,
    Account,
    bot,
)


def test_a_name_is_enough_and_the_defaults_are_the_vendors(account: Account) -> None:
    skill = account.create(SKILLS, {"name": "Returns"})
    assert skill | {"id": 0} == account.one(SKILLS, skill["id"]) | {"id": 0}
    assert skill["dateUpdated"] == TODAY
    defaults: dict[str, Any] = {
        "deleted": False,
        "maxWaitTime": 120,
        "canTransfer": True,
        "skillTransferList": None,
        "fallbackWhenAllAgentsAreAway": True,
        "fallbackSkill": None,
        "lobIds": [],
        "skillRoutingConfiguration": [],
    }
    assert defaults.items() <= skill.items()


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("maxWaitTime", "90", 90),
        ("maxWaitTime", None, 120),
        ("canTransfer", "false", False),
        ("canTransfer", None, True),
        ("lobIds", [str(RETAIL)], [RETAIL]),
        ("skillTransferList", [], []),
        ("skillTransferList", None, None),
        ("skillTransferList", [SALES, str(SURVEY)], [SALES, SURVEY]),
        ("fallbackSkill", str(SALES), SALES),
        ("description", "", ""),
        (
            "skillRoutingConfiguration",
            [{"agentGroupId": str(BOTS), "priority": "1", "splitPercentage": 100}],
            [{"agentGroupId": BOTS, "priority": 1, "splitPercentage": 100}],
        ),
    ],
)
def test_values_are_stored_native(account: Account, field: str, sent: Any, stored: Any) -> None:
    assert account.create(SKILLS, {"name": "Returns", field: sent})[field] == stored


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("name", None),
        ("name", ""),
        ("name", "  "),
        ("name", 7),
        ("description", ["text"]),
        ("canTransfer", "yes"),
        ("canTransfer", 1),
        ("maxWaitTime", "soon"),
        ("maxWaitTime", 1.5),
        ("maxWaitTime", True),
        ("maxWaitTime", 2**63),
        ("lobIds", RETAIL),
        ("lobIds", [None]),
        ("lobIds", [1]),
        ("skillTransferList", [1]),
        ("fallbackSkill", 1),
        ("skillRoutingConfiguration", [{"agentGroupId": BOTS, "priority": 1}]),
        (
            "skillRoutingConfiguration",
            [{"agentGroupId": 1, "priority": 1, "splitPercentage": 100}],
        ),
    ],
)
def test_values_that_do_not_fit_are_refused(account: Account, field: str, sent: Any) -> None:
    refused = account.post(SKILLS, {"name": "Returns"} | {field: sent})
    assert (refused.status_code, refused.json()["fields"]) == (400, [field])


@pytest.mark.parametrize("name", ["Billing", "billing", " BILLING ", "\uff22illing"])
def test_a_name_is_held_once(account: Account, name: str) -> None:
    refused = account.post(SKILLS, {"name": name})
    assert (refused.status_code, refused.json()["fields"]) == (400, ["name"])
    assert account.change(SKILLS, SALES, name=name).status_code == 400


def test_a_skill_may_change_the_writing_of_its_own_name(account: Account) -> None:
    assert account.change(SKILLS, BILLING, name="BILLING").json()["name"] == "BILLING"


def test_twins_that_exist_already_can_still_be_edited(account: Account) -> None:
    twin = account.sandbox.put("skills", {"name": "billing"})
    assert account.change(SKILLS, twin, description="the second").status_code == 200


def test_put_replaces_the_whole_skill(account: Account) -> None:
    made = account.create(
        SKILLS, {"name": "Returns", "description": "Goods sent back", "maxWaitTime": 60, "x": 1}
    )
    answer = account.put(f"{SKILLS}/{made['id']}", {"name": "Returns"})
    assert answer.status_code == 200
    after = account.one(SKILLS, made["id"])
    assert (after["description"], after["maxWaitTime"], "x" in after) == ("", 120, False)


def test_an_id_in_the_body_is_that_of_the_path(account: Account) -> None:
    refused = account.put(f"{SKILLS}/{SALES}", {"id": BILLING, "name": "Sales"})
    assert (refused.status_code, refused.json()["fields"]) == (400, ["id"])


def test_a_skill_in_use_is_not_deleted(account: Account) -> None:
    account.change(SKILLS, SALES, fallbackSkill=SURVEY, skillTransferList=[SURVEY, SALES])
    account.create(USERS, bot())
    refused = account.delete(f"{SKILLS}/{SURVEY}")
    assert refused.status_code == 400
    assert refused.json() == {
        "type": "skill-dependencies",
        "message": "The skill is still assigned to other entities",
        "users": [{"id": SURVEY_BOT}, {"id": 4100201001}],
        "skills": [{"id": SALES}],
        "cannedResponses": [],
        "engagements": [],
        "widgets": [],
    }


def test_a_skill_is_deleted_once_nothing_uses_it(account: Account) -> None:
    skill = account.create(SKILLS, {"name": "Returns"})["id"]
    account.change(SKILLS, skill, skillTransferList=[skill])
    held = account.one(USERS, ANA)["skillIds"]
    account.change(USERS, ANA, skillIds=[*held, skill])
    assert account.delete(f"{SKILLS}/{skill}").status_code == 400
    account.change(USERS, ANA, skillIds=held)
    deleted = account.delete(f"{SKILLS}/{skill}")
    assert (deleted.status_code, deleted.content) == (200, b"")
    for answer in (
        account.get(f"{SKILLS}/{skill}"),
        account.delete(f"{SKILLS}/{skill}"),
        account.put(f"{SKILLS}/{skill}", {"name": "Returns"}),
    ):
        assert answer.status_code == 404


def test_many_at_once(account: Account) -> None:
    made = account.post(SKILLS, [{"name": "Returns"}, {"name": "Repairs"}])
    assert made.status_code == 201
    assert "location" not in made.headers
    both = made.json()
    changed = account.put(SKILLS, [skill | {"description": "new"} for skill in both])
    assert [skill["description"] for skill in changed.json()] == ["new", "new"]
    gone = account.delete(SKILLS, body=[str(skill["id"]) for skill in both])
    assert gone.status_code == 200
    assert len(account.list(SKILLS)) == 4


@pytest.mark.parametrize("body", [[], {}, {"name": "Returns"}, [7], ["1"], [{"name": "a"}]])
def test_many_are_changed_by_an_array_of_whole_objects(account: Account, body: Any) -> None:
    assert account.put(SKILLS, body).status_code in (400, 404)


def test_names_of_any_script_survive(account: Account) -> None:
    for name in ("客服", "Ärger & Rückgabe", "\ud800 half", "🤖"):
        made = account.ask("POST", f"{SKILLS}?v=2.0", content=_ascii({"name": name}))
        assert made.json()["name"] == name
        again = account.ask("POST", f"{SKILLS}?v=2.0", content=_ascii({"name": name}))
        assert again.status_code == 400


def _ascii(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()
