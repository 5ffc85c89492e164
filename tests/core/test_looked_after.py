"""Fields that people may edit, and objects that stay as they are until a manifest lets go."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from lebots.core.compare.change import Sinks
from lebots.core.model.address import Source
from lebots.core.model.change import Action, Cause
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Live
from lebots.core.model.plan import Plan
from lebots.core.planner import plan
from tests.toys import KINDS, account, at, desired, live

PLACE = Source("library.yaml", 5, 12)
SHELVES = (live("Shelf/A", "1"), live("Shelf/B", "2"))


def looked_after(
    address: str, *, ignore: set[str] | None = None, protect: bool = False, **spec: Any
) -> Desired:
    return replace(
        desired(address, **spec),
        ignore=frozenset(ignore or ()),
        protect=protect,
        metadata={("protect",): PLACE},
    )


def planned(*wanted: Desired, objects: tuple[Live, ...] = SHELVES) -> Plan:
    return plan(wanted, Inventory(account(*objects), KINDS))


def fields(found: Plan) -> Mapping[str, Any]:
    (change,) = found.writes
    return {part.path: part.after for part in change.fields}


# Ignored fields


def test_a_new_object_gets_what_the_manifest_says() -> None:
    found = planned(looked_after("Book/Emma", ignore={"tags"}, shelf="A", tags=["x"]))
    assert fields(found) == {"shelf": "A", "tags": ["x"], "lent": False}


def test_an_object_that_exists_keeps_what_people_made_of_it() -> None:
    wanted = looked_after("Book/Emma", ignore={"tags"}, place=3, tags=["x"])
    book = live("Book/Emma", "3", tags=["mine"], place=1)
    found = planned(wanted, objects=(*SHELVES, book))
    assert fields(found) == {"place": 3}
    assert found.changes[0].desired == {"place": 3}, "nor is it written along"
    same = planned(wanted, objects=(*SHELVES, replace(book, spec={"tags": [], "place": 3})))
    assert same.writes == ()


def test_a_renamed_object_keeps_it_too() -> None:
    wanted = replace(looked_after("Book/new", ignore={"tags"}, tags=["x"]), previously=("old",))
    (change,) = planned(wanted, objects=(live("Book/old", "3", tags=[]),)).writes
    assert (change.action, change.fields, change.desired) == (Action.RENAME, (), {})


def test_a_reference_counts_for_the_order_of_a_create() -> None:
    book = looked_after("Book/Emma", ignore={"shelf"}, shelf="Z")
    found = planned(book, desired("Shelf/Z"))
    assert [str(change.address) for change in found.writes] == ["Shelf/Z", "Book/Emma"]
    assert found.changes[1].depends_on == (at("Shelf/Z"),)


def test_a_reference_that_leads_nowhere_matters_only_for_a_create() -> None:
    book = looked_after("Book/Emma", ignore={"shelf"}, shelf="gone")
    assert [one.code for one in planned(book).findings] == ["reference-unknown"]
    assert planned(book, objects=(live("Book/Emma", "3", shelf="A"),)).findings == ()


def test_what_the_vendor_resets_is_told_all_the_same() -> None:
    wanted = looked_after("Book/Emma", ignore={"place"}, shelf="B", place=9)
    book = live("Book/Emma", "3", shelf="A", place=5)
    (change,) = planned(wanted, objects=(*SHELVES, book)).writes
    assert [(part.path, part.cause) for part in change.fields] == [
        ("shelf", None),
        ("place", Cause.RESET),
    ]


def test_advice_is_about_what_people_made_of_it() -> None:
    """Three books on one shelf are a crowd, whatever the manifest started one with."""
    wanted = looked_after("Book/Emma", ignore={"shelf"}, shelf="B")
    books = [live(f"Book/{n}", f"{n}", shelf="A") for n in (7, 8)]
    emma = live("Book/Emma", "3", shelf="A")
    found = planned(wanted, objects=(*SHELVES, *books, emma))
    assert [one.code for one in found.findings] == ["crowded"]


# Protected objects


def only(found: Plan) -> Finding:
    (finding,) = found.findings
    return finding


@pytest.mark.parametrize(
    ("spec", "former", "verb"),
    [({"place": 3}, (), "update"), ({}, ("old",), "rename"), ({"place": 3}, ("old",), "rename")],
)
def test_an_object_under_protection_is_not_touched(
    spec: dict[str, Any], former: tuple[str, ...], verb: str
) -> None:
    wanted = replace(looked_after("Book/Emma", protect=True, **spec), previously=former)
    book = live(f"Book/{'old' if former else 'Emma'}", "3", place=1)
    finding = only(planned(wanted, objects=(book,)))
    assert (finding.severity, finding.code) == (Severity.REFUSAL, "locked")
    assert (finding.source, finding.address) == (PLACE, at("Book/Emma"))
    assert finding.message == (
        f"metadata.protect is true, so lebots does not {verb} Book/Emma; remove that line, or undo "
        "this change"
    )


def test_it_is_made_and_left_alone() -> None:
    wanted = looked_after("Book/Emma", protect=True, shelf="A")
    assert [change.action for change in planned(wanted).changes] == [Action.CREATE]
    book = live("Book/Emma", "3", shelf="A", place=9)
    kept = planned(wanted, objects=(*SHELVES, book))
    assert ([change.action for change in kept.changes], kept.findings) == ([Action.UNCHANGED], ())


def test_others_are_changed_as_ever() -> None:
    wanted = [looked_after("Shelf/A", protect=True), desired("Shelf/B", width=1)]
    assert [str(change.address) for change in planned(*wanted).writes] == ["Shelf/B"]


def test_its_secret_is_delivered_since_that_does_not_change_it() -> None:
    ticket = looked_after("Ticket/Ann", protect=True, type="plastic")
    found = plan([ticket], Inventory(account(live("Ticket/Ann", "t-1")), KINDS), Sinks())
    assert [(change.action, change.sink) for change in found.writes] == [(Action.UPDATE, "default")]
