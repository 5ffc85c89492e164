"""Who hangs on what a plan changes or takes away: named, wherever it can hurt them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from lebots.core.compare.change import Sinks
from lebots.core.compare.dependants import with_dependants
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change, Dependant
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Live
from lebots.core.planner import plan
from tests.toys import KINDS, account, at, desired, live

SHELF = live("Shelf/A", "1", description="old")
BOOKS = [
    live("Book/Ulysses", "5", shelf="A"),
    live("Book/Emma", "2", shelf="A"),
    live("Book/Folio", "3", shelf="A", unmanaged_reason="a museum piece"),
    live("Book/Gone", "4", shelf="A", deleted=True),
    live("Book/Elsewhere", "6", shelf="B"),
]
SHELVES = [SHELF, live("Shelf/B", "9")]
ULYSSES = Dependant(at("Book/Ulysses"), declared=False)


def used_by(
    *wanted: Desired, objects: Sequence[Live], sinks: Sinks | None = None
) -> Mapping[str, list[str]]:
    found = plan(wanted, Inventory(account(*objects), KINDS), sinks or Sinks())
    return {
        f"{change.action} {change.address}": [str(one.address) for one in change.used_by]
        for change in found.writes
    }


def test_everybody_who_refers_to_it_is_named_in_order() -> None:
    wanted = [desired("Shelf/A", description="new"), desired("Book/Emma")]
    (change,) = plan(wanted, Inventory(account(*SHELVES, *BOOKS), KINDS)).writes
    assert change.used_by == (
        Dependant(at("Book/Emma"), declared=True),
        Dependant(at("Book/Folio"), declared=False, note="a museum piece"),
        ULYSSES,
    )


@pytest.mark.parametrize(
    ("spec", "changed"),
    [
        pytest.param({"original": "Emma"}, "Book/Emma", id="one name"),
        pytest.param({"sequels": ["x", "Emma"]}, "Book/Emma", id="a list"),
        pytest.param({"chapters": [{"cites": "Emma"}]}, "Book/Emma", id="the parts of a list"),
        pytest.param({"ticket": "Ann"}, "Ticket/Ann", id="another kind"),
    ],
)
def test_every_way_to_refer_counts(spec: dict[str, Any], changed: str) -> None:
    wanted = {
        "Book/Emma": desired("Book/Emma", place=3),
        "Ticket/Ann": desired("Ticket/Ann", type="plastic", colour="red"),
    }[changed]
    objects = [live("Book/Emma", "1"), live("Ticket/Ann", "t-1"), live("Book/Other", "2", **spec)]
    delivered = Sinks(delivered={at("Ticket/Ann"): "t-1"})
    found = used_by(wanted, objects=objects, sinks=delivered)
    assert found == {f"update {changed}": ["Book/Other"]}


def test_who_leaves_and_who_comes_are_both_named() -> None:
    wanted = [
        desired("Shelf/A", description="new"),
        desired("Book/Emma", shelf="B"),
        desired("Book/Elsewhere", shelf="A"),
        desired("Book/New", shelf="A"),
    ]
    objects = [*SHELVES, live("Book/Emma", "2", shelf="A"), live("Book/Elsewhere", "6", shelf="B")]
    assert used_by(*wanted, objects=objects)["update Shelf/A"] == [
        "Book/Elsewhere",
        "Book/Emma",
        "Book/New",
    ]


def test_an_object_does_not_hang_on_itself() -> None:
    wanted = desired("Book/Emma", original="Emma", place=3)
    emma = live("Book/Emma", "2", original="Emma")
    assert used_by(wanted, objects=[emma]) == {"update Book/Emma": []}


def test_a_renamed_object_names_those_who_follow_and_calls_them_by_their_new_names() -> None:
    wanted = [
        replace(desired("Shelf/new"), previously=("A",)),
        replace(desired("Book/new"), previously=("Emma",)),
    ]
    assert used_by(*wanted, objects=[*SHELVES, *BOOKS]) == {
        "rename Shelf/new": ["Book/Folio", "Book/Ulysses", "Book/new"],
        "rename Book/new": [],
    }


def test_what_does_not_exist_yet_can_hurt_nobody() -> None:
    wanted = [
        desired("Book/One", shelf="A", original="Two"),
        desired("Book/Two", shelf="A", original="One"),
    ]
    found = plan(wanted, Inventory(account(*SHELVES), KINDS))
    assert [change.action for change in found.writes] == ["create", "create", "update"]
    assert [change.used_by for change in found.writes] == [(), (), ()]


def test_a_delivery_alone_hurts_nobody() -> None:
    book = live("Book/Emma", "2", ticket="Ann")
    ann = live("Ticket/Ann", "t-1")
    assert used_by(desired("Ticket/Ann", type="plastic"), objects=[ann, book]) == {
        "update Ticket/Ann": []
    }


@pytest.mark.parametrize("action", [Action.DELETE, Action.DISABLE])
def test_a_removal_names_them_although_they_are_gone_afterwards(action: Action) -> None:
    change = Change(at("Shelf/A"), action, "shelves", "1")
    where = Inventory(account(SHELF, live("Book/Ulysses", "5", shelf="A")), KINDS)
    assert with_dependants([change], where, where.planned(), set())[0].used_by == (ULYSSES,)


def test_a_plan_without_a_risk_costs_nothing() -> None:
    where = Inventory(account(*SHELVES, *BOOKS), KINDS)
    kept: Address = at("Shelf/A")
    changes = [
        Change(kept, Action.UNCHANGED, "shelves", "1"),
        Change(kept, Action.CREATE, "shelves"),
    ]
    assert with_dependants(changes, where, where.planned(), set()) == tuple(changes)
    assert "_referrers" not in vars(where), "nobody asked who refers to what"
