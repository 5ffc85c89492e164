"""Which of the names that there are somebody means."""

from collections.abc import Mapping

from lebots.core.did_you_mean import did_you_mean
from lebots.errors import UsageError
from lebots.render.escape import quoted


def known(name: str, names: Mapping[str, object], what: str) -> str:
    """The one of the names that is meant, upper and lower case aside; raises UsageError."""
    folded = {candidate.casefold(): candidate for candidate in names}
    if name.casefold() in folded:
        return folded[name.casefold()]
    hint = did_you_mean(name, names, f"there are {', '.join(names)}")
    raise UsageError(f"there is no {what} {quoted(name)}{hint}")
