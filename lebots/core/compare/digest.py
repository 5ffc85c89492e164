"""Digests of plans and changes, so that an apply makes exactly what was approved."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change, FieldChange
from lebots.core.model.plan import Plan
from lebots.core.model.secret import Secret
from lebots.core.model.value import Value, plain

FORMAT_VERSION = 2
"""Version of the plan's format; in every digest, so that an approval never fits another format."""


_TERMS = ("sinks", "rules")
_PARTS = ("the changes", "the sinks of secrets", "the rules or the version of lebots")
_DIGITS, _TAIL = 64, 8


def plan_digest(plan: Plan) -> str:
    """A digest of 64 hex digits over the account, the changes that write, and the plan's terms.

    Personal values are in it only under a key (``keyed``): else whoever sees it could guess them.

    It does not depend on order, places in files, advice, unmanaged objects, or display. A refusal
    is in it by code and object: a refused plan never has the digest of one that may be applied, an
    account in sync included, and what was seen refused is not approved once a guard is loosened. A
    plan whose removals were agreed to is not refused; its digest is of its changes alone.
    """
    changes = [change_digest(change) + change.personal_mark for change in plan.writes]
    refused = [(one.code, str(one.address or "")) for one in plan.refused]
    return digest_of(plan.account, changes, refused, plan.terms)


def digest_of(
    account: str,
    changes: Iterable[str],
    refused: Iterable[tuple[str, str]],
    terms: Mapping[str, Value],
) -> str:
    """The digest of a plan, from that of each change with its mark, and whatever else is in it."""
    changes, stops = sorted(changes), sorted(map(list, refused))
    whole = {
        "format": FORMAT_VERSION,
        "account": account,
        "changes": changes,
        **({"refused": stops} if stops else {}),
    }
    if not terms:
        return _hash(whole)
    parts = [changes, *(plain(terms.get(name)) for name in _TERMS)]
    tails = "".join(_hash(part)[:_TAIL] for part in parts)
    return _hash({**whole, "terms": plain(terms)})[: _DIGITS - len(tails)] + tails


def moved_parts(digest: str, plan: Plan) -> list[str]:
    """Which parts of a plan are not those that this digest was made of, in words.

    The last digits of a digest are of one part each; the first are of all of them.
    """
    actual = plan_digest(plan)
    if not plan.terms or len(digest) != _DIGITS:
        return []
    starts = range(_DIGITS - _TAIL * len(_PARTS), _DIGITS, _TAIL)
    moved = [
        words
        for words, start in zip(_PARTS, starts, strict=True)
        if digest[start : start + _TAIL] != actual[start : start + _TAIL]
    ]
    return moved or [f"the {name}" for name in plan.terms if name not in _TERMS]


def change_digest(change: Change) -> str:
    """SHA-256 in hex over one change and the live values it rests on, personal ones left out."""
    return _hash({"format": FORMAT_VERSION, "change": _facts(change)})


def keyed(plan: Plan, key: Secret) -> Plan:
    """The plan with its personal values in its digest, where only the key can tell them."""

    def marked(change: Change) -> Change:
        if not any(values := _personal(change)):
            return change
        whole = {"account": plan.account, "change": _facts(change), "values": values}
        return replace(change, personal_mark=key.mac("lebots personal values", _canonical(whole)))

    return replace(plan, changes=tuple(map(marked, plan.changes)))


def personal_values(plan: Plan) -> Mapping[tuple[Address, Action], Any]:
    """The personal values of each change that writes, to compare within one run."""
    return {(change.address, change.action): _personal(change) for change in plan.writes}


def value_digest(value: Value) -> str:
    """SHA-256 in hex over one value."""
    return _hash(plain(value))


def _hidden(change: Change, part: FieldChange) -> bool:
    return part.personal or part.path.partition(".")[0] in change.personal


def _personal(change: Change) -> tuple[list[Any], dict[str, Any]]:
    fields = [
        [part.path, plain(part.before), plain(part.after)]
        for part in change.fields
        if _hidden(change, part)
    ]
    owned = {name: plain(change.desired[name]) for name in change.personal & change.desired.keys()}
    return sorted(fields, key=_canonical), owned


def _facts(change: Change) -> dict[str, Any]:
    """What a digest is of; of personal values only that they are there."""
    fields = [
        [part.path] if _hidden(change, part) else [part.path, plain(part.before), plain(part.after)]
        for part in change.fields
    ]
    personal = sorted(change.personal & change.desired.keys())
    references = [[to.kind, to.name, known] for to, known in change.references.items()]
    return {
        "kind": change.address.kind,
        "name": change.address.name,
        "action": change.action.value,
        "endpoint": change.endpoint,
        "id": change.id,
        "fields": sorted(fields, key=_canonical),
        "desired": {
            name: plain(value) for name, value in change.desired.items() if name not in personal
        },
        "references": sorted(references, key=_canonical),
        "sink": change.sink,
        **({"personal": personal} if personal else {}),
        **({"was": change.was} if change.was else {}),
        **({"secretFrom": change.secret_from} if change.secret_from else {}),
    }


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _hash(value: Any) -> str:
    return sha256(_canonical(value).encode("ascii")).hexdigest()
