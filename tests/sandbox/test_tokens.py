"""Sentinel (2.2): access tokens for client credentials."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.support import (
    APPS,
    NOW,
    SKILLS,
    TOKEN,
    TOKEN_V1,
    TOOL,
    USERS,
    Account,
    application,
    without,
)

Open = Callable[..., Account]


@pytest.fixture
def account(open_account: Open) -> Account:
    """An account where the application for tools is installed."""
    opened = open_account()
    opened.sandbox.tool_access()
    return opened


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return found


def test_a_token(account: Account) -> None:
    answer = account.token()
    assert answer.status_code == 200
    body = answer.json()
    assert without(body, "access_token") == {"token_type": "Bearer", "expires_in": 3600}
    assert answer.headers["cache-control"] == "no-store"
    claims = _claims(body["access_token"])
    assert claims["azp"] == TOOL["client_id"]
    assert claims["aud"] == "55501234"
    assert claims["scope"] == "users.external users.read users.write"
    assert claims["exp"] - claims["iat"] == 3600


@pytest.mark.parametrize("query", ["", "?v=2.0"])
def test_the_second_version_with_and_without_v(account: Account, query: str) -> None:
    assert account.token(query).status_code == 200


def test_credentials_in_the_query_string_work_and_are_not_noted(account: Account) -> None:
    answer = account.ask("POST", TOKEN, params=TOOL)
    assert answer.status_code == 200
    noted = account.sandbox.requests[-1][1]
    assert TOOL["client_secret"] not in noted
    assert "client_secret=***" in noted


def test_the_first_version(account: Account) -> None:
    answer = account.ask("POST", f"{TOKEN_V1}?v=1.0", data=TOOL)
    assert answer.status_code == 200
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert account.ask("POST", f"{TOKEN_V1}?v=2.0", data=TOOL).status_code == 400


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        (TOOL | {"client_secret": "another"}, 401, "invalid_client"),
        (TOOL | {"client_id": "nobody"}, 401, "invalid_client"),
        (TOOL | {"grant_type": "password"}, 400, "unsupported_grant_type"),
        (TOOL | {"scope": "everything"}, 400, "invalid_scope"),
        (TOOL | {"clientid": "x"}, 400, "invalid_request"),
        (without(TOOL, "client_id"), 400, "invalid_request"),
        (without(TOOL, "client_secret"), 400, "invalid_request"),
        (without(TOOL, "grant_type"), 400, "invalid_request"),
        (TOOL | {"client_id": ["a", "b"]}, 400, "invalid_request"),
        ({}, 400, "invalid_request"),
    ],
)
def test_what_is_refused(account: Account, form: dict[str, Any], status: int, error: str) -> None:
    refused = account.ask("POST", TOKEN, data=form)
    assert refused.status_code == status
    assert refused.json().keys() == {"error", "error_description"}
    assert refused.json()["error"] == error
    assert "not-a-real" not in refused.text


def test_the_form_of_a_token_request(account: Account) -> None:
    assert account.ask("POST", TOKEN, json=TOOL).status_code == 400
    assert account.ask("POST", f"{TOKEN}?client_id=x", data=TOOL).status_code == 400
    assert account.ask("GET", TOKEN, params=TOOL).status_code == 405
    foreign = TOKEN.replace("55501234", "4711")
    assert account.ask("POST", foreign, data=TOOL).json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"enabled": False}, "invalid_client"),
        (
            {"grant_types": ["authorization_code"], "redirect_uris": ["https://a.test"]},
            "unauthorized_client",
        ),
        ({"grant_types": []}, "unauthorized_client"),
    ],
)
def test_an_application_that_may_not(account: Account, fields: dict[str, Any], error: str) -> None:
    made = account.create(APPS, application(**fields))
    form = {"client_id": made["id"], "client_secret": made["client_secret"]}
    assert account.token(**form).json()["error"] == error


def test_an_uninstalled_application_gets_none(account: Account) -> None:
    made = account.create(APPS, application())
    form = {"client_id": made["id"], "client_secret": made["client_secret"]}
    assert account.token(**form).status_code == 200
    account.delete(f"{APPS}/{made['id']}")
    assert account.token(**form).status_code == 401


def test_a_token_lets_in_for_an_hour(open_account: Open) -> None:
    clock = Clock()
    account = open_account({"authenticate": True, "now": clock})
    assert account.get(SKILLS).status_code == 401
    account.act_as_application()
    assert account.get(SKILLS).status_code == 200
    clock.now += 3599
    assert account.get(SKILLS).status_code == 200
    clock.now += 1
    assert account.get(SKILLS).status_code == 401
    account.act_as_application()
    assert account.get(SKILLS).status_code == 200


def test_two_tokens_of_one_application_work_side_by_side(open_account: Open) -> None:
    account = open_account({"authenticate": True})
    tokens = [account.token().json()["access_token"] for _ in range(2)]
    assert len(set(tokens)) == 2
    for token in tokens:
        answer = account.get(USERS, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        changed = account.get(USERS, headers={"Authorization": f"Bearer {token}x"})
        assert changed.status_code == 401


def test_going_back_to_the_seeded_account_ends_tokens(open_account: Open) -> None:
    account = open_account({"authenticate": True})
    account.act_as_application()
    account.sandbox.reset()
    assert account.get(SKILLS).status_code == 401
