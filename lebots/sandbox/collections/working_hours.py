"""Working hours (18): one event for each weekday."""

from __future__ import annotations

from lebots.sandbox.objects.ac_common import event, hours, seed
from lebots.sandbox.objects.fields import Json

WEEKDAYS, NIGHTS = 4100200951, 4100200952
_MONDAY = 5  # of January 2026


def _each(days: str, start: str, end: str) -> list[Json]:
    dates = [
        (day, f"2026-01-{_MONDAY + place:02}")
        for place, day in enumerate(("MO", "TU", "WE", "TH", "FR"))
        if day in days
    ]
    return [
        event(f"{date}T{start}", f"{date}T{end}", f"FREQ=WEEKLY;BYDAY={day}") for day, date in dates
    ]


COLLECTION = hours(
    "workinghours",
    64,
    seed(WEEKDAYS, "Weekdays", _each("MO TU WE TH FR", "09:00:00", "17:00:00"), default=True),
    seed(NIGHTS, "Nights", _each("MO TU WE TH", "22:00:00", "23:59:00")),
)
