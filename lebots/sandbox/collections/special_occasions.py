"""Special occasions (18): days off, and days with other hours."""

from __future__ import annotations

from lebots.sandbox.objects.ac_common import event, hours, seed

HOLIDAYS = 4100200953

COLLECTION = hours(
    "specialoccasion",
    17,
    seed(
        HOLIDAYS,
        "Public holidays",
        [
            event("2026-12-24", "2026-12-24", "FREQ=DAILY;COUNT=3;INTERVAL=1")
            | {"meta": {"working": False, "name": "Year end"}}
        ],
    ),
)
