"""The login service (8): people by password, bots by key, refresh, logout, one session a user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.support import (
    ADMIN,
    APPS,
    KEYS,
    LEGACY_KEY,
    LEGACY_LOGIN,
    LOGIN,
    LOGOUT,
    NOW,
    PASSWORD,
    REFRESH,
    SKILLS,
    SURVEY_BOT,
    USERS,
    Account,
    application,
    bot,
    without,
)
from tests.sandbox.test_tokens import Clock

Open = Callable[..., Account]


def _with_application(account: Account) -> dict[str, Any]:
    """A bot that logs in with an OAuth 2 application, and the body of its login."""
    made = account.create(APPS, application())
    account.create(USERS, bot("faq-bot", allowedAppKeys=made["id"]))
    return {
        "username": "faq-bot",
        "appKey": made["id"],
        "secret": made["client_secret"],
        "accessToken": "dummy",
        "accessTokenSecret": "dummy",
    }


def test_the_answer_to_a_login(account: Account) -> None:
    answer = account.login(username=ADMIN, password=PASSWORD)
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {
        "csrf",
        "wsuk",
        "sessionTTl",
        "bearer",
        "config",
        "csdsCollectionResponse",
        "accountData",
    }
    assert body["sessionTTl"] == "28800000"
    assert len(body["bearer"]) == len(body["csrf"]) == 64
    config = body["config"]
    assert (config["loginName"], config["userId"]) == (ADMIN, "4100200314")
    assert (config["isAdmin"], config["isLPA"]) == (True, False)
    assert config["serverCurrentTime"] == NOW * 1000
    hosts = account.ask("GET", "/api/account/55501234/service/baseURI.json").json()
    assert body["csdsCollectionResponse"] == hosts
    assert body["accountData"]["agentGroupsData"]["items"][0] == {"id": -1, "name": "Main Group"}
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("Session_id=")
    assert "HttpOnly" in cookie
    assert body["bearer"] not in cookie


def test_bots_are_no_administrators(account: Account) -> None:
    config = account.login(**LEGACY_LOGIN).json()["config"]
    assert (config["userId"], config["isAdmin"]) == (str(SURVEY_BOT), False)


def test_a_bot_logs_in_with_its_application(account: Account) -> None:
    body = _with_application(account)
    answer = account.login(**body)
    assert answer.status_code == 200
    assert answer.json()["config"]["loginName"] == "faq-bot"


@pytest.mark.parametrize("query", ["", "?v=1.3"])
def test_v_may_be_left_out(account: Account, query: str) -> None:
    body = {"username": ADMIN, "password": PASSWORD}
    assert account.ask("POST", LOGIN + query, json=body).status_code == 200
    assert account.ask("POST", f"{LOGIN}?v=1.2", json=body).status_code == 400
    assert account.ask("POST", f"{LOGIN}?version=1.3", json=body).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"username": ADMIN},
        {"username": "", "password": PASSWORD},
        {"username": 7, "password": PASSWORD},
        {"username": ADMIN, "password": None},
        {"username": ADMIN, "password": PASSWORD, "appKey": LEGACY_KEY},
        {"assertion": "saml", "jwt": "dummy"},
        without(LEGACY_LOGIN, "accessToken"),
        LEGACY_LOGIN | {"accessTokensecret": "x"},
    ],
)
def test_a_body_that_is_no_login_is_a_400(account: Account, body: Any) -> None:
    refused = account.ask("POST", f"{LOGIN}?v=1.3", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["responseStatus"] == "BAD_REQUEST"
    assert account.ask("GET", LOGIN).status_code == 405


def test_whatever_is_wrong_the_401_is_the_same(account: Account) -> None:
    good = _with_application(account)
    wrong: list[dict[str, Any]] = [
        {"username": ADMIN, "password": "another"},
        {"username": "nobody", "password": PASSWORD},
        {"username": "survey-bot", "password": ""},
        {"username": "noor.devries@acme.test", "password": PASSWORD},  # disabled
        good | {"secret": "another"},
        good | {"username": "survey-bot"},
        good | {"username": ADMIN},
        good | {"appKey": LEGACY_KEY},
        good | {"accessToken": ""},
        *(LEGACY_LOGIN | {name: "another"} for name in without(LEGACY_LOGIN, "username")),
    ]
    bodies = [account.login(**body) for body in wrong]
    assert [answer.status_code for answer in bodies] == [401] * len(wrong)
    assert {answer.text for answer in bodies} == {bodies[0].text}
    assert bodies[0].json() == {
        "error": {
            "time": NOW * 1000,
            "message": "Bad account, user or credentials",
            "internalCode": 10,
            "responseStatus": "UNAUTHORIZED",
        }
    }
    assert "set-cookie" not in bodies[0].headers
    foreign = account.ask("POST", LOGIN.replace("55501234", "4711"), json=wrong[0])
    assert foreign.status_code == 401


def _disable_user(account: Account) -> None:
    account.change(USERS, SURVEY_BOT, isEnabled=False)


def _delete_user(account: Account) -> None:
    account.delete(f"{USERS}/{SURVEY_BOT}")


def _other_key(account: Account) -> None:
    account.change(USERS, SURVEY_BOT, allowedAppKeys=account.create(APPS, application())["id"])


def _no_bot(account: Account) -> None:
    user = account.sandbox.dump()["users"][-1]
    account.sandbox.put("users", user | {"userTypeId": 1})


def _no_api_user(account: Account) -> None:
    user = account.sandbox.dump()["users"][-1]
    account.sandbox.put("users", user | {"isApiUser": False})


def _key(**fields: Any) -> Callable[[Account], None]:
    def change(account: Account) -> None:
        account.sandbox.put("appKeys", account.one(KEYS, LEGACY_KEY) | fields)

    return change


def _second_of_the_name(account: Account) -> None:
    account.sandbox.put("users", bot("Survey-Bot"))


@pytest.mark.parametrize(
    "change",
    [
        _disable_user,
        _delete_user,
        _other_key,
        _no_bot,
        _no_api_user,
        _second_of_the_name,
        _key(enabled=False),
        _key(ipRanges=["10.0.0.0/8"]),
        _key(ipRanges=["no range"]),
        _key(tokenSecret=""),
    ],
)
def test_the_preconditions_of_a_bots_login(
    account: Account, change: Callable[[Account], None]
) -> None:
    assert account.login(**LEGACY_LOGIN).status_code == 200
    change(account)
    assert account.login(**LEGACY_LOGIN).status_code == 401


def test_a_key_for_some_addresses_works_from_there(account: Account) -> None:
    _key(ipRanges=["10.0.0.0/8", "127.0.0.1"])(account)
    assert account.login(**LEGACY_LOGIN).status_code == 200


def test_an_account_without_bot_users_lets_no_bot_in(open_account: Open) -> None:
    assert open_account(bot_users="off").login(**LEGACY_LOGIN).status_code == 401


def test_a_disabled_application_logs_nobody_in(account: Account) -> None:
    body = _with_application(account)
    (app,) = account.list(APPS)
    account.put(f"{APPS}/{app['id']}", app | {"enabled": False})
    assert account.login(**body).status_code == 401


# Sessions


def test_a_second_login_ends_the_first(open_account: Open) -> None:
    account = open_account({"authenticate": True})
    first, second = account.login_as(ADMIN), account.login_as(ADMIN)
    statuses = [
        account.get(SKILLS, headers={"Authorization": f"Bearer {login['bearer']}"}).status_code
        for login in (first, second)
    ]
    assert statuses == [401, 200]


def test_sessions_of_different_users_do_not_touch(open_account: Open) -> None:
    account = open_account({"authenticate": True})
    account.act_as(ADMIN)
    account.login_as("ingrid.lund@acme.test")
    assert account.get(SKILLS).status_code == 200


def test_a_session_lasts_eight_hours_and_refresh_starts_them_anew(open_account: Open) -> None:
    clock = Clock()
    account = open_account({"authenticate": True, "now": clock})
    login = account.login_as(ADMIN)
    csrf = login["csrf"]
    account.http.headers["Authorization"] = f"Bearer {login['bearer']}"
    clock.now += 8 * 3600 - 1
    refreshed = account.ask("POST", f"{REFRESH}?v=1.3", json={"csrf": csrf})
    assert (refreshed.status_code, refreshed.content) == (200, b"")
    clock.now += 8 * 3600 - 1
    assert account.get(SKILLS).status_code == 200
    clock.now += 1
    assert account.get(SKILLS).status_code == 401
    assert account.ask("POST", REFRESH, json={"csrf": csrf}).status_code == 401


def test_logout_ends_the_session(open_account: Open) -> None:
    account = open_account({"authenticate": True})
    login = account.login_as(ADMIN)
    account.http.headers["Authorization"] = f"Bearer {login['bearer']}"
    ended = account.ask("POST", LOGOUT, json={"csrf": login["csrf"]})
    assert (ended.status_code, ended.content) == (200, b"")
    assert account.get(SKILLS).status_code == 401
    again = account.ask("POST", LOGOUT, json={"csrf": login["csrf"]})
    assert again.status_code == 401


@pytest.mark.parametrize("path", [REFRESH, LOGOUT])
def test_refresh_and_logout_need_cookie_and_csrf(account: Account, path: str) -> None:
    csrf = account.login_as(ADMIN)["csrf"]
    wrong = account.ask("POST", path, json={"csrf": "another"})
    assert wrong.status_code == 401
    assert wrong.json()["error"]["internalCode"] == 10
    assert wrong.json()["error"]["message"] == "Bad csrf"
    assert account.ask("POST", path, json={}).status_code == 401
    assert account.ask("POST", path, json={"csfr": csrf}).status_code == 401
    account.http.cookies.clear()
    assert (
        account.ask("POST", path, json={"csrf": csrf}).json()["error"]["message"] == "Bad session"
    )


def test_secrets_in_a_path_are_not_noted(account: Account) -> None:
    login = account.login_as(ADMIN)
    account.ask("GET", f"/ws_api/account/55501234/messaging/brand/{login['bearer']}?v=2.1")
    assert account.sandbox.requests[-1][1] == "/ws_api/account/55501234/messaging/brand/***?v=2.1"


def test_five_failures_then_success_of_another_disable_nobody(open_account: Open) -> None:
    account = open_account(login_lockout=5)
    for _ in range(4):
        account.login(**LEGACY_LOGIN | {"secret": "x"})
    assert account.login(**LEGACY_LOGIN).status_code == 200, "a success ends the row"
    for _ in range(4):
        account.login(**LEGACY_LOGIN | {"secret": "x"})
    assert account.login(**LEGACY_LOGIN).status_code == 200
