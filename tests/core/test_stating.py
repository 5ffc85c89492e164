"""What a manifest says of a live object, and what is left out because no manifest can say it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from lebots.core.importer.manifest import ManifestDocument, ManifestExporter, SinkRecords
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Field, Kind
from lebots.core.model.live import Live
from lebots.core.model.value import Value
from tests.toys import KINDS, SHELF, account, at, live

ANN = at("Ticket/Ann")
OPEN_SHELF = live("Shelf/A", "1")


def refused(value: Value) -> str:
    """A reader that takes no text with an exclamation mark and no list of more than three."""
    if isinstance(value, Mapping):
        return next(filter(None, map(refused, value.values())), "")
    if isinstance(value, list | tuple):
        return "too long" if len(value) > 3 else next(filter(None, map(refused, value)), "")
    return "too loud" if isinstance(value, str) and "!" in value else ""


def stated(
    wanted: Live,
    *others: Live,
    full: bool = False,
    stored: SinkRecords | None = None,
    unreadable: Mapping[str, str] | None = None,
    kinds: Mapping[str, Kind] = KINDS,
) -> tuple[ManifestDocument | None, list[Finding]]:
    where = account(wanted, OPEN_SHELF, *others, unreadable=unreadable)
    describer = ManifestExporter(Inventory(where, kinds), stored or SinkRecords(), refused, full)
    return describer.document(wanted), describer.findings


def spec(wanted: Live, *others: Live, **options: Any) -> Any:
    document, findings = stated(wanted, *others, **options)
    assert document
    assert [finding.code for finding in findings if finding.code != "needed-to-create"] == []
    return dict(document.spec)


def told(wanted: Live, *others: Live, **options: Any) -> list[str]:
    return [str(finding) for finding in stated(wanted, *others, **options)[1]]


# Which fields are stated


@pytest.mark.parametrize(
    ("fields", "said", "said_in_full"),
    [
        ({}, {}, {}),
        ({"description": ""}, {}, {"description": ""}),
        ({"description": "x"}, {"description": "x"}, {"description": "x"}),
        ({"description": None}, {}, {"description": ""}),
        ({"width": None}, {}, {"width": None}),
        ({"width": 0}, {"width": 0}, {"width": 0}),
        ({"topics": []}, {}, {"topics": []}),
        ({"topics": ["b", "a", "b"]}, {"topics": ["a", "b"]}, {"topics": ["a", "b"]}),
        ({"room": None}, {}, {}),
        ({"room": "Hall"}, {"room": "Hall"}, {"room": "Hall"}),
    ],
)
def test_a_field_is_stated_where_silence_would_mean_something_else(
    fields: dict[str, Any], said: dict[str, Any], said_in_full: dict[str, Any]
) -> None:
    assert spec(live("Shelf/B", "2", **fields)) == said
    assert spec(live("Shelf/B", "2", **fields), full=True) == said_in_full


@pytest.mark.parametrize(("lent", "said"), [(False, {}), (True, {"lent": True}), (None, {})])
def test_what_a_create_sends_anyway_needs_no_word(lent: bool | None, said: dict[str, Any]) -> None:
    found = spec(live("Book/Emma", "9", shelf="A", lent=lent))
    assert found == {"shelf": "A", **said}


def test_what_a_create_would_send_otherwise_is_stated_even_where_it_is_the_vendors_default() -> (
    None
):
    assert spec(live("Ticket/Ann", "t1", colour="", endpoint="tickets"))["colour"] == ""
    assert "colour" not in spec(live("Ticket/Ann", "t1", colour="grey", endpoint="tickets"))


def test_what_the_vendor_fills_in_needs_no_word() -> None:
    filled = Field("width", SHELF.by_name["width"].schema, create_default=900)
    fields = tuple(filled if part.name == "width" else part for part in SHELF.fields)
    kinds = {**KINDS, "Shelf": replace(SHELF, fields=fields)}
    assert spec(live("Shelf/B", "2", width=900), kinds=kinds) == {}
    assert spec(live("Shelf/B", "2", width=None), kinds=kinds) == {"width": None}
    assert spec(live("Shelf/B", "2", width=900), kinds=kinds, full=True) == {"width": 900}


def test_an_id_without_a_name_is_left_out_and_counted_unless_all_is_asked_for() -> None:
    unnamed = replace(SHELF.by_name["width"], account_id=True)
    fields = tuple(unnamed if part.name == "width" else part for part in SHELF.fields)
    kinds = {**KINDS, "Shelf": replace(SHELF, fields=fields)}
    describer = ManifestExporter(Inventory(account(), kinds), SinkRecords(), refused, full=False)
    for width in (900, 800, None):
        document = describer.document(live("Shelf/B", "2", width=width))
        assert document
        assert document.spec == {}
    assert describer.ids == {("Shelf", "width"): 2}
    assert spec(live("Shelf/B", "2", width=900), kinds=kinds, full=True) == {"width": 900}


def test_what_a_create_needs_is_always_stated() -> None:
    needed = replace(SHELF, needed=frozenset({"description"}))
    kinds = {**KINDS, "Shelf": needed}
    assert spec(live("Shelf/B", "2", description=""), kinds=kinds) == {"description": ""}


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("blank", ["", None])
def test_what_the_vendor_blanks_is_not_known_and_not_stated(blank: Any, full: bool) -> None:
    assert "subtitle" not in spec(live("Book/Emma", "9", shelf="A", subtitle=blank), full=full)


def test_fields_stand_in_the_order_of_the_kind() -> None:
    book = live("Book/Emma", "9", author="J", tags=["x"], shelf="A", place=3)
    assert list(spec(book)) == ["shelf", "tags", "place", "author"]


def test_a_document_is_a_manifest() -> None:
    document, _ = stated(replace(live("Shelf/B", "2", width=3), updated="2026-01-05 08:00:00"))
    assert document
    assert document.value == {
        "apiVersion": "lebots/v1",
        "kind": "Shelf",
        "metadata": {"name": "B"},
        "spec": {"width": 3},
    }
    assert (document.id, document.updated) == ("2", "2026-01-05 08:00:00")
    empty, _ = stated(live("Shelf/B", "2"))
    assert empty
    assert "spec" not in empty.value


# Where secrets are


@pytest.mark.parametrize(
    ("held", "said", "said_in_full"),
    [
        ({}, None, None),
        ({"default": "t1"}, ..., "default"),
        ({"north": "t1"}, "north", "north"),
        ({"north": "t1", "default": "t1"}, ..., "default"),
        ({"south": "t1", "north": "t1"}, "north", "north"),
        ({"default": "t0", "north": "t1"}, "north", "north"),
    ],
)
def test_the_sink_is_the_one_that_holds_the_secret(
    held: dict[str, str], said: Any, said_in_full: Any
) -> None:
    ticket = live("Ticket/Ann", "t1", endpoint="tickets")
    stored = SinkRecords({ANN: held})
    assert spec(ticket, stored=stored).get("drawer", ...) == said
    assert spec(ticket, stored=stored, full=True)["drawer"] == said_in_full


def test_an_object_that_yields_no_secret_has_no_sink() -> None:
    paper = live("Ticket/Ann", "p1", endpoint="papers")
    assert spec(paper, stored=SinkRecords({ANN: {"default": "p1"}}), full=True) == {"type": "paper"}


def test_a_sink_that_holds_the_secret_of_another_one_is_told() -> None:
    ticket = live("Ticket/Ann", "t1", endpoint="tickets")
    document, findings = stated(ticket, stored=SinkRecords({ANN: {"default": "t0"}}))
    assert document
    assert document.spec["drawer"] is None
    assert [(one.code, one.severity) for one in findings] == [
        ("credential-stale", Severity.WARNING)
    ]
    assert 'sink "default" holds the secret of another one of this name (id t0)' in str(findings[0])


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (SinkRecords(announced={ANN: "default"}), "a run that was cut short was making it"),
        (SinkRecords({ANN: {"default": "t1"}}, announced={ANN: "north"}), 'for sink "north"'),
        (SinkRecords(unreadable={ANN: "gone"}), "it cannot be told where its secret is: gone"),
    ],
)  # fmt: skip
def test_an_object_is_left_out_while_nobody_knows_where_its_secret_is(
    stored: SinkRecords, words: str
) -> None:
    document, (finding,) = stated(live("Ticket/Ann", "t1", endpoint="tickets"), stored=stored)
    assert document is None
    assert finding.code == "not-imported"
    assert words in finding.message


# What cannot be declared


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("A!", "left out: its name cannot stand in a manifest: too loud"),
        ("e\u0301", "left out: its name is written with combining marks"),
        (" B", "left out: no manifest can hold its name: rename it in the account"),
        ("a\tb", "left out: no manifest can hold its name: rename it in the account"),
        ("", "left out: no manifest can hold its name: rename it in the account"),
        ("x" * 256, "left out: must have at most 255 characters"),
    ],
)
def test_names_that_no_manifest_can_have(name: str, words: str) -> None:
    odd = replace(live("Shelf/B", "2"), address=replace(at("Shelf/B"), name=name))
    document, findings = stated(odd)
    assert document is None
    assert [finding.severity for finding in findings] == [Severity.WARNING]
    assert words in findings[0].message


@pytest.mark.parametrize("twin", ["emma", "EMMA", " Emma ", "\uff25mma"])
def test_twins_are_left_out(twin: str) -> None:
    other = replace(live("Book/x", "8"), address=replace(at("Book/x"), name=twin))
    document, (finding,) = stated(live("Book/Emma", "9", shelf="A"), other)
    assert document is None
    assert "2 objects have names that count as the same: " in finding.message
    assert '9 ("Emma")' in finding.message
    assert f'8 ("{twin}")' in finding.message


def test_a_person_who_holds_the_name_is_a_twin_and_a_deleted_object_is_not() -> None:
    emma = live("Book/Emma", "9", shelf="A")
    assert stated(emma, live("Book/emma", "8", unmanaged_reason="a museum piece"))[0] is None
    assert stated(emma, live("Book/emma", "8", deleted=True))[0]


def test_twins_in_two_collections_are_twins() -> None:
    ticket = live("Ticket/Ann", "t1", endpoint="tickets")
    assert stated(ticket, live("Ticket/ann", "p1", endpoint="papers"))[0] is None


# What cannot be stated


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"tags": ["a", "loud!"]}, "tags", "too loud"),
        ({"tags": ["a", "b", "c", "d"]}, "tags", "too long"),
        (
            {"sequels": ["<id 5>"]},
            "sequels",
            "no list shows the book <id 5>; it stays in the account as it is",
        ),
        (
            {"chapters": [{"heading": "", "cites": "<id 5>"}]},
            "chapters",
            "no list shows the book <id 5>",
        ),
        ({"original": "Ark"}, "original", 'book "Ark" is a museum piece and cannot be declared'),
        (
            {"sequels": ["Twin"]},
            "sequels",
            '2 objects are named book "Twin": 6, 7; rename or remove the others first',
        ),
        ({"place": "second"}, "place", "must be a whole number or null"),
    ],
)
def test_a_field_is_left_out_where_no_manifest_can_state_it(
    fields: dict[str, Any], name: str, words: str
) -> None:
    others = (
        live("Book/Ark", "5", unmanaged_reason="a museum piece"),
        live("Book/Twin", "6"),
        live("Book/Twin", "7"),
    )
    document, (finding,) = stated(live("Book/Emma", "9", shelf="A", **fields), *others)
    assert document
    assert dict(document.spec) == {"shelf": "A"}
    assert (finding.code, finding.address) == ("field-not-imported", at("Book/Emma"))
    assert finding.message.startswith(f"{name} is left out: ")
    assert words in finding.message


def test_a_reference_into_a_collection_that_could_not_be_read() -> None:
    shelf = live("Shelf/B", "2", room="<id 5>")
    found = told(shelf, unreadable={"rooms": "GET rooms: 403"})
    assert found == [
        "Shelf/B: warning: room is left out: the room cannot be looked up: GET rooms: 403"
    ]


@pytest.mark.parametrize(
    ("room", "words"),
    [
        (live("Room/Hall", "5", deleted=True), "the room <id 5> is deleted; take it out"),
        (replace(live("Room/Attic", "5"), faults=("odd",)), 'room "Attic" cannot be read: odd'),
    ],
)
def test_a_reference_to_what_cannot_be_named(room: Live, words: str) -> None:
    named = "<id 5>" if room.deleted else "Attic"
    (found,) = told(live("Shelf/B", "2", room=named), room)
    assert words in found


def test_what_is_missing_to_make_it_elsewhere_is_told() -> None:
    found = told(live("Book/Emma", "9", shelf="<id 5>"))
    assert found == [
        "Book/Emma: warning: shelf is left out: no list shows the shelf <id 5>; it stays in the "
        "account as it is",
        "Book/Emma: warning: the manifest lacks shelf, which the account does not tell, so it "
        "cannot make the book elsewhere; write it by hand for that",
    ]


def test_a_manifest_that_is_too_large_as_a_whole_is_left_out() -> None:
    def small(value: Value) -> str:
        return "too large" if isinstance(value, Mapping) and "spec" in value else ""

    where = account(OPEN_SHELF, live("Shelf/B", "2", width=1))
    describer = ManifestExporter(Inventory(where, KINDS), SinkRecords(), small, full=False)
    assert describer.document(live("Shelf/B", "2", width=1)) is None
    assert [finding.message for finding in describer.findings] == ["left out: too large"]
