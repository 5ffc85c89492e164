"""Secrets leave lists while these are parsed, and are sealed in single objects."""

import json
from typing import Any

import pytest

from lebots.core.model.secret import Secret
from lebots.core.vendor.seal import drop, masked, seal

PATHS = ["pin", "stamps.*.code", "owner.card", "notes.*"]


def raw() -> dict[str, Any]:
    return {
        "id": "t-1",
        "pin": "canary-1",
        "stamps": [{"day": 1, "code": "canary-2"}, {"day": 2}, {"code": "canary-3"}, "odd"],
        "owner": {"card": "canary-4", "name": "Ann"},
        "notes": {"a": "canary-5", "b": "canary-6"},
    }


def test_secrets_are_dropped_in_place() -> None:
    given = raw()
    assert drop(given, PATHS) is given
    assert given == {
        "id": "t-1",
        "stamps": [{"day": 1}, {"day": 2}, {}, "odd"],
        "owner": {"name": "Ann"},
        "notes": {},
    }


def test_all_items_of_a_list_can_be_dropped() -> None:
    assert drop({"codes": ["canary", "canary", "canary"]}, ["codes.*"]) == {"codes": []}


def test_a_secret_is_dropped_whatever_its_type() -> None:
    assert drop({"pin": {"value": "canary"}}, ["pin"]) == {}
    assert drop({"pin": 4711}, ["pin"]) == {}


def test_secrets_are_sealed_in_place_and_everything_else_stays() -> None:
    given = seal(raw(), PATHS)
    assert "canary" not in repr(given)
    assert given["pin"].reveal() == "canary-1"
    assert [stamp["code"].reveal() for stamp in (given["stamps"][0], given["stamps"][2])] == [
        "canary-2",
        "canary-3",
    ]
    assert given["owner"]["card"].reveal() == "canary-4"
    assert {name: note.reveal() for name, note in given["notes"].items()} == {
        "a": "canary-5",
        "b": "canary-6",
    }
    assert given["stamps"][1] == {"day": 2}
    with pytest.raises(TypeError):
        json.dumps(given)


@pytest.mark.parametrize(
    "odd", [{}, {"pin": None}, {"stamps": None}, {"stamps": "x"}, {"owner": []}]
)
def test_objects_of_another_shape_are_left_as_they_are(odd: dict[str, Any]) -> None:
    assert seal(dict(odd), PATHS) == odd
    assert drop(dict(odd), ["stamps.*.code", "owner.card"]) == odd


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (Secret("canary"), False),
        (Secret("********"), True),
        (Secret(""), False),
        ({"a": [{"b": Secret("xxxx")}]}, True),
        ({"a": [{"b": Secret("canary")}], "c": "****"}, False),
        ({"pin": None}, False),
    ],
)
def test_a_mask_is_found_at_any_depth(value: Any, found: bool) -> None:
    assert masked(value) is found
