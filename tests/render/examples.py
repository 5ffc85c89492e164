"""Plans to draw: the example account of the design, and smaller ones."""

from dataclasses import replace
from datetime import UTC, datetime

from lebots.core.model.address import Address, Source
from lebots.core.model.change import (
    ORDER,
    Action,
    Cause,
    Change,
    ChangeEffect,
    Dependant,
    Effect,
    FieldChange,
    Origin,
    Outcome,
    Status,
)
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.kind import Field, Kind
from lebots.core.model.plan import Calls, Plan, Quota
from lebots.core.model.value import Value

NAMES = {"type": "array"}
KINDS = {
    "Skill": Kind(name="Skill", label="skill", summary="", endpoints=()),
    "Key": Kind(name="Key", label="key", summary="", endpoints=()),
    "BotUser": Kind(
        name="BotUser",
        label="bot",
        summary="",
        endpoints=(),
        fields=(
            Field("skills", NAMES, ref="Skill"),
            Field("key", {"type": "string"}, ref="Key"),
            Field("profiles", NAMES, ref="Profile"),
        ),
    ),
}

BILLING = Address("Skill", "billing")
REFUNDS = Address("Skill", "billing-refunds")
KEY = Address("Key", "ci-refunds")
BOT = Address("BotUser", "refund-bot")
LEGACY = Address("BotUser", "faq-legacy")


def at(file: str, line: int) -> Source:
    return Source(f"manifests/{file}.yaml", line, 3)


def field(
    path: str, before: Value, after: Value, file: str, line: int, *, personal: bool = False
) -> FieldChange:
    return FieldChange(path, before, after, at(file, line), personal=personal)


def told(change: Change) -> Change:
    """The change with the effects that the planner tells of such a one."""
    alone = (change.address,)
    found = []
    if change.action is Action.DELETE:
        found.append(ChangeEffect(Effect.IRREVERSIBLE, "cannot be undone", on=alone))
    if change.action is Action.DISABLE:
        found.append(ChangeEffect(Effect.OUT_OF_SERVICE, "a bot that is running stops", on=alone))
    if change.sink:
        found.append(ChangeEffect(Effect.NEW_SECRET, "a new secret", "sink", alone))
    conflicts = (part.path for part in change.fields if part.origin is Origin.CONFLICT)
    found += [
        ChangeEffect(Effect.CONFLICT, "changed in the account too", path, alone)
        for path in conflicts
    ]
    found.sort(key=lambda one: ORDER.index(one.effect))
    return replace(change, effects=tuple(found))


def planned(plan: Plan) -> Plan:
    """The plan with the effects of its changes."""
    return replace(plan, changes=tuple(map(told, plan.changes)))


CREATE_SKILL = Change(
    REFUNDS,
    Action.CREATE,
    "skills",
    source=at("skills", 12),
    fields=(
        field("name", None, "billing-refunds", "skills", 12),
        field("description", None, "Refunds, ask @billing", "skills", 13),
        field("maxWaitTime", None, 90, "skills", 14),
    ),
)
UPDATE_SKILL = Change(
    BILLING,
    Action.UPDATE,
    "skills",
    "1204",
    at("skills", 4),
    fields=(
        field("description", "Bills", "Bills and invoices", "skills", 5),
        field("maxWaitTime", 120, 90, "skills", 6),
    ),
)
CREATE_KEY = told(
    Change(
        KEY,
        Action.CREATE,
        "keys",
        source=at("keys", 9),
        fields=(
            field("name", None, "ci-refunds", "keys", 9),
            field("purpose", None, "Refund bot, CI", "keys", 10),
            field("sink", None, "ci-vault", "keys", 11),
        ),
        sink="ci-vault",
    )
)
CREATE_BOT = Change(
    BOT,
    Action.CREATE,
    "users",
    source=at("bots", 20),
    fields=(
        field("loginName", None, "refund-bot", "bots", 21),
        field("nickname", None, "Refund assistant", "bots", 22),
        field("email", None, "c4n4ry@example.com", "bots", 23, personal=True),
        field("profiles", None, ["Agent"], "bots", 24),
        field("skills", None, ["billing-refunds"], "bots", 25),
        field("key", None, "ci-refunds", "bots", 26),
    ),
    depends_on=(REFUNDS, KEY),
    references={REFUNDS: None, KEY: None, Address("Profile", "Agent"): "1"},
)
DELETE_BOT = told(
    Change(
        LEGACY,
        Action.DELETE,
        "users",
        "3381",
        at("bots", 40),
        note="the login name stays taken",
    )
)


def kept(kind: str, name: str) -> Change:
    return Change(Address(kind, name), Action.UNCHANGED)


EXAMPLE = planned(
    Plan(
        "10000001",
        (
            CREATE_SKILL,
            UPDATE_SKILL,
            CREATE_KEY,
            CREATE_BOT,
            DELETE_BOT,
            *(kept("Skill", f"skill-{n}") for n in range(5)),
            *(kept("Key", f"key-{n}") for n in range(3)),
            *(kept("BotUser", f"bot-{n}") for n in range(4)),
            Change(
                Address("BotUser", "night\u200bshift"),
                Action.UNMANAGED,
                id="3390",
                note="unmanaged",
            ),
            Change(
                Address("BotUser", "survey-bot"),
                Action.UNMANAGED,
                id="3391",
                note="unmanaged",
            ),
        ),
        findings=(
            Finding("quota", "4 of 100 keys after apply", Severity.NOTE, address=KEY),
            Finding(
                "one-bot-only",
                'skill "billing-refunds" has one bot; two keep it answered when one fails',
                Severity.WARNING,
                at("skills", 12),
                REFUNDS,
            ),
            Finding(
                "name-hidden",
                "name holds U+200B",
                Severity.WARNING,
                address=Address("BotUser", "night\u200bshift"),
            ),
        ),
        live=16,
        calls=Calls(12, 5),
        quotas=(Quota("keys", 3, 4, 100),),
    )
)
PLACES = {KEY: ".secrets/10000001/ci-refunds.env"}

NOTHING_TO_DO = Plan(
    "10000001", (kept("Skill", "billing"), *EXAMPLE.changes[-2:]), live=3, calls=Calls(5, 0)
)
STOPPED = planned(
    Plan(
        "10000001",
        (UPDATE_SKILL, CREATE_KEY, DELETE_BOT),
        (
            Finding("unknown-reference", "no skill bilings", source=at("bots", 7), address=BOT),
            Finding("held", "a human user has this login name", Severity.REFUSAL, address=LEGACY),
        ),
    )
)

LONG_BEFORE = "Hello\nHow can we help?\nBye"
LONG_AFTER = "Hello\nHow can I help you today?\nBye\n"
MANY = [f"skill-number-{n}" for n in range(8)]

CORNERS = planned(
    Plan(
        "10000001",
        (
            Change(
                BILLING,
                Action.RENAME,
                "skills",
                "1204",
                Source("manifests/a/long/way/down/the/folders/of/the/project/skills.yaml", 4, 1),
                note="adopted as it is",
                was="pay",
            ),
            Change(
                Address("Skill", "greeting"),
                Action.UPDATE,
                "skills",
                "1205",
                at("skills", 20),
                fields=(
                    field("description", LONG_BEFORE, LONG_AFTER, "skills", 21),
                    field("skillTransferList", ["a", "b"], ["b", "c"], "skills", 22),
                    field("order", ["a", "b"], ["b", "a"], "skills", 23),
                    field("languages", MANY, [*MANY[1:], "new"], "skills", 24),
                    field("maxWaitTime", 25, None, "skills", 25),
                    field("slaDefinition.seconds", None, 30, "skills", 26),
                    field("title", "short", "two\nlines", "skills", 27),
                ),
            ),
            Change(
                KEY,
                Action.UPDATE,
                "keys",
                "77",
                at("keys", 9),
                fields=(field("sink", None, "ci-vault", "keys", 11),),
                sink="ci-vault",
            ),
            Change(
                Address("BotUser", "old-bot"),
                Action.UPDATE,
                "users",
                "3000",
                at("bots", 50),
                fields=(
                    field(
                        "email",
                        "c4n4ry@example.com",
                        "d4n4ry@example.com",
                        "bots",
                        51,
                        personal=True,
                    ),
                    field("profiles", ["Agent", "Manager"], ["Manager"], "bots", 52),
                    FieldChange("maxChats", 3, 0, None, Cause.RESET),
                    FieldChange("skills", MANY, [], None, Cause.RESET),
                ),
                depends_on=(BILLING, Address("Skill", "greeting"), KEY),
            ),
            Change(
                Address("BotUser", "new-bot"),
                Action.CREATE,
                "users",
                source=at("bots", 60),
                fields=(
                    field("fullName", None, "A" * 100, "bots", 61),
                    field("skills", None, MANY, "bots", 62),
                    FieldChange("enabled", None, True, None, Cause.DEFAULT),
                ),
            ),
            Change(Address("Key", "shared"), Action.UNCHANGED, id="78", note="adopted as it is"),
        ),
        live=5,
        calls=Calls(1, 1),
    )
)

OTHER_BOT = Address("BotUser", "survey-bot")
USED = (
    Dependant(BOT, declared=True),
    Dependant(OTHER_BOT, declared=False),
    Dependant(Address("User", "anna"), declared=False, note="a human user"),
)
THREE_WAY = planned(
    Plan(
        "10000001",
        (
            Change(
                BILLING,
                Action.RENAME,
                "skills",
                "1204",
                at("skills", 4),
                was="bills",
                used_by=USED[:1],
                origin=Origin.PROPOSED,
            ),
            Change(
                Address("Skill", "greeting"),
                Action.UPDATE,
                "skills",
                "1205",
                at("skills", 20),
                fields=(
                    replace(
                        field("description", "Hi", "Hello", "skills", 21), origin=Origin.PROPOSED
                    ),
                    replace(field("maxWaitTime", 90, 120, "skills", 22), origin=Origin.DRIFT),
                ),
                origin=Origin.PROPOSED,
            ),
            Change(
                Address("Skill", "farewell"),
                Action.UPDATE,
                "skills",
                "1206",
                at("skills", 30),
                fields=(
                    replace(field("description", "Ciao", "Bye", "skills", 31), origin=Origin.DRIFT),
                ),
            ),
            Change(
                Address("Key", "old-key"),
                Action.DISABLE,
                "keys",
                "77",
                fields=(FieldChange("enabled", True, False),),
                used_by=USED,
                origin=Origin.PENDING,
            ),
            Change(
                LEGACY,
                Action.DELETE,
                "users",
                "3381",
                used_by=tuple(
                    Dependant(Address("BotUser", f"bot-{n}"), declared=n < 11) for n in range(12)
                ),
            ),
        ),
        live=30,
        calls=Calls(12, 5),
    )
)

PEOPLE = tuple(Dependant(Address("BotUser", f"ana-{n}"), False, "a human user") for n in range(2))
BOTS = tuple(Dependant(Address("BotUser", f"bot-{n}"), n % 2 == 0) for n in range(4))
RENAMED_KEY = told(
    Change(
        KEY,
        Action.RENAME,
        "keys",
        "77",
        at("keys", 9),
        fields=(field("sink", None, "ci-vault", "keys", 11),),
        sink="ci-vault",
        note='secret copied from "refunds", which stays there: it may still be read',
        was="refunds",
        secret_from="refunds",
        used_by=BOTS[:2],
    )
)
RENAMES = planned(
    Plan(
        "10000001",
        (
            Change(
                BILLING,
                Action.RENAME,
                "skills",
                "1204",
                at("skills", 4),
                fields=(field("description", "Bills", "Bills and invoices", "skills", 5),),
                was="bi\u200blls",
                used_by=(*PEOPLE, *BOTS[:3]),
            ),
            RENAMED_KEY,
            Change(
                Address("Skill", "old"), Action.DELETE, "skills", "1206", used_by=(*PEOPLE, *BOTS)
            ),
            Change(
                Address("BotUser", "late-bot"),
                Action.UPDATE,
                "users",
                "3001",
                at("bots", 70),
                fields=(field("nickname", "Ava", "Eve", "bots", 71),),
                depends_on=(BILLING, KEY),
            ),
        ),
        live=9,
        calls=Calls(12, 4),
    )
)

RETIRED = planned(
    Plan(
        "10000001",
        (
            CREATE_SKILL,
            Change(
                LEGACY,
                Action.DISABLE,
                "users",
                "3381",
                fields=(
                    FieldChange("enabled", True, False),
                    FieldChange("skills", ["billing", "faq-legacy"], ["billing"]),
                ),
                note="a bot that is running stops",
            ),
            Change(
                Address("Skill", "faq-legacy"),
                Action.DELETE,
                "skills",
                "1207",
                fields=(
                    FieldChange("skillTransferList", MANY, None),
                    FieldChange("fallbackSkill", "billing", None),
                    FieldChange("owner", "c4n4ry@example.com", None, personal=True),
                ),
                depends_on=(LEGACY,),
                note="a skill cannot be disabled, so it is deleted; the name may stay taken",
            ),
            Change(Address("Skill", "night\u200bshift"), Action.DELETE, "skills", "1208"),
            Change(
                Address("Skill", "survey"),
                Action.UNMANAGED,
                "skills",
                "1209",
                note="in scope, still used by 1 person",
            ),
        ),
        findings=(
            Finding(
                "unprunable",
                "lebots skips every key because it cannot be sure that the account returned the "
                "whole list: appKeys could not be read: GET /keys: 403",
                Severity.WARNING,
            ),
        ),
        live=9,
        calls=Calls(12, 4),
    )
)

MADE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""When a saved plan was made."""

OUTCOMES = (
    Outcome(CREATE_SKILL, Status.DONE, "1301"),
    Outcome(UPDATE_SKILL, Status.HELD, "1204", "not as approved: plan again to see how"),
    Outcome(CREATE_KEY, Status.UNKNOWN, None, "the answer of POST /keys was lost"),
    Outcome(CREATE_BOT, Status.BLOCKED, None, "waits for Key/ci-refunds"),
    Outcome(RENAMED_KEY, Status.DONE, "77"),
    Outcome(DELETE_BOT, Status.FAILED, "3381", "409: user is logged in\n##[error]spoofed"),
)
