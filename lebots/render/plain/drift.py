"""What somebody changed in an account, as text and as JSON; it informs and proposes nothing."""

from collections.abc import Mapping
from typing import Any

from lebots.core.history.drift import Drift
from lebots.core.model.change import Action, Change
from lebots.core.model.kind import Kind
from lebots.core.model.plan import Plan
from lebots.documents.json_schema import (
    DIALECT,
    address,
    count,
    described,
    items,
    or_null,
    place,
    record,
)
from lebots.documents.json_schema import text as text_shape
from lebots.documents.plan import field_document, finding_document, source_document
from lebots.documents.plan_schema import field_shape, finding_shape, source_shape
from lebots.documents.receipt import time_of
from lebots.render.detail import detail
from lebots.render.escape import visible
from lebots.render.plain.plan import findings_section
from lebots.render.plan_view import PlanView, title

DRIFT_VERSION = 1

_WHAT = {Action.UPDATE: "changed", Action.CREATE: "gone", Action.UNMANAGED: "new"}
_SYMBOLS = {Action.UPDATE: "~", Action.CREATE: "-", Action.UNMANAGED: "+"}
_MEANS = {
    "changed": "Objects with fields that are not as declared.",
    "gone": "Declared objects that the account does not have.",
    "new": "Objects that nobody declares and that were not there before.",
}


def text(found: Drift, kinds: Mapping[str, Kind], *, version: str) -> str:
    """The report for people."""
    header = f"lebots {visible(version)}   account {visible(found.account)}"
    updates = tuple(change for change in found.changes if change.action is Action.UPDATE)
    sheet = PlanView(Plan(found.account, updates), kinds)
    lines = [_line(sheet, number, change) for number, change in sheet.numbered]
    others = (change for change in found.changes if change.action is not Action.UPDATE)
    lines += [_line(sheet, None, change) for change in (*others, *found.new)]
    heading = "DETAIL, in the account -> in the manifest"
    sections = [
        [header, f"{_verdict(found)}    {found.live} live"],
        ["CHANGED IN THE ACCOUNT", *lines] if lines else [],
        [heading, *detail(sheet)[1:]] if updates else [],
        findings_section(found.findings),
        _closing(found),
    ]
    return "\n\n".join("\n".join(part) for part in sections if part)


def document(found: Drift, *, version: str) -> dict[str, Any]:
    """The report for machines."""
    return {
        "formatVersion": DRIFT_VERSION,
        "lebotsVersion": version,
        "account": found.account,
        "since": time_of(found.since) if found.since else None,
        "summary": _counts(found),
        "objects": [_object(change) for change in (*found.changes, *found.new)],
        "findings": [finding_document(finding) for finding in found.findings],
    }


def drift_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what ``lebots plan --drift --format json`` prints."""
    return {
        "$schema": DIALECT,
        "title": "lebots drift",
        "description": "What somebody changed in an account. Neither secrets nor personal values "
        "are in it.",
        **record(
            {
                "formatVersion": described(
                    {"const": DRIFT_VERSION},
                    "Version of this format; it grows whenever a reader could misunderstand.",
                ),
                "lebotsVersion": text_shape("Version of the lebots that looked."),
                "account": text_shape("Id of the account."),
                "since": or_null(
                    text_shape(
                        "When the last clean apply ended, in UTC; null where no receipt tells, and "
                        "every difference counts."
                    )
                ),
                "summary": described(
                    record({name: count(words) for name, words in _MEANS.items()}),
                    "How many objects there are of each.",
                ),
                "objects": items(_object_shape(), "Every object that changed."),
                "findings": items({"$ref": "#/$defs/finding"}, "What could not be looked at."),
            }
        ),
        "$defs": {
            "field": described(field_shape(), "A field: before in the account, after as declared."),
            "finding": finding_shape(),
            "source": source_shape(),
        },
    }


def _object_shape() -> dict[str, Any]:
    return described(
        record(
            {
                "address": address(),
                "what": described({"enum": list(_MEANS)}, "What happened to the object."),
                "id": or_null(text_shape("The vendor's id; null where it is not known.")),
                "source": place("The manifest; null where none declares the object."),
                "note": text_shape("More about it, where it needs words."),
                "fields": items({"$ref": "#/$defs/field"}, "The fields that changed."),
            }
        ),
        "One object.",
    )


def _object(change: Change) -> dict[str, Any]:
    fields = change.fields if change.action is Action.UPDATE else ()
    return {
        "address": str(change.address),
        "what": _WHAT[change.action],
        "id": change.id,
        "source": source_document(change.source),
        "note": change.note,
        "fields": [field_document(part) for part in fields],
    }


def _counts(found: Drift) -> dict[str, int]:
    actions = [change.action for change in (*found.changes, *found.new)]
    return {what: actions.count(action) for action, what in _WHAT.items()}


def _verdict(found: Drift) -> str:
    words = ", ".join(f"{number} {what}" for what, number in _counts(found).items() if number)
    if found.since:
        return f"{words or 'nothing changed'} in the account since {time_of(found.since)}"
    if words:
        return f"{words} in the account: every difference, since no receipt tells what was applied"
    return "the account is in sync"


def _line(sheet: PlanView, number: int | None, change: Change) -> str:
    digits = sheet.number(number) if number else " " * len(sheet.number(0))
    about = ", ".join(visible(part.path) for part in change.fields)
    if change.action is not Action.UPDATE:
        about = _WHAT[change.action] + (f"   id {visible(change.id)}" if change.id else "")
    note = f"   {visible(change.note)}" if change.note else ""
    name = title(change.address, sheet.kinds)
    line = f"  {digits} {_SYMBOLS[change.action]} {name}   {about}{note}"
    return sheet.placed(line, change.source) or line


def _closing(found: Drift) -> list[str]:
    if not found:
        return []
    return [
        "NEXT  write into the manifests what is to stay; `lebots plan` shows what it takes back"
    ]
