"""Special occasions: looked up by name, never written (reference 18)."""

from lebots.core.model.kind import Endpoint, Kind

KIND = Kind(
    name="SpecialOccasion",
    label="set of special occasions",
    summary="A set of special occasions; on its days it replaces the working hours of a skill.",
    endpoints=(
        Endpoint(
            name="specialoccasion",
            service="accountConfigReadWrite",
            path="/api/account/{account}/configuration/ac-common/specialoccasion",
            rights="the credential needs the right to read special occasions (a user's login, or "
            "an OAuth 1 key with Administration > Working Hours API; which scope gives it is not "
            "known)",
            version="1.0",
        ),
    ),
    lookup_only=True,
)
