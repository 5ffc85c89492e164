"""Working hours and special occasions (18)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.support import BILLING, HOURS, NIGHTS, OCCASIONS, SKILLS, WEEKDAYS, Account

_SHORT = {"id", "name", "deleted", "isDefault"}
_START = {"dateTime": "2026-12-07T09:00:00", "timeZone": "Europe/Zurich"}
_EVENT = {
    "start": _START,
    "end": {**_START, "dateTime": "2026-12-07T17:00:00"},
    "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO"],
}


def hours(**more: Any) -> dict[str, Any]:
    return {"name": "Office", "isDefault": False, "events": [_EVENT], **more}


def test_there_are_some_of_both(account: Account) -> None:
    assert [one["name"] for one in account.list(HOURS)] == ["Weekdays", "Nights"]
    (holidays,) = account.list(OCCASIONS)
    assert (holidays["name"], holidays["events"][0]["meta"]["working"]) == (
        "Public holidays",
        False,
    )


@pytest.mark.parametrize("path", [HOURS, OCCASIONS])
def test_a_list_is_short_unless_asked_otherwise(account: Account, path: str) -> None:
    short = account.get(path, "v=1.0").json()
    assert {name for one in short for name in one} == _SHORT
    assert account.get(path, "x=1").status_code == 400, "v is required"


def test_they_are_written_in_arrays_at_the_collection(account: Account) -> None:
    made = account.post(HOURS, hours())
    assert made.status_code == 200
    new = account.one(HOURS, made.json()["id"]) | {"description": "Support desk"}
    assert account.put(f"{HOURS}/{new['id']}", new).status_code == 405
    assert account.put(HOURS, [new]).status_code == 200
    assert account.one(HOURS, new["id"])["description"] == "Support desk"
    assert account.delete(f"{HOURS}/{new['id']}").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "x" * 51},
        {"events": [{**_EVENT, "start": {"dateTime": "Monday", "timeZone": "Europe/Zurich"}}]},
        {"events": [{**_EVENT, "end": {**_START, "timeZone": "Europe/Oslo"}}]},
        {"events": [{**_EVENT, "recurrence": "weekly"}]},
    ],
)
def test_what_does_not_fit_is_refused(account: Account, wrong: dict[str, Any]) -> None:
    assert account.post(HOURS, hours(**wrong)).status_code == 400


def test_a_skill_names_hours_that_exist(account: Account) -> None:
    assert account.change(SKILLS, BILLING, workingHoursId=NIGHTS).status_code == 200
    assert account.change(SKILLS, BILLING, specialOccasionId=WEEKDAYS).status_code == 400
    assert account.delete(f"{HOURS}/{NIGHTS}").status_code == 400, "in use"
