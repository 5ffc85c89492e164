"""Digests of plans and changes, so that an apply makes exactly what was approved."""

import json
from hashlib import sha256
from typing import Any

from lebots.core.model.change import WRITES, Change
from lebots.core.model.plan import Plan
from lebots.core.model.value import Value, plain

FORMAT_VERSION = 2
"""Version of the plan's format; in every digest, so that an approval never fits another format."""


def plan_digest(plan: Plan) -> str:
    """SHA-256 in hex over the account, every change that writes, and why a plan is refused.

    It does not depend on order, places in files, advice, unmanaged objects, or display. A refusal
    is in it by code and object: a refused plan never has the digest of one that may be applied, an
    account in sync included, and what was seen refused is not approved once a guard is loosened. A
    plan whose removals were agreed to is not refused; its digest is of its changes alone.
    """
    changes = sorted(
        _canonical(_facts(change)) for change in plan.changes if change.action in WRITES
    )
    refused = sorted([one.code, str(one.address or "")] for one in plan.refused)
    return _hash(
        {
            "format": FORMAT_VERSION,
            "account": plan.account,
            "changes": changes,
            **({"refused": refused} if refused else {}),
        }
    )


def change_digest(change: Change) -> str:
    """SHA-256 in hex over one change and the live values it rests on."""
    return _hash({"format": FORMAT_VERSION, "change": _facts(change)})


def value_digest(value: Value) -> str:
    """SHA-256 in hex over one value."""
    return _hash(plain(value))


def _facts(change: Change) -> dict[str, Any]:
    fields = [[part.path, plain(part.before), plain(part.after)] for part in change.fields]
    references = [[to.kind, to.name, known] for to, known in change.references.items()]
    return {
        "kind": change.address.kind,
        "name": change.address.name,
        "action": change.action.value,
        "endpoint": change.endpoint,
        "id": change.id,
        "fields": sorted(fields, key=_canonical),
        "desired": {name: plain(value) for name, value in change.desired.items()},
        "references": sorted(references, key=_canonical),
        "sink": change.sink,
        **({"was": change.was} if change.was else {}),
        **({"secretFrom": change.secret_from} if change.secret_from else {}),
    }


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _hash(value: Any) -> str:
    return sha256(_canonical(value).encode("ascii")).hexdigest()
