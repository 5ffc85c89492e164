"""One change of a plan as JSON, with its effects and with who uses its object."""

from collections import Counter
from typing import Any

from lebots.core.compare.digest import change_digest
from lebots.core.model.address import Address
from lebots.core.model.change import (
    WRITES,
    Action,
    Change,
    ChangeEffect,
    Dependant,
    Effect,
    Presence,
    Undeclared,
)
from lebots.core.model.live import HUMAN
from lebots.core.model.value import plain
from lebots.documents.json_schema import (
    DIGEST,
    address,
    count,
    described,
    flag,
    items,
    mapping,
    or_null,
    place,
    text,
)
from lebots.documents.parts import (
    FIELD,
    origin_shape,
    source_document,
)
from lebots.documents.table import Table

USED_BY: Table[Dependant] = Table(
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

PRESENCE: Table[tuple[Address, Presence]] = Table(
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

EFFECT: Table[ChangeEffect] = Table(
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
            lambda one: [PRESENCE.written(each) for each in one.now],
        ),
    },
)


def _never_touched(change: Change) -> Counter[str]:
    """Who uses an object and is never touched, counted by what they are."""
    return Counter(each.note for each in change.used_by if each.note)


def _owned(change: Change) -> dict[str, Any]:
    """The owned fields without what is personal."""
    personal = change.personal.union(part.field for part in change.fields if part.personal)
    return {
        name: None if name in personal else plain(value) for name, value in change.desired.items()
    }


CHANGE: Table[Change] = Table(
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
        "object": (
            {
                "type": "object",
                "description": "The fields that the manifest owns, as they will be, so that a "
                "policy sees the whole object; null for a personal one; none where nothing "
                "changes.",
            },
            _owned,
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
            lambda one: [USED_BY.written(each) for each in one.used_by if not each.note],
        ),
        "people": (
            count("How many people use it too, where a change of it could hurt them."),
            lambda one: _never_touched(one)[HUMAN],
        ),
        "otherUsers": (
            mapping(
                count("How many of them."),
                "What else uses it that lebots never touches, counted by what it is.",
            ),
            lambda one: dict(_never_touched(one) - Counter({HUMAN: len(one.used_by)})),
        ),
        "effects": (
            items(
                {"$ref": "#/$defs/effect"},
                "What it does to people and live customers, the most harmful first.",
            ),
            lambda one: [EFFECT.written(each) for each in one.effects],
        ),
        "note": (text("Why, where it needs words."), lambda one: one.note),
        "digest": (
            described(DIGEST, "Hash over this change alone; only where something is written."),
            lambda one: change_digest(one) if one.action in WRITES else None,
        ),
        "personalMark": (
            described(DIGEST, "Only under LEBOTS_PLAN_KEY: HMAC-SHA-256 of its personal values."),
            lambda one: one.personal_mark or None,
        ),
        "origin": (
            origin_shape("Where the change comes from, an update from its fields"),
            lambda one: one.origin.value if one.origin else None,
        ),
    },
    optional={"digest", "personalMark", "origin"},
)

UNDECLARED: Table[Undeclared] = Table(
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
