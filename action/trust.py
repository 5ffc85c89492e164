"""Which commands a workflow event may run: who could start it decides what it may reach."""

from collections.abc import Mapping

_READS = frozenset({"push", "schedule", "workflow_dispatch", "merge_group", "pull_request"})
"""Events that only people with write access, or GitHub itself, can start; pull requests are
looked at more closely."""
_WRITES = frozenset({"push", "workflow_dispatch"})
"""On a schedule nobody has read the plan."""


_UNKNOWN = "(unknown)"
"""No branch has such a name."""


def refusal(command: str, event: str, payload: object, environment: Mapping[str, str]) -> str:
    """Why the command must not run for this event and what to do instead; empty where it may.

    ``validate`` may always run: it needs no account, no network and no credential.
    """
    if command == "validate":
        return ""
    allowed = _WRITES if command == "apply" else _READS
    if event not in allowed:
        return (
            f"{command} does not run on events of this kind ({event or 'none'}); "
            f"run validate here, and {command} on {_listed(allowed)}"
        )
    if not isinstance(payload, dict):
        return _unreadable(command, "the event's payload is missing or is no object")
    if odd := _repository(event, payload, environment):
        return _unreadable(command, odd)
    if event == "pull_request":
        return _pull_request(command, payload)
    if odd := _reference(event, payload, environment):
        return _unreadable(command, odd)
    return _branch(payload, environment) if command == "apply" else ""


def trusted_branch(
    command: str, event: str, payload: object, environment: Mapping[str, str]
) -> str:
    """The branch whose lebots.yaml is in force; empty where the one of the checkout is.

    Only the default branch has its own: who pushes to another one has nobody's approval yet.
    """
    if command in ("validate", "apply") or not isinstance(payload, dict):
        return ""
    if event == "pull_request":
        return environment.get("GITHUB_BASE_REF") or _UNKNOWN
    if event == "merge_group":
        group = payload.get("merge_group")
        target = group.get("base_ref") if isinstance(group, dict) else None
        return target.removeprefix("refs/heads/") if isinstance(target, str) else _UNKNOWN
    repository = payload.get("repository")
    default = repository.get("default_branch") if isinstance(repository, dict) else None
    if not isinstance(default, str) or environment.get("GITHUB_REF") == f"refs/heads/{default}":
        return ""
    return default


def _repository(event: str, payload: Mapping[str, object], environment: Mapping[str, str]) -> str:
    """What is odd about the repository of the event."""
    repository = payload.get("repository")
    if repository is None and event == "schedule":
        # GitHub documents no payload for schedules, and runs them at the default branch only.
        return ""
    if not isinstance(repository, dict) or not _is_id(repository.get("id")):
        return "the payload names no repository"
    name, here = repository.get("full_name"), environment.get("GITHUB_REPOSITORY")
    if not isinstance(name, str) or not here or name.casefold() != here.casefold():
        return "the payload is about another repository than the one this runs in"
    return ""


def _reference(event: str, payload: Mapping[str, object], environment: Mapping[str, str]) -> str:
    """What is odd about the commit an event is about."""
    reference = environment.get("GITHUB_REF", "")
    if not reference.startswith("refs/"):
        return "GITHUB_REF names no branch"
    if event == "push" and payload.get("ref") != reference:
        return "the payload is about another branch than GITHUB_REF"
    if event == "push" and payload.get("deleted") is not False:
        return "the push deleted its branch"
    if event == "merge_group" and not isinstance(payload.get("merge_group"), dict):
        return "the payload names no merge group"
    return ""


def _pull_request(command: str, payload: Mapping[str, object]) -> str:
    request = payload.get("pull_request")
    head = request.get("head") if isinstance(request, dict) else None
    if not isinstance(head, dict):
        return _unreadable(command, "the payload names no head of the pull request")
    source, target = head.get("repo"), payload["repository"]
    if source is None:
        return _fork(command, "the repository of this pull request is gone")
    if not isinstance(source, dict) or not _is_id(source.get("id")):
        return _unreadable(command, "the payload names no repository of the pull request")
    if not isinstance(target, dict) or source["id"] != target["id"]:
        return _fork(command, "this pull request comes from a fork")
    return ""


def _branch(payload: Mapping[str, object], environment: Mapping[str, str]) -> str:
    """Why an apply must not run from this branch."""
    reference = environment["GITHUB_REF"]
    repository = payload.get("repository")
    default: object = reference.removeprefix("refs/heads/")
    if isinstance(repository, dict):
        default = repository.get("default_branch")
    if isinstance(default, str) and default and reference == f"refs/heads/{default}":
        return ""
    return (
        "apply runs from the default branch only; merge first, "
        "and let the workflow of the default branch apply"
    )


def _fork(command: str, what: str) -> str:
    return (
        f"{what}, so its manifests are a stranger's and {command} would show them the account; "
        "run validate here, or push the branch to this repository once you have read it"
    )


def _unreadable(command: str, what: str) -> str:
    return f"{what}, so nobody can tell whether {command} may run; run validate here"


def _listed(events: frozenset[str]) -> str:
    first, *rest = sorted(events)
    return f"{', '.join([first, *rest[:-1]])} or {rest[-1]}"


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
