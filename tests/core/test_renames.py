"""A former name in a manifest: which live object is renamed, and what stands in the way."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from lebots.core.compare.change import COPIED, Sinks
from lebots.core.compare.digest import change_digest, plan_digest
from lebots.core.model.address import Address, Source
from lebots.core.model.change import Action, Change
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Live
from lebots.core.model.options import AccountPolicy, PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.planner import plan
from tests.toys import KINDS, account, at, desired, live

OLD = live("Shelf/old", "1", description="Novels")


def formerly(
    address: str, *names: str, ignore: frozenset[str] = frozenset(), **spec: Any
) -> Desired:
    """A manifest with former names, each on a line of its own above ``spec``."""
    made = desired(address, line=20, **spec)
    places: dict[tuple[str | int, ...], Source] = {
        ("previously", i): Source("library.yaml", 10 + i, 5) for i in range(len(names))
    }
    return replace(made, previously=names, metadata=places, ignore=ignore)


def planned(*wanted: Desired, objects: Sequence[Live], **more: Any) -> Plan:
    return plan(wanted, Inventory(account(*objects), KINDS), **more)


def lines(found: Plan) -> list[str]:
    return [f"{c.action} {c.was + ' -> ' if c.was else ''}{c.address}" for c in found.changes]


def told(found: Plan) -> list[str]:
    return [f"{one.severity} {one.code}" for one in found.findings]


# A rename


def test_an_object_with_a_former_name_is_renamed_in_place() -> None:
    found = planned(formerly("Shelf/new", "old"), objects=[OLD])
    assert found.findings == ()
    assert found.changes == (
        Change(
            at("Shelf/new"),
            Action.RENAME,
            "shelves",
            "1",
            Source("library.yaml", 20, 1),
            was="old",
        ),
    )
    assert found.count(Action.CREATE) == found.count(Action.DELETE) == 0
    assert (found.calls.reads, found.calls.writes) == (12, 1)


def test_what_else_changes_is_in_the_same_change() -> None:
    (change,) = planned(formerly("Shelf/new", "old", description="x"), objects=[OLD]).changes
    assert change.action is Action.RENAME
    assert [(f.path, f.before, f.after) for f in change.fields] == [("description", "Novels", "x")]
    assert change.desired == {"description": "x"}


def test_references_follow_without_a_change_of_their_own() -> None:
    book = live("Book/Emma", "2", shelf="old")
    loose = live("Book/Ulysses", "3", shelf="old")
    found = planned(
        formerly("Shelf/new", "old"), desired("Book/Emma", shelf="new"), objects=[OLD, book, loose]
    )
    assert lines(found) == [
        "rename old -> Shelf/new",
        "unchanged Book/Emma",
        "unmanaged Book/Ulysses",
    ]


def test_references_of_its_own_kind_and_inside_lists_follow_too() -> None:
    one = live("Book/old", "1", sequels=["old", "other"], original="old")
    other = live("Book/other", "2", chapters=[{"heading": "I", "cites": "old"}])
    found = planned(
        formerly("Book/new", "old", sequels=["other", "new"], original="new"),
        desired("Book/other", chapters=[{"heading": "I", "cites": "new"}]),
        objects=[one, other],
    )
    assert lines(found) == ["rename old -> Book/new", "unchanged Book/other"]
    assert found.changes[0].fields == ()


def test_a_rename_comes_before_what_refers_to_it() -> None:
    found = planned(
        formerly("Book/zoo", "old"),
        desired("Book/Emma", shelf="A", original="zoo"),
        objects=[live("Book/old", "1"), live("Shelf/A", "2")],
    )
    assert lines(found) == ["rename old -> Book/zoo", "create Book/Emma"]
    assert found.changes[1].depends_on == (at("Book/zoo"),)
    assert found.changes[1].references[at("Book/zoo")] == "1"


def test_any_of_several_former_names_will_do() -> None:
    found = planned(formerly("Shelf/new", "older", "old", "oldest"), objects=[OLD])
    assert lines(found) == ["rename old -> Shelf/new"]


def test_another_spelling_of_the_same_name_is_a_rename_where_it_is_asked_for() -> None:
    bot = live("Shelf/Bot", "1")
    (finding,) = planned(desired("Shelf/bot"), objects=[bot]).findings
    assert finding.code == "name-differs"
    assert lines(planned(formerly("Shelf/bot", "Bot"), objects=[bot])) == [
        "rename Bot -> Shelf/bot"
    ]


def test_a_manifest_may_be_narrowed_down_to() -> None:
    wanted = [formerly("Shelf/new", "old"), formerly("Book/new", "old"), desired("Shelf/x")]
    objects = [OLD, live("Book/old", "2"), live("Shelf/x", "3", description="x")]
    only = PlanOptions(only=(at("Shelf/new"),))
    found = plan(wanted, Inventory(account(*objects), KINDS), options=only)
    assert lines(found) == ["rename old -> Shelf/new"], "and the book is no stranger"


def test_what_is_not_asked_for_keeps_the_name_it_has() -> None:
    """Else the plan would show a name that the account will not have."""
    wanted = [formerly("Shelf/new", "old"), desired("Book/Emma", shelf="A")]
    objects = [OLD, live("Shelf/A", "2"), live("Book/Emma", "3", shelf="old")]
    found = plan(
        wanted, Inventory(account(*objects), KINDS), options=PlanOptions(only=(at("Book/Emma"),))
    )
    assert [(f.before, f.after) for f in found.changes[0].fields] == [("old", "A")]


def test_the_digest_knows_the_name_before() -> None:
    twins = [
        planned(
            formerly("Shelf/new", "a", "b"), objects=[replace(OLD, address=at(f"Shelf/{name}"))]
        )
        for name in ("a", "b")
    ]
    assert plan_digest(twins[0]) != plan_digest(twins[1])
    assert change_digest(twins[0].changes[0]) != change_digest(twins[1].changes[0])


def test_a_field_set_for_good_cannot_change_with_the_name() -> None:
    old = live("Book/old", "1", isbn="1")
    found = planned(formerly("Book/new", "old", isbn="2"), objects=[old])
    assert told(found) == ["error create-only"]


def test_a_rename_fills_no_quota() -> None:
    """The account holds four shelves at most."""
    full = [OLD, *(live(f"Shelf/{n}", f"{n}") for n in (2, 3, 4))]
    assert lines(planned(formerly("Shelf/new", "old"), objects=full)) == ["rename old -> Shelf/new"]
    assert told(planned(desired("Shelf/new"), objects=full)) == ["refusal quota"]


# Nothing to do


@pytest.mark.parametrize("objects", [[], [live("Shelf/other", "9")]])
def test_without_such_an_object_one_is_made(objects: list[Live]) -> None:
    found = planned(formerly("Shelf/new", "old"), objects=objects)
    assert (lines(found), told(found)) == (["create Shelf/new"], [])


def test_a_former_name_does_no_harm_once_the_rename_is_done() -> None:
    found = planned(formerly("Shelf/new", "old"), objects=[live("Shelf/new", "1")])
    assert (lines(found), told(found)) == (["unchanged Shelf/new"], [])


def test_a_deleted_object_is_not_brought_back() -> None:
    gone = replace(OLD, deleted=True)
    found = planned(formerly("Shelf/new", "old"), objects=[gone])
    assert (lines(found), told(found)) == (["create Shelf/new"], [])


def test_objects_of_another_kind_are_not_meant() -> None:
    found = planned(formerly("Shelf/new", "old"), objects=[live("Book/old", "1")])
    assert lines(found) == ["create Shelf/new", "unmanaged Book/old"]


def test_what_cannot_be_renamed_is_left_as_it_is() -> None:
    paper = live("Ticket/old", "p-1", endpoint="papers")
    found = planned(formerly("Ticket/new", "old", type="paper"), objects=[paper])
    assert told(found) == ["error not-selectable"], "the manifest itself is refused before"


def test_an_object_that_a_manifest_declares_is_never_renamed_away_from_it() -> None:
    wanted = [formerly("Shelf/new", "old"), desired("Shelf/old")]
    assert lines(planned(*wanted, objects=[OLD])) == ["create Shelf/new", "unchanged Shelf/old"]


# What stands in the way


def only(found: Plan) -> Finding:
    (finding,) = found.findings
    return finding


@pytest.mark.parametrize(
    ("names", "objects", "expected"),
    [
        pytest.param(
            ["old"],
            [OLD, live("Shelf/old", "2")],
            '2 live objects have a former name of shelf "new": 1 ("old"), 2 ("old")',
            id="two with the same name",
        ),
        pytest.param(
            ["older", "old"],
            [OLD, live("Shelf/older", "2")],
            '2 live objects have a former name of shelf "new": 2 ("older"), 1 ("old")',
            id="two former names",
        ),
        pytest.param(
            ["old"],
            [live("Shelf/old", "1", unmanaged_reason="a museum piece")],
            'the former name "old" is held by a museum piece (id 1), which lebots never touches',
            id="what is not ours",
        ),
        pytest.param(
            ["old"],
            [live("Shelf/OLD", "1")],
            'the account writes this shelf "OLD" (id 1), not "old"',
            id="another spelling",
        ),
    ],
)
def test_a_rename_that_is_not_safe_is_refused(
    names: list[str], objects: list[Live], expected: str
) -> None:
    finding = only(planned(formerly("Shelf/new", *names), objects=objects))
    assert finding.severity is Severity.REFUSAL
    assert finding.message.startswith(expected)
    assert finding.source == Source("library.yaml", 10, 5)
    assert finding.address == at("Shelf/new")


def test_another_endpoint_keeps_its_objects() -> None:
    paper = live("Ticket/old", "p-1", endpoint="papers")
    finding = only(planned(formerly("Ticket/new", "old", type="plastic"), objects=[paper]))
    assert finding.severity is Severity.REFUSAL
    assert finding.message == (
        'ticket "old" (id p-1) is of type "paper", which cannot become "plastic"; remove the '
        "name from previously"
    )


@pytest.mark.parametrize(
    ("twin", "code"), [("Shelf/NEW", "name-differs"), ("Shelf/new ", "name-differs")]
)
def test_a_new_name_that_is_there_in_another_spelling_is_told_once(twin: str, code: str) -> None:
    finding = only(planned(formerly("Shelf/new", "old"), objects=[OLD, live(twin, "2")]))
    assert (finding.severity, finding.code) == (Severity.REFUSAL, code)


def test_a_former_name_that_counts_as_the_present_one_is_told_by_the_matching_alone() -> None:
    finding = only(planned(formerly("Shelf/new", "NEW"), objects=[live("Shelf/New", "1")]))
    assert (finding.severity, finding.code) == (Severity.REFUSAL, "name-differs")


def test_both_names_live_and_the_old_one_belongs_to_nobody() -> None:
    both = [OLD, live("Shelf/new", "2")]
    found = planned(formerly("Shelf/new", "old", description="x"), objects=both)
    assert lines(found) == ["update Shelf/new"], "the other one is unmanaged"
    finding = only(found)
    assert (finding.severity, finding.code) == (Severity.WARNING, "former-name-held")
    assert finding.source == Source("library.yaml", 10, 5)
    assert finding.message == (
        'previously has no effect any more: shelf "new" exists, and "old" (id 1) is another one, '
        "which lebots does not touch; remove the name here"
    )


def test_both_names_live_and_declared_is_nothing_to_tell() -> None:
    both = [OLD, live("Shelf/new", "2")]
    found = planned(formerly("Shelf/new", "old"), desired("Shelf/old"), objects=both)
    assert (lines(found), told(found)) == (["unchanged Shelf/new", "unchanged Shelf/old"], [])


def test_a_deleted_object_may_hold_the_new_name() -> None:
    gone = live("Shelf/new", "2", deleted=True)
    found = planned(formerly("Shelf/new", "old"), objects=[OLD, gone])
    assert (lines(found), told(found)) == (["rename old -> Shelf/new"], ["warning name-of-deleted"])


def test_a_manifest_that_uses_the_former_name_is_told_the_new_one() -> None:
    book = desired("Book/Emma", shelf="old")
    finding = only(planned(formerly("Shelf/new", "old"), book, objects=[OLD]))
    assert (finding.severity, finding.code) == (Severity.ERROR, "reference-renamed")
    assert finding.message == 'shelf "old" is named "new" now; write that'
    assert finding.source == book.at("shelf")


@pytest.mark.parametrize("pattern", ["Shelf/old", "Shelf/new", "Shelf/*"])
def test_a_guard_protects_under_both_names(pattern: str) -> None:
    found = planned(
        formerly("Shelf/new", "old"), objects=[OLD], policy=AccountPolicy(protect=(pattern,))
    )
    assert told(found) == ["refusal protected"]
    assert f"lebots.yaml protects {pattern}" in only(found).message


# Secrets

ANN = live("Ticket/Ann", "t-1", colour="grey")


@pytest.mark.parametrize(
    ("sinks", "sink", "source"),
    [
        pytest.param(Sinks(delivered={}), "default", "", id="never delivered"),
        pytest.param(
            Sinks(delivered={at("Ticket/Eve"): "t-1"}, former={at("Ticket/Eve"): "Ann"}),
            "default",
            "Ann",
            id="delivered under the former name",
        ),
        pytest.param(
            Sinks(delivered={at("Ticket/Eve"): "t-0"}, former={at("Ticket/Eve"): "Ann"}),
            "default",
            "",
            id="that of another object",
        ),
        pytest.param(
            Sinks(delivered={at("Ticket/Eve"): "t-1"}), "", "", id="copied by an earlier run"
        ),
    ],
)
def test_a_secret_moves_with_the_name(sinks: Sinks, sink: str, source: str) -> None:
    wanted = formerly("Ticket/Eve", "Ann", type="plastic")
    (change,) = planned(wanted, objects=[ANN], sinks=sinks).changes
    assert change.action is Action.RENAME
    assert (change.sink, change.secret_from) == (sink, source)
    assert change.note == (COPIED.format(old='"Ann"') if source else "")


def test_a_copy_that_an_interrupted_run_left_out_is_made_up_for() -> None:
    eve = replace(ANN, address=at("Ticket/Eve"))
    sinks = Sinks(delivered={at("Ticket/Eve"): "t-1"}, former={at("Ticket/Eve"): "Ann"})
    wanted = formerly("Ticket/Eve", "Ann", type="plastic")
    (change,) = planned(wanted, objects=[eve], sinks=sinks).changes
    assert (change.action, change.was) == (Action.UPDATE, "")
    assert (change.sink, change.secret_from) == ("default", "Ann")


def test_a_key_that_died_under_its_former_name_is_not_made_anew() -> None:
    dead: dict[Address, str] = {at("Ticket/Eve"): "t-1"}
    sinks = Sinks(delivered=dead, former={at("Ticket/Eve"): "Ann"})
    finding = only(planned(formerly("Ticket/Eve", "Ann", type="plastic"), objects=[], sinks=sinks))
    assert (finding.severity, finding.code) == (Severity.REFUSAL, "credential-dead")


def test_a_key_whose_secret_is_delivered_is_not_taken_over() -> None:
    wanted = [formerly("Ticket/Eve", "Ann", type="plastic"), desired("Book/Emma", ticket="Eve")]
    objects = [ANN, live("Book/Emma", "2")]
    sinks = Sinks(delivered={at("Ticket/Eve"): "t-1"}, former={at("Ticket/Eve"): "Ann"})
    noted = [one.address for one in planned(*wanted, objects=objects, sinks=sinks).findings]
    assert noted == [at("Book/Emma")]
