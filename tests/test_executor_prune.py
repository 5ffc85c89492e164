"""How removals are carried out: only what was approved, in order, and every end is a safe one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import count
from typing import Any, Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lebots.core.compare.change import Sinks
from lebots.core.model.change import REMOVALS, Outcome, Status
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account
from lebots.core.model.options import AccountPolicy, PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.planner import is_blocking, plan
from lebots.errors import AccountError, NotSent, Rejected
from lebots.run.executor import CONFLICT_TRIES, Executor
from tests.night import examples
from tests.toys import KINDS, Committed, Library, copied, desired, law, lost, refused, stale

DONE, FAILED, BLOCKED, UNKNOWN, HELD = Status
ALL = {"Book": ("*",), "Shelf": ("*",), "Ticket": ("*",)}
KEPT = desired("Shelf/Kept")


class Crash(Exception):
    """The process ends."""


@dataclass
class Run:
    """A library, and prunes of it by a project that keeps one shelf."""

    library: Library = field(default_factory=Library)
    wanted: Sequence[Desired] = (KEPT,)
    allowed: AccountPolicy = field(
        default_factory=lambda: AccountPolicy(scope=ALL, retire="delete")
    )

    def plan(self) -> Plan:
        """With as many removals agreed to as there are."""
        self.before = self.library.read()
        found = self._planned(None)
        if is_blocking(found.findings):
            found = self._planned(sum(change.action in REMOVALS for change in found.writes))
        self.library.log.clear()
        return found

    def _planned(self, confirmed: int | None) -> Plan:
        asked = PlanOptions(prune=True, confirmed=confirmed)
        return plan(self.wanted, Inventory(self.before, KINDS), Sinks(), asked, self.allowed)

    def apply(self, found: Plan | None = None) -> list[Outcome]:
        found = found or self.plan()
        return list(Executor(self.library, {}, Inventory(self.before, KINDS)).run(found))


def shelf(id_: int, name: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "name": name, **more}


def ticket(id_: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "holder": name, "colour": "grey", "pin": "4711", **more}


def book(id_: int, name: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "title": name, "shelfId": 1, "isLent": False, **more}


def filled() -> Library:
    """A kept shelf, and a book with its ticket and its shelf that nobody wants any more."""
    library = Library()
    library.put("shelves", shelf(1, "Kept"))
    library.put("shelves", shelf(2, "Old"))
    library.put("tickets", ticket("t-1", "Ann"))
    library.put("books", book(11, "Emma", shelfId=2, ticketId="t-1", note="unknown to lebots"))
    return library


def statuses(outcomes: Sequence[Outcome]) -> list[str]:
    return [f"{each.change.action} {each.change.address} {each.status}" for each in outcomes]


# What is done


def test_deleted_in_order_each_after_a_look_at_it() -> None:
    run = Run(filled())
    assert statuses(run.apply()) == [
        "delete Book/Emma done",
        "delete Ticket/Ann done",
        "delete Shelf/Old done",
    ]
    assert run.library.calls("fetch", "delete") == [
        ("fetch", "books", "11"),
        ("delete", "books", "11"),
        ("fetch", "tickets", "t-1"),
        ("delete", "tickets", "t-1"),
        ("fetch", "shelves", "2"),
        ("delete", "shelves", "2"),
    ]
    assert run.plan().writes == ()


def test_switched_off_with_everything_else_carried_through() -> None:
    run = Run(filled(), allowed=AccountPolicy(scope=ALL))
    before = copied(run.library.raw("books", "11"))
    assert statuses(run.apply()) == ["disable Book/Emma done", "disable Ticket/Ann done"]
    assert run.library.raw("books", "11") == {**before, "isLent": True}
    assert run.library.raw("tickets", "t-1") == ticket("t-1", "Ann", colour="void")
    assert run.plan().writes == ()


def test_a_circle_is_opened_and_both_go() -> None:
    library = filled()
    library.put("books", book(12, "A", sequelIds=[13]))
    library.put("books", book(13, "B", sequelIds=[12]))
    run = Run(library, allowed=AccountPolicy(scope={"Book": ("A", "B")}, retire="delete"))
    assert statuses(run.apply()) == [
        "update Book/A done",
        "delete Book/B done",
        "delete Book/A done",
    ]


def test_what_is_gone_by_then_is_done() -> None:
    run = Run(filled())
    found = run.plan()
    del run.library.objects["tickets"]["t-1"]
    run.library.put("books", {**run.library.raw("books", "11"), "deleted": True})
    assert {outcome.status for outcome in run.apply(found)} == {DONE}
    assert run.library.calls("delete") == [("delete", "shelves", "2")]


def test_a_page_of_a_proxy_is_no_proof_that_an_object_is_gone() -> None:
    run = Run(filled())
    run.library.faults["fetch"] = [Rejected("GET: 404", 404, foreign=True)]
    assert statuses(run.apply()) == [
        "delete Book/Emma failed",
        "delete Ticket/Ann blocked",
        "delete Shelf/Old blocked",
    ]
    assert run.library.calls("delete") == []


# What is held back


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ({"title": "Other"}, 'it is named "Other" by now'),
        ({"museum": True}, "it is a museum piece by now"),
        ({"isLent": True}, "lent changed in the account since the plan"),
        ({"shelfId": 1}, "shelf changed in the account since the plan"),
        ({"sequelIds": [11]}, "sequels changed in the account since the plan"),
    ],
)
def test_what_is_not_as_approved_is_not_deleted(edit: dict[str, Any], reason: str) -> None:
    run = Run(filled())
    found = run.plan()
    run.library.put("books", {**run.library.raw("books", "11"), **edit})
    outcomes = run.apply(found)
    assert [outcome.status for outcome in outcomes] == [HELD, BLOCKED, BLOCKED]
    assert outcomes[0].error.startswith(reason)
    assert outcomes[1].error == "waits for Book/Emma"
    assert run.library.calls("delete") == []


def test_what_nobody_looks_at_may_change() -> None:
    run = Run(filled())
    found = run.plan()
    run.library.put("books", {**run.library.raw("books", "11"), "tags": ["x"], "note": "else"})
    assert {outcome.status for outcome in run.apply(found)} == {DONE}


@pytest.mark.parametrize("retire", ["disable", "delete"])
def test_what_somebody_has_begun_to_use_stays(retire: Any) -> None:
    """The account itself would take a ticket away from whoever uses it."""
    run = Run(filled(), allowed=AccountPolicy(scope=ALL, retire=retire))
    found = run.plan()
    run.library.put("books", book(12, "New", ticketId="t-1"))
    run.library.put("books", book(13, "Other", ticketId="t-1"))
    ended = {str(outcome.change.address): outcome for outcome in run.apply(found)}
    ticket_ = ended["Ticket/Ann"]
    assert (ended["Book/Emma"].status, ticket_.status) == (DONE, HELD)
    assert ticket_.error == "Book/New, Book/Other use it now; nothing was written"
    assert run.library.raw("tickets", "t-1")["colour"] == "grey"


def test_a_list_of_users_that_cannot_be_read_hides_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """It could when the plan was made."""
    run = Run(filled())
    found = run.plan()
    seen = replace(run.before, unreadable={"books": "403"})
    monkeypatch.setattr(run.library, "read", lambda: seen)
    ended = {str(outcome.change.address): outcome for outcome in run.apply(found)}
    assert ended["Book/Emma"].error == (
        "books could not be read: 403, so somebody may use it now; nothing was written"
    )
    assert {one.status for one in ended.values()} == {HELD, BLOCKED}
    assert run.library.calls("delete", "replace") == []


def test_users_are_looked_for_once_and_by_as_many_calls_as_the_plan_says() -> None:
    run = Run(filled())
    found = run.plan()
    run.apply(found)
    lists = sum(len(kind.endpoints) for kind in KINDS.values())
    assert len(run.library.calls("list")) == lists
    calls = len(run.library.calls("fetch", "list"))
    assert found.calls.reads == calls + 2 * lists, "one reading before, and one after"
    assert found.calls.writes == len(run.library.calls("delete", "replace"))


def test_without_that_look_nothing_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable() -> Account:
        raise AccountError("GET: 503")

    run = Run(filled())
    found = run.plan()
    monkeypatch.setattr(run.library, "read", unreadable)
    outcomes = run.apply(found)
    assert [outcome.status for outcome in outcomes] == [FAILED, BLOCKED, BLOCKED]
    assert outcomes[0].error == "GET: 503"
    assert run.library.calls("delete") == []


# What the account refuses


def test_a_refusal_names_the_users_and_blocks_what_waits() -> None:
    run = Run(filled())
    refusal = Rejected("DELETE: 400 in use (still used by engagements 7)", 400)
    run.library.faults["delete"] = [refusal]
    outcomes = run.apply()
    assert statuses(outcomes) == [
        "delete Book/Emma failed",
        "delete Ticket/Ann blocked",
        "delete Shelf/Old blocked",
    ]
    assert outcomes[0].error == "DELETE: 400 in use (still used by engagements 7)"
    assert run.library.raw("books", "11").get("deleted") is None


def test_somebody_else_writes_beside_it() -> None:
    run = Run(filled())
    run.library.faults["delete"] = [stale(), stale()]
    assert {outcome.status for outcome in run.apply()} == {DONE}
    assert run.library.calls("fetch").count(("fetch", "books", "11")) == 3


def test_somebody_else_never_stops_writing() -> None:
    run = Run(filled())

    def busy(library: Library) -> None:
        library.revision += 1
        raise stale()

    run.library.faults["delete"] = [busy] * CONFLICT_TRIES
    outcome = run.apply()[0]
    assert (outcome.status, outcome.final) == (FAILED, False)
    assert outcome.error.endswith(f"{CONFLICT_TRIES} times in a row; run again")


def test_a_delete_refused_for_a_revision_nobody_moved_fails_for_good() -> None:
    run = Run(filled())
    run.library.faults["delete"] = [stale()] * CONFLICT_TRIES
    outcome = run.apply()[0]
    assert (outcome.status, outcome.final) == (FAILED, True)


# Answers that are lost


def test_an_answer_that_was_lost_is_looked_for() -> None:
    run = Run(filled())
    run.library.faults["delete"] = [Committed(lost())] * 3
    assert {outcome.status for outcome in run.apply()} == {DONE}


def test_a_delete_that_did_not_happen_is_unknown_and_not_sent_again() -> None:
    run = Run(filled())
    run.library.faults["delete"] = [lost()]
    outcomes = run.apply()
    assert [outcome.status for outcome in outcomes] == [UNKNOWN, BLOCKED, BLOCKED]
    assert len(run.library.calls("delete")) == 1


def test_a_look_that_fails_leaves_it_unknown() -> None:
    run = Run(filled())
    run.library.faults["delete"] = [Committed(lost())]
    run.library.faults["fetch"] = [None, refused()]
    assert run.apply()[0].status is UNKNOWN


def _more(library: Library) -> None:
    """A circle of two books, and a shelf that nobody uses."""
    library.put("shelves", shelf(3, "Spare"))
    library.put("books", book(12, "A", sequelIds=[13]))
    library.put("books", book(13, "B", sequelIds=[12], ticketId="t-1"))


FAULTS: dict[str, Callable[[], Any]] = {
    "not sent": lambda: NotSent("not sent"),
    "refused": refused,
    "stale": stale,
    "lost": lost,
    "done and lost": lambda: Committed(lost()),
    "crash before": Crash,
    "crash after": lambda: Committed(Crash()),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("retire", ["disable", "delete"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", ["fetch", "replace", "delete"])
def test_whatever_befalls_one_call_a_second_run_finishes(
    call: str, fault: str, retire: Any
) -> None:
    """At every call of a prune in turn; the end is that of a run without any fault."""

    def run() -> Run:
        library = filled()
        _more(library)
        return Run(library, allowed=AccountPolicy(scope=ALL, retire=retire))

    good = run()
    assert {outcome.status for outcome in good.apply()} == {DONE}
    times = len(good.library.calls(call))
    assert times
    for number in range(times):
        bad = run()
        bad.library.faults[call] = [*[None] * number, FAULTS[fault]()]
        with pytest.raises(Crash) if fault.startswith("crash") else nullcontext():
            bad.apply()
        bad.library.faults.clear()
        bad.apply()
        assert bad.library.objects == good.library.objects
        assert bad.plan().writes == ()


# For all accounts


NAMES = [*"ABCDEFGHIJ"]
SCOPES = [("*",), ("*",), ("A", "B*", "*C", "D*"), ()]
PROTECTED = [f"{kind}/{pattern}" for kind in ALL for pattern in ("*", "A", "B*")]


@st.composite
def libraries(draw: st.DrawFn) -> Library:
    """Objects that refer to each other at random; names may be taken twice."""
    library, ids = Library(), count(2)
    library.put("shelves", shelf(1, "Kept"))
    shelves = [next(ids) for _ in range(draw(st.integers(0, 3)))]
    tickets = [f"t-{next(ids)}" for _ in range(draw(st.integers(0, 3)))]
    books = [next(ids) for _ in range(draw(st.integers(0, 5)))]
    name = st.sampled_from(NAMES)
    for id_ in shelves:
        library.put("shelves", shelf(id_, draw(name)))
    for key in tickets:
        library.put("tickets", ticket(key, draw(name), colour=draw(st.sampled_from(["x", "void"]))))
    for id_ in books:
        spec: dict[str, Any] = {"shelfId": draw(st.sampled_from([1, *shelves]))}
        spec["isLent"], spec["museum"] = draw(st.booleans()), draw(st.integers(0, 7)) == 7
        if tickets:
            spec["ticketId"] = draw(st.none() | st.sampled_from(tickets))
        spec["sequelIds"] = draw(st.lists(st.sampled_from(books), max_size=3, unique=True))
        spec["originalId"] = draw(st.sampled_from([None, None, None, *books]))
        library.put("books", book(id_, draw(name), **spec))
    return library


def _unique(library: Library) -> Iterator[str]:
    """What a manifest can declare: names that stand for one object, and for one of ours."""
    account = library.read()
    names = [str(live.address) for live in account.objects]
    for live in account.objects:
        address = live.address
        alone = names.count(str(address)) == 1 and not live.unmanaged_reason
        # A declared ticket would deliver its secret, which is another story.
        if alone and address.kind in ("Book", "Shelf"):
            yield str(address)


@settings(law, max_examples=examples(300))
@given(libraries(), st.data())
def test_a_prune_takes_what_it_may_and_nothing_else(library: Library, data: st.DataObject) -> None:
    scope = {kind: data.draw(st.sampled_from(SCOPES)) for kind in ALL}
    protect = tuple(data.draw(st.lists(st.sampled_from(PROTECTED), max_size=1)))
    unique = sorted(_unique(library))
    chosen = data.draw(st.lists(st.sampled_from(unique), unique=True, max_size=3))
    wanted = [desired(address) for address in chosen]
    retire: Literal["disable", "delete"] = data.draw(st.sampled_from(("disable", "delete")))
    run = Run(library, wanted, AccountPolicy(scope=scope, protect=protect, retire=retire))
    found = run.plan()
    assume(not is_blocking(found.findings))
    declared = {one.address for one in wanted}
    unmanaged_reason = {live.id for live in run.before.objects if live.unmanaged_reason}
    for change in found.writes:
        address = change.address
        assert address not in declared
        assert change.id not in unmanaged_reason
        assert any(fnmatchcase(address.name, pattern) for pattern in scope[address.kind])
        assert not any(fnmatchcase(str(address), pattern) for pattern in protect)
    touched = {(change.endpoint, change.id) for change in found.writes}
    before = copied(library.objects)
    outcomes = run.apply(found)
    assert [o.error for o in outcomes if o.status is not DONE] == [], "the order is one that works"
    for endpoint, objects in before.items():
        for id_, raw in objects.items():
            if (endpoint, id_) not in touched:
                assert library.raw(endpoint, id_) == raw
    assert run.plan().writes == ()
    removed = {change.address for change in found.writes if change.action in REMOVALS}
    assert {change.address for change in found.writes} == removed, "what lets go goes too"
