"""The table of everything the sandbox does because of the vendor, with how sure anybody is of it.

`documented`: LivePerson says so. `observed`: seen in a captured answer or in what public clients
do. `guessed`: inferred or unknown, so the row names the switch of `Rules` that turns it round.
Disputed rows that are not guessed name a switch too. Sections are those of the vendor reference
`liveperson-api.md`; "f Q8" is a question in section (f) of `failures-and-threats.md`.

Three things the sandbox does on its own account, so that a slip in a client does not go unseen: it
refuses a path and a query parameter that the reference does not have, and plain HTTP on a port of
HTTPS for all but the Domain API.
"""

from __future__ import annotations

from dataclasses import dataclass

from lebots.sandbox.rules import of_access as access
from lebots.sandbox.rules import of_objects as objects
from lebots.sandbox.rules.labels import Label
from lebots.sandbox.rules.toggles import Rules, positions_of_switches

__all__ = ["BEHAVIOURS", "Behaviour", "Label", "Rules", "positions_of_switches", "table"]


@dataclass(frozen=True)
class Behaviour:
    """One thing the sandbox does: where it belongs, how sure that is, and its switch if any."""

    area: str
    label: Label
    section: str
    text: str
    switch: str = ""


_AREAS = {
    "requests": objects.REQUESTS,
    "hosts": access.HOSTS,
    "tokens": access.TOKENS,
    "login": access.LOGIN,
    "signatures": access.SIGNATURES,
    "rights": access.RIGHTS,
    "revision": objects.REVISION,
    "reads": objects.READS,
    "writes": objects.WRITES,
    "names": objects.NAMES,
    "deletes": objects.DELETES,
    "users": objects.USERS,
    "applications": objects.APPLICATIONS,
    "messages": objects.MESSAGES,
    "metrics": objects.METRICS,
}

BEHAVIOURS: tuple[Behaviour, ...] = tuple(
    Behaviour(area, *row) for area, rows in _AREAS.items() for row in rows
)
"""Every behaviour, in the order a reader meets them."""


def table(rules: Rules | None = None) -> list[dict[str, str]]:
    """The table as plain texts, one row per behaviour.

    `switch`, `position` (as in `rules`) and `others` are empty where there is nothing to switch.
    """
    rules, positions = rules or Rules(), positions_of_switches()
    rows = []
    for row in BEHAVIOURS:
        position = getattr(rules, row.switch) if row.switch else ""
        others = [one for one in positions.get(row.switch, ()) if one != position]
        rows.append(
            {
                "area": row.area,
                "label": row.label,
                "section": row.section,
                "text": row.text,
                "switch": row.switch,
                "position": str(position),
                "others": ", ".join(map(str, others)),
            }
        )
    return rows
