"""Real TLS on loopback: who is spoken to, and that nothing around lebots can change that."""

import json
import logging
import socket
import ssl
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from lebots.account.connection import Settings, certificates, connect
from lebots.core.model.secret import Secret
from lebots.errors import AccountError, NotSent, OutcomeUnknown
from tests import not_run
from tests.account.tls import Reply, Server, http, serving
from tests.account.vendor import (
    ACCOUNT,
    CANARY,
    LE_USERS,
    LOGIN,
    LOGOUT,
    TOKEN,
    VALUES,
    Clock,
    Vendor,
    connected,
    domain_api,
    says,
    users,
)

pytestmark = pytest.mark.enable_socket

VERBS = ("GET", "POST", "PUT", "DELETE")
REDIRECTS = (300, 301, 302, 303, 307, 308)

Serving = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> Path:
    """The file of the CA that lebots.yaml names."""
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return file


def context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(made)
    return made


def account(server: list[Server]) -> Reply:
    """An account whose every service is this server; its list of users is empty."""

    def reply(request: bytes) -> bytes:
        path = request.split(b" ")[1].split(b"?")[0].decode()
        if path.endswith("baseURI.json"):
            hosts = dict.fromkeys(
                ("accountConfigReadWrite", "sentinel", "agentVep"), server[0].authority
            )
            entries = [
                {"service": name, "account": ACCOUNT, "baseURI": base}
                for name, base in hosts.items()
            ]
            return http(json.dumps({"baseURIs": entries}).encode())
        if path == TOKEN:
            return http(json.dumps({"access_token": f"{CANARY}-token"}).encode())
        if path == LOGIN:
            body = {"bearer": f"{CANARY}-b", "csrf": f"{CANARY}-c", "config": {"userId": "1"}}
            cookie = f"Session_id={CANARY}-session; Path=/; Secure; HttpOnly"
            return http(json.dumps(body).encode(), Set_Cookie=cookie)
        return http(b"[]")

    return reply


@pytest.fixture
def good(authority: trustme.CA) -> Iterator[Server]:
    """A whole account behind a good certificate."""
    found: list[Server] = []
    with serving(context(authority.issue_cert("localhost")), account(found)) as server:
        found.append(server)
        yield server


def ask(server: Server, ca: Path | None, method: str = "oauth2", verb: str = "GET") -> Any:
    with connected(Clock(), method, domain=server.authority, ca=ca) as client:
        return client.send(users(verb)).data


# Certificates


@pytest.mark.parametrize("method", VALUES)
def test_a_server_with_a_good_certificate(good: Server, ca: Path, method: str) -> None:
    assert ask(good, ca, method) == []
    paths = [request.split(b" ")[1].split(b"?")[0].decode() for request in good.requests]
    logins = {"oauth2": [TOKEN], "login": [LOGIN], "oauth1": []}[method]
    ends = [LOGOUT] if method == "login" else []
    discovery = f"/api/account/{ACCOUNT}/service/baseURI.json"
    assert paths == [discovery, *logins, f"{LE_USERS}/users", *ends]
    assert set(good.versions) <= {"TLSv1.2", "TLSv1.3"}


def expired(ca: trustme.CA) -> trustme.LeafCert:
    return ca.issue_cert("localhost", not_after=datetime.now(UTC) - timedelta(days=1))


def not_yet(ca: trustme.CA) -> trustme.LeafCert:
    begins = datetime.now(UTC) + timedelta(days=1)
    return ca.issue_cert("localhost", not_before=begins, not_after=begins + timedelta(days=1))


def other_name(ca: trustme.CA) -> trustme.LeafCert:
    return ca.issue_cert("localhost.evil.tld", "evil.localhost", "*.localhost")


def other_address(ca: trustme.CA) -> trustme.LeafCert:
    return ca.issue_cert("127.0.0.1")


def name_alone(ca: trustme.CA) -> trustme.LeafCert:
    """The name in the subject and not among the alternative names."""
    return ca.issue_cert("evil.tld", common_name="localhost")


def unknown_authority(ca: trustme.CA) -> trustme.LeafCert:
    return trustme.CA().issue_cert("localhost")


def self_signed(ca: trustme.CA) -> trustme.LeafCert:
    """A CA of the same name as the good one, but not the same."""
    return trustme.CA(organization_name="trustme").issue_cert("localhost")


UNTRUSTED = r"baseURI\.json: not sent: localhost cannot be reached: its certificate is not trusted"
BAD = [expired, not_yet, other_name, other_address, name_alone, unknown_authority, self_signed]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("method", VALUES)
def test_a_bad_certificate(
    authority: trustme.CA, ca: Path, method: str, bad: Callable[[trustme.CA], trustme.LeafCert]
) -> None:
    with serving(context(bad(authority)), lambda request: http(b"[]")) as server:
        with pytest.raises(NotSent, match=UNTRUSTED):
            ask(server, ca, method)
        assert server.connections == 1, "nothing is tried in another way"
        assert server.requests == [], "and nothing is sent after such a handshake"


def test_a_certificate_that_signs_itself(tmp_path: Path, ca: Path) -> None:
    """Not even where the one that is named differs in its key alone."""
    alone = trustme.CA()
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with alone.private_key_pem.tempfile() as key, alone.cert_pem.tempfile() as certificate:
        made.load_cert_chain(certificate, key)
    with serving(made, lambda request: http(b"[]")) as server:
        with pytest.raises(NotSent, match=UNTRUSTED):
            ask(server, ca)
        assert server.requests == []


def test_the_usual_authorities_do_not_vouch_for_a_sandbox(good: Server) -> None:
    with pytest.raises(NotSent, match=UNTRUSTED):
        ask(good, None)
    assert good.requests == []


def test_a_named_authority_takes_the_place_of_the_usual_ones(ca: Path) -> None:
    assert len(certificates(ca).get_ca_certs()) == 1
    assert len(certificates(None).get_ca_certs()) > 50


def test_a_server_that_speaks_no_tls(ca: Path) -> None:
    with serving(None, lambda request: http(b"[]")) as server:
        with pytest.raises(NotSent, match="ConnectError"):
            ask(server, ca)
        assert b"GET" not in b"".join(server.requests)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_an_old_version_of_tls_is_refused(
    authority: trustme.CA, ca: Path, version: ssl.TLSVersion
) -> None:
    old, lenient = (
        context(authority.issue_cert("localhost")),
        ssl.create_default_context(cafile=ca),
    )
    for end in (old, lenient):
        end.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            end.minimum_version = version
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.maximum_version = version
    with serving(old, lambda request: http(b"[]")) as server:
        try:
            url = f"https://{server.authority}/"
            assert httpx.get(url, verify=lenient, trust_env=False).json() == []
        except httpx.ConnectError:
            pytest.skip(not_run.OLD_TLS)
        assert server.versions == [version.name.replace("_", ".")]
        with pytest.raises(NotSent, match="ConnectError"):
            ask(server, ca)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "content",
    [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
)
def test_a_file_that_holds_no_authority(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(AccountError, match=r"ca\.pem is not a file of CA certificates"):
        certificates(file)


# The environment


@pytest.fixture
def proxy() -> Iterator[Server]:
    """Where the environment says that everything should go."""
    with serving(None, lambda request: http(b"", "502 Bad Gateway")) as server:
        yield server


def test_proxies_of_the_environment_are_ignored(
    good: Server, proxy: Server, ca: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        for written in (name, name.lower()):
            monkeypatch.setenv(written, f"http://user:pass@{proxy.authority}")
    for written in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(written, "")
    with pytest.raises(httpx.ProxyError):
        httpx.get(f"https://{good.authority}/", verify=False)
    assert proxy.connections == 1, "whoever looks at the environment goes there"
    for method in VALUES:
        assert ask(good, ca, method) == []
    assert proxy.connections == 1


def test_so_is_a_list_of_hosts_without_a_proxy(
    good: Server, ca: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "\x01[not a host")
    assert ask(good, ca) == []


@pytest.mark.parametrize(
    "name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
)
def test_authorities_of_the_environment_are_ignored(
    good: Server, ca: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(ca.parent if name.endswith("DIR") else ca))
    with pytest.raises(NotSent, match=UNTRUSTED):
        ask(good, None)
    assert good.requests == []


def test_keys_of_the_encryption_are_written_nowhere(
    good: Server, ca: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(file))
    assert ssl.create_default_context().keylog_filename == str(file), "others write them"
    file.unlink()
    assert ask(good, ca) == []
    assert not file.exists()


def test_a_netrc_is_not_read(
    good: Server, ca: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".netrc"
    file.write_text("machine localhost login evil password evil\ndefault login evil password evil")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ask(good, ca) == []
    assert not [sent for sent in good.requests if b"authorization: basic" in sent.lower()]


# Redirects


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("verb", VERBS)
def test_no_redirect_is_followed(vendor: Vendor, clock: Clock, status: int, verb: str) -> None:
    call = f"{verb} {LE_USERS}/users"
    for target in ("https://evil.tld/", "http://zz1.ac.liveperson.net/", "/elsewhere", "?x"):
        vendor.on(call, says(status, [], headers={"Location": target}))
        expected = AccountError if verb == "GET" else OutcomeUnknown
        with connected(clock) as client, pytest.raises(expected, match=f"{status}") as raised:
            client.send(users(verb))
        assert type(raised.value) is expected
        assert "evil" not in str(raised.value)
    assert len(vendor.to(call)) == 4
    assert {sent.url.host for sent in vendor.sent if sent.call == call} == {"zz1.ac.liveperson.net"}
    assert not [sent for sent in vendor.sent if sent.url.host == "evil.tld"]


@pytest.mark.parametrize("target", ["https://[evil", "https://evil.tld:port/", "http://", "\x7f"])
@pytest.mark.parametrize("verb", VERBS)
def test_one_that_leads_nowhere_is_an_error_like_any_other(
    vendor: Vendor, clock: Clock, verb: str, target: str
) -> None:
    vendor.on(f"{verb} {LE_USERS}/users", says(302, [], headers={"Location": target}))
    with connected(clock) as client, pytest.raises(AccountError, match=f"{verb} {LE_USERS}/users"):
        client.send(users(verb))


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize(
    ("method", "call", "words"),
    [
        ("oauth2", f"POST {TOKEN}", "no token for the OAuth 2 application: {}"),
        ("login", f"POST {LOGIN}", "login failed: {}"),
        ("oauth1", f"GET /api/account/{ACCOUNT}/service", r"baseURI\.json: {}"),
    ],
)
def test_nor_is_one_of_a_login_or_of_the_domain_api(
    vendor: Vendor, clock: Clock, status: int, method: str, call: str, words: str
) -> None:
    vendor.on(call, says(status, domain_api(), headers={"Location": "https://evil.tld/"}))
    with (
        connected(clock, method) as client,
        pytest.raises(AccountError, match=words.format(status)),
    ):
        client.send(users())
    assert not [sent for sent in vendor.sent if sent.url.host == "evil.tld"]
    assert vendor.to(f"GET {LE_USERS}/users") == []


# Broken answers


BROKEN = {
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH\r\n",
    "a head alone, cut short": b"HTTP/1.1 200 OK\r\nContent-",
    "less than announced": http(b"[{}", Content_Length="17"),
    "a chunk cut short": http(b"5\r\n[1", Content_Length="", Transfer_Encoding="chunked"),
    "no last chunk": http(b"2\r\n[]\r\n", Content_Length="", Transfer_Encoding="chunked"),
    "a length that is none": http(b"[]", Content_Length="two"),
    "a length below zero": http(b"[]", Content_Length="-2"),
    "two lengths": http(b"[]", **{"Content-length": "3"}),
    "cut short, without a length": http(b'[{"id"', Content_Length=""),
    "a head without an end": b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 200_000,
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_an_answer_that_breaks_off(
    authority: trustme.CA, ca: Path, answer: bytes, verb: str
) -> None:
    found: list[Server] = []
    whole = account(found)

    def reply(request: bytes) -> bytes:
        return answer if f"{LE_USERS}/users".encode() in request else whole(request)

    expected: type[AccountError] = AccountError if verb == "GET" else OutcomeUnknown
    with serving(context(authority.issue_cert("localhost")), reply) as server:
        found.append(server)
        with pytest.raises(expected) as raised:
            ask(server, ca, verb=verb)
    assert type(raised.value) is expected
    sent = [request for request in server.requests if f"{LE_USERS}/users".encode() in request]
    assert len(sent) == 1


def test_more_than_announced_is_not_read(authority: trustme.CA, ca: Path) -> None:
    found: list[Server] = []
    whole = account(found)

    def reply(request: bytes) -> bytes:
        mine = f"{LE_USERS}/users".encode() in request
        return http(b'[] {"evil": 1}', Content_Length="2") if mine else whole(request)

    with serving(context(authority.issue_cert("localhost")), reply) as server:
        found.append(server)
        assert ask(server, ca) == []


def test_nobody_listens(ca: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        connected(Clock(), domain=f"localhost:{port}", ca=ca) as client,
        pytest.raises(NotSent, match="not sent: localhost cannot be reached: connection refused"),
    ):
        client.send(users("POST"))


# What is told of it


@pytest.mark.parametrize("method", VALUES)
def test_nothing_of_a_credential_is_logged_on_the_way(
    good: Server, ca: Path, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    """httpcore would log cookies, oauthlib what a signature is made of."""
    for name in ("", "httpx", "httpcore", "oauthlib", "lebots"):
        caplog.set_level(logging.DEBUG, logger=name)
    ask(good, ca, method)
    ask(good, ca, method, verb="POST")
    assert CANARY in b"".join(good.requests).decode(), "it was sent"
    assert CANARY not in caplog.text


def test_settings_are_shown_without_their_values(ca: Path) -> None:
    settings = Settings(ACCOUNT, "login", {"password": Secret(CANARY)}, ca=ca)
    assert CANARY not in f"{settings!r} {settings}"
    assert "values" not in repr(settings)


def test_the_clock_of_the_account(vendor: Vendor, clock: Clock) -> None:
    """By its last answer that tells the time."""
    dates = [None, "Mon, 21 Sep 2026 14:15:30 GMT", "soon", "Mon, 21 Sep 2026 14:13:10 GMT"]
    offsets = []
    with connected(clock) as client:
        for date in dates:
            headers = {"Date": date} if date else {}
            vendor.on(f"GET {LE_USERS}/users", says(json=[], headers=headers))
            client.send(users())
            offsets.append(client.clock_offset)
    assert offsets == [None, 130.0, 130.0, -10.0]


def test_the_defaults_are_real_time_and_real_chance(good: Server, ca: Path) -> None:
    values = {name: Secret(value) for name, value in VALUES["oauth2"].items()}
    settings = Settings(ACCOUNT, "oauth2", values, good.authority, ca)
    begun = time.monotonic()
    with connect(settings, time.sleep) as client:
        client.send(users())
    assert time.monotonic() - begun < 5
