"""A protected name is protected in every spelling and against every way to update or remove it."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.core.compare.change import Sinks
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account, Live
from lebots.core.model.options import AccountPolicy, PlanOptions, RotationOptions
from lebots.core.model.plan import Plan
from lebots.core.model.value import Value
from lebots.core.planner import plan
from lebots.core.rotate import plan as rotation
from tests.spellings import FORMS, spellings
from tests.toys import BOOK, account, at, desired, law, live
from tests.toys import KINDS as TOYS

KINDS = {**TOYS, "Book": replace(BOOK, login_key="ticket")}
SHELF = live("Shelf/A", "1")
SCOPE = {"Book": ("*",), "Ticket": ("*",), "Shelf": ("*",)}


def planned(
    wanted: Sequence[Desired], *objects: Live, sinks: Sinks | None = None, **allowed: object
) -> Plan:
    may = AccountPolicy(**allowed)  # type: ignore[arg-type]
    return plan(
        wanted, Inventory(account(SHELF, *objects), KINDS), sinks or Sinks(), PlanOptions(), may
    )


def pruned(wanted: Sequence[Desired], where: Account, **allowed: object) -> Plan:
    may = AccountPolicy(scope=SCOPE, max_delete_percent=100, **allowed)  # type: ignore[arg-type]
    return plan(wanted, Inventory(where, KINDS), Sinks(), PlanOptions(prune=True), may)


def rotated(wanted: Sequence[Desired], *objects: Live, protect: str) -> Plan:
    sinks, may = (
        Sinks(delivered={at("Ticket/Ann"): objects[0].id}),
        AccountPolicy(protect=(protect,)),
    )
    where = account(SHELF, *objects)
    return rotation.plan(
        wanted, Inventory(where, KINDS), sinks, RotationOptions(at("Ticket/Ann")), may
    ).plan


KEY = desired("Ticket/Ann", type="plastic", colour="red")
EMMA = desired("Book/Emma", shelf="A", ticket="Ann", author="new")
FIRST = live("Ticket/Ann", "t-11111111", colour="blue")
FORMER = live("Ticket/Ann.rotated-t-111111", "t-11111111", colour="blue")
SECOND = live("Ticket/Ann", "t-22222222", colour="blue")


def book(name: str, **spec: Value) -> Live:
    return replace(live(f"Book/{name}", "30"), spec={"shelf": "A", **spec})


REFUSED: dict[str, Callable[[str], Plan]] = {
    "a changed field": lambda name: planned(
        [desired("Book/Emma", lent=True)], book("Emma", lent=False), protect=(f"Book/{name}",)
    ),
    "a rename away": lambda name: planned(
        [replace(desired("Book/New"), previously=("Emma",))],
        book("Emma"),
        protect=(f"Book/{name}",),
    ),
    "a rename to it": lambda name: planned(
        [replace(desired("Book/Emma"), previously=("Old",))], book("Old"), protect=(f"Book/{name}",)
    ),
    "a rotation of the key": lambda name: rotated([KEY], FIRST, protect=f"Ticket/{name}"),
    "a rotation that goes on": lambda name: rotated(
        [KEY], FORMER, SECOND, protect=f"Ticket/{name}"
    ),
    "a rotation that moves a bot": lambda name: rotated(
        [KEY, EMMA], FIRST, book("Emma", ticket="Ann"), protect=f"Book/{name}"
    ),
    "a rotation that moves a bot under its old name": lambda name: rotated(
        [KEY, replace(EMMA, previously=("Old",))],
        FIRST,
        book("Old", ticket="Ann"),
        protect=f"Book/{name}",
    ),
}
NAMES = {way: "Ann" if "key" in way or "goes on" in way else "Emma" for way in REFUSED}


def codes(findings: Sequence[Finding]) -> set[str]:
    return {one.code for one in findings if one.severity == "refusal"}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("way", REFUSED)
def test_every_way_to_change_it_is_refused(way: str, form: Callable[[str], str]) -> None:
    assert codes(REFUSED[way](form(NAMES[way])).findings) == {"protected"}


@law
@given(st.sampled_from(sorted(REFUSED)), st.data())
def test_in_any_spelling(way: str, data: st.DataObject) -> None:
    name = data.draw(spellings(NAMES[way]))
    assert codes(REFUSED[way](name).findings) == {"protected"}


@pytest.mark.parametrize("way", REFUSED)
def test_what_another_pattern_protects_is_changed(way: str) -> None:
    found = REFUSED[way]("another")
    assert codes(found.findings) == set()
    assert found.writes


def test_a_pattern_of_the_former_application_alone_keeps_it_on() -> None:
    found = rotated([KEY], FORMER, SECOND, protect="Ticket/*.rotated-*")
    assert codes(found.findings) == {"protected"}


# A prune


@law
@given(
    st.sampled_from(["Emma", "Emma.rotated-12345678", "Emma.rotated-1.rotated-2"]),
    st.sampled_from(["disable", "delete"]),
    st.booleans(),
    st.data(),
)
def test_a_prune_keeps_it_in_any_spelling(
    name: str, retire: str, by_manifest: bool, data: st.DataObject
) -> None:
    """Whether the project protects it or the manifest of an object with that name."""
    there = book(data.draw(spellings(name)))
    pattern = data.draw(spellings("Emma"))
    others = [desired("Book/Other")]
    where = account(SHELF, there, replace(live("Book/Other", "9", shelf="A"), endpoint="books"))
    if by_manifest:
        others.append(replace(desired("Book/Emma", shelf="A"), protect=True))
        where = replace(where, objects=(*where.objects, live("Book/Emma", "31", shelf="A")))
        found = pruned(others, where, retire=retire)
    else:
        found = pruned(others, where, retire=retire, protect=(f"Book/{pattern}",))
    assert there.address not in {change.address for change in found.writes}
    notes = {change.note for change in found.changes if change.id == there.id}
    assert len(notes) == 1
    assert "protect" in notes.pop()


@pytest.mark.parametrize("form", list(FORMS.values())[1:], ids=list(FORMS)[1:])
def test_a_scope_gives_leave_only_as_it_is_spelled(form: Callable[[str], str]) -> None:
    """Two names that count as the same to a guard may be two objects to the account."""
    may = AccountPolicy(scope={"Book": ("old-a",)}, max_delete_percent=100)
    for name, gone in (("old-a", True), (form("old-a"), False)):
        where = account(SHELF, book(name), live("Book/Other", "9", shelf="A"))
        found = plan(
            [desired("Book/Other")], Inventory(where, KINDS), Sinks(), PlanOptions(prune=True), may
        )
        assert ([change.id for change in found.writes] == ["30"]) is gone
        if not gone:
            (told,) = [change.note for change in found.changes if change.id == "30"]
            assert told == (
                "in scope, but the scope spells its name otherwise; write it there as the account "
                "does"
            )


# A key whose secret was lost


@pytest.mark.parametrize(("replace_lost", "expected"), [(False, set()), (True, {"locked"})])
def test_metadata_protect_holds_against_a_replacement(
    replace_lost: bool, expected: set[str]
) -> None:
    """An apply that finds no secret would rename the key, switch it off and make another."""
    wanted = replace(KEY, spec={"type": "plastic"}, protect=True)
    sinks = Sinks(announced={at("Ticket/Ann")})
    found = planned([wanted], FIRST, sinks=sinks, replace_lost=replace_lost)
    assert codes(found.findings) == expected
