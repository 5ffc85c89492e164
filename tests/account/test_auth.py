"""How a run proves who it is: what is sent, when it is renewed, and that nothing of it is shown."""

import json
import logging
import re
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from oauthlib.common import Request as Signed
from oauthlib.oauth1.rfc5849 import signature

from lebots import __version__
from lebots.account.auth import ClientCredentials, OAuth1, UserLogin
from lebots.core.model.plan import Calls
from lebots.core.model.secret import Secret
from lebots.errors import AccountError, NotSent, Rejected
from lebots.install import adding
from tests.account.vendor import (
    ACCOUNT,
    CANARY,
    HOSTS,
    LE_USERS,
    LOGIN,
    LOGOUT,
    REFRESH,
    REFUSED,
    TOKEN,
    VALUES,
    Answer,
    Clock,
    Sent,
    Vendor,
    breaks,
    connected,
    says,
    streams,
    users,
)

READ, CREATE = f"GET {LE_USERS}/users", f"POST {LE_USERS}/users"
ASK, LOG_IN = f"POST {TOKEN}", f"POST {LOGIN}"
JSON = "application/json"
LOGGERS = ("", "httpx", "httpcore", "oauthlib", "lebots")


def token(name: str = "token-1", **more: Any) -> dict[str, Any]:
    return {"access_token": f"{CANARY}-{name}", "token_type": "Bearer", **more}


def logged_in(**more: Any) -> dict[str, Any]:
    config = {"userId": "4100200455", "isAdmin": True}
    return {"bearer": f"{CANARY}-bearer", "csrf": f"{CANARY}-csrf", "config": config, **more}


# OAuth 2 client credentials


def test_the_request_for_a_token(vendor: Vendor, clock: Clock) -> None:
    with connected(clock) as client:
        client.send(users())
    (asked,) = vendor.to(ASK)
    assert str(asked.url) == f"https://{HOSTS['sentinel']}{TOKEN}", "no query: it would be logged"
    assert parse_qs(asked.content.decode("ascii"), strict_parsing=True) == {
        "client_id": [VALUES["oauth2"]["clientId"]],
        "client_secret": [VALUES["oauth2"]["clientSecret"]],
        "grant_type": ["client_credentials"],
    }
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.headers["Accept"] == JSON
    assert asked.headers["User-Agent"] == f"lebots/{__version__}"
    assert not {"authorization", "cookie"} & set(asked.headers)
    assert vendor.bearers(READ) == [f"Bearer {CANARY}-token-1"]


def test_a_token_is_used_for_as_long_as_it_lasts(vendor: Vendor, clock: Clock) -> None:
    with connected(clock) as client:
        client.send(users())
        begun = clock.now
        for after in (10, 3539.0):
            clock.now = begun + after
            client.send(users())
        assert len(vendor.to(ASK)) == 1
        clock.now = begun + 3540.0
        client.send(users())
    assert len(vendor.to(ASK)) == 2, "renewed a minute before it ends"
    assert vendor.bearers(READ)[-2:] == [f"Bearer {CANARY}-token-{n}" for n in (1, 2)]


LASTS: list[tuple[Any, float]] = [
    (3600, 3540.0),
    ("3600", 3540.0),
    (3600.5, 3540.5),
    (" 3600 ", 3540.0),
    (61, 1.0),
    (60, 0.0),
    (1, 0.0),
]
TELLS_NO_END: list[Any] = [
    *(0, -1, "-3600", "soon", "", None, [], {}, "nan", "inf", "1e400", 10**99),
]


@pytest.mark.parametrize(("expires_in", "seconds"), LASTS, ids=repr)
def test_the_end_of_a_token_is_a_number_or_a_text(
    vendor: Vendor, clock: Clock, expires_in: Any, seconds: float
) -> None:
    vendor.on(ASK, says(json=token(expires_in=expires_in)))
    with connected(clock) as client:
        client.send(users())
        begun = clock.now
        clock.now = begun + max(seconds - 0.5, 0)
        client.send(users())
        assert len(vendor.to(ASK)) == (1 if seconds else 2)
        clock.now = begun + seconds
        client.send(users())
    assert len(vendor.to(ASK)) == (2 if seconds else 3)


@pytest.mark.parametrize(
    "answer",
    [token(), *(token(expires_in=absurd) for absurd in TELLS_NO_END)],
    ids=lambda answer: repr(answer.get("expires_in", "absent")),
)
def test_a_token_whose_end_is_not_told_is_good_until_a_401(
    vendor: Vendor, clock: Clock, answer: dict[str, Any]
) -> None:
    vendor.on(ASK, says(json=answer))
    with connected(clock) as client:
        client.send(users())
        clock.now += 1e9
        client.send(users())
        assert len(vendor.to(ASK)) == 1
        vendor.on(READ, says(401, REFUSED), says(json=[]))
        client.send(users())
    assert len(vendor.to(ASK)) == 2


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_token_that_ended_early_is_renewed_once_and_the_request_sent_again(
    vendor: Vendor, clock: Clock, method: str
) -> None:
    call = f"{method} {LE_USERS}/users"
    with connected(clock) as client:
        client.send(users())
        vendor.on(call, says(401, REFUSED), says(json=[{"id": 1}]))
        assert client.send(users(method)).data == [{"id": 1}]
    first, second = vendor.to(call)[-2:]
    assert (first.url, first.content) == (second.url, second.content)
    writes = 0 if method == "GET" else 2
    assert client.calls == Calls(3 - writes, writes), "logins do not count, both sendings do"
    assert vendor.bearers(call)[-2:] == [f"Bearer {CANARY}-token-{n}" for n in (1, 2)]
    assert len(vendor.to(ASK)) == 2
    assert clock.waits.count(5.0) == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_second_401_is_final(vendor: Vendor, clock: Clock, method: str) -> None:
    call = f"{method} {LE_USERS}/users"
    with connected(clock) as client:
        client.send(users())
        vendor.on(call, says(401, REFUSED))
        before = len(vendor.to(call))
        with pytest.raises(Rejected, match=r"401 No \(internalCode 23\)"):
            client.send(users(method))
    assert len(vendor.to(call)) - before == 2
    assert len(vendor.to(ASK)) == 2


def test_a_401_to_a_token_just_fetched_is_final(vendor: Vendor, clock: Clock) -> None:
    vendor.on(READ, says(401, REFUSED))
    with connected(clock) as client, pytest.raises(Rejected, match="401"):
        client.send(users())
    assert [len(vendor.to(call)) for call in (ASK, READ)] == [1, 1]


@pytest.mark.parametrize("at", range(1, 6))
def test_a_token_that_runs_out_before_any_request(vendor: Vendor, clock: Clock, at: int) -> None:
    good = f"Bearer {CANARY}-token-1"

    def account(request: httpx.Request) -> httpx.Response:
        allowed = request.headers["Authorization"] == good
        return says(200 if allowed else 401, [] if allowed else REFUSED)(request)

    vendor.on(READ, account)
    vendor.on(CREATE, account)
    with connected(clock) as client:
        for number, method in enumerate(("GET", "GET", "POST", "GET", "POST", "POST")):
            if number == at:
                good = f"Bearer {CANARY}-token-2"
            client.send(users(method))
    assert len(vendor.to(ASK)) == 2
    assert len(vendor.to(READ) + vendor.to(CREATE)) == 7


@pytest.mark.parametrize(
    "answer",
    [
        says(429, REFUSED),
        says(429, content=b"<html></html>"),
        says(500, REFUSED),
        says(503, content=b""),
    ],
)
def test_a_token_service_that_is_busy_is_waited_for_even_for_a_write(
    vendor: Vendor, clock: Clock, answer: Callable[[httpx.Request], httpx.Response]
) -> None:
    vendor.on(ASK, answer, says(json=token()))
    with connected(clock) as client:
        client.send(users("POST"))
    assert len(vendor.to(CREATE)) == 1
    assert len(vendor.to(ASK)) == 2
    assert 5.0 in clock.waits


def test_its_retry_after_is_honoured(vendor: Vendor, clock: Clock) -> None:
    vendor.on(ASK, says(429, REFUSED, headers={"Retry-After": "17"}), says(json=token()))
    with connected(clock) as client:
        client.send(users())
    assert 17.0 in clock.waits


def test_it_is_not_waited_for_without_end(vendor: Vendor, clock: Clock) -> None:
    vendor.on(ASK, says(503, content=b""))
    words = "no token for the OAuth 2 application: 503"
    with connected(clock) as client, pytest.raises(NotSent, match=words):
        client.send(users("POST"))
    assert len(vendor.to(ASK)) == 4
    assert [wait for wait in clock.waits if wait >= 5] == [5.0, 10.0, 15.0]
    assert vendor.to(CREATE) == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (says(400, {"error": "invalid_client", "error_description": "Unknown client"}), "400 inv"),
        (says(401, REFUSED), r"401 \(internalCode 23\)"),
        (says(403, content=b"<html>canary</html>"), "application: 403; |application: 403$"),
        (says(404, content=b""), "404"),
        (says(302, headers={"Location": "https://evil.tld/"}), "302"),
        (says(content=b"<html>Log in</html>"), "the answer is not usable"),
        (says(content=b""), "the answer is not usable"),
        (says(content=b'{"access_token": "canary'), "the answer is not usable"),
        (says(json=[]), "foreign shape"),
        (says(json=None), "foreign shape"),
        (says(json={}), "the answer holds none"),
        (says(json=token() | {"access_token": None}), "the answer holds none"),
        (says(json=token() | {"access_token": ""}), "the answer holds none"),
        (says(json=token() | {"access_token": 17}), "the answer holds none"),
        (says(json=token() | {"access_token": ["canary"]}), "the answer holds none"),
        (says(json=token() | {"access_token": "canary\r\nX-Evil: 1"}), "the answer holds none"),
        (says(json=token() | {"access_token": "canary\u00e9"}), "the answer holds none"),
        (says(json=token() | {"access_token": "canary\ud800"}), "the answer holds none"),
        (breaks(httpx.ReadTimeout), "no login: ReadTimeout"),
        (breaks(httpx.ConnectError), "cannot be reached: ConnectError"),
        (breaks(httpx.RemoteProtocolError), "no login: RemoteProtocolError"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_token_no_request(
    vendor: Vendor, clock: Clock, method: str, answer: Any, words: str
) -> None:
    vendor.on(ASK, answer)
    with connected(clock) as client, pytest.raises(AccountError, match=words) as raised:
        client.send(users(method))
    assert type(raised.value) in (AccountError, NotSent), "nobody has to look what became of it"
    assert CANARY not in str(raised.value)
    assert len(vendor.to(ASK)) == 1
    assert vendor.to(f"{method} {LE_USERS}/users") == []


def test_a_renewal_that_fails_leaves_the_request_unsent(vendor: Vendor, clock: Clock) -> None:
    with connected(clock) as client:
        client.send(users())
        vendor.on(CREATE, says(401, REFUSED))
        vendor.on(ASK, says(400, {"error": "invalid_client"}))
        with pytest.raises(NotSent, match="no token for the OAuth 2 application: 400"):
            client.send(users("POST"))
    assert len(vendor.to(CREATE)) == 1


# A user's login


def test_the_request_of_a_login(vendor: Vendor, clock: Clock) -> None:
    with connected(clock, "login") as client:
        client.send(users())
        client.send(users())
    (asked,) = vendor.to(LOG_IN)
    assert str(asked.url) == f"https://{HOSTS['agentVep']}{LOGIN}?v=1.3"
    assert json.loads(asked.content) == VALUES["login"]
    assert (asked.headers["Content-Type"], asked.headers["Accept"]) == (JSON, JSON)
    assert asked.headers["User-Agent"] == f"lebots/{__version__}"
    assert not {"authorization", "cookie"} & set(asked.headers)
    assert vendor.bearers(READ) == [f"Bearer {CANARY}-bearer-1"] * 2


def session(sent: Sent, number: int) -> None:
    """A request within a session: the csrf in its body, the session in its cookie."""
    assert json.loads(sent.content) == {"csrf": f"{CANARY}-csrf-{number}"}
    assert sent.headers["Cookie"] == f"Session_id={CANARY}-session-{number}"
    assert (sent.headers["Content-Type"], sent.headers["Accept"]) == (JSON, JSON)
    assert sent.headers["User-Agent"] == f"lebots/{__version__}"
    assert sent.url.query == b"v=1.3"
    assert sent.url.host == HOSTS["agentVep"]


def test_the_session_is_refreshed_every_four_minutes(vendor: Vendor, clock: Clock) -> None:
    with connected(clock, "login") as client:
        client.send(users())
        for _ in range(4):
            clock.now += 60
            client.send(users())
        assert vendor.to(f"POST {REFRESH}") == []
        clock.now += 1
        client.send(users())
        assert vendor.calls[-2:] == [f"POST {REFRESH}", READ], "requests alone do not keep it"
        client.send(users())
    (refreshed,) = vendor.to(f"POST {REFRESH}")
    session(refreshed, 1)
    assert len(vendor.to(LOG_IN)) == 1


def test_a_cookie_of_the_refresh_replaces_the_one_before(vendor: Vendor, clock: Clock) -> None:
    cookie = {"Set-Cookie": f"Session_id={CANARY}-newer; Path=/; Secure"}
    vendor.on(f"POST {REFRESH}", says(content=b"", headers=cookie))
    with connected(clock, "login") as client:
        client.send(users())
        clock.now += 241
        client.send(users())
    assert vendor.to(f"POST {LOGOUT}")[0].headers["Cookie"] == f"Session_id={CANARY}-newer"


@pytest.mark.parametrize("answer", [says(401, REFUSED), says(500, content=b"<html>")])
def test_a_refused_refresh_shows_in_the_request_itself(
    vendor: Vendor, clock: Clock, answer: Any
) -> None:
    vendor.on(f"POST {REFRESH}", answer)
    with connected(clock, "login") as client:
        client.send(users())
        clock.now += 241
        vendor.on(READ, says(401, REFUSED), says(json=[]))
        assert client.send(users()).data == []
    assert vendor.bearers(READ) == [f"Bearer {CANARY}-bearer-{number}" for number in (1, 1, 2)]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_session_that_ended_is_begun_anew_once(vendor: Vendor, clock: Clock, method: str) -> None:
    call = f"{method} {LE_USERS}/users"
    with connected(clock, "login") as client:
        client.send(users())
        vendor.on(call, says(401, REFUSED), says(json=[]))
        client.send(users(method))
        assert vendor.bearers(call)[-2:] == [f"Bearer {CANARY}-bearer-{n}" for n in (1, 2)]
        vendor.on(call, says(401, REFUSED))
        with pytest.raises(Rejected, match="401 No"):
            client.send(users(method))
        assert len(vendor.to(LOG_IN)) == 3
    session(vendor.to(f"POST {LOGOUT}")[0], 3)


def test_the_session_is_ended_with_the_run(vendor: Vendor, clock: Clock) -> None:
    with connected(clock, "login") as client:
        client.send(users())
        assert vendor.to(f"POST {LOGOUT}") == []
    assert vendor.calls[-1] == f"POST {LOGOUT}"
    session(vendor.sent[-1], 1)
    assert "authorization" not in vendor.sent[-1].headers


@pytest.mark.parametrize("error", [AccountError, RuntimeError, KeyboardInterrupt])
def test_and_when_the_run_fails(vendor: Vendor, clock: Clock, error: type[BaseException]) -> None:
    def fails() -> None:
        with connected(clock, "login") as client:
            client.send(users())
            raise error

    with pytest.raises(error):
        fails()
    assert len(vendor.to(f"POST {LOGOUT}")) == 1


@pytest.mark.parametrize(
    "answer",
    [
        says(401, REFUSED),
        says(500, content=b"<html>"),
        says(302, headers={"Location": "https://evil.tld"}),
        says(302, headers={"Location": "https://[evil"}),
        streams(httpx.ByteStream(b"no gzip"), {"Content-Encoding": "gzip"}),
        breaks(httpx.ReadTimeout),
        breaks(httpx.ConnectError),
        breaks(httpx.RemoteProtocolError),
    ],
)
def test_a_session_that_cannot_be_ended_runs_out_by_itself(
    vendor: Vendor, clock: Clock, answer: Any
) -> None:
    vendor.on(f"POST {LOGOUT}", answer)
    with connected(clock, "login") as client:
        client.send(users())
    assert len(vendor.to(f"POST {LOGOUT}")) == 1


def test_nobody_who_never_logged_in_is_logged_out(vendor: Vendor, clock: Clock) -> None:
    vendor.on(LOG_IN, says(401, REFUSED))
    with connected(clock, "login") as client, pytest.raises(NotSent):
        client.send(users())
    assert vendor.to(f"POST {LOGOUT}") == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (says(400, REFUSED), r"login failed: 400 \(internalCode 23\)$"),
        (says(401, {"error": REFUSED}), "401 .*the account, the user or the credential is wro"),
        (says(403, content=b"<html>canary</html>"), "login failed: 403$"),
        (says(451, REFUSED), "451 .*LivePerson has blocked the account or the user: open a sup"),
        (says(303, headers={"Location": "https://evil.tld/"}), "login failed: 303"),
        (says(content=b"<html>Log in</html>"), "login failed: the answer is not usable"),
        (says(content=b""), "login failed: the answer is not usable"),
        (says(json=[]), "login failed: the answer has a foreign shape"),
        (says(json={}), "the answer names no user"),
        (says(json=logged_in(config=None)), "the answer names no user"),
        (says(json=logged_in(config={})), "the answer names no user"),
        (says(json=logged_in(config={"userId": ""})), "the answer names no user"),
        (says(json=logged_in(bearer=None)), "the answer holds no bearer"),
        (says(json=logged_in(bearer="")), "the answer holds no bearer"),
        (says(json=logged_in(bearer=[1])), "the answer holds no bearer"),
        (says(json=logged_in(bearer="canary\r\nX-Evil: 1")), "the answer holds no bearer"),
        (says(json=logged_in(bearer="canary\u00e9")), "the answer holds no bearer"),
        (breaks(httpx.ReadTimeout), "no login: ReadTimeout"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_login_no_request(
    vendor: Vendor, clock: Clock, method: str, answer: Any, words: str
) -> None:
    vendor.on(LOG_IN, answer)
    with connected(clock, "login") as client, pytest.raises(AccountError, match=words) as raised:
        client.send(users(method))
    assert type(raised.value) in (AccountError, NotSent)
    assert CANARY not in str(raised.value)
    assert len(vendor.to(LOG_IN)) == 1, "failed logins can lock a user"
    assert vendor.to(f"{method} {LE_USERS}/users") == []


@pytest.mark.parametrize("header", [{}, {"Retry-After": "1"}, {"Retry-After": "-3"}])
def test_a_login_service_that_is_busy_is_given_five_seconds(
    vendor: Vendor, clock: Clock, header: dict[str, str]
) -> None:
    vendor.on(LOG_IN, says(429, REFUSED, headers=header), says(json=logged_in()))
    with connected(clock, "login") as client:
        client.send(users("POST"))
    assert 5.0 in clock.waits
    assert not [wait for wait in clock.waits if 0.5 < wait < 5]
    assert len(vendor.to(CREATE)) == 1


def test_cookies_of_a_session_go_nowhere_else(vendor: Vendor, clock: Clock) -> None:
    """Neither to other hosts nor, where one host is everything, to other requests."""
    wide = {"Set-Cookie": f"Session_id={CANARY}; Domain=liveperson.net; Path=/; Secure"}
    vendor.on(LOG_IN, says(json=logged_in(), headers=wide))
    vendor.on(READ, says(json=[], headers=wide | {"Set-Cookie": "JSESSIONID=1; Path=/"}))
    with connected(clock, "login") as client:
        for _ in range(2):
            client.send(users())
    assert all("cookie" not in sent.headers for sent in vendor.to(READ))


# OAuth 1


def authorization(sent: Sent) -> dict[str, str]:
    """The parts of the header, as oauthlib's own server reads them."""
    found = signature.collect_parameters(
        headers={"Authorization": sent.headers["Authorization"]}, exclude_oauth_signature=False
    )
    return dict(found)


def verified(sent: Sent, **secrets: str) -> bool:
    """What oauthlib's server says of the signature."""
    keys = {"secret": VALUES["oauth1"]["secret"], **VALUES["oauth1"], **secrets}
    method: Any = sent.method
    signed: Any = Signed(str(sent.url), http_method=method, body="", headers={})
    signed.params = signature.collect_parameters(
        uri_query=sent.url.query.decode("ascii"),
        headers={"Authorization": sent.headers["Authorization"]},
    )
    signed.signature = authorization(sent)["oauth_signature"]
    return bool(signature.verify_hmac_sha1(signed, keys["secret"], keys["accessTokenSecret"]))


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"v": "6.0"},
        {"v": "6.0", "select": "$all", "include_deleted": "true"},
        {"v": "1.0", "name": "a b&c=d/e?f+g~h*i%20"},
        {"v": "1.0", "name": "\u00e9\U0001f600", "empty": ""},
    ],
    ids=repr,
)
def test_a_signature_that_a_server_accepts(
    vendor: Vendor, clock: Clock, method: str, query: dict[str, str]
) -> None:
    with connected(clock, "oauth1") as client:
        client.send(users(method, query=query))
    (sent,) = vendor.to(f"{method} {LE_USERS}/users")
    assert verified(sent)
    assert not verified(sent, secret="another"), "a check that could fail"
    assert not verified(sent, accessTokenSecret="another")
    parts = authorization(sent)
    assert parts["oauth_consumer_key"] == VALUES["oauth1"]["appKey"]
    assert parts["oauth_token"] == VALUES["oauth1"]["accessToken"]
    assert parts["oauth_signature_method"] == "HMAC-SHA1"
    assert parts["oauth_version"] == "1.0"
    assert sent.headers["Authorization"].startswith("OAuth ")
    assert "oauth" not in str(sent.url)


def test_every_request_has_a_nonce_of_its_own(vendor: Vendor, clock: Clock) -> None:
    vendor.on(READ, *[says(503, content=b"")] * 3, says(json=[]))
    with connected(clock, "oauth1") as client:
        client.send(users())
        client.send(users())
        client.send(users("PUT"))
    signed = [sent for sent in vendor.sent if "authorization" in sent.headers]
    assert len(signed) == 6, "three repeats among them"
    assert len({authorization(sent)["oauth_nonce"] for sent in signed}) == 6
    assert all(verified(sent) for sent in signed)


def test_a_refused_signature_is_final(vendor: Vendor, clock: Clock) -> None:
    problem = b"oauth_problem=token_rejected&oauth_problem_advice=Unknown%20token"
    vendor.on(READ, says(401, content=problem))
    with (
        connected(clock, "oauth1") as client,
        pytest.raises(Rejected, match="401 token_rejected: Unknown token"),
    ):
        client.send(users())
    assert len(vendor.to(READ)) == 1


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, vendor: Vendor, clock: Clock
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "oauthlib", None)
    with (
        pytest.raises(AccountError, match=re.escape(f"needs: {adding('oauth1')}")),
        connected(clock, "oauth1"),
    ):
        pytest.fail("there is no such client")


# What all three have in common


@pytest.mark.parametrize("method", VALUES)
def test_requests_of_a_login_have_an_end_too(vendor: Vendor, clock: Clock, method: str) -> None:
    with connected(clock, method) as client:
        client.send(users())
        clock.now += 241
        client.send(users())
    for sent in vendor.sent:
        assert set(sent.timeout) == {"connect", "read", "write", "pool"}
        assert all(seconds and seconds <= 60 for seconds in sent.timeout.values()), sent.call
    if method == "login":
        assert max(vendor.sent[-1].timeout.values(), default=None) == 5.0, "the end of a run"  # type: ignore[type-var]


@pytest.mark.parametrize("method", VALUES)
def test_a_host_sees_no_more_than_its_own_credential(
    vendor: Vendor, clock: Clock, method: str
) -> None:
    with connected(clock, method) as client:
        client.send(users())
        client.send(users("POST"))
        client.send(users(anonymous=True))
    logins = {LOG_IN, ASK, f"POST {LOGOUT}"}
    for sent in vendor.sent:
        assert CANARY not in str(sent.url)
        if sent.call not in logins:
            carried = sent.carries.replace(sent.headers.get("Authorization", "-"), "")
            assert CANARY not in carried
    assert "authorization" not in vendor.to(READ)[-1].headers


@pytest.mark.parametrize("method", VALUES)
@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.ConnectError, httpx.LocalProtocolError])
def test_nothing_of_a_credential_is_logged_or_shown(
    vendor: Vendor,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    method: str,
    error: type[httpx.TransportError],
) -> None:
    for name in LOGGERS:
        caplog.set_level(logging.DEBUG, logger=name)
    shown: list[str] = []
    with connected(clock, method) as client:
        client.send(users())
        clock.now += 5000
        vendor.on(READ, breaks(error))
        with pytest.raises(AccountError) as raised:
            client.send(users())
        shown += [str(raised.value), repr(raised.value), client.actor(), repr(client)]
        shown += [repr(raised.value.__cause__), repr(vars(client))]
    printed = capfd.readouterr()
    told = "\n".join([*shown, caplog.text, printed.out, printed.err])
    assert CANARY not in told
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def quoting(status: int, shape: Callable[[str], Any]) -> Answer:
    """A refusal in words that repeat everything it was sent."""

    def answer(request: httpx.Request) -> httpx.Response:
        heard = f"{request.content.decode()} {request.headers.get('Authorization', '')}"
        return says(status, shape(heard))(request)

    return answer


SHAPES: dict[str, Callable[[str], Any]] = {
    "a message": lambda heard: {"message": f"cannot use {heard}"},
    "an error within": lambda heard: {"error": {"message": heard, "internalCode": 5}},
    "OAuth 2": lambda heard: {"error": "invalid_client", "error_description": heard},
    "fields": lambda heard: {"message": "No", "fields": [heard]},
}


@pytest.mark.parametrize("status", [400, 401, 403, 500])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("method", "call"),
    [("oauth2", ASK), ("oauth2", READ), ("login", LOG_IN), ("login", READ), ("oauth1", READ)],
)
def test_words_that_repeat_a_credential_are_not_repeated(
    vendor: Vendor, clock: Clock, method: str, call: str, shape: str, status: int
) -> None:
    vendor.on(call, quoting(status, SHAPES[shape]))
    with pytest.raises(AccountError) as caught, connected(clock, method) as client:
        client.send(users())
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    text = "".join(shown.format(chain=False))
    lebots = text.partition("lebots/account")[2]
    assert str(status) in str(caught.value)
    assert CANARY not in str(caught.value)
    assert CANARY not in lebots


@pytest.mark.parametrize(
    ("auth", "words"),
    [
        (
            lambda host: ClientCredentials(ACCOUNT, Secret("a"), Secret("b"), host, Clock()),
            "acts as an OAuth 2 application, with no user and no session of its own",
        ),
        (
            lambda host: UserLogin(ACCOUNT, Secret("a"), Secret("b"), host, Clock()),
            "acts as user unknown, no administrator: applications may be refused",
        ),
        (
            lambda host: OAuth1(Secret("a"), Secret("b"), Secret("c"), Secret("d")),
            "acts for the site with an OAuth 1 key, which is past its end of life",
        ),
    ],
)
def test_who_acts(auth: Any, words: str) -> None:
    assert str(auth(lambda service: "")) == words


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"userId": "7", "isAdmin": True}, "acts as user 7, an administrator"),
        ({"userId": "7", "isAdmin": "true"}, "acts as user 7, an administrator"),
        ({"userId": "7", "isAdmin": "false"}, "acts as user 7, no administrator: applications may"),
        ({"userId": "7"}, "acts as user 7, no administrator: applications may be refused"),
    ],
)
def test_which_user_acts(vendor: Vendor, clock: Clock, config: dict[str, Any], words: str) -> None:
    vendor.on(LOG_IN, says(json=logged_in(config=config)))
    with connected(clock, "login") as client:
        client.send(users())
        assert client.actor().startswith(words)
