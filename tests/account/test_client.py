"""What an answer of the account means; a write whose answer is lost is never called failed."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from lebots import __version__
from lebots.account.answers import Request
from lebots.account.client import Client
from lebots.core.model.plan import Calls
from lebots.core.model.secret import Secret
from lebots.errors import AccountError, Conflict, NotSent, OutcomeUnknown, Rejected

CANARY = "canary-4711"
VERBS = ("GET", "POST", "PUT", "DELETE")
WRITING = ("POST", "PUT", "DELETE")


def client(handler: Callable[[httpx.Request], httpx.Response], account: str = "L1") -> Client:
    http = httpx.Client(transport=httpx.MockTransport(handler), trust_env=False)
    return Client(account, http, lambda service: f"https://{service}.example.com")


def request(method: str = "GET", **more: Any) -> Request:
    body = None if method in ("GET", "DELETE") else {"pin": Secret(CANARY)}
    fields = {"query": {"v": "3"}, "body": body, **more}
    return Request(method, "library", "/L1/books", **fields)


def sent(what: Request, answer: httpx.Response | Exception) -> Any:
    """What ``send`` returns or raises for this answer, after exactly one request."""
    seen = []

    def handler(asked: httpx.Request) -> httpx.Response:
        seen.append(asked)
        if isinstance(answer, Exception):
            raise answer
        return answer

    error = None
    try:
        return client(handler).send(what)
    except AccountError as raised:
        error = raised
    finally:
        assert len(seen) == 1, "nothing is sent twice, no redirect is followed"
    assert CANARY not in str(error)
    assert str(error).startswith(f"{what.method} /L1/books: ")
    assert error.__suppress_context__ or error.__context__ is None
    return error


# What httpx raises

NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.ProxyError,
)
LOST = (
    httpx.ReadTimeout,
    httpx.WriteTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.CloseError,
    httpx.RemoteProtocolError,
    httpx.DecodingError,
    httpx.TooManyRedirects,
)


def _leaves(error: type[Exception]) -> set[type[Exception]]:
    below = [each for each in error.__subclasses__() if each.__module__.startswith("httpx")]
    return {leaf for each in below for leaf in _leaves(each)} if below else {error}


def test_every_error_of_httpx_is_classified() -> None:
    assert _leaves(httpx.RequestError) == {*NOT_SENT, *LOST}


@pytest.mark.parametrize("method", VERBS)
@pytest.mark.parametrize("error", NOT_SENT)
def test_a_request_that_never_left(error: type[httpx.RequestError], method: str) -> None:
    found = sent(request(method), error(CANARY))
    assert type(found) is NotSent
    assert error.__name__ in str(found)


@pytest.mark.parametrize("method", VERBS)
@pytest.mark.parametrize("error", LOST)
def test_an_answer_that_was_lost(error: type[httpx.RequestError], method: str) -> None:
    found = sent(request(method), error(CANARY))
    assert type(found) is (OutcomeUnknown if method in WRITING else AccountError)
    assert error.__name__ in str(found)


# Statuses

MEANING = [
    *((status, AccountError, OutcomeUnknown) for status in (301, 302, 303, 307, 308, 300)),
    *((status, AccountError, OutcomeUnknown) for status in (408, 500, 501, 502, 503, 504, 599)),
    *(
        (status, Rejected, Rejected)
        for status in (400, 401, 403, 404, 405, 413, 415, 422, 428, 429)
    ),
    *((status, Rejected, Conflict) for status in (409, 412)),
    (304, AccountError, Conflict),
]


@pytest.mark.parametrize("method", VERBS)
@pytest.mark.parametrize(("status", "read", "write"), MEANING)
def test_what_a_status_means(
    status: int, read: type[AccountError], write: type[AccountError], method: str
) -> None:
    found = sent(request(method), httpx.Response(status, headers={"Location": "/elsewhere"}))
    expected = write if method in WRITING else read
    if method == "POST" and expected is Conflict:
        expected = OutcomeUnknown if status == 304 else Rejected
    assert type(found) is expected
    assert f": {status}" in str(found)
    if isinstance(found, Rejected):
        assert found.status == status
        assert not found.foreign


def test_a_refusal_to_read_tells_whether_the_account_itself_has_spoken() -> None:
    page = sent(request("GET"), httpx.Response(404, html="<html>"))
    assert (type(page), page.foreign) == (Rejected, True)
    own = sent(request("GET"), httpx.Response(404, json={"message": "No"}))
    assert (type(own), own.foreign) == (Rejected, False)


def test_a_refusal_says_why() -> None:
    body = {"message": "Invalid value", "internalCode": 17, "fields": ["title", "shelfId"]}
    found = sent(request("POST"), httpx.Response(400, json=body))
    assert found.fields == ("title", "shelfId")
    assert str(found) == (
        "POST /L1/books: 400 Invalid value (internalCode 17) (fields: title, shelfId)"
    )


def test_a_page_of_a_proxy_is_not_repeated() -> None:
    found = sent(request("PUT"), httpx.Response(403, html=f"<html>{CANARY}</html>"))
    assert str(found).startswith("PUT /L1/books: 403; a web page answered in place of the account")
    assert str(found).endswith("; it may or may not have happened")
    assert "accounts.NAME.proxy" in str(found)


# Answers


@pytest.mark.parametrize("method", VERBS)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html>Log in</html>", id="HTML"),
        pytest.param(b'[{"id": 1', id="cut short"),
        pytest.param(b'{"id": 1, "id": 2}', id="key twice"),
        pytest.param(b"\xff", id="no UTF-8"),
    ],
)
def test_an_unusable_answer(body: bytes, method: str) -> None:
    found = sent(request(method), httpx.Response(200, content=body))
    assert type(found) is (OutcomeUnknown if method in WRITING else AccountError)
    assert "the answer is not usable" in str(found)


def test_an_answer_that_cannot_be_unpacked() -> None:
    headers = {"Content-Encoding": "gzip"}
    answer = httpx.Response(200, headers=headers, stream=httpx.ByteStream(b"no gzip"))
    assert type(sent(request("PUT"), answer)) is OutcomeUnknown


def test_an_empty_answer_is_enough_for_a_write_but_never_a_list() -> None:
    assert sent(request("PUT"), httpx.Response(200)).data is None
    assert sent(request("DELETE"), httpx.Response(204)).data is None
    assert type(sent(request("GET"), httpx.Response(200))) is AccountError


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_success_counts(status: int) -> None:
    assert sent(request("POST"), httpx.Response(status, json={"id": 1})).data == {"id": 1}


@pytest.mark.parametrize(
    ("headers", "revision"),
    [
        ({"ac-revision": "17"}, "17"),
        ({"AC-Revision": "17", "ETag": '"16"'}, "17"),
        ({"ETag": '"17"'}, "17"),
        ({"ETag": 'W/"17"'}, "17"),
        ({"ETag": "17"}, "17"),
        ({"ac-revision": "", "ETag": "17"}, "17"),
        ({}, ""),
        ({"ac-revision": "-1"}, ""),
        ({"ETag": "*"}, ""),
        ({"ETag": '"*"'}, ""),
        ({"ac-revision": "17\u00e9"}, ""),
        ({"ac-revision": "17 18"}, ""),
    ],
)
def test_the_revision_of_an_answer_is_never_one_that_forces(
    headers: dict[str, str], revision: str
) -> None:
    encoded = {name.encode(): value.encode() for name, value in headers.items()}
    assert sent(request(), httpx.Response(200, headers=encoded, json=[])).revision == revision


# Requests


def asked(what: Request) -> httpx.Request:
    seen = []

    def handler(asked: httpx.Request) -> httpx.Response:
        seen.append(asked)
        return httpx.Response(200, json={})

    client(handler).send(what)
    return seen[0]


def test_a_read_as_it_is_sent() -> None:
    found = asked(request(query={"v": "3", "select": "$all"}))
    assert found.method == "GET"
    assert str(found.url) == "https://library.example.com/L1/books?v=3&select=%24all"
    assert found.headers["Accept"] == "application/json"
    assert found.headers["User-Agent"] == f"lebots/{__version__}"
    assert "Content-Type" not in found.headers
    assert found.content == b""


def test_a_write_as_it_is_sent() -> None:
    found = asked(request("PUT", headers={"If-Match": "17", "X-Counter": "open"}))
    assert found.headers["Content-Type"] == "application/json"
    assert found.headers["If-Match"] == "17"
    assert found.headers["X-Counter"] == "open"
    assert found.content == b'{"pin":"canary-4711"}'


def test_a_request_is_shown_without_what_it_carries() -> None:
    assert str(request("POST")) == "POST /L1/books"
    assert CANARY not in repr(request("POST"))


# How many were sent


@pytest.mark.parametrize("error", [*NOT_SENT, *LOST])
@pytest.mark.parametrize("method", VERBS)
def test_what_may_have_arrived_counts_as_sent(
    method: str, error: type[httpx.TransportError]
) -> None:
    def handler(asked: httpx.Request) -> httpx.Response:
        raise error("x", request=asked)

    asking = client(handler)
    with pytest.raises(AccountError):
        asking.send(request(method))
    number = 0 if error in NOT_SENT else 1
    assert asking.calls == (Calls(0, number) if method in WRITING else Calls(number, 0))


def test_every_request_counts_whatever_its_answer() -> None:
    asking = client(lambda asked: httpx.Response(403 if asked.method == "PUT" else 200, json={}))
    assert asking.calls == Calls(0, 0)
    for method in ("GET", "GET", "POST"):
        asking.send(request(method))
    with pytest.raises(Rejected):
        asking.send(request("PUT"))
    assert asking.calls == Calls(2, 2)
