"""Profiles, agent groups and LOBs (7)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.support import (
    ADMINISTRATOR,
    AGENT,
    BOTS,
    GROUPS,
    LOBS,
    PROFILES,
    RETAIL,
    SALES_GROUP,
    SUPPORT,
    SURVEY_BOT,
    USERS,
    Account,
    profile,
)

_GROUP = {"name": "Night", "isEnabled": True, "parentGroupId": -1}


def test_profiles_say_their_role_and_how_many_hold_them(account: Account) -> None:
    found = {one["id"]: one for one in account.list(PROFILES)}
    assert [one["roleTypeId"] for one in found.values()] == [1, 2, 3, 4]
    assert (found[AGENT]["roleTypeName"], found[AGENT]["numOfAssignedUsers"]) == ("Agent", 10)
    account.change(USERS, SURVEY_BOT, profileIds=[ADMINISTRATOR])
    assert account.one(PROFILES, AGENT)["numOfAssignedUsers"] == 9


def test_groups_list_their_users_on_request(account: Account) -> None:
    plain = account.list(GROUPS)
    assert all("members" not in group and "managers" not in group for group in plain)
    found = {group["id"]: group for group in account.list(GROUPS, "&getUsers=true")}
    assert found[BOTS]["members"] == [SURVEY_BOT]
    assert found[BOTS]["managers"] == []
    managers = {group: len(found[group]["managers"]) for group in (SUPPORT, SALES_GROUP)}
    assert managers == {SUPPORT: 2, SALES_GROUP: 1}


@pytest.mark.parametrize("path", [f"{GROUPS}/-1", f"{GROUPS}/0"])
def test_the_root_group_is_no_entry(account: Account, path: str) -> None:
    assert account.get(path).status_code == 404
    assert account.put(path, _GROUP).status_code == 404
    assert account.delete(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        (PROFILES, profile(), {"description": "new", "permissions": ["7"]}),
        (GROUPS, _GROUP, {"isEnabled": False, "parentGroupId": BOTS}),
        (LOBS, {"name": "Travel"}, {"description": "new"}),
    ],
)
def test_they_can_be_written(
    account: Account, path: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    made = account.create(path, body)
    assert account.change(path, made["id"], **change).status_code == 200
    after = account.one(path, made["id"])
    assert {name: str(after[name]) for name in change} == {
        name: str(value).replace("'", "") for name, value in change.items()
    }
    assert account.post(path, body).status_code == 400, "the name is taken"
    assert account.delete(f"{path}/{made['id']}").status_code == 200
    assert account.get(f"{path}/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (PROFILES, profile(roleTypeId=6), "roleTypeId"),
        (PROFILES, profile(permissionPackages=[{"id": 10001}]), "permissionPackages"),
        (PROFILES, {"name": "x", "roleTypeId": 2, "permissions": [], "permissionPackages": []},
         "isAssignedToLPA"),
        (GROUPS, {"name": "Night", "parentGroupId": -1}, "isEnabled"),
        (GROUPS, _GROUP | {"parentGroupId": None}, "parentGroupId"),
        (GROUPS, _GROUP | {"parentGroupId": 1}, "parentGroupId"),
        (LOBS, {"description": "no name"}, "name"),
    ],
)  # fmt: skip
def test_values_that_do_not_fit_are_refused(
    account: Account, path: str, body: dict[str, Any], field: str
) -> None:
    refused = account.post(path, body)
    assert (refused.status_code, refused.json()["fields"]) == (400, [field])


@pytest.mark.parametrize("item", [f"{PROFILES}/{AGENT}", f"{GROUPS}/{BOTS}", f"{LOBS}/{RETAIL}"])
def test_what_is_in_use_is_not_deleted(account: Account, item: str) -> None:
    assert account.delete(item).status_code == 400
    assert account.get(item).status_code == 200
