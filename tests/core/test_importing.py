"""Which objects are imported, what a plan says of them, and what stands beside what."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from lebots.core.importer.manifest import SinkRecords
from lebots.core.importer.select import Choice, Imported, chosen, manifests, unmatched
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Live, World
from tests.toys import BOOK, KINDS, account, at, live

SHELF, OTHER = live("Shelf/A", "1"), live("Shelf/B", "2")
EMMA = live("Book/Emma", "9", shelf="A")
PERSUASION = live("Book/Persuasion", "10", shelf="B")
ARK = live("Book/Ark", "11", unmanaged_reason="a museum piece")
GONE = live("Book/Gone", "12", deleted=True)
ALL = (SHELF, OTHER, EMMA, PERSUASION, ARK, GONE)


def imported(
    *objects: Live,
    choice: Choice | None = None,
    kinds: Any = KINDS,
    unreadable: Mapping[str, str] | None = None,
) -> Imported:
    where = account(*objects, unreadable=unreadable)
    return manifests(Inventory(where, kinds), choice or Choice(), SinkRecords(), lambda value: "")


def addresses(found: Imported) -> list[str]:
    return [str(document.address) for document in found.documents]


# What is chosen


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(), ["Book/Emma", "Book/Persuasion", "Shelf/A", "Shelf/B"]),
        (Choice(frozenset({"Shelf"})), ["Shelf/A", "Shelf/B"]),
        (Choice(names=("E*", "B")), ["Book/Emma", "Shelf/B"]),
        (Choice(frozenset({"Book"}), ("B",)), []),
        (Choice(names=("Ark", "Gone", "Hall")), []),
    ],
)
def test_kinds_and_names_choose(choice: Choice, expected: list[str]) -> None:
    where = account(*ALL)
    assert [str(one.address) for one in chosen(Inventory(where, KINDS), choice)] == expected
    assert addresses(imported(*ALL, choice=choice)) == expected


def test_a_name_that_nothing_has_is_known() -> None:
    names = ("Emma", "Ark", "Gone", "Hall", "E*", "X*")
    assert unmatched(Inventory(account(*ALL), KINDS), Choice(names=names)) == ["Hall", "X*"]
    only = Choice(frozenset({"Shelf"}), names)
    assert unmatched(Inventory(account(*ALL), KINDS), only) == [
        "Emma",
        "Ark",
        "Gone",
        "Hall",
        "E*",
        "X*",
    ]


def test_what_is_never_imported_is_counted() -> None:
    found = imported(*ALL, live("Book/Globe", "13", unmanaged_reason="a museum piece"))
    assert [(str(one), one.severity) for one in found.findings] == [
        ("note: Book: 2 left out: a museum piece", Severity.NOTE),
        ("note: Book: 1 left out: deleted", Severity.NOTE),
    ]
    assert imported(*ALL, choice=Choice(names=("Emma",))).findings == ()


def test_a_collection_that_could_not_be_read_is_told() -> None:
    unreadable = {"papers": "GET papers: 403", "rooms": "GET rooms: 403"}
    found = imported(SHELF, unreadable=unreadable)
    assert [str(one) for one in found.findings] == [
        "warning: papers could not be read, so none of it is imported: GET papers: 403"
    ]
    assert (
        imported(SHELF, choice=Choice(frozenset({"Shelf"})), unreadable=unreadable).findings == ()
    )


# What a plan says


def _no_books_on_b(world: World) -> Any:
    for address, one in sorted(world.items()):
        if one.declared and one.spec.get("shelf") == "B":
            yield Finding("damp", "shelf B is damp; move it", Severity.ERROR, address=address)
        # Seen only once the damp ones are gone.
        others = [p for p in world.values() if p.declared and p.address.kind == "Book"]
        if one.declared and address.kind == "Book" and len(others) == 1:
            yield Finding("alone", "a book alone falls over", Severity.REFUSAL, address=address)


def test_what_a_plan_refuses_is_left_out_in_its_words_until_it_refuses_nothing() -> None:
    kinds = {**KINDS, "Book": replace(BOOK, rules=(_no_books_on_b,))}
    found = imported(SHELF, OTHER, EMMA, PERSUASION, kinds=kinds)
    assert addresses(found) == ["Shelf/A", "Shelf/B"]
    assert [str(one) for one in found.findings] == [
        "Book/Persuasion: warning: left out: shelf B is damp; move it",
        "Book/Emma: warning: left out: a book alone falls over",
    ]


# What stands beside what


@pytest.mark.parametrize(
    ("objects", "beside"),
    [
        ((SHELF, EMMA), {"Shelf/A": "Book/Emma"}),
        ((SHELF, EMMA, live("Book/X", "3", shelf="A")), {}),
        ((SHELF, EMMA, live("Book/X", "3", shelf="A", deleted=True)), {"Shelf/A": "Book/Emma"}),
        ((SHELF, EMMA, live("Book/X", "3", shelf="A", unmanaged_reason="a museum piece")), {}),
        ((SHELF, live("Book/X", "3", shelf="A", unmanaged_reason="a museum piece")), {}),
        ((SHELF,), {}),
        (
            (SHELF, EMMA, live("Book/X", "3", shelf="A", sequels=["Emma"])),
            {},
        ),
        (
            (SHELF, OTHER, EMMA, live("Book/X", "3", shelf="B", sequels=["Emma"], original="X")),
            {"Shelf/A": "Book/Emma", "Shelf/B": "Book/X"},
        ),
        (
            (SHELF, live("Ticket/T", "t", endpoint="tickets"),
             live("Book/Emma", "9", shelf="A", ticket="T", chapters=[{"cites": "Emma"}])),
            {"Shelf/A": "Book/Emma", "Ticket/T": "Book/Emma"},
        ),
    ],
)  # fmt: skip
def test_an_object_stands_beside_the_only_one_that_uses_it(
    objects: tuple[Live, ...], beside: dict[str, str]
) -> None:
    found = imported(*objects)
    assert {str(d.address): str(d.beside) for d in found.documents if d.beside} == beside


def test_nothing_stands_beside_what_is_not_imported() -> None:
    found = imported(SHELF, EMMA, choice=Choice(frozenset({"Shelf"})))
    assert [(document.address, document.beside) for document in found.documents] == [
        (at("Shelf/A"), None)
    ]
