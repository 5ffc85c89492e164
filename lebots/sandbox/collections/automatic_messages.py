"""Unified automatic messages (15): a text for each event, of the account or of a skill.

Only what overrides a built-in text is stored, under the id ``EVENT`` or ``EVENT@SKILL``.
"""

from __future__ import annotations

from collections.abc import Iterator

from lebots.sandbox.objects.events import NAME, Messages
from lebots.sandbox.objects.fields import Field, Json, anything, boolean, list_of, record, text
from lebots.sandbox.objects.records import Reference
from lebots.sandbox.objects.resource import Resource

_CUSTOMER_CARE, _BILLING = 4100200901, 4100200902


def _references(obj: Json) -> Iterator[Reference]:
    if obj.get("skillId") is not None:
        yield Reference("skillId", "skills", str(obj["skillId"]))


def _seed(event: str, number: int, skill: int | None, timer: str | None, **texts: str) -> Json:
    return {
        "id": f"{event}@{skill}" if skill else event,
        "number": number,
        "messageEventId": event,
        "enabled": True,
        "data": [{"lang": one.replace("_", "-"), "msg": msg} for one, msg in texts.items()],
        "attributes": [],
        **({"skillId": skill} if skill else {}),
        **({"timer": timer} if timer else {}),
    }


COLLECTION = Resource(
    collection=NAME,
    path=f"/api/account/<account>/configuration/engagement-window/{NAME}",
    name_field="id",
    fields={
        "enabled": Field(boolean, required=True),
        "data": Field(list_of(record(msg=text, lang=text)), required=True),
        "attributes": Field(anything),
    },
    versions=("2.0",),
    default_version="2.0",
    server_set=frozenset({"id", "contexts", "skillId"}),
    parameters=frozenset(
        {"context_type", "context_id", "merge_data", "view", "lang", "sanitize_data"}
    ),
    references=_references,
    verbs=Messages,
    seeds=(
        _seed(
            "CONSUMER_OPEN_NEW_CONVERSATION", 4100205001, None, None,
            en_US="Welcome to Acme. Somebody answers within {expectedResponseTime}.",
            de_DE="Willkommen bei Acme. Jemand antwortet in {expectedResponseTime}.",
        ),
        _seed(
            "YOU_ARE_CONNECTED_TO", 4100205002, _CUSTOMER_CARE, None,
            en_US="{agentNickname} looks after your order.",
        ),
        _seed(
            "CONSUMER_NON_RESPONSIVE", 4100205003, _BILLING, "600",
            en_US="Are you still there? Your invoice waits for you.",
        ),
    ),
    first_revision=731,
)  # fmt: skip
