"""What somebody changed in the account; what was edited in a manifest is none of it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.history.drift import Drift, drift
from lebots.core.model.change import Action, Cause
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account
from lebots.errors import UsageError
from tests.core.test_threeway import FIELDS, NOON, lives, receipt_of, same
from tests.toys import KINDS, account, at, desired, law, live


def shown(found: Drift) -> list[tuple[Any, ...]]:
    changes = [
        (str(c.address), "gone" if c.action is Action.CREATE else [part.path for part in c.fields])
        for c in found.changes
    ]
    return [*changes, *((str(c.address), "new") for c in found.new)]


WANTED = [
    desired("Shelf/A", description="x", width=1),
    desired("Ticket/Ann", type="plastic", colour="red"),
    desired("Book/Emma", shelf="A", author="Jane", place=3),
]
SHELF = live("Shelf/A", "1", description="x", width=1)
TICKET = live("Ticket/Ann", "t1", colour="red")
EMMA = live("Book/Emma", "2", shelf="A", author="Jane", place=3)
WILD = live("Book/Wild", "8")
THEN = account(SHELF, TICKET, EMMA, WILD)
RECEIPT = receipt_of(WANTED, THEN)


def test_nothing_changed() -> None:
    for receipt in (RECEIPT, None):
        found = drift(WANTED, Inventory(THEN, KINDS), receipt)
        assert not found
        assert shown(found) == []
        assert (found.account, found.live, found.findings) == ("L1", 4, ())
    assert drift(WANTED, Inventory(THEN, KINDS), RECEIPT).since == NOON
    assert drift(WANTED, Inventory(THEN, KINDS)).since is None


CHANGES = [
    ([live("Shelf/A", "1", description="y", width=2), TICKET, EMMA], ["description", "width"]),
    ([live("Shelf/A", "1", description="y", width=1), TICKET, EMMA], ["description"]),
    ([live("Shelf/A", "1", description="x", width=1, topics=["t"]), TICKET, EMMA], None),
]


@pytest.mark.parametrize(("objects", "expected"), CHANGES)
def test_owned_fields_that_changed(objects: list[Any], expected: list[str] | None) -> None:
    for receipt in (RECEIPT, None):
        found = drift(WANTED, Inventory(account(*objects), KINDS), receipt)
        assert shown(found) == ([("Shelf/A", expected)] if expected else [])
        for change in found.changes:
            assert [part.origin for part in change.fields] == [None] * len(change.fields)
            assert change.fields[0].source, "with the place in the manifest"


def test_the_live_value_comes_before_the_declared_one() -> None:
    now = account(live("Shelf/A", "1", description="y", width=1), TICKET, EMMA)
    (part,) = drift(WANTED, Inventory(now, KINDS), RECEIPT).changes[0].fields
    assert (part.before, part.after) == ("y", "x")


def test_an_edited_manifest_is_no_drift() -> None:
    edited = [desired("Shelf/A", description="edited", width=1, room="Hall"), *WANTED[1:]]
    edited.append(desired("Shelf/New"))
    found = drift(edited, Inventory(THEN, KINDS), RECEIPT)
    assert (bool(found), found.pending) == (False, 2)
    every = drift(edited, Inventory(THEN, KINDS))
    assert shown(every) == [("Shelf/A", ["description", "room"]), ("Shelf/New", "gone")]


def test_an_edit_on_both_sides_is_drift_unless_they_agree() -> None:
    edited = [desired("Shelf/A", description="edited", width=1), *WANTED[1:]]
    for now, expected in (("other", [("Shelf/A", ["description"])]), ("edited", [])):
        where = account(live("Shelf/A", "1", description=now, width=1), TICKET, EMMA)
        assert shown(drift(edited, Inventory(where, KINDS), RECEIPT)) == expected


def test_objects_that_are_gone() -> None:
    found = drift(
        WANTED,
        Inventory(account(SHELF, TICKET, live("Book/Emma", "2", deleted=True)), KINDS),
        RECEIPT,
    )
    assert shown(found) == [("Book/Emma", "gone")]
    assert (found.changes[0].id, found.changes[0].note) == ("2", "")
    assert shown(drift(WANTED[:2], Inventory(account(SHELF, TICKET), KINDS), RECEIPT)) == []


def test_a_key_that_is_gone_is_told_and_not_refused() -> None:
    """A plan refuses to make such a one anew; this is no plan."""
    found = drift(WANTED, Inventory(account(SHELF, EMMA), KINDS), RECEIPT)
    assert shown(found) == [("Ticket/Ann", "gone")]
    assert found.findings == ()


def test_an_object_that_can_only_be_selected_and_is_gone() -> None:
    wanted = [desired("Ticket/Old", type="paper")]
    there = live("Ticket/Old", "77", endpoint="papers")
    receipt = receipt_of(wanted, account(there))
    assert not drift(wanted, Inventory(account(there), KINDS), receipt)
    assert shown(drift(wanted, Inventory(account(), KINDS), receipt)) == [("Ticket/Old", "gone")]


def test_an_object_that_got_another_name() -> None:
    where = account(SHELF, TICKET, live('Book/Emma "2"', "2", shelf="A"))
    found = drift(WANTED, Inventory(where, KINDS), RECEIPT)
    assert shown(found) == [("Book/Emma", "gone")], "and it is not new"
    assert found.changes[0].note == 'its name is now "Emma \\"2\\""'


def test_an_object_that_was_replaced_under_its_name() -> None:
    where = account(SHELF, TICKET, live("Book/Emma", "9", shelf="A", author="Jane", place=4))
    assert shown(drift(WANTED, Inventory(where, KINDS), RECEIPT)) == [("Book/Emma", ["place"])]


def test_new_objects_that_nobody_declares() -> None:
    more = (live("Book/Zeta", "9"), live("Book/Beta", "10"), live("Shelf/Z", "11"))
    where = account(
        SHELF, TICKET, EMMA, WILD, *more, live("Book/Old", "12", unmanaged_reason="old")
    )
    assert shown(drift(WANTED, Inventory(where, KINDS), RECEIPT)) == [
        ("Book/Beta", "new"),
        ("Book/Zeta", "new"),
    ]
    assert shown(drift(WANTED, Inventory(where, KINDS))) == [], (
        "without a receipt nobody knows what is new"
    )
    assert shown(drift(WANTED, Inventory(where, KINDS), RECEIPT, [at("Shelf/A")])) == []


def test_where_a_secret_is_is_no_matter_of_the_account() -> None:
    """No sink is asked, so that none may be missed."""
    for receipt in (RECEIPT, None):
        moved = [WANTED[0], desired("Ticket/Ann", type="plastic", drawer="cellar"), WANTED[2]]
        found = drift(moved, Inventory(THEN, KINDS), receipt)
        assert "drawer" not in str(shown(found))


def test_a_personal_field_says_that_it_is_not_sure() -> None:
    where = account(SHELF, TICKET, live("Book/Emma", "2", shelf="A", author="Eve", place=3))
    found = drift(WANTED, Inventory(where, KINDS), RECEIPT)
    assert shown(found) == [("Book/Emma", ["author"])]
    (finding,) = found.findings
    assert finding.code == "personal-not-known"
    assert 'author of book "Emma"' in finding.message
    assert drift(WANTED, Inventory(where, KINDS)).findings == ()


def test_a_receipt_without_a_baseline_says_so() -> None:
    bare = replace(RECEIPT, baseline=None)
    found = drift(WANTED, Inventory(account(TICKET, EMMA), KINDS), bare)
    assert shown(found) == [("Shelf/A", "gone")]
    assert [one.code for one in found.findings] == ["receipt-without-baseline"]
    assert found.since is None


def test_of_what_a_narrowed_run_left_out_every_difference_counts() -> None:
    narrow = receipt_of(WANTED, THEN, at("Shelf/A"))
    edited = [desired("Shelf/A", description="edited", width=1), *WANTED[1:]]
    now = account(SHELF, TICKET, live("Book/Emma", "2", shelf="A", author="Jane", place=9))
    assert shown(drift(edited, Inventory(now, KINDS), narrow)) == [("Book/Emma", ["place"])]
    assert shown(drift(edited, Inventory(account(SHELF, TICKET), KINDS), narrow)) == [
        ("Book/Emma", "gone")
    ]


NEW = replace(desired("Shelf/New", width=1), previously=("Old",))


@pytest.mark.parametrize("known", [True, False])
def test_a_rename_that_waits_hides_no_drift_and_is_none(known: bool) -> None:
    """Without a receipt it is a difference like any other."""
    then = account(live("Shelf/Old", "1", width=1))
    receipt = receipt_of([desired("Shelf/Old", width=1)], then) if known else None
    found = drift([NEW], Inventory(then, KINDS), receipt)
    assert shown(found) == ([] if known else [("Shelf/New", [])])
    edited = account(live("Shelf/Old", "1", width=2))
    (change,) = drift([NEW], Inventory(edited, KINDS), receipt).changes
    assert [part.path for part in change.fields] == ["width"]
    assert change.note == ("" if known else 'its name is now "Old"')


def test_a_name_that_somebody_took_back_is_drift() -> None:
    receipt = receipt_of([NEW], account(live("Shelf/New", "1", width=1)))
    (change,) = drift(
        [NEW], Inventory(account(live("Shelf/Old", "1", width=1)), KINDS), receipt
    ).changes
    assert (change.action, change.id, change.fields) == (Action.UPDATE, "1", ())
    assert change.note == 'its name is now "Old"'


def test_an_object_under_its_former_name_is_not_new() -> None:
    wanted = [replace(desired("Book/New"), previously=("Old",))]
    there = account(live("Book/Old", "1"))
    assert not drift(wanted, Inventory(there, KINDS), receipt_of([], account()))


def test_what_a_manifest_leaves_to_people_is_no_drift() -> None:
    wanted = [replace(desired("Shelf/A", description="x"), ignore=frozenset({"description"}))]
    where = account(live("Shelf/A", "1", description="y"))
    assert not drift(wanted, Inventory(where, KINDS))
    assert not drift(wanted, Inventory(where, KINDS), receipt_of(wanted, where))


UNSEEN = [
    (account(SHELF, TICKET, EMMA, live("Book/EMMA", "7")), "ambiguous"),
    (
        account(SHELF, TICKET, live("Book/Emma", "2", unmanaged_reason="a museum piece")),
        "held-by-other",
    ),
    (account(SHELF, TICKET, live("Book/emma", "2", shelf="A")), "name-differs"),
]


@pytest.mark.parametrize(("where", "code"), UNSEEN)
def test_what_cannot_be_looked_at_is_a_finding(where: Account, code: str) -> None:
    found = drift(WANTED, Inventory(where, KINDS), RECEIPT)
    assert found.changes == ()
    assert [one.code for one in found.findings] == [code]


def test_a_list_that_cannot_be_read_makes_nothing_gone() -> None:
    wanted = [desired("Ticket/Old", type="paper")]
    receipt = receipt_of(wanted, account(live("Ticket/Old", "77", endpoint="papers")))
    found = drift(wanted, Inventory(account(unreadable={"papers": "403"}), KINDS), receipt)
    assert found.changes == ()
    assert [one.code for one in found.findings] == ["unreadable", "unreadable"]


def test_only_a_part() -> None:
    where = account(TICKET, live("Book/Emma", "2", shelf="A", author="Jane", place=9))
    assert shown(drift(WANTED, Inventory(where, KINDS), RECEIPT, [at("Ticket/Ann")])) == []
    every = [("Book/Emma", ["place"]), ("Shelf/A", "gone")]
    assert shown(drift(WANTED, Inventory(where, KINDS), RECEIPT, [at("Book/Emma")])) == every
    with pytest.raises(UsageError, match="no manifest declares Book/Nobody"):
        drift(WANTED, Inventory(where, KINDS), RECEIPT, [at("Book/Nobody")])


# What lebots set on the create, and no manifest says

SILENT = [desired("Ticket/Ann", type="plastic")]


def grey(colour: str | None) -> Inventory:
    fields: dict[str, Any] = {} if colour is None else {"colour": colour}
    return Inventory(account(live("Ticket/Ann", "1", type="plastic", **fields)), KINDS)


def test_what_somebody_changed_of_what_a_create_set() -> None:
    receipt = receipt_of(SILENT, account(live("Ticket/Ann", "1", type="plastic", colour="grey")))
    for known in (receipt, None):
        found = drift(SILENT, grey("red"), known)
        ((part,),) = (change.fields for change in found.changes)
        assert (part.path, part.before, part.after) == ("colour", "red", "grey")
        assert (part.cause, part.source) == (Cause.DEFAULT, None)
        assert not drift(SILENT, grey("grey"), known)
        assert not drift(SILENT, grey(None), known), "the account does not show it"


@pytest.mark.parametrize(
    "wanted",
    [
        desired("Ticket/Ann", type="plastic", colour="red"),
        replace(desired("Ticket/Ann", type="plastic"), ignore=frozenset({"colour"})),
        replace(desired("Ticket/Ann", type="plastic", colour="x"), ignore=frozenset({"colour"})),
    ],
)
def test_what_a_manifest_says_or_leaves_to_people_is_no_default(wanted: Desired) -> None:
    assert not drift([wanted], grey("red"))


def test_of_an_object_that_was_there_before_the_receipt_tells() -> None:
    """It was adopted as it was, and nobody changed it since."""
    there = account(live("Ticket/Ann", "1", type="plastic", colour="red"))
    assert not drift(SILENT, grey("red"), receipt_of(SILENT, there))
    assert shown(drift(SILENT, grey("blue"), receipt_of(SILENT, there))) == [
        ("Ticket/Ann", ["colour"])
    ]


# By what the manifests said before


def by_history(
    head: list[Desired], where: Account, said: dict[str, list[dict[str, Any]]]
) -> list[tuple[Any, ...]]:
    found = drift(head, Inventory(where, KINDS), earlier=lambda address: said.get(str(address), ()))
    assert found.told_by == "history"
    return shown(found)


def test_a_value_that_the_manifests_had_is_pending() -> None:
    head = [desired("Shelf/A", description="new", width=2)]
    where = account(live("Shelf/A", "1", description="old", width=9))
    said = {"Shelf/A": [{"description": "new"}, {"description": "old"}]}
    assert by_history(head, where, said) == [("Shelf/A", ["width"])]
    assert by_history(head, where, {}) == [("Shelf/A", ["description", "width"])]


def test_an_object_is_gone_if_a_commit_declares_it() -> None:
    head = [desired("Shelf/A"), desired("Shelf/New")]
    assert by_history(head, account(), {"Shelf/A": [{}]}) == [("Shelf/A", "gone")]


def test_what_a_create_set_was_never_said() -> None:
    where = account(live("Ticket/Ann", "1", type="plastic", colour="red"))
    said: dict[str, list[dict[str, Any]]] = {"Ticket/Ann": [{"type": "plastic"}]}
    assert by_history(SILENT, where, said) == [("Ticket/Ann", ["colour"])]
    said["Ticket/Ann"].append({"type": "plastic", "colour": "red"})
    assert by_history(SILENT, where, said) == [], "until a manifest stopped saying it"


def test_with_a_receipt_no_history_is_asked() -> None:
    def earlier(address: object) -> list[Any]:
        raise AssertionError

    where = account(live("Shelf/A", "1", description="y", width=1), TICKET, EMMA)
    found = drift(WANTED, Inventory(where, KINDS), RECEIPT, earlier=earlier)
    assert (found.told_by, shown(found)) == ("receipt", [("Shelf/A", ["description"])])


@law
@given(lives(), st.booleans())
def test_drift_is_what_the_account_changed_and_the_manifests_do_not_want(
    story: tuple[list[Desired], list[Desired], list[Desired], Account, Account], known: bool
) -> None:
    then, head, _, before, now = story
    found = drift(head, Inventory(now, KINDS), receipt_of(then, before) if known else None)
    expected = []
    for wanted in head:
        was, is_ = (
            next(one.spec for one in side.objects if one.address == wanted.address)
            for side in (before, now)
        )
        changed = [
            name
            for name in FIELDS
            if not same(wanted.spec[name], is_[name]) and not (known and same(was[name], is_[name]))
        ]
        if changed:
            expected.append((str(wanted.address), changed))
    assert shown(found) == expected
