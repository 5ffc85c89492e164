"""Threats T24 and S8: who can start an event decides what it may reach."""

from typing import Any

import pytest

from action.trust import refusal

REPOSITORY = {"id": 7, "full_name": "acme/bots", "default_branch": "main"}
FORK = {"id": 8, "full_name": "stranger/bots", "default_branch": "main", "fork": True}
ENVIRONMENT = {"GITHUB_REPOSITORY": "acme/bots", "GITHUB_REF": "refs/heads/main"}
READS, WRITES = ("plan", "drift", "import"), ("apply",)
ALL, NONE = (*READS, *WRITES), ()


def pull(head: Any = REPOSITORY, **more: Any) -> dict[str, Any]:
    request = {"number": 3, "head": {"repo": head, "sha": "a" * 40}, "base": {"repo": REPOSITORY}}
    return {"repository": REPOSITORY, "pull_request": request, **more}


def push(branch: str = "main", **more: Any) -> dict[str, Any]:
    return {
        "repository": REPOSITORY,
        "ref": f"refs/heads/{branch}",
        "deleted": False,
        **more,
    }


GROUP = {"base_ref": "refs/heads/main", "head_sha": "a" * 40}
PULL = {"GITHUB_REF": "refs/pull/3/merge"}
SIDE = {"GITHUB_REF": "refs/heads/side"}
QUEUE = {"GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-3"}
ISSUE = {"repository": REPOSITORY, "issue": {"number": 3}, "comment": {"body": "lebots apply"}}

EVENTS: dict[str, tuple[str, Any, dict[str, str], tuple[str, ...]]] = {
    # event, payload, what the environment says besides, what may run besides validate
    "own branch": ("pull_request", pull(), PULL, READS),
    "own branch, other case": (
        "pull_request",
        pull(),
        {**PULL, "GITHUB_REPOSITORY": "ACME/bots"},
        READS,
    ),
    "fork": ("pull_request", pull(FORK), PULL, NONE),
    "fork with our name": (
        "pull_request",
        pull({**REPOSITORY, "id": 8}),
        PULL,
        NONE,
    ),
    "fork that claims to be none": ("pull_request", pull({**FORK, "fork": False}), PULL, NONE),
    "head repository is gone": ("pull_request", pull(None), PULL, NONE),
    "head repository is text": ("pull_request", pull("acme/bots"), PULL, NONE),
    "head repository without id": ("pull_request", pull({"full_name": "acme/bots"}), PULL, NONE),
    "head id is text": ("pull_request", pull({**REPOSITORY, "id": "7"}), PULL, NONE),
    "ids are true": (
        "pull_request",
        {**pull({"id": True}), "repository": {**REPOSITORY, "id": True}},
        PULL,
        NONE,
    ),
    "no head": ("pull_request", {**pull(), "pull_request": {"number": 3}}, PULL, NONE),
    "no pull request": ("pull_request", push(), PULL, NONE),
    "pull request is a list": ("pull_request", {**pull(), "pull_request": []}, PULL, NONE),
    "payload of another repository": (
        "pull_request",
        pull(FORK, repository=FORK),
        PULL,
        NONE,
    ),
    "pull request without repository": ("pull_request", pull(repository=None), PULL, NONE),
    "target, own branch": ("pull_request_target", pull(), {}, NONE),
    "target, fork": ("pull_request_target", pull(FORK), {}, NONE),
    "review of an own branch": ("pull_request_review", pull(), PULL, NONE),
    "review comment": ("pull_request_review_comment", pull(), PULL, NONE),
    "comment says apply": ("issue_comment", ISSUE, {}, NONE),
    "issue": ("issues", ISSUE, {}, NONE),
    "after another workflow": (
        "workflow_run",
        {"repository": REPOSITORY, "workflow_run": {"event": "push"}},
        {},
        NONE,
    ),
    "from outside": ("repository_dispatch", {"repository": REPOSITORY}, {}, NONE),
    "release": ("release", {"repository": REPOSITORY}, {}, NONE),
    "discussion comment": ("discussion_comment", ISSUE, {}, NONE),
    "fork event": ("fork", {"repository": REPOSITORY, "forkee": FORK}, {}, NONE),
    "watch": ("watch", {"repository": REPOSITORY}, {}, NONE),
    "push": ("push", push(), {}, ALL),
    "push to a side branch": ("push", push("side"), SIDE, READS),
    "push of a tag": (
        "push",
        push(ref="refs/tags/main"),
        {"GITHUB_REF": "refs/tags/main"},
        READS,
    ),
    "push with another ref": ("push", push("main"), SIDE, NONE),
    "push that claims the default branch": ("push", push("side"), {}, NONE),
    "push that deletes": ("push", push(deleted=True), {}, NONE),
    "push without deleted": (
        "push",
        {"repository": REPOSITORY, "ref": "refs/heads/main"},
        {},
        NONE,
    ),
    "push in another repository": ("push", push(repository=FORK), {}, NONE),
    "push without a default branch": (
        "push",
        push(repository={"id": 7, "full_name": "acme/bots"}),
        {},
        READS,
    ),
    "empty default branch": (
        "push",
        push("", repository={**REPOSITORY, "default_branch": ""}),
        {"GITHUB_REF": "refs/heads/"},
        READS,
    ),
    "schedule": ("schedule", {"schedule": "0 5 * * *"}, {}, READS),
    "schedule with a repository": (
        "schedule",
        {"schedule": "0 5 * * *", "repository": REPOSITORY},
        {},
        READS,
    ),
    "schedule elsewhere": ("schedule", {"repository": FORK}, {}, NONE),
    "schedule at a tag": ("schedule", {}, {"GITHUB_REF": "refs/tags/v1"}, READS),
    "by hand": ("workflow_dispatch", push(), {}, ALL),
    "by hand at a side branch": ("workflow_dispatch", push("side"), SIDE, READS),
    "by hand without repository": ("workflow_dispatch", {"inputs": {}}, {}, NONE),
    "merge queue": (
        "merge_group",
        {"repository": REPOSITORY, "merge_group": GROUP},
        QUEUE,
        READS,
    ),
    "merge queue without a group": ("merge_group", {"repository": REPOSITORY}, QUEUE, NONE),
    "no event": ("", push(), {}, NONE),
    "event with a command in it": ("push\n::set-env", push(), {}, NONE),
    "event in capitals": ("PUSH", push(), {}, NONE),
    "no payload": ("push", None, {}, NONE),
    "payload is a list": ("push", [push()], {}, NONE),
    "payload is text": ("pull_request", "pull_request", PULL, NONE),
    "empty payload": ("push", {}, {}, NONE),
    "no branch": ("push", push(), {"GITHUB_REF": ""}, NONE),
    "no repository in the environment": ("push", push(), {"GITHUB_REPOSITORY": ""}, NONE),
}


@pytest.mark.parametrize("case", EVENTS)
@pytest.mark.parametrize("command", ALL)
def test_what_an_event_may_run(case: str, command: str) -> None:
    event, payload, environment, allowed = EVENTS[case]
    why = refusal(command, event, payload, {**ENVIRONMENT, **environment})
    assert (why == "") is (command in allowed)
    if why:
        assert "run validate here" in why or "merge first" in why


@pytest.mark.parametrize("case", EVENTS)
def test_validate_may_always_run(case: str) -> None:
    event, payload, environment, _ = EVENTS[case]
    assert refusal("validate", event, payload, environment) == ""


def test_the_reason_is_for_people() -> None:
    assert refusal("plan", "pull_request", pull(FORK), {**ENVIRONMENT, **PULL}) == (
        "this pull request comes from a fork, so its manifests are a stranger's and plan would "
        "show them the account; run validate here, or push the branch to this repository once you "
        "have read it"
    )
    assert refusal("apply", "pull_request", pull(), {**ENVIRONMENT, **PULL}) == (
        "apply does not run on events of this kind (pull_request); run validate here, and apply on "
        "push or workflow_dispatch"
    )
    assert refusal("apply", "push", push("side"), {**ENVIRONMENT, **SIDE}) == (
        "apply runs from the default branch only; merge first, and let the workflow of the default "
        "branch apply"
    )


def test_there_are_enough_of_them() -> None:
    assert len(EVENTS) >= 30
