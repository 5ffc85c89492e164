"""What the collections of le-users have in common (7): paths, versions, what the server sets."""

from __future__ import annotations

from lebots.sandbox.errors import ApiError
from lebots.sandbox.objects.fields import Field, Json, text
from lebots.sandbox.objects.resource import ROOT_GROUP, ROOT_GROUP_NAME, Context

PATH = "/api/account/<account>/configuration/le-users/"
SHORT_LIST = ("id", "deleted", "name")
SERVER_SET = frozenset({"id", "deleted", "dateUpdated"})

NAME_AND_DESCRIPTION = {
    "name": Field(text, required=True),
    "description": Field(text, default=""),
}


def root_group() -> Json:
    """The entry of the root group, if the account lists one (7.2 [?])."""
    return {
        "id": int(ROOT_GROUP),
        "deleted": False,
        "name": ROOT_GROUP_NAME,
        "description": "",
        "isEnabled": True,
        "parentGroupId": None,
    }


def versions(latest: int) -> tuple[str, ...]:
    """`1.0` up to the latest."""
    return tuple(f"{number}.0" for number in range(1, latest + 1))


def server_fields(context: Context) -> Json:
    """What the server sets on every new object of le-users (7)."""
    return {"id": context.new_id(), "deleted": False, "dateUpdated": context.timestamp()}


def guard_while_used(collection: str, context: Context, obj: Json) -> None:
    """Refuses to delete what something refers to, where the switch says so."""
    object_id = str(obj["id"])
    if context.rules.lookup_delete == "refused" and context.store.referrers(collection, object_id):
        raise ApiError(400, f"{collection} {object_id} is still in use", ["id"])
