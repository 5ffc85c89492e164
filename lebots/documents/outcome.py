"""How an apply ended, as JSON."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from lebots.core.compare.digest import FORMAT_VERSION, plan_digest
from lebots.core.history.receipt import Entry
from lebots.core.model.change import Action, Change, Outcome, Status
from lebots.core.model.plan import Plan, ProposedChange
from lebots.documents.json_schema import (
    DIGEST,
    Shape,
    address,
    count,
    described,
    items,
    or_null,
    published,
    record,
    text,
)
from lebots.documents.table import Table, version


class _Ended(NamedTuple):
    plan: Plan
    outcomes: Sequence[Outcome]
    converged: bool | None


def outcomes(
    ended: Sequence[Outcome], planned: Plan, converged: bool | None = None
) -> dict[str, Any]:
    """The document; ``converged`` tells whether a plan made afterwards was empty."""
    return _ENDED.written(_Ended(planned, ended, converged))


def outcome_schema() -> Shape:
    """The JSON Schema (2020-12) of what ``lebots apply --format json`` prints."""
    return published("lebots outcome", _ENDED.description, _ENDED.shape)


def counted(statuses: Sequence[Status]) -> dict[str, int]:
    """How many there are of each status."""
    found = Counter(statuses)
    return {status.value: found[status] for status in Status}


SUMMARY = described(
    record({status.value: count(f"Changes {status}.") for status in Status}),
    "How many changes ended in each way.",
)
CONVERGED = {
    "type": ["boolean", "null"],
    "description": "Whether a plan made afterwards was empty; null where none was made.",
}

ENTRY: Table[Entry] = Table(
    "How one change ended.",
    {
        "address": (address(), lambda one: str(one.address)),
        "action": (
            described({"enum": [action.value for action in Action]}, "The verb."),
            lambda one: one.action.value,
        ),
        "status": (
            described({"enum": [status.value for status in Status]}, "Its end."),
            lambda one: one.status.value,
        ),
        "id": (or_null(text("The vendor's id; null where it is not known.")), lambda one: one.id),
        "error": (
            or_null(text("Why it is not done; null where it is.")),
            lambda one: one.error or None,
        ),
        "changedBeside": (
            items(
                text("The field, or an attribute that lebots does not know."),
                "What the account changed of the object beside the fields of the change; "
                "left out: nothing.",
            ),
            lambda one: list(one.beside) or None,
        ),
    },
    optional={"changedBeside"},
)

_HELD_BACK: Table[Change] = Table(
    "",
    {
        "address": (address(), lambda one: str(one.address)),
        "action": (text("The verb."), lambda one: one.action.value),
        "fields": (
            items(text("A field."), "The fields that differ."),
            lambda one: [part.path for part in one.fields],
        ),
    },
)


def _held_back(change: ProposedChange | None) -> list[dict[str, Any]] | None:
    return [_HELD_BACK.written(one) for one in change.others] if change else None


_ENDED: Table[_Ended] = Table(
    "How an apply ended. Neither secrets nor personal values are in it.",
    {
        "formatVersion": version(FORMAT_VERSION),
        "account": (text("Id of the account."), lambda one: one.plan.account),
        "digest": (
            described(DIGEST, "Digest of the plan that was carried out."),
            lambda one: plan_digest(one.plan),
        ),
        "change": (
            described(DIGEST, "Only where the plan kept to one change: its digest."),
            lambda one: one.plan.proposed.digest if one.plan.proposed else None,
        ),
        "heldBack": (
            items(_HELD_BACK.shape, "Only then: what is not of the change, and stays as it is."),
            lambda one: _held_back(one.plan.proposed),
        ),
        "summary": (SUMMARY, lambda one: counted([each.status for each in one.outcomes])),
        "converged": (CONVERGED, lambda one: one.converged),
        "outcomes": ENTRY.listed(
            "Every change of the plan, in its order.", lambda one: map(Entry.of, one.outcomes)
        ),
    },
    optional={"change", "heldBack"},
)
