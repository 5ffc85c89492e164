"""Working hours: looked up by name, never written (reference 18)."""

from lebots.core.model.kind import Endpoint, Kind

KIND = Kind(
    name="WorkingHours",
    label="set of working hours",
    summary="A set of working hours; a skill that names one is open to customers at these times.",
    endpoints=(
        Endpoint(
            name="workinghours",
            service="accountConfigReadWrite",
            path="/api/account/{account}/configuration/ac-common/workinghours",
            rights="the credential needs the right to read working hours (a user's login, or an "
            "OAuth 1 key with Administration > Working Hours API; which scope gives it is not "
            "known)",
            # A list is short unless asked otherwise, and has all that a look-up needs.
            version="1.0",
        ),
    ),
    lookup_only=True,
)
