"""What a receipt keeps of a run, and what it tells about an account later."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.compare.change import Sinks
from lebots.core.compare.digest import change_digest
from lebots.core.history.receipt import (
    CUT_OFF,
    NOT_STARTED,
    Baseline,
    Known,
    Receipt,
    baseline,
    counts,
    entries,
    fingerprints,
    moved,
    related,
    shrunk,
    undelivered,
)
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change, Outcome, Status
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account
from lebots.core.model.options import PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.planner import plan
from tests.toys import BOOK, KINDS, SHELF, account, at, desired, law, live

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SHELF_A, TICKET_ANN, BOOK_EMMA = at("Shelf/A"), at("Ticket/Ann"), at("Book/Emma")


def change(address: Address, action: Action = Action.CREATE, **more: Any) -> Change:
    return Change(address, action, **more)


PLAN = Plan(
    "L1",
    (
        change(SHELF_A, Action.UPDATE, id="1"),
        change(TICKET_ANN, sink="default"),
        change(BOOK_EMMA, depends_on=(TICKET_ANN,)),
        change(at("Shelf/B"), Action.UNCHANGED),
    ),
)
FIRST, SECOND, THIRD = PLAN.writes


def made(*objects: tuple[str, str, dict[str, Any]]) -> tuple[list[Desired], Account, Baseline]:
    """Manifests (address, id, fields), an account that is as they say, and its baseline."""
    wanted = [desired(address, **spec) for address, _, spec in objects]
    where = account(*(live(address, id_, **spec) for address, id_, spec in objects))
    sinks = Sinks(delivered={at(a): id_ for a, id_, _ in objects if a.startswith("Ticket")})
    found = plan(wanted, Inventory(where, KINDS), sinks)
    assert found.writes == ()
    return wanted, where, baseline(found, wanted, Inventory(where, KINDS))


def receipt(known: Baseline | None, *targets: Address) -> Receipt:
    return Receipt("0.1", "L1", "d" * 64, NOON, NOON, targets, converged=True, baseline=known)


# What was done


def test_every_change_has_an_entry() -> None:
    outcomes = [
        Outcome(FIRST, Status.DONE, "1"),
        Outcome(SECOND, Status.FAILED, None, "403 no"),
        Outcome(THIRD, Status.BLOCKED, None, "waits for Ticket/Ann"),
    ]
    found = entries(PLAN, outcomes, cut=False)
    assert [(e.address, e.action, e.status, e.id, e.error) for e in found] == [
        (SHELF_A, Action.UPDATE, Status.DONE, "1", ""),
        (TICKET_ANN, Action.CREATE, Status.FAILED, None, "403 no"),
        (BOOK_EMMA, Action.CREATE, Status.BLOCKED, None, "waits for Ticket/Ann"),
    ]
    assert [e.digest for e in found] == [change_digest(c) for c in PLAN.writes]


def test_only_a_create_that_is_done_is_told_as_new() -> None:
    for status in Status:
        outcomes = [Outcome(FIRST, Status.DONE, "1"), Outcome(SECOND, status, "2")]
        run = replace(receipt(None), entries=entries(PLAN, outcomes, cut=False))
        assert run.created == ({TICKET_ANN} if status is Status.DONE else set())


@pytest.mark.parametrize(
    ("known", "cut", "expected"),
    [
        (0, False, [(Status.BLOCKED, NOT_STARTED)] * 3),
        (0, True, [(Status.UNKNOWN, CUT_OFF), *[(Status.BLOCKED, NOT_STARTED)] * 2]),
        (1, True, [(Status.DONE, ""), (Status.UNKNOWN, CUT_OFF), (Status.BLOCKED, NOT_STARTED)]),
        (2, False, [(Status.DONE, ""), (Status.DONE, ""), (Status.BLOCKED, NOT_STARTED)]),
        (3, True, [(Status.DONE, "")] * 3),
    ],
)
def test_what_a_run_did_not_get_to(
    known: int, cut: bool, expected: list[tuple[Status, str]]
) -> None:
    """What was under way when the run was ended may or may not have happened."""
    outcomes = [Outcome(one, Status.DONE) for one in PLAN.writes[:known]]
    found = entries(PLAN, outcomes, cut=cut)
    assert [(e.status, e.error) for e in found] == expected


@pytest.mark.parametrize(
    ("status", "id_", "expected"),
    [
        (Status.DONE, "7", False),
        (Status.FAILED, "7", True),
        (Status.FAILED, None, False),
        (Status.UNKNOWN, None, True),
        (Status.BLOCKED, None, False),
        (Status.BLOCKED, "7", True),
        (Status.HELD, "7", True),
    ],
)
def test_secrets_that_did_not_arrive_are_named(
    status: Status, id_: str | None, expected: bool
) -> None:
    """Only of objects that exist, or may exist: no other has a secret."""
    found = entries(PLAN, [Outcome(FIRST, Status.DONE), Outcome(SECOND, status, id_)], cut=False)
    assert undelivered(PLAN, found) == ((TICKET_ANN,) if expected else ())


# What was there


def test_a_baseline_holds_what_the_manifests_own_and_nothing_personal() -> None:
    _, where, known = made(
        ("Shelf/A", "1", {"description": "x", "topics": ["b", "a"], "width": None}),
        ("Ticket/Ann", "t1", {"type": "plastic", "colour": "red"}),
        ("Book/Emma", "2", {"shelf": "A", "author": "Jane", "print": {"year": 1815}}),
    )
    assert known.at.keys() == {SHELF_A, TICKET_ANN, BOOK_EMMA}
    assert known.at[SHELF_A].fields.keys() == {"description", "topics", "width"}
    assert known.at[TICKET_ANN].fields.keys() == {"colour"}, "the sink is not in the account"
    assert known.at[BOOK_EMMA].fields.keys() == {"shelf", "print.year"}
    assert known.by_id["Book", "2"] is known.at[BOOK_EMMA]
    assert "Jane" not in str(known)
    one_each = {"books": 1, "rooms": 1, "shelves": 1, "tickets": 1}
    assert known.counts == {**one_each, "papers": 0} == counts(Inventory(where, KINDS))


def test_a_value_that_the_account_hides_is_not_known() -> None:
    for shown, fields in ((None, {"shelf"}), ("", {"shelf"}), ("x", {"shelf", "subtitle"})):
        wanted = [desired("Shelf/A"), desired("Book/Emma", shelf="A", subtitle="x")]
        where = account(live("Shelf/A", "1"), live("Book/Emma", "2", shelf="A", subtitle=shown))
        found = plan(wanted, Inventory(where, KINDS))
        assert found.writes == ()
        assert (
            baseline(found, wanted, Inventory(where, KINDS)).at[BOOK_EMMA].fields.keys() == fields
        )


def test_what_a_manifest_ignores_is_not_in_the_baseline() -> None:
    wanted = [replace(desired("Shelf/A", description="x"), ignore=frozenset({"description"}))]
    where = account(live("Shelf/A", "1", description="x"))
    found = baseline(plan(wanted, Inventory(where, KINDS)), wanted, Inventory(where, KINDS))
    assert found.at[SHELF_A].fields == {}


def test_a_baseline_knows_what_nobody_declared() -> None:
    where = account(
        live("Book/Wild", "8"),
        live("Book/Gone", "9", deleted=True),
        live("Book/Old", "10", unmanaged_reason="a museum piece"),
        live("Shelf/Z", "11"),
    )
    found = baseline(plan([], Inventory(where, KINDS)), [], Inventory(where, KINDS))
    assert found.undeclared == {("Book", "8")}
    assert {name for name, count in found.counts.items() if count} == {"books", "rooms", "shelves"}
    assert found.counts["books"] == 2, "deleted ones do not count"


def test_a_narrowed_run_knows_what_it_looked_at() -> None:
    wanted = [desired("Shelf/A"), desired("Shelf/B"), desired("Book/Wild", shelf="B")]
    where = account(live("Shelf/A", "1"), live("Shelf/B", "2"), live("Book/Wild", "8", shelf="B"))
    narrow = plan(wanted, Inventory(where, KINDS), options=PlanOptions((SHELF_A,)))
    found = baseline(narrow, wanted, Inventory(where, KINDS))
    assert found.at.keys() == {SHELF_A}
    assert found.undeclared == set(), "declared, though not looked at"


@pytest.mark.parametrize(
    ("path", "now", "expected"),
    [
        ("description", {"description": "x"}, False),
        ("description", {"description": "y"}, True),
        ("description", {}, True),
        ("topics", {"topics": ["b", "a"]}, False),
        ("topics", {"topics": ["a"]}, True),
        ("width", {"width": 1}, None),
        ("room", {"room": "Hall"}, None),
    ],
)
def test_whether_a_value_moved(path: str, now: dict[str, Any], expected: bool | None) -> None:
    _, _, known = made(("Shelf/A", "1", {"description": "x", "topics": ["a", "b"]}))
    assert moved(known.at[SHELF_A], SHELF, live("Shelf/A", "1", **now), path) is expected


@pytest.mark.parametrize(
    ("path", "now", "expected"),
    [
        ("print.year", {"year": 1815, "press": "y"}, False),
        ("print.year", {"year": 1816}, True),
        ("print.press", {"year": 1815, "press": "y"}, None),
        ("print", {"year": 1815}, False),
        ("print", None, True),
    ],
)
def test_parts_of_an_object_are_owned_one_by_one(
    path: str, now: Any, expected: bool | None
) -> None:
    _, _, known = made(("Book/Emma", "2", {"print": {"year": 1815}}))
    assert moved(known.at[BOOK_EMMA], BOOK, live("Book/Emma", "2", print=now), path) is expected


@law
@given(st.data())
def test_equal_values_have_equal_fingerprints(data: st.DataObject) -> None:
    """In any order, with any default spelled out."""
    topics = data.draw(st.lists(st.text(max_size=2), unique=True, max_size=4))
    mixed = data.draw(st.permutations(topics))
    assert fingerprints(SHELF, {"topics": topics}) == fingerprints(SHELF, {"topics": mixed})
    other = data.draw(st.lists(st.text(max_size=2), unique=True, max_size=4))
    same = fingerprints(SHELF, {"topics": other}) == fingerprints(SHELF, {"topics": topics})
    assert same is (set(other) == set(topics))
    assert fingerprints(SHELF, {"description": None}) == fingerprints(SHELF, {"description": ""})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a", "a", True),
        ("a", "a.b", True),
        ("a.b.c", "a", True),
        ("a", "ab", False),
        ("a.b", "a.c", False),
    ],
)
def test_related_paths(one: str, other: str, expected: bool) -> None:
    assert related(one, other) is related(other, one) is expected


# Lists that shrank

EMPTY = {"books": 0, "papers": 0, "rooms": 0, "tickets": 0}
"""Counts of every list but the shelves."""


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (None, 0, True),
        (None, 5, True),
        (0, 0, False),
        (0, 5, False),
        (1, 0, True),
        (2, 0, True),
        (4, 1, False),
        (5, 1, True),
        (10, 7, False),
        (10, 6, True),
        (100, 70, False),
        (100, 69, True),
        (100, 130, False),
        (3, 3, False),
    ],
)
def test_a_list_that_lost_too_much(then: int | None, now: int, expected: bool) -> None:
    """All, or more than 30 % and more than three; or nobody knows."""
    counted = {} if then is None else {"shelves": then}
    known = receipt(Baseline((), frozenset(), EMPTY | counted))
    where = account(*(live(f"Shelf/{n}", str(n)) for n in range(now)))
    assert shrunk(known, Inventory(where, KINDS)) == ({"shelves": (then, now)} if expected else {})


def test_every_list_is_looked_at_by_itself() -> None:
    known = receipt(Baseline((), frozenset(), EMPTY | {"shelves": 10, "books": 10, "tickets": 10}))
    where = account(
        *(live(f"Shelf/{n}", str(n)) for n in range(9)),
        *(live(f"Book/{n}", str(100 + n), deleted=n > 2) for n in range(10)),
        unreadable={"tickets": "403"},
    )
    assert shrunk(known, Inventory(where, KINDS)) == {"books": (10, 3)}, (
        "unreadable is another thing than shrunk"
    )


def test_without_a_baseline_every_list_may_have_shrunk() -> None:
    names = {"books", "papers", "rooms", "shelves", "tickets"}
    assert shrunk(receipt(None), Inventory(account(), KINDS)).keys() == names


def test_known_objects_compare_by_value() -> None:
    assert Known(SHELF_A, "1", {"a": "b"}) == Known(SHELF_A, "1", {"a": "b"})
