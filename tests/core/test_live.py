"""From the vendor's collections to objects in manifest words."""

from dataclasses import replace
from typing import Any

import pytest

from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Live, Ref
from lebots.core.model.value import Raw
from lebots.core.vendor.decode import assemble
from tests.toys import KINDS, at


def collections(**named: list[Raw]) -> dict[tuple[str, str], list[Raw]]:
    owners = {endpoint.name: kind.name for kind in KINDS.values() for endpoint in kind.endpoints}
    return {(owners[endpoint], endpoint): items for endpoint, items in named.items()}


def objects(**named: list[Raw]) -> dict[str, Live]:
    account = assemble("L1", KINDS, collections(**named), {})
    return {f"{live.address} {live.id}": live for live in account.objects}


def shelf(id_: Any, name: str, **more: Any) -> Raw:
    return {"id": id_, "name": name, **more}


def book(id_: Any, title: str, **more: Any) -> Raw:
    return {"id": id_, "title": title, **more}


def test_ids_become_names() -> None:
    found = objects(
        shelves=[shelf(1, "A", roomId=5)],
        rooms=[{"id": 5, "name": "Attic"}],
        books=[book(1, "Emma", shelfId=1, sequelIds=[2]), book(2, "Emma II")],
    )
    assert found["Shelf/A 1"].spec["room"] == "Attic"
    assert found["Book/Emma 1"].spec["shelf"] == "A"
    assert found["Book/Emma 1"].spec["sequels"] == ["Emma II"]
    assert found["Book/Emma II 2"].spec["sequels"] == []


@pytest.mark.parametrize("others", [[], [shelf(9, "Gone", deleted=True)]])
def test_an_id_that_nothing_or_something_deleted_answers_to_stays_visible(others: Any) -> None:
    found = objects(books=[book(1, "Emma", shelfId=9)], shelves=others)
    assert found["Book/Emma 1"].spec["shelf"] == "<id 9>"
    assert found["Book/Emma 1"].dangling == (Ref("Shelf", "9"),)


def test_a_name_that_looks_like_an_id_is_a_name() -> None:
    found = objects(books=[book(1, "Emma", shelfId=2)], shelves=[shelf(2, "<id 9>")])
    assert found["Book/Emma 1"].spec["shelf"] == "<id 9>"
    assert found["Book/Emma 1"].dangling == ()


@pytest.mark.parametrize(
    ("mark", "deleted"),
    [
        ({}, False),
        ({"deleted": False}, False),
        ({"deleted": "false"}, False),
        ({"deleted": True}, True),
        ({"deleted": "true"}, True),
    ],
)
def test_deleted_objects_are_told_apart_and_give_no_name(
    mark: dict[str, Any], deleted: bool
) -> None:
    account = assemble("L1", KINDS, collections(shelves=[shelf(1, "A", **mark)]), {})
    found = next(live for live in account.objects if live.address == at("Shelf/A"))
    assert found.deleted is deleted
    assert (("Shelf", "1") in Inventory(account, KINDS).names) is not deleted


def test_foreign_objects_say_whose_they_are() -> None:
    found = objects(books=[book(1, "Emma", museum=True), book(2, "Persuasion")])
    assert found["Book/Emma 1"].unmanaged_reason == "a museum piece"
    assert found["Book/Persuasion 2"].unmanaged_reason == ""


@pytest.mark.parametrize(
    ("rooms", "expected"),
    [
        pytest.param([], [("Hall", "-1")], id="not listed"),
        pytest.param([{"id": -1, "name": "Lobby"}], [("Lobby", "-1")], id="listed by another name"),
        pytest.param(
            [{"id": 5, "name": "Attic"}], [("Attic", "5"), ("Hall", "-1")], id="beside others"
        ),
    ],
)
def test_what_is_built_in_is_there_once(rooms: list[Raw], expected: list[tuple[str, str]]) -> None:
    account = assemble("L1", KINDS, collections(rooms=rooms, shelves=[]), {})
    assert [(live.address.name, live.id) for live in account.objects] == expected


def test_a_reference_to_what_is_built_in_has_its_name() -> None:
    found = objects(shelves=[shelf(1, "A", roomId=-1)])
    assert found["Shelf/A 1"].spec["room"] == "Hall"
    found = objects(shelves=[shelf(1, "A", roomId=-1)], rooms=[{"id": -1, "name": "Lobby"}])
    assert found["Shelf/A 1"].spec["room"] == "Lobby"


def test_the_endpoint_tells_the_variant() -> None:
    found = objects(
        tickets=[{"id": "t-1", "holder": "Ann", "colour": "red"}],
        papers=[{"number": "p-1", "holder": "Ann"}],
    )
    assert found["Ticket/Ann t-1"].spec == {"type": "plastic", "colour": "red"}
    assert found["Ticket/Ann p-1"].spec == {"type": "paper"}
    assert found["Ticket/Ann p-1"].endpoint == "papers"


def test_what_could_not_be_read_is_remembered() -> None:
    account = assemble("L1", KINDS, collections(shelves=[]), {"papers": "GET: 403"})
    assert account.id == "L1"
    assert account.unreadable == {"papers": "GET: 403"}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"name": "A"}, id="no id"),
        pytest.param({"id": 1}, id="no name"),
        pytest.param({"id": True, "name": "A"}, id="an id of another type"),
        pytest.param({"id": 1, "name": [7]}, id="a name of another type"),
        pytest.param({"id": 1, "name": "A", "topics": "a, b"}, id="a field of another shape"),
    ],
)
def test_an_object_of_a_foreign_shape_says_what_could_not_be_read(raw: Any) -> None:
    found = assemble("L1", KINDS, collections(shelves=[raw]), {}).objects[0]
    assert found.unread.startswith("'")
    assert (
        not assemble("L1", KINDS, collections(shelves=[{**raw, "deleted": True}]), {})
        .objects[0]
        .faults
    ), "what is deleted needs nothing"


@pytest.mark.parametrize(
    ("told", "updated"),
    [
        ({}, ""),
        ({"dateUpdated": "2026-01-05 08:00:00"}, "2026-01-05 08:00:00"),
        ({"dateUpdated": None}, ""),
        ({"dateUpdated": 1_790_000_000}, ""),
    ],
)
def test_the_last_change_is_in_the_accounts_own_words(told: dict[str, Any], updated: str) -> None:
    assert objects(shelves=[shelf(1, "A", **told)])["Shelf/A 1"].updated == updated


@pytest.mark.parametrize(
    ("told", "issued"),
    [
        ({"made": 1_790_000_000}, 1_790_000_000),
        ({"made": 253_402_300_799}, 253_402_300_799),
        # Thousandths of a second, say: nothing is guessed.
        ({"made": 1_790_000_000_000}, None),
        ({"made": 0}, None),
        ({"made": -1}, None),
        ({"made": True}, None),
        ({"made": 1.5}, None),
        ({"made": "1790000000"}, 1_790_000_000),
        ({"made": None}, None),
        ({}, None),
    ],
)
def test_when_it_was_made_is_a_count_of_seconds_or_unknown(
    told: dict[str, Any], issued: int | None
) -> None:
    ticket = KINDS["Ticket"]
    telling = tuple(replace(one, issued_field="made") for one in ticket.endpoints)
    kinds = {**KINDS, "Ticket": replace(ticket, endpoints=telling)}
    tickets = [{"id": "t-1", "holder": "Ann", **told}]
    (found, *_) = assemble("L1", kinds, {("Ticket", "tickets"): tickets}, {}).objects
    assert found.issued == issued
    (silent, *_) = assemble("L1", KINDS, {("Ticket", "tickets"): tickets}, {}).objects
    assert silent.issued is None
