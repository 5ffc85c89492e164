"""What is left of the rotation of a key, from every state an account can be in."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core import planner
from lebots.core.compare.change import Sinks
from lebots.core.compare.digest import plan_digest
from lebots.core.compare.rotated_names import former_name, formers
from lebots.core.model.change import Action, Cause, Change
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Live
from lebots.core.model.options import AccountPolicy, PlanOptions, RotationOptions
from lebots.core.rotate.plan import Rotation, Wait, plan
from lebots.errors import UsageError
from lebots.next_steps import worded
from tests.toys import KINDS as TOYS
from tests.toys import account, at, desired, law, live

# A book is read with a ticket here, as a bot logs in with a key.
KINDS = {**TOYS, "Book": replace(TOYS["Book"], login_key="ticket")}
ANN = at("Ticket/Ann")
KEY = desired("Ticket/Ann", type="plastic", colour="red")
EMMA, IDA = (
    desired(f"Book/{name}", line=10, shelf="A", ticket="Ann", author="new")
    for name in ("Emma", "Ida")
)
ALL = [KEY, EMMA, IDA]
SHELF = live("Shelf/A", "1")
FIRST = live("Ticket/Ann", "t-11111111", colour="blue")
FORMER = live("Ticket/Ann.rotated-t-111111", "t-11111111", colour="blue")
SECOND = replace(live("Ticket/Ann", "t-22222222", colour="blue"), issued=1000)
HELD, MOVED = ({ANN: one.id} for one in (FIRST, SECOND))


def book(name: str, ticket: str, id_: str = "", **spec: Any) -> Live:
    return live(f"Book/{name}", id_ or str(len(name) + 10), shelf="A", ticket=ticket, **spec)


def rotated(
    *objects: Live,
    wanted: Sequence[Desired] = ALL,
    held: Any = HELD,
    announced: Any = frozenset(),
    made_by: float = inf,
    begin: bool = True,
    names: Sequence[str] = ("default",),
    **allowed: Any,
) -> Rotation:
    sinks = Sinks(names, held, announced=announced)
    there = account(SHELF, *objects)
    return plan(
        wanted,
        Inventory(there, KINDS),
        sinks,
        RotationOptions(ANN, made_by, begin),
        AccountPolicy(**allowed),
    )


def lines(found: Rotation) -> list[str]:
    return [f"{change.action} {change.address}" for change in found.plan.writes]


def the(found: Rotation, line: str) -> Change:
    (change,) = [one for one in found.plan.writes if f"{one.action} {one.address}" == line]
    return change


ON_FIRST = (book("Emma", "Ann"), book("Ida", "Ann"))
ON_FORMER = (book("Emma", FORMER.address.name), book("Ida", FORMER.address.name))
RENAME, CREATE = f"rename {FORMER.address}", f"create {ANN}"
DELIVER, DISABLE = f"update {ANN}", f"disable {FORMER.address}"
MOVE_EMMA, MOVE_IDA = "update Book/Emma", "update Book/Ida"

STATES = [
    pytest.param((FIRST, *ON_FIRST), HELD, [RENAME, CREATE, MOVE_EMMA, MOVE_IDA], id="not begun"),
    pytest.param((FORMER, *ON_FORMER), HELD, [CREATE, MOVE_EMMA, MOVE_IDA], id="renamed"),
    pytest.param(
        (FORMER, SECOND, *ON_FORMER), HELD, [DELIVER, MOVE_EMMA, MOVE_IDA], id="undelivered"
    ),
    pytest.param((FORMER, SECOND, *ON_FORMER), MOVED, [MOVE_EMMA, MOVE_IDA], id="delivered"),
    pytest.param((FORMER, SECOND, ON_FIRST[0], ON_FORMER[1]), MOVED, [MOVE_IDA], id="half moved"),
    pytest.param((FORMER, SECOND, *ON_FIRST), MOVED, [], id="moved"),
]


@pytest.mark.parametrize(("objects", "held", "expected"), STATES)
def test_the_rest_from_every_state(objects: Sequence[Live], held: Any, expected: list[str]) -> None:
    at_once = rotated(*objects, held=held)
    assert lines(at_once) == [*expected, DISABLE]
    assert at_once.waiting == ()
    later = rotated(*objects, held=held, made_by=999)
    assert lines(later) == expected
    assert [(one.live.id, one.why) for one in later.waiting] == [(FIRST.id, Wait.GRACE)]


@pytest.mark.parametrize(("objects", "held", "expected"), STATES[1:])
def test_a_rotation_under_way_goes_on_where_none_may_begin(
    objects: Sequence[Live], held: Any, expected: list[str]
) -> None:
    assert lines(rotated(*objects, held=held, begin=False)) == [*expected, DISABLE]


@pytest.mark.parametrize(
    "objects",
    [(FIRST, *ON_FIRST), (replace(FORMER, spec={**FORMER.spec, "colour": "void"}), SECOND)],
    ids=["not begun", "over"],
)
def test_none_begins_where_none_may(objects: Sequence[Live]) -> None:
    found = rotated(*objects, begin=False)
    assert (found.plan.changes, found.plan.findings, found.waiting) == ((), (), ())
    assert found.second


def test_one_that_is_over_can_begin_again() -> None:
    over = replace(FORMER, spec={**FORMER.spec, "colour": "void"})
    found = rotated(over, SECOND, *ON_FIRST, held=MOVED)
    assert lines(found)[:2] == ["rename Ticket/Ann.rotated-t-222222", CREATE]


# What each step is


def test_the_steps_wait_for_each_other_and_say_what_they_do() -> None:
    found = rotated(FIRST, *ON_FIRST)
    rename, create, move = the(found, RENAME), the(found, CREATE), the(found, MOVE_EMMA)
    assert (rename.was, rename.id, rename.sink, rename.fields) == ("Ann", FIRST.id, "", ())
    assert [str(one.address) for one in rename.used_by] == ["Book/Emma", "Book/Ida"]
    assert (create.sink, create.depends_on) == ("default", (FORMER.address,))
    assert (move.depends_on, move.desired, move.cause) == (
        (ANN,),
        {"ticket": "Ann"},
        Cause.ROTATION,
    )
    assert [one.note.partition(" ticket")[0] for one in (rename, create, move)] == [
        "gives its name to the new",
        "new",
        "moves to the new",
    ]
    assert [(part.path, part.before, part.after) for part in move.fields] == [
        ("ticket", FORMER.address.name, "Ann")
    ]
    assert set(the(found, DISABLE).depends_on) == {change.address for change in found.plan.writes}
    assert found.plan.calls.writes == 5


def test_the_second_is_as_the_first_is_and_no_pending_change_is_carried() -> None:
    assert the(rotated(FIRST, *ON_FIRST), CREATE).desired == {
        "type": "plastic",
        "colour": "blue",
        "drawer": "default",
    }
    pending = rotated(FORMER, SECOND, *ON_FIRST, held=MOVED)
    assert lines(pending) == [DISABLE], "neither the colour nor the authors"


def test_what_manifests_leave_to_people_or_call_otherwise_is_moved_too() -> None:
    ignoring = replace(EMMA, ignore=frozenset({"ticket"}))
    renamed = replace(IDA, address=at("Book/New"), previously=("Ida",))
    silent = replace(EMMA, spec={"shelf": "A"})
    for first in ignoring, silent:
        found = rotated(FIRST, *ON_FIRST, wanted=[KEY, first, renamed])
        assert lines(found) == [RENAME, CREATE, MOVE_EMMA, MOVE_IDA, DISABLE]


def test_several_former_ones_all_end() -> None:
    older = live("Ticket/Ann.rotated-t-333333", "t-33333333", colour="blue")
    on_older = book("Ida", older.address.name)
    found = rotated(FORMER, older, SECOND, ON_FORMER[0], on_older, held=MOVED)
    assert lines(found) == [MOVE_EMMA, MOVE_IDA, DISABLE, f"disable {older.address}"]


def test_a_name_like_that_of_a_former_one_is_none() -> None:
    other = live("Ticket/Ann.rotated-t-111111", "t-44444444", colour="blue")
    found = rotated(other, FIRST, *ON_FIRST)
    assert "t-44444444" not in {change.id for change in found.plan.writes}


def test_the_time_is_not_in_the_digest() -> None:
    objects = (FORMER, SECOND, *ON_FORMER)
    digests = {plan_digest(rotated(*objects, held=MOVED, made_by=by).plan) for by in (5, 900, 999)}
    assert len(digests) == 1


# When the first one ends


@pytest.mark.parametrize(
    ("issued", "made_by", "why"),
    [
        (1000, 1000.0, None),
        (1000, 1000.5, None),
        (1000, 999.9, Wait.GRACE),
        (None, 1e12, Wait.AGE_UNKNOWN),
        (None, inf, None),
        (9999, inf, None),
    ],
)
def test_it_ends_once_the_second_is_old_enough(
    issued: int | None, made_by: float, why: Wait | None
) -> None:
    second = replace(SECOND, issued=issued)
    found = rotated(FORMER, second, *ON_FIRST, held=MOVED, made_by=made_by)
    assert [one.why for one in found.waiting] == [why] * bool(why)
    assert lines(found) == [] if why else [DISABLE]


@pytest.mark.parametrize(
    ("foreign", "named"), [("", "Book/Other"), ("a museum piece", "Book/Other (a museum piece)")]
)
def test_it_is_not_begun_while_somebody_is_declared_nowhere(
    unmanaged_reason: str, named: str
) -> None:
    """The sink holds one credential of a key: theirs would be gone from it."""
    other = replace(book("Other", "Ann"), unmanaged_reason=unmanaged_reason)
    found = rotated(FIRST, *ON_FIRST, other)
    assert lines(found) == [RENAME, CREATE, MOVE_EMMA, MOVE_IDA], "it shows what it refuses"
    (finding,) = found.plan.findings
    assert (finding.code, finding.severity) == ("not-moved", Severity.REFUSAL)
    assert f"none of these manifests declares {named}: lebots" in finding.message


def test_who_came_later_is_not_moved_and_keeps_it() -> None:
    other = book("Other", FORMER.address.name)
    found = rotated(FORMER, SECOND, *ON_FORMER, other, held=MOVED)
    assert lines(found) == [MOVE_EMMA, MOVE_IDA]
    assert [one.why for one in found.waiting] == [Wait.USED]
    (finding,) = found.plan.findings
    assert (finding.code, finding.severity) == ("still-used", Severity.WARNING)
    assert "none of these manifests declares Book/Other, so" in finding.message
    assert "its secret is no longer in the sink" in finding.message


def test_many_who_are_declared_nowhere_are_counted() -> None:
    others = [book(f"Other{n}", "Ann", str(n + 90)) for n in range(5)]
    (finding,) = rotated(FIRST, *others).plan.findings
    assert "Book/Other0, Book/Other1, Book/Other2 and 2 more: lebots" in finding.message


def test_a_run_that_still_moves_anything_never_ends_it() -> None:
    late = rotated(FORMER, SECOND, *ON_FORMER, held=MOVED, made_by=1e12)
    assert lines(late) == [MOVE_EMMA, MOVE_IDA]
    assert [one.why for one in late.waiting] == [Wait.GRACE]
    undelivered = rotated(FORMER, SECOND, *ON_FIRST, held={}, made_by=1e12)
    assert DISABLE not in lines(undelivered)


def test_a_run_never_switches_off_what_it_logs_in_with() -> None:
    found = rotated(FIRST, *ON_FIRST, own=frozenset({FIRST.id}))
    assert [one.why for one in found.waiting] == [Wait.OWN]
    assert DISABLE not in lines(found)


# What is refused


def refused(found: Rotation) -> list[str]:
    assert found.plan.refused
    return [finding.code for finding in found.plan.findings]


OF_PAPER = live("Ticket/Ann", "7", endpoint="papers")
PAPER = replace(KEY, spec={"type": "paper"})
UNSUNK = replace(KEY, spec={"type": "plastic", "drawer": None})
LOST_SINK = replace(KEY, spec={"type": "plastic", "drawer": "nowhere"})
VOID = replace(FIRST, spec={**FIRST.spec, "colour": "void"})


@pytest.mark.parametrize(
    ("objects", "more", "codes"),
    [
        ((OF_PAPER,), {"wanted": [PAPER]}, ["not-rotatable"]),
        ((FIRST,), {"wanted": [UNSUNK]}, ["needs-a-sink"]),
        ((FIRST,), {"wanted": [LOST_SINK]}, ["unknown-sink"]),
        ((FIRST,), {"held": {}, "announced": {ANN}}, ["cut-short"]),
        ((FIRST,), {"wanted": [replace(KEY, protect=True)]}, ["locked"]),
        ((FIRST,), {"protect": ("Ticket/*",)}, ["protected"]),
        ((FIRST, *ON_FIRST), {"protect": ("Book/Ida",)}, ["protected"]),
        ((FIRST, *ON_FIRST), {"wanted": [KEY, replace(EMMA, protect=True), IDA]}, ["locked"]),
        ((), {}, ["not-there"]),
        ((VOID,), {}, ["switched-off"]),
        ((FIRST, replace(FIRST, id="t-9")), {}, ["ambiguous"]),
        ((replace(FIRST, unmanaged_reason="a relic"),), {}, ["held-by-other"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_stands_against_it(objects: Sequence[Live], more: Any, codes: list[str]) -> None:
    assert refused(rotated(*objects, **more)) == codes


def test_an_announcement_of_the_second_one_is_no_reason_to_stop() -> None:
    found = rotated(FORMER, *ON_FORMER, announced={ANN})
    assert lines(found)[0] == f"create {ANN}"


def test_a_list_of_users_that_cannot_be_read_hides_nobody() -> None:
    where = account(SHELF, FORMER, SECOND, unreadable={"books": "403"})
    found = plan([KEY], Inventory(where, KINDS), Sinks(delivered=MOVED), RotationOptions(ANN))
    assert refused(found) == ["unseen-users", "unreadable"]
    finding = found.plan.findings[0]
    assert finding.message.startswith(
        "books could not be read: 403, so lebots cannot tell who uses"
    )


def test_a_name_that_cannot_be_kept_beside_a_new_one() -> None:
    short = {**KINDS, "Ticket": replace(KINDS["Ticket"], name_schema={"maxLength": 12})}
    found = plan(ALL, Inventory(account(SHELF, FIRST), short), Sinks(), RotationOptions(ANN))
    assert refused(found) == ["name-too-long"]


@pytest.mark.parametrize("address", ["Ticket/Bob", "Book/Emma", "Nothing/Ann"])
def test_what_is_no_key_of_a_manifest(address: str) -> None:
    with pytest.raises(UsageError):
        plan(ALL, Inventory(account(FIRST), KINDS), Sinks(), RotationOptions(at(address)))


# What a plain plan says in between


def test_a_plain_plan_refuses_to_go_on_and_says_what_does() -> None:
    for held in HELD, {}:
        found = planner.plan(
            ALL, Inventory(account(SHELF, FORMER, *ON_FORMER), KINDS), Sinks(delivered=held)
        )
        (finding,) = [one for one in found.findings if one.code == "credential-dead"]
        assert found.changes[0].action is Action.CREATE
        assert "`lebots rotate Ticket/Ann` goes on" in worded(finding).message


def test_a_plain_plan_tells_a_key_that_was_renamed_by_hand() -> None:
    other = replace(FIRST, address=at("Ticket/Bob"))
    found = planner.plan([KEY], Inventory(account(other), KINDS), Sinks(delivered=HELD))
    (finding,) = found.findings
    assert finding.code == "credential-dead"
    assert 'is now named "Bob"; to give it its name back, write previously: ["Bob"]' in (
        finding.message
    )


def test_a_prune_leaves_the_end_of_a_rotation_to_the_rotation() -> None:
    asked = PlanOptions(prune=True)
    may = AccountPolicy(scope={"Ticket": ("*",)}, max_delete_percent=100)
    there = (SHELF, FORMER, SECOND, *ON_FIRST)
    sinks = Sinks(delivered=MOVED)
    found = planner.plan(ALL, Inventory(account(*there), KINDS), sinks, asked, may)
    assert not [one for one in found.writes if one.address == FORMER.address]
    (kept,) = [one for one in found.changes if one.address == FORMER.address]
    assert kept.note == "in scope, a rotation of Ticket/Ann switches it off"
    agreed = PlanOptions(prune=True, confirmed=1)
    nobody = planner.plan([EMMA], Inventory(account(*there), KINDS), sinks, agreed, may)
    assert [one.action for one in nobody.writes if one.address == FORMER.address] == [
        Action.DISABLE
    ], "where its key is no manifest's any more, there is nothing to rotate"


# Laws

TICKETS = st.lists(st.sampled_from(["t-11111111", "t-33333333", "t-44444444"]), unique=True)
BOOKS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["Emma", "Ida", "Una"]), st.booleans()),
    unique_by=lambda one: one[1],
)


@law
@given(TICKETS, st.booleans(), BOOKS, st.sampled_from([-inf, 999.0, 1000.0, inf]))
def test_nothing_that_is_used_ends_and_nothing_goes_back(
    ids: list[str], second: bool, books: list[tuple[int, str, bool]], made_by: float
) -> None:
    former = [live(f"Ticket/{former_name('Ann', id_)}", id_, colour="blue") for id_ in ids]
    tickets = [*former, *([SECOND] if second else [])]
    names = [one.address.name for one in tickets] or ["Nobody"]
    there = [
        replace(
            book(name, names[position % len(names)]), unmanaged_reason="a relic" if strange else ""
        )
        for position, name, strange in books
    ]
    found = rotated(*tickets, *there, held=MOVED if second else {}, made_by=made_by)
    if planner.is_blocking(found.plan.findings):
        return
    moved = {c.address: c.desired for c in found.plan.writes if c.address.kind == "Book"}
    assert all(spec == {"ticket": "Ann"} for spec in moved.values())
    ends = {change.id for change in found.plan.writes if change.action is Action.DISABLE}
    for one in former:
        users = {b.address for b in there if b.spec["ticket"] == one.address.name}
        assert one.id not in ends or users <= moved.keys()
    if former:
        assert SECOND.id not in ends
        assert ends | {one.live.id for one in found.waiting} == {one.id for one in former}
    assert found.plan.count(Action.CREATE) == (0 if second and former else 1)


def test_former_ones_are_the_latest_first() -> None:
    older = replace(FORMER, id="t-11111119", issued=5)
    later = replace(FORMER, id="t-11111118", issued=6)
    named = [
        replace(one, address=at(f"Ticket/{former_name('Ann', one.id)}")) for one in (older, later)
    ]
    found = formers(ANN, KINDS["Ticket"], named)
    assert [one.issued for one in found] == [6, 5]
