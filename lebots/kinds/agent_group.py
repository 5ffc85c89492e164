"""Agent groups: owned where a manifest declares one, looked up by name else (reference 17)."""

from collections.abc import Iterator

from lebots.core.model.address import Address
from lebots.core.model.change import CHANGES, Effect, FieldEffect
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.kind import NO_EFFECT, Endpoint, Field, Kind, Retirement
from lebots.core.model.live import World

_NAME = {"type": "string", "minLength": 1}


def _circles(world: World) -> Iterator[Finding]:
    """A group cannot stand below itself; the vendor does not say what it does then."""
    for address in sorted(world):
        if address.kind != "AgentGroup" or not world[address].declared:
            continue
        above, seen = address, set()
        while above in world and above not in seen:
            seen.add(above)
            above = Address("AgentGroup", str(world[above].spec.get("parentGroup")))
        if above == address:
            text = "the group stands below itself; name another parentGroup"
            yield world[address].finding("agent-group-circle", text, Severity.ERROR, "parentGroup")


KIND = Kind(
    name="AgentGroup",
    label="agent group",
    summary="A group of agents; bots are members of one, skills route to them. A group that no "
    "manifest declares is looked up by its name.",
    owned_where_declared=True,
    endpoints=(
        Endpoint(
            name="agentGroups",
            service="accountConfigReadWrite",
            path="/api/account/{account}/configuration/le-users/agentGroups",
            rights="the credential needs the right Administration > Agent groups (a user with the "
            "profile Administrator; whether the scope of an application can give it is not known)",
            unknown_scope="no page names a scope for agent groups, and an administrator's login "
            "has the right (method: login)",
            version="2.0",
            query={"select": "$all", "include_deleted": "true"},
            server_owned=frozenset({"deleted", "dateUpdated", "members", "managers"}),
            # Required once a group exists; clients send -1 for the top (reference 7, C).
            on_create={"parentGroupId": -1},
            # Whether the list holds the root group is not known (reference 7.2).
            built_in={"-1": "Main Group"},
        ),
    ),
    fields=(
        Field(
            "description",
            {"type": "string", "description": 'What the group is for. "": no description.'},
            default="",
            effects=NO_EFFECT,
        ),
        Field(
            "parentGroup",
            {
                **_NAME,
                "description": "Name of the agent group above it; a new group has the root group, "
                '"Main Group".',
            },
            vendor="parentGroupId",
            ref="AgentGroup",
            create_default="Main Group",
            effects=(
                # A group without a manager has that of the group above it (reference 17, D).
                FieldEffect(Effect.GRANTS, CHANGES, "managers of another group may see its agents"),
            ),
        ),
        Field(
            "enabled",
            {"type": "boolean", "description": "Whether it is in use. A new group is enabled."},
            vendor="isEnabled",
            effects=(
                FieldEffect(
                    Effect.REROUTES, CHANGES, "whether its agents are routed to may change"
                ),
            ),
        ),
    ),
    on_create={"enabled": True},
    retirement=Retirement(
        off={"enabled": False},
        deletable=True,
        lost="earlier conversations of its agents stay with it",
    ),
    rules=(_circles,),
    valid=(
        {"description": "Bots of the help desk", "parentGroup": "Service"},
        {},
        {"description": "", "enabled": False},
    ),
    invalid=(
        ({"parentGroup": None}, "parentGroup"),
        ({"parentGroup": ""}, "parentGroup"),
        ({"enabled": "yes"}, "enabled"),
        ({"parentGroupId": -1}, "parentGroupId"),
        ({"members": []}, "members"),
    ),
)
