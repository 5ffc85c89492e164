"""Personal values never get into a message, whoever words it."""

import pytest

from lebots.core.model.change import Action, Change, FieldChange
from lebots.core.vendor.redact_personal import IN_PLACE, without_personal
from tests.toys import BOOK, at

CHANGE = Change(
    at("Book/Emma"),
    Action.UPDATE,
    fields=(
        FieldChange("author", "Jane A. (old)", "jane@example.com", personal=True),
        FieldChange("isbn", "1", "2"),
    ),
    desired={"author": "jane@example.com", "isbn": "2", "place": 2},
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("400 no", "400 no"),
        ('400 "jane@example.com" is taken', f'400 "{IN_PLACE}" is taken'),
        ("JANE@Example.com, jane@example.com", f"{IN_PLACE}, {IN_PLACE}"),
        ("was Jane A. (old) before", f"was {IN_PLACE} before"),
        ("mary-jane@example.community", "mary-jane@example.community"),
        ("isbn 2 of 1", "isbn 2 of 1"),
    ],
)
def test_personal_values_are_taken_out(text: str, expected: str) -> None:
    assert without_personal(text, BOOK, CHANGE) == expected


@pytest.mark.parametrize("value", ["7", ".*", "\\1", "(", "a\nb", "ä"])
def test_whatever_the_value_is(value: str) -> None:
    change = Change(at("Book/Emma"), Action.CREATE, desired={"author": value})
    assert without_personal(f"no: {value}; 17 cases", BOOK, change) == f"no: {IN_PLACE}; 17 cases"


@pytest.mark.parametrize("value", ["", None])
def test_an_empty_value_takes_nothing_out(value: str | None) -> None:
    change = Change(at("Book/Emma"), Action.CREATE, desired={"author": value})
    assert without_personal("400 no", BOOK, change) == "400 no"
