"""Profiles (7.1): roles and permission packages of users."""

from __future__ import annotations

from functools import partial

from lebots.sandbox.objects.fields import (
    Field,
    Json,
    anything,
    boolean,
    integer,
    list_of,
    one_of,
    record,
)
from lebots.sandbox.objects.le_users import (
    NAME_AND_DESCRIPTION,
    PATH,
    SERVER_SET,
    SHORT_LIST,
    guard_while_used,
    server_fields,
    versions,
)
from lebots.sandbox.objects.resource import Resource, View

ROLES = {1: "Administrator", 2: "Agent", 3: "Agent Manager", 4: "Campaign Manager", 5: "LPA"}
"""Role types of profiles [D]."""


def _profile_view(view: View, obj: Json) -> Json:
    used = view.context.store.count_referrers("profiles", str(obj["id"]))
    role = next((name for role, name in ROLES.items() if role == obj.get("roleTypeId")), "")
    return {**obj, "roleTypeName": role, "numOfAssignedUsers": used}


COLLECTION = Resource(
    collection="profiles",
    path=PATH + "profiles",
    name_field="name",
    fields={
        **NAME_AND_DESCRIPTION,
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
    guard_delete=partial(guard_while_used, "profiles"),
    first_revision=640,
)
