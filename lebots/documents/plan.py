"""Plans and findings as JSON for machines, in one versioned format.

No secret and no personal value is in it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from lebots.core.compare.digest import FORMAT_VERSION, plan_digest
from lebots.core.compare.effects import affected
from lebots.core.history.origin import origins
from lebots.core.model.change import Action, Effect, Origin
from lebots.core.model.options import NO_OPTIONS, PlanOptions
from lebots.core.model.plan import (
    Calls,
    Plan,
    Quota,
)
from lebots.core.model.value import plain
from lebots.documents.change import CHANGE, EFFECT, PRESENCE, UNDECLARED, USED_BY
from lebots.documents.json_schema import (
    DIGEST,
    Shape,
    count,
    described,
    items,
    or_null,
    published,
    record,
    text,
)
from lebots.documents.parts import CALLS, COMMITS, FIELD, FINDING, PROPOSED, RULES, SOURCE, Commits
from lebots.documents.plan_options import OPTIONS
from lebots.documents.signature import SIGNATURE
from lebots.documents.table import VERSION, Table


class _Made(NamedTuple):
    plan: Plan
    version: str
    paths: Sequence[str]
    asked: PlanOptions
    commits: Commits | None


def plan(
    planned: Plan,
    *,
    version: str,
    paths: Sequence[str] = (),
    asked: PlanOptions = NO_OPTIONS,
    commits: Commits | None = None,
) -> dict[str, Any]:
    """The plan document; ``paths``, ``asked`` and ``commits`` are what it was made from."""
    return _PLAN.written(_Made(planned, version, paths, asked, commits))


def plan_schema() -> Shape:
    """The JSON Schema (2020-12) of a plan as ``lebots plan --format json`` prints it."""
    return {
        **published("lebots plan", _PLAN.description, _PLAN.shape),
        "$defs": {
            "change": CHANGE.shape,
            "dependant": USED_BY.shape,
            "effect": EFFECT.shape,
            "field": FIELD.shape,
            "finding": FINDING.shape,
            "presence": PRESENCE.shape,
            "source": SOURCE.shape,
            "undeclared": UNDECLARED.shape,
        },
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

_CALLS: Table[Calls] = Table("Requests an apply needs when nothing goes wrong.", CALLS.parts)

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
        "accountName": (text("Its name in the project."), lambda one: one.plan.name),
        "rules": (
            described(
                RULES.shape,
                "Only with --base or --rules-from: the commit whose lebots.yaml is in force.",
            ),
            lambda one: RULES.written(one.plan.rules) if one.plan.rules else None,
        ),
        "digest": (
            described(
                DIGEST,
                "Hash over everything that would be written and the live values it rests on; "
                "what `lebots apply --expect` takes.",
            ),
            lambda one: plan_digest(one.plan),
        ),
        "change": (
            described(
                PROPOSED.shape,
                "The change of the manifests since the base; only where they differ from one.",
            ),
            lambda one: PROPOSED.written(one.plan.proposed) if one.plan.proposed else None,
        ),
        "refused": (
            items(
                {"$ref": "#/$defs/finding"},
                "Why this plan must not be applied; empty: it may be. These are among the findings "
                "too.",
            ),
            lambda one: [FINDING.written(each) for each in one.plan.refused],
        ),
        "commits": (
            described(COMMITS.shape, "Only where the plan was compared with a base."),
            lambda one: COMMITS.written(one.commits) if one.commits else None,
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
            lambda one: [UNDECLARED.written(each) for each in one.plan.undeclared],
        ),
        "terms": (
            {
                "type": "object",
                "description": "What an approval covers beside the changes: the sinks that get "
                "secrets, resolved, and the rules in force.",
            },
            lambda one: plain(one.plan.terms),
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
            lambda one: [CHANGE.written(each) for each in one.plan.changes],
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
        "signature": SIGNATURE,
    },
    optional={"commits", "madeAt", "checksum", "signature", "origins", "rules", "change"},
)
