"""Plans and findings as JSON for machines, in one versioned format.

No secret and no personal value is in it.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from lebots.core.compare.digest import FORMAT_VERSION, change_digest, plan_digest
from lebots.core.compare.effects import affected
from lebots.core.history.origin import origins
from lebots.core.model.address import Address
from lebots.core.model.change import WRITES, Action, Change, Dependant, Origin, Undeclared
from lebots.core.model.effect import ChangeEffect, Effect, Presence
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.options import NO_OPTIONS, PlanOptions
from lebots.core.model.plan import Calls, Plan, Quota
from lebots.core.model.value import plain
from lebots.documents.json_schema import (
    DIGEST,
    Shape,
    address,
    count,
    described,
    flag,
    items,
    or_null,
    place,
    published,
    record,
    text,
)
from lebots.documents.parts import (
    FIELD,
    FINDING,
    SOURCE,
    origin_shape,
    source_document,
)
from lebots.documents.plan_options import OPTIONS
from lebots.documents.table import VERSION, Table


class _Made(NamedTuple):
    plan: Plan
    version: str
    paths: Sequence[str]
    asked: PlanOptions


def plan(
    planned: Plan,
    *,
    version: str,
    paths: Sequence[str] = (),
    asked: PlanOptions = NO_OPTIONS,
) -> dict[str, Any]:
    """The plan document; ``paths`` and ``asked`` are what it was made from."""
    return _PLAN.written(_Made(planned, version, paths, asked))


def plan_schema() -> Shape:
    """The JSON Schema (2020-12) of a plan as ``lebots plan --format json`` prints it."""
    return {
        **published("lebots plan", _PLAN.description, _PLAN.shape),
        "$defs": {
            "change": _CHANGE.shape,
            "dependant": _USED_BY.shape,
            "effect": _EFFECT.shape,
            "field": FIELD.shape,
            "finding": FINDING.shape,
            "presence": _PRESENCE.shape,
            "source": SOURCE.shape,
            "undeclared": _UNDECLARED.shape,
        },
    }


def findings(found: Sequence[Finding]) -> dict[str, Any]:
    """What was found in the manifests."""
    counts = Counter(finding.severity for finding in found)
    return {
        "formatVersion": FORMAT_VERSION,
        "summary": {severity.value: counts[severity] for severity in Severity},
        "findings": [FINDING.written(finding) for finding in found],
    }


def _origins(planned: Plan) -> dict[str, int] | None:
    found = [origins(change) for change in planned.writes]
    if not (any(found) or planned.undeclared):
        return None
    counts = {one.value: sum(one in each for each in found) for one in Origin}
    return {**counts, Origin.NO_LONGER_DECLARED.value: len(planned.undeclared)}


_SUMMARY = {
    Action.CREATE: "Objects to make.",
    Action.UPDATE: "Objects to update.",
    Action.RENAME: "Objects to rename.",
    Action.DISABLE: "Objects to disable.",
    Action.DELETE: "Objects to delete.",
    Action.UNCHANGED: "Objects that are in sync.",
    Action.UNMANAGED: "Objects that no manifest declares.",
}

_ORIGINS = {
    Origin.PROPOSED: "Differences from this branch.",
    Origin.PENDING: "Differences that are merged but not applied.",
    Origin.DRIFT: "Drift: manual changes in the account.",
    Origin.CONFLICT: "What this change of the manifests and somebody in the account both changed.",
    Origin.NO_LONGER_DECLARED: "What the base declares and these manifests do not; it stays.",
}

_USED_BY: Table[Dependant] = Table(
    "An object that uses another one.",
    {
        "address": (address(), lambda one: str(one.address)),
        "declared": (flag("Whether a manifest declares it."), lambda one: one.declared),
        "note": (
            text("What it is where lebots never manages it, such as a human user."),
            lambda one: one.note,
        ),
    },
)

_PRESENCE: Table[tuple[Address, Presence]] = Table(
    "How busy a bot was when the plan was made.",
    {
        "address": (address(), lambda one: str(one[0])),
        "status": (
            or_null(text("Such as online, back soon, away or offline; null: not told.")),
            lambda one: one[1].status or None,
        ),
        "conversations": (
            or_null(count("Its open conversations; null: not told.")),
            lambda one: one[1].conversations,
        ),
    },
)

_EFFECT: Table[ChangeEffect] = Table(
    "What a change does to people or live customers.",
    {
        "effect": (
            described({"enum": [one.value for one in Effect]}, "The effect; the first is worst."),
            lambda one: one.effect.value,
        ),
        "why": (text("Why it hurts, in words."), lambda one: one.why),
        "field": (
            or_null(text("The field that brings it; null for the change as a whole.")),
            lambda one: one.path or None,
        ),
        "on": (
            items(address(), "The objects it falls on, the changed one among them."),
            lambda one: [str(each) for each in one.on],
        ),
        "now": (
            items(
                {"$ref": "#/$defs/presence"},
                "How busy those bots among them are that the account told of; in no digest.",
            ),
            lambda one: [_PRESENCE.written(each) for each in one.now],
        ),
    },
)

_CHANGE: Table[Change] = Table(
    "What happens to one object.",
    {
        "address": (address(), lambda one: str(one.address)),
        "kind": (text("Kind of the object."), lambda one: one.address.kind),
        "name": (text("Name of the object."), lambda one: one.address.name),
        "action": (
            described({"enum": [action.value for action in Action]}, "The verb."),
            lambda one: one.action.value,
        ),
        "was": (
            or_null(text("The name before a rename; null for any other verb.")),
            lambda one: one.was or None,
        ),
        "id": (
            or_null(text("The vendor's id; null for an object still to be made.")),
            lambda one: one.id,
        ),
        "source": (
            place("The manifest; null where none declares the object."),
            lambda one: source_document(one.source),
        ),
        "dependsOn": (
            items(address(), "Objects whose earlier changes must be done first."),
            lambda one: [str(each) for each in one.depends_on],
        ),
        "fields": (
            items({"$ref": "#/$defs/field"}, "The fields that change; none where nothing does."),
            lambda one: [FIELD.written(each) for each in one.fields if one.action in WRITES],
        ),
        "sink": (
            or_null(text("Sink that gets a secret; null where there is none.")),
            lambda one: one.sink or None,
        ),
        "secretFrom": (
            or_null(text("Former name whose stored secret is copied; null where none is.")),
            lambda one: one.secret_from or None,
        ),
        "usedBy": (
            items(
                {"$ref": "#/$defs/dependant"},
                "Objects that refer to this one now or afterwards, where a change of it could "
                "hurt them.",
            ),
            lambda one: [_USED_BY.written(each) for each in one.used_by if not each.note],
        ),
        "people": (
            count("How many people use it too, where a change of it could hurt them."),
            lambda one: sum(bool(each.note) for each in one.used_by),
        ),
        "effects": (
            items(
                {"$ref": "#/$defs/effect"},
                "What it does to people and live customers, the most harmful first.",
            ),
            lambda one: [_EFFECT.written(each) for each in one.effects],
        ),
        "note": (text("Why, where it needs words."), lambda one: one.note),
        "digest": (
            described(DIGEST, "Hash over this change alone; only where something is written."),
            lambda one: change_digest(one) if one.action in WRITES else None,
        ),
        "origin": (
            origin_shape("Where the change comes from, an update from its fields"),
            lambda one: one.origin.value if one.origin else None,
        ),
    },
    optional={"digest", "origin"},
)

_UNDECLARED: Table[Undeclared] = Table(
    "What the base declares and these manifests do not; it stays in the account as it is.",
    {
        "address": (address(), lambda one: str(one.address)),
        "fields": (
            {
                "type": "object",
                "description": "Fields with the values that stay, null for a personal one; none "
                "where the whole object is declared no longer.",
            },
            lambda one: {
                name: None if name in one.personal else plain(value)
                for name, value in one.fields.items()
            },
        ),
        "source": (
            place("Where these manifests declare the object; null where they do not."),
            lambda one: source_document(one.source),
        ),
        "baseSource": (
            place("Where the base declares it."),
            lambda one: source_document(one.base_source),
        ),
    },
)

_CALLS: Table[Calls] = Table(
    "Requests an apply needs when nothing goes wrong.",
    {
        "reads": (count("Requests that read."), lambda one: one.reads),
        "writes": (count("... that write."), lambda one: one.writes),
    },
)

_QUOTA: Table[Quota] = Table(
    "",
    {
        "collection": (text("Name of the collection."), lambda one: one.collection),
        "now": (count("Objects in it now."), lambda one: one.now),
        "after": (
            count("Objects once all is created and nothing removed."),
            lambda one: one.after,
        ),
        "limit": (
            or_null(count("The most it can hold, where known.")),
            lambda one: one.limit,
        ),
    },
)

_PLAN: Table[_Made] = Table(
    "What an apply would do. Neither secrets nor personal values are in it.",
    {
        "formatVersion": (described({"const": FORMAT_VERSION}, VERSION), lambda _: FORMAT_VERSION),
        "lebotsVersion": (
            text("Version of the lebots that made the plan."),
            lambda one: one.version,
        ),
        "account": (text("Id of the account the plan is for."), lambda one: one.plan.account),
        "digest": (
            described(
                DIGEST,
                "Hash over everything that would be written and the live values it rests on; "
                "what `lebots apply --expect` takes.",
            ),
            lambda one: plan_digest(one.plan),
        ),
        "refused": (
            items(
                {"$ref": "#/$defs/finding"},
                "Why this plan must not be applied; empty: it may be. These are among the findings "
                "too.",
            ),
            lambda one: [FINDING.written(each) for each in one.plan.refused],
        ),
        "paths": (
            items(text("A file or folder."), "The manifests the plan was made from."),
            lambda one: list(one.paths),
        ),
        **OPTIONS.of(lambda one: one.asked),
        "summary": (
            described(
                record({action.value: count(_SUMMARY[action]) for action in Action}),
                "How many changes carry each verb.",
            ),
            lambda one: {action.value: one.plan.count(action) for action in Action},
        ),
        "effects": (
            described(
                record({one.value: count(f"Objects with the effect {one}.") for one in Effect}),
                "How many objects each effect falls on, whatever the verbs are.",
            ),
            lambda one: {
                effect.value: len(affected(one.plan.changes, effect)) for effect in Effect
            },
        ),
        "origins": (
            described(
                record({origin.value: count(_ORIGINS[origin]) for origin in Origin}),
                "Only where the plan was compared with a base: how many changes have something "
                "of each origin.",
            ),
            lambda one: _origins(one.plan),
        ),
        "noLongerDeclared": (
            items(
                {"$ref": "#/$defs/undeclared"},
                "What the base declares and these manifests do not, where nothing removes it.",
            ),
            lambda one: [_UNDECLARED.written(each) for each in one.plan.undeclared],
        ),
        "live": (
            count("Objects of the managed kinds that the account holds now."),
            lambda one: one.plan.live,
        ),
        "calls": (_CALLS.shape, lambda one: _CALLS.written(one.plan.calls)),
        "quotas": (
            items(_QUOTA.shape, "The collections in which something is created."),
            lambda one: [_QUOTA.written(each) for each in one.plan.quotas],
        ),
        "changes": (
            items({"$ref": "#/$defs/change"}, "In the order of an apply."),
            lambda one: [_CHANGE.written(each) for each in one.plan.changes],
        ),
        "findings": (
            items({"$ref": "#/$defs/finding"}, "All there is to say."),
            lambda one: [FINDING.written(each) for each in one.plan.findings],
        ),
        "madeAt": (
            described(
                {"type": "string", "format": "date-time"},
                "Only in a saved plan: when it was made, in UTC.",
            ),
            lambda _: None,
        ),
        "checksum": (
            described(
                DIGEST, "Only in a saved plan: finds damage to the file, proves nothing else."
            ),
            lambda _: None,
        ),
    },
    optional={"madeAt", "checksum", "origins"},
)
