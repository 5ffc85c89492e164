"""Somebody else is at work too: nothing of theirs is written over, and the run stops."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lebots.core.model.address import Address
from lebots.core.model.change import Outcome, Status
from lebots.core.model.ports import Credential, Holding, token
from lebots.core.model.secret import Secret
from lebots.errors import SinkError
from lebots.run.executor import CONFLICT_TRIES
from lebots.run.executor.walk import NOT_ALONE
from tests.test_executor import ANN, EMMA, SHELF, Run, statuses
from tests.toys import Committed, Library, desired, lost, refused, stale

DONE, FAILED, BLOCKED, UNKNOWN, HELD = Status
ME = ("L1", "Ann")
OTHERS = token("0" * 16, None)
BOB = desired("Shelf/Zoo")


def theirs(id_: str = "t-9") -> Credential:
    return Credential("L1", "Ann", id_, {"PIN": Secret("theirs")})


def made_by_them(run: Run) -> None:
    """What a whole run of somebody else leaves."""
    run.library.put("tickets", {"id": "t-9", "holder": "Ann", "colour": "grey", "pin": "theirs"})
    run.drawer.stored[ME] = theirs()


def announced(run: Run) -> None:
    run.drawer.notes[ME] = OTHERS


def met(outcomes: list[Outcome]) -> list[bool]:
    return [one.met for one in outcomes]


@pytest.mark.parametrize("did", [made_by_them, announced])
def test_what_appeared_in_the_sink_since_the_plan_is_left_alone(did: Callable[[Run], None]) -> None:
    run = Run()
    found = run.plan(EMMA, SHELF, ANN)
    did(run)
    before = dict(run.drawer.stored), dict(run.drawer.notes)
    outcomes = run.carry_out(found)
    assert statuses(outcomes) == ["Shelf/A done", "Ticket/Ann held", "Book/Emma blocked"]
    assert 'sink "default"' in outcomes[1].error
    assert outcomes[2].error == NOT_ALONE
    assert [(one.met, one.wrote) for one in outcomes] == [
        (False, True),
        (True, False),
        (False, False),
    ]
    assert (run.drawer.stored, run.drawer.notes) == before
    assert run.library.calls("write", "announce", "withdraw") == []


def test_what_vanished_from_the_sink_since_the_plan_is_told() -> None:
    run = Run()
    run.library.put("tickets", {"id": "t-1", "holder": "Ann", "colour": "grey", "pin": "4711"})
    run.drawer.stored[ME] = theirs()
    found = run.plan(ANN)
    del run.drawer.stored[ME]
    (outcome,) = run.carry_out(found)
    assert (outcome.status, outcome.wrote, outcome.met) == (HELD, False, True)
    assert "holds no credential for Ticket/Ann by now, and the plan saw that of id t-9" in (
        outcome.error
    )


def test_nothing_more_is_started_that_they_may_be_doing() -> None:
    run = Run()
    run.library.faults["create"] = [somebody_makes("shelves", "A")]
    outcomes = run.apply(SHELF, BOB, ANN)
    assert statuses(outcomes) == ["Shelf/A held", "Shelf/Zoo blocked", "Ticket/Ann blocked"]
    assert {one.error for one in outcomes[1:]} == {NOT_ALONE}
    assert not any(one.wrote for one in outcomes)


def somebody_makes(endpoint: str, name: str) -> Callable[[Library], None]:
    """The name is taken in the moment of the create."""

    def do(library: Library) -> None:
        named = {"tickets": "holder", "shelves": "name"}[endpoint]
        library.put(endpoint, {"id": "77" if endpoint == "tickets" else 77, named: name})
        raise refused()

    return do


def test_a_refused_create_says_who_has_the_name_and_takes_its_note_back() -> None:
    run = Run()
    run.library.faults["create"] = [somebody_makes("tickets", "Ann")]
    (outcome,) = run.apply(ANN)
    assert (outcome.status, outcome.met, outcome.wrote) == (HELD, True, False)
    assert "somebody else created Ticket/Ann since the plan (id 77)" in outcome.error
    assert (run.drawer.stored, run.drawer.notes) == ({}, {})


def test_a_create_that_is_just_refused_takes_its_note_back_too() -> None:
    run = Run()
    run.library.faults["create"] = [refused()]
    (outcome,) = run.apply(ANN)
    assert (outcome.status, outcome.met, outcome.wrote) == (FAILED, False, False)
    assert run.drawer.notes == {}


def test_the_note_of_an_earlier_run_stays_where_a_create_is_refused() -> None:
    run = Run()
    announced(run)
    run.library.faults["create"] = [refused()]
    assert statuses(run.apply(ANN)) == ["Ticket/Ann failed"]
    assert run.drawer.notes == {ME: OTHERS}


def test_a_note_that_has_served_its_time_makes_room_for_another() -> None:
    run = Run()
    run.drawer.notes[ME] = token("0" * 16, "t-0")
    run.library.faults["create"] = [Committed(lost())]
    run.library.faults["find"] = [lost()]
    assert statuses(run.apply(ANN)) == ["Ticket/Ann unknown"]
    assert Holding(None, run.drawer.notes[ME]).open


@pytest.mark.parametrize(
    ("stored", "status"), [("t-9", FAILED), ("100", DONE)], ids=["another one", "the same one"]
)
def test_what_they_deliver_while_a_key_is_made_is_not_written_over(
    stored: str, status: Status
) -> None:
    """Two runs can bring the same key to its end; then the sink holds what it should."""
    run = Run()
    pin: dict[str, str | Secret] = {
        "LIBRARY": "L1",
        "TICKET": "100",
        "PIN": Secret("pin-4711"),
        "COUNTRY": "none",
    }
    credential = replace(theirs(stored), values=pin)

    def deliver(library: Library) -> None:
        run.drawer.stored[ME] = credential

    run.library.faults["create"] = [deliver]
    (outcome,) = run.apply(ANN)
    assert outcome.status is status
    assert outcome.met is (status is FAILED)
    assert outcome.wrote
    assert run.drawer.stored[ME].id == stored


# A sink is believed by content


def altered(run: Run, **parts: Any) -> None:
    """A program that stores something else than it is given."""
    write = run.drawer.write

    def store(credential: Credential, replaces: str | None) -> None:
        write(credential, replaces)
        run.drawer.stored[ME] = replace(credential, values={**credential.values, **parts})

    run.drawer.write = store  # type: ignore[method-assign]


@pytest.mark.parametrize("parts", [{"PIN": Secret("cut")}, {"PIN": ""}, {"LIBRARY": "L2"}])
def test_other_values_under_the_right_id_are_found(parts: dict[str, Any]) -> None:
    run = Run()
    altered(run, **parts)
    outcomes = run.apply(EMMA, SHELF, ANN)
    assert statuses(outcomes) == ["Shelf/A done", "Ticket/Ann failed", "Book/Emma blocked"]
    assert f"holds other values than were written for Ticket/Ann: {next(iter(parts))}" in (
        outcomes[1].error
    )
    assert "pin-4711" not in repr(outcomes)
    assert "cut" not in repr(outcomes)

    del run.drawer.write
    assert statuses(run.apply(EMMA, SHELF, ANN)) == ["Ticket/Ann done", "Book/Emma done"]
    pin: Any = run.drawer.stored[ME].values["PIN"]
    assert pin.reveal() == "pin-4711"
    assert run.plan(EMMA, SHELF, ANN).writes == ()


def test_a_part_that_is_no_secret_may_be_left_out() -> None:
    run = Run()
    write = run.drawer.write

    def store(credential: Credential, replaces: str | None) -> None:
        values = {n: v for n, v in credential.values.items() if isinstance(v, Secret)}
        write(replace(credential, values=values), replaces)

    run.drawer.write = store  # type: ignore[method-assign]
    assert statuses(run.apply(ANN)) == ["Ticket/Ann done"]


@pytest.mark.parametrize(("times", "status"), [(1, "done"), (2, "failed")])
def test_what_was_stored_is_asked_for_twice(times: int, status: str) -> None:
    """Nobody doubts a credential, which others may use by then, for a read that failed once."""
    run = Run()
    read, left = run.drawer.read, [times]

    def fail(account: str, key: str) -> Credential | None:
        if ME in run.drawer.stored and left[0]:
            left[0] -= 1
            raise SinkError("fails")
        return read(account, key)

    run.drawer.read = fail  # type: ignore[method-assign]
    assert statuses(run.apply(ANN)) == [f"Ticket/Ann {status}"]
    assert (ME in run.drawer.notes) is (status == "failed")


def test_where_secrets_are_never_given_back_the_id_must_do() -> None:
    run = Run()
    run.drawer.broken = {"keeps"}
    assert statuses(run.apply(ANN)) == ["Ticket/Ann done"]
    run.drawer.broken |= {"forgets"}
    assert statuses(run.apply(desired("Ticket/Bob", type="plastic"))) == ["Ticket/Bob failed"]


# A key that seems lost


def with_lost_key() -> Run:
    run = Run()
    run.replace_lost = True
    run.library.pin = ""
    run.library.put("tickets", {"id": "t-1", "holder": "Ann", "colour": "grey", "pin": ""})
    announced(run)
    return run


def test_a_key_that_is_delivered_at_the_last_moment_is_not_replaced() -> None:
    """Its run was alive all the time, on another machine."""
    run = with_lost_key()
    found = run.plan(ANN)
    run.pause = lambda: run.drawer.stored.update({ME: theirs("t-1")})
    (outcome,) = run.carry_out(found)
    assert (outcome.status, outcome.met, outcome.wrote) == (HELD, True, False)
    assert run.drawer.stored[ME].id == "t-1"
    assert run.library.bodies == []


def test_of_two_runs_one_replaces_a_lost_key() -> None:
    run = with_lost_key()
    found = run.plan(ANN)
    run.pause = lambda: run.library.put(
        "tickets", {**run.library.raw("tickets", "t-1"), "holder": "Ann.lost-t-1"}
    )
    (outcome,) = run.carry_out(found)
    assert (outcome.status, outcome.met, outcome.wrote) == (HELD, True, False)
    assert run.library.bodies == []


def test_a_credential_of_a_key_this_run_switched_off_is_written_over() -> None:
    """Its run stored it in the moment in between; nobody can log in with it any more."""
    run = with_lost_key()
    run.library.pin = "4712"

    def stored(library: Library) -> None:
        run.drawer.stored[ME] = theirs("t-1")

    run.library.faults["create"] = [stored]
    (outcome,) = run.apply(ANN)
    assert outcome.status is DONE
    pin: Any = run.drawer.stored[ME].values["PIN"]
    assert pin.reveal() == "4712"
    assert run.drawer.stored[ME].id == outcome.id != "t-1"


def test_a_key_that_somebody_begins_to_use_is_not_replaced() -> None:
    run = with_lost_key()
    found = run.plan(ANN)
    run.pause = lambda: run.library.put("books", {"id": 5, "title": "Ida", "ticketId": "t-1"})
    (outcome,) = run.carry_out(found)
    assert (outcome.status, outcome.met) == (HELD, True)
    assert "Book/Ida uses it now" in outcome.error
    assert run.library.bodies == []


def test_a_key_nobody_here_made_is_never_replaced() -> None:
    run = with_lost_key()
    run.drawer.notes.clear()
    (outcome,) = run.apply(ANN)
    assert (outcome.status, outcome.met) == (FAILED, False)
    assert "lebots did not create it" in outcome.error


@pytest.mark.parametrize(("times", "status"), [(1, DONE), (CONFLICT_TRIES, FAILED)])
def test_a_lost_key_is_switched_off_although_others_write(times: int, status: Status) -> None:
    run = with_lost_key()
    run.library.faults["replace"] = [stale() for _ in range(times)]
    run.library.faults["create"] = [lambda library: setattr(library, "pin", "4712")]
    (outcome,) = run.apply(ANN)
    assert outcome.status is status
    assert ("tickets kept changing" in outcome.error) is (status is FAILED)


def test_what_an_earlier_run_announced_may_be_brought_to_its_end_by_others() -> None:
    run = Run()
    announced(run)
    found = run.plan(ANN)
    run.drawer.notes.clear()
    (outcome,) = run.carry_out(found)
    assert (outcome.status, outcome.met, outcome.wrote) == (HELD, True, False)
    assert "that was announced in" in outcome.error


# What a note says


@pytest.mark.parametrize(
    ("id_", "note", "is_open"),
    [
        (None, None, False),
        ("t-1", None, False),
        (None, token("0" * 16, None), True),
        ("t-1", token("0" * 16, None), False),
        ("t-1", token("0" * 16, "t-1"), True),
        ("t-2", token("0" * 16, "t-1"), False),
        (None, token("0" * 16, "t-1"), False),
        (None, "written by hand", True),
        ("t-1", "written by hand", False),
    ],
)
def test_a_note_is_open_until_what_it_announced_stands_there(
    id_: str | None, note: str | None, is_open: bool
) -> None:
    assert Holding(id_, note).open is is_open


def test_an_object_of_no_sink_is_nobody_elses() -> None:
    assert Run().drawer.holdings(Address("Ticket", "Ann")) == {ANN.address: Holding()}
