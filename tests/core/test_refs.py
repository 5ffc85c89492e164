"""Names in manifests and plans, ids on the wire."""

from typing import Any

import pytest

from lebots.core.model.address import Address
from lebots.core.model.inventory import targets
from lebots.core.model.live import Ref
from lebots.core.vendor.references import to_ids, to_names
from tests.toys import BOOK, SHELF, at

BY_ID = {Ref("Shelf", "1"): "A", Ref("Book", "1"): "Emma", Ref("Book", "2"): "Persuasion"}
BY_ADDRESS = {Address(kind, name): id_ for (kind, id_), name in BY_ID.items()}


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        pytest.param({"shelf": "1"}, {"shelf": "A"}, id="one"),
        pytest.param({"original": "1"}, {"original": "Emma"}, id="ids count per kind"),
        pytest.param({"sequels": ["2", "1"]}, {"sequels": ["Persuasion", "Emma"]}, id="a list"),
        pytest.param(
            {"chapters": [{"heading": "1", "cites": "1"}, {"heading": "2"}]},
            {"chapters": [{"heading": "1", "cites": "Emma"}, {"heading": "2"}]},
            id="inside the items of a list",
        ),
        pytest.param({"shelf": None, "sequels": []}, {"shelf": None, "sequels": []}, id="none"),
        pytest.param({"place": 1, "tags": ["1"]}, {"place": 1, "tags": ["1"]}, id="no reference"),
    ],
)
def test_ids_become_names_and_back(ids: dict[str, Any], names: dict[str, Any]) -> None:
    assert to_names(BOOK, ids, BY_ID) == names
    assert to_ids(BOOK, names, BY_ADDRESS.__getitem__) == ids


def test_an_id_nothing_answers_to_stays_visible() -> None:
    assert to_names(BOOK, {"sequels": ["1", "9"]}, BY_ID) == {"sequels": ["Emma", "<id 9>"]}


def test_a_name_nothing_answers_to_raises() -> None:
    with pytest.raises(KeyError):
        to_ids(BOOK, {"shelf": "Z"}, BY_ADDRESS.__getitem__)


def test_targets_come_with_their_place() -> None:
    spec = {
        "shelf": "A",
        "sequels": ["Persuasion", "Emma"],
        "original": None,
        "chapters": [{"heading": "I"}, {"cites": "Emma"}],
        "tags": ["A"],
    }
    assert list(targets(BOOK, spec)) == [
        (("shelf",), at("Shelf/A")),
        (("sequels", 0), at("Book/Persuasion")),
        (("sequels", 1), at("Book/Emma")),
        (("chapters", 1, "cites"), at("Book/Emma")),
    ]


def test_values_of_another_shape_point_at_nothing() -> None:
    assert list(targets(BOOK, {"shelf": 1, "sequels": [2, None], "chapters": ["Emma"]})) == []


def test_the_contract_names_the_same_places() -> None:
    assert BOOK.references == (
        (("shelf",), "Shelf"),
        (("ticket",), "Ticket"),
        (("sequels", "*"), "Book"),
        (("original",), "Book"),
        (("chapters", "*", "cites"), "Book"),
    )
    assert SHELF.references == ((("room",), "Room"),)
