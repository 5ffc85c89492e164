"""One login of a bot: what is sent, that it is tried once, and what its refusals mean."""

import json
import logging
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from lebots import __version__
from lebots.account.login import log_in_once
from lebots.core.model.secret import Secret
from lebots.errors import AccountError, NotSent, OutcomeUnknown, Rejected
from tests.account.vendor import (
    CANARY,
    HOSTS,
    LE_USERS,
    LOGIN,
    LOGOUT,
    REFUSED,
    VALUES,
    Answer,
    Clock,
    Vendor,
    breaks,
    connected,
    says,
    users,
)

LOG_IN, LOG_OUT = f"POST {LOGIN}", f"POST {LOGOUT}"
KEY: Mapping[str, str | Secret] = {
    "appKey": "1eb07500-0000-4000-8000-000000000002",
    "secret": Secret(f"{CANARY}-client-secret"),
    "accessToken": "dummy",
    "accessTokenSecret": "dummy",
}
IN = {"bearer": f"{CANARY}-bearer", "csrf": f"{CANARY}-csrf", "config": {"userId": "4100200455"}}


def log_in(clock: Clock, method: str = "oauth2") -> str:
    with connected(clock, method) as client:
        return log_in_once(client, "routing-bot", KEY)


def test_what_is_sent(vendor: Vendor, clock: Clock) -> None:
    assert log_in(clock) == "4100200455"
    (login,), (logout,) = vendor.to(LOG_IN), vendor.to(LOG_OUT)
    assert [sent.url.host for sent in (login, logout)] == [HOSTS["agentVep"]] * 2
    assert login.url.query == logout.url.query == b"v=1.3"
    assert json.loads(login.content) == {
        "username": "routing-bot",
        "appKey": "1eb07500-0000-4000-8000-000000000002",
        "secret": f"{CANARY}-client-secret",
        "accessToken": "dummy",
        "accessTokenSecret": "dummy",
    }
    assert json.loads(logout.content) == {"csrf": f"{CANARY}-csrf-1"}
    assert logout.headers["Cookie"] == f"Session_id={CANARY}-session-1"
    for sent in (login, logout):
        assert sent.headers["Content-Type"] == sent.headers["Accept"] == "application/json"
        assert sent.headers["User-Agent"] == f"lebots/{__version__}"
        assert "authorization" not in sent.headers, "the run's own credential is not the bot's"
    assert "cookie" not in login.headers
    assert vendor.calls[1:] == [LOG_IN, LOG_OUT], "nothing but the discovery before"


@pytest.mark.parametrize("method", VALUES)
def test_the_credential_of_the_run_stays_out_of_it(
    vendor: Vendor, clock: Clock, method: str
) -> None:
    """Nor does one session get the cookie of another, though all are on one host."""
    with connected(clock, method) as client:
        client.send(users())
        before = len(vendor.sent)
        log_in_once(client, "a", KEY)
        log_in_once(client, "b", KEY)
        inside = vendor.sent[before:]
        client.send(users())
    assert [sent.call for sent in inside] == [LOG_IN, LOG_OUT] * 2
    assert [sent.headers.get("Cookie") for sent in inside][::2] == [None, None]
    first, second = (sent.headers["Cookie"] for sent in inside[1::2])
    assert first != second
    for sent in inside:
        assert "authorization" not in sent.headers
        assert not any(value in sent.carries for value in VALUES[method].values())
    assert all("cookie" not in sent.headers for sent in vendor.to(f"GET {LE_USERS}/users"))
    if method == "login":
        last = vendor.sent[-1]
        assert (last.call, last.headers["Cookie"]) == (LOG_OUT, f"Session_id={CANARY}-session-1")


REFUSALS: dict[int, str] = {
    400: "",
    401: "; the key or the user is disabled, the user is linked to another key, the login name or "
    "the account is wrong, this address is not allowed to log in, or OAuth 1 is switched off",
    403: "",
    404: "",
    429: "; too many logins of this user; wait a while",
    451: "; LivePerson has blocked the account or the user; open a support case",
}


@pytest.mark.parametrize(("status", "hint"), REFUSALS.items())
def test_a_refusal_says_what_can_be_the_matter(
    vendor: Vendor, clock: Clock, status: int, hint: str
) -> None:
    vendor.on(LOG_IN, says(status, {"error": REFUSED}))
    with pytest.raises(Rejected) as raised:
        log_in(clock)
    assert str(raised.value) == f"POST {LOGIN}: {status} (internalCode 23){hint}"
    assert raised.value.status == status


TRIED_ONCE: list[Answer] = [
    *(says(status, {"error": REFUSED}) for status in (400, 401, 403, 429, 451, 500, 503)),
    says(429, {"error": REFUSED}, headers={"Retry-After": "1"}),
    says(302, headers={"Location": "https://evil.tld/"}),
    says(401, content=b"<html>canary</html>"),
    says(429, content=b""),
    says(content=b"<html>Log in</html>"),
    says(content=b'{"bearer": "canary'),
    breaks(httpx.ReadTimeout),
    breaks(httpx.RemoteProtocolError),
    breaks(httpx.ConnectError),
]


@pytest.mark.parametrize("answer", TRIED_ONCE)
def test_no_login_is_tried_twice(vendor: Vendor, clock: Clock, answer: Answer) -> None:
    """Failed logins can lock a user (reference 12 no. 26)."""
    vendor.on(LOG_IN, answer, says(json=IN))
    with pytest.raises(AccountError) as raised:
        log_in(clock)
    assert len(vendor.to(LOG_IN)) == 1
    assert vendor.to(LOG_OUT) == []
    assert sum(clock.waits) <= 1.0, "nothing is waited for"
    assert CANARY not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (breaks(httpx.ReadTimeout), OutcomeUnknown),
        (says(500, content=b""), OutcomeUnknown),
        (breaks(httpx.ConnectError), NotSent),
        (says(401, {"error": REFUSED}), Rejected),
    ],
)
def test_whether_the_bot_is_in_now(
    vendor: Vendor, clock: Clock, answer: Answer, error: type[AccountError]
) -> None:
    vendor.on(LOG_IN, answer)
    with pytest.raises(error):
        log_in(clock)


NOBODY: list[Any] = [
    None,
    [],
    [IN],
    "4100200455",
    {},
    {**IN, "config": None},
    {**IN, "config": []},
    {**IN, "config": {}},
    {**IN, "config": {"userId": None}},
    {**IN, "config": {"userId": ""}},
    {**IN, "bearer": None},
    {**IN, "bearer": ""},
    {"csrf": IN["csrf"], "config": IN["config"]},
]


@pytest.mark.parametrize("answer", NOBODY, ids=repr)
def test_a_login_that_names_nobody_has_failed(vendor: Vendor, clock: Clock, answer: Any) -> None:
    vendor.on(LOG_IN, says(json=answer))
    with pytest.raises(AccountError, match="the answer to the login names no user"):
        log_in(clock)
    assert len(vendor.to(LOG_OUT)) == isinstance(answer, dict), "what may be open is closed"


def test_an_empty_answer_has_failed_too(vendor: Vendor, clock: Clock) -> None:
    vendor.on(LOG_IN, says(content=b""))
    with pytest.raises(AccountError, match="the answer to the login names no user"):
        log_in(clock)


@pytest.mark.parametrize("user", ["4100200455", 4100200455])
def test_the_user_is_told_as_text(vendor: Vendor, clock: Clock, user: Any) -> None:
    vendor.on(LOG_IN, says(json={**IN, "config": {"userId": user}}))
    assert log_in(clock) == "4100200455"


@pytest.mark.parametrize(
    "answer",
    [
        says(401, {"error": REFUSED}),
        says(429, REFUSED),
        says(500, content=b""),
        says(content=b"<html>"),
        breaks(httpx.ReadTimeout),
        breaks(httpx.ConnectError),
    ],
)
def test_a_session_that_cannot_be_ended_is_no_failure(
    vendor: Vendor, clock: Clock, answer: Answer
) -> None:
    vendor.on(LOG_OUT, answer)
    assert log_in(clock) == "4100200455"
    assert len(vendor.to(LOG_OUT)) == 1


def test_nothing_of_it_is_logged_or_shown(
    vendor: Vendor,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name in ("", "httpx", "httpcore", "lebots"):
        caplog.set_level(logging.DEBUG, logger=name)
    log_in(clock)
    printed = capfd.readouterr()
    assert CANARY not in caplog.text + printed.out + printed.err
    assert CANARY not in f"{KEY!r}"
