"""What documents are made of: fields, findings, places, and what a plan was compared with."""

from typing import Any, NamedTuple

from lebots.core.model.address import Source
from lebots.core.model.change import FieldChange, Origin
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.plan import Calls, ProposedChange, RulesInForce, UnusedSetting
from lebots.core.model.value import plain
from lebots.core.proposal.kept import differences
from lebots.documents.json_schema import (
    DIGEST,
    Shape,
    address,
    count,
    described,
    items,
    or_null,
    place,
    text,
)
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


class Commits(NamedTuple):
    """What was compared in git."""

    ref: str
    base: str
    head: str
    """Empty where nothing is committed yet."""


COMMITS: Table[Commits] = Table(
    "",
    {
        "ref": (text("The base as it was named."), lambda one: one.ref),
        "base": (text("Its commit."), lambda one: one.base),
        "head": (text("The commit that is checked out; empty: none."), lambda one: one.head),
    },
)

PROPOSED: Table[ProposedChange] = Table(
    "",
    {
        "digest": (
            described(
                DIGEST, "Hash over the fields that differ; what `lebots apply --base` expects."
            ),
            lambda one: one.digest,
        ),
        "base": (text("The commit that the manifests were compared with."), lambda one: one.base),
        "otherDifferences": (
            count("Differences that the change did not bring."),
            lambda one: differences(one.others),
        ),
    },
)

_UNUSED: Table[UnusedSetting] = Table(
    "A setting.",
    {
        "setting": (text("The keys that lead to it, with dots."), lambda one: ".".join(one.path)),
        "inForce": (
            {"description": "Its value there; null: not set."},
            lambda one: plain(one.in_force),
        ),
        "proposed": (
            {"description": "Its value here; null: not set."},
            lambda one: plain(one.proposed),
        ),
        "file": (
            text("The file it names, where that is what differs."),
            lambda one: one.file or None,
        ),
        "source": (
            place("Where it stands; null where it has no place."),
            lambda one: source_document(one.source),
        ),
    },
    optional={"file"},
)

RULES: Table[RulesInForce] = Table(
    "",
    {
        "from": (text("The name of the commit."), lambda one: one.ref),
        "unused": (
            items(_UNUSED.shape, "What the lebots.yaml here has otherwise: it was not used."),
            lambda one: [_UNUSED.written(each) for each in one.unused],
        ),
    },
)
