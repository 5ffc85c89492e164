"""What a plan says: changes, in which order, what is unmanaged, and what stands in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from lebots.core.compare.change import Sinks
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Cause, Change, FieldChange
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account, Live
from lebots.core.model.options import PlanOptions
from lebots.core.model.plan import Calls, Plan
from lebots.core.model.value import Spec
from lebots.core.planner import plan
from lebots.errors import UsageError
from tests.toys import KINDS, account, at, desired, live

SHELF = live("Shelf/A", "1")
FIELDS: Spec = {"description": "", "width": None, "topics": [], "room": None}


def planned(
    *wanted: Desired,
    objects: Sequence[Live] = (),
    sinks: Sinks | None = None,
    unreadable: Mapping[str, str] | None = None,
) -> Plan:
    return plan(
        wanted, Inventory(account(*objects, unreadable=unreadable), KINDS), sinks or Sinks()
    )


def only_change(found: Plan) -> Change:
    (change,) = (change for change in found.changes if change.action is not Action.UNMANAGED)
    return change


def shown(change: Change) -> list[tuple[str, Any, Any]]:
    return [(part.path, part.before, part.after) for part in change.fields]


def lines(found: Plan) -> list[str]:
    return [f"{change.action} {change.address}" for change in found.changes]


def codes(found: Plan) -> list[str]:
    return [finding.code for finding in found.findings]


# Create


def test_create() -> None:
    wanted = desired("Book/Emma", shelf="A", tags=["novel"])
    change = only_change(planned(wanted, objects=[SHELF]))
    assert change == Change(
        address=at("Book/Emma"),
        action=Action.CREATE,
        endpoint="books",
        source=wanted.source,
        fields=(
            FieldChange("shelf", None, "A", wanted.at("shelf")),
            FieldChange("tags", None, ["novel"], wanted.at("tags")),
            FieldChange("lent", None, False, cause=Cause.DEFAULT),
        ),
        desired={"lent": False, "shelf": "A", "tags": ["novel"]},
        references={at("Shelf/A"): "1"},
    )


def test_a_default_gives_way_to_the_manifest() -> None:
    wanted = desired("Book/Emma", shelf="A", lent=True)
    change = only_change(planned(wanted, objects=[SHELF]))
    assert change.fields[-1] == FieldChange("lent", None, True, wanted.at("lent"))


def test_a_new_object_needs_some_fields() -> None:
    found = planned(desired("Book/Emma", tags=[]))
    assert found.changes == ()
    (finding,) = found.findings
    assert finding.code == "needed-to-create"
    assert finding.message == 'book "Emma" does not exist yet, and a new one needs shelf'


def test_an_existing_object_does_not() -> None:
    assert codes(planned(desired("Book/Emma", tags=[]), objects=[live("Book/Emma", "1")])) == []


def test_ids_of_new_objects_are_known_after_apply() -> None:
    found = planned(desired("Book/Emma", shelf="B"), desired("Shelf/B"))
    assert lines(found) == ["create Shelf/B", "create Book/Emma"]
    assert found.changes[1].references == {at("Shelf/B"): None}
    assert found.changes[1].depends_on == (at("Shelf/B"),)


# Update


def test_update_of_one_field() -> None:
    wanted = desired("Shelf/A", description="new", width=7)
    old = live("Shelf/A", "1", description="old", width=7, room="Hall")
    assert only_change(planned(wanted, objects=[old])) == Change(
        address=at("Shelf/A"),
        action=Action.UPDATE,
        endpoint="shelves",
        id="1",
        source=wanted.source,
        fields=(FieldChange("description", "old", "new", wanted.at("description")),),
        desired={"description": "new", "width": 7},
    )


@pytest.mark.parametrize(
    ("spec", "held", "changes"),
    [
        pytest.param({}, {"width": 3}, [], id="absent: not managed"),
        pytest.param({"width": 3}, {"width": 3}, [], id="the same"),
        pytest.param({"width": None}, {"width": 3}, [("width", 3, None)], id="null: the default"),
        pytest.param({"width": None}, {}, [], id="null against missing"),
        pytest.param({"description": None}, {"description": ""}, [], id="null: a known default"),
        pytest.param({"topics": []}, {"topics": ["x"]}, [("topics", ["x"], [])], id="[]: none"),
        pytest.param({"topics": []}, {}, [], id="[] against missing"),
        pytest.param({"topics": ["b", "a"]}, {"topics": ["a", "b"]}, [], id="unordered"),
        pytest.param(
            {"topics": ["b"]}, {"topics": ["a", "b"]}, [("topics", ["a", "b"], ["b"])], id="fewer"
        ),
        pytest.param({"description": "x"}, {}, [("description", "", "x")], id="was never set"),
        pytest.param(
            {"room": "Hall"}, {"room": "<id 9>"}, [("room", "<id 9>", "Hall")], id="dangling"
        ),
    ],
)
def test_only_owned_fields_are_compared(
    spec: dict[str, Any], held: dict[str, Any], changes: list[tuple[str, Any, Any]]
) -> None:
    found = planned(desired("Shelf/A", **spec), objects=[live("Shelf/A", "1", **held)])
    change = only_change(found)
    assert change.action is (Action.UPDATE if changes else Action.UNCHANGED)
    assert shown(change) == changes
    assert found.writes == ((change,) if changes else ())


def test_what_the_vendor_blanks_for_privacy_is_not_a_difference() -> None:
    spec: dict[str, Any] = {"subtitle": "A novel", "author": "Jane Austen"}
    blank = live("Book/Emma", "1", subtitle="", author="J. A.")
    change = only_change(planned(desired("Book/Emma", **spec), objects=[blank]))
    assert shown(change) == [("author", "J. A.", "Jane Austen")]
    assert change.fields[0].personal
    assert change.desired == spec, "what is blank in the answer is written out in full"


def test_an_object_inside_is_owned_part_by_part() -> None:
    wanted = desired("Book/Emma", print={"year": 1815})
    book = live("Book/Emma", "1", print={"year": 1816, "press": "Murray"})
    change = only_change(planned(wanted, objects=[book]))
    assert shown(change) == [("print.year", 1816, 1815)]
    assert change.fields[0].source == wanted.at("print")


@pytest.mark.parametrize(
    ("held", "code"), [({"isbn": "1"}, "create-only"), ({}, "create-only"), ({"isbn": "2"}, None)]
)
def test_what_is_set_for_good_cannot_be_changed(held: dict[str, Any], code: str | None) -> None:
    wanted = desired("Book/Emma", isbn="2", tags=["x"])
    found = planned(wanted, objects=[live("Book/Emma", "1", **held)])
    assert codes(found) == ([code] if code else [])
    assert len(found.writes) == 1
    if code:
        assert "isbn cannot be changed" in found.findings[0].message
        assert found.findings[0].source == wanted.at("isbn")


@pytest.mark.parametrize(
    ("spec", "target", "changes"),
    [
        pytest.param(
            {"shelf": "B"},
            {},
            [("shelf", "A", "B", ""), ("place", 5, None, Cause.RESET)],
            id="shown with the change that causes it",
        ),
        pytest.param(
            {"shelf": "B", "place": 5}, {}, [("shelf", "A", "B", "")], id="not where it is owned"
        ),
        pytest.param(
            {"shelf": "B"},
            {"room": "Hall"},
            [("shelf", "A", "B", "")],
            id="as the facts of other objects have it",
        ),
        pytest.param({"tags": ["x"]}, {}, [("tags", [], ["x"], "")], id="not without its cause"),
    ],
)
def test_what_the_vendor_resets(
    spec: dict[str, Any], target: dict[str, Any], changes: list[tuple[Any, ...]]
) -> None:
    objects = [SHELF, live("Shelf/B", "2", **target), live("Book/Emma", "3", shelf="A", place=5)]
    change = only_change(planned(desired("Book/Emma", **spec), objects=objects))
    assert [(c.path, c.before, c.after, c.note) for c in change.fields] == changes
    assert "place" not in change.desired or "place" in spec


# Secrets

ANN = at("Ticket/Ann")
TICKET = live("Ticket/Ann", "t-1", colour="grey")


def test_a_new_object_with_a_secret_names_its_sink() -> None:
    change = only_change(planned(desired("Ticket/Ann", type="plastic")))
    assert change.sink == "default"
    assert shown(change) == [
        ("type", None, "plastic"),
        ("colour", None, "grey"),
        ("drawer", None, "default"),
    ]


def test_the_manifest_may_name_another_sink() -> None:
    sinks = Sinks(("default", "safe"))
    change = only_change(planned(desired("Ticket/Ann", type="plastic", drawer="safe"), sinks=sinks))
    assert change.sink == "safe"


@pytest.mark.parametrize(
    ("delivered", "spec", "changes", "sink"),
    [
        pytest.param({ANN: "t-1"}, {}, [], "", id="delivered"),
        pytest.param(
            {ANN: "t-1"}, {"colour": "red"}, [("colour", "grey", "red")], "", id="not once more"
        ),
        pytest.param({}, {}, [("drawer", None, "default")], "default", id="not delivered"),
        pytest.param(
            {},
            {"colour": "red"},
            [("colour", "grey", "red"), ("drawer", None, "default")],
            "default",
            id="not delivered, and another field",
        ),
        pytest.param(
            {ANN: "t-0"}, {}, [("drawer", None, "default")], "default", id="that of another object"
        ),
    ],
)
def test_a_secret_is_delivered_until_its_sink_holds_it(
    delivered: Mapping[Address, str],
    spec: dict[str, Any],
    changes: list[tuple[str, Any, Any]],
    sink: str,
) -> None:
    found = planned(
        desired("Ticket/Ann", type="plastic", **spec),
        objects=[TICKET],
        sinks=Sinks(delivered=delivered),
    )
    change = only_change(found)
    assert (shown(change), change.sink) == (changes, sink)


@pytest.mark.parametrize(
    ("sink", "names", "hint"),
    [
        ("saffe", ("default", "safe"), '; did you mean "safe"?'),
        ("kiosk", ("default", "safe"), '; known sinks: "default", "safe"'),
    ],
)
def test_an_unknown_sink(sink: str, names: tuple[str, ...], hint: str) -> None:
    wanted = desired("Ticket/Ann", type="plastic", drawer=sink)
    found = planned(wanted, sinks=Sinks(names))
    assert found.changes == ()
    (finding,) = found.findings
    assert finding.code == "unknown-sink"
    assert finding.message == f'lebots.yaml has no sink "{sink}"{hint}'
    assert finding.source == wanted.at("drawer")


def test_an_unknown_default_sink_stands_at_the_manifest() -> None:
    wanted = desired("Ticket/Ann", type="plastic")
    (finding,) = planned(wanted, sinks=Sinks(("safe",))).findings
    assert (finding.code, finding.source) == ("unknown-sink", wanted.source)


def test_an_object_without_a_secret_needs_no_sink() -> None:
    paper = live("Ticket/Ann", "p-1", endpoint="papers")
    wanted = desired("Ticket/Ann", type="paper")
    found = planned(wanted, objects=[paper], sinks=Sinks(()))
    assert lines(found) == ["unchanged Ticket/Ann"]


# The whole


def test_what_is_referred_to_comes_first_then_secrets_then_users_then_what_stays() -> None:
    found = planned(
        desired("Book/Emma", shelf="Z", ticket="Ann"),
        desired("Ticket/Ann", type="plastic"),
        desired("Ticket/Aaron", type="plastic"),
        desired("Shelf/Z"),
        desired("Shelf/K"),
        objects=[live("Shelf/K", "1"), live("Book/Ulysses", "2"), live("Book/Dubliners", "3")],
    )
    assert lines(found) == [
        "create Shelf/Z",
        "create Ticket/Aaron",
        "create Ticket/Ann",
        "create Book/Emma",
        "unchanged Shelf/K",
        "unmanaged Book/Dubliners",
        "unmanaged Book/Ulysses",
    ]


def test_reports_name_what_no_manifest_declares() -> None:
    found = planned(
        desired("Book/Emma"),
        objects=[
            live("Book/Emma", "1"),
            live("Book/Persuasion", "2"),
            live("Book/Gone", "3", deleted=True),
            live("Book/First folio", "4", unmanaged_reason="a museum piece"),
            live("Shelf/A", "5"),
        ],
    )
    assert lines(found) == ["unchanged Book/Emma", "unmanaged Book/Persuasion"]
    report = found.changes[1]
    assert (report.id, report.note) == ("2", "unmanaged")
    assert found.writes == ()
    assert found.live == 3


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        pytest.param(["Shelf/A"], ["create Shelf/A"], id="one"),
        pytest.param(
            ["Book/Emma"],
            ["create Shelf/A", "create Ticket/Ann", "create Book/Emma"],
            id="with what it refers to",
        ),
        pytest.param(
            ["Book/Emma II", "Shelf/A"],
            ["create Shelf/A", "create Ticket/Ann", "create Book/Emma", "create Book/Emma II"],
            id="at any distance",
        ),
    ],
)
def test_a_plan_can_be_narrowed(only: list[str], expected: list[str]) -> None:
    wanted = [
        desired("Book/Emma", shelf="A", ticket="Ann"),
        desired("Book/Emma II", shelf="A", original="Emma"),
        desired("Book/Other", shelf="B"),
        desired("Shelf/A"),
        desired("Shelf/B"),
        desired("Ticket/Ann", type="plastic"),
    ]
    where = account(live("Book/Stray", "9"))
    found = plan(wanted, Inventory(where, KINDS), options=PlanOptions(tuple(map(at, only))))
    assert lines(found) == [*expected, "unmanaged Book/Stray"]


def test_declared_objects_outside_a_narrowed_plan_are_not_reported() -> None:
    where = account(live("Book/Emma", "1"))
    wanted = [desired("Book/Emma"), desired("Shelf/A")]
    assert lines(plan(wanted, Inventory(where, KINDS), options=PlanOptions((at("Shelf/A"),)))) == [
        "create Shelf/A"
    ]


@pytest.mark.parametrize(
    ("address", "hint"), [("Book/Ema", '; did you mean "Book/Emma"?'), ("Ticket/Zoe", "")]
)
@pytest.mark.parametrize("option", ["only", "recreate"])
def test_a_plan_is_not_asked_for_what_nobody_declares(option: str, address: str, hint: str) -> None:
    asked: dict[str, Any] = {option: (at(address),)}
    with pytest.raises(UsageError) as raised:
        plan(
            [desired("Book/Emma", shelf="A")],
            Inventory(account(), KINDS),
            options=PlanOptions(**asked),
        )
    assert str(raised.value) == f"no manifest declares {address}{hint}"


@pytest.mark.parametrize(
    ("recreate", "words"),
    [
        ("Book/Emma", "Book/Emma has no secret of its own; Ticket/NAME can be recreated"),
        ("Ticket/Ann", "Ticket/Ann is left out of the plan, so it cannot be recreated"),
        ("Ticket/Bob", None),
    ],
)
def test_what_is_recreated_has_a_secret_and_is_planned(recreate: str, words: str | None) -> None:
    wanted = [
        desired("Book/Emma"),
        *(desired(f"Ticket/{n}", type="plastic") for n in ("Ann", "Bob")),
    ]
    options = PlanOptions((at("Book/Emma"), at("Ticket/Bob")), (at(recreate),))
    if words is None:
        assert plan(wanted, Inventory(account(), KINDS), options=options).writes
    else:
        with pytest.raises(UsageError, match=words):
            plan(wanted, Inventory(account(), KINDS), options=options)


def test_what_is_taken_over_is_said_until_the_account_itself_shows_it() -> None:
    wanted = [desired("Book/Emma", shelf="A"), desired("Shelf/A"), desired("Shelf/B")]
    shelves = [live("Shelf/A", "1"), live("Shelf/B", "2")]
    loose = planned(*wanted, objects=[live("Book/Emma", "3"), *shelves])
    assert codes(loose) == ["adopted", "adopted"], "Shelf/B is tied to nothing"
    assert {finding.address for finding in loose.findings} == {at("Book/Emma"), at("Shelf/A")}
    assert {finding.severity for finding in loose.findings} == {Severity.NOTE}
    assert "(id 1)" in str([finding.message for finding in loose.findings])
    assert codes(planned(*wanted, objects=[live("Book/Emma", "3", shelf="A"), *shelves])) == []


def test_an_object_that_new_ones_refer_to_is_taken_over() -> None:
    found = planned(desired("Book/Emma", shelf="A"), desired("Shelf/A"), objects=[SHELF])
    assert codes(found) == ["adopted"]
    assert found.findings[0].address == at("Shelf/A")


@pytest.mark.parametrize(("held", "taken"), [("t-1", False), ("t-0", True), ("", True)])
def test_an_object_whose_secret_is_in_its_sink_was_made_here(held: str, taken: bool) -> None:
    found = planned(
        desired("Book/Emma", shelf="A", ticket="Ann"),
        desired("Ticket/Ann", type="plastic"),
        objects=[SHELF, TICKET],
        sinks=Sinks(delivered={ANN: held} if held else {}),
    )
    assert codes(found) == (["adopted"] if taken else [])


def test_an_object_that_lebots_switched_off_as_lost_is_made_anew() -> None:
    lost = replace(TICKET, address=at(f"Ticket/Ann.lost-{TICKET.id[:8]}"))
    wanted, sinks = desired("Ticket/Ann", type="plastic"), Sinks(delivered={ANN: TICKET.id})
    assert lines(planned(wanted, objects=[SHELF, lost], sinks=sinks))[0] == "create Ticket/Ann"
    named = replace(lost, address=at("Ticket/Ann.lost"))
    assert codes(planned(wanted, objects=[SHELF, named], sinks=sinks)) == ["credential-dead"]


@pytest.mark.parametrize("doubted", [True, False])
def test_a_credential_that_may_not_be_what_was_written_is_written_again(doubted: bool) -> None:
    sinks = Sinks(delivered={ANN: TICKET.id}, announced={ANN} if doubted else ())
    found = planned(desired("Ticket/Ann", type="plastic"), objects=[SHELF, TICKET], sinks=sinks)
    assert [change.sink for change in found.writes] == (["default"] if doubted else [])


def test_advice_is_about_the_account_as_it_will_stand() -> None:
    books = [live(f"Book/{number}", str(number), shelf="A") for number in range(2)]
    found = planned(desired("Book/Emma", shelf="A"), objects=[SHELF, *books])
    assert [(f.code, f.message) for f in found.findings] == [("crowded", "3 books")]
    assert lines(found)[0] == "create Book/Emma", "a warning does not stop the run"
    moved = planned(
        desired("Book/0", shelf="B"),
        objects=[SHELF, live("Shelf/B", "9"), live("Book/2", "2", shelf="A"), *books],
    )
    assert codes(moved) == []


@pytest.mark.parametrize(
    ("present", "deleted", "created", "refused"),
    [(3, 0, 1, False), (4, 0, 0, False), (4, 0, 1, True), (3, 0, 2, True), (3, 9, 1, False)],
)
def test_a_quota_is_counted_before_it_is_hit(
    present: int, deleted: int, created: int, refused: bool
) -> None:
    objects = [
        live(f"Shelf/old {number}", str(number), deleted=number >= present)
        for number in range(present + deleted)
    ]
    wanted = [desired("Shelf/old 0"), *(desired(f"Shelf/new {n}") for n in range(created))]
    found = planned(*wanted, objects=objects)
    assert codes(found) == (["quota"] if refused else [])
    assert len(found.writes) == created
    if refused:
        assert found.findings[0].severity is Severity.REFUSAL
        assert "holds at most 4" in found.findings[0].message


def test_what_could_not_be_read_is_said() -> None:
    found = planned(desired("Shelf/A"), unreadable={"papers": "GET /L1/papers: 403"})
    (finding,) = found.findings
    assert (finding.code, finding.severity) == ("unreadable", Severity.NOTE)
    assert finding.message == "papers could not be read: GET /L1/papers: 403"
    assert lines(found) == ["create Shelf/A"]


@pytest.mark.parametrize(
    ("wanted", "objects", "code"),
    [
        pytest.param(
            desired("Book/Emma", 10, shelf="Z"), [], "reference-unknown", id="unknown reference"
        ),
        pytest.param(
            desired("Book/Emma", 10),
            [live("Book/Emma", "1"), live("Book/EMMA", "2")],
            "ambiguous",
            id="two live objects",
        ),
        pytest.param(
            desired("Book/Emma", 10),
            [live("Book/Emma", "1", unmanaged_reason="a museum piece")],
            "held-by-other",
            id="not ours",
        ),
        pytest.param(
            desired("Ticket/Ann", 10, type="paper"), [], "not-selectable", id="nothing to select"
        ),
        pytest.param(
            desired("Book/Emma", 10, isbn="1"), [live("Book/Emma", "1")], "create-only", id="fixed"
        ),
    ],
)
def test_one_fault_refuses_the_whole_plan_and_hides_nothing_else(
    wanted: Desired, objects: list[Live], code: str
) -> None:
    found = planned(desired("Shelf/New"), wanted, objects=objects)
    assert [finding.code for finding in found.refused] == [code]
    assert lines(found)[0] == "create Shelf/New"


def test_all_faults_come_at_once_by_place() -> None:
    found = planned(
        desired("Book/C", 30, shelf="Z", original="Y"),
        desired("Book/B", 20, tags=[]),
        desired("Ticket/A", 10, type="plastic", drawer="nowhere"),
    )
    assert [(str(f.source), f.code) for f in found.findings] == [
        ("library.yaml:12:3", "unknown-sink"),
        ("library.yaml:20:1", "needed-to-create"),
        ("library.yaml:31:3", "reference-unknown"),
        ("library.yaml:32:3", "reference-unknown"),
    ]


def test_an_empty_project_on_an_empty_account() -> None:
    assert planned() == Plan("L1", (), calls=Calls(5, 0))


@pytest.mark.parametrize(
    ("wanted", "objects", "calls"),
    [
        pytest.param([desired("Shelf/A")], [SHELF], Calls(5, 0), id="nothing to do"),
        pytest.param([desired("Shelf/A")], [], Calls(10, 1), id="create: collections twice"),
        pytest.param(
            [desired("Shelf/A", width=1)], [SHELF], Calls(12, 1), id="update: the object twice too"
        ),
        pytest.param(
            [desired("Ticket/Ann", type="plastic")], [], Calls(11, 1), id="create with a secret"
        ),
        pytest.param(
            [desired("Ticket/Ann", type="plastic")], [TICKET], Calls(11, 0), id="only delivery"
        ),
        pytest.param(
            [desired("Ticket/Ann", type="plastic", colour="red")],
            [TICKET],
            Calls(13, 1),
            id="update and delivery",
        ),
    ],
)
def test_what_an_apply_costs(wanted: list[Desired], objects: list[Live], calls: Calls) -> None:
    assert planned(*wanted, objects=objects).calls == calls


def test_live_counts_what_could_be_managed() -> None:
    found = planned(objects=[SHELF, replace(SHELF, id="2", deleted=True), TICKET])
    assert found.live == 2


def test_the_reading_is_named() -> None:
    assert plan([], Inventory(Account("L2", ()), KINDS)).account == "L2"


# A secret that is kept elsewhere


@pytest.mark.parametrize("sinks", [Sinks(), Sinks(delivered={at("Ticket/Ann"): "t0"})])
def test_a_secret_that_is_kept_elsewhere_is_neither_delivered_nor_missed(sinks: Sinks) -> None:
    wanted = desired("Ticket/Ann", type="plastic", drawer=None)
    found = planned(wanted, objects=[live("Ticket/Ann", "t1", type="plastic")], sinks=sinks)
    assert lines(found) == ["unchanged Ticket/Ann"]
    assert found.findings == ()


def test_the_other_fields_of_such_an_object_change_without_any_sink() -> None:
    wanted = desired("Ticket/Ann", type="plastic", drawer=None, colour="red")
    found = planned(wanted, objects=[live("Ticket/Ann", "t1", type="plastic", colour="grey")])
    change = only_change(found)
    assert shown(change) == [("colour", "grey", "red")]
    assert change.sink == ""


@pytest.mark.parametrize("drawer", [{}, {"drawer": "default"}])
def test_naming_a_sink_for_it_delivers_its_secret(drawer: dict[str, Any]) -> None:
    wanted = desired("Ticket/Ann", type="plastic", **drawer)
    found = planned(wanted, objects=[live("Ticket/Ann", "t1", type="plastic")])
    change = only_change(found)
    assert shown(change) == [("drawer", None, "default")]
    assert change.sink == "default"


@pytest.mark.parametrize("objects", [(), (live("Ticket/Ann", "t1", type="plastic", deleted=True),)])
def test_a_new_object_cannot_have_its_secret_kept_elsewhere(objects: tuple[Live, ...]) -> None:
    wanted = desired("Ticket/Ann", type="plastic", drawer=None)
    found = planned(wanted, objects=objects)
    assert found.changes == ()
    (finding,) = (one for one in found.findings if one.severity is Severity.ERROR)
    assert finding.code == "needs-a-sink"
    assert str(finding) == (
        'library.yaml:3:3: ticket "Ann" does not exist; with drawer: null lebots never creates it; '
        'to create it, remove the line to use the sink "default"'
    )


OLD_ANN = live("Ticket/Annabel", "t1", type="plastic", colour="emerald green")
HERS = live("Book/Emma", "2", ticket="Annabel")
HER_BOOK = desired("Book/Emma", ticket="Ann")
RENAMED: list[tuple[str, dict[str, Any], tuple[Live, ...], str | None]] = [
    ("its words are those of one", {"colour": "emerald green"}, (OLD_ANN,), "Annabel"),
    ("it is used as one was", {}, (OLD_ANN, HERS), "Annabel"),
    ("its name is much like one", {}, (live("Ticket/Anne", "t1", type="plastic"),), "Anne"),
    ("no name is like it", {}, (live("Ticket/Zoe", "t1", type="plastic"),), ""),
    ("another kind of it", {}, (live("Ticket/Anne", "t1", endpoint="papers"),), None),
    ("there is none", {}, (), None),
]


@pytest.mark.parametrize(("_", "spec", "objects", "old"), RENAMED, ids=[one[0] for one in RENAMED])
def test_a_manifest_that_was_renamed_is_asked_for_its_old_name(
    _: str, spec: dict[str, Any], objects: tuple[Live, ...], old: str | None
) -> None:
    wanted = desired("Ticket/Ann", type="plastic", drawer=None, **spec)
    more = [HER_BOOK] if HERS in objects else []
    found = planned(wanted, *more, objects=objects)
    (message,) = (one.message for one in found.findings if one.code == "needs-a-sink")
    name = f'"{old}"' if old else "its old name"
    hint = "" if old is None else f"; was it renamed? write previously: [{name}] below metadata"
    assert message.startswith(f'ticket "Ann" does not exist{hint}; with drawer: null')
    if old:
        back = planned(replace(wanted, previously=(old,)), *more, objects=objects)
        assert "needs-a-sink" not in codes(back), "the advice helps"


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("default", "x"), 'to create it, remove the line to use the sink "default", or name "x"'),
        (("x", "y"), 'to create it, name the sink for its secret: "x", "y"'),
        ((), "to create it, lebots.yaml needs a sink for its secret"),
    ],
)
def test_only_sinks_that_exist_are_named(names: tuple[str, ...], words: str) -> None:
    wanted = desired("Ticket/Ann", type="plastic", drawer=None)
    found = planned(wanted, sinks=Sinks(names))
    assert [one.message.endswith(words) for one in found.findings] == [True]


def test_nobody_is_told_about_sinks_where_the_name_is_taken() -> None:
    wanted = desired("Ticket/Ann", type="plastic", drawer=None)
    twins = [live("Ticket/Ann", "t1", type="plastic"), live("Ticket/ann", "t2", type="plastic")]
    assert codes(planned(wanted, objects=twins)) == ["ambiguous"]
