"""The exact requests for any kind's endpoint, and what is made of their answers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import respx

from lebots.account.client import Client
from lebots.account.gateway import Gateway
from lebots.core.model.secret import Secret
from lebots.errors import AccountError, Conflict, OutcomeUnknown, Rejected
from tests.toys import BOOK, KINDS, SHELF, TICKET, at

CANARY = "canary-4711"
HOST = "https://{}.example.com"
SHELVES = HOST.format("library") + "/L1/shelves"
BOOKS = HOST.format("library") + "/L1/books"
TICKETS = HOST.format("counter") + "/L1/tickets"
PAPERS = HOST.format("archive") + "/L1/papers"
ROOMS = HOST.format("building") + "/L1/rooms"

BOOK_EP, SHELF_EP = BOOK.endpoints[0], SHELF.endpoints[0]
TICKET_EP = TICKET.endpoint("tickets")


@pytest.fixture
def wire() -> Iterator[respx.MockRouter]:
    """Refuses every request that a test does not expect, and every one it expects in vain."""
    with respx.mock(assert_all_called=True, assert_all_mocked=True) as router:
        yield router


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with httpx.Client(trust_env=False) as http:
        yield Gateway(Client("L1", http, HOST.format), KINDS)


def sent(route: respx.Route) -> httpx.Request:
    assert route.call_count == 1
    request: httpx.Request = route.calls[0].request
    return request


def lists(wire: respx.MockRouter, **answers: Any) -> dict[str, respx.Route]:
    """Expects one list of every collection; answers with nothing where nothing else is said."""
    urls = {
        "books": f"{BOOKS}?v=3&select=%24all&include_deleted=true",
        "rooms": f"{ROOMS}?v=1",
        "shelves": f"{SHELVES}?v=2&select=%24all",
        "tickets": f"{TICKETS}?v=1",
        "papers": f"{PAPERS}?v=1",
    }
    routes = {}
    for name, url in urls.items():
        answer = answers.get(name, [])
        response = (
            answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)
        )
        routes[name] = wire.get(url__eq=url).mock(return_value=response)
    return routes


# Reading


def test_every_collection_is_read_once_and_whole(wire: respx.MockRouter, gateway: Gateway) -> None:
    routes = lists(
        wire,
        shelves=[{"id": 1, "name": "A", "width": 7, "roomId": -1}],
        books=[{"id": 2, "title": "Emma", "shelfId": 1}],
    )
    account = gateway.read()
    assert [route.call_count for route in routes.values()] == [1] * 5
    found = {live.address: live for live in account.objects}
    assert found[at("Shelf/A")].spec["room"] == "Hall"
    assert found[at("Book/Emma")].spec["shelf"] == "A"
    assert account.id == "L1"
    assert account.unreadable == {}


def test_secrets_do_not_outlive_the_parsing_of_a_list(
    wire: respx.MockRouter, gateway: Gateway
) -> None:
    ticket = {"id": "t-1", "holder": "Ann", "pin": CANARY, "stamps": [{"code": CANARY}]}
    lists(wire, tickets=[ticket], papers=[{"number": "p-1", "holder": "Bob", "pin": CANARY}])
    account = gateway.read()
    assert {str(live.address) for live in account.objects} >= {"Ticket/Ann", "Ticket/Bob"}
    assert CANARY not in repr(account)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@pytest.mark.parametrize("name", ["shelves", "books", "tickets", "papers", "rooms"])
def test_one_refused_list_stops_no_other(
    wire: respx.MockRouter, gateway: Gateway, name: str, status: int
) -> None:
    lists(wire, **{name: httpx.Response(status, json={"message": "No"})})
    assert gateway.read().unreadable == {name: f"GET /L1/{name}: {status} No"}


def test_an_account_that_refuses_every_list_is_not_read(
    wire: respx.MockRouter, gateway: Gateway
) -> None:
    wire.get().respond(401, json={"message": "No"})
    with pytest.raises(Rejected, match="401 No"):
        gateway.read()


@pytest.mark.parametrize(
    "answer", [httpx.Response(status) for status in (429, 500, 302)] + [httpx.ReadTimeout("")]
)
def test_but_it_may_not_fail_in_any_other_way(
    wire: respx.MockRouter, gateway: Gateway, answer: Any
) -> None:
    failing = {"side_effect": answer} if isinstance(answer, Exception) else {"return_value": answer}
    wire.get(PAPERS).mock(**failing)
    wire.get().mock(return_value=httpx.Response(200, json=[]))
    with pytest.raises(AccountError, match="GET /L1/papers"):
        gateway.read()


NO_LISTS = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"<html>Log in</html>", id="a login page"),
    pytest.param(b'[{"id": 1, "title": "Emma"}', id="cut short"),
    pytest.param(b'[{"id": 1, "title": "Emma", "title": "X"}]', id="a key twice"),
    pytest.param(b'[{"id": 1, "title": "Emma", "place": NaN}]', id="not a number"),
    pytest.param(b"null", id="null"),
    pytest.param(b"{}", id="an object"),
    pytest.param(b'{"books": []}', id="a wrapped list"),
    pytest.param(b'{"message": "try later"}', id="an error with 200"),
    pytest.param(b'[{"id": 1, "title": "Emma"}, null]', id="null among objects"),
    pytest.param(b"[[]]", id="lists in a list"),
    pytest.param(b'["Emma"]', id="names alone"),
    pytest.param(b'[{"id": 1}]', id="a short projection"),
    pytest.param(b'[{"title": "Emma"}]', id="no id"),
]
ODD_OBJECTS = [
    pytest.param({"title": "Anne"}, "'id' should hold an id, but holds nothing", id="no id"),
    pytest.param(
        {"id": [1], "title": "Anne"}, "'id' should hold an id, but", id="a list for an id"
    ),
    pytest.param({"id": 1}, "'title' should hold text, but holds nothing", id="no name"),
    pytest.param({"id": 1, "title": None}, "'title' should hold text, but", id="null for a name"),
    pytest.param({"id": 1, "title": "Anne", "sequelIds": "x, y"}, "'sequelIds'", id="a field"),
]


def answers_books(content: bytes) -> None:
    respx.get(BOOKS).mock(return_value=httpx.Response(200, content=content))
    respx.get().mock(return_value=httpx.Response(200, json=[]))


@respx.mock
@pytest.mark.parametrize("body", NO_LISTS)
def test_a_wrong_body_is_never_an_empty_list(body: bytes, gateway: Gateway) -> None:
    answers_books(body)
    with pytest.raises(AccountError, match="books"):
        gateway.read()


@respx.mock
@pytest.mark.parametrize(("odd", "fault"), ODD_OBJECTS)
def test_an_odd_object_leaves_the_others_readable(odd: Any, fault: str, gateway: Gateway) -> None:
    answers_books(json.dumps([odd, {"id": 2, "title": "Emma"}]).encode())
    account = gateway.read()
    assert not account.unreadable
    found = [live for live in account.objects if live.address.kind == "Book"]
    assert [bool(live.faults) for live in found] == [True, False]
    assert fault in found[0].unread


def test_find_matches_exactly_and_leaves_deleted_objects_aside(
    wire: respx.MockRouter, gateway: Gateway
) -> None:
    wire.get(url__eq=f"{BOOKS}?v=3&select=%24all&include_deleted=true").respond(
        json=[
            {"id": 1, "title": "Emma"},
            {"id": 2, "title": "emma"},
            {"id": 3, "title": "Emma", "deleted": True},
            {"id": 4, "title": "Emma", "deleted": "true"},
        ]
    )
    assert [raw["id"] for raw in gateway.find(BOOK_EP, "Emma")] == [1]


def test_find_drops_secrets(wire: respx.MockRouter, gateway: Gateway) -> None:
    wire.get(TICKETS).respond(json=[{"id": "t-1", "holder": "Ann", "pin": CANARY}])
    assert gateway.find(TICKET_EP, "Ann") == [{"id": "t-1", "holder": "Ann"}]


# One object


@pytest.mark.parametrize("answer", [{"id": 2, "title": "Emma"}, [{"id": 2, "title": "Emma"}]])
def test_fetch(wire: respx.MockRouter, gateway: Gateway, answer: Any) -> None:
    route = wire.get(url__eq=f"{BOOKS}/2?v=3").respond(json=answer, headers={"ac-revision": "17"})
    item = gateway.fetch(BOOK_EP, "2")
    assert item == ({"id": 2, "title": "Emma"}, "17")
    assert "If-Match" not in sent(route).headers


def test_secrets_of_one_object_are_sealed(wire: respx.MockRouter, gateway: Gateway) -> None:
    raw = {"id": "t-1", "holder": "Ann", "pin": CANARY, "stamps": [{"code": CANARY}]}
    wire.get(f"{TICKETS}/t-1").respond(json=raw, headers={"ETag": "17"})
    item = gateway.fetch(TICKET_EP, "t-1")
    assert CANARY not in repr(item)
    assert item.raw["pin"].reveal() == item.raw["stamps"][0]["code"].reveal() == CANARY


@pytest.mark.parametrize(
    ("answer", "headers", "words"),
    [
        pytest.param({"id": 3, "title": "X"}, {"ETag": "1"}, "another object", id="other id"),
        pytest.param([], {"ETag": "1"}, "another object", id="empty list"),
        pytest.param(
            [{"id": 2, "title": "X"}, {"id": 2, "title": "Y"}], {"ETag": "1"}, "another", id="two"
        ),
        pytest.param({"id": 2}, {"ETag": "1"}, "title", id="no name"),
        pytest.param({"id": 2, "title": "Emma"}, {}, "no revision", id="no revision"),
        pytest.param({"id": 2, "title": "Emma"}, {"ETag": "*"}, "no revision", id="forcing"),
    ],
)
def test_what_is_not_the_object_asked_for(
    wire: respx.MockRouter, gateway: Gateway, answer: Any, headers: dict[str, str], words: str
) -> None:
    wire.get(f"{BOOKS}/2").respond(json=answer, headers=headers)
    with pytest.raises(AccountError, match=words):
        gateway.fetch(BOOK_EP, "2")


@pytest.mark.parametrize(
    ("id_", "path"),
    [
        ("../users/1", "..%2Fusers%2F1"),
        ("1?x=y#z", "1%3Fx%3Dy%23z"),
        ("-1", "-1"),
        ("a b", "a%20b"),
        ("\ud83d", "%ED%A0%BD"),
    ],
)
def test_an_id_never_leads_to_another_path(
    wire: respx.MockRouter, gateway: Gateway, id_: str, path: str
) -> None:
    answer = json.dumps({"id": id_, "title": "X"})
    route = wire.get(url__regex=".*").respond(content=answer, headers={"ETag": "1"})
    gateway.fetch(BOOK_EP, id_)
    assert sent(route).url.raw_path == f"/L1/books/{path}?v=3".encode()


# Create


@pytest.mark.parametrize("wrap", [lambda raw: raw, lambda raw: [raw]])
def test_create(wire: respx.MockRouter, gateway: Gateway, wrap: Any) -> None:
    answer = {"id": 9, "title": "Emma", "isLent": False}
    route = wire.post(url__eq=f"{BOOKS}?v=3").respond(201, json=wrap(answer))
    assert gateway.create(BOOK_EP, {"title": "Emma", "shelfId": 1}) == answer
    request = sent(route)
    assert json.loads(request.content) == {"title": "Emma", "shelfId": 1}, "one object, no list"
    assert "If-Match" not in request.headers


def test_a_new_secret_is_sealed_at_once(wire: respx.MockRouter, gateway: Gateway) -> None:
    wire.post(TICKETS).respond(201, json={"id": "t-1", "holder": "Ann", "pin": CANARY})
    raw = gateway.create(TICKET_EP, {"holder": "Ann"})
    assert CANARY not in repr(raw)
    assert raw["pin"].reveal() == CANARY


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="null"),
        pytest.param(b"{}", id="no id"),
        pytest.param(b"[]", id="empty list"),
        pytest.param(b'"Emma"', id="text"),
        pytest.param(b"<html></html>", id="HTML"),
        pytest.param(b'{"id": 9, "title": "Em', id="cut short"),
        pytest.param(b'{"id": null, "title": "Emma"}', id="null for an id"),
        pytest.param(b'{"id": {}, "title": "Emma"}', id="an id of another shape"),
        pytest.param(b'{"id": 9}', id="no name"),
        pytest.param(b'{"id": 9, "title": "Persuasion"}', id="another name"),
        pytest.param(b'[{"id": 9, "title": "Emma"}, {"id": 10, "title": "Emma"}]', id="two"),
    ],
)
def test_after_a_create_no_id_is_guessed(
    wire: respx.MockRouter, gateway: Gateway, body: bytes
) -> None:
    wire.post(BOOKS).respond(201, content=body)
    with pytest.raises(OutcomeUnknown, match="POST /L1/books"):
        gateway.create(BOOK_EP, {"title": "Emma"})


@pytest.mark.parametrize("name", ["emma", "Emma ", "EMMA"])
def test_the_account_may_write_the_name_in_its_own_way(
    wire: respx.MockRouter, gateway: Gateway, name: str
) -> None:
    wire.post(BOOKS).respond(201, json={"id": 9, "title": name})
    assert gateway.create(BOOK_EP, {"title": "Emma"})["id"] == 9


# Replace


def test_replace(wire: respx.MockRouter, gateway: Gateway) -> None:
    route = wire.put(url__eq=f"{BOOKS}/2?v=3").respond(200)
    gateway.replace(BOOK_EP, "2", {"id": 2, "title": "Emma", "odd": 1.0}, "17")
    request = sent(route)
    assert request.headers["If-Match"] == "17"
    assert request.content == b'{"id":2,"title":"Emma","odd":1.0}'


def test_replace_with_what_the_endpoint_wants_besides(
    wire: respx.MockRouter, gateway: Gateway
) -> None:
    route = wire.put(f"{TICKETS}/t-1").respond(200, json={"id": "t-1"})
    gateway.replace(TICKET_EP, "t-1", {"id": "t-1", "pin": Secret(CANARY)}, "17")
    request = sent(route)
    assert request.headers["X-Counter"] == "open"
    assert request.headers["If-Match"] == "17"
    assert json.loads(request.content) == {"id": "t-1", "pin": CANARY}, "opened only to be sent"


@pytest.mark.parametrize(
    ("status", "error"), [(409, Conflict), (412, Conflict), (304, Conflict), (400, Rejected)]
)
def test_a_refused_replace(
    wire: respx.MockRouter, gateway: Gateway, status: int, error: type[Rejected]
) -> None:
    wire.put(f"{SHELVES}/1").respond(status)
    with pytest.raises(error) as raised:
        gateway.replace(SHELF_EP, "1", {"id": 1}, "17")
    assert type(raised.value) is error


# Delete


def test_delete(wire: respx.MockRouter, gateway: Gateway) -> None:
    route = wire.delete(url__eq=f"{BOOKS}/2?v=3").respond(200)
    gateway.delete(BOOK_EP, "2", "17")
    request = sent(route)
    assert request.headers["If-Match"] == "17"
    assert request.content == b""


@pytest.mark.parametrize("answer", [{"json": {"id": 2, "deleted": True}}, {"json": []}, {}])
def test_any_success_of_a_delete_counts(
    wire: respx.MockRouter, gateway: Gateway, answer: Any
) -> None:
    wire.delete(f"{BOOKS}/2").respond(204 if not answer else 200, **answer)
    gateway.delete(BOOK_EP, "2", "17")


@pytest.mark.parametrize(
    ("status", "error"), [(409, Conflict), (412, Conflict), (304, Conflict), (400, Rejected)]
)
def test_a_refused_delete(
    wire: respx.MockRouter, gateway: Gateway, status: int, error: type[Rejected]
) -> None:
    wire.delete(f"{SHELVES}/1").respond(status)
    with pytest.raises(error) as raised:
        gateway.delete(SHELF_EP, "1", "17")
    assert type(raised.value) is error


@pytest.mark.parametrize("status", [400, 403, 409, 412])
def test_what_is_in_use_is_refused_with_its_users(
    wire: respx.MockRouter, gateway: Gateway, status: int
) -> None:
    """Which status that comes with is not known; none of them means a stale revision."""
    users = {"users": [{"id": 7}], "skills": [], "engagements": [{"id": 8}, {"id": 9}]}
    body = {"type": "skill-dependencies", "message": "Still assigned", **users}
    wire.delete(f"{SHELVES}/1").respond(status, json=body)
    with pytest.raises(Rejected) as raised:
        gateway.delete(SHELF_EP, "1", "17")
    assert type(raised.value) is Rejected
    assert "Still assigned (still used by users 7, engagements 8, 9)" in str(raised.value)


def test_a_delete_whose_answer_makes_no_sense_may_have_happened(
    wire: respx.MockRouter, gateway: Gateway
) -> None:
    wire.delete(f"{SHELVES}/1").respond(200, html="<html>")
    with pytest.raises(OutcomeUnknown):
        gateway.delete(SHELF_EP, "1", "17")


# What an endpoint says for people


@pytest.mark.parametrize(
    ("status", "fields", "words"),
    [
        pytest.param(403, ["title"], "; an administrator's credential", id="403: rights"),
        pytest.param(400, ["title"], "fields: title)", id="400 that names a field"),
        pytest.param(409, [], "POST /L1/books: 409 No", id="any other status"),
        pytest.param(400, [], "; ask for books to be switched on", id="400: a feature"),
    ],
)
def test_a_refused_create_says_what_is_needed(
    wire: respx.MockRouter, gateway: Gateway, status: int, fields: list[str], words: str
) -> None:
    endpoint = replace(
        BOOK_EP,
        rights="an administrator's credential",
        feature="ask for books to be switched on",
    )
    wire.post(BOOKS).respond(status, json={"message": "No", "fields": fields})
    with pytest.raises(Rejected) as raised:
        gateway.create(endpoint, {"title": "Emma"})
    assert str(raised.value).endswith(words)
    assert (raised.value.status, raised.value.fields) == (status, tuple(fields))


def test_a_refused_list_says_what_is_needed(wire: respx.MockRouter, gateway: Gateway) -> None:
    wire.get(BOOKS).respond(403)
    with pytest.raises(Rejected, match="GET /L1/books: 403; an administrator"):
        gateway.find(replace(BOOK_EP, rights="an administrator"), "Emma")


def test_a_stale_revision_stays_a_conflict(wire: respx.MockRouter, gateway: Gateway) -> None:
    wire.put(f"{BOOKS}/2").respond(409)
    with pytest.raises(Conflict):
        gateway.replace(replace(BOOK_EP, rights="an administrator"), "2", {"id": 2}, "17")


def test_single_objects_may_have_a_version_of_their_own(
    wire: respx.MockRouter, gateway: Gateway
) -> None:
    endpoint = replace(BOOK_EP, version_written="4")
    wire.get(url__eq=f"{BOOKS}?v=3&select=%24all&include_deleted=true").respond(json=[])
    wire.get(url__eq=f"{BOOKS}/2?v=4").respond(
        json={"id": 2, "title": "Emma"}, headers={"ETag": "1"}
    )
    wire.post(url__eq=f"{BOOKS}?v=4").respond(json={"id": 3, "title": "Emma"})
    wire.put(url__eq=f"{BOOKS}/2?v=4").respond(200)
    assert gateway.find(endpoint, "Emma") == []
    assert gateway.fetch(endpoint, "2").revision == "1"
    assert gateway.create(endpoint, {"title": "Emma"})["id"] == 3
    gateway.replace(endpoint, "2", {"id": 2}, "1")
    wire.delete(url__eq=f"{BOOKS}/2?v=4").respond(200)
    gateway.delete(endpoint, "2", "1")
