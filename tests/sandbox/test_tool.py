"""The made-up credentials with which tools log in."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.support import APPS, KEYS, SKILLS, TOOL, USERS, Account

Open = Callable[..., Account]

NO_OPTIONS = {
    "accountId": "55501234",
    "username": "lebots-admin",
    "password": "not-a-real-password",
    "clientId": TOOL["client_id"],
    "clientSecret": TOOL["client_secret"],
}


def test_an_account_that_is_not_asked_for_them_has_no_application(account: Account) -> None:
    assert account.list(APPS) == []


def test_asking_for_them_installs_the_application_once(account: Account) -> None:
    revision = account.revision(APPS)
    assert account.sandbox.tool_access() == account.sandbox.tool_access() == NO_OPTIONS
    (app,) = account.list(APPS)
    assert (app["client_name"], app["id"]) == ("lebots.tool", TOOL["client_id"])
    assert account.revision(APPS) == revision, "as if it had been seeded"


def test_an_account_that_asks_who_is_there_has_it_from_the_start(open_account: Open) -> None:
    account = open_account({"authenticate": True})
    account.act_as_application()
    assert [app["client_name"] for app in account.list(APPS)] == ["lebots.tool"]
    account.sandbox.reset()
    account.act_as_application()
    assert account.get(SKILLS).status_code == 200


def test_both_of_them_work(open_account: Open) -> None:
    account = open_account({"authenticate": True})
    access = account.sandbox.tool_access()
    login = account.login(username=access["username"], password=access["password"])
    token = account.token(client_id=access["clientId"], client_secret=access["clientSecret"])
    for bearer in (login.json()["bearer"], token.json()["access_token"]):
        headers = {"Authorization": f"Bearer {bearer}"}
        assert account.get(USERS, headers=headers).status_code == 200


def test_what_no_longer_works_is_left_out(account: Account) -> None:
    account.sandbox.tool_access()
    (tool,) = [user for user in account.list(USERS) if user["loginName"] == "lebots-admin"]
    account.change(USERS, tool["id"], passwordSh="another-password")
    account.delete(f"{APPS}/{TOOL['client_id']}")
    assert account.sandbox.tool_access() == {"accountId": "55501234"}
    assert account.list(APPS) == [], "who uninstalls it means it"


def test_an_account_that_can_only_be_read_offers_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sandbox.db"
    Account(path=path).sandbox.close()
    monkeypatch.setattr(os, "access", lambda file, mode: mode != os.W_OK)
    account = Account(path=path, authenticate=True)
    offered = account.sandbox.tool_access()
    assert offered.keys() == {"accountId", "username", "password"}
    account.sandbox.close()


def test_fresh_secrets_work_and_the_well_known_ones_do_not(open_account: Open) -> None:
    """As `lebots sandbox serve` opens an account: people, the application, the OAuth 1 key."""
    account = open_account({"authenticate": True})
    account.sandbox.renew_secrets()
    access = account.sandbox.tool_access()
    assert access.keys() == NO_OPTIONS.keys()
    assert not {access["password"], access["clientSecret"]} & set(NO_OPTIONS.values())
    for person in ("lebots-admin", "ingrid.lund@acme.test"):
        assert account.login(username=person, password=NO_OPTIONS["password"]).status_code == 401
        assert account.login(username=person, password=access["password"]).status_code == 200
    assert account.token().status_code == 401
    account.act_as_application(client_secret=access["clientSecret"])
    (app,) = account.list(APPS)
    assert app["client_secret"] == access["clientSecret"], "what an answer shows is what works"
    (key,) = account.list(KEYS)
    old = {"appKey": key["keyId"], "accessToken": key["token"]}
    new = old | {"secret": key["appSecret"], "accessTokenSecret": key["tokenSecret"]}
    known = old | {"secret": "0" * 16, "accessTokenSecret": "0000000000000001"}
    assert account.login(username="survey-bot", **known).status_code == 401
    assert account.login(username="survey-bot", **new).status_code == 200


def test_two_processes_of_one_account_have_secrets_of_their_own(tmp_path: Path) -> None:
    options: dict[str, Any] = {"authenticate": True, "path": tmp_path / "a.db"}
    both = [Account(random=random.Random(number), **options) for number in range(2)]
    for one in both:
        one.sandbox.renew_secrets()
    for one, other in zip(both, reversed(both), strict=True):
        theirs, own = other.sandbox.tool_access(), one.sandbox.tool_access()
        login = {"username": "lebots-admin", "password": theirs["password"]}
        assert one.login(**login).status_code == 401
        assert one.login(**login | {"password": own["password"]}).status_code == 200
    for one in both:
        one.sandbox.close()
