"""Answers without an end: too large, unpacked into too much, or never finished."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from lebots.account import body
from lebots.account.body import LARGEST, LARGEST_TOKEN, LONGEST, TooMuch, read
from lebots.errors import AccountError, NotSent, OutcomeUnknown
from tests.account.vendor import (
    LE_USERS,
    LOGIN,
    LOGOUT,
    REFRESH,
    REFUSED,
    TOKEN,
    Clock,
    Vendor,
    connected,
    says,
    streams,
    users,
)

CALL = "{} " + f"{LE_USERS}/users"
READ = CALL.format("GET")
MEBI = 1024 * 1024
DISCOVERY = "GET /api/account/55501234/service"


class Endless(httpx.SyncByteStream):
    """A body that never ends; ``given`` counts what was taken of it."""

    def __init__(self, chunk: bytes, clock: Clock | None = None, seconds: float = 0.0) -> None:
        self._chunk, self._clock, self._seconds = chunk, clock, seconds
        self.given = self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.given += len(self._chunk)
            assert self.given < 4 * LARGEST, "nobody stopped"
            if self._clock:
                self._clock.now += self._seconds
            yield self._chunk

    def close(self) -> None:
        self.closed += 1


def packed(
    stream: httpx.SyncByteStream | bytes, encoding: str | None = None, **more: Any
) -> httpx.Response:
    headers = {"Content-Encoding": encoding} if encoding else {}
    if isinstance(stream, bytes):
        stream = httpx.ByteStream(stream)
    request = httpx.Request("GET", "https://zz1.ac.liveperson.net/")
    return httpx.Response(200, headers=headers, stream=stream, request=request, **more)


# Reading


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"[]", None),
        (b"", None),
        (b"[]", "identity"),
        (b"[]", ""),
        (gzip.compress(b"[]", mtime=0), "gzip"),
        (gzip.compress(b"[]", mtime=0), "GZip"),
        (gzip.compress(b"[]", mtime=0), " gzip "),
        (zlib.compress(b"[]"), "deflate"),
    ],
)
def test_a_body(content: bytes, encoding: str | None) -> None:
    assert read(packed(content, encoding), Clock()) == (b"[]" if content else b"")


def test_the_size_counts_after_unpacking() -> None:
    bomb = gzip.compress(b" " * (2 * MEBI), mtime=0)
    assert len(bomb) < 3000
    assert len(read(packed(bomb, "gzip"), Clock(), most=2 * MEBI)) == 2 * MEBI
    with pytest.raises(TooMuch):
        read(packed(bomb, "gzip"), Clock(), most=2 * MEBI - 1)


UNASKED = [
    *("gzip, gzip", "gzip,gzip", "deflate, gzip", "gzip, identity", "gzip;q=1"),
    *("br", "zstd", "x-gzip", "compress", "*", "unknown"),
]


@pytest.mark.parametrize("encoding", UNASKED)
def test_what_nobody_asked_for_is_not_unpacked(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """Two layers turn 64 KiB into 64 GiB in one step; other encodings unpack without a limit."""

    def decoder(response: httpx.Response) -> None:
        raise AssertionError("unpacked")

    monkeypatch.setattr(httpx.Response, "_get_content_decoder", decoder)
    with pytest.raises(httpx.DecodingError, match="nobody asked for"):
        read(packed(gzip.compress(gzip.compress(b"[]"), mtime=0), encoding), Clock())


def test_a_list_of_every_user_an_account_can_have_fits() -> None:
    user = b'{"id":4100200455,"loginName":"' + b"x" * 900 + b'"},'
    assert 18_000 * len(user) < LARGEST / 2


def test_a_body_that_drips_has_an_end_of_its_own() -> None:
    """Each read of the socket is quick enough; all of them together are not."""
    clock = Clock()
    endless = Endless(b" ", clock, seconds=50.0)
    with pytest.raises(TooMuch):
        read(packed(endless), clock)
    assert LONGEST < clock.now - 1000 <= LONGEST + 50


# What becomes of the request


def too_large(clock: Clock) -> Endless:
    return Endless(b" " * MEBI)


def too_slow(clock: Clock) -> Endless:
    return Endless(b" ", clock, seconds=59.0)


HEADERS: list[dict[str, str]] = [{}, {"Content-Length": "2"}, {"Content-Length": str(10**15)}]


@pytest.mark.parametrize("endless", [too_large, too_slow])
@pytest.mark.parametrize("headers", HEADERS, ids=str)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_an_answer_without_an_end(
    vendor: Vendor,
    clock: Clock,
    method: str,
    headers: dict[str, str],
    endless: Callable[[Clock], Endless],
) -> None:
    stream = endless(clock)
    vendor.on(CALL.format(method), streams(stream, headers))
    expected = AccountError if method == "GET" else OutcomeUnknown
    with connected(clock) as client, pytest.raises(expected, match="TooMuch") as raised:
        client.send(users(method))
    assert type(raised.value) is expected
    assert stream.given <= LARGEST + MEBI
    assert stream.closed, "the connection is given up"
    assert len(vendor.to(CALL.format(method))) == 1
    assert clock.now - 1000 < LONGEST + 90


def test_a_bomb(vendor: Vendor, clock: Clock) -> None:
    bomb = gzip.compress(b" " * (LARGEST + 1), compresslevel=1, mtime=0)
    stream = httpx.ByteStream(bomb)
    vendor.on(READ, streams(stream, {"Content-Encoding": "gzip"}))
    with connected(clock) as client, pytest.raises(AccountError, match="no answer: TooMuch"):
        client.send(users())


def test_the_body_of_a_refusal_has_an_end_as_well(vendor: Vendor, clock: Clock) -> None:
    stream = too_large(clock)
    vendor.on(READ, lambda request: httpx.Response(400, stream=stream))
    with connected(clock) as client, pytest.raises(AccountError, match="TooMuch"):
        client.send(users())


def test_so_has_the_domain_api(vendor: Vendor, clock: Clock) -> None:
    stream = too_large(clock)
    vendor.on(DISCOVERY, streams(stream))
    words = r"baseURI\.json: no answer: TooMuch"
    with connected(clock) as client, pytest.raises(AccountError, match=words):
        client.send(users())
    assert stream.given <= LARGEST + MEBI


# Answers to a login are read by httpx itself


@pytest.mark.parametrize("endless", [too_large, too_slow])
@pytest.mark.parametrize("status", [200, 400, 503])
@pytest.mark.parametrize(("method", "call"), [("oauth2", TOKEN), ("login", LOGIN)])
def test_a_login_without_an_end(
    vendor: Vendor,
    clock: Clock,
    method: str,
    call: str,
    status: int,
    endless: Callable[[Clock], Endless],
) -> None:
    stream = endless(clock)
    vendor.on(f"POST {call}", lambda request: httpx.Response(status, stream=stream))
    words = "not sent: no login: TooMuch"
    with connected(clock, method) as client, pytest.raises(NotSent, match=words):
        client.send(users("POST"))
    assert stream.given <= LARGEST_TOKEN + MEBI
    assert stream.closed
    assert clock.now - 1000 < LONGEST + 90
    assert vendor.to(CALL.format("POST")) == []


@pytest.mark.parametrize("endless", [too_large, too_slow])
def test_a_refresh_without_an_end(
    vendor: Vendor, clock: Clock, endless: Callable[[Clock], Endless]
) -> None:
    stream = endless(clock)
    vendor.on(f"POST {REFRESH}", streams(stream))
    with connected(clock, "login") as client:
        client.send(users())
        clock.now += 241
        with pytest.raises(NotSent, match="no login: TooMuch"):
            client.send(users("POST"))
    assert stream.given <= LARGEST_TOKEN + MEBI


def test_the_answer_to_a_logout_is_not_waited_for(vendor: Vendor, clock: Clock) -> None:
    stream = too_slow(clock)
    vendor.on(f"POST {LOGOUT}", streams(stream))
    with connected(clock, "login") as client:
        client.send(users())
    assert (stream.given, stream.closed) == (0, 1)


@pytest.mark.parametrize("endless", [too_large, too_slow])
@pytest.mark.parametrize("method", ["oauth2", "login"])
def test_a_401_without_an_end(
    vendor: Vendor, clock: Clock, method: str, endless: Callable[[Clock], Endless]
) -> None:
    stream = endless(clock)
    with connected(clock, method) as client:
        client.send(users())
        vendor.on(READ, lambda request: httpx.Response(401, stream=stream), says(json=[]))
        with pytest.raises(AccountError, match="TooMuch"):
            client.send(users())
    assert stream.given <= LARGEST_TOKEN + MEBI


@pytest.mark.parametrize(("method", "call"), [("oauth2", TOKEN), ("login", LOGIN)])
def test_a_login_that_comes_packed_is_not_unpacked(
    vendor: Vendor, clock: Clock, method: str, call: str
) -> None:
    bomb = gzip.compress(b" " * LARGEST_TOKEN * 8, mtime=0)
    stream = httpx.ByteStream(bomb)
    vendor.on(f"POST {call}", streams(stream, {"Content-Encoding": "gzip, gzip"}))
    with connected(clock, method) as client, pytest.raises(AccountError, match="not usable"):
        client.send(users())


def test_a_401_that_comes_packed_is_renewed_all_the_same(vendor: Vendor, clock: Clock) -> None:
    def refused(request: httpx.Request) -> httpx.Response:
        content = gzip.compress(str(REFUSED).encode())
        return httpx.Response(
            401, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(content)
        )

    with connected(clock) as client:
        client.send(users())
        vendor.on(READ, refused, says(json=[]))
        assert client.send(users()).data == []


def test_what_is_asked_for_is_what_is_unpacked(vendor: Vendor, clock: Clock) -> None:
    with connected(clock) as client:
        client.send(users())
    asked = [sent.headers.get("Accept-Encoding") for sent in vendor.sent]
    assert asked == ["gzip, deflate", None, "gzip, deflate"]
    assert body.ENCODINGS == ("gzip", "deflate")
