"""The JSON Schema of the plan document."""

from typing import Any

from lebots.core.compare.digest import FORMAT_VERSION
from lebots.core.model.change import Action, Origin
from lebots.core.model.finding import Severity
from lebots.documents.json_schema import DIGEST as _DIGEST
from lebots.documents.json_schema import address as _address
from lebots.documents.json_schema import count as _count
from lebots.documents.json_schema import described as _described
from lebots.documents.json_schema import flag as _flag
from lebots.documents.json_schema import items as _list
from lebots.documents.json_schema import or_null as _or_null
from lebots.documents.json_schema import place as _place
from lebots.documents.json_schema import record as _object
from lebots.documents.json_schema import text as _text


def plan_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a plan as ``lebots plan --format json`` prints it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lebots plan",
        "description": "What an apply would do. Neither secrets nor personal values are in it.",
        **_object(
            {
                "formatVersion": _described(
                    {"const": FORMAT_VERSION},
                    "Version of this format; it grows whenever a reader could misunderstand.",
                ),
                "lebotsVersion": _text("Version of the lebots that made the plan."),
                "account": _text("Id of the account the plan is for."),
                "digest": _described(
                    _DIGEST,
                    "Hash over everything that would be written and the live values it rests on; "
                    "what `lebots apply --expect` takes.",
                ),
                "refused": _list(
                    {"$ref": "#/$defs/finding"},
                    "Why nothing of this plan may be applied, though it shows what would change; "
                    "none: it may. These are among the findings too.",
                ),
                "paths": _list(_text("A file or folder."), "The manifests the plan was made from."),
                "targets": _list(
                    _address(), "The addresses the plan was narrowed to; none means all."
                ),
                "recreate": _list(
                    _address(), "The addresses that may be made anew although they were delivered."
                ),
                "prune": _flag("Whether what is in scope and unmanaged is retired."),
                "confirmDeletes": _or_null(_count("Removals agreed to; null where none counted.")),
                "allowEmpty": _flag("Whether it is meant where there is no manifest at all."),
                "summary": _described(
                    _object({action.value: _count(_SUMMARY[action]) for action in Action}),
                    "How many changes carry each verb.",
                ),
                "origins": _described(
                    _object({origin.value: _count(_ORIGINS[origin]) for origin in Origin}),
                    "Only where the plan was compared with a base: how many changes have something "
                    "of each origin.",
                ),
                "live": _count("Objects of the managed kinds that the account holds now."),
                "calls": _described(
                    _object(
                        {
                            "reads": _count("Requests that read."),
                            "writes": _count("... that write."),
                        }
                    ),
                    "Requests an apply needs when nothing goes wrong.",
                ),
                "quotas": _list(
                    _object(
                        {
                            "collection": _text("Name of the collection."),
                            "now": _count("Objects in it now."),
                            "after": _count("Objects once all is created and nothing removed."),
                            "limit": _or_null(_count("The most it can hold, where known.")),
                        }
                    ),
                    "The collections in which something is created.",
                ),
                "changes": _list({"$ref": "#/$defs/change"}, "In the order of an apply."),
                "findings": _list({"$ref": "#/$defs/finding"}, "All there is to say."),
                "madeAt": _described(
                    {"type": "string", "format": "date-time"},
                    "Only in a saved plan: when it was made, in UTC.",
                ),
                "checksum": _described(
                    _DIGEST, "Only in a saved plan: finds damage to the file, proves nothing else."
                ),
            },
            optional={"madeAt", "checksum", "origins"},
        ),
        "$defs": {
            "change": _change(),
            "dependant": _dependant(),
            "field": field_shape(),
            "finding": finding_shape(),
            "source": source_shape(),
        },
    }


_SUMMARY = {
    Action.CREATE: "Objects to make.",
    Action.UPDATE: "Objects to update.",
    Action.RENAME: "Objects to rename.",
    Action.DISABLE: "Objects to switch off.",
    Action.DELETE: "Objects to delete.",
    Action.UNCHANGED: "Objects that are as declared.",
    Action.UNMANAGED: "Objects that no manifest declares.",
}


_ORIGINS = {
    Origin.PROPOSED: "What this change of the manifests brings.",
    Origin.PENDING: "What the base has already and nobody applied yet.",
    Origin.DRIFT: "What somebody changed in the account.",
}


def _origin(words: str) -> dict[str, Any]:
    about = f"{words}; only where the plan was compared with a base."
    return _described({"enum": [origin.value for origin in Origin]}, about)


def _change() -> dict[str, Any]:
    return _described(
        _object(
            {
                "address": _address(),
                "kind": _text("Kind of the object."),
                "name": _text("Name of the object."),
                "action": _described({"enum": [action.value for action in Action]}, "The verb."),
                "was": _or_null(_text("The name before a rename; null for any other verb.")),
                "id": _or_null(_text("The vendor's id; null for an object still to be made.")),
                "source": _place("The manifest; null where none declares the object."),
                "dependsOn": _list(_address(), "Objects whose earlier changes must be done first."),
                "fields": _list(
                    {"$ref": "#/$defs/field"}, "The fields that change; none where nothing does."
                ),
                "sink": _or_null(_text("Sink that gets a secret; null where there is none.")),
                "secretFrom": _or_null(
                    _text("Former name whose stored secret is copied; null where none is.")
                ),
                "usedBy": _list(
                    {"$ref": "#/$defs/dependant"},
                    "Objects that refer to this one now or afterwards, where a change of it could "
                    "hurt them.",
                ),
                "note": _text("Why, where it needs words."),
                "digest": _described(
                    _DIGEST, "Hash over this change alone; only where something is written."
                ),
                "origin": _origin("Where the change comes from, an update from its fields"),
            },
            optional={"digest", "origin"},
        ),
        "What happens to one object.",
    )


def _dependant() -> dict[str, Any]:
    return _described(
        _object(
            {
                "address": _address(),
                "declared": _described({"type": "boolean"}, "Whether a manifest declares it."),
                "note": _text("What it is where lebots never manages it, such as a human user."),
            }
        ),
        "An object that hangs on another one.",
    )


def field_shape() -> dict[str, Any]:
    """One field of a change; the schema that uses it defines ``source``."""
    return _described(
        _object(
            {
                "path": _text("The field in manifest words, dots lead into objects."),
                "before": {"description": "The live value; null for none and for a personal one."},
                "after": {
                    "description": "The value afterwards; null for none and for a personal one."
                },
                "source": _place("Where the manifest sets it; null where none does."),
                "note": _text("Why it changes where no manifest says so."),
                "personal": _described({"const": True}, "Personal data: both values are left out."),
                "origin": _origin("Where the difference comes from"),
            },
            optional={"note", "personal", "origin"},
        ),
        "One field that changes.",
    )


def finding_shape() -> dict[str, Any]:
    """A finding; the schema that uses it defines ``source``."""
    return _described(
        _object(
            {
                "severity": _described(
                    {"enum": [severity.value for severity in Severity]},
                    "Errors and refusals stop a run, the others are advice.",
                ),
                "code": _text("Stable name of the rule."),
                "message": _text("What is wrong and what to do."),
                "address": _or_null(_address()),
                "source": _place("Where it was found; null where it has no place."),
            }
        ),
        "Something to tell the reader.",
    )


def source_shape() -> dict[str, Any]:
    """A place in a file."""
    number = {"type": "integer", "minimum": 1}
    return _described(
        _object(
            {
                "file": _text("Path of the file."),
                "line": _described(number, "Counts from 1."),
                "column": _described(number, "Counts from 1."),
            }
        ),
        "A place in a file.",
    )
