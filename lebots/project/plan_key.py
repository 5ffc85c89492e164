"""The key that binds plans, saved plans and receipts to who may make them."""

import os
from collections.abc import Mapping

from lebots.core.model.secret import Secret
from lebots.errors import UsageError

PLAN_KEY = "LEBOTS_PLAN_KEY"
"""The variable that holds it; ``lebots.yaml`` cannot name it as the source of another value."""

_SHORTEST = 32


def plan_key(environment: Mapping[str, str] | None = None) -> Secret | None:
    """The key, or None where the variable is not set; UsageError for one that is too short.

    An empty one is a secret of the runner that this job does not get, and not no key.
    """
    value = (os.environ if environment is None else environment).get(PLAN_KEY)
    if value is None:
        return None
    if len(value) < _SHORTEST:
        raise UsageError(
            f"{PLAN_KEY} has fewer than {_SHORTEST} characters; set what `openssl rand -hex 32` "
            "prints, or unset it"
        )
    return Secret(value)
