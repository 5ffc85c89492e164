"""The agent view: who is in it, what is told of them, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.support import (
    ADMINISTRATOR,
    ANA,
    BILLING,
    BOTS,
    INGRID,
    NOW,
    SUPPORT,
    SURVEY_BOT,
    USERS,
    VIEW,
    Account,
    bot,
)

Open = Callable[..., Account]


@pytest.fixture
def account(open_account: Open) -> Account:
    return open_account()


def ids(account: Account, query: str = "", **filters: Any) -> list[int]:
    answer = account.view(query, **filters)
    assert answer.status_code == 200, answer.text
    return [int(one["agentId"]) for one in answer.json()["agentViewRecords"]]


def test_it_tells_what_was_asked_for(account: Account) -> None:
    (record,) = account.view(agentIds=[str(SURVEY_BOT)]).json()["agentViewRecords"]
    metadata = record.pop("agentMetadata")
    assert metadata["agentLoginName"] == "survey-bot"
    assert record == {
        "agentId": str(SURVEY_BOT),
        "agentGroupId": BOTS,
        "agentCurrentStatus": "ONLINE",
        "assignedConversations": 12,
    }


def test_a_new_bot_has_no_conversations_until_that_is_set(account: Account) -> None:
    made = account.create(USERS, bot("new-bot", maxAsyncChats=5))

    def now() -> tuple[str, int]:
        (record,) = account.view(
            agentIds=[str(made["id"])], effectiveAgentStatus=["ONLINE", "OFFLINE"]
        ).json()["agentViewRecords"]
        return record["agentCurrentStatus"], record["assignedConversations"]

    assert now() == now() == ("ONLINE", 0)
    account.sandbox.busy("new-bot", 7, "OFFLINE")
    assert now() == ("OFFLINE", 7)
    account.sandbox.reset()
    assert SURVEY_BOT in ids(account)


def test_it_has_agents_with_slots_that_are_neither_deleted_nor_disabled(account: Account) -> None:
    assert INGRID not in ids(account), "an administrator is no agent"
    assert {ANA, SURVEY_BOT} <= set(ids(account))
    account.change(USERS, ANA, isEnabled=False)
    account.change(USERS, SURVEY_BOT, maxAsyncChats=0)
    assert not {ANA, SURVEY_BOT} & set(ids(account))


def test_who_is_offline_is_in_it_only_where_that_is_asked_for(account: Account) -> None:
    account.sandbox.busy("survey-bot", 1, "OFFLINE")
    assert SURVEY_BOT not in ids(account)
    assert ids(account, effectiveAgentStatus="OFFLINE") == [SURVEY_BOT]


def test_filters_and_pages(account: Account) -> None:
    everybody = ids(account)
    assert ids(account, userTypes=["BOT"]) == [SURVEY_BOT]
    assert ids(account, agentGroupIds=[str(BOTS)]) == [SURVEY_BOT]
    assert set(ids(account, agentSkillIds=[str(BILLING)])) < set(everybody)
    assert ids(account, "offset=1&limit=2") == everybody[1:3]
    assert ids(account, "sort=agentId:desc") == everybody[::-1]


def test_an_agent_manager_sees_the_own_groups(open_account: Open) -> None:
    account = open_account({"authenticate": True})
    account.act_as("tomasz.wrobel@acme.test")
    assert SURVEY_BOT not in ids(account)
    assert ANA in ids(account, agentGroupIds=[str(SUPPORT)])
    account.act_as("lebots-admin")
    assert SURVEY_BOT in ids(account)
    account.http.headers.pop("Authorization")
    assert account.view().status_code == 401


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("offset=600&limit=401", None),
        ("limit=many", None),
        ("page=2", None),
        ("sort=colour:asc", None),
        ("", {}),
        ("", {"filters": {}}),
        ("", {"filters": {"time": {"from": "yesterday", "to": "now"}}}),
        ("", {"filters": {"time": {"from": int((NOW - 90_000) * 1000), "to": int(NOW * 1000)}}}),
        ("", {"filters": {"time": {"from": 0, "to": 1}}}),
        ("", {"filters": {"colour": []}}),
        ("", {"filters": {"effectiveAgentStatus": ["BUSY"]}}),
        ("", {"filters": {"agentIds": [ADMINISTRATOR]}}),
        ("", {"colour": 1}),
        ("", []),
    ],
)
def test_what_does_not_fit_is_refused(account: Account, query: str, body: Any) -> None:
    good = {"time": {"from": int((NOW - 3600) * 1000), "to": int(NOW * 1000)}}
    if isinstance(body, dict) and "filters" in body and "time" not in body["filters"]:
        body = {"filters": {**(good if body["filters"] else {}), **body["filters"]}}
    body = {"filters": good} if body is None else body
    assert account.ask("POST", f"{VIEW}?{query}", json=body).status_code == 400
    assert account.ask("GET", VIEW).status_code == 405
