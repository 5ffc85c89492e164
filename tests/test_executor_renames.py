"""How a rename is carried out: one write, the id and the references stay, the secret follows."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.compare.change import Sinks
from lebots.core.model.change import Action, Status
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.plan import Plan
from lebots.core.model.ports import Credential
from lebots.core.model.secret import Secret
from lebots.core.model.value import Raw
from lebots.core.planner import plan
from lebots.errors import AccountError, NotSent
from tests.test_executor import Run, edit, shelf, statuses
from tests.toys import KINDS, Committed, Library, at, desired, law, lost, refused, stale

DONE, FAILED, BLOCKED, UNKNOWN, HELD = Status


def formerly(address: str, *names: str, **spec: Any) -> Desired:
    return replace(desired(address, **spec), previously=names)


NEW = formerly("Shelf/new", "A")
EVE = formerly("Ticket/Eve", "Ann", type="plastic")


class Renaming(Run):
    """A run that looks for secrets under former names too, as a session does."""

    def plan(self, *wanted: Desired) -> Plan:
        self.before = self.library.read()
        ids = {live.id for live in self.before.objects}
        delivered, former = {}, {}
        for each in wanted:
            for name in (each.address.name, *each.previously):
                held = self.drawer.stored.get(("L1", name))
                if held and each.address not in delivered and held.id in ids:
                    delivered[each.address] = held.id
                    if name != each.address.name:
                        former[each.address] = name
        self.saw = self.drawer.holdings(*(each.address for each in wanted))
        found = plan(
            wanted, Inventory(self.before, KINDS), Sinks(tuple(self.sinks), delivered, former)
        )
        self.library.log.clear()
        return found


def with_shelf(**more: Any) -> Renaming:
    run = Renaming()
    run.library.put("shelves", shelf(**more))
    return run


def with_ticket(pin: str = "4711", *, stored: bool = True) -> Renaming:
    """A ticket of Ann's, whose secret was delivered, and a book that is borrowed with it."""
    run = Renaming()
    run.library.put("tickets", {"id": "t-1", "holder": "Ann", "colour": "grey", "pin": pin})
    run.library.put("books", {"id": 2, "title": "Emma", "ticketId": "t-1"})
    if stored:
        values: dict[str, str | Secret] = {
            "LIBRARY": Secret("L1"),
            "TICKET": Secret("t-1"),
            "PIN": Secret("4711"),
            "COUNTRY": Secret("none"),
        }
        run.drawer.stored["L1", "Ann"] = Credential("L1", "Ann", "t-1", values)
    return run


def name_of(run: Renaming, endpoint: str, id_: str) -> str:
    raw = run.library.raw(endpoint, id_)
    return str(raw.get("name", raw.get("holder", raw.get("title"))))


# One write


def test_a_rename_is_one_write_of_the_whole_object() -> None:
    run = with_shelf(width=1, odd={"deep": 1}, changed="2026-01-01")
    (outcome,) = run.apply(formerly("Shelf/new", "A", width=7))
    assert (outcome.status, outcome.id) == (DONE, "1")
    assert run.library.bodies == [shelf(name="new", width=7, odd={"deep": 1})]
    assert [call[0] for call in run.library.log] == ["fetch", "replace", "fetch"]
    assert run.plan(formerly("Shelf/new", "A", width=7)).writes == ()


def test_calls_are_as_many_as_the_plan_said() -> None:
    run = with_ticket()
    run.library.put("shelves", shelf())
    wanted = [NEW, EVE, desired("Book/Emma", shelf="new", ticket="Eve")]
    found = run.plan(*wanted)
    run.carry_out(found)
    run.library.read()
    calls = run.library.calls("list", "fetch", "find")
    assert found.calls.reads == len(calls) + len(run.library.calls("list"))
    assert found.calls.writes == len(run.library.calls("create", "replace")) == 3


def test_what_refers_to_it_follows_and_is_changed_under_the_new_name() -> None:
    """The books are read with ids, which the plan calls by names that are about to be."""
    run = with_shelf()
    run.library.put("shelves", shelf(2, "B"))
    run.library.put("books", {"id": 3, "title": "Emma", "shelfId": 1, "place": 1})
    run.library.put("books", {"id": 4, "title": "Ulysses", "shelfId": 1})
    wanted = [NEW, desired("Book/Emma", shelf="new", place=3), desired("Book/Ulysses", shelf="B")]
    outcomes = run.apply(*wanted)
    assert statuses(outcomes) == ["Shelf/new done", "Book/Emma done", "Book/Ulysses done"]
    assert run.library.raw("books", "3") == {"id": 3, "title": "Emma", "shelfId": 1, "place": 3}
    assert run.library.raw("books", "4")["shelfId"] == 2
    assert run.plan(*wanted).writes == ()


def test_what_does_not_need_the_rename_is_done_although_it_failed() -> None:
    run = with_shelf()
    run.library.put("shelves", shelf(2, "B"))
    run.library.put("books", {"id": 3, "title": "Emma", "shelfId": 1, "place": 1})
    run.library.put("books", {"id": 4, "title": "Ulysses", "shelfId": 1})
    run.library.faults["replace"] = [refused()]
    wanted = [NEW, desired("Book/Emma", shelf="new", place=3), desired("Book/Ulysses", shelf="B")]
    outcomes = run.apply(*wanted)
    assert statuses(outcomes) == ["Shelf/new failed", "Book/Emma blocked", "Book/Ulysses done"]
    assert outcomes[1].error == "waits for Shelf/new"
    rest = run.apply(*wanted)
    assert statuses(rest) == ["Shelf/new done", "Book/Emma done"]


def test_a_rename_that_is_not_approved_is_held() -> None:
    run = with_shelf()
    (outcome,) = run.apply(NEW, held={(at("Shelf/new"), Action.RENAME): "not approved"})
    assert (outcome.status, outcome.error) == (HELD, "not approved")
    assert name_of(run, "shelves", "1") == "A"


# Somebody else writes too


def test_an_unrelated_edit_costs_a_new_try() -> None:
    run = with_shelf()
    run.library.faults["replace"] = [edit("shelves", "1", odd=1)]
    assert statuses(run.apply(NEW)) == ["Shelf/new done"]
    assert run.library.raw("shelves", "1") == shelf(name="new", odd=1)


@pytest.mark.parametrize("call", ["fetch", "replace"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "other"}, 'it is named "other" by now'),
        ({"deleted": True}, "it is deleted by now"),
        ({"width": 9}, "width changed in the account since the plan"),
    ],
)
def test_a_related_edit_holds_the_rename_back(call: str, change: Raw, words: str) -> None:
    run = with_shelf(width=1)
    run.library.faults[call] = [edit("shelves", "1", **change)]
    (outcome,) = run.apply(formerly("Shelf/new", "A", width=7))
    assert outcome.status is HELD
    assert words in outcome.error
    assert run.library.bodies == []


@pytest.mark.parametrize("width", [1, 7])
def test_a_rename_somebody_else_made_already_is_done(width: int) -> None:
    run = with_shelf(width=1)
    run.library.faults["fetch"] = [edit("shelves", "1", name="new", width=width)]
    (outcome,) = run.apply(formerly("Shelf/new", "A", width=7))
    assert outcome.status is DONE
    assert run.library.raw("shelves", "1") == shelf(name="new", width=7)
    assert len(run.library.calls("replace")) == (width == 1)


def test_a_field_somebody_else_set_already_does_not_hold_the_name_back() -> None:
    run = with_shelf(width=1)
    run.library.faults["fetch"] = [edit("shelves", "1", width=7)]
    (outcome,) = run.apply(formerly("Shelf/new", "A", width=7))
    assert outcome.status is DONE
    assert run.library.raw("shelves", "1") == shelf(name="new", width=7)


@pytest.mark.parametrize(
    ("fault", "status"), [(Committed(lost()), DONE), (lost(), UNKNOWN)], ids=["did", "did not"]
)
def test_a_rename_without_an_answer(fault: Any, status: Status) -> None:
    run = with_shelf()
    run.library.faults["replace"] = [fault]
    (outcome,) = run.apply(NEW)
    assert (outcome.status, outcome.id) == (status, "1")
    seen = ["fetch"] if status is DONE else []
    assert [call[0] for call in run.library.log] == ["fetch", "replace", "fetch", *seen]
    assert [one.status for one in run.apply(NEW)] == ([] if status is DONE else [DONE])


def test_a_rename_nobody_can_look_at_stays_unknown() -> None:
    run = with_shelf()
    run.library.faults = {"replace": [Committed(lost())], "fetch": [None, AccountError("GET: 500")]}
    (outcome,) = run.apply(NEW)
    assert outcome.status is UNKNOWN
    assert "it may or may not have happened" in outcome.error


# Secrets


def test_the_secret_is_copied_to_the_new_name_and_stays_under_the_old_one() -> None:
    run = with_ticket()
    assert statuses(run.apply(EVE)) == ["Ticket/Eve done"]
    assert run.library.log == [
        ("probe", "default"),
        ("read_back", "default", "Eve"),
        ("announced", "default", "Eve"),
        ("fetch", "tickets", "t-1"),
        ("replace", "tickets", "t-1"),
        ("fetch", "tickets", "t-1"),
        ("read", "default", "Ann"),
        ("write", "default", "Eve"),
        ("read", "default", "Eve"),
    ], "the account is not asked for the secret again"
    old, new = (run.drawer.stored["L1", name] for name in ("Ann", "Eve"))
    assert (old.key, new.key) == ("Ann", "Eve")
    assert new.id == old.id == "t-1"
    assert shown(new) == shown(old)
    assert "4711" not in repr(run.seen)
    assert run.library.raw("books", "2")["ticketId"] == "t-1"
    assert run.plan(EVE).writes == ()


def shown(credential: Credential) -> dict[str, str]:
    return {n: v.reveal() if isinstance(v, Secret) else v for n, v in credential.values.items()}


@pytest.mark.parametrize("missing", ["never stored", "not given back", "incomplete"])
def test_a_secret_that_cannot_be_copied_is_read_from_the_account(missing: str) -> None:
    run = with_ticket(stored=missing != "never stored")
    if missing == "not given back":
        run.drawer.broken = {"keeps"}
    if missing == "incomplete":
        run.drawer.stored["L1", "Ann"] = Credential("L1", "Ann", "t-1", {"TICKET": "t-1"})
    assert statuses(run.apply(EVE)) == ["Ticket/Eve done"]
    assert shown(run.drawer.stored["L1", "Eve"])["PIN"] == "4711"


def test_an_entry_that_belongs_to_another_object_by_now_is_not_copied() -> None:
    run = with_ticket()
    found = run.plan(EVE)
    run.drawer.stored["L1", "Ann"] = Credential("L1", "Ann", "t-9", {"PIN": Secret("wrong")})
    run.carry_out(found)
    assert shown(run.drawer.stored["L1", "Eve"])["PIN"] == "4711"


def interrupted(run: Renaming, where: str) -> None:
    """A run that was cut short at some point."""
    if where == "before the write":
        run.library.faults["replace"] = [AccountError("cut short")]
    if where == "before the copy":
        run.drawer.broken = {"write"}
    if where == "after the copy":
        run.drawer.broken = {"read"}
    assert [one.status for one in run.apply(EVE)] == [FAILED]
    run.drawer.broken = set()


@pytest.mark.parametrize(
    ("where", "verb", "writes"),
    [
        ("before the write", Action.RENAME, 1),
        ("before the copy", Action.UPDATE, 0),
        ("after the copy", None, 0),
    ],
)
def test_the_next_run_finishes_what_was_cut_short(
    where: str, verb: Action | None, writes: int
) -> None:
    run = with_ticket()
    interrupted(run, where)
    found = run.plan(EVE)
    assert [change.action for change in found.writes] == ([verb] if verb else [])
    assert {one.status for one in run.carry_out(found)} <= {DONE}
    assert len(run.library.calls("replace")) == writes
    assert name_of(run, "tickets", "t-1") == "Eve"
    assert {key for _, key in run.drawer.stored} == {"Ann", "Eve"}
    assert run.plan(EVE).writes == ()


@pytest.mark.parametrize("pin", ["********", ""])
def test_a_ticket_whose_secret_the_account_hides_keeps_its_name(pin: str) -> None:
    """A write would put the mask in place of the secret."""
    run = with_ticket(pin)
    (outcome,) = run.apply(EVE)
    assert outcome.status is FAILED
    assert "nothing was written" in outcome.error
    assert name_of(run, "tickets", "t-1") == "Ann"
    assert {key for _, key in run.drawer.stored} == {"Ann"}


def test_a_secret_lost_after_the_rename_is_not_replaced_while_somebody_uses_it() -> None:
    """Who uses it is known under the name it has in the plan."""
    run = with_ticket(stored=False)

    def hide(library: Library) -> None:
        library.put("tickets", {**library.raw("tickets", "t-1"), "pin": "********"})

    run.library.faults["fetch"] = [None, hide]
    run.drawer.notes["L1", "Eve"] = "of a run that was cut short"
    (outcome,) = run.apply(EVE)
    assert outcome.status is FAILED
    assert "Book/Emma use it" in outcome.error


# Laws

faults = st.sampled_from(
    [None, refused(), lost(), Committed(lost()), stale(), NotSent("not sent"), AccountError("500")]
)


@law
@given(
    st.fixed_dictionaries(
        {call: st.lists(faults, max_size=4) for call in ("replace", "find", "fetch")}
    ),
    st.sets(st.sampled_from(["write", "read_back", "forgets"])),
)
def test_whatever_fails_the_runs_together_rename_and_copy(
    failing: dict[str, list[Any]], broken: set[str]
) -> None:
    """Faults in the first run, none in the second: no id, reference or secret is lost."""
    run = with_ticket()
    run.drawer = replace(run.drawer, broken=set(broken), log=run.library.log)
    run.sinks["default"] = run.drawer
    run.library.put("shelves", shelf(description="old"))
    run.library.put("books", {"id": 3, "title": "Sanditon", "shelfId": 1, "originalId": 2})
    wanted = [
        formerly("Shelf/new", "A", description="ours"),
        EVE,
        formerly("Book/Emma, a novel", "Emma", ticket="Eve"),
        desired("Book/Sanditon", shelf="new", original="Emma, a novel", place=3),
    ]
    run.library.faults = {call: list(each) for call, each in failing.items()}
    run.apply(*wanted)
    run.library.faults.clear()
    run.drawer.broken.clear()
    assert {outcome.status for outcome in run.apply(*wanted)} <= {DONE}
    assert run.plan(*wanted).writes == ()
    assert run.library.calls("create") == []
    assert run.library.raw("shelves", "1") == {"id": 1, "name": "new", "description": "ours"}
    assert run.library.raw("books", "2") == {
        "id": 2,
        "title": "Emma, a novel",
        "ticketId": "t-1",
    }
    assert run.library.raw("books", "3")["originalId"] == 2
    assert run.library.raw("tickets", "t-1")["pin"] == "4711"
    held = run.drawer.stored["L1", "Eve"]
    assert (held.id, shown(held)["PIN"]) == ("t-1", "4711")
