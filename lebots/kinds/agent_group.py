"""Agent groups: looked up by name, never written."""

from lebots.core.model.kind import Endpoint, Kind

KIND = Kind(
    name="AgentGroup",
    label="agent group",
    summary="A group of agents; bots are members of one, skills route to them.",
    endpoints=(
        Endpoint(
            name="agentGroups",
            service="accountConfigReadWrite",
            path="/api/account/{account}/configuration/le-users/agentGroups",
            rights="the credential needs the right to read agent groups",
            version="2.0",
            query={"select": "$all"},
            # Whether the list holds the root group is not known (reference 7.2).
            built_in={"-1": "Main Group"},
        ),
    ),
    lookup_only=True,
)
