"""The table of guards: what each one stops, and what a reviewed word lets through."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from lebots.core.compare.change import Sinks
from lebots.core.model.address import Address
from lebots.core.model.change import REMOVALS
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account, Live
from lebots.core.model.options import AccountPolicy, PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.planner import is_blocking, plan
from lebots.next_steps import worded
from tests.toys import KINDS, account, at, desired, live

BOOKS = {"Book": ("*",)}
SHELF = live("Shelf/A", "1")


def books(count: int, **spec: Any) -> tuple[Live, ...]:
    return tuple(
        live(f"Book/B{n:02}", f"3{n:02}", **{"shelf": "A", "lent": False, **spec})
        for n in range(count)
    )


def declared(count: int, **spec: Any) -> tuple[Desired, ...]:
    """Manifests of the first books."""
    return tuple(desired(f"Book/B{n:02}", **{"shelf": "A", **spec}) for n in range(count))


@dataclass(frozen=True)
class Case:
    """A project, an account, and what must become of a prune."""

    objects: tuple[Live, ...]
    wanted: tuple[Desired, ...] = ()
    refused: str = ""
    """The code of the guard that stops it; empty where it passes."""
    consent: int | None = None
    """With how many removals agreed to it passes; None where no consent lets it."""
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: BOOKS)
    sinks: Sinks = field(default_factory=Sinks)
    unreadable: Mapping[str, str] = field(default_factory=dict)
    allowed: Mapping[str, Any] = field(default_factory=dict)

    def plan(self, **asked: Any) -> Plan:
        return plan(
            self.wanted,
            Inventory(account(SHELF, *self.objects, unreadable=self.unreadable), KINDS),
            self.sinks,
            PlanOptions(prune=True, **asked),
            AccountPolicy(scope=self.scope, **self.allowed),
        )


TABLE = {
    # Share: removals of a kind against declared and retired objects in use
    "3 of 10 are 30 %": Case(books(10), declared(7)),
    "4 of 10 are more": Case(books(10), declared(6), "removal-share", 4),
    "share is rounded down": Case(books(5), declared(3), "removal-share", 2),
    "one is always in it": Case(books(2), declared(1)),
    "unless the limit is 0": Case(
        books(2), declared(1), "removal-share", 1, allowed={"max_delete_percent": 0}
    ),
    "a wider limit": Case(books(4), declared(2), allowed={"max_delete_percent": 50}),
    "a narrower limit": Case(
        books(10), declared(8), "removal-share", 2, allowed={"max_delete_percent": 10}
    ),
    "what is out of reach makes no share smaller": Case(
        (*books(4), *(live(f"Book/X{n}", f"5{n}", shelf="A", lent=False) for n in range(40))),
        declared(2),
        "removal-share",
        2,
        scope={"Book": ("B*",)},
    ),
    "nor does what is kept": Case(
        (*books(4), *(live(f"Book/X{n}", f"5{n}", shelf="A", lent=False) for n in range(40))),
        declared(2),
        "removal-share",
        2,
        allowed={"protect": ("Book/X*",)},
    ),
    "nor what is off already": Case(
        (*books(4), *(live(f"Book/X{n}", f"5{n}", shelf="A", lent=True) for n in range(40))),
        declared(2),
        "removal-share",
        2,
    ),
    "nor another kind": Case(
        (*books(3), *(live(f"Shelf/S{n}", f"6{n}") for n in range(3))),
        (*declared(1), desired("Shelf/S0"), desired("Shelf/S1"), desired("Shelf/S2")),
        "removal-share",
        2,
    ),
    # Floor: something of a kind is in use afterwards
    "the last one": Case(books(1), (), "removal-floor", 1),
    "the last one that is on": Case(books(2), declared(1, lent=True), "removal-floor", 1),
    "all, whatever the limit": Case(
        books(3), (), "removal-floor", 3, allowed={"max_delete_percent": 100}
    ),
    "the last one, by this very plan": Case(
        (*books(1, lent=False), live("Book/Last", "9", shelf="A", lent=False)),
        declared(1, lent=True),
        "removal-floor",
        1,
    ),
    "a new one takes its place": Case(books(1), (desired("Book/New", shelf="A"),)),
    "all of a kind that cannot be switched off": Case(
        (live("Shelf/Old", "6"),), (), "removal-floor", 1, scope={"Shelf": ("Old",)}
    ),
}


def of(found: Plan, code: str) -> list[Finding]:
    return [worded(finding) for finding in found.findings if finding.code == code]


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)
def test_a_guard(case: Case) -> None:
    found = case.plan()
    if not case.refused:
        assert not is_blocking(found.findings)
        assert any(change.action in REMOVALS for change in found.writes)
        return
    (finding,) = of(found, case.refused)
    assert finding.severity is Severity.REFUSAL
    assert finding.message.endswith(f"with --confirm-deletes {case.consent}")
    named = [change.address for change in found.writes if change.action in REMOVALS]
    assert len(named) == case.consent, "it shows what it refuses"

    assert case.consent is not None
    agreed = case.plan(confirmed=case.consent)
    assert not is_blocking(agreed.findings)
    assert agreed.changes == found.changes
    (note,) = of(agreed, case.refused)
    assert note.severity is Severity.NOTE
    assert note.message.endswith(f"allowed by --confirm-deletes {case.consent}")


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)
@pytest.mark.parametrize("wrong", [-1, 1])
def test_any_other_count_is_refused(case: Case, wrong: int) -> None:
    right = case.consent or len([c for c in case.plan().writes if c.action in REMOVALS])
    found = case.plan(confirmed=right + wrong)
    assert found.changes == case.plan().changes
    (finding,) = of(found, "removal-count")
    assert finding.message == (
        f"the consent is for {right + wrong}, and the plan removes {right}; after review, "
        f"allow this with --confirm-deletes {right}"
    )


# No consent lifts these: the object is not in the plan at all

OLD = live("Book/Old", "9", shelf="A", lent=False)
HELD: dict[str, tuple[Case, str]] = {
    "scope": (Case((OLD,), scope={"Book": ("New",)}), "unmanaged"),
    "protection": (
        Case((OLD,), allowed={"protect": ("Book/*",)}),
        "in scope, lebots.yaml protects Book/*",
    ),
    "a user": (
        Case((live("Book/User", "8", shelf="A", original="Old"), OLD), scope={"Book": ("Old",)}),
        "in scope, still used by Book/User",
    ),
    "twins": (
        Case((OLD, replace(OLD, id="10"))),
        'in scope, its name is also that of 10 ("Old"), so nobody can tell which one is used',
    ),
    "an unreadable list": (
        Case(
            (live("Ticket/Old", "t-1", colour="grey"),),
            scope={"Ticket": ("*",)},
            unreadable={"papers": "403"},
        ),
        "in scope, lebots skips every ticket in this run",
    ),
    "a list that has shrunk": (
        Case((OLD, live("Book/User", "8", shelf="A", original="<id 77>")), scope=BOOKS),
        "in scope, lebots skips every book in this run",
    ),
    "a sink that knows more than the list": (
        Case(
            (live("Ticket/Old", "t-1", colour="grey"), live("Ticket/Bob", "t-2", colour="grey")),
            (desired("Ticket/Bob", type="plastic"),),
            scope={"Ticket": ("*",)},
            sinks=Sinks(delivered={at("Ticket/Bob"): "t-7"}),
        ),
        "in scope, lebots skips every ticket in this run",
    ),
}


@pytest.mark.parametrize(("case", "reason"), HELD.values(), ids=HELD)
@pytest.mark.parametrize("retire", ["disable", "delete"])
def test_no_consent_lifts(case: Case, reason: str, retire: str) -> None:
    case = replace(case, allowed={**case.allowed, "retire": retire})
    about = next(Address(kind, "Old") for kind in case.scope)
    found = case.plan()
    assert about not in {change.address for change in found.writes}
    assert reason in {change.note for change in found.changes if change.address == about}
    for count in (1, 2):
        agreed = case.plan(confirmed=count)
        assert agreed.writes == found.writes, "nothing to agree to"


# Counting


def test_a_plan_that_writes_nothing_always_passes() -> None:
    """So that a run can be repeated with the same words."""
    case = Case(books(2), declared(2))
    assert case.plan().writes == ()
    assert not is_blocking(case.plan(confirmed=7).findings)


def test_but_not_one_that_removes_nothing_and_writes_something() -> None:
    case = Case(books(2), declared(2, tags=["new"]))
    (finding,) = of(case.plan(confirmed=7), "removal-count")
    assert finding.message == (
        "the consent is for 7, and the plan removes nothing; leave --confirm-deletes 7 out"
    )


@pytest.mark.parametrize(("confirmed", "passes"), [(3, False), (4, True), (5, True), (9, True)])
def test_of_a_saved_plan_some_may_be_done_already(confirmed: int, passes: bool) -> None:
    case = Case(books(10), declared(6))
    found = case.plan(confirmed=confirmed, fewer=True)
    assert is_blocking(found.findings) is not passes


def test_all_guards_speak_at_once() -> None:
    where: Account = account(SHELF, *books(4), live("Ticket/Ann", "t-1", colour="grey"))
    may = AccountPolicy(scope={"Book": ("*",), "Ticket": ("*",)})
    found = plan([], Inventory(where, KINDS), Sinks(), PlanOptions(prune=True), may)
    refused = [finding for finding in found.findings if finding.severity == "refusal"]
    assert [finding.message.partition(";")[0] for finding in refused] == [
        "no book in reach would be left in use",
        "no ticket in reach would be left in use",
        "4 of 4 books in reach would be removed (100 %), and one run removes 30 % of a kind at "
        "most",
    ]
    assert {finding.facts.removals for finding in refused} == {5}
