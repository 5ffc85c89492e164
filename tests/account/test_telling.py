"""What people are told: waits, lists that take long, each request, and trouble on the way."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from lebots.account.telling.trouble import trouble
from lebots.account.telling.watch import Watch
from lebots.core.model.secret import Secret
from lebots.core.vendor.redact import contains_secret
from lebots.errors import AccountError, NotSent
from tests.account.tls import Server, http, serving
from tests.account.vendor import (
    ACCOUNT,
    CANARY,
    LE_USERS,
    LOGIN,
    NOON,
    TOKEN,
    VALUES,
    Clock,
    Vendor,
    connected,
    domain_api,
    says,
    users,
)

READ, CREATE = f"GET {LE_USERS}/users", f"POST {LE_USERS}/users"
PAGE = says(200, content=b"<html>Log in to the network</html>")


def heard(clock: Clock, request: Any, method: str = "oauth2", **watch: Any) -> tuple[str, str]:
    """What is said while a request is sent, and the words of the error it ends with."""
    lines: list[str] = []
    error = ""
    with connected(clock, method, watch=Watch(lines.append, **watch)) as client:
        try:
            client.send(request)
        except AccountError as raised:
            error = str(raised)
    return "\n".join(lines), error


# Waits


WAITS = {
    "patience": (READ, [says(429, {}, headers={"Retry-After": "40"}), says(json=[])], "40 s"),
    "the longest": (READ, [says(429, {}, headers={"Retry-After": "300"}), says(json=[])], "60 s"),
    "down": (READ, [says(503, {}), says(json=[])], "5 s: the account cannot answer now (503)"),
    "a login": (f"POST {TOKEN}", [says(429, {}), says(json={"access_token": "t"})], "5 s: the lo"),
    "a write": (CREATE, [says(429, {"message": "No"}, headers={"Retry-After": "9"})] * 6, "9 s"),
}


@pytest.mark.parametrize("case", WAITS)
def test_a_wait_is_named(vendor: Vendor, clock: Clock, case: str) -> None:
    call, answers, words = WAITS[case]
    vendor.on(call, *answers)
    said, _ = heard(clock, users("POST" if call == CREATE else "GET"))
    first = said.splitlines()[0]
    assert first.startswith(f"waiting {words}")
    assert f"{LE_USERS}/users is tried again (2 of " in first


def test_a_wait_that_nobody_notices_is_not(vendor: Vendor, clock: Clock) -> None:
    vendor.on(READ, says(429, {}, headers={"Retry-After": "1"}), says(json=[]))
    assert heard(clock, users()) == ("", "")


@pytest.mark.parametrize(("status", "tries"), [(503, 4), (429, 6)])
def test_who_gives_up_says_how_often_it_tried(
    vendor: Vendor, clock: Clock, status: int, tries: int
) -> None:
    vendor.on(READ, says(status, {}, headers={"Retry-After": "9"}))
    said, error = heard(clock, users())
    assert len(said.splitlines()) == tries - 1
    assert f": {status}; tried {tries} times in " in error
    assert error.endswith(" s, so wait some minutes and run again")


# Lists


def test_on_a_terminal_the_list_is_named_and_goes_again(vendor: Vendor, clock: Clock) -> None:
    shown: list[str] = []
    heard(clock, users(), show=shown.append)
    assert shown[:1] == ["reading users ..."]
    assert shown[-1] == ""


def test_elsewhere_only_what_takes_long_is_told() -> None:
    lines: list[str] = []
    watch = Watch(lines.append)
    for now, name in ((0, "users"), (2, "skills"), (4, "profiles"), (5, "lobs"), (9, "users/42")):
        watch.reads(f"/api/{name}", now)
    assert lines == ["reading profiles ... (4 s since the last word)"]


# Each request


@pytest.mark.parametrize("method", VALUES)
def test_each_request_is_told_without_anything_secret(
    vendor: Vendor, clock: Clock, method: str
) -> None:
    vendor.on(READ, says(503, {"message": f"{CANARY}"}), says(json=[{"id": 1}]))
    said, _ = heard(clock, users(), method, verbose=True)
    lines = said.splitlines()
    assert f"GET /api/account/{ACCOUNT}/service/baseURI.json 200 0 ms" in lines
    assert any(line.startswith(f"GET {LE_USERS}/users 503 ") for line in lines)
    assert f"GET {LE_USERS}/users 200 0 ms (try 2)" in lines
    login = {"oauth2": TOKEN, "login": LOGIN}.get(method)
    assert sum(f"POST {login} 200 " in line for line in lines) == bool(login)
    assert CANARY not in said
    assert not contains_secret(said)
    assert "?" not in said


def test_an_id_that_is_a_secret_is_not_in_a_path() -> None:
    lines: list[str] = []
    own = Secret("0f8fad5b-d9cb-469f-a165-70867728950e").reveal()
    Watch(lines.append, verbose=True).asked("GET", f"/api/installations/{own}", "200", 0.12, 1)
    Watch(lines.append, verbose=True).asked("GET", "/api/users/4100200455", "200", 0.12, 1)
    assert lines == [
        "GET /api/installations/*** 200 120 ms",
        "GET /api/users/4100200455 200 120 ms",
    ]


# Trouble


def late(seconds: float, status: int = 401, words: bytes = b"{}") -> Callable[..., httpx.Response]:
    date = {"Date": formatdate(NOON + seconds, usegmt=True)}
    return says(status, content=words, headers=date)


TIMESTAMP = b"oauth_problem=timestamp_refused"
TROUBLE: dict[str, tuple[str, Callable[..., httpx.Response], str]] = {
    "a page": ("oauth2", PAGE, "a proxy or a login page of your network stands between; name the"),
    "a page, refused": (
        "oauth2",
        says(403, content=b"\n<!DOCTYPE html>"),
        "a proxy or a login page of your network",
    ),
    "a proxy that wants a login": ("oauth2", says(407, {}), "let it pass this machine without one"),
    "another run": ("login", says(401, {}), "wait until it has ended, or give each run a user of"),
    "a clock behind": ("oauth1", late(700), "clock is 700 s behind the account's: set it, such as"),
    "a clock ahead": ("oauth2", late(-700), "clock is 700 s ahead of the account's: set it"),
    "a time refused": ("oauth1", late(0, words=TIMESTAMP), "clock is not right: set it, such as"),
}


@pytest.mark.parametrize("case", TROUBLE)
def test_trouble_is_named_with_the_next_step(vendor: Vendor, clock: Clock, case: str) -> None:
    method, answer, words = TROUBLE[case]
    vendor.on(READ, says(json=[]), answer)
    with connected(clock, method) as client:
        client.send(users())
        with pytest.raises(AccountError) as raised:
            client.send(users())
    assert words in str(raised.value)
    assert CANARY not in str(raised.value)


def test_a_clock_that_is_right_is_not_blamed(vendor: Vendor, clock: Clock) -> None:
    vendor.on(READ, late(60))
    assert "clock" not in heard(clock, users())[1]


def test_a_session_that_another_run_ended_is_told_once(vendor: Vendor, clock: Clock) -> None:
    lines: list[str] = []
    answers = [says(json=[]), says(401, {}), says(json=[]), says(401, {}), says(json=[])]
    vendor.on(READ, *answers)
    with connected(clock, "login", watch=Watch(lines.append)) as client:
        for _ in range(3):
            client.send(users())
    (line,) = lines
    assert "another run or a person logged in as the same user" in line
    assert "give each run a user of its own" in line


CERTIFICATES = {
    18: "name the file of its CA as `ca:`",
    20: "name the file of its CA as `ca:`",
    10: "it has expired by this machine's clock; set the clock if it is wrong",
    9: "it is not valid yet by this machine's clock; set the clock if it is wrong",
    62: "another server answers under this name; check `domain:` and `proxy:`",
}


@pytest.mark.parametrize("code", CERTIFICATES)
def test_a_certificate_is_named_with_the_next_step(code: int) -> None:
    cause = ssl.SSLCertVerificationError(1, "text")
    cause.verify_code, cause.verify_message = code, "as OpenSSL says it"
    error = httpx.ConnectError("text")
    error.__cause__ = cause
    assert CERTIFICATES[code] in trouble(error)


@pytest.mark.enable_socket
def test_a_certificate_that_has_expired_on_the_wire(tmp_path: Path) -> None:
    authority, file = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    before = datetime.now(UTC) - timedelta(days=2)
    old = authority.issue_cert("localhost", not_before=before, not_after=before + timedelta(days=1))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.configure_cert(context)
    with serving(context, lambda request: http(b"[]")) as server, pytest.raises(NotSent) as raised:
        heard_from(server.authority, file)
    assert CERTIFICATES[10] in str(raised.value)


# A proxy


def heard_from(domain: str, ca: Path, proxy: str = "") -> Any:
    with connected(Clock(), "oauth2", domain=domain, ca=ca, proxy=proxy) as client:
        return client.send(users()).data


@contextmanager
def tunnelling() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that lets everything through, and notes the head of each request."""
    heads: list[bytes] = []
    opened: list[socket.socket] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while part := source.recv(65536):
                sink.sendall(part)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                heads.append(client.recv(65536))
                port = int(heads[-1].split(b" ")[1].rpartition(b":")[2])
                server = socket.create_connection(("127.0.0.1", port))
                opened.extend((client, server))
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=pump, args=ends, daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heads
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        accepting.join(5)
        for one in (listener, *opened):
            one.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """An account without users, and the file of its CA."""
    authority, file = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    def reply(request: bytes) -> bytes:
        import json

        if b"baseURI.json" in request:
            hosts = dict.fromkeys(("accountConfigReadWrite", "sentinel"), server.authority)
            return http(json.dumps(domain_api(**hosts)).encode())
        return http(b'{"access_token": "a-token"}' if b"app/token" in request else b"[]")

    with serving(context, reply) as server:
        yield server, file


@pytest.mark.enable_socket
def test_a_proxy_sees_where_requests_go_and_nothing_else(
    served: tuple[Server, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, ca = served
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert heard_from(server.authority, ca) == [], "nothing comes from the environment"
    with tunnelling() as (proxy, heads):
        assert heard_from(server.authority, ca, proxy) == []
    assert heads
    assert all(head.startswith(f"CONNECT {server.authority} ".encode()) for head in heads)
    assert CANARY.encode() not in b"".join(heads)
    assert b"authorization" not in b"".join(heads).lower()


@pytest.mark.enable_socket
def test_a_proxy_that_does_not_let_it_pass_is_named(served: tuple[Server, Path]) -> None:
    server, ca = served
    no = http(b"", "407 Who are you?")
    with serving(None, lambda request: no) as proxy, pytest.raises(NotSent) as raised:
        heard_from(server.authority, ca, f"http://127.0.0.1:{proxy.port}")
    said = str(raised.value)
    assert f"through http://127.0.0.1:{proxy.port}" in said
    assert "the proxy does not let it pass (407); ask who runs the proxy" in said
    assert server.requests == []
