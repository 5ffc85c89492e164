"""Plans, outcomes and findings as JSON for machines, in one versioned format.

Nothing personal and no secret is in it. The text is ASCII, so that no invisible character survives.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from lebots.core.compare.digest import FORMAT_VERSION, change_digest, plan_digest
from lebots.core.history.origin import origins
from lebots.core.model.address import Source
from lebots.core.model.change import WRITES, Action, Change, FieldChange, Origin, Outcome, Status
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.options import NO_OPTIONS, PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.model.value import Value
from lebots.documents.plan_schema import plan_schema
from lebots.errors import Refused

__all__ = ["dumps", "findings", "open_sealed", "outcomes", "parsed", "plan", "plan_schema", "seal"]

_RUNNER_COMMAND = re.compile(r"#(?=#\w*\[)")


def plan(
    planned: Plan,
    *,
    version: str,
    paths: Sequence[str] = (),
    asked: PlanOptions = NO_OPTIONS,
) -> dict[str, Any]:
    """The plan document; ``paths`` and ``asked`` are what it was made from."""
    return {
        "formatVersion": FORMAT_VERSION,
        "lebotsVersion": version,
        "account": planned.account,
        "digest": plan_digest(planned),
        "refused": [finding_document(finding) for finding in planned.refused],
        "paths": list(paths),
        "targets": [str(address) for address in asked.only],
        "recreate": [str(address) for address in asked.recreate],
        "prune": asked.prune,
        "confirmDeletes": asked.confirmed,
        "allowEmpty": asked.allow_empty,
        "summary": {action.value: planned.count(action) for action in Action},
        **_origins(planned),
        "live": planned.live,
        "calls": {"reads": planned.calls.reads, "writes": planned.calls.writes},
        "quotas": [
            {"collection": one.collection, "now": one.now, "after": one.after, "limit": one.limit}
            for one in planned.quotas
        ],
        "changes": [_change(change) for change in planned.changes],
        "findings": [finding_document(finding) for finding in planned.findings],
    }


def outcomes(
    ended: Sequence[Outcome], planned: Plan, converged: bool | None = None
) -> dict[str, Any]:
    """How an apply ended; ``converged`` tells whether a plan made afterwards was empty."""
    counts = Counter(one.status for one in ended)
    return {
        "formatVersion": FORMAT_VERSION,
        "account": planned.account,
        "digest": plan_digest(planned),
        "summary": {status.value: counts[status] for status in Status},
        "converged": converged,
        "outcomes": [
            {
                "address": str(one.change.address),
                "action": one.change.action.value,
                "status": one.status.value,
                "id": one.id,
                "error": one.error or None,
            }
            for one in ended
        ],
    }


def findings(found: Sequence[Finding]) -> dict[str, Any]:
    """What was found in the manifests."""
    counts = Counter(finding.severity for finding in found)
    return {
        "formatVersion": FORMAT_VERSION,
        "summary": {severity.value: counts[severity] for severity in Severity},
        "findings": [finding_document(finding) for finding in found],
    }


def dumps(document: Mapping[str, Any]) -> str:
    """The document as indented text, in ASCII and without anything a CI runner would obey."""
    text = json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False)
    # A number sign can only stand inside a string, where its escape means the same.
    return _RUNNER_COMMAND.sub(r"\\u0023", text)


def seal(document: Mapping[str, Any], made: datetime) -> str:
    """The text of a plan to keep, with its age and a checksum that every changed byte breaks.

    It finds damage and edits by accident; what binds an apply is the digest.
    """
    return _sealed({**document, "madeAt": made.astimezone(UTC).isoformat(timespec="seconds")})


def _sealed(document: Mapping[str, Any]) -> str:
    return dumps({**document, "checksum": _checksum(document)}) + "\n"


def open_sealed(text: str) -> dict[str, Any]:
    """The plan document in a text that ``seal`` wrote, without its checksum.

    Raises Refused for anything else.
    """
    document = parsed(text)
    if document is None:
        raise Refused("this is not a plan that `lebots plan --out` wrote; plan again")
    if document.get("formatVersion") != FORMAT_VERSION:
        raise Refused(
            f"the saved plan is not of format {FORMAT_VERSION}, the one this lebots reads; "
            "plan again with this lebots"
        )
    checksum = document.pop("checksum", None)
    if checksum != _checksum(document) or text != _sealed(document):
        raise Refused("the saved plan was edited or cut off; plan again")
    _check_shape(document)
    return document


def _check_shape(document: Mapping[str, Any]) -> None:
    from jsonschema import Draft202012Validator

    if not Draft202012Validator(plan_schema()).is_valid(document):
        raise Refused("the saved plan does not have the shape of a plan; plan again")


def parsed(text: str) -> dict[str, Any] | None:
    """The JSON object in a text, read strictly; None where it holds anything else."""
    try:
        document = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name twice in one object")
    return dict(pairs)


def _refuse(constant: str) -> None:
    raise ValueError("not a JSON number")


def _checksum(document: Mapping[str, Any]) -> str:
    return sha256(dumps(document).encode("ascii")).hexdigest()


def _origins(planned: Plan) -> dict[str, Any]:
    found = [origins(change) for change in planned.writes]
    if not any(found):
        return {}
    return {"origins": {one.value: sum(one in each for each in found) for one in Origin}}


def _change(change: Change) -> dict[str, Any]:
    document: dict[str, Any] = {
        "address": str(change.address),
        "kind": change.address.kind,
        "name": change.address.name,
        "action": change.action.value,
        "was": change.was or None,
        "id": change.id,
        "source": source_document(change.source),
        "dependsOn": [str(address) for address in change.depends_on],
        "fields": [],
        "sink": change.sink or None,
        "secretFrom": change.secret_from or None,
        "usedBy": [
            {"address": str(one.address), "declared": one.declared, "note": one.note}
            for one in change.used_by
        ],
        "note": change.note,
    }
    if change.action in WRITES:
        document["fields"] = [field_document(part) for part in change.fields]
        document["digest"] = change_digest(change)
    if change.origin:
        document["origin"] = change.origin.value
    return document


def field_document(part: FieldChange) -> dict[str, Any]:
    """One field that changes; a personal one without its values."""
    document: dict[str, Any] = {
        "path": part.path,
        "before": None if part.personal else _plain(part.before),
        "after": None if part.personal else _plain(part.after),
        "source": source_document(part.source),
    }
    if part.note:
        document["note"] = part.note
    if part.personal:
        document["personal"] = True
    if part.origin:
        document["origin"] = part.origin.value
    return document


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding with its place."""
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "message": finding.message,
        "address": str(finding.address) if finding.address else None,
        "source": source_document(finding.source),
    }


def source_document(source: Source | None) -> dict[str, Any] | None:
    """A place in a file."""
    if source is None:
        return None
    return {"file": source.file, "line": source.line, "column": source.column}


def _plain(value: Value) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value
