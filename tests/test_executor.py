"""How a plan is carried out: one outcome per change, nothing lost, nothing overwritten."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.compare.change import Sinks
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Outcome, Status
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.plan import Plan
from lebots.core.model.ports import Sink
from lebots.core.model.secret import Secret
from lebots.core.model.value import Raw
from lebots.core.planner import plan
from lebots.errors import AccountError, LebotsError, NotSent, SinkError
from lebots.run.executor import CONFLICT_TRIES, INTERRUPTED, Executor
from tests.toys import KINDS, Committed, Drawer, Library, at, desired, law, lost, refused, stale

DONE, FAILED, BLOCKED, UNKNOWN, HELD = Status


class Run:
    """A library, a drawer, and what an executor makes of a plan for them."""

    def __init__(self, library: Library | None = None, drawer: Drawer | None = None) -> None:
        self.library = library or Library()
        self.drawer = drawer or Drawer()
        self.drawer.log = self.library.log
        self.sinks: dict[str, Sink] = {"default": self.drawer}
        self.seen: list[Outcome] = []
        self.replace_lost = False
        self.pause: Callable[[], None] = lambda: None

    def plan(self, *wanted: Desired) -> Plan:
        self.before = self.library.read()
        delivered = {
            each.address: credential.id
            for each in wanted
            if (credential := self.drawer.stored.get(("L1", each.address.name)))
        }
        self.saw = self.drawer.holdings(*(each.address for each in wanted))
        announced = {address for address, held in self.saw.items() if held.open}
        sinks = Sinks(tuple(self.sinks), delivered, announced=announced)
        found = plan(wanted, Inventory(self.before, KINDS), sinks)
        assert not [finding for finding in found.findings if finding.code != "adopted"]
        self.library.log.clear()
        return found

    def apply(
        self,
        *wanted: Desired,
        held: Mapping[tuple[Address, Action], str] | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> list[Outcome]:
        return self.carry_out(self.plan(*wanted), held, stopped)

    def carry_out(
        self,
        found: Plan,
        held: Mapping[tuple[Address, Action], str] | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> list[Outcome]:
        executor = Executor(self.library, self.sinks, Inventory(self.before, KINDS), stopped)
        executor.replace_lost, executor.seen, executor.pause = (
            self.replace_lost,
            self.saw,
            self.pause,
        )
        outcomes = executor.run(found, held, self.seen.append)
        assert [outcome.change for outcome in outcomes] == list(found.writes)
        assert self.seen[len(self.seen) - len(outcomes) :] == list(outcomes)
        return list(outcomes)


def statuses(outcomes: Sequence[Outcome]) -> list[str]:
    return [f"{each.change.address} {each.status}" for each in outcomes]


def shelf(id_: int = 1, name: str = "A", **more: Any) -> Raw:
    return {"id": id_, "name": name, **more}


def with_shelf(**more: Any) -> Run:
    run = Run()
    run.library.put("shelves", shelf(**more))
    return run


def edit(endpoint: str, id_: str, **more: Any) -> Callable[[Library], None]:
    """Somebody else changes an object, which makes the revision stale."""
    return lambda library: library.put(endpoint, {**library.raw(endpoint, id_), **more})


EMMA = desired("Book/Emma", shelf="A", ticket="Ann")
SHELF = desired("Shelf/A", width=7)
ANN = desired("Ticket/Ann", type="plastic")


# The whole


def test_everything_new() -> None:
    run = Run()
    outcomes = run.apply(EMMA, SHELF, ANN)
    assert statuses(outcomes) == ["Shelf/A done", "Ticket/Ann done", "Book/Emma done"]
    assert [outcome.id for outcome in outcomes] == ["100", "101", "102"]
    assert run.library.raw("books", "102") == {
        "id": 102,
        "title": "Emma",
        "medium": "paper",
        "isLent": False,
        "shelfId": 100,
        "ticketId": "101",
    }
    assert run.plan(EMMA, SHELF, ANN).writes == ()
    assert run.carry_out(run.plan(EMMA, SHELF, ANN)) == []
    assert run.library.calls("create", "replace", "write", "probe") == []


def test_nothing_to_do_touches_nothing() -> None:
    run = with_shelf(width=7)
    assert run.apply(SHELF) == []
    assert run.library.log == []


def test_new_objects_that_refer_to_each_other() -> None:
    run = with_shelf()
    wanted = [
        desired("Book/Emma", shelf="A", sequels=["Persuasion"], original="Emma"),
        desired("Book/Persuasion", shelf="A", original="Emma"),
    ]
    outcomes = run.apply(*wanted)
    assert statuses(outcomes) == ["Book/Emma done", "Book/Persuasion done", "Book/Emma done"]
    assert run.library.raw("books", "101")["sequelIds"] == [102]
    assert run.library.raw("books", "101")["originalId"] == 101
    assert run.plan(*wanted).writes == ()


@pytest.mark.parametrize("answered", [[], None])
def test_links_are_made_whatever_the_account_fills_in(answered: Any) -> None:
    """The account may answer a field that was left out as it likes: nobody approved a value."""
    run = with_shelf()

    def fill_in(library: Library) -> None:
        for raw in library.objects["books"].values():
            raw.setdefault("sequelIds", answered)

    run.library.faults["fetch"] = [fill_in]
    outcomes = run.apply(
        desired("Book/Emma", shelf="A", sequels=["Persuasion"]),
        desired("Book/Persuasion", shelf="A", sequels=["Emma"]),
    )
    assert {outcome.status for outcome in outcomes} == {DONE}


def test_calls_are_as_many_as_the_plan_said() -> None:
    run = with_shelf(width=1)
    run.library.put("tickets", {"id": "t-1", "holder": "Bob", "colour": "grey", "pin": "4711"})
    run.library.answers_secret = False
    bob = desired("Ticket/Bob", type="plastic", colour="red")
    found = run.plan(EMMA, SHELF, ANN, bob)
    run.carry_out(found)
    run.library.read()
    calls = run.library.calls("list", "fetch", "find")
    collections = len(run.library.calls("list"))
    assert found.calls.reads == len(calls) + collections, "the plan's own reading comes on top"
    assert found.calls.writes == len(run.library.calls("create", "replace")) == 4


# Failures


def test_a_failure_blocks_what_depends_on_it_and_nothing_else() -> None:
    run = Run()
    run.library.faults["create"] = [refused()]
    outcomes = run.apply(
        EMMA,
        desired("Book/Persuasion", shelf="B", sequels=["Emma"]),
        desired("Book/Sanditon", shelf="B"),
        desired("Shelf/A"),
        desired("Shelf/B"),
        ANN,
    )
    assert statuses(outcomes) == [
        "Shelf/A failed",
        "Shelf/B done",
        "Ticket/Ann done",
        "Book/Emma blocked",
        "Book/Persuasion blocked",
        "Book/Sanditon done",
    ]
    by_name = {str(outcome.change.address): outcome for outcome in outcomes}
    assert by_name["Shelf/A"].error == "POST: 400 Invalid value"
    assert by_name["Book/Emma"].error == "waits for Shelf/A"
    assert by_name["Book/Persuasion"].error == "waits for Book/Emma"
    assert by_name["Shelf/A"].id is None


def test_a_new_run_does_the_rest() -> None:
    run = Run()
    run.library.faults["create"] = [None, refused()]
    assert statuses(run.apply(EMMA, SHELF, ANN)) == [
        "Shelf/A done",
        "Ticket/Ann failed",
        "Book/Emma blocked",
    ]
    assert statuses(run.apply(EMMA, SHELF, ANN)) == ["Ticket/Ann done", "Book/Emma done"]


@pytest.mark.parametrize(
    "error", [refused(), NotSent("PUT: not sent: ConnectError"), AccountError("GET: 500")]
)
def test_what_the_account_refuses_fails(error: AccountError) -> None:
    for call in ("fetch", "replace"):
        run = with_shelf(width=1)
        run.library.faults[call] = [error]
        (outcome,) = run.apply(SHELF)
        assert (outcome.status, outcome.error, outcome.id) == (FAILED, str(error), "1")


def test_an_object_that_vanished_fails() -> None:
    run = with_shelf(width=1)
    found = run.plan(SHELF)
    del run.library.objects["shelves"]["1"]
    (outcome,) = run.carry_out(found)
    assert outcome.status is FAILED
    assert "404" in outcome.error


# Somebody else writes too


@pytest.mark.parametrize("times", range(1, CONFLICT_TRIES))
def test_an_unrelated_edit_costs_a_new_try(times: int) -> None:
    run = with_shelf(width=1, odd="x")
    run.library.faults["replace"] = [edit("shelves", "1", odd=n) for n in range(times)]
    (outcome,) = run.apply(SHELF)
    assert outcome.status is DONE
    assert run.library.raw("shelves", "1") == shelf(width=7, odd=times - 1), "no edit is lost"
    assert len(run.library.calls("replace")) == times + 1


def test_an_edit_of_another_object_costs_a_new_try() -> None:
    run = with_shelf(width=1)
    run.library.faults["replace"] = [lambda library: library.put("shelves", shelf(2, "B"))]
    assert [outcome.status for outcome in run.apply(SHELF)] == [DONE]


def test_an_account_that_never_rests_fails() -> None:
    run = with_shelf(width=1)

    def busy(library: Library) -> None:
        library.revision += 1
        raise stale()

    run.library.faults["replace"] = [busy for _ in range(CONFLICT_TRIES)]
    (outcome,) = run.apply(SHELF)
    assert (outcome.status, outcome.final) == (FAILED, False)
    assert outcome.error.endswith(
        f"somebody else changed shelves {CONFLICT_TRIES} times in a row; run again"
    )
    assert run.library.raw("shelves", "1") == shelf(width=1)


def test_an_account_that_refuses_a_revision_nobody_moved_fails_for_good() -> None:
    run = with_shelf(width=1)
    run.library.faults["replace"] = [stale() for _ in range(CONFLICT_TRIES)]
    (outcome,) = run.apply(SHELF)
    assert (outcome.status, outcome.final) == (FAILED, True)
    assert "nobody else changed it" in outcome.error


@pytest.mark.parametrize("when", ["before the first read", "between read and write"])
@pytest.mark.parametrize(
    ("change", "fields"),
    [
        pytest.param({"width": 2}, "width", id="changed to something else"),
        pytest.param({"width": None}, "width", id="taken away"),
        pytest.param({"description": "mine"}, "description", id="a field that was as declared"),
        pytest.param({"width": 2, "description": "mine"}, "description, width", id="both, by name"),
    ],
)
def test_a_related_edit_holds_the_change_back(when: str, change: Raw, fields: str) -> None:
    run = with_shelf(width=1, description="ours")
    wanted = desired("Shelf/A", width=7, description="ours")
    call = "fetch" if when == "before the first read" else "replace"
    run.library.faults[call] = [edit("shelves", "1", **change)]
    outcomes = run.apply(wanted, desired("Book/Emma", shelf="A", place=3))
    assert statuses(outcomes) == ["Shelf/A held", "Book/Emma blocked"]
    assert outcomes[0].error == (
        f"{fields} changed in the account since the plan; nothing was written, plan again"
    )
    assert run.library.raw("shelves", "1") == shelf(width=1, description="ours") | change
    assert run.library.bodies == []


def test_a_change_somebody_else_made_already_is_done() -> None:
    run = with_shelf(width=1)
    run.library.faults["fetch"] = [edit("shelves", "1", width=7)]
    (outcome,) = run.apply(SHELF)
    assert outcome.status is DONE
    assert run.library.calls("replace") == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"museum": True}, "a museum piece"),
        ({"deleted": True}, "deleted"),
        ({"title": "Emma (old)"}, "Emma (old)"),
    ],
)
def test_what_became_something_else_is_not_touched(change: Raw, words: str) -> None:
    run = with_shelf()
    run.library.put("books", {"id": 2, "title": "Emma", "shelfId": 1, "place": 1})
    run.library.faults["fetch"] = [edit("books", "2", **change)]
    (outcome,) = run.apply(desired("Book/Emma", place=3))
    assert outcome.status is HELD
    assert words in outcome.error
    assert "nothing was written" in outcome.error
    assert run.library.bodies == []


def test_the_same_value_in_another_order_is_the_same() -> None:
    """A list and a single object may be answered with their parts in another order."""
    run = Run()
    run.library.put("books", {"id": 2, "title": "Emma", "print": {"runs": [{"a": 1, "b": 2}]}})
    turned = {"runs": [{"b": 2, "a": 1}]}
    run.library.faults["fetch"] = [edit("books", "2", print=turned)]
    (outcome,) = run.apply(desired("Book/Emma", print={"runs": []}))
    assert outcome.status is DONE


# What is written


def test_an_update_writes_the_whole_object_with_the_owned_fields_on_top() -> None:
    run = with_shelf(width=1, changed="2026-01-01", odd={"deep": [1, 1.0, None]}, topics=["x"])
    run.apply(SHELF)
    assert run.library.bodies == [
        shelf(width=7, odd={"deep": [1, 1.0, None]}, topics=["x"]),
    ], "what the server owns is left out, everything else is carried through"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
unknown = st.dictionaries(st.text(min_size=1, max_size=6), json_values, max_size=5)


@law
@given(unknown, st.booleans())
def test_fields_nobody_knows_survive_and_numbers_keep_their_type(more: Raw, busy: bool) -> None:
    own = {"id": 1, "name": "A", "width": 1, "description": "ours", "topics": ["b", "a"]}
    raw = {**more, **own, "changed": "2026-01-01", "roomId": "-1"}
    run = Run()
    run.library.put("shelves", raw)
    if busy:
        run.library.faults["replace"] = [stale()]
    wanted = desired("Shelf/A", width=7, topics=["a", "b"], room="Hall")
    assert [outcome.status for outcome in run.apply(wanted)] == [DONE]
    expected = {**raw, "width": 7}
    del expected["changed"]
    assert repr(sorted(run.library.bodies[0].items())) == repr(sorted(expected.items()))


def test_a_field_that_must_be_carried_and_is_not_there_stops_the_write() -> None:
    run = Run()
    run.library.put("tickets", {"id": "t-1", "holder": "Ann", "colour": "grey"})
    run.drawer.stored["L1", "Ann"] = _credential("t-1")
    (outcome,) = run.apply(desired("Ticket/Ann", type="plastic", colour="red"))
    assert outcome.status is FAILED
    assert "was read without pin" in outcome.error
    assert run.library.bodies == []


@pytest.mark.parametrize(
    "raw", [{"pin": "********"}, {"pin": "4711", "stamps": [{"code": "xxxx"}]}, {"pin": ""}]
)
def test_a_masked_secret_stops_the_write(raw: Raw) -> None:
    run = Run()
    run.library.put("tickets", {"id": "t-1", "holder": "Ann", "colour": "grey", **raw})
    run.drawer.stored["L1", "Ann"] = _credential("t-1")
    (outcome,) = run.apply(desired("Ticket/Ann", type="plastic", colour="red"))
    assert outcome.status is FAILED
    assert "nothing was written" in outcome.error
    assert run.library.bodies == []


def test_a_secret_is_sent_back_as_it_was() -> None:
    run = Run()
    raw = {"id": "t-1", "holder": "Ann", "colour": "grey", "pin": "4711", "stamps": [{"code": "9"}]}
    run.library.put("tickets", raw)
    run.drawer.stored["L1", "Ann"] = _credential("t-1")
    run.apply(desired("Ticket/Ann", type="plastic", colour="red"))
    assert run.library.raw("tickets", "t-1") == {**raw, "colour": "red"}
    assert "4711" not in repr(run.library.bodies) + repr(run.seen)


# Answers that were lost


@pytest.mark.parametrize(
    ("fault", "status", "id_"),
    [
        pytest.param(Committed(lost()), DONE, "100", id="it happened"),
        pytest.param(lost(), UNKNOWN, None, id="it did not, or does not show yet"),
    ],
)
def test_a_create_without_an_answer(fault: Any, status: Status, id_: str | None) -> None:
    run = Run()
    run.library.faults["create"] = [fault]
    outcomes = run.apply(SHELF, desired("Book/Emma", shelf="A"))
    assert (outcomes[0].status, outcomes[0].id) == (status, id_)
    assert outcomes[1].status is (DONE if status is DONE else BLOCKED)
    assert run.library.calls("create", "find")[:2] == [
        ("create", "shelves", "A"),
        ("find", "shelves", "A"),
    ]
    assert run.library.calls("create").count(("create", "shelves", "A")) == 1, "never sent twice"


@pytest.mark.parametrize("error", [AccountError("GET: 500"), refused(), NotSent("GET: not sent")])
def test_a_create_nobody_can_look_for_stays_unknown(error: AccountError) -> None:
    run = Run()
    run.library.faults = {"create": [Committed(lost())], "find": [error]}
    (outcome,) = run.apply(SHELF)
    assert outcome.status is UNKNOWN
    assert "it may or may not have happened" in outcome.error
    assert str(error) in outcome.error


def test_two_objects_found_after_a_create_are_not_told_apart() -> None:
    run = Run()
    run.library.faults = {
        "create": [Committed(lost())],
        "find": [lambda library: library.put("shelves", shelf(55))],
    }
    (outcome,) = run.apply(SHELF)
    assert outcome.status is UNKNOWN


@pytest.mark.parametrize(
    ("fault", "status"), [(Committed(lost()), DONE), (lost(), UNKNOWN)], ids=["did", "did not"]
)
def test_an_update_without_an_answer(fault: Any, status: Status) -> None:
    run = with_shelf(width=1)
    run.library.faults["replace"] = [fault]
    (outcome,) = run.apply(SHELF)
    assert (outcome.status, outcome.id) == (status, "1")
    seen = ["fetch"] if status is DONE else []
    assert [call[0] for call in run.library.log] == ["fetch", "replace", "fetch", *seen]


def test_an_update_nobody_can_look_at_stays_unknown() -> None:
    run = with_shelf(width=1)
    run.library.faults = {"replace": [Committed(lost())], "fetch": [None, AccountError("GET: 500")]}
    (outcome,) = run.apply(SHELF)
    assert outcome.status is UNKNOWN
    assert "it may or may not have happened" in outcome.error


# Secrets


def _credential(id_: str) -> Any:
    from lebots.core.model.ports import Credential

    return Credential("L1", "Ann", id_, {})


@pytest.mark.parametrize("answered", [True, False])
def test_a_secret_is_safe_before_anything_needs_it(answered: bool) -> None:
    run = Run()
    run.library.answers_secret = answered
    run.apply(EMMA, SHELF, ANN)
    fetched = [] if answered else [("fetch", "tickets", "101")]
    assert run.library.log == [
        ("probe", "default"),
        ("create", "shelves", "A"),
        ("read_back", "default", "Ann"),
        ("announced", "default", "Ann"),
        ("announce", "default", "Ann"),
        ("read_back", "default", "Ann"),
        ("announced", "default", "Ann"),
        ("create", "tickets", "Ann"),
        *fetched,
        ("write", "default", "Ann"),
        ("read", "default", "Ann"),
        ("withdraw", "default", "Ann"),
        ("create", "books", "Emma"),
    ]
    held = run.drawer.stored["L1", "Ann"]
    assert (held.account, held.key, held.id) == ("L1", "Ann", "101")
    shown = {n: v.reveal() if isinstance(v, Secret) else v for n, v in held.values.items()}
    assert shown == {"LIBRARY": "L1", "TICKET": "101", "PIN": "pin-4711", "COUNTRY": "none"}
    assert isinstance(held.values["PIN"], Secret)
    assert "pin-4711" not in repr(run.seen)


@pytest.mark.parametrize(
    ("broken", "made", "words"),
    [
        ("announce", None, 'sink "default": announce failed'),
        ("write", "101", 'sink "default": write failed'),
        ("read_back", None, 'sink "default": read_back failed'),
        ("read", "101", 'sink "default": read failed'),
        ("forgets", "101", 'sink "default" took the secret of Ticket/Ann but does not hold it'),
    ],
)
def test_a_sink_that_fails_blocks_what_needs_the_secret(
    broken: str, made: str | None, words: str
) -> None:
    run = Run()
    run.drawer.broken = {broken}
    outcomes = run.apply(EMMA, SHELF, ANN)
    assert statuses(outcomes) == ["Shelf/A done", "Ticket/Ann failed", "Book/Emma blocked"]
    assert (outcomes[1].error, outcomes[1].id) == (words, made)
    assert "pin-4711" not in repr(outcomes)

    run.drawer.broken = set()
    again = run.apply(EMMA, SHELF, ANN)
    assert statuses(again) == ["Ticket/Ann done", "Book/Emma done"]
    ticket = [] if made else [("create", "tickets", "Ann")]
    assert run.library.calls("create") == [*ticket, ("create", "books", "Emma")], "one ticket"
    assert run.drawer.stored["L1", "Ann"].id == "101"
    assert not run.drawer.notes


@pytest.mark.parametrize("pin", ["********", ""])
def test_a_secret_the_account_does_not_show_cannot_be_delivered(pin: str) -> None:
    run = Run()
    run.library.pin = pin
    outcomes = run.apply(EMMA, SHELF, ANN)
    assert statuses(outcomes) == ["Shelf/A done", "Ticket/Ann failed", "Book/Emma blocked"]
    assert "does not show the secret of Ticket/Ann (id 101)" in outcomes[1].error
    assert not run.drawer.stored
    assert run.drawer.notes, "the next run knows that it was made here"


def test_a_secret_is_fetched_after_a_create_without_an_answer() -> None:
    run = Run()
    run.library.faults["create"] = [Committed(lost())]
    (outcome,) = run.apply(ANN)
    assert outcome.status is DONE
    calls = [call[0] for call in run.library.log]
    looked = ["read_back", "announced"]
    announced = ["probe", *looked, "announce", *looked]
    assert calls == [*announced, "create", "find", "fetch", "write", "read", "withdraw"]
    assert run.drawer.stored["L1", "Ann"].values["PIN"].reveal() == "pin-4711"  # type: ignore[union-attr]


def test_a_sink_that_cannot_be_proved_stops_everything() -> None:
    run = Run()
    run.drawer.broken = {"probe"}
    found = run.plan(EMMA, SHELF, ANN)
    with pytest.raises(SinkError, match="probe failed"):
        run.carry_out(found)
    assert run.library.log == [("probe", "default")]
    assert run.seen == []


def test_each_sink_is_proved_once_and_only_if_it_is_needed() -> None:
    run = Run()
    safe, spare = Drawer("safe", run.library.log), Drawer("spare", run.library.log)
    run.sinks |= {"safe": safe, "spare": spare}
    bob, cat = (desired(f"Ticket/{name}", type="plastic", drawer="safe") for name in ("Bob", "Cat"))
    run.apply(ANN, bob, cat)
    assert run.library.calls("probe") == [("probe", "default"), ("probe", "safe")]
    assert sorted(key for _, key in safe.stored) == ["Bob", "Cat"]
    assert spare.stored == {}


# Held, and interrupted


def test_what_is_held_is_not_made_and_blocks_what_depends_on_it() -> None:
    run = Run()
    outcomes = run.apply(
        EMMA,
        SHELF,
        ANN,
        desired("Shelf/B"),
        held={(at("Shelf/A"), Action.CREATE): "not approved", (at("Shelf/B"), Action.UPDATE): "x"},
    )
    assert statuses(outcomes) == [
        "Shelf/A held",
        "Shelf/B done",
        "Ticket/Ann done",
        "Book/Emma blocked",
    ]
    assert outcomes[0].error == "not approved"
    assert outcomes[3].error == "waits for Shelf/A"


@pytest.mark.parametrize("after", range(4))
def test_after_an_interrupt_nothing_new_starts(after: int) -> None:
    run = Run()
    outcomes = run.apply(EMMA, SHELF, ANN, stopped=lambda: len(run.seen) >= after)
    assert [outcome.status for outcome in outcomes] == [DONE] * after + [BLOCKED] * (3 - after)
    assert {outcome.error for outcome in outcomes[after:]} <= {INTERRUPTED}
    assert len(run.library.calls("create")) == after
    rest = run.apply(EMMA, SHELF, ANN)
    assert [outcome.status for outcome in rest] == [DONE] * (3 - after)


# Laws

faults = st.sampled_from(
    [None, refused(), lost(), Committed(lost()), stale(), NotSent("not sent"), AccountError("500")]
)


@law
@given(
    st.fixed_dictionaries(
        {call: st.lists(faults, max_size=4) for call in ("create", "replace", "find", "fetch")}
    ),
    st.sets(st.sampled_from(["announce", "write", "read", "withdraw", "forgets"])),
)
def test_whatever_fails_the_runs_together_do_the_work_once(
    failing: dict[str, list[Any]], broken: set[str]
) -> None:
    """Faults in the first run, none in the second: all is there once, with its secret."""
    wanted = [
        EMMA,
        SHELF,
        ANN,
        desired("Book/Persuasion", shelf="A", sequels=["Emma"], original="Emma"),
        desired("Shelf/B", description="ours"),
    ]
    run = Run(drawer=Drawer(broken=set(broken)))
    run.library.put("shelves", shelf(2, "B", description="old"))
    run.library.faults = {call: list(each) for call, each in failing.items()}
    for outcome in run.apply(*wanted):
        if outcome.status is BLOCKED:
            assert outcome.error.startswith("waits for ")
        if outcome.status is not DONE:
            assert outcome.error
    run.library.faults.clear()
    run.drawer.broken.clear()
    assert {outcome.status for outcome in run.apply(*wanted)} <= {DONE}
    assert run.plan(*wanted).writes == ()
    for kind, names in {"shelves": ["A", "B"], "books": ["Emma", "Persuasion"]}.items():
        key = "title" if kind == "books" else "name"
        assert sorted(raw[key] for raw in run.library.objects[kind].values()) == names
    (ticket,) = run.library.objects["tickets"].values()
    assert run.drawer.stored["L1", "Ann"].id == ticket["id"]


def test_a_plan_from_an_older_reading_still_knows_its_objects() -> None:
    """The id stands in the change; names in the reading are for references alone."""
    run = with_shelf(width=1)
    found = run.plan(SHELF)
    run.before = replace(run.before, objects=())
    assert [outcome.status for outcome in run.carry_out(found)] == [DONE]


def test_a_sink_for_a_kind_that_yields_no_secret_is_a_fault_of_lebots() -> None:
    run = Run()
    found = run.plan(SHELF)
    wrong = replace(found, changes=tuple(replace(one, sink="default") for one in found.changes))
    with pytest.raises(LebotsError, match="Shelf/A names a sink but its kind yields no secret"):
        run.carry_out(wrong)
