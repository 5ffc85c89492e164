"""What must hold for a GitHub workflow that runs lebots; actionlint and zizmor know more."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from lebots.project.events import STRANGERS

FORBIDDEN = STRANGERS | {"repository_dispatch"}
"""Triggers that a stranger can pull while secrets are at hand."""
OURS = "OWNER/lebots@FULL_COMMIT_SHA"
"""What the reader fills in: nobody can know the commit in advance."""
OWN_BRANCH = "github.event.pull_request.head.repo.full_name == github.repository"
APPLY = {"contents": "read"}


def faults(text: str) -> list[str]:
    """What is wrong with the workflow, a line each."""
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads the key `on` as true.
    triggers = set(_listed(workflow[True]))
    return [
        *(f"trigger {name}" for name in sorted(triggers & FORBIDDEN)),
        *([] if workflow.get("permissions") == {"contents": "read"} else ["permissions"]),
        *(f"pin: {line.strip()}" for line in text.splitlines() if not _pinned(line)),
        *(
            f"{name}: {fault}"
            for name, job in workflow["jobs"].items()
            for fault in _job(job, triggers)
        ),
    ]


def _listed(on: Any) -> list[str]:
    return [on] if isinstance(on, str) else list(on)


def _pinned(line: str) -> bool:
    if "uses:" not in line:
        return True
    return OURS in line or bool(re.search(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line))


def _job(job: dict[str, Any], triggers: set[str]) -> Iterator[str]:
    text = yaml.safe_dump(job)
    commands = {step["with"]["command"] for step in job["steps"] if OURS in step.get("uses", "")}
    strangers = "pull_request" in triggers and job.get("if") != OWN_BRANCH
    if strangers and ("secrets." in text or commands != {"validate"} or "permissions" in job):
        yield "a stranger's pull request gets more than validate"
    allowed = {"contents": "read", "pull-requests": "write"} if commands - {"validate"} else {}
    if commands == {"import"} and not triggers & {"pull_request", "push"}:
        allowed["contents"] = "write"
    if not job.get("permissions", {}).items() <= allowed.items():
        yield "permissions"
    if "timeout-minutes" not in job:
        yield "no timeout"
    for step in job["steps"]:
        if "${{" in step.get("run", ""):
            yield "an expression in a script"
        kept = step.get("with", {}).get("persist-credentials")
        if "checkout@" in step.get("uses", "") and kept is not False:
            yield "the checkout keeps the token"
    if "apply" in commands:
        yield from _apply(job, triggers)


def _apply(job: dict[str, Any], triggers: set[str]) -> Iterator[str]:
    if not triggers <= {"push", "workflow_dispatch"}:
        yield "apply on another event"
    if "environment" not in job:
        yield "no environment"
    if job.get("concurrency", {}).get("cancel-in-progress") is not False:
        yield "an apply may be cut off by another one"
    digests = [step["with"].get("digest") for step in job["steps"] if OURS in step.get("uses", "")]
    if digests != ["${{ needs.plan.outputs.digest }}"]:
        yield "the digest is not the one of the plan job"
