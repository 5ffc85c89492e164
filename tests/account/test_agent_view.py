"""The agent view: what is asked, what is made of odd answers, and that nobody waits for it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from lebots.account.agent_view import presences
from lebots.account.client import Client
from lebots.core.model.change import Presence
from lebots.errors import AccountError
from tests.account.vendor import (
    ACCOUNT,
    NOON,
    REFUSED,
    TOKEN,
    Answer,
    Clock,
    Vendor,
    breaks,
    connected,
    domain_api,
    says,
    streams,
)
from tests.sandbox.support import SURVEY_BOT, Account

VIEW = f"POST /manager_workspace/api/account/{ACCOUNT}/agent_view"
HOST = "zz1.agentmng.liveperson.net"


@pytest.fixture(autouse=True)
def known(vendor: Vendor) -> None:
    hosts = domain_api(agentManagerWorkspace=HOST)
    vendor.on(f"GET /api/account/{ACCOUNT}/service", says(json=hosts))


def asked(clock: Clock, *users: str) -> dict[str, Presence]:
    with connected(clock, "oauth2") as client:
        return dict(presences(client, users or ("1", "2"), NOON))


def view(*records: Any, **more: Any) -> Answer:
    return says(json={"metadata": {"count": len(records)}, "agentViewRecords": records, **more})


def one(**record: Any) -> Answer:
    return view({"agentId": "1", **record})


def test_what_is_asked(vendor: Vendor, clock: Clock) -> None:
    vendor.on(VIEW, view())
    assert asked(clock) == {}
    (sent,) = vendor.to(VIEW)
    assert sent.url.host == HOST
    assert dict(sent.url.params) == {"offset": "0", "limit": "2", "sort": "agentId:asc"}
    body = json.loads(sent.content)
    time = body["filters"].pop("time")
    assert body == {
        "filters": {
            "agentIds": ["1", "2"],
            "effectiveAgentStatus": ["ONLINE", "BACK_SOON", "AWAY", "OFFLINE"],
        },
        "includeAgentMetadata": False,  # names of people
        "metricsToRetrieveCurrentValue": [
            "assigned_conversations",
            "active_conversations",
            "agent_current_status",
        ],
    }
    assert time["to"] == NOON * 1000
    assert 0 < time["to"] - time["from"] < 24 * 3600 * 1000
    assert max(filter(None, sent.timeout.values())) == 10.0


def test_it_is_a_read_and_asks_for_a_thousand_at_most(vendor: Vendor, clock: Clock) -> None:
    vendor.on(VIEW, view())
    with connected(clock, "oauth2") as client:
        presences(client, [str(number) for number in range(1200)], NOON)
        assert client.calls == (calls := type(client.calls)(1, 0)), calls
    (sent,) = vendor.to(VIEW)
    assert sent.url.params["limit"] == "1000"
    assert len(json.loads(sent.content)["filters"]["agentIds"]) == 1000


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (
            {"agentCurrentStatus": "ONLINE", "assignedConversations": 12, "colour": {"x": [1]}},
            Presence("online", 12),
        ),
        (
            {"agentCurrentStatus": "BACK_SOON", "assignedConversations": "3"},
            Presence("back soon", 3),
        ),
        ({"agentCurrentStatus": "Offline", "activeConversations": 2.0}, Presence("offline", 2)),
        (
            {"agentCurrentStatus": "AWAY", "assignedConversations": None, "activeConversations": 1},
            Presence("away", 1),
        ),
        ({"assignedConversations": 0}, Presence("", 0)),
        ({"agentCurrentStatus": "AWAY", "assignedConversations": True}, Presence("away")),
        ({"agentCurrentStatus": "AWAY", "assignedConversations": -1}, Presence("away")),
        ({"agentCurrentStatus": "AWAY", "assignedConversations": "1e9"}, Presence("away")),
        ({"agentCurrentStatus": "AWAY", "assignedConversations": 10**30}, Presence("away")),
        ({"agentCurrentStatus": "\x1b[2J", "assignedConversations": 1}, Presence("", 1)),
        ({"agentCurrentStatus": "X" * 21, "assignedConversations": 1}, Presence("", 1)),
        ({"agentCurrentStatus": 7}, None),
        ({}, None),
    ],
)
def test_odd_records(vendor: Vendor, clock: Clock, record: Any, told: Presence | None) -> None:
    vendor.on(VIEW, one(**record))
    assert asked(clock) == ({} if told is None else {"1": told})


def test_ids_may_be_numbers_and_nobody_else_is_told_of(vendor: Vendor, clock: Clock) -> None:
    busy = {"agentCurrentStatus": "ONLINE", "assignedConversations": 1}
    vendor.on(VIEW, view({"agentId": 1, **busy}, {"agentId": "9", **busy}, busy, "odd", None))
    assert asked(clock) == {"1": Presence("online", 1)}


class _Endless(httpx.SyncByteStream):
    """A body that never ends, a byte each second."""

    def __init__(self, tick: Callable[[float], None]) -> None:
        self._tick = tick

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self._tick(1.0)
            yield b" "


@pytest.mark.parametrize(
    "answer",
    [
        *(says(status, REFUSED) for status in (400, 401, 403, 404, 429, 500, 503)),
        says(429, REFUSED, headers={"Retry-After": "3600"}),
        says(302, headers={"Location": "https://elsewhere.invalid"}),
        breaks(httpx.ReadTimeout),
        breaks(httpx.ConnectError),
        says(content=b""),
        says(content=b"<html>"),
        says(json=[]),
        says(json={"agentViewRecords": {"1": {}}}),
        says(json=None),
    ],
)
def test_what_does_not_tell_is_asked_once_and_not_waited_for(
    vendor: Vendor, clock: Clock, answer: Answer
) -> None:
    vendor.on(VIEW, answer)
    before = clock.now
    with pytest.raises(AccountError):
        asked(clock)
    # A token that was refused may have run out, so that is renewed once.
    assert len(vendor.to(VIEW)) <= 1 + (len(vendor.to(f"POST {TOKEN}")) > 1)
    assert clock.now - before < 10


def test_an_answer_without_end_is_left_after_ten_seconds(vendor: Vendor, clock: Clock) -> None:
    vendor.on(VIEW, streams(_Endless(clock.wait)))
    before = clock.now
    with pytest.raises(AccountError):
        asked(clock)
    assert clock.now - before < 15


def test_an_account_without_the_service(vendor: Vendor, clock: Clock) -> None:
    vendor.on(f"GET /api/account/{ACCOUNT}/service", says(json=domain_api()))
    with pytest.raises(AccountError, match="agentManagerWorkspace is not available"):
        asked(clock)
    assert vendor.to(VIEW) == []


def test_the_embedded_account_understands_it_as_the_vendor_would() -> None:
    account = Account()
    account.sandbox.busy("ana.costa@acme.test", 2, "AWAY")
    client = Client(account.sandbox.account, account.http, lambda service: "https://sandbox.test")
    told = presences(client, [str(SURVEY_BOT), "4100200304", "77"], NOON)
    assert told == {str(SURVEY_BOT): Presence("online", 12), "4100200304": Presence("away", 2)}
