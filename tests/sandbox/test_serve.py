"""The account over HTTP and HTTPS on loopback: answering, breaking, logging, stopping."""

from __future__ import annotations

import os
import socket
import sqlite3
import ssl
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from lebots.sandbox import Fault, Sandbox, SandboxError
from lebots.sandbox.http.serve import Server, serve
from tests.sandbox.support import (
    ADMIN,
    LOGIN,
    LOGOUT,
    PASSWORD,
    SKILLS,
    TOKEN,
    TOOL,
    USERS,
    Account,
)

pytestmark = pytest.mark.enable_socket

Open = Callable[..., Account]

HOSTS = "/api/account/55501234/service/baseURI.json?version=1.0"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of certificates, made once."""
    return tmp_path_factory.mktemp("certificates")


@contextmanager
def _client(server: Server, **options: Any) -> Iterator[httpx.Client]:
    verify: Any = True if server.ca is None else ssl.create_default_context(cafile=server.ca)
    with httpx.Client(base_url=server.url, verify=verify, trust_env=False, **options) as client:
        yield client


def _raw(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=10)


def _end(raw: socket.socket) -> None:
    """Says no more, and waits for the server, which may have hung up before, however it likes."""
    with suppress(OSError):
        raw.shutdown(socket.SHUT_WR)
    with suppress(ConnectionResetError):
        while raw.recv(65536):
            pass


@pytest.mark.parametrize("https", [False, True])
def test_a_client_finds_its_hosts_logs_in_and_works(
    open_account: Open, certificates: Path, https: bool
) -> None:
    sandbox = open_account({"authenticate": True}).sandbox
    with serve(sandbox, https=https, certificates=certificates) as server, _client(server) as http:
        scheme, _, authority = server.url.partition("://")
        assert scheme == ("https" if https else "http")
        hosts = {item["service"]: item["baseURI"] for item in http.get(HOSTS).json()["baseURIs"]}
        assert hosts["agentVep"] == hosts["sentinel"] == authority
        login = http.post(LOGIN, json={"username": ADMIN, "password": PASSWORD})
        assert ("Secure" in login.headers["set-cookie"]) == https
        bearer = {"Authorization": f"Bearer {login.json()['bearer']}"}
        made = http.post(f"{SKILLS}?v=2.0", json={"name": "Returns"}, headers=bearer)
        assert (made.status_code, made.headers["ac-revision"]) == (201, "8121")
        out = http.post(LOGOUT, json={"csrf": login.json()["csrf"]})
        assert out.status_code == 200
        assert http.get(f"{SKILLS}?v=2.0", headers=bearer).status_code == 401


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_certificate_is_good_for_the_names_of_loopback(
    account: Account, certificates: Path, host: str
) -> None:
    with serve(account.sandbox, https=True, certificates=certificates) as server:
        verify = ssl.create_default_context(cafile=server.ca)
        url = server.url.replace("127.0.0.1", host)
        answer = httpx.get(f"{url}{HOSTS}", verify=verify, trust_env=False)
        assert answer.json()["baseURIs"][2]["baseURI"] == url.removeprefix("https://")


def test_a_client_that_does_not_know_the_ca_is_not_answered(
    account: Account, certificates: Path
) -> None:
    lines: list[str] = []
    served = serve(account.sandbox, https=True, certificates=certificates, log=lines.append)
    with served as server:
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(server.url, trust_env=False)
        with _client(server) as http:
            assert http.get(HOSTS).status_code == 200, "and others still are"
    assert len(account.sandbox.requests) == 1
    assert sorted(lines)[0] == "- handshake failed"
    assert len(lines) == 2


def test_a_file_that_is_damaged_meanwhile_is_told_to_clients(tmp_path: Path) -> None:
    lines: list[str] = []
    sandbox = Sandbox(tmp_path / "account.db")
    with serve(sandbox, log=lines.append) as server:
        with sqlite3.connect(tmp_path / "account.db") as database:
            database.execute("UPDATE objects SET body = '{'")
        database.close()
        answer = httpx.get(f"{server.url}{SKILLS}", params={"v": "2.0"}, trust_env=False)
    sandbox.close()
    assert answer.status_code == 500
    assert "is damaged" in answer.json()["message"]
    assert len(lines) == 1


@pytest.mark.parametrize(
    "begun", [b"\x16", b"\x16\x03\x01\x00\x05canary", b"\x16 GET / HTTP/1.1\r\n\r\n"]
)
def test_a_handshake_that_is_none_is_one_line(
    account: Account, certificates: Path, begun: bytes
) -> None:
    lines: list[str] = []
    served = serve(account.sandbox, https=True, certificates=certificates, log=lines.append)
    with served as server, _raw(server) as raw:
        raw.sendall(begun)
        _end(raw)
    assert lines == ["- handshake failed"]


def test_who_says_nothing_at_all_is_not_noted(account: Account, certificates: Path) -> None:
    lines: list[str] = []
    served = serve(account.sandbox, https=True, certificates=certificates, log=lines.append)
    with served as server, _raw(server) as raw:
        _end(raw)
    assert lines == []


def test_who_says_nothing_for_long_is_dropped(
    account: Account, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(account.sandbox, https=True, certificates=certificates) as server:
        with monkeypatch.context() as impatient:
            impatient.setattr("lebots.sandbox.http.serve._HANDSHAKE", 0.05)
            with _raw(server) as raw:
                assert raw.recv(1) == b""
        with _client(server) as http:
            assert http.get(HOSTS).status_code == 200


# Plain HTTP on a port of HTTPS


@pytest.mark.parametrize(
    "path",
    [
        HOSTS,
        "/api/account/55501234/service/agentVep/baseURI.json?version=1.0",
        "/csdr/account/55501234/service/baseURI",
    ],
)
def test_hosts_are_also_found_over_plain_http(
    account: Account, certificates: Path, path: str
) -> None:
    with serve(account.sandbox, https=True, certificates=certificates) as server:
        with _client(server) as http:
            encrypted = http.get(path)
        plain = httpx.get(f"{server.url.replace('https', 'http')}{path}", trust_env=False)
    assert (plain.status_code, plain.content) == (200, encrypted.content)
    assert server.url.removeprefix("https://") in plain.text


def test_a_client_finds_its_hosts_over_plain_http_and_works_over_https(
    open_account: Open, certificates: Path
) -> None:
    sandbox = open_account({"authenticate": True}).sandbox
    with serve(sandbox, https=True, certificates=certificates) as server, _client(server) as http:
        found = httpx.get(f"{server.url.replace('https', 'http')}{HOSTS}", trust_env=False).json()
        (host,) = {item["baseURI"] for item in found["baseURIs"] if item["service"] == "agentVep"}
        body = {"username": ADMIN, "password": PASSWORD}
        assert http.post(f"https://{host}{LOGIN}", json=body).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", LOGIN),
        ("POST", LOGOUT),
        ("POST", TOKEN),
        ("GET", f"{SKILLS}?v=2.0"),
        ("POST", f"{SKILLS}?v=2.0"),
        ("GET", "/"),
        ("GET", "/no/such/path"),
    ],
)
@pytest.mark.parametrize("authenticate", [False, True])
def test_nothing_else_is_answered_over_plain_http(
    open_account: Open, certificates: Path, authenticate: bool, method: str, path: str
) -> None:
    sandbox = open_account({"authenticate": authenticate}).sandbox
    before = sandbox.dump()
    lines: list[str] = []
    served = serve(sandbox, https=True, certificates=certificates, log=lines.append)
    with served as server:
        url = f"{server.url.replace('https', 'http')}{path}"
        headers = {"Accept": "text/html", "X-Forwarded-Proto": "https"}
        body = {"username": ADMIN, "password": PASSWORD, "name": "Returns"}
        answer = httpx.request(method, url, json=body, headers=headers, trust_env=False)
    assert answer.status_code == 400
    assert "over HTTPS" in answer.json()["message"]
    assert "set-cookie" not in answer.headers
    assert lines[0].startswith(f"{method} {path} 400 ")
    assert PASSWORD not in lines[0]
    assert sandbox.dump() == before


def test_a_silent_client_keeps_nobody_waiting(account: Account, certificates: Path) -> None:
    with serve(account.sandbox, https=True, certificates=certificates) as server:
        port = int(server.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)), _client(server) as http:
            assert http.get(HOSTS).status_code == 200


def test_a_body_that_never_ends_keeps_nobody_waiting(account: Account) -> None:
    with serve(account.sandbox) as server, _client(server) as http:
        port = int(server.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(f"POST {SKILLS}?v=2.0 HTTP/1.1\r\nContent-Length: 99\r\n\r\n".encode())
            assert http.get(f"{SKILLS}?v=2.0").status_code == 200


# Certificates


def test_certificates_are_for_their_owner_only_and_used_again(
    account: Account, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "folder"
    first = serve(account.sandbox, https=True, certificates=folder)
    first.stop()
    assert first.ca == folder / "ca.pem"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(os.listdir(folder)) == ["ca.pem", "server.pem"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    kept = {file.name: file.read_bytes() for file in folder.iterdir()}
    serve(account.sandbox, https=True, certificates=folder).stop()
    assert kept == {file.name: file.read_bytes() for file in folder.iterdir()}


def _garbage(folder: Path) -> None:
    (folder / "server.pem").write_text("no certificate")


def _missing(folder: Path) -> None:
    (folder / "ca.pem").unlink()


def _other_ca(folder: Path) -> None:
    (folder / "ca.pem").write_bytes(trustme.CA().cert_pem.bytes())


def _issued(folder: Path, *names: str, **options: Any) -> None:
    authority = trustme.CA()
    server = authority.issue_cert(*names, **options)
    chain = b"".join(part.bytes() for part in server.cert_chain_pems)
    (folder / "ca.pem").write_bytes(authority.cert_pem.bytes())
    (folder / "server.pem").write_bytes(server.private_key_pem.bytes() + chain)


def _expired(folder: Path) -> None:
    from datetime import UTC, datetime

    ended, began = datetime(2020, 1, 2, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC)
    _issued(folder, "localhost", "127.0.0.1", "::1", not_after=ended, not_before=began)


def _wrong_host(folder: Path) -> None:
    _issued(folder, "localhost", "127.0.0.1")


@pytest.mark.parametrize("spoil", [_garbage, _missing, _other_ca, _expired, _wrong_host])
def test_certificates_that_are_no_good_are_made_anew(
    account: Account, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    serve(account.sandbox, https=True, certificates=tmp_path).stop()
    spoil(tmp_path)
    before = [file.read_bytes() for file in tmp_path.iterdir()]
    server = serve(account.sandbox, https=True, certificates=tmp_path)
    with server, _client(server) as http:
        assert http.get(HOSTS).status_code == 200
    assert before != [file.read_bytes() for file in tmp_path.iterdir()]
    assert stat.S_IMODE((tmp_path / "server.pem").stat().st_mode) == 0o600


def test_what_is_missing_for_https_is_named(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SandboxError, match="https needs a folder"):
        serve(account.sandbox, https=True)
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(SandboxError, match=r"needs the package trustme$"):
        serve(account.sandbox, https=True, certificates=tmp_path)
    monkeypatch.undo()
    (tmp_path / "file").write_text("")
    with pytest.raises(SandboxError, match="folder: "):
        serve(account.sandbox, https=True, certificates=tmp_path / "file" / "folder")


# Addresses


def test_an_address_that_is_taken_is_refused_in_one_line(account: Account) -> None:
    with serve(account.sandbox) as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(SandboxError, match=f"cannot listen on 127.0.0.1 port {port}: "):
            serve(account.sandbox, port=port)


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70_000), ("192.0.2.1", 0)])
def test_an_address_that_cannot_be_is_refused(account: Account, host: str, port: int) -> None:
    with pytest.raises(SandboxError, match="cannot listen on"):
        serve(account.sandbox, host, port)


def test_the_same_port_again(account: Account) -> None:
    server = serve(account.sandbox)
    port = int(server.url.rpartition(":")[2])
    with server, _client(server) as http:
        assert http.get(HOSTS).status_code == 200
    with serve(account.sandbox, port=port) as again, _client(again) as http:
        assert http.get(HOSTS).status_code == 200


# Faults over the wire


@pytest.mark.parametrize("https", [False, True])
@pytest.mark.parametrize(("when", "made"), [("before", False), ("after", True)])
def test_a_reset_breaks_the_connection(
    account: Account, certificates: Path, https: bool, when: str, made: bool
) -> None:
    account.sandbox.faults = [Fault.parse(f"reset={when},method=POST")]
    lines: list[str] = []
    served = serve(account.sandbox, https=https, certificates=certificates, log=lines.append)
    with served as server, _client(server) as http:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            http.post(f"{SKILLS}?v=2.0", json={"name": "Returns"})
        names = [skill["name"] for skill in http.get(f"{SKILLS}?v=2.0").json()]
    assert ("Returns" in names) == made
    assert lines[0].startswith(f"POST {SKILLS}?v=2.0 reset ")


def test_latency_of_one_request_does_not_hold_up_another(open_account: Open) -> None:
    go_on = threading.Event()
    account = open_account()

    def sleep(seconds: float) -> None:
        go_on.wait(seconds)

    account.sandbox.app.sleep = sleep
    account.sandbox.faults = [Fault.parse("latency=10,path=users")]
    with serve(account.sandbox) as server:
        with _client(server, timeout=0.2) as http, pytest.raises(httpx.ReadTimeout):
            http.get(f"{USERS}?v=6.0")
        with _client(server) as http:
            assert http.get(f"{SKILLS}?v=2.0").status_code == 200
        go_on.set()


def test_stopping_does_not_wait_longer_than_its_patience(open_account: Open) -> None:
    started, go_on = threading.Event(), threading.Event()

    def sleep(seconds: float) -> None:
        started.set()
        go_on.wait(seconds)

    account = open_account()
    account.sandbox.app.sleep = sleep
    account.sandbox.faults = [Fault.parse("latency=10")]
    lines: list[str] = []
    server = serve(account.sandbox, log=lines.append)
    server.start()
    broken: list[str] = []

    def ask() -> None:
        try:
            with _client(server) as http:
                http.get(HOSTS)
        except httpx.TransportError as error:
            broken.append(type(error).__name__)

    asking = threading.Thread(target=ask)
    asking.start()
    assert started.wait(10)
    server.stop(patience=0)
    asking.join(10)
    assert broken in (["RemoteProtocolError"], ["ReadError"])
    go_on.set()


@pytest.mark.parametrize("body", ["truncated", "html", "empty", "foreign"])
def test_changed_bodies_are_well_formed_http(account: Account, body: str) -> None:
    account.sandbox.faults = [Fault.parse(f"body={body}")]
    with serve(account.sandbox) as server, _client(server) as http:
        answer = http.get(f"{SKILLS}?v=2.0")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == len(answer.content)


# The log


def test_one_line_per_request(account: Account) -> None:
    lines: list[str] = []
    with serve(account.sandbox, log=lines.append) as server, _client(server) as http:
        http.get(f"{SKILLS}?v=2.0&select=$all")
        http.post(f"{SKILLS}?v=2.0", json={"name": "Billing"})
        http.get("/no/such%20path")
    # A line is written once the request is over, which is a moment after the client has its answer.
    assert sorted(line.rsplit(" ", 2)[0] for line in lines) == [
        f"GET {SKILLS}?v=2.0&select=$all 200",
        "GET /no/such%20path 404",
        f"POST {SKILLS}?v=2.0 400",
    ]
    assert all(line.endswith(" ms") for line in lines)


def test_the_log_holds_no_secret_and_no_control_character(account: Account) -> None:
    lines: list[str] = []
    with serve(account.sandbox, log=lines.append) as server, _client(server) as http:
        bearer = http.post(LOGIN, json={"username": ADMIN, "password": PASSWORD}).json()["bearer"]
        http.get(f"/ws_api/account/55501234/messaging/brand/{bearer}?v=2.1")
        http.post(TOKEN, params=TOOL)
        port = int(server.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.sendall(b"GET /\x1b[31m\xff HTTP/1.1\r\nHost: a\r\n\r\n")
            raw.recv(65536)
    assert len(lines) == 4
    text = "".join(lines)
    assert bearer not in text
    assert TOOL["client_secret"] not in text
    assert "brand/***?v=2.1 404" in text
    assert text.isprintable()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("bots.localhost:8443", 200),
        ("127.0.0.1", 200),
        ("[::1]:8443", 200),
        ("rebound.example", 421),
        ("localhost.example", 421),
        ("127.0.0.1.example", 421),
        ("192.168.0.7", 421),
    ],
)
def test_other_hosts_than_loopback_are_misdirected(
    account: Account, host: str, status: int
) -> None:
    with serve(account.sandbox) as server, _client(server) as http:
        answered = http.get(SKILLS, headers={"Host": host}).status_code
        assert answered == status


def test_without_a_log_nothing_is_written(
    account: Account, capfd: pytest.CaptureFixture[str]
) -> None:
    with serve(account.sandbox) as server, _client(server) as http:
        http.get(HOSTS)
        port = int(server.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as raw:
            raw.sendall(b"no http at all\r\n\r\n")
            raw.recv(65536)
    assert capfd.readouterr() == ("", "")


def test_a_request_that_fails_unforeseen_is_a_500_and_told(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("made to fail")

    lines: list[str] = []
    monkeypatch.setattr(account.sandbox.app, "_route", broken)
    with serve(account.sandbox, log=lines.append) as server, _client(server) as http:
        assert http.get(HOSTS).status_code == 500
    assert "made to fail" in lines[0]
    assert " 500 " in lines[1]


# Stopping


def test_stopping_lets_the_request_in_flight_finish(open_account: Open) -> None:
    started, go_on = threading.Event(), threading.Event()

    def sleep(seconds: float) -> None:
        started.set()
        go_on.wait(10)

    account = open_account()
    account.sandbox.app.sleep = sleep
    account.sandbox.faults = [Fault.parse("latency=1")]
    server = serve(account.sandbox)
    server.start()
    answers: list[int] = []

    def ask() -> None:
        with _client(server) as http:
            answers.append(http.post(f"{SKILLS}?v=2.0", json={"name": "Late"}).status_code)

    asking = threading.Thread(target=ask)
    asking.start()
    assert started.wait(10)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    time.sleep(0.1)
    assert stopping.is_alive()
    go_on.set()
    for thread in (stopping, asking):
        thread.join(10)
    assert answers == [201]
    with pytest.raises(httpx.ConnectError), _client(server) as http:
        http.get(HOSTS)


def test_stopping_does_not_wait_for_silent_clients(account: Account) -> None:
    server = serve(account.sandbox)
    server.start()
    with _raw(server) as idle:
        time.sleep(0.1)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 5
        _end(idle)


def test_a_server_that_never_started_can_be_stopped(account: Account) -> None:
    server = serve(account.sandbox)
    server.stop()
    server.stop()


def test_many_clients_at_once(account: Account) -> None:
    statuses: list[int] = []

    def work(number: int) -> None:
        with _client(server) as http:
            for turn in range(5):
                body = {"name": f"Skill {number}-{turn}"}
                statuses.append(http.post(f"{SKILLS}?v=2.0", json=body).status_code)

    with serve(account.sandbox) as server:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [201] * 40
    assert len(account.list(SKILLS)) == 44


def test_only_the_last_requests_are_kept_where_there_is_no_end_of_them(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lebots.sandbox.http.application._NOTED", 3)
    with serve(account.sandbox) as server:
        for _ in range(5):
            httpx.get(f"{server.url}{HOSTS}", trust_env=False)
    assert len(account.sandbox.requests) == 3
