"""How long lebots waits before it asks again, on a clock that only waiting moves."""

import os
import time
from email.utils import formatdate
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.account.pace import Pace, epoch, retry_after
from lebots.errors import AccountError, Interrupted, OutcomeUnknown, Rejected
from lebots.run.interruptible_sleep import InterruptibleSleep
from tests.account.vendor import (
    LE_USERS,
    LOGIN,
    NOON,
    REFUSED,
    TOKEN,
    Clock,
    Vendor,
    breaks,
    connected,
    says,
    users,
)

READ, CREATE = f"GET {LE_USERS}/users", f"POST {LE_USERS}/users"
WRITES = ("POST", "PUT", "DELETE")
TURN = 0.5
"""The least time between two requests of an account of LivePerson."""


def patience(clock: Clock) -> list[float]:
    """The waits for the account, without those between two requests."""
    return [wait for wait in clock.waits if wait > TURN]


# Retry-After

SAID = {
    "": 1.0,
    "0": 1.0,
    "1": 1.0,
    "2": 2.0,
    " 17 ": 17.0,
    "60": 60.0,
    "61": 60.0,
    "3600": 60.0,
    "9" * 400: 60.0,
    "-1": 1.0,
    "-3600": 1.0,
    "+5": 1.0,
    "1.5": 1.0,
    "0x10": 1.0,
    "1e3": 1.0,
    "NaN": 1.0,
    "Infinity": 1.0,
    "\u0665": 1.0,
    "\u00b2": 1.0,
    "5 seconds": 1.0,
    "soon": 1.0,
    "5, 17": 1.0,
    "\x00": 1.0,
    formatdate(NOON + 17, usegmt=True): 17.0,
    formatdate(NOON + 3600, usegmt=True): 60.0,
    formatdate(NOON - 17, usegmt=True): 1.0,
    formatdate(NOON, usegmt=True): 1.0,
    "Sun, 06 Nov 1994 08:49:37 GMT": 1.0,
    "Fri, 31 Dec 9999 23:59:59 GMT": 60.0,
    "Fri, 31 Dec 9999 23:59:59 -2300": 60.0,
    "Mon, 01 Jan 0001 00:00:00 +2300": 1.0,
    "Mon, 99 Foo 2026 99:99:99 GMT": 1.0,
    "Sun Nov  6 08:49:37 2044": 60.0,
}


@pytest.mark.parametrize(("header", "seconds"), SAID.items())
def test_what_retry_after_says(header: str, seconds: float) -> None:
    assert retry_after(header, NOON) == seconds


@given(
    st.text(max_size=40)
    | st.text("0123456789 :,+-.GMTJanSu", max_size=40)
    | st.datetimes().map(lambda when: when.strftime("%a, %d %b %Y %H:%M:%S GMT"))
)
def test_any_header_gives_between_a_second_and_a_minute(header: str) -> None:
    assert 1.0 <= retry_after(header, NOON) <= 60.0


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784111777.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777.0),
        ("Sun Nov  6 08:49:37 1994", 784111777.0),
        ("Sun, 06 Nov 1994 08:49:37 -0000", 784111777.0),
        ("Sun, 06 Nov 1994 09:49:37 +0100", 784111777.0),
        ("", None),
        ("yesterday", None),
        ("784111777", None),
    ],
)
def test_dates_are_read_alike_wherever_lebots_runs(
    monkeypatch: pytest.MonkeyPatch, date: str, seconds: float | None
) -> None:
    before = os.environ.get("TZ")
    try:
        for zone in ("UTC", "Pacific/Auckland"):
            os.environ["TZ"] = zone
            time.tzset()
            assert epoch(date) == seconds
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()


# 429


@pytest.mark.parametrize("header", [None, *(said for said in SAID if said.isascii())])
def test_after_a_429_a_read_waits_and_asks_again(
    vendor: Vendor, clock: Clock, header: str | None
) -> None:
    raw = {} if header is None else {"Retry-After": header}
    vendor.on(READ, says(429, REFUSED, headers=raw), says(json=[{"id": 1}]))
    with connected(clock) as client:
        assert client.send(users()).data == [{"id": 1}]
    waited = patience(clock)
    assert waited == [SAID[header or ""]]
    assert len(vendor.to(READ)) == 2


def test_but_not_without_end(vendor: Vendor, clock: Clock) -> None:
    vendor.on(READ, says(429, REFUSED, headers={"Retry-After": "3600"}))
    with connected(clock) as client, pytest.raises(Rejected, match="429 No") as raised:
        client.send(users())
    assert raised.value.status == 429
    assert len(vendor.to(READ)) == 6
    assert patience(clock)[:5] == [60.0] * 5
    assert clock.now - 1000 < 6 * 60


@pytest.mark.parametrize("method", WRITES)
def test_a_write_that_the_account_refused_so_is_sent_again(
    vendor: Vendor, clock: Clock, method: str
) -> None:
    call = f"{method} {LE_USERS}/users"
    vendor.on(call, says(429, REFUSED), says(json={"id": 1}))
    with connected(clock) as client:
        assert client.send(users(method)).data == {"id": 1}
    first, second = vendor.to(call)
    assert (first.url, first.content) == (second.url, second.content)
    assert patience(clock) == [1.0]


FOREIGN = [
    pytest.param(b"<html>Slow down</html>", id="HTML"),
    pytest.param(b"Slow down", id="plain text"),
    pytest.param(b"[]", id="a list"),
    pytest.param(b"null", id="null"),
    pytest.param(b'"slow down"', id="text"),
    pytest.param(b'{"message": "No"', id="cut short"),
    pytest.param(b'{"message": "No", "message": "Yes"}', id="a key twice"),
    pytest.param(b"\xff\xfe", id="no text"),
]


@pytest.mark.parametrize("content", FOREIGN)
@pytest.mark.parametrize("method", WRITES)
def test_a_write_that_something_in_between_refused_is_not(
    vendor: Vendor, clock: Clock, method: str, content: bytes
) -> None:
    call = f"{method} {LE_USERS}/users"
    vendor.on(call, says(429, content=content))
    with connected(clock) as client, pytest.raises(OutcomeUnknown, match="429"):
        client.send(users(method))
    assert len(vendor.to(call)) == 1
    assert patience(clock) == []


# 5xx


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 599])
@pytest.mark.parametrize("failures", [1, 2, 3])
def test_a_read_is_repeated_after_5_10_and_15_seconds(
    vendor: Vendor, clock: Clock, status: int, failures: int
) -> None:
    vendor.on(READ, *[says(status, content=b"<html>")] * failures, says(json=[]))
    with connected(clock) as client:
        assert client.send(users()).data == []
    assert patience(clock) == [5.0, 10.0, 15.0][:failures]
    assert len(vendor.to(READ)) == failures + 1


def test_an_account_that_is_down_ends_the_run_within_a_minute(vendor: Vendor, clock: Clock) -> None:
    vendor.on(READ, says(503, REFUSED))
    with connected(clock) as client, pytest.raises(AccountError, match="503 No"):
        client.send(users())
    assert len(vendor.to(READ)) == 4
    assert patience(clock) == [5.0, 10.0, 15.0]
    assert clock.now - 1000 < 60


def test_so_does_a_domain_api_that_is_down(vendor: Vendor, clock: Clock) -> None:
    discovery = "GET /api/account/55501234/service/baseURI.json"
    vendor.on(discovery, says(503, content=b""))
    with connected(clock) as client, pytest.raises(AccountError, match=r"baseURI\.json: 503"):
        client.send(users("POST"))
    assert vendor.calls == [discovery] * 4


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 599])
@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("content", [b"", b"<html></html>", b'{"message": "No"}'])
def test_a_write_never_is(
    vendor: Vendor, clock: Clock, method: str, status: int, content: bytes
) -> None:
    call = f"{method} {LE_USERS}/users"
    vendor.on(call, says(status, content=content, headers={"Retry-After": "1"}))
    with connected(clock) as client, pytest.raises(OutcomeUnknown):
        client.send(users(method))
    assert len(vendor.to(call)) == 1
    assert patience(clock) == []


def test_both_kinds_of_trouble_in_one_request(vendor: Vendor, clock: Clock) -> None:
    busy, down = says(429, REFUSED), says(503, content=b"")
    vendor.on(READ, busy, down, busy, down, down, says(json=[]))
    with connected(clock) as client:
        client.send(users())
    assert [wait for wait in patience(clock) if wait in (1.0, 5.0, 10.0, 15.0)] == [
        *(1.0, 5.0, 1.0, 10.0, 15.0)
    ]


# Everything else


@pytest.mark.parametrize("status", [301, 302, 304, 307, 400, 401, 403, 404, 408, 409, 412, 425])
@pytest.mark.parametrize("method", ["GET", *WRITES])
def test_no_other_status_is_tried_again(
    vendor: Vendor, clock: Clock, method: str, status: int
) -> None:
    call = f"{method} {LE_USERS}/users"
    vendor.on(call, says(status, REFUSED, headers={"Retry-After": "1"}))
    with connected(clock, "oauth1") as client, pytest.raises(AccountError, match=f"{status}"):
        client.send(users(method))
    assert len(vendor.to(call)) == 1
    assert patience(clock) == []


LOST = [httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError]


@pytest.mark.parametrize("error", [*LOST, httpx.ConnectError, httpx.PoolTimeout])
@pytest.mark.parametrize("method", ["GET", *WRITES])
def test_nor_is_an_answer_that_never_came(
    vendor: Vendor, clock: Clock, method: str, error: type[httpx.TransportError]
) -> None:
    call = f"{method} {LE_USERS}/users"
    vendor.on(call, breaks(error))
    with connected(clock) as client, pytest.raises(AccountError, match=error.__name__):
        client.send(users(method))
    assert len(vendor.to(call)) == 1


@pytest.mark.parametrize("content", [b"<html></html>", b"", b"[{"])
def test_nor_is_one_that_cannot_be_read(vendor: Vendor, clock: Clock, content: bytes) -> None:
    vendor.on(READ, says(content=content))
    with connected(clock) as client, pytest.raises(AccountError, match="not usable"):
        client.send(users())
    assert len(vendor.to(READ)) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nor_what_may_be_sent_once_only(
    vendor: Vendor, clock: Clock, method: str, status: int
) -> None:
    call = f"{method} {LE_USERS}/users"
    vendor.on(call, says(status, REFUSED))
    with connected(clock) as client, pytest.raises(AccountError):
        client.send(users(method, once=True))
    assert len(vendor.to(call)) == 1


@pytest.mark.parametrize(("method", "login"), [("oauth2", TOKEN), ("login", LOGIN)])
def test_nor_a_login_for_it(vendor: Vendor, clock: Clock, method: str, login: str) -> None:
    vendor.on(f"POST {login}", says(429, REFUSED))
    with (
        connected(clock, method) as client,
        pytest.raises(AccountError, match=r"429 \(inter"),
    ):
        client.send(users("POST", once=True))
    assert len(vendor.to(f"POST {login}")) == 1
    assert vendor.to(CREATE) == []


# The pace


def pace(clock: Clock, interval: float = TURN, chance: float = 0.0) -> Pace:
    return Pace(clock, clock.wait, lambda: NOON, lambda: chance, interval)


def test_two_requests_a_second_and_no_more(vendor: Vendor, clock: Clock) -> None:
    with connected(clock) as client:
        begun = clock.now
        for _ in range(20):
            client.send(users())
    assert clock.now - begun == pytest.approx(20 * TURN)


def test_who_is_slow_by_himself_does_not_wait(clock: Clock) -> None:
    turns = pace(clock)
    for _ in range(5):
        clock.now += TURN
        turns.turn()
    assert clock.waits == []


def test_a_429_slows_everything_down_and_success_speeds_it_up_again(
    vendor: Vendor, clock: Clock
) -> None:
    def gap() -> float:
        clock.waits.clear()
        client.send(users())
        return sum(clock.waits)

    vendor.on(READ, says(json=[]), says(json=[]), *[says(429, REFUSED)] * 2, says(json=[]))
    with connected(clock) as client:
        client.send(users())
        assert gap() == TURN
        client.send(users())
        gaps = [gap() for _ in range(20)]
    assert gaps[0] > 3 * TURN
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] == TURN


@pytest.mark.parametrize("interval", [0.0, TURN])
def test_however_often_it_is_told_to_the_pace_stays_within_bounds(
    clock: Clock, interval: float
) -> None:
    turns = pace(clock, interval)
    for _ in range(100):
        turns.slow_down()
        turns.turn()
    assert max(clock.waits) == 8.0
    clock.waits.clear()
    for _ in range(100):
        turns.recover()
        turns.turn()
    clock.waits.clear()
    turns.turn()
    assert clock.waits == ([interval] if interval else [])


def test_a_sandbox_is_not_spared(vendor: Vendor, clock: Clock) -> None:
    entry = {"service": "accountConfigReadWrite", "account": "55501234", "baseURI": "localhost:1"}
    vendor.on("GET /api/account/55501234/service", says(json=entry))
    with connected(clock, "oauth1", domain="localhost:1") as client:
        for _ in range(5):
            client.send(users())
    assert clock.waits == []


@given(
    st.floats(0, 1),
    st.lists(st.sampled_from([200, 404, 429, 500, 503]), max_size=30),
    st.booleans(),
)
def test_the_bounds_of_every_wait(chance: float, statuses: list[int], again: bool) -> None:
    clock = Clock()
    tries = pace(clock, chance=chance).tries()
    waits: dict[int, list[float | None]] = {429: [], 500: []}
    for status in statuses:
        seconds = tries.after(status, {}, again)
        if status < 429:
            assert seconds is None
        else:
            waits[429 if status == 429 else 500].append(seconds)
    for least, found in ([1.0] * 5, waits[429]), ([5.0, 10.0, 15.0], waits[500]):
        allowed = least if again else []
        for number, seconds in enumerate(found):
            if number >= len(allowed):
                assert seconds is None
            else:
                assert seconds is not None
                assert least[number] <= seconds <= least[number] * 1.2 + 1e-9


# Waits can be interrupted


class Sleeper:
    """Sleeps at once, and calls for an end after some time."""

    def __init__(self, ends: float = float("inf")) -> None:
        self.now, self.ends, self.slept = 0.0, ends, 0
        self.waiting = InterruptibleSleep(self.sleep, lambda: self.now)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += 1
        if self.now >= self.ends:
            self.waiting.stopped = True


def test_a_wait_lasts_as_long_as_it_should() -> None:
    sleeper = Sleeper()
    sleeper.waiting(15.0)
    assert sleeper.now == pytest.approx(15.0)
    sleeper.waiting(0.0)
    sleeper.waiting(-1.0)
    assert sleeper.now == pytest.approx(15.0)


def test_a_wait_ends_at_once_when_the_run_is_stopped() -> None:
    sleeper = Sleeper(ends=3.0)
    with pytest.raises(Interrupted, match="interrupted while waiting for the account"):
        sleeper.waiting(60.0)
    assert sleeper.now == pytest.approx(3.0, abs=0.11)
    slept = sleeper.slept
    with pytest.raises(Interrupted):
        sleeper.waiting(60.0)
    assert sleeper.slept == slept, "no wait begins after that"


def test_the_turn_between_two_requests_is_waited_for_even_then(vendor: Vendor) -> None:
    """So that what was begun can be finished: a secret that was made reaches its sink (F36)."""
    sleeper = Sleeper(ends=0.0)
    clock = Clock(sleeper.now)
    clock.wait = sleeper.waiting  # type: ignore[method-assign]
    with connected(clock) as client:
        for _ in range(3):
            client.send(users())
    assert sleeper.waiting.stopped
    assert sleeper.now >= TURN


@pytest.mark.parametrize(
    ("call", "answers"),
    [
        (READ, [says(429, REFUSED, headers={"Retry-After": "60"})]),
        (READ, [says(503, content=b"")]),
        (CREATE, [says(429, REFUSED, headers={"Retry-After": "60"})]),
        (f"POST {TOKEN}", [says(429, REFUSED)]),
        (f"POST {TOKEN}", [says(503, content=b"")]),
        ("GET /api/account/55501234/service", [says(503, content=b"")]),
    ],
)
def test_every_wait_for_an_account_can_be_interrupted(
    vendor: Vendor, call: str, answers: list[Any]
) -> None:
    sleeper, clock = Sleeper(ends=3.5), Clock()
    clock.wait = sleeper.waiting  # type: ignore[method-assign]
    vendor.on(call, *answers)
    with connected(clock) as client, pytest.raises(Interrupted):
        client.send(users("POST" if call == CREATE else "GET"))
    assert sleeper.now < 4
    assert vendor.calls.count(vendor.calls[-1]) == 1
