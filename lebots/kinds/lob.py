"""Lines of business: looked up by name, never written."""

from lebots.core.model.kind import Endpoint, Kind

KIND = Kind(
    name="Lob",
    label="line of business",
    summary="A line of business; skills and users can belong to several.",
    endpoints=(
        Endpoint(
            name="lobs",
            service="accountConfigReadWrite",
            path="/api/account/{account}/configuration/le-users/lobs",
            rights="the credential needs the right to read lines of business",
            version="2.0",
            query={"select": "$all"},
        ),
    ),
    lookup_only=True,
)
