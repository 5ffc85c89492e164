"""The drift of an account as JSON."""

from typing import Any, NamedTuple, get_args

from lebots.core.history.drift import Drift, Evidence
from lebots.core.model.change import Action, Change
from lebots.documents.json_schema import (
    Shape,
    address,
    count,
    described,
    items,
    or_null,
    place,
    published,
    record,
    text,
)
from lebots.documents.parts import FIELD, FINDING, SOURCE, source_document
from lebots.documents.table import Table, version
from lebots.documents.text import time_of

DRIFT_VERSION = 1

WHAT = {Action.UPDATE: "changed", Action.CREATE: "gone", Action.UNMANAGED: "new"}
"""What happened to an object, by the verb of its change."""
_MEANS = {
    "changed": "Objects with fields that are not as declared.",
    "gone": "Declared objects that the account does not have.",
    "new": "Objects that nobody declares and that were not there before.",
}


class _Report(NamedTuple):
    found: Drift
    version: str


def document(found: Drift, *, version: str) -> dict[str, Any]:
    """The report for machines."""
    return _REPORT.written(_Report(found, version))


def drift_schema() -> Shape:
    """The JSON Schema (2020-12) of what ``lebots plan --drift --format json`` prints."""
    return {
        **published("lebots drift", _REPORT.description, _REPORT.shape),
        "$defs": {
            "field": described(FIELD.shape, "A field: before in the account, after as declared."),
            "finding": FINDING.shape,
            "source": SOURCE.shape,
        },
    }


def counts(found: Drift) -> dict[str, int]:
    """How many objects there are of each."""
    actions = [change.action for change in (*found.changes, *found.new)]
    return {what: actions.count(action) for action, what in WHAT.items()}


def _fields(change: Change) -> list[dict[str, Any]]:
    return [FIELD.written(one) for one in change.fields if change.action is Action.UPDATE]


_OBJECT: Table[Change] = Table(
    "One object.",
    {
        "address": (address(), lambda one: str(one.address)),
        "what": (
            described({"enum": list(_MEANS)}, "What happened to the object."),
            lambda one: WHAT[one.action],
        ),
        "id": (or_null(text("The vendor's id; null where it is not known.")), lambda one: one.id),
        "source": (
            place("The manifest; null where none declares the object."),
            lambda one: source_document(one.source),
        ),
        "note": (text("More about it, where it needs words."), lambda one: one.note),
        "fields": (items({"$ref": "#/$defs/field"}, "The fields that changed."), _fields),
    },
)

_REPORT: Table[_Report] = Table(
    "The drift of an account: manual changes. Neither secrets nor personal values are in it.",
    {
        "formatVersion": version(DRIFT_VERSION),
        "lebotsVersion": (text("Version of the lebots that looked."), lambda one: one.version),
        "account": (text("Id of the account."), lambda one: one.found.account),
        "since": (
            or_null(text("When the last clean apply ended, in UTC; null where no receipt tells.")),
            lambda one: time_of(one.found.since) if one.found.since else None,
        ),
        "toldBy": (
            described(
                {"enum": list(get_args(Evidence))},
                "What tells drift from pending changes; where nothing does, every difference "
                "counts.",
            ),
            lambda one: one.found.told_by,
        ),
        "summary": (
            described(
                record({name: count(words) for name, words in _MEANS.items()}),
                "How many objects there are of each.",
            ),
            lambda one: counts(one.found),
        ),
        "pending": (
            count("Objects with differences that wait for an apply, and are no drift."),
            lambda one: one.found.pending,
        ),
        "objects": _OBJECT.listed(
            "Every object that changed.", lambda one: (*one.found.changes, *one.found.new)
        ),
        "findings": FINDING.listed("What could not be looked at.", lambda one: one.found.findings),
    },
)
