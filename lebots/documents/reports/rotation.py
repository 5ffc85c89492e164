"""Which old keys stay enabled after a rotation, as JSON: why, until when, and what to do."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from lebots.core.model.address import Address
from lebots.core.model.options import RotationRequest
from lebots.core.rotate.plan import PendingDisable, Rotation, Wait
from lebots.core.vendor.decode import LATEST
from lebots.documents.json_schema import (
    Shape,
    address,
    described,
    flag,
    items,
    or_null,
    published,
    text,
)
from lebots.documents.outcome import outcome_schema
from lebots.documents.plan import plan_schema
from lebots.documents.table import Table

_HOUR = 3600.0


class _Stays(NamedTuple):
    one: PendingDisable
    after: datetime | None
    grace: float


def waiting(found: Rotation, grace: float) -> list[dict[str, Any]]:
    """Each old key that stays enabled; ``grace`` is in hours."""
    end = _end_of_grace(found, grace)
    return [
        _STAYS.written(_Stays(one, end if one.why is Wait.GRACE else None, grace))
        for one in found.waiting
    ]


def request(asked: RotationRequest) -> dict[str, Any]:
    """What is asked for, as an approval covers it."""
    return _REQUEST.written(asked)


def request_in(terms: Mapping[str, Any]) -> RotationRequest | None:
    """What the terms of a plan that keeps to its schema ask for; None where it is no rotation.

    Raises ValueError for text that is no address.
    """
    if (found := terms.get(REQUEST)) is None:
        return None
    return RotationRequest(Address.parse(found["key"]), found["graceHours"], found["verify"])


def rotation_schema() -> Shape:
    """The JSON Schema (2020-12) of what ``lebots rotate --format json`` prints."""
    words = "A plan with --plan, else how the run ended; each with the old keys that stay enabled."
    plan = plan_schema()
    ways = [_planned(plan), _with({"waiting": or_null(_WAITING)}, outcome_schema())]
    return {**published("lebots rotation", words, {"anyOf": ways}), "$defs": plan["$defs"]}


def rotation_plan_schema() -> Shape:
    """The JSON Schema of what ``lebots rotate --out`` saves."""
    plan = plan_schema()
    return {**_planned(plan), "$defs": plan["$defs"]}


def _planned(plan: Mapping[str, Any]) -> Shape:
    terms = {
        **plan["properties"]["terms"],
        "required": [REQUEST],
        "properties": {REQUEST: _REQUEST.shape},
    }
    return _with({"waiting": _WAITING, "terms": terms}, plan)


def _with(parts: Shape, document: Mapping[str, Any]) -> Shape:
    own = {name: document[name] for name in ("description", "type", "additionalProperties")}
    return {
        **own,
        "required": [*document["required"], "waiting"],
        "properties": {**document["properties"], **parts},
    }


def _end_of_grace(found: Rotation, grace: float) -> datetime | None:
    """When the old key may be disabled; None: unknown."""
    if found.second is None or found.second.issued is None:
        return None
    return datetime.fromtimestamp(min(found.second.issued + grace * _HOUR, LATEST), UTC)


def _words(why: Wait, after: datetime | None, grace: float) -> str:
    if why is Wait.GRACE and after:
        return f"run the same command again after {after:%Y-%m-%d %H:%M:%S} UTC"
    return {
        Wait.GRACE: f"run the same command again {grace:g} hours after the new key was created",
        Wait.AGE_UNKNOWN: "the account does not tell when the new key was created; once bots "
        "use it, run the command with --grace 0",
        Wait.OWN: "this run logs in with it; give lebots another credential, then run it again",
        Wait.USED: "not all that log in with it are declared; move them, then run it again",
    }[why]


_STAYS: Table[_Stays] = Table(
    "An old key that stays enabled.",
    {
        "id": (text("The vendor's id."), lambda stays: stays.one.live.id),
        "why": (
            described({"enum": [why.value for why in Wait]}, "Why it does."),
            lambda stays: stays.one.why.value,
        ),
        "after": (
            or_null(text("When it may be disabled, in UTC; null where nobody can tell.")),
            lambda stays: stays.after.isoformat() if stays.after else None,
        ),
        "words": (
            text("What to do, in words."),
            lambda stays: _words(stays.one.why, stays.after, stays.grace),
        ),
    },
)
_WAITING = items(_STAYS.shape, "Each old key that stays enabled.")

REQUEST = "rotation"
"""The part of a plan's terms that tells what was asked for."""

_REQUEST: Table[RotationRequest] = Table(
    "What the rotation was asked for.",
    {
        "key": (address(), lambda one: str(one.key)),
        "graceHours": (
            {
                "type": "number",
                "minimum": 0,
                "maximum": LATEST,
                "description": "How old the new key must be before the old one is disabled.",
            },
            lambda one: one.grace,
        ),
        "verify": (flag("Whether each moved bot logs in first."), lambda one: one.verify),
    },
)
