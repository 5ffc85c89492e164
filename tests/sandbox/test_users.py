"""Users and bot users (6)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.support import (
    ADMINISTRATOR,
    AGENT,
    AGENT_MANAGER,
    ANA,
    APPS,
    BILLING,
    BOTS,
    CAMPAIGN_MANAGER,
    INGRID,
    LEGACY_KEY,
    PROFILES,
    RETAIL,
    SALES_GROUP,
    SEEDED_USERS,
    SUPPORT,
    SURVEY,
    SURVEY_BOT,
    TODAY,
    USERS,
    Account,
    application,
    bot,
    human,
    profile,
    without,
)


def test_a_bot_as_it_is_created(account: Account) -> None:
    made = account.create(USERS, bot())
    assert made == account.one(USERS, made["id"])
    assert made | {"id": 0, "pid": ""} == {
        **bot(),
        "id": 0,
        "pid": "",
        "deleted": False,
        "lpaCreatedUser": False,
        "resetMfaSecret": False,
        "disabledManually": False,
        "permissionGroups": [],
        "managerOf": [],
        "changePwdNextLogin": False,
        "pictureUrl": None,
        "memberOf": {"agentGroupId": -1, "assignmentDate": TODAY},
        "dateCreated": TODAY,
        "dateUpdated": TODAY,
        "skills": [{"id": SURVEY, "name": "Survey"}],
        "profiles": [{"id": AGENT, "roleTypeId": 2, "name": "Agent"}],
        "managedAgentGroups": [],
        "lobs": [],
    }


def test_ids_stand_for_something_in_every_answer(account: Account) -> None:
    account.change(USERS, ANA, managerOf=[{"agentGroupId": SUPPORT}])
    for ana in (account.one(USERS, ANA), account.list(USERS)[3]):
        assert [skill["name"] for skill in ana["skills"]] == ["Customer care", "Billing"]
        assert ana["managedAgentGroups"] == [{"id": SUPPORT, "name": "Support"}]
        assert ana["lobs"] == [{"id": RETAIL, "name": "Retail"}]


@pytest.mark.parametrize(
    "field",
    ["loginName", "fullName", "nickname", "email", "isEnabled", "profileIds", "maxChats",
     "memberOf", "allowedAppKeys"],
)  # fmt: skip
@pytest.mark.parametrize("value", [None, "left out"])
def test_what_a_bot_needs(account: Account, field: str, value: str | None) -> None:
    body = without(bot(), field) if value else bot() | {field: None}
    refused = account.post(USERS, body)
    assert (refused.status_code, refused.json()["fields"]) == (400, [field])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("loginName", " "),
        ("isEnabled", "maybe"),
        ("userTypeId", 3),
        ("isApiUser", "1"),
        ("allowedAppKeys", [LEGACY_KEY]),
        ("allowedAppKeys", "no such key"),
        ("maxChats", -1),
        ("maxAsyncChats", -1),
        ("maxAsyncChats", 2.5),
        ("profileIds", [1]),
        ("profileIds", AGENT),
        ("skillIds", [BILLING, 1]),
        ("lobIds", [1]),
        ("memberOf", {"agentGroupId": 1}),
        ("memberOf", {}),
        ("memberOf", [{"agentGroupId": BOTS}]),
        ("managerOf", [{"agentGroupId": 1}]),
        ("passwordSh", "not-a-real-password"),
    ],
)
def test_values_that_do_not_fit_are_refused(account: Account, field: str, value: Any) -> None:
    refused = account.post(USERS, bot(**{field: value}))
    assert (refused.status_code, refused.json()["fields"]) == (400, [field])
    assert len(account.list(USERS)) == SEEDED_USERS


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("isEnabled", "true", True),
        ("maxChats", "2", 2),
        ("maxAsyncChats", None, None),
        ("maxAsyncChats", 0, 0),
        ("maxAsyncChats", 5000, 5000),
        ("profileIds", [str(AGENT)], [AGENT]),
        ("userTypeId", "2", 2),
        ("skillIds", [], []),
        ("memberOf", {"agentGroupId": "-1"}, {"agentGroupId": -1, "assignmentDate": TODAY}),
        ("pictureUrl", None, None),
        ("fullName", "", ""),
    ],
)
def test_values_are_stored_native(account: Account, field: str, sent: Any, stored: Any) -> None:
    assert account.create(USERS, bot(**{field: sent}))[field] == stored


def test_the_type_is_human_unless_it_is_said(account: Account) -> None:
    ida = account.create(USERS, human())
    assert (ida["userTypeId"], ida["isApiUser"], ida["allowedAppKeys"]) == (1, False, "")


@pytest.mark.parametrize("name", ["survey-bot", "Survey-Bot", " survey-bot"])
def test_a_login_name_is_held_once(account: Account, name: str) -> None:
    refused = account.post(USERS, bot(name))
    assert (refused.status_code, refused.json()["fields"]) == (400, ["loginName"])


# Update


def test_put_replaces_the_whole_user(account: Account) -> None:
    made = account.create(USERS, bot(description="first", pictureUrl="https://a.test/a.png", x=1))
    assert account.put(f"{USERS}/{made['id']}", bot() | {"id": made["id"]}).status_code == 200
    after = account.one(USERS, made["id"])
    assert "description" not in after
    assert "x" not in after
    assert after["pictureUrl"] is None
    assert after["pid"] == made["pid"], "the server's own fields stay"


@pytest.mark.parametrize("field", ["allowedAppKeys", "isApiUser", "userTypeId", "id"])
def test_a_put_that_forgets_what_makes_a_bot_is_refused(account: Account, field: str) -> None:
    survey_bot = account.one(USERS, SURVEY_BOT)
    refused = account.put(f"{USERS}/{SURVEY_BOT}", without(survey_bot, field))
    assert refused.status_code == 400
    assert field in refused.json()["fields"]


def test_what_the_server_sets_is_not_the_clients_to_say(account: Account) -> None:
    before = account.one(USERS, SURVEY_BOT)
    lies = {
        "pid": "x",
        "deleted": True,
        "dateCreated": "x",
        "dateUpdated": "x",
        "lpaCreatedUser": True,
        "resetMfaSecret": True,
        "skills": [{"id": 1}],
        "profiles": "none",
        "lobs": 3,
        "managedAgentGroups": None,
        "memberOf": {"agentGroupId": BOTS, "assignmentDate": "x"},
    }
    assert account.change(USERS, SURVEY_BOT, **lies).status_code == 200
    assert account.one(USERS, SURVEY_BOT) == before | {"dateUpdated": TODAY}


@pytest.mark.parametrize(
    ("sent", "enabled", "manually"),
    [
        ({"isEnabled": False}, False, True),
        ({"isEnabled": False, "disabledManually": False}, False, False),
        ({"isEnabled": True}, True, False),
        ({"isEnabled": True, "disabledManually": True}, True, True),
    ],
)
def test_disabled_manually_follows_unless_it_is_said(
    account: Account, sent: dict[str, bool], enabled: bool, manually: bool
) -> None:
    before = without(account.one(USERS, SURVEY_BOT), "disabledManually")
    account.put(f"{USERS}/{SURVEY_BOT}", before | sent)
    after = account.one(USERS, SURVEY_BOT)
    assert (after["isEnabled"], after["disabledManually"]) == (enabled, manually)


def test_disabled_manually_left_out_stays_while_is_enabled_does(account: Account) -> None:
    account.change(USERS, SURVEY_BOT, isEnabled=False, disabledManually=False)
    account.put(
        f"{USERS}/{SURVEY_BOT}", without(account.one(USERS, SURVEY_BOT), "disabledManually")
    )
    assert account.one(USERS, SURVEY_BOT)["disabledManually"] is False


def test_the_assignment_date_changes_with_the_group(account: Account) -> None:
    before = account.one(USERS, ANA)["memberOf"]
    account.change(USERS, ANA, memberOf={"agentGroupId": SUPPORT})
    assert account.one(USERS, ANA)["memberOf"] == before
    account.change(USERS, ANA, memberOf={"agentGroupId": SALES_GROUP})
    moved = account.one(USERS, ANA)["memberOf"]
    assert moved == {"agentGroupId": SALES_GROUP, "assignmentDate": TODAY}


# Roles


def test_who_stops_being_agent_loses_what_agents_have(account: Account) -> None:
    account.change(USERS, SURVEY_BOT, profileIds=[ADMINISTRATOR])
    after = account.one(USERS, SURVEY_BOT)
    assert (after["maxChats"], after["maxAsyncChats"]) == (0, None)
    assert (after["memberOf"], after["skillIds"], after["skills"]) == (None, [], [])
    assert account.delete(f"{USERS}/{SURVEY_BOT}").status_code == 200


def test_who_stops_being_agent_manager_manages_no_group(account: Account) -> None:
    both = [AGENT, AGENT_MANAGER]
    account.change(USERS, ANA, profileIds=both, managerOf=[{"agentGroupId": SUPPORT}])
    assert account.one(USERS, ANA)["managedAgentGroups"] == [{"id": SUPPORT, "name": "Support"}]
    account.change(USERS, ANA, profileIds=[AGENT])
    assert account.one(USERS, ANA)["managerOf"] == []


def test_at_most_four_profiles_and_one_per_role(account: Account) -> None:
    every = [ADMINISTRATOR, AGENT, AGENT_MANAGER, CAMPAIGN_MANAGER]
    assert account.change(USERS, ANA, profileIds=every).status_code == 200
    lpa = account.create(PROFILES, profile("LPA", roleTypeId=5))["id"]
    second = account.create(PROFILES, profile())["id"]
    for profile_ids in ([*every, lpa], [AGENT, second], [AGENT, AGENT]):
        refused = account.change(USERS, ANA, profileIds=profile_ids)
        assert (refused.status_code, refused.json()["fields"]) == (400, ["profileIds"])


def test_who_is_no_agent_needs_neither_group_nor_chats(account: Account) -> None:
    body = without(human(profileIds=[ADMINISTRATOR]), "memberOf", "maxChats", "skillIds")
    assert account.create(USERS, body)["memberOf"] is None


# Login


def test_people_need_a_password_which_is_never_answered(account: Account) -> None:
    refused = account.post(USERS, without(human(), "passwordSh"))
    assert (refused.status_code, refused.json()["fields"]) == (400, ["passwordSh"])
    made = account.create(USERS, human(oldPassword="a", confirmPassword="b"))
    assert not {"passwordSh", "oldPassword", "confirmPassword"} & made.keys()
    assert made["lastPwdChangeDate"] == TODAY


def test_a_password_left_out_stays(account: Account) -> None:
    def stored() -> Any:
        return account.sandbox._store.get("users", str(INGRID))

    before = stored()
    for body in ({}, {"passwordSh": None}):
        account.put(f"{USERS}/{INGRID}", account.one(USERS, INGRID) | body)
    assert stored()["passwordSh"] == before["passwordSh"]
    account.change(USERS, INGRID, passwordSh="another-one")
    assert stored()["passwordSh"] not in (before["passwordSh"], "another-one")
    assert account.one(USERS, INGRID)["lastPwdChangeDate"] == TODAY


def test_a_bot_may_log_in_with_an_application(account: Account) -> None:
    client_id = account.create(APPS, application())["client_id"]
    assert account.create(USERS, bot(allowedAppKeys=client_id))["allowedAppKeys"] == client_id
    account.delete(f"{APPS}/{client_id}")
    refused = account.post(USERS, bot("second", allowedAppKeys=client_id))
    assert refused.json()["fields"] == ["allowedAppKeys"]


# Many, delete


def test_many_at_once(account: Account) -> None:
    made = account.post(USERS, [bot("one"), bot("two")])
    assert made.status_code == 201
    both = made.json()
    changed = account.put(USERS, [user | {"nickname": "Ava"} for user in both])
    assert [user["nickname"] for user in changed.json()] == ["Ava", "Ava"]
    ids = [str(user["id"]) for user in both]
    assert account.delete(USERS, body=[*ids, "1"]).status_code == 404
    assert account.delete(USERS, body=ids).status_code == 200
    assert len(account.list(USERS)) == SEEDED_USERS


@pytest.mark.parametrize("body", [[bot("one"), bot("one")], [bot("one"), 7], []])
def test_a_batch_is_made_as_a_whole_or_not_at_all(account: Account, body: list[Any]) -> None:
    revision = account.revision(USERS)
    assert account.post(USERS, body).status_code == 400
    assert (len(account.list(USERS)), account.revision(USERS)) == (SEEDED_USERS, revision)


def test_a_deleted_user_holds_its_name_and_frees_its_skill(account: Account) -> None:
    account.delete(f"{USERS}/{SURVEY_BOT}")
    assert account.get(f"{USERS}/{SURVEY_BOT}").status_code == 404
    assert account.post(USERS, bot("survey-bot")).json()["fields"] == ["loginName"]
    deleted = account.list(USERS, "&include_deleted=true")[-1]
    assert (deleted["id"], deleted["deleted"], deleted["dateUpdated"]) == (SURVEY_BOT, True, TODAY)
