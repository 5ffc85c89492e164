"""Skills (4): their fields, what they refer to, and why one is not deleted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lebots.sandbox.errors import ApiError
from lebots.sandbox.objects.fields import (
    Field,
    Json,
    array,
    boolean,
    integer,
    list_of,
    record,
    text,
)
from lebots.sandbox.objects.le_users import (
    PATH,
    SERVER_SET,
    SHORT_LIST,
    server_fields,
    versions,
)
from lebots.sandbox.objects.records import Reference
from lebots.sandbox.objects.resource import Context, Resource, references_in

_NULLABLE_TEXTS = (
    "defaultPostChatSurveyId",
    "defaultOfflineSurveyId",
    "defaultAgentSurveyId",
    "postConversationSurveyAppInstallAssociationId",
)
_NULLABLE_NUMBERS = (
    "autoCloseInSeconds",
    "transferToAgentMaxWaitInSeconds",
    "slaDefaultResponseTime",
    "slaUrgentResponseTime",
    "slaFirstTimeResponseTime",
    "agentSurveyForMsgId",
    "agentSurveyForMsgTimeoutInMinutes",
)
_MESSAGES = "unified-auto-messages"
_HOURS = {"workingHoursId": "workinghours", "specialOccasionId": "specialoccasion"}
_ROUTE = record(agentGroupId=integer, priority=integer, splitPercentage=integer)

# Documented defaults: maxWaitTime 120, both booleans true, skillTransferList null = all. The rest
# as in sample 10.3.
_FIELDS = {
    "name": Field(text, required=True),
    "description": Field(text, default=""),
    "skillOrder": Field(integer, default=0),
    "maxWaitTime": Field(integer, default=120),
    "wrapUpTime": Field(integer, default=0),
    "canTransfer": Field(boolean, default=True),
    "skillTransferList": Field(list_of(integer), default=None),
    "lobIds": Field(list_of(integer), default=()),
    "skillRoutingConfiguration": Field(list_of(_ROUTE), default=()),
    "fallbackSkill": Field(integer, default=None),
    "fallbackWhenAllAgentsAreAway": Field(boolean, default=True),
    "redistributeLoadToConnectedAgentGroups": Field(boolean),
    **{name: Field(text, default=None) for name in _NULLABLE_TEXTS},
    **{name: Field(integer, default=None) for name in (*_HOURS, *_NULLABLE_NUMBERS)},
}


def _references(obj: Json) -> Iterator[Reference]:
    yield from references_in(obj, "lobIds", "lobs")
    yield from references_in(obj, "skillTransferList", "skills")
    if obj.get("fallbackSkill") is not None:
        yield Reference("fallbackSkill", "skills", str(obj["fallbackSkill"]))
    for name, collection in _HOURS.items():
        if obj.get(name) is not None:
            yield Reference(name, collection, str(obj[name]))
    for route in array(obj, "skillRoutingConfiguration"):
        if isinstance(route, dict):
            group = str(route.get("agentGroupId"))
            yield Reference("skillRoutingConfiguration", "agentGroups", group)


def _guard_delete(context: Context, obj: Json) -> None:
    """A skill that something refers to stays (4.3 [C]); the shape of the answer is that of 10.4."""
    own = str(obj["id"])
    found: dict[str, dict[str, None]] = {"users": {}, "skills": {}}
    messages = []
    for collection, object_id, _ in context.store.referrers("skills", own):
        if collection == _MESSAGES:
            messages.append(object_id)
        elif (collection, object_id) != ("skills", own):
            found[collection][object_id] = None
    held = context.rules.messages_hold_skills and messages
    if not (held or any(found.values())):
        for object_id in messages:
            context.store.erase(_MESSAGES, object_id)
        return
    dependents: dict[str, list[Any]] = {
        collection: [{"id": int(object_id)} for object_id in ids]
        for collection, ids in found.items()
    }
    message = "The skill is still assigned to other entities"
    raise ApiError(
        context.rules.skill_dependencies_status,
        message,
        body={
            "type": "skill-dependencies",
            "message": message,
            **dependents,
            "cannedResponses": [],
            "engagements": [],
            "widgets": [],
        },
    )


COLLECTION = Resource(
    collection="skills",
    path=PATH + "skills",
    name_field="name",
    fields=_FIELDS,
    versions=versions(6),
    default_version="1.0",
    server_fields=server_fields,
    server_set=SERVER_SET | {"dateCreated"},
    short_list=SHORT_LIST,
    references=_references,
    guard_delete=_guard_delete,
    first_revision=8120,
)
