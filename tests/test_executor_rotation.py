"""A second application is made without a stroke against the credential that bots still use."""

from typing import Any

import pytest

from lebots.core.compare.change import Sinks
from lebots.core.model.change import Outcome, Status
from lebots.core.model.inventory import Inventory
from lebots.core.model.options import RotationOptions
from lebots.core.model.ports import Credential
from lebots.core.model.secret import Secret
from lebots.core.rotate.plan import plan
from lebots.run.executor import Executor
from tests.core.test_rotation import ALL, ANN, KEY, KINDS
from tests.toys import Committed, Drawer, Library, lost, refused

OLD: dict[str, str | Secret] = {
    "PIN": Secret("pin-1"),
    "TICKET": "t-11111111",
    "LIBRARY": "L1",
    "COUNTRY": "none",
}


def library() -> Library:
    found = Library(pin="pin-2")
    found.put("shelves", {"id": 1, "name": "A"})
    found.put("tickets", {"id": "t-11111111", "holder": "Ann", "colour": "blue", "pin": "pin-1"})
    for number, title in enumerate(("Emma", "Ida"), 11):
        book = {"id": number, "title": title, "shelfId": 1, "ticketId": "t-11111111"}
        found.put("books", {**book, "isLent": False})
    found.log.clear()
    return found


def drawer() -> Drawer:
    return Drawer(stored={("L1", "Ann"): Credential("L1", "Ann", "t-11111111", OLD)})


def rotate(there: Library, sink: Drawer, replace_lost: bool = False) -> list[Outcome]:
    before = Inventory(there.read(), KINDS)
    held = sink.stored["L1", "Ann"].id
    found = plan(ALL, before, Sinks(delivered={ANN: held}), RotationOptions(ANN))
    assert found.plan.changes
    seen = sink.holdings(ANN)
    run = Executor(there, {"default": sink}, before, replace_lost=replace_lost, seen=seen)
    return list(run.run(found.plan))


def statuses(ended: list[Outcome]) -> list[str]:
    return [f"{one.change.action} {one.status}" for one in ended]


def readers(there: Library) -> set[Any]:
    return {raw["ticketId"] for raw in there.objects["books"].values()}


def test_all_of_it_in_one_run() -> None:
    there, sink = library(), drawer()
    ended = rotate(there, sink)
    assert {one.status for one in ended} == {Status.DONE}
    credential = sink.stored["L1", "Ann"]
    assert readers(there) == {credential.id} != {"t-11111111"}
    pin = credential.values["PIN"]
    assert isinstance(pin, Secret)
    assert pin.reveal() == "pin-2"
    assert there.raw("tickets", "t-11111111")["holder"] == "Ann.rotated-t-111111"
    assert there.raw("tickets", "t-11111111")["colour"] == "void"
    assert [entry for entry in sink.log if entry[0] == "write"] == [("write", "default", "Ann")]
    assert len(there.calls("create", "replace")) == 5


@pytest.mark.parametrize(
    ("faults", "first"),
    [
        ({"create": [refused()]}, "create failed"),
        ({"create": [lost()], "find": [lost()]}, "create unknown"),
        ({"create": [lost()]}, "create unknown"),
        ({"replace": [refused()]}, "rename failed"),
    ],
)
def test_what_bots_log_in_with_stays_in_the_sink(faults: Any, first: str) -> None:
    there, sink = library(), drawer()
    there.faults.update(faults)
    ended = rotate(there, sink)
    assert first in statuses(ended)
    assert {"update blocked", "disable blocked"} <= set(statuses(ended))
    assert sink.stored["L1", "Ann"].values == OLD
    assert readers(there) == {"t-11111111"}
    assert {one.status for one in rotate(there, sink)} == {Status.DONE}
    assert readers(there) == {sink.stored["L1", "Ann"].id} != {"t-11111111"}


@pytest.mark.parametrize("broken", ["write", "forgets"])
def test_a_sink_that_fails_moves_nobody(broken: str) -> None:
    there, sink = library(), drawer()
    sink.broken.add(broken)
    ended = rotate(there, sink)
    assert statuses(ended)[:3] == ["rename done", "create failed", "update blocked"]
    assert readers(there) == {"t-11111111"}
    sink.broken.clear()
    assert {one.status for one in rotate(there, sink)} == {Status.DONE}
    assert len(there.objects["tickets"]) == 2, "the one that was made is delivered, not another"


def test_a_create_whose_answer_was_lost_is_found_by_its_name() -> None:
    there, sink = library(), drawer()
    there.faults["create"] = [Committed(lost())]
    assert {one.status for one in rotate(there, sink)} == {Status.DONE}
    assert len(there.objects["tickets"]) == 2


@pytest.mark.parametrize("allowed", [True, False])
def test_a_second_application_whose_secret_is_lost_is_replaced_if_that_is_allowed(
    allowed: bool,
) -> None:
    there, sink = library(), drawer()
    there.faults["create"] = [Committed(lost())]
    sink.broken.add("write")
    rotate(there, sink)
    sink.broken.clear()
    (second,) = [raw for raw in there.objects["tickets"].values() if raw["holder"] == "Ann"]
    second["pin"] = "****"
    ended = rotate(there, sink, replace_lost=allowed)
    assert (ended[0].status is Status.DONE) is allowed
    if allowed:
        retired = there.raw("tickets", second["id"])
        assert (retired["holder"], retired["colour"]) == (f"Ann.lost-{second['id'][:8]}", "void")
        assert len(there.objects["tickets"]) == 3
        assert readers(there) == {sink.stored["L1", "Ann"].id}
    else:
        assert "guards.replaceLostKeys" in ended[0].error
        assert readers(there) == {"t-11111111"}


def test_a_bot_that_somebody_moved_meanwhile_is_left_alone() -> None:
    there, sink = library(), drawer()

    def moved(library: Library) -> None:
        library.put("books", {**library.raw("books", "11"), "ticketId": "t-9"})

    there.faults["create"] = [moved]
    ended = rotate(there, sink)
    assert "update held" in statuses(ended)
    assert there.raw("tickets", "t-11111111")["colour"] == "blue"


def test_only_the_key_of_a_bot_is_written() -> None:
    there, sink = library(), drawer()
    before = dict(there.raw("books", "11"))
    rotate(there, sink)
    after = there.raw("books", "11")
    assert {name for name in after if after[name] != before.get(name)} == {"ticketId"}
    assert KEY.spec["colour"] == "red", "what is pending stays pending"
    assert there.raw("tickets", sink.stored["L1", "Ann"].id)["colour"] == "blue"
