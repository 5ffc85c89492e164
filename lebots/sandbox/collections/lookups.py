"""Profiles, agent groups and LOBs (7): what users and skills refer to."""

from __future__ import annotations

from collections.abc import Iterator

from lebots.sandbox.errors import ApiError
from lebots.sandbox.objects.fields import (
    Field,
    Json,
    anything,
    boolean,
    integer,
    list_of,
    one_of,
    record,
    text,
)
from lebots.sandbox.objects.records import Reference
from lebots.sandbox.objects.resource import (
    ROOT_GROUP,
    ROOT_GROUP_NAME,
    Change,
    Context,
    Resource,
    View,
)

LE_USERS_PATH = "/api/account/<account>/configuration/le-users/"
SHORT_LIST = ("id", "deleted", "name")
SERVER_SET = frozenset({"id", "deleted", "dateUpdated"})

ROLES = {1: "Administrator", 2: "Agent", 3: "Agent Manager", 4: "Campaign Manager", 5: "LPA"}
"""Role types of profiles [D]."""

_NAME_AND_DESCRIPTION = {
    "name": Field(text, required=True),
    "description": Field(text, default=""),
}


def versions(latest: int) -> tuple[str, ...]:
    """`1.0` up to the latest."""
    return tuple(f"{number}.0" for number in range(1, latest + 1))


def server_fields(context: Context) -> Json:
    """What the server sets on every new object of le-users (7)."""
    return {"id": context.new_id(), "deleted": False, "dateUpdated": context.timestamp()}


def _profile_view(view: View, obj: Json) -> Json:
    used = view.context.store.count_referrers("profiles", str(obj["id"]))
    role = next((name for role, name in ROLES.items() if role == obj.get("roleTypeId")), "")
    return {**obj, "roleTypeName": role, "numOfAssignedUsers": used}


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


def _check_group(change: Change) -> None:
    """`parentGroupId` is required once there is a group; clients send -1 for the top [D][C]."""
    if change.new["parentGroupId"] is None and change.context.store.count("agentGroups"):
        change.refuse("parentGroupId", "is required")


def _group_references(obj: Json) -> Iterator[Reference]:
    if obj.get("parentGroupId") is not None:
        yield Reference("parentGroupId", "agentGroups", str(obj["parentGroupId"]))


def _guard_while_used(collection: str, context: Context, object_id: str) -> None:
    if context.rules.lookup_delete == "refused" and context.store.referrers(collection, object_id):
        raise ApiError(400, f"{collection} {object_id} is still in use", ["id"])


def _guard_profile(context: Context, obj: Json) -> None:
    _guard_while_used("profiles", context, str(obj["id"]))


def _guard_group(context: Context, obj: Json) -> None:
    _guard_while_used("agentGroups", context, str(obj["id"]))


def _guard_lob(context: Context, obj: Json) -> None:
    _guard_while_used("lobs", context, str(obj["id"]))


PROFILES = Resource(
    collection="profiles",
    path=LE_USERS_PATH + "profiles",
    name_field="name",
    fields={
        **_NAME_AND_DESCRIPTION,
        "roleTypeId": Field(one_of(ROLES, integer), required=True),
        "permissions": Field(list_of(integer), required=True),
        "permissionPackages": Field(
            list_of(
                record(
                    id=integer,
                    isEnabled=boolean,
                    isDisplayed=boolean,
                    featureKeys=list_of(anything),
                )
            ),
            required=True,
        ),
        "isAssignedToLPA": Field(boolean, required=True),
    },
    versions=versions(4),
    default_version=None,
    server_fields=server_fields,
    server_set=SERVER_SET | {"roleTypeName", "numOfAssignedUsers"},
    short_list=SHORT_LIST,
    put_documented=True,
    view=_profile_view,
    guard_delete=_guard_profile,
)

AGENT_GROUPS = Resource(
    collection="agentGroups",
    path=LE_USERS_PATH + "agentGroups",
    name_field="name",
    fields={
        **_NAME_AND_DESCRIPTION,
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
    guard_delete=_guard_group,
)

LOBS = Resource(
    collection="lobs",
    path=LE_USERS_PATH + "lobs",
    name_field="name",
    fields=_NAME_AND_DESCRIPTION,
    versions=versions(4),
    default_version="1.0",
    server_fields=server_fields,
    server_set=SERVER_SET,
    short_list=SHORT_LIST,
    guard_delete=_guard_lob,
)
