"""What a caller may do: people by their profiles, applications by their scope (2.1, 7.1, 9.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.support import (
    ADMIN,
    ALL,
    ANA,
    APPS,
    GROUPS,
    HOURS,
    KEYS,
    LEGACY_LOGIN,
    LOBS,
    OCCASIONS,
    PROFILES,
    RETAIL,
    SALES_GROUP,
    SKILLS,
    SUPPORT,
    SURVEY_BOT,
    USERS,
    Account,
    application,
    bot,
    profile,
)

Open = Callable[..., Account]

ADMINISTRATOR, AGENT, MANAGER, CAMPAIGN = (
    "ingrid.lund@acme.test",
    "ana.costa@acme.test",
    "tomasz.wrobel@acme.test",
    "leila.haddad@acme.test",
)
AGENT_AND_MANAGER = "lucas.moreau@acme.test"

_BODIES: dict[str, Any] = {
    USERS: bot(memberOf={"agentGroupId": SUPPORT}),
    SKILLS: {"name": "Returns"},
    PROFILES: profile(),
    GROUPS: {"name": "Night", "isEnabled": True, "parentGroupId": -1},
    LOBS: {"name": "Travel"},
    APPS: application(),
}
_EVERY = set(ALL)
_READ = {USERS, SKILLS, PROFILES, GROUPS, LOBS, HOURS, OCCASIONS}


@pytest.fixture
def closed(open_account: Open) -> Account:
    """An account that asks who is there."""
    return open_account({"authenticate": True})


@pytest.mark.parametrize(
    ("who", "reads", "writes"),
    [
        (ADMIN, _EVERY, set(_BODIES)),
        (ADMINISTRATOR, _EVERY, set(_BODIES)),
        (CAMPAIGN, _READ | {KEYS}, {USERS}),
        (MANAGER, _READ, {USERS}),
        (AGENT_AND_MANAGER, _READ, {USERS}),
        (AGENT, set(), set()),
    ],
)
def test_people(closed: Account, who: str, reads: set[str], writes: set[str]) -> None:
    closed.act_as(who)
    assert {path for path in ALL if closed.get(path).status_code == 200} == reads
    answers = {path: closed.post(path, body) for path, body in _BODIES.items()}
    assert {path for path, answer in answers.items() if answer.status_code == 201} == writes
    assert {answer.status_code for answer in answers.values()} <= {201, 403}


def test_bots_are_agents_too(closed: Account) -> None:
    bearer = closed.login(**LEGACY_LOGIN).json()["bearer"]
    assert closed.get(USERS, headers={"Authorization": f"Bearer {bearer}"}).status_code == 403


def test_a_missing_right_is_a_flat_403_that_speaks_of_a_privilege_error(closed: Account) -> None:
    closed.act_as(AGENT)
    refused = closed.get(USERS)
    assert refused.status_code == 403
    assert refused.json()["responseStatus"] == "FORBIDDEN"
    assert refused.json()["message"].startswith("Privilege error: ")


@pytest.mark.parametrize("header", [None, "", "Basic eDp5", "Bearer", "Bearer made-up", "bearer"])
def test_who_is_not_known_is_not_let_in(closed: Account, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    refused = closed.get(USERS, headers=headers)
    assert (refused.status_code, refused.json()["responseStatus"]) == (401, "UNAUTHORIZED")
    assert closed.get(KEYS, headers=headers).json().keys() == {"time", "message", "internalCode"}


def test_an_administrator_needs_the_permission_package(open_account: Open) -> None:
    account = open_account({"authenticate": True})
    found = account.sandbox.dump()["profiles"][0]
    packages = [
        package | {"isEnabled": package["id"] != 10003} for package in found["permissionPackages"]
    ]
    account.sandbox.put("profiles", found | {"permissionPackages": packages})
    account.act_as(ADMIN)
    assert account.post(SKILLS, {"name": "Returns"}).status_code == 403
    assert account.post(LOBS, {"name": "Travel"}).status_code == 201


def test_rights_follow_the_profiles_of_the_moment(closed: Account) -> None:
    closed.act_as(ADMINISTRATOR)
    assert closed.get(APPS).status_code == 200
    user = closed.sandbox.dump()["users"][0]
    closed.sandbox.put("users", user | {"profileIds": [4100200002]})
    assert closed.get(APPS).status_code == 403


def test_an_agent_manager_edits_users_of_the_own_groups_only(open_account: Open) -> None:
    account = open_account({"authenticate": True})
    account.act_as(MANAGER)
    there = {"memberOf": {"agentGroupId": SALES_GROUP}}
    assert account.change(USERS, ANA, nickname="Anita").status_code == 200
    assert account.change(USERS, ANA, **there).status_code == 200, "manages both groups"
    elsewhere = {"memberOf": {"agentGroupId": -1}}
    assert account.change(USERS, ANA, **elsewhere).status_code == 403
    assert account.change(USERS, SURVEY_BOT, nickname="Bo").status_code == 403
    assert account.delete(f"{USERS}/{SURVEY_BOT}").status_code == 403
    assert account.post(USERS, bot()).status_code == 403
    assert account.one(USERS, ANA)["memberOf"]["agentGroupId"] == SALES_GROUP
    assert account.delete(f"{USERS}/{ANA}").status_code == 200


def test_a_batch_with_one_foreign_user_is_refused_whole(closed: Account) -> None:
    closed.act_as(MANAGER)
    mine = bot("one", memberOf={"agentGroupId": SUPPORT})
    assert closed.post(USERS, [mine, bot("two")]).status_code == 403
    assert "one" not in [user["loginName"] for user in closed.list(USERS)]


# Applications


def test_the_application_of_tools_may_do_everything(closed: Account) -> None:
    closed.act_as_application()
    assert {closed.get(path).status_code for path in ALL} == {200}
    assert {closed.post(path, body).status_code for path, body in _BODIES.items()} == {201}


def test_an_application_needs_the_scope_for_users(open_account: Open) -> None:
    account = open_account({"authenticate": True})
    account.act_as(ADMIN)
    made = account.create(APPS, application(scope="msg.consumer"))
    account.act_as_application(client_id=made["id"], client_secret=made["client_secret"])
    refused = account.get(USERS)
    assert refused.status_code == 403
    assert "users.external" in refused.json()["message"]
    assert account.get(SKILLS).status_code == 200
    assert account.one(LOBS, RETAIL)["name"] == "Retail"


def test_a_token_may_ask_for_less_than_its_application_holds(closed: Account) -> None:
    closed.act_as_application(scope="users.read")
    assert closed.get(USERS).status_code == 403
    closed.act_as_application(scope="users.external")
    assert closed.get(USERS).status_code == 200
