"""The environment of programs that a run starts: without its own logins and the runner's."""

import re
from collections.abc import Collection, Mapping

from lebots.core.model.secret import know

_OURS = re.compile(r"(LP|LEBOTS|ACTIONS|INPUT)_.*")
_RUNNERS = re.compile(
    r"(CI|GITHUB|RUNNER|SYSTEM|BITBUCKET|CIRCLE|BUILDKITE|DRONE|JENKINS|TEAMCITY|TRAVIS|GITLAB)_"
    r"?.*(TOKEN|JWT|PASSWORD|SECRET|CREDENTIAL|PRIVATE_KEY)S?(_.*)?"
)
_STEERS = frozenset(
    {
        *("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"),
        *("BASH_ENV", "SSLKEYLOGFILE"),
    }
)
"""Files through which a program could steer later steps of a job, or get at their keys."""

_SECRET = re.compile(
    r".*(TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|JWT|CREDENTIALS?|(API|ACCESS|PRIVATE|PLAN)_?KEY)"
)
_PLACES = ("/", "http://", "https://")


def for_children(environment: Mapping[str, str], named: Collection[str] = ()) -> dict[str, str]:
    """The variables that a program gets: none that ``lebots.yaml`` names as the source of a login,
    none of lebots, and no token of the runner.
    """
    return {
        name: value
        for name, value in environment.items()
        if name not in named
        and name not in _STEERS
        and not _OURS.fullmatch(name)
        and not _RUNNERS.fullmatch(name)
    }


def know_secrets(environment: Mapping[str, str]) -> None:
    """Puts what variables hold that are called secrets into the registry of the run."""
    for name, value in environment.items():
        if _SECRET.fullmatch(name.upper()) and not value.startswith(_PLACES):
            know(value)
