"""What several documents have in common: fields, findings and places."""

from typing import Any

from lebots.core.model.address import Source
from lebots.core.model.change import FieldChange, Origin
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import Calls
from lebots.core.model.value import plain
from lebots.documents.json_schema import Shape, address, count, described, or_null, place, text
from lebots.documents.table import Table
from lebots.next_steps import worded

_NUMBER: Shape = {"type": "integer", "minimum": 1, "description": "Counts from 1."}


def origin_shape(words: str) -> Shape:
    """Where a difference comes from."""
    about = f"{words}; only where the plan was compared with a base."
    return described({"enum": [origin.value for origin in Origin]}, about)


def source_document(source: Source | None) -> dict[str, Any] | None:
    """A place in a file."""
    return SOURCE.written(source) if source else None


def _base(one: FieldChange) -> Any:
    return None if one.personal or one.origin is not Origin.CONFLICT else plain(one.base)


SOURCE: Table[Source] = Table(
    "A place in a file.",
    {
        "file": (text("Path of the file."), lambda one: one.file),
        "line": (_NUMBER, lambda one: one.line),
        "column": (_NUMBER, lambda one: one.column),
    },
)

CALLS: Table[Calls] = Table(
    "Requests to the account.",
    {
        "reads": (count("Requests that read."), lambda one: one.reads),
        "writes": (count("... that write."), lambda one: one.writes),
    },
)

FIELD: Table[FieldChange] = Table(
    "One field that changes.",
    {
        "path": (
            text("The field in manifest words, dots lead into objects."),
            lambda one: one.path,
        ),
        "before": (
            {"description": "The live value; null for none and for a personal one."},
            lambda one: None if one.personal else plain(one.before),
        ),
        "after": (
            {"description": "The value afterwards; null for none and for a personal one."},
            lambda one: None if one.personal else plain(one.after),
        ),
        "source": (
            place("Where the manifest sets it; null where none does."),
            lambda one: source_document(one.source),
        ),
        "note": (text("Why it changes where no manifest says so."), lambda one: one.note or None),
        "personal": (
            described({"const": True}, "Personal data: both values are left out."),
            lambda one: one.personal or None,
        ),
        "origin": (
            origin_shape("Where the difference comes from"),
            lambda one: one.origin.value if one.origin else None,
        ),
        "base": (
            {"description": "Only of a conflict: what the base has; null for a personal value."},
            lambda one: _base(one),
        ),
    },
    optional={"note", "personal", "origin", "base"},
    ref="field",
)

FINDING: Table[Finding] = Table(
    "Something to tell the reader.",
    {
        "severity": (
            described(
                {"enum": [severity.value for severity in Severity]},
                "Errors and refusals stop a run, the others are advice.",
            ),
            lambda one: one.severity.value,
        ),
        "code": (text("Stable name of the rule."), lambda one: one.code),
        "message": (text("What is wrong and what to do."), lambda one: worded(one).message),
        "address": (
            or_null(address()),
            lambda one: str(one.address) if one.address else None,
        ),
        "source": (
            place("Where it was found; null where it has no place."),
            lambda one: source_document(one.source),
        ),
    },
    ref="finding",
)
