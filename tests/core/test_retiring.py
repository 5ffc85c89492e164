"""What a prune takes out of use, how and in what order, and what it keeps and why."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from lebots.core.compare.change import Sinks
from lebots.core.model.change import REMOVALS, Action, Change, ChangeEffect, Effect, FieldChange
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Field
from lebots.core.model.live import Live
from lebots.core.model.options import AccountPolicy, PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.planner import plan
from lebots.core.prune.steps import LETS_GO, OFF_ALREADY
from lebots.errors import UsageError
from lebots.next_steps import worded
from tests.toys import KINDS, NAME, NAMES, account, at, desired, live

ALL = {"Book": ("*",), "Shelf": ("*",), "Ticket": ("*",)}
ANN = live("Ticket/Ann", "t-1", colour="grey")
KEPT = desired("Shelf/Kept")
SHELF = live("Shelf/Kept", "1")
"""A declared shelf, for everything to stand on."""


def pruned(
    *objects: Live,
    wanted: Sequence[Desired] = (KEPT,),
    scope: Mapping[str, tuple[str, ...]] | None = None,
    unreadable: Mapping[str, str] | None = None,
    sinks: Sinks | None = None,
    **allowed: Any,
) -> Plan:
    """A plan with --prune, past the guards, which have a test of their own."""
    may = AccountPolicy(scope=ALL if scope is None else scope, max_delete_percent=100, **allowed)
    where = account(SHELF, *objects, unreadable=unreadable)
    found = plan(wanted, Inventory(where, KINDS), sinks or Sinks(), PlanOptions(prune=True), may)
    if any(finding.code == "removal-floor" for finding in found.findings):
        count = sum(change.action in REMOVALS for change in found.writes)
        agreed = PlanOptions(prune=True, confirmed=count)
        found = plan(wanted, Inventory(where, KINDS), sinks or Sinks(), agreed, may)
    return found


def lines(found: Plan) -> list[str]:
    return [f"{change.action} {change.address}" for change in found.writes]


def reports(found: Plan) -> dict[str, str]:
    told = [change for change in found.changes if change.action is Action.UNMANAGED]
    return {str(change.address): change.note for change in told}


def shown(change: Change) -> list[tuple[str, Any, Any]]:
    return [(part.path, part.before, part.after) for part in change.fields]


def book(name: str = "Emma", id_: str = "11", **spec: Any) -> Live:
    return live(f"Book/{name}", id_, **{"shelf": "Kept", "lent": False, **spec})


# What is in scope


def test_without_prune_nothing_is_retired() -> None:
    where = account(SHELF, ANN, book())
    found = plan([KEPT], Inventory(where, KINDS), policy=AccountPolicy(scope=ALL))
    assert found.writes == ()
    assert reports(found) == {"Book/Emma": "unmanaged"}


@pytest.mark.parametrize(
    ("scope", "retired"),
    [
        ({}, []),
        ({"Book": ()}, []),
        ({"Book": ("emma",)}, []),
        ({"Book": ("Emma",)}, ["disable Book/Emma"]),
        ({"Book": ("E*",)}, ["disable Book/Emma"]),
        ({"Book": ("*a*",)}, ["disable Book/Emma"]),
        ({"Book": ("Em", "mma")}, []),
        ({"Book": ("P*", "E*")}, ["disable Book/Emma"]),
        ({"Ticket": ("*",)}, ["disable Ticket/Ann"]),
        ({"Book": ("*",), "Ticket": ("*",)}, ["disable Book/Emma", "disable Ticket/Ann"]),
    ],
)
def test_only_what_the_scope_names_is_retired(
    scope: Mapping[str, tuple[str, ...]], retired: list[str]
) -> None:
    assert lines(pruned(book(), ANN, scope=scope)) == retired


def test_what_is_out_of_scope_is_told_as_before() -> None:
    found = pruned(book(), book("Persuasion", "12"), scope={"Book": ("Emma",)})
    assert reports(found) == {"Book/Persuasion": "unmanaged"}


def test_what_a_manifest_declares_is_never_retired() -> None:
    wanted = [KEPT, desired("Book/Emma", tags=[])]
    assert lines(pruned(book(tags=[]), wanted=wanted)) == []


def test_deleted_and_foreign_objects_are_no_business_of_a_prune() -> None:
    found = pruned(
        live("Book/Gone", "12", deleted=True, shelf="Kept"),
        live("Book/Codex", "13", unmanaged_reason="a museum piece", shelf="Kept"),
        live("Book/Scroll", "14", unmanaged_reason="a museum piece", shelf="Kept"),
    )
    assert lines(found) == []
    (finding,) = found.findings
    assert finding.message == (
        "2 of the books are in scope by name and never touched: a museum piece"
    )


# How


def test_what_can_be_switched_off_is() -> None:
    (change,) = pruned(book(), scope={"Book": ("*",)}).writes
    assert change == Change(
        address=at("Book/Emma"),
        action=Action.DISABLE,
        endpoint="books",
        id="11",
        fields=(FieldChange("lent", False, True),),
        desired={"lent": True},
        note="nobody reads it",
        effects=(ChangeEffect(Effect.OUT_OF_SERVICE, "nobody reads it", on=(at("Book/Emma"),)),),
    )


def test_what_cannot_be_switched_off_is_deleted_and_says_so() -> None:
    (change,) = pruned(live("Shelf/Old", "2", description="oak", room="Hall")).writes
    assert change == Change(
        address=at("Shelf/Old"),
        action=Action.DELETE,
        endpoint="shelves",
        id="2",
        note="a shelf cannot be disabled, so it is deleted; the wood is gone",
        effects=(ChangeEffect(Effect.IRREVERSIBLE, "cannot be undone", on=(at("Shelf/Old"),)),),
    )


def test_a_delete_rests_on_what_the_object_was() -> None:
    """Whether it was on, and what it referred to: what a reviewer looks at, and the digest."""
    (change,) = pruned(
        book(author="private", tags=["x"], sequels=[]), scope={"Book": ("*",)}, retire="delete"
    ).writes
    assert change.action is Action.DELETE
    assert shown(change) == [("shelf", "Kept", None), ("lent", False, None)]
    assert change.note == "nobody reads it"


@pytest.mark.parametrize("retire", ["disable", "delete"])
def test_a_kind_without_a_way_out_is_kept(retire: Any) -> None:
    kinds = {**KINDS, "Shelf": replace(KINDS["Shelf"], retirement=None)}
    where = account(SHELF, live("Shelf/Old", "2"))
    may = AccountPolicy(scope=ALL, retire=retire, max_delete_percent=100)
    found = plan([KEPT], Inventory(where, kinds), Sinks(), PlanOptions(prune=True), may)
    assert lines(found) == []
    assert reports(found) == {
        "Shelf/Old": "in scope, shelves can be neither disabled nor deleted by a program"
    }


def test_what_is_off_already_stays_as_it_is() -> None:
    found = pruned(book(lent=True), live("Ticket/Ann", "t-1", colour="void"))
    assert lines(found) == []
    assert reports(found) == {"Book/Emma": f"in scope, {OFF_ALREADY}"}


def test_what_is_off_already_is_deleted_where_that_is_wished() -> None:
    found = pruned(book(lent=True), live("Ticket/Ann", "t-1", colour="void"), retire="delete")
    assert lines(found) == ["delete Book/Emma", "delete Ticket/Ann"]


# In which order


def test_who_refers_goes_first() -> None:
    found = pruned(book(ticket="Ann", shelf="Old"), ANN, live("Shelf/Old", "2"), retire="delete")
    assert lines(found) == ["delete Book/Emma", "delete Ticket/Ann", "delete Shelf/Old"]
    assert [change.depends_on for change in found.writes] == [
        (),
        (at("Book/Emma"),),
        (at("Book/Emma"),),
    ]


def test_what_is_switched_off_goes_before_what_it_refers_to() -> None:
    found = pruned(book(ticket="Ann"), ANN)
    assert lines(found) == ["disable Book/Emma", "disable Ticket/Ann"]
    assert found.writes[1].depends_on == (at("Book/Emma"),)


def test_removals_come_after_all_else() -> None:
    wanted = [KEPT, desired("Shelf/New"), desired("Shelf/A", description="x")]
    found = pruned(live("Shelf/A", "3"), live("Shelf/Old", "2"), wanted=wanted)
    assert lines(found) == ["update Shelf/A", "create Shelf/New", "delete Shelf/Old"]


def test_an_update_that_lets_go_comes_before_the_delete_of_what_it_held() -> None:
    wanted = [KEPT, desired("Book/Emma", shelf="Kept")]
    found = pruned(book(shelf="Old"), live("Shelf/Old", "2"), wanted=wanted)
    assert lines(found) == ["update Book/Emma", "delete Shelf/Old"]
    assert found.writes[1].depends_on == (at("Book/Emma"),)


def test_a_chain_is_taken_apart_from_its_end() -> None:
    chain = [book(name, f"2{n}", sequels=[after] if after else []) for n, (name, after) in
             enumerate([("C", ""), ("B", "C"), ("A", "B")])]  # fmt: skip
    found = pruned(*chain, scope={"Book": ("*",)}, retire="delete")
    assert lines(found) == ["delete Book/A", "delete Book/B", "delete Book/C"]


def test_a_circle_is_opened_first() -> None:
    found = pruned(
        book("A", "21", sequels=["B"]),
        book("B", "22", sequels=["A"], tags=["x"]),
        scope={"Book": ("*",)},
        retire="delete",
    )
    assert lines(found) == ["update Book/A", "delete Book/B", "delete Book/A"]
    opening, first, second = found.writes
    assert shown(opening) == [("sequels", ["B"], [])]
    assert opening.note == LETS_GO
    assert first.depends_on == (at("Book/A"),)
    assert second.depends_on == (at("Book/A"), at("Book/B"))
    assert ("sequels", ["B"], None) not in shown(second), "it has let go by then"


def test_a_circle_that_cannot_be_opened_is_kept() -> None:
    found = pruned(
        book("A", "21", original="B"),
        book("B", "22", original="A", ticket="Ann"),
        ANN,
        retire="delete",
    )
    assert lines(found) == []
    stuck = "in scope, in a circle of references that cannot be opened: Book/A, Book/B"
    assert reports(found) == {
        "Book/A": stuck,
        "Book/B": stuck,
        "Ticket/Ann": "in scope, still used by Book/B",
    }


@pytest.mark.parametrize(
    "facts",
    [
        {"create_only": True},
        {"schema": {**NAMES, "minItems": 1}},
        {"fields": (Field("book", NAME, ref="Book"),)},
    ],
    ids=["set once", "never empty", "inside the items of a list"],
)
def test_some_fields_cannot_let_go(facts: dict[str, Any]) -> None:
    fields = tuple(
        replace(part, **facts) if part.name == "sequels" else part for part in KINDS["Book"].fields
    )
    kinds = {**KINDS, "Book": replace(KINDS["Book"], fields=fields)}
    inside = "fields" in facts
    names = [[{"book": name}] if inside else [name] for name in "AB"]
    where = account(
        SHELF, book("A", "21", sequels=names[1]), book("B", "22", sequels=names[0])
    )  # fmt: skip
    may = AccountPolicy(scope=ALL, retire="delete", max_delete_percent=100)
    found = plan([KEPT], Inventory(where, kinds), Sinks(), PlanOptions(prune=True), may)
    assert lines(found) == []
    assert "in a circle of references" in reports(found)["Book/A"]


def test_objects_that_are_only_switched_off_may_refer_to_each_other() -> None:
    found = pruned(book("A", "21", original="B"), book("B", "22", original="A"))
    assert sorted(lines(found)) == ["disable Book/A", "disable Book/B"]


# References to what is deleted


def with_pupils() -> Mapping[str, Any]:
    """Tickets that can only be deleted, and may be named in a list or left out of a field."""
    fields = tuple(
        replace(part, schema={"type": ["string", "null"], "description": "Text."})
        if part.name == "ticket"
        else part
        for part in KINDS["Book"].fields
    )
    gone = replace(KINDS["Ticket"].retirement, off={})  # type: ignore[type-var]
    return {
        **KINDS,
        "Book": replace(KINDS["Book"], fields=fields),
        "Ticket": replace(KINDS["Ticket"], retirement=gone),
    }


def test_what_is_switched_off_lets_go_of_what_is_deleted() -> None:
    where = account(SHELF, book(ticket="Ann"), ANN)
    may = AccountPolicy(scope=ALL, max_delete_percent=100)
    found = plan(
        [KEPT], Inventory(where, with_pupils()), Sinks(), PlanOptions(prune=True, confirmed=2), may
    )
    assert lines(found) == ["disable Book/Emma", "delete Ticket/Ann"]
    assert shown(found.writes[0]) == [("ticket", "Ann", None), ("lent", False, True)]
    assert found.writes[1].depends_on == (at("Book/Emma"),)


def test_what_is_off_already_lets_go_of_what_is_deleted() -> None:
    where = account(SHELF, book(ticket="Ann", lent=True), ANN)
    may = AccountPolicy(scope=ALL, max_delete_percent=100)
    found = plan(
        [KEPT], Inventory(where, with_pupils()), Sinks(), PlanOptions(prune=True, confirmed=2), may
    )
    assert [shown(change) for change in found.writes[:1]] == [[("ticket", "Ann", None)]]
    assert found.writes[0].note == OFF_ALREADY


def test_what_cannot_let_go_keeps_what_it_refers_to() -> None:
    """A book that is put away still needs its shelf, so the shelf stays."""
    found = pruned(book(shelf="Old"), live("Shelf/Old", "2"))
    assert lines(found) == ["disable Book/Emma"]
    assert reports(found)["Shelf/Old"] == "in scope, still used by Book/Emma"


# What is kept, and why


def kept(reason: str, *objects: Live, about: str, **more: Any) -> Any:
    return pytest.param(objects, more, about, f"in scope, {reason}", id=reason)


@pytest.mark.parametrize(
    ("objects", "more", "about", "reason"),
    [
        kept(
            "still used by Book/Emma",
            book(shelf="Old"),
            live("Shelf/Old", "2"),
            about="Shelf/Old",
            scope={"Shelf": ("*",)},
        ),
        kept(
            "still used by Book/Codex",
            live("Book/Codex", "12", unmanaged_reason="a museum piece", shelf="Old"),
            live("Shelf/Old", "2"),
            about="Shelf/Old",
        ),
        kept(
            "still used by Book/A, Book/B, Book/C and 2 more",
            *(book(name, f"3{n}", shelf="Old") for n, name in enumerate("ABCDE")),
            live("Shelf/Old", "2"),
            about="Shelf/Old",
            scope={"Shelf": ("*",)},
        ),
        kept(
            "lebots.yaml protects Shelf/O*",
            live("Shelf/Old", "2"),
            about="Shelf/Old",
            protect=("Shelf/O*",),
        ),
        kept("this run logs in with it", ANN, about="Ticket/Ann", own=frozenset({"t-1"})),
        kept(
            "papers can be neither disabled nor deleted by a program",
            live("Ticket/Bob", "p-1", endpoint="papers"),
            about="Ticket/Bob",
        ),
        kept(
            'its name is also that of p-1 ("Ann"), so nobody can tell which one is used',
            ANN,
            live("Ticket/Ann", "p-1", endpoint="papers"),
            about="Ticket/Ann",
        ),
        kept(
            'its name is also that of 3 ("OLD"), so nobody can tell which one is used',
            live("Shelf/Old", "2"),
            live("Shelf/OLD", "3"),
            about="Shelf/Old",
        ),
        kept(
            "a manifest names it under metadata.previously",
            live("Shelf/Old", "2"),
            about="Shelf/Old",
            wanted=[replace(KEPT, previously=("Old",))],
        ),
        kept(
            "lebots skips every ticket in this run",
            ANN,
            about="Ticket/Ann",
            unreadable={"papers": "403"},
        ),
    ],
)
@pytest.mark.parametrize("retire", ["disable", "delete"])
def test_kept(
    objects: Sequence[Live], more: dict[str, Any], about: str, reason: str, retire: Any
) -> None:
    found = pruned(*objects, retire=retire, **more)
    changed = [change for change in found.writes if str(change.address) == about]
    assert changed == []
    assert reason in [c.note for c in found.changes if str(c.address) == about]


def test_what_is_kept_keeps_what_it_refers_to() -> None:
    found = pruned(
        book(ticket="Ann", shelf="Old"),
        ANN,
        live("Shelf/Old", "2"),
        protect=("Book/Emma",),
        retire="delete",
    )
    assert lines(found) == []
    assert reports(found) == {
        "Book/Emma": "in scope, lebots.yaml protects Book/Emma",
        "Shelf/Old": "in scope, still used by Book/Emma",
        "Ticket/Ann": "in scope, still used by Book/Emma",
    }


def test_a_declared_object_keeps_what_it_refers_to_whether_it_says_so_or_not() -> None:
    silent = [KEPT, desired("Book/Emma", tags=[])]
    found = pruned(book(shelf="Old", tags=[]), live("Shelf/Old", "2"), wanted=silent)
    assert reports(found) == {"Shelf/Old": "in scope, still used by Book/Emma"}


def test_a_new_object_keeps_what_it_refers_to() -> None:
    wanted = [KEPT, desired("Book/Emma", shelf="Old")]
    found = pruned(live("Shelf/Old", "2"), wanted=wanted)
    assert lines(found) == ["create Book/Emma"]
    assert reports(found) == {"Shelf/Old": "in scope, still used by Book/Emma"}


def test_a_reference_whose_rest_cannot_be_written_back_is_not_taken_away() -> None:
    """Two books have one name, so a list with that name would be written with either."""
    found = pruned(
        book("A", "21", sequels=["B", "Twin"]),
        book("B", "22", sequels=["A"], original="A"),
        book("Twin", "23"),
        book("Twin", "24"),
        scope={"Book": ("A", "B")},
        retire="delete",
    )
    assert "update Book/A" not in lines(found)


def test_ids_of_deleted_objects_go_with_the_rest_of_a_reference() -> None:
    found = pruned(
        book("A", "21", sequels=["B", "<id 90>"]),
        book("B", "22", original="A"),
        live("Book/Gone", "90", deleted=True),
        scope={"Book": ("A", "B")},
        retire="delete",
    )
    assert lines(found) == ["update Book/A", "delete Book/B", "delete Book/A"]
    assert shown(found.writes[0]) == [("sequels", ["<id 90>", "B"], [])]


# Lists that may lack something


DANGLING = "Book/Emma refers to the id 77, which no list shows"


@pytest.mark.parametrize(
    ("more", "kind", "why"),
    [
        ({"unreadable": {"papers": "403"}}, "ticket", "papers could not be read: 403"),
        ({"unreadable": {"books": "403"}}, "shelf", "books could not be read: 403"),
        (
            {"shrunken": {"shelves": (10, 1)}},
            "shelf",
            "shelves lost too much since the receipt: 10 objects then, 1 now; if that is right, "
            "write a new one with `lebots apply --receipt FILE`",
        ),
        (
            {"shrunken": {"shelves": (None, 1)}},
            "shelf",
            "shelves is not counted in the receipt, so nobody knows what it lost; write a new one "
            "with `lebots apply --receipt FILE`",
        ),
        ({"objects": [book(shelf="<id 77>")]}, "shelf", DANGLING),
        (
            {
                "objects": [
                    live("Book/Codex", "9", unmanaged_reason="a museum piece", shelf="<id 77>")
                ]
            },
            "shelf",
            DANGLING.replace("Emma", "Codex"),
        ),
        (
            {
                "objects": [live("Ticket/Bob", "t-9", colour="grey")],
                "wanted": [KEPT, desired("Ticket/Bob", type="plastic")],
                "sinks": Sinks(delivered={at("Ticket/Bob"): "t-5"}),
            },
            "ticket",
            "the sink of Ticket/Bob holds the secret of the id t-5, which no list shows",
        ),
    ],
)
def test_a_list_that_may_lack_something_retires_nothing(
    more: dict[str, Any], kind: str, why: str
) -> None:
    objects = more.pop("objects", [])
    old = live("Shelf/Old", "2")
    found = pruned(old, ANN, *objects, retire="delete", **more)
    about = {"shelf": "Shelf/Old", "ticket": "Ticket/Ann"}[kind]
    assert f"delete {about}" not in lines(found)
    assert reports(found)[about] == f"in scope, lebots skips every {kind} in this run"
    (finding,) = [one for one in found.findings if one.code == "unprunable"
                  and one.message.startswith(f"lebots skips every {kind} ")]  # fmt: skip
    assert worded(finding).message.endswith(why)


@pytest.mark.parametrize(
    "objects",
    [
        [book(shelf="<id 90>"), live("Shelf/Gone", "90", deleted=True)],
        [live("Book/Gone", "9", deleted=True, shelf="<id 77>")],
        [live("Shelf/<id 77>", "5"), replace(book(shelf="<id 77>"), dangling=())],
    ],
    ids=["of a deleted object", "by a deleted object", "a name that looks like one"],
)
def test_what_does_not_cast_doubt(objects: list[Live]) -> None:
    found = pruned(live("Shelf/Old", "2"), *objects, scope={"Shelf": ("Old",)})
    assert lines(found) == ["delete Shelf/Old"]


def test_other_kinds_are_pruned_all_the_same() -> None:
    found = pruned(live("Shelf/Old", "2"), ANN, unreadable={"papers": "403"})
    assert lines(found) == ["delete Shelf/Old"]


def test_nobody_hears_of_doubts_about_kinds_that_are_not_in_scope() -> None:
    found = pruned(ANN, unreadable={"papers": "403"}, scope={"Book": ("*",)})
    assert [finding.code for finding in found.findings] == ["unreadable"]


# The rest of the plan


def test_advice_sees_the_account_after_the_prune() -> None:
    crowd = [book(name, f"3{n}") for n, name in enumerate("ABC")]
    assert "crowded" in [f.code for f in pruned(*crowd, scope={}).findings]
    found = pruned(*crowd, scope={"Book": ("A",)}, retire="delete")
    assert "crowded" not in [f.code for f in found.findings]


def test_quotas_are_counted_before_the_prune_since_creates_come_first() -> None:
    shelves = [live(f"Shelf/{n}", f"4{n}") for n in range(3)]
    found = pruned(*shelves, wanted=[KEPT, desired("Shelf/New")])
    assert "quota" in [finding.code for finding in found.findings]


def test_calls_count_a_read_and_a_write_for_each_removal() -> None:
    """Lists are read before and after, and once more to see who has begun to use what goes.

    What is switched off is read again afterwards.
    """
    plain = pruned(book(), ANN, scope={})
    found = pruned(book(), ANN)
    assert (found.calls.reads, found.calls.writes) == (3 * plain.calls.reads + 4, 2)


def test_a_narrowed_plan_never_prunes() -> None:
    with pytest.raises(UsageError, match="pruning needs the whole plan"):
        PlanOptions(only=(at("Shelf/A"),), prune=True)
