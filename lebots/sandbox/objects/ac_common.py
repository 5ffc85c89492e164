"""What working hours and special occasions have in common (18): paths, fields, what the server
sets."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from lebots.sandbox.objects.fields import (
    Field,
    Json,
    boolean,
    list_of,
    mapping,
    text,
    text_up_to,
)
from lebots.sandbox.objects.le_users import guard_while_used
from lebots.sandbox.objects.resource import Context, Resource

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?")


def _end(value: Any) -> Json:
    """One end of an event: a date with or without a time, and a zone."""
    found = mapping(value)
    if not _MOMENT.fullmatch(text(found.get("dateTime"))):
        raise ValueError("needs dateTime as yyyy-MM-dd or yyyy-MM-dd'T'HH:mm:ss")
    text(found.get("timeZone"))
    return found


def _event(value: Any) -> Json:
    found = dict(mapping(value))
    start, end = _end(found.get("start")), _end(found.get("end"))
    if start["timeZone"] != end["timeZone"]:
        raise ValueError("needs one timeZone")
    return {**found, "recurrence": list_of(text)(found.get("recurrence", []))}


def _server_fields(context: Context) -> Json:
    return {"id": context.new_id(), "deleted": False}


def event(start: str, end: str, rule: str) -> Json:
    """One event in the zone of the seeded account."""
    zone = "Europe/Zurich"
    return {
        "start": {"dateTime": start, "timeZone": zone},
        "end": {"dateTime": end, "timeZone": zone},
        "recurrence": [f"RRULE:{rule}"],
    }


def seed(object_id: int, name: str, events: list[Json], *, default: bool = False) -> Json:
    """An object of a new account."""
    described = {"id": object_id, "deleted": False, "name": name, "description": ""}
    return {**described, "isDefault": default, "events": events}


def hours(collection: str, first_revision: int, *seeds: Json) -> Resource:
    """One of the two collections; they differ by name alone."""
    return Resource(
        collection=collection,
        path=f"/api/account/<account>/configuration/ac-common/{collection}",
        name_field="name",
        fields={
            "name": Field(text_up_to(50), required=True),
            "description": Field(text_up_to(200), default=""),
            "isDefault": Field(boolean, default=False),
            "events": Field(list_of(_event), default=()),
        },
        versions=("1.0",),
        default_version=None,
        server_fields=_server_fields,
        server_set=frozenset({"id", "deleted"}),
        short_list=("id", "name", "deleted", "isDefault"),
        created_status=200,
        put_one=False,
        guard_delete=partial(guard_while_used, collection),
        seeds=seeds,
        first_revision=first_revision,
    )
