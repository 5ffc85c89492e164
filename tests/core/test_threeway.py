"""Every difference has one origin: this change, the base, or somebody in the account."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.compare.change import Sinks
from lebots.core.compare.digest import plan_digest
from lebots.core.history.origin import History, explain, no_longer_declared, origins
from lebots.core.history.receipt import Receipt, baseline
from lebots.core.model.address import Address
from lebots.core.model.change import WRITES, Action, Cause, Change, Effect, FieldChange, Origin
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account, Live
from lebots.core.model.options import PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.model.value import Spec
from lebots.core.planner import plan
from tests.toys import KINDS, account, at, desired, law, live

PROPOSED, PENDING, DRIFT = Origin.PROPOSED, Origin.PENDING, Origin.DRIFT
CONFLICT = Origin.CONFLICT
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
NOTHING = History()

Versions = Mapping[str, Sequence[Spec]]


def history(versions: Versions) -> History:
    """What the base said before, by address."""
    return History(earlier=lambda address: versions.get(str(address), ()))


def receipt_of(wanted: Sequence[Desired], where: Account, *targets: Address) -> Receipt:
    """The receipt of an apply after which the account was as the manifests said."""
    ids = {one.address: one.id for one in where.objects}
    sinks = Sinks(delivered={w.address: ids[w.address] for w in wanted if w.address in ids})
    found = plan(wanted, Inventory(where, KINDS), sinks, PlanOptions(targets))
    assert found.writes == ()
    known = baseline(found, wanted, Inventory(where, KINDS))
    return Receipt("0.1", "L1", "d" * 64, NOON, NOON, targets, converged=True, baseline=known)


def told(
    head: Sequence[Desired],
    base: Sequence[Desired],
    where: Account,
    evidence: History = NOTHING,
    sinks: Sinks | None = None,
    asked: PlanOptions | None = None,
) -> Plan:
    found = plan(head, Inventory(where, KINDS), sinks or Sinks(), asked or PlanOptions())
    assert found.writes
    explained = explain(found, head, base, Inventory(where, KINDS), evidence)
    assert plan_digest(explained) == plan_digest(found), "origins are never part of a digest"
    return explained


def of_fields(change: Change) -> dict[str, Origin | None]:
    return {part.path: part.origin for part in change.fields}


# Fields of an object that exists

UPDATES = [
    # base, head, live, what the base said before, what the last clean apply left: expected
    ("x", "y", "x", [], None, PROPOSED),
    ("x", "y", "z", [], None, CONFLICT),
    ("x", "y", "z", ["z"], None, PROPOSED),
    ("x", "y", "z", ["z"], "x", CONFLICT),
    ("x", "y", "z", ["z"], "z", PROPOSED),
    (None, "y", "x", [], None, PROPOSED),
    ("y", "y", "x", ["x"], None, PENDING),
    ("y", "y", "x", ["w", "x", "v"], None, PENDING),
    ("y", "y", "x", ["w"], None, DRIFT),
    ("y", "y", "x", [], None, DRIFT),
    ("y", "y", "x", [], "x", PENDING),
    ("y", "y", "x", ["x"], "y", DRIFT),
    ("y", "y", "x", ["x"], "w", DRIFT),
]


@pytest.mark.parametrize(("base", "head", "now", "before", "applied", "expected"), UPDATES)
def test_a_field_that_differs(
    base: str | None,
    head: str,
    now: str,
    before: list[str],
    applied: str | None,
    expected: Origin,
) -> None:
    where = account(live("Shelf/A", "1", description=now, width=1))
    evidence = history({"Shelf/A": [{"description": value} for value in before]})
    if applied is not None:
        then = [desired("Shelf/A", description=applied)]
        left = account(live("Shelf/A", "1", description=applied))
        evidence = replace(evidence, receipt=receipt_of(then, left))
    stated: dict[str, Any] = {} if base is None else {"description": base}
    bases = [desired("Shelf/A", **stated)]
    (change,) = told([desired("Shelf/A", description=head)], bases, where, evidence).writes
    assert of_fields(change) == {"description": expected}
    assert change.origin is expected
    assert origins(change) == {expected}


def test_of_a_conflict_all_three_values_are_told() -> None:
    where = account(live("Shelf/A", "1", width=44))
    bases = [desired("Shelf/A", width=25)]
    (change,) = told([desired("Shelf/A", width=46)], bases, where).writes
    (part,) = change.fields
    assert (part.base, part.before, part.after) == (25, 44, 46)
    assert [(one.effect, one.path) for one in change.effects] == [(Effect.CONFLICT, "width")]


def test_one_object_may_have_all_three() -> None:
    where = account(live("Shelf/A", "1", description="x", width=1, topics=["t"]))
    head = [desired("Shelf/A", description="y", width=2, topics=["u"])]
    base = [desired("Shelf/A", description="x", width=2, topics=["u"])]
    (change,) = told(head, base, where, history({"Shelf/A": [{"width": 1}]})).writes
    assert of_fields(change) == {"description": PROPOSED, "width": PENDING, "topics": DRIFT}
    assert change.origin is PROPOSED, "the strongest stands for the object"
    assert origins(change) == {PROPOSED, PENDING, DRIFT}


def test_the_account_outweighs_the_base() -> None:
    where = account(live("Shelf/A", "1", width=1, topics=["t"]))
    wanted = [desired("Shelf/A", width=2, topics=["u"])]
    (change,) = told(wanted, wanted, where, history({"Shelf/A": [{"width": 1}]})).writes
    assert change.origin is DRIFT


def test_history_is_asked_only_where_nothing_else_tells() -> None:
    asked: list[Address] = []

    def earlier(address: Address) -> Sequence[Spec]:
        asked.append(address)
        return ()

    where = account(live("Shelf/A", "1", description="x"), live("Shelf/B", "2", description="x"))
    wanted = [desired("Shelf/A", description="x"), desired("Shelf/B", description="x")]
    evidence = History(receipt_of(wanted, where), earlier)
    new = [desired("Shelf/A", description="y"), desired("Shelf/B", description="z")]
    told(new, [new[0], wanted[1]], where, evidence)
    assert asked == []
    told(new, new, where, History(earlier=earlier))
    assert set(asked) == {at("Shelf/A"), at("Shelf/B")}


def test_unordered_lists_and_defaults_are_no_differences_of_the_base() -> None:
    where = account(live("Shelf/A", "1", topics=["z"], description="q"))
    head = [desired("Shelf/A", topics=["a", "b"], description="")]
    base = [desired("Shelf/A", topics=["b", "a"], description=None)]
    evidence = history({"Shelf/A": [{"topics": ["z"], "description": "q"}]})
    (change,) = told(head, base, where, evidence).writes
    assert of_fields(change) == {"description": PENDING, "topics": PENDING}


def test_parts_of_an_object_are_told_apart() -> None:
    where = account(live("Book/E", "1", print={"year": 1, "press": "p", "place": "x"}))
    head = [desired("Book/E", print={"year": 2, "press": "q"})]
    base = [desired("Book/E", print={"year": 1, "press": "q"})]
    (change,) = told(head, base, where, history({"Book/E": [{"print": {"press": "p"}}]})).writes
    assert of_fields(change) == {"print.press": PENDING, "print.year": PROPOSED}
    known = receipt_of([desired("Book/E", print={"year": 1})], where)
    wanted = [desired("Book/E", print={"year": 2, "press": "q"})]
    (change,) = told(wanted, wanted, where, History(known)).writes
    assert of_fields(change) == {"print.press": PENDING, "print.year": PENDING}, "owned since"
    elsewhere = account(live("Book/E", "1", print={"year": 7, "press": "p"}))
    (change,) = told(wanted, wanted, elsewhere, History(known)).writes
    assert of_fields(change) == {"print.press": PENDING, "print.year": DRIFT}


@pytest.mark.parametrize(("said", "expected"), [("Ann", PENDING), ("Eve", DRIFT)])
def test_receipts_know_nothing_personal_so_that_the_base_is_asked(
    said: str, expected: Origin
) -> None:
    where = account(live("Book/E", "1", author="Ann", place=1))
    known = receipt_of([desired("Book/E", author="Ann", place=1)], where)
    evidence = replace(history({"Book/E": [{"author": said}]}), receipt=known)
    wanted = [desired("Book/E", author="Jane", place=1)]
    (change,) = told(wanted, wanted, where, evidence).writes
    assert of_fields(change) == {"author": expected}


def test_a_field_owned_since_the_receipt_waits() -> None:
    where = account(live("Shelf/A", "1", description="x", width=7))
    known = receipt_of([desired("Shelf/A", description="x")], where)
    wanted = [desired("Shelf/A", description="x", width=1)]
    (change,) = told(wanted, wanted, where, History(known)).writes
    assert of_fields(change) == {"width": PENDING}


@pytest.mark.parametrize(("targets", "expected"), [((), PENDING), (("Shelf/B",), DRIFT)])
def test_an_object_declared_since_the_receipt_waits(
    targets: tuple[str, ...], expected: Origin
) -> None:
    """Unless the run of the receipt looked at a part only: then nothing is known."""
    where = account(live("Shelf/A", "1", width=7), live("Shelf/B", "2"))
    known = receipt_of([desired("Shelf/B")], where, *map(at, targets))
    wanted = [desired("Shelf/A", width=1), desired("Shelf/B")]
    (change,) = told(wanted, wanted, where, History(known)).writes
    assert of_fields(change) == {"width": expected}


def test_another_object_under_the_same_name_was_made_by_somebody() -> None:
    wanted = [desired("Shelf/A", width=1)]
    known = receipt_of(wanted, account(live("Shelf/A", "1", width=1)))
    where = account(live("Shelf/A", "9", width=2))
    (change,) = told(wanted, wanted, where, History(known)).writes
    assert change.origin is DRIFT


def test_a_receipt_without_a_baseline_says_nothing() -> None:
    where = account(live("Shelf/A", "1", width=2))
    nothing = replace(receipt_of([], account()), baseline=None)
    wanted = [desired("Shelf/A", width=1)]
    for said, expected in ((2, PENDING), (3, DRIFT)):
        evidence = replace(history({"Shelf/A": [{"width": said}]}), receipt=nothing)
        (change,) = told(wanted, wanted, where, evidence).writes
        assert change.origin is expected


# What the vendor resets along with a field


@pytest.mark.parametrize(
    ("base", "before", "expected"),
    [("A", ["B"], PROPOSED), ("B", ["A"], PENDING), ("B", [], DRIFT)],
)
def test_a_reset_comes_from_where_its_cause_does(
    base: str, before: list[str], expected: Origin
) -> None:
    where = account(
        live("Shelf/A", "1"), live("Shelf/B", "2"), live("Book/E", "3", shelf="A", place=4)
    )
    shelves = [desired("Shelf/A"), desired("Shelf/B")]
    evidence = history({"Book/E": [{"shelf": shelf} for shelf in before]})
    found = told(
        [*shelves, desired("Book/E", shelf="B")],
        [*shelves, desired("Book/E", shelf=base)],
        where,
        evidence,
    )
    (change,) = found.writes
    assert change.fields[1].cause is Cause.RESET
    assert of_fields(change) == {"shelf": expected, "place": expected}


# Objects that are missing


def test_a_new_object_is_of_this_change() -> None:
    (change,) = told([desired("Shelf/A", width=1)], [], account()).writes
    assert (change.origin, of_fields(change)) == (PROPOSED, {"width": PROPOSED})


def test_an_object_of_the_base_that_is_missing_waits() -> None:
    base = [desired("Shelf/A", width=1, description="x")]
    head = [desired("Shelf/A", width=2, description="x")]
    (change,) = told(head, base, account()).writes
    assert change.origin is PENDING
    assert of_fields(change) == {"description": PENDING, "width": PROPOSED}
    assert origins(change) == {PENDING, PROPOSED}


def test_an_object_that_the_receipt_knows_was_removed() -> None:
    wanted = [desired("Shelf/A", width=1)]
    known = receipt_of(wanted, account(live("Shelf/A", "1", width=1)))
    (change,) = told(wanted, wanted, account(), History(known)).writes
    assert (change.origin, of_fields(change)) == (DRIFT, {"width": DRIFT})
    more = [*wanted, desired("Shelf/B")]
    by_address = {c.address: c for c in told(more, more, account(), History(known)).writes}
    assert by_address[at("Shelf/B")].origin is PENDING, "declared since, and never made"


def test_an_object_whose_secret_was_delivered_was_removed() -> None:
    wanted = [desired("Ticket/Ann", type="plastic")]
    sinks = Sinks(delivered={at("Ticket/Ann"): "t1"})
    asked = PlanOptions(recreate=(at("Ticket/Ann"),))
    evidence = History(existed=[at("Ticket/Ann")])
    (change,) = told(wanted, wanted, account(), evidence, sinks, asked).writes
    assert change.origin is DRIFT
    (change,) = told(wanted, wanted, account()).writes
    assert change.origin is PENDING


def test_new_objects_that_refer_to_each_other() -> None:
    """They are made in two steps; both steps have the origin of the object."""
    both = [
        desired("Book/A", shelf="S", sequels=["B"]),
        desired("Book/B", shelf="S", sequels=["A"]),
    ]
    shelf, where = [desired("Shelf/S")], account(live("Shelf/S", "1"))
    for base, expected in ((shelf, PROPOSED), ([*shelf, *both], PENDING)):
        found = told([*shelf, *both], base, where)
        assert [c.action for c in found.writes] == [Action.CREATE, Action.CREATE, Action.UPDATE]
        assert {c.origin for c in found.writes} == {expected}
        assert {part.origin for c in found.writes for part in c.fields} == {expected}


def test_an_object_that_moves_to_another_collection_is_of_this_change() -> None:
    where = account(live("Ticket/Ann", "t1", type="paper"))
    # A name is held by one collection only, so that the planner would refuse; told by itself.
    change = Change(
        at("Ticket/Ann"),
        Action.CREATE,
        "tickets",
        fields=(FieldChange("type", None, "plastic"),),
        desired={"type": "plastic"},
    )
    head = [desired("Ticket/Ann", type="plastic")]
    base = [desired("Ticket/Ann", type="paper")]
    found = explain(Plan("L1", (change,)), head, base, Inventory(where, KINDS), NOTHING)
    assert found.writes[0].origin is PROPOSED


# Secrets


def test_a_secret_that_is_not_in_its_sink_waits() -> None:
    """The account does not hold it, so nobody changed the account."""
    where = account(live("Ticket/Ann", "t1", colour="red"))
    base = [desired("Ticket/Ann", type="plastic", colour="red")]
    (change,) = told(base, base, where).writes
    assert (change.sink, of_fields(change)) == ("default", {"drawer": PENDING})
    moves = [desired("Ticket/Ann", type="plastic", colour="red", drawer="cellar")]
    (change,) = told(moves, base, where, sinks=Sinks(("default", "cellar"))).writes
    assert of_fields(change) == {"drawer": PROPOSED}
    moved = [replace(desired("Ticket/Bea", type="plastic", colour="red"), previously=("Ann",))]
    (change,) = told(moved, base, where).writes
    assert change.action is Action.RENAME
    assert of_fields(change) == {"drawer": PROPOSED}, "it goes along with the new name"
    known = receipt_of(base, where)
    other = account(live("Ticket/Ann", "t2", colour="red"))
    (change,) = told(base, base, other, History(known)).writes
    assert of_fields(change) == {"drawer": DRIFT}, "another ticket under the name of the first"


# Renames and removals, as other parts of the planner make them


def renamed(**more: Any) -> Change:
    fields = (FieldChange("width", 1, 2),)
    return Change(at("Shelf/New"), Action.RENAME, "shelves", "1", fields=fields, was="Old", **more)


OLD, NEW = desired("Shelf/Old", width=2), desired("Shelf/New", width=2)
NEW_FROM_OLD = replace(NEW, previously=("Old",))
RENAMES = [
    ([OLD], [{"width": 1}], PROPOSED, PENDING),
    ([OLD], [], PROPOSED, DRIFT),
    ([replace(OLD, spec={"width": 1})], [], PROPOSED, PROPOSED),
    ([], [], PROPOSED, PROPOSED),
    ([NEW], [{"width": 1}], PROPOSED, PENDING),
    ([NEW_FROM_OLD], [{"width": 1}], PENDING, PENDING),
    ([NEW_FROM_OLD], [], PENDING, DRIFT),
]


@pytest.mark.parametrize(("base", "before", "verb", "field"), RENAMES)
def test_a_rename(base: list[Desired], before: list[Spec], verb: Origin, field: Origin) -> None:
    where = account(live("Shelf/Old", "1", width=1))
    found = explain(
        Plan("L1", (renamed(),)),
        [NEW_FROM_OLD],
        base,
        Inventory(where, KINDS),
        history({"Shelf/Old": before}),
    )
    (change,) = found.writes
    assert (change.origin, of_fields(change)) == (verb, {"width": field})
    assert origins(change) == {verb, field}


def test_references_follow_a_rename_of_this_change() -> None:
    """What the base says of a renamed object is seen with its new name, as the account is."""
    where = account(
        live("Shelf/Old", "1"),
        live("Shelf/Z", "2"),
        live("Book/E", "3", sequels=["F"]),
        live("Book/F", "4", shelf="Old"),
        live("Book/G", "5", shelf="Z"),
    )
    renamed = replace(desired("Book/Fifth"), previously=("F",))
    base = [
        desired("Book/E", sequels=["F", "G"]),
        desired("Book/F"),
        desired("Book/G", shelf="Old"),
        desired("Shelf/Old"),
    ]
    head = [
        desired("Book/E", sequels=["Fifth", "G"]),
        renamed,
        desired("Book/G", shelf="New"),
        replace(desired("Shelf/New"), previously=("Old",)),
    ]
    evidence = history({"Book/E": [{"sequels": ["F"]}], "Book/G": [{"shelf": "Z"}]})
    found = {str(c.address): c for c in told(head, base, where, evidence).writes}
    assert {address: change.origin for address, change in found.items()} == {
        "Book/Fifth": PROPOSED,
        "Shelf/New": PROPOSED,
        "Book/E": PENDING,
        "Book/G": PENDING,
    }
    receipt = receipt_of(
        [
            desired("Book/E", sequels=["F"]),
            desired("Book/F"),
            desired("Book/G", shelf="Z"),
            desired("Shelf/Old"),
            desired("Shelf/Z"),
        ],
        where,
    )
    again = {str(c.address): c for c in told(head, base, where, History(receipt)).writes}
    assert {address: c.origin for address, c in again.items()} == {
        address: c.origin for address, c in found.items()
    }


def test_a_field_left_to_people_at_the_base_is_of_this_change() -> None:
    where = account(live("Shelf/A", "1", description="by hand"))
    head = [desired("Shelf/A", description="x")]
    base = [replace(head[0], ignore=frozenset({"description"}))]
    (change,) = told(head, base, where).writes
    assert change.origin is PROPOSED


@pytest.mark.parametrize(("then", "expected"), [("Old", PENDING), ("New", DRIFT)])
def test_a_name_that_somebody_took_back(then: str, expected: Origin) -> None:
    known = receipt_of(
        [desired(f"Shelf/{then}", width=1)], account(live(f"Shelf/{then}", "1", width=1))
    )
    where = account(live("Shelf/Old", "1", width=1))
    found = explain(
        Plan("L1", (renamed(),)),
        [NEW_FROM_OLD],
        [NEW_FROM_OLD],
        Inventory(where, KINDS),
        History(known),
    )
    assert found.writes[0].origin is expected
    assert of_fields(found.writes[0]) == {"width": PENDING}


EMMA = live("Book/Emma", "5", lent=True)
REMOVALS: list[tuple[bool, list[Spec], list[Desired] | None, Origin]] = [
    # declared at the base, known before, in the receipt: expected
    (True, [], None, PROPOSED),
    (False, [{}], None, PENDING),
    (False, [], None, DRIFT),
    (False, [], [desired("Book/Emma")], PENDING),
    (False, [], [], PENDING),
]


@pytest.mark.parametrize("action", [Action.DELETE, Action.DISABLE, Action.UPDATE])
@pytest.mark.parametrize(("declared", "before", "applied", "expected"), REMOVALS)
def test_what_is_retired(
    declared: bool,
    before: list[Spec],
    applied: list[Desired] | None,
    expected: Origin,
    action: Action,
) -> None:
    """An update too, where it takes references from an object that is retired later."""
    where = account(EMMA)
    evidence = history({"Book/Emma": before})
    if applied is not None:
        evidence = replace(evidence, receipt=receipt_of(applied, where))
    fields = (FieldChange("lent", True, False),)
    change = Change(EMMA.address, action, "books", "5", fields=fields)
    base = [desired("Book/Emma")] if declared else []
    (found,) = explain(Plan("L1", (change,)), [], base, Inventory(where, KINDS), evidence).writes
    assert (found.origin, of_fields(found)) == (expected, {"lent": expected})


def test_what_was_made_by_hand_since_is_not_pending() -> None:
    known = receipt_of([], account())
    change = Change(EMMA.address, Action.DELETE, "books", "5")
    found = explain(Plan("L1", (change,)), [], [], Inventory(account(EMMA), KINDS), History(known))
    assert found.writes[0].origin is DRIFT


# What is no longer declared


def left(
    head: Sequence[Desired], base: Sequence[Desired], where: Account
) -> list[tuple[str, Mapping[str, Any], str]]:
    """What is no longer declared: the object, the values that stay, and where the base has it."""
    found = plan(head, Inventory(where, KINDS))
    told = no_longer_declared(found, head, base, Inventory(where, KINDS))
    return [(str(one.address), one.fields, str(one.base_source)) for one in told]


def test_an_object_that_is_no_longer_declared_stays() -> None:
    where = account(live("Shelf/A", "1"), live("Shelf/B", "2"))
    base = [desired("Shelf/A", line=4), desired("Shelf/B"), desired("Shelf/C")]
    assert left([desired("Shelf/B")], base, where) == [("Shelf/A", {}, "library.yaml:4:1")]


def test_a_field_that_is_no_longer_declared_stays() -> None:
    where = account(live("Shelf/A", "1", width=1, description="x"))
    base = [desired("Shelf/A", width=1, description="x")]
    assert left([desired("Shelf/A")], base, where) == [
        ("Shelf/A", {"description": "x", "width": 1}, "library.yaml:1:1")
    ]
    assert left(base, base, where) == []
    assert left(base, [desired("Shelf/A")], where) == []


def test_what_is_renamed_or_retired_needs_no_note() -> None:
    where = account(live("Shelf/Old", "1"), live("Shelf/A", "2"))
    delete = Plan("L1", (Change(at("Shelf/A"), Action.DELETE),))
    base = [desired("Shelf/Old"), desired("Shelf/A")]
    assert no_longer_declared(delete, [NEW_FROM_OLD], base, Inventory(where, KINDS)) == ()


# Laws

words = st.sampled_from(["", "x", "y", "z"])
FIELDS: dict[str, Any] = {
    "description": words,
    "width": st.none() | st.integers(0, 2),
    "topics": st.lists(st.sampled_from(["x", "y"]), max_size=2, unique=True),
}
specs = st.fixed_dictionaries({}, optional=FIELDS)
NAMES = ["A", "B", "C"]
manifests = st.dictionaries(st.sampled_from(NAMES), specs).map(
    lambda found: [desired(f"Shelf/{name}", **spec) for name, spec in sorted(found.items())]
)
everything = st.fixed_dictionaries(FIELDS)
accounts = st.dictionaries(st.sampled_from(NAMES), everything).map(
    lambda found: account(
        *(live(f"Shelf/{name}", str(ord(name)), **spec) for name, spec in sorted(found.items()))
    )
)
versions = st.dictionaries(
    st.sampled_from([f"Shelf/{name}" for name in NAMES]), st.lists(specs, max_size=2)
)


def differences(found: Plan) -> set[tuple[Address, str]]:
    return {(c.address, part.path) for c in found.writes for part in c.fields}


@law
@given(manifests, manifests, accounts, versions)
def test_every_difference_has_exactly_one_origin(
    head: list[Desired], base: list[Desired], where: Account, before: Versions
) -> None:
    found = plan(head, Inventory(where, KINDS))
    explained = explain(found, head, base, Inventory(where, KINDS), history(before))
    assert differences(explained) == differences(found)
    for change in explained.changes:
        if change.action not in WRITES:
            assert change.origin is None
            continue
        assert change.origin in set(Origin)
        assert all(part.origin in set(Origin) for part in change.fields)
        assert {part.origin for part in change.fields} <= origins(change)
        if change.action is Action.UPDATE:
            assert change.origin in {part.origin for part in change.fields}


@law
@given(manifests, accounts, versions)
def test_what_the_base_says_too_is_never_of_this_change(
    both: list[Desired], where: Account, before: Versions
) -> None:
    found = explain(
        plan(both, Inventory(where, KINDS)), both, both, Inventory(where, KINDS), history(before)
    )
    assert all(PROPOSED not in origins(change) for change in found.writes)
    alone = explain(
        plan(both, Inventory(where, KINDS)), both, [], Inventory(where, KINDS), history(before)
    )
    assert all(origins(change) == {PROPOSED} for change in alone.writes)


@law
@given(manifests, manifests, accounts, versions, st.randoms(use_true_random=False))
def test_origins_do_not_depend_on_order(
    head: list[Desired], base: list[Desired], where: Account, before: Versions, random: Random
) -> None:
    found = explain(
        plan(head, Inventory(where, KINDS)), head, base, Inventory(where, KINDS), history(before)
    )

    def mixed(items: Sequence[Any]) -> list[Any]:
        return random.sample(list(items), len(items))

    again = explain(
        plan(mixed(head), Inventory(where, KINDS)),
        mixed(head),
        mixed(base),
        Inventory(replace(where, objects=tuple(mixed(where.objects))), KINDS),
        history({name: mixed(specs) for name, specs in before.items()}),
    )
    assert again.changes == found.changes


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Desired], list[Desired], list[Desired], Account, Account]:
    """Manifests that were applied, those of base and head since, the account then and now."""
    fields = st.sampled_from(sorted(FIELDS))

    def edited(spec: Spec) -> dict[str, Any]:
        return {**spec, **{name: draw(FIELDS[name]) for name in draw(st.sets(fields))}}

    then = {name: draw(everything) for name in NAMES}
    base = {name: edited(then[name]) for name in NAMES}
    head = {name: edited(base[name]) for name in NAMES}
    now = {name: edited(then[name]) for name in NAMES}

    def wanted(specs: Mapping[str, dict[str, Any]]) -> list[Desired]:
        return [desired(f"Shelf/{name}", **spec) for name, spec in specs.items()]

    def there(specs: Mapping[str, dict[str, Any]]) -> Account:
        return account(*(live(f"Shelf/{n}", str(ord(n)), **spec) for n, spec in specs.items()))

    return wanted(then), wanted(base), wanted(head), there(then), there(now)


def same(one: Any, other: Any) -> bool:
    """Whether two values of a shelf mean the same."""
    return sorted(one) == sorted(other) if isinstance(one, list) else one == other


@law
@given(lives())
def test_with_a_receipt_every_origin_is_exact(
    story: tuple[list[Desired], list[Desired], list[Desired], Account, Account],
) -> None:
    then, base, head, before, now = story
    evidence = History(receipt_of(then, before))
    found = explain(plan(head, Inventory(now, KINDS)), head, base, Inventory(now, KINDS), evidence)

    def spec_of(side: Sequence[Desired | Live], address: Address) -> Spec:
        return next(one.spec for one in side if one.address == address)

    for change in found.writes:
        for part in change.fields:
            at_base, at_head, was, is_ = (
                spec_of(side, change.address)[part.path]
                for side in (base, head, before.objects, now.objects)
            )
            assert not same(at_head, is_)
            if not same(at_base, at_head):
                both = not same(at_base, is_) and not same(was, is_)
                expected = CONFLICT if both else PROPOSED
            else:
                expected = PENDING if same(was, is_) else DRIFT
            assert part.origin is expected
