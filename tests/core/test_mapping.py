"""Between the vendor's words and the manifest's, on a toy kind that has every sort of field."""

import copy
from typing import Any

import pytest

from lebots.core.model.kind import Codec, Endpoint, Field, Kind, Schema
from lebots.core.model.secret import Secret
from lebots.core.model.value import Spec
from lebots.core.vendor.codec import create, decode, decoded, encode, identify, identity
from lebots.errors import AccountError

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
YES_NO: Schema = {"type": "boolean"}
TEXTS: Schema = {"type": "array", "items": TEXT}


def _read_pair(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError
    return value.split("/")


def _write_pair(value: Any, before: Any) -> Any:
    return "/".join(value) + ("!" if before and before.endswith("!") else "")


TOY = Kind(
    name="Toy",
    label="toy",
    summary="A toy.",
    variant_field="sort",
    endpoints=(
        Endpoint(
            name="toys",
            service="toyService",
            path="/toys",
            version="3.0",
            id_field="toyId",
            name_field="title",
            variant="wood",
            server_owned=frozenset({"stamp", "box.stamp", "steps.stamp", "parts"}),
            on_create={"madeBy": {"tool": "lebots"}, "isOn": False},
        ),
        Endpoint(name="relics", service="toyService", path="/relics", version="3.0", variant="tin"),
    ),
    fields=(
        Field("sort", {"enum": ["wood", "tin"], "type": "string"}, client_only=True),
        Field("sink", TEXT, client_only=True, variant="wood"),
        Field("note", TEXT, default=""),
        Field("size", WHOLE, default=1),
        Field("most", {"type": ["integer", "null"]}),
        Field("on", YES_NO, vendor="isOn", derived=frozenset({"switchedBy"})),
        Field("parts", TEXTS, vendor="partIds", ref="Part", unordered=True, default=[]),
        Field("owner", TEXT, vendor="box.ownerId", ref="Owner"),
        Field("lock", TEXT, vendor="lockCode", ref="Lock", id_type="string"),
        Field("colours", TEXTS, default=[], variant="wood"),
        Field(
            "steps",
            {"type": "array"},
            fields=(
                Field("part", TEXT, vendor="partId", ref="Part"),
                Field("turns", WHOLE),
            ),
            default=[],
        ),
        Field("scenes", {"type": "array"}, fields=(Field("light", YES_NO),), default=[]),
        Field("pair", TEXTS, codec=Codec(_read_pair, _write_pair)),
    ),
)
TOYS = TOY.endpoint("toys")
RELICS = TOY.endpoint("relics")

RAW: dict[str, Any] = {
    "toyId": 7,
    "x-first": {"deep": [1, 1.0, None, {"a": 10**30}]},
    "title": "Duck",
    "note": "quacks",
    "size": 4,
    "most": None,
    "isOn": True,
    "switchedBy": "ana",
    "partIds": [31, 30],
    "parts": [{"id": 31}],
    "box": {"ownerId": 5, "stamp": "then", "x-lid": "blue"},
    "lockCode": "ab-1",
    "colours": ["red", "green"],
    "steps": [
        {"partId": 30, "turns": 2, "stamp": "then", "x-why": "fun"},
        {"partId": 31, "turns": 1, "stamp": "then", "x-why": "fear"},
    ],
    "scenes": [{"light": True, "x-sound": 1}],
    "pair": "a/b",
    "stamp": "now",
}
SPEC: Spec = {
    "sort": "wood",
    "note": "quacks",
    "size": 4,
    "most": None,
    "on": True,
    "parts": ["31", "30"],
    "owner": "5",
    "lock": "ab-1",
    "colours": ["red", "green"],
    "steps": [{"part": "30", "turns": 2}, {"part": "31", "turns": 1}],
    "scenes": [{"light": True}],
    "pair": ["a", "b"],
}
SENT: dict[str, Any] = {
    **{name: value for name, value in RAW.items() if name not in ("stamp", "parts")},
    "box": {"ownerId": 5, "x-lid": "blue"},
    "steps": [
        {"partId": 30, "turns": 2, "x-why": "fun"},
        {"partId": 31, "turns": 1, "x-why": "fear"},
    ],
}

# Reading


def test_every_field_is_read_in_words_of_the_manifest() -> None:
    assert decode(TOY, TOYS, RAW) == SPEC


def test_local_fields_are_not_read_but_for_the_variant() -> None:
    assert "sink" not in decode(TOY, TOYS, {**RAW, "sink": "there"})
    assert decode(TOY, TOYS, {**RAW, "sort": "tin"})["sort"] == "wood"


def test_fields_of_another_variant_are_not_read() -> None:
    found = decode(TOY, RELICS, {**RAW, "id": 1})
    assert found["sort"] == "tin"
    assert "colours" not in found


@pytest.mark.parametrize("absent", ["missing", "null"])
@pytest.mark.parametrize(
    ("attribute", "field", "default"),
    [
        ("note", "note", ""),
        ("size", "size", 1),
        ("most", "most", None),
        ("isOn", "on", None),
        ("partIds", "parts", []),
        ("box", "owner", None),
        ("lockCode", "lock", None),
        ("steps", "steps", []),
        ("pair", "pair", None),
    ],
)
def test_what_is_not_there_reads_as_the_default(
    absent: str, attribute: str, field: str, default: Any
) -> None:
    raw = {**RAW, attribute: None}
    if absent == "missing":
        del raw[attribute]
    assert decode(TOY, TOYS, raw)[field] == default


def test_defaults_are_not_shared() -> None:
    raw = {"toyId": 1}
    first: Any = decode(TOY, TOYS, raw)["parts"]
    first.append("1")
    assert decode(TOY, TOYS, raw)["parts"] == []


@pytest.mark.parametrize(
    ("attribute", "value", "field", "read"),
    [
        ("size", "4", "size", 4),
        ("size", "-4", "size", -4),
        ("size", 4.0, "size", 4),
        ("most", "0", "most", 0),
        ("isOn", "true", "on", True),
        ("isOn", "false", "on", False),
        ("note", 12, "note", "12"),
        ("note", "", "note", ""),
        ("partIds", ["31", 30], "parts", ["31", "30"]),
        ("partIds", [9223372036854775807], "parts", ["9223372036854775807"]),
        ("box", {"ownerId": "-1"}, "owner", "-1"),
        ("box", {}, "owner", None),
        ("lockCode", 12, "lock", "12"),
        ("lockCode", "", "lock", None),
        ("steps", [{"partId": "30", "turns": "2"}], "steps", [{"part": "30", "turns": 2}]),
    ],
)
def test_quoted_and_native_values_read_alike(
    attribute: str, value: Any, field: str, read: Any
) -> None:
    """The vendor's documentation quotes numbers, booleans and ids; its answers do not."""
    found = decode(TOY, TOYS, {**RAW, attribute: value})[field]
    assert (found, type(found)) == (read, type(read))


@pytest.mark.parametrize(
    ("attribute", "value", "field", "read"),
    [
        ("size", "", "size", 1),
        ("most", "", "most", None),
        ("isOn", "True", "on", True),
        ("note", 12.0, "note", "12"),
        ("partIds", {}, "parts", []),
        ("partIds", "", "parts", []),
        ("partIds", 31, "parts", ["31"]),
        ("partIds", [{"id": 31, "name": "wheel"}], "parts", ["31"]),
        ("lockCode", ["ab-1"], "lock", "ab-1"),
        ("lockCode", [], "lock", None),
        ("box", [], "owner", None),
        ("box", "", "owner", None),
        ("box", {"ownerId": 0}, "owner", None),
        ("colours", "red", "colours", ["red"]),
    ],
)
def test_odd_values_are_read_as_what_they_mean(
    attribute: str, value: Any, field: str, read: Any
) -> None:
    found = decode(TOY, TOYS, {**RAW, attribute: value})[field]
    assert (found, type(found)) == (read, type(read))


def test_what_is_meant_already_is_not_written() -> None:
    raw = {**RAW, "lockCode": ["ab-1"], "colours": "red", "box": []}
    spec = {"lock": "ab-1", "colours": ["red"], "owner": None}
    body = encode(TOY, TOYS, spec, raw)
    assert {name: body[name] for name in ("lockCode", "colours", "box")} == {
        name: raw[name] for name in ("lockCode", "colours", "box")
    }
    body = encode(TOY, TOYS, {"lock": "ab-2", "owner": "6"}, raw)
    assert (body["lockCode"], body["box"]) == (["ab-2"], {"ownerId": 6}), "its form stays"


@pytest.mark.parametrize(
    ("attribute", "value", "field", "ids"),
    [
        ("partIds", "31, 32", "parts", ["31", "32"]),
        ("partIds", {"a": [31, {"b": "32"}], "c": True, "d": "no id 7"}, "parts", ["31", "32"]),
        ("partIds", [31, None, "no"], "parts", ["31"]),
        ("steps", {"partId": "30"}, "steps", [{"part": ["30"]}]),
        ("steps", 5.5, "steps", []),
        ("steps", [{"partId": 30, "turns": "many"}, 5], "steps", [{"part": ["30"]}]),
    ],
)
def test_of_a_foreign_shape_the_ids_are_known(
    attribute: str, value: Any, field: str, ids: Any
) -> None:
    found = decoded(TOY, TOYS, {**RAW, attribute: value})
    assert found.spec[field] == ids
    assert len(found.faults) == 1
    assert {**found.spec, field: None} == {**decode(TOY, TOYS, RAW), field: None}


CANARY = "canary-of-a-value"


@pytest.mark.parametrize(
    ("attribute", "value", "fault"),
    [
        ("note", [CANARY], "'note' should hold text, but holds a list"),
        ("note", True, "'note' should hold text, but holds true or false"),
        ("size", CANARY, "'size' should hold a whole number, but holds text"),
        ("size", 1.5, "'size' should hold a whole number, but holds a number"),
        ("size", float("inf"), "'size' should hold a whole number, but holds a number"),
        ("size", "9" * 5000, "'size' should hold a whole number, but holds text"),
        ("size", True, "'size' should hold a whole number, but holds true or false"),
        ("isOn", [CANARY], "'isOn' should hold true or false, but holds a list"),
        ("isOn", 1, "'isOn' should hold true or false, but holds a whole number"),
        ("isOn", CANARY, "'isOn' should hold true or false, but holds text"),
        ("partIds", f"{CANARY},x", "'partIds' should hold a list, but holds text"),
        ("partIds", [31, {"id": CANARY}], "'partIds[1]' should hold an id, but holds text"),
        ("partIds", [31, None], "'partIds[1]' should hold an id, but holds nothing"),
        ("partIds", [CANARY], "'partIds[0]' should hold an id, but holds text"),
        ("box", CANARY, "'box.ownerId' should hold an object on the way to it, but holds text"),
        ("lockCode", {CANARY: 1}, "'lockCode' should hold an id, but holds nothing"),
        ("steps", {CANARY: 1}, "'steps' should hold a list, but holds an object"),
        ("steps", [CANARY], "'steps[0]' should hold an object, but holds text"),
        (
            "steps",
            [{"turns": CANARY}],
            "'steps[0].turns' should hold a whole number, but holds text",
        ),
        ("pair", {CANARY: 1}, "'pair' should hold what the vendor describes, but holds an object"),
    ],
)
def test_a_foreign_shape_is_an_error_that_names_the_place(
    attribute: str, value: Any, fault: str
) -> None:
    raw = {**RAW, attribute: value}
    for read in (lambda: decode(TOY, TOYS, raw), lambda: encode(TOY, TOYS, SPEC, raw)):
        with pytest.raises(AccountError) as caught:
            read()
        assert str(caught.value).startswith(f"toys '7': {fault}; check that ")
        assert CANARY not in str(caught.value)


BARE = Kind(
    name="Bare",
    label="bare",
    summary="What a toy has none of.",
    endpoints=(Endpoint(name="bares", service="toyService", path="/bares", version="3.0"),),
    fields=(
        Field("about", {"type": "object"}),
        Field("locks", TEXTS, ref="Lock", id_type="string"),
    ),
)


@pytest.mark.parametrize(
    ("attribute", "value", "fault"),
    [
        ("about", [CANARY], "'about' should hold an object, but holds a list"),
        ("locks", ["ab-1", ""], "'locks[1]' should hold an id, but holds nothing"),
    ],
)
def test_an_object_and_ids_that_are_text_have_their_shape_too(
    attribute: str, value: Any, fault: str
) -> None:
    right = {"id": "b", "about": {"size": 1}, "locks": ["ab-1", 7]}
    (bares,) = BARE.endpoints
    assert decode(BARE, bares, right) == {"about": {"size": 1}, "locks": ["ab-1", "7"]}
    with pytest.raises(AccountError) as caught:
        decode(BARE, bares, {**right, attribute: value})
    assert str(caught.value).startswith(f"bares 'b': {fault}; check that ")
    assert CANARY not in str(caught.value)


# Identity


@pytest.mark.parametrize("id_", [7, "7"])
def test_id_and_name_are_text(id_: Any) -> None:
    assert identity(TOYS, {"toyId": id_, "title": "Duck"}) == ("7", "Duck")
    assert identity(RELICS, {"id": id_, "name": 100}) == ("7", "100")


@pytest.mark.parametrize("id_", [None, "", True, 1.5, [1]])
def test_an_object_without_id_is_known_by_its_place(id_: Any) -> None:
    raw = {**RAW, "toyId": id_}
    with pytest.raises(AccountError, match=r"^toys '#0': 'toyId' should hold an id, but holds"):
        identity(TOYS, raw)
    assert identify(TOYS, raw, 3)[:2] == ("#3", "Duck")


@pytest.mark.parametrize("name", [None, "", 7.5, ["Duck"]])
def test_an_object_without_name_is_known_by_its_id(name: Any) -> None:
    raw = {"toyId": 7, "title": name}
    with pytest.raises(AccountError, match=r"^toys '7': 'title' should hold text"):
        identity(TOYS, raw)
    assert identify(TOYS, raw)[:2] == ("7", "<id 7>")


def test_ids_cannot_forge_output() -> None:
    with pytest.raises(AccountError) as caught:
        identity(TOYS, {"toyId": "\x1b[2J\n::error::\u202e"})
    assert str(caught.value).isprintable()


# Writing


def test_writing_what_was_read_sends_all_but_what_the_server_owns() -> None:
    body = encode(TOY, TOYS, SPEC, RAW)
    assert body == SENT
    assert list(body) == list(SENT)


def test_a_write_leaves_its_input_alone_and_shares_nothing_with_it() -> None:
    raw = copy.deepcopy(RAW)
    body = encode(TOY, TOYS, {**SPEC, "owner": "6", "steps": [{"part": "30", "turns": 9}]}, raw)
    assert raw == RAW
    body["x-first"]["deep"].append(2)
    body["box"]["x-lid"] = "red"
    assert raw == RAW


def test_numbers_are_never_typed_anew() -> None:
    """Big integers, and 1.0 against 1 (F28)."""
    body = encode(TOY, TOYS, {"note": "new"}, RAW)
    assert repr(body["x-first"]) == repr(RAW["x-first"])


def test_a_sealed_secret_is_carried_through() -> None:
    secret = Secret("not-a-real-secret")
    body = encode(TOY, TOYS, {"note": "new"}, {**RAW, "x-secret": {"deep": [secret]}})
    assert body["x-secret"]["deep"][0] is secret


@pytest.mark.parametrize(
    ("spec", "changed"),
    [
        ({}, {}),
        ({"sort": "wood", "sink": "there"}, {}),
        ({"note": ""}, {"note": ""}),
        ({"size": 5}, {"size": 5}),
        ({"most": 3}, {"most": 3}),
        ({"parts": ["30", "31"]}, {}),
        ({"parts": ["31", "32"]}, {"partIds": [31, 32]}),
        ({"parts": []}, {"partIds": []}),
        ({"owner": "-1"}, {"box": {"ownerId": -1, "x-lid": "blue"}}),
        ({"owner": None}, {"box": {"ownerId": None, "x-lid": "blue"}}),
        ({"lock": "12"}, {"lockCode": "12"}),
        ({"colours": ["green", "red"]}, {"colours": ["green", "red"]}),
        ({"pair": ["b", "c"]}, {"pair": "b/c"}),
        ({"pair": None}, {"pair": None}),
        ({"scenes": [{"light": False}]}, {"scenes": [{"light": False, "x-sound": 1}]}),
        ({"scenes": []}, {"scenes": []}),
        (
            {"steps": [{"part": "31", "turns": 5}, {"part": "32", "turns": 1}]},
            {
                "steps": [
                    {"partId": 31, "turns": 5, "x-why": "fear"},
                    {"partId": 32, "turns": 1},
                ]
            },
        ),
    ],
)
def test_only_the_owned_fields_change(spec: Spec, changed: dict[str, Any]) -> None:
    assert encode(TOY, TOYS, spec, RAW) == {**SENT, **changed}


def test_a_codec_sees_the_value_before() -> None:
    assert encode(TOY, TOYS, {"pair": ["c"]}, {**RAW, "pair": "a/b!"})["pair"] == "c!"


@pytest.mark.parametrize(
    ("attribute", "value", "spec"),
    [
        ("size", "4", {"size": 4}),
        ("isOn", "true", {"on": True}),
        ("partIds", ["30", "31"], {"parts": ["31", "30"]}),
        ("box", {"ownerId": "5"}, {"owner": "5"}),
        ("note", None, {"note": ""}),
        ("size", None, {"size": 1}),
        ("partIds", None, {"parts": []}),
        ("lockCode", "", {"lock": None}),
        ("box", None, {"owner": None}),
    ],
)
def test_a_field_that_says_the_same_keeps_its_form(attribute: str, value: Any, spec: Spec) -> None:
    body = encode(TOY, TOYS, spec, {**RAW, attribute: value})
    assert repr(body[attribute]) == repr(value)


def test_a_field_that_is_missing_and_means_its_default_stays_missing() -> None:
    raw = {"toyId": 7, "title": "Duck"}
    assert encode(TOY, TOYS, {"note": "", "size": 1, "owner": None, "parts": []}, raw) == raw
    assert encode(TOY, TOYS, {"owner": "5"}, raw) == {**raw, "box": {"ownerId": 5}}


@pytest.mark.parametrize(("on", "carried"), [(True, True), (False, False)])
def test_what_a_change_implies_is_left_to_the_vendor(on: bool, carried: bool) -> None:
    assert ("switchedBy" in encode(TOY, TOYS, {"on": on}, RAW)) is carried


def test_values_may_be_frozen() -> None:
    body = encode(TOY, TOYS, {"colours": ("a",), "parts": ("1",)}, RAW)
    assert (body["colours"], body["partIds"]) == (["a"], [1])


# Creating


def test_a_create_sends_name_constants_and_every_declared_field() -> None:
    spec: Spec = {
        "sort": "wood",
        "sink": "there",
        "note": "",
        "most": None,
        "parts": ["31"],
        "owner": "5",
        "colours": [],
        "steps": [{"part": "30", "turns": 2}],
    }
    assert create(TOY, TOYS, "Duck", spec) == {
        "title": "Duck",
        "madeBy": {"tool": "lebots"},
        "isOn": False,
        "note": "",
        "most": None,
        "partIds": [31],
        "box": {"ownerId": 5},
        "colours": [],
        "steps": [{"partId": 30, "turns": 2}],
    }


def test_a_declared_field_wins_over_a_constant() -> None:
    assert create(TOY, TOYS, "Duck", {"on": True})["isOn"] is True


def test_constants_are_not_shared() -> None:
    create(TOY, TOYS, "Duck", {})["madeBy"]["tool"] = "other"
    assert create(TOY, TOYS, "Duck", {})["madeBy"] == {"tool": "lebots"}
