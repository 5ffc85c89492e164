"""Profiles: looked up by name, never written."""

from lebots.core.model.kind import Endpoint, Field, Kind

KIND = Kind(
    name="Profile",
    label="profile",
    summary="What a user may do; every profile stands for one role.",
    endpoints=(
        Endpoint(
            name="profiles",
            never_empty=True,
            service="accountConfigReadWrite",
            path="/api/account/{account}/configuration/le-users/profiles",
            rights="the credential needs the right to read profiles",
            version="4.0",
            query={"select": "$all"},
        ),
    ),
    fields=(
        Field(
            name="roleTypeId",
            schema={
                "type": "integer",
                "minimum": 0,
                "maximum": 2_147_483_647,
                "description": "The role: 1 administrator, 2 agent, 3 agent manager, 4 campaign "
                "manager, 5 staff of LivePerson.",
            },
        ),
    ),
    lookup_only=True,
)
