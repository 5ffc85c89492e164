"""Agent groups (7.2)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from lebots.sandbox.objects.fields import Field, Json, boolean, integer
from lebots.sandbox.objects.le_users import (
    NAME_AND_DESCRIPTION,
    PATH,
    SERVER_SET,
    SHORT_LIST,
    guard_while_used,
    server_fields,
    versions,
)
from lebots.sandbox.objects.records import Reference
from lebots.sandbox.objects.resource import Change, Resource, View


def _group_view(view: View, obj: Json) -> Json:
    """Members and managers only with `getUsers=true` [C]."""
    if not view.with_users:
        return obj
    links = view.context.store.referrers("agentGroups", str(obj["id"]))
    users = [(int(user), field) for collection, user, field in links if collection == "users"]
    return {
        **obj,
        "members": [user for user, field in users if field == "memberOf"],
        "managers": [user for user, field in users if field == "managerOf"],
    }


def _check_group(change: Change) -> None:
    """`parentGroupId` is required once there is a group; clients send -1 for the top [D][C]."""
    if change.new["parentGroupId"] is None and change.context.store.count("agentGroups"):
        change.refuse("parentGroupId", "is required")


def _group_references(obj: Json) -> Iterator[Reference]:
    if obj.get("parentGroupId") is not None:
        yield Reference("parentGroupId", "agentGroups", str(obj["parentGroupId"]))


COLLECTION = Resource(
    collection="agentGroups",
    path=PATH + "agentGroups",
    name_field="name",
    fields={
        **NAME_AND_DESCRIPTION,
        "isEnabled": Field(boolean, required=True),
        "parentGroupId": Field(integer, default=None),
    },
    versions=versions(4),
    default_version="1.0",
    server_fields=server_fields,
    server_set=SERVER_SET | {"members", "managers"},
    short_list=SHORT_LIST,
    list_parameters=frozenset({"getUsers"}),
    check=_check_group,
    references=_group_references,
    view=_group_view,
    guard_delete=partial(guard_while_used, "agentGroups"),
    first_revision=3307,
)
