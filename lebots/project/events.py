"""Events of CI: with some, secrets are at hand although a stranger started the run, or no one."""

from collections.abc import Mapping

from lebots.errors import Refused

GITHUB, GITLAB = "GITHUB_EVENT_NAME", "CI_PIPELINE_SOURCE"

STRANGERS = frozenset(
    {
        "discussion",
        "discussion_comment",
        "fork",
        "gollum",
        "issue_comment",
        "issues",
        "pull_request_comment",
        "pull_request_review",
        "pull_request_review_comment",
        "pull_request_target",
        "watch",
        "workflow_run",
    }
)
"""The events of GitHub ("Events that trigger workflows") that anybody can cause who may read.

They run with the secrets of the repository; those of reviews do not, for a fork, but are about its
code. ``pull_request`` has no secrets for a fork. Gitea and Forgejo use the same names.
"""

_SCHEDULE = "schedule"
_EXTERNAL = "external_pull_request_event"
_OF_EXTERNAL = (
    "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY",
    "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY",
)
_OF_MERGE_REQUEST = ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "CI_PROJECT_ID")
"""Where they differ, a member ran the pipeline of a fork in this project, with its variables
(GitLab, "Merge request pipelines")."""

_JENKINS_FORK = "CHANGE_FORK"


def check_event(environment: Mapping[str, str], *, applies: bool = False) -> None:
    """Raises Refused for an event with which no run may reach an account or start a program.

    Nor may an apply run on a schedule, when nobody has read the plan.
    """
    if why := _stranger(environment):
        raise Refused(
            f"{why}, so this may be a stranger's code with your secrets at hand: lebots reads no "
            "account and runs no program here; run `lebots validate` instead, and this on push, or "
            "for branches of your own repository on pull_request (GitLab: merge_request_event)"
        )
    for variable in (GITHUB, GITLAB):
        if applies and environment.get(variable) == _SCHEDULE:
            raise Refused(
                f"{variable} is {_SCHEDULE}: nobody has read what an apply on a schedule would do; "
                "run `lebots plan --drift` or `lebots plan` there, and apply on push or by hand"
            )


def _stranger(environment: Mapping[str, str]) -> str:
    """Why the code may be a stranger's; empty where it is not."""
    event = environment.get(GITHUB, "")
    if event in STRANGERS:
        return f"anybody can cause the event of this run ({GITHUB} is {event})"
    source, target = map(environment.get, _OF_EXTERNAL)
    if environment.get(GITLAB) == _EXTERNAL and (not source or source != target):
        return f"this pipeline is for a pull request of elsewhere ({GITLAB} is {_EXTERNAL})"
    source, own = map(environment.get, _OF_MERGE_REQUEST)
    if source and source != own:
        return f"this pipeline is for a fork ({' is not '.join(_OF_MERGE_REQUEST)})"
    if environment.get(_JENKINS_FORK):
        return f"this build is for a fork ({_JENKINS_FORK} is set)"
    return ""
