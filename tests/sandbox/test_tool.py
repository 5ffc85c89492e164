"""The made-up credentials with which tools log in."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.support import APPS, SKILLS, TOOL, USERS, Account

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
