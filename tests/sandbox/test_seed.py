"""The account as it is when it is new, and the large one."""

from __future__ import annotations

import pytest

from lebots.sandbox.collections.users import QUOTA
from tests.night import by_day
from tests.sandbox.support import (
    ALL,
    APPS,
    GROUPS,
    KEYS,
    LOBS,
    PROFILES,
    SEEDED_USERS,
    SKILLS,
    SURVEY_BOT,
    USERS,
    Account,
    bot,
)

_WRITABLE = [USERS, SKILLS, PROFILES, GROUPS, LOBS]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (SKILLS, ["Customer care", "Billing", "Sales", "Survey"]),
        (PROFILES, ["Administrator", "Agent", "Agent Manager", "Campaign Manager"]),
        (GROUPS, ["Bots", "Support", "Sales"]),
        (LOBS, ["Retail", "Wholesale"]),
        (APPS, []),
    ],
)
def test_what_is_there(account: Account, path: str, names: list[str]) -> None:
    assert [obj["name"] for obj in account.list(path)] == names


def test_there_is_one_older_bot_with_an_app_key(account: Account) -> None:
    (key,) = account.list(KEYS)
    assert (key["appName"], key["developerID"], len(key["keyId"])) == ("legacy-bots", "acme", 32)
    seeded = account.one(USERS, SURVEY_BOT)
    assert seeded["allowedAppKeys"] == key["keyId"]
    assert (seeded["userTypeId"], seeded["isApiUser"]) == (2, True)
    assert (seeded["nickname"], seeded["maxAsyncChats"]) == ("Sam", 50)


def test_there_are_a_dozen_people_with_one_of_each_office(account: Account) -> None:
    everybody = [user for user in account.list(USERS) if user["userTypeId"] == 1]
    people = [user for user in everybody if user["loginName"] != "lebots-admin"]
    roles = [[held["name"] for held in user["profiles"]] for user in people]
    assert len(people) == 12
    assert sum("Agent" in held for held in roles) == 9
    for office in ("Administrator", "Campaign Manager"):
        assert roles.count([office]) == 1


def test_tools_have_an_administrator_of_their_own(account: Account) -> None:
    (tool,) = [user for user in account.list(USERS) if user["loginName"] == "lebots-admin"]
    assert [held["name"] for held in tool["profiles"]] == ["Administrator"]


@pytest.mark.parametrize("path", _WRITABLE)
def test_everything_survives_being_written_back_unchanged(account: Account, path: str) -> None:
    account.sandbox.seed(users=3, skills=3)
    for before in account.list(path):
        answer = account.put(f"{path}/{before['id']}", before)
        assert answer.status_code == 200, answer.text
        after = account.one(path, before["id"])
        assert after | {"dateUpdated": ""} == before | {"dateUpdated": ""}


def test_users_carry_fields_that_clients_do_not_know(account: Account) -> None:
    for user in account.list(USERS):
        assert {"permissionGroups", "changePwdNextLogin", "isMyUser"} <= user.keys()


def test_a_large_account(account: Account) -> None:
    account.sandbox.seed(users=300, skills=40)
    account.sandbox.seed(users=200)
    users, skills = account.list(USERS), account.list(SKILLS)
    assert (len(users), len(skills)) == (SEEDED_USERS + 500, 44)
    assert len({user["loginName"] for user in users}) == len(users)
    assert len({obj["id"] for obj in users + skills}) == len(users + skills)
    assert all(user["skills"] and user["memberOf"] for user in users[SEEDED_USERS:])


def test_seeding_counts_as_one_change_of_each_collection(account: Account) -> None:
    before = {path: int(account.revision(path)) for path in (USERS, SKILLS, LOBS)}
    account.sandbox.seed(users=5)
    after = {path: int(account.revision(path)) for path in (USERS, SKILLS, LOBS)}
    assert after == before | {USERS: before[USERS] + 1}


@pytest.mark.parametrize("quota", by_day([QUOTA, 100], [100]))
def test_a_full_account_lists_whole_and_takes_no_further_user(
    account: Account, quota: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert QUOTA == 18_000
    monkeypatch.setattr("lebots.sandbox.collections.users.QUOTA", quota)
    account.sandbox.seed(users=quota - SEEDED_USERS - 1)
    last = account.post(USERS, bot("last"))
    assert last.status_code == 201
    assert len(account.get(USERS, ALL[USERS]).json()) == quota
    refused = account.post(USERS, bot("one-too-many"))
    assert refused.status_code == 400
    assert str(quota) in refused.json()["message"]
    account.delete(f"{USERS}/{last.json()['id']}")
    assert account.post(USERS, bot("instead")).status_code == 201
