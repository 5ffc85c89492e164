"""Every field of every kind: which change of it does what to people, and which does nothing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lebots import kinds
from lebots.core.compare.digest import plan_digest
from lebots.core.compare.effects import affected
from lebots.core.model.address import Address, Source
from lebots.core.model.change import Change, Effect
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account, Live
from lebots.core.model.options import AccountPolicy, Consent, EffectCount, PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.planner import plan

KINDS = kinds.load()
ENDPOINTS = {name: kind.endpoints[0].name for name, kind in KINDS.items()}
ENDPOINTS["oauth1"] = "appKeys"

HOOK = "ms.MessagingEventNotification.ContentEvent"
"""An event of a webhook."""

EXAMPLES: dict[tuple[str, str, Effect], tuple[Any, Any]] = {
    ("AgentGroup", "parentGroup", Effect.GRANTS): ("Main Group", "Bots"),
    ("AgentGroup", "enabled", Effect.REROUTES): (True, False),
    ("AutomaticMessage", "text", Effect.CUSTOMER_TEXT): ({"en-US": "Hi"}, {"en-US": "Hello"}),
    ("AutomaticMessage", "enabled", Effect.CUSTOMER_TEXT): (True, False),
    ("AutomaticMessage", "timer", Effect.CUSTOMER_TEXT): (60, 90),
    ("BotUser", "enabled", Effect.OUT_OF_SERVICE): (True, False),
    ("BotUser", "maxAsyncChats", Effect.OUT_OF_SERVICE): (25, 0),
    ("BotUser", "maxChats", Effect.OUT_OF_SERVICE): (2, 0),
    ("BotUser", "profiles", Effect.GRANTS): (["Agent"], ["Administrator", "Agent"]),
    ("BotUser", "profiles", Effect.OUT_OF_SERVICE): (["Agent"], ["Manager"]),
    ("BotUser", "skills", Effect.OUT_OF_SERVICE): (["faq"], []),
    ("BotUser", "skills", Effect.REROUTES): (["faq"], ["billing", "faq"]),
    ("BotUser", "agentGroup", Effect.REROUTES): ("Main Group", "Bots"),
    ("BotUser", "managerOf", Effect.GRANTS): ([], ["Bots"]),
    ("BotUser", "key", Effect.LOGIN_CHANGES): ("faq", "claims"),
    ("BotUser", "key", Effect.OUT_OF_SERVICE): ("faq", "off"),
    ("BotUser", "email", Effect.LOGIN_CHANGES): ("a@acme.test", "b@acme.test"),
    ("BotUser", "changePwdNextLogin", Effect.LOGIN_CHANGES): (False, True),
    ("BotUser", "nickname", Effect.CUSTOMER_TEXT): ("Ava", "Eva"),
    ("BotUser", "pictureUrl", Effect.CUSTOMER_TEXT): ("", "https://cdn.acme.test/a.png"),
    ("BotUser", "pictureId", Effect.CUSTOMER_TEXT): ("", "17"),
    ("BotUser", "backgndImgUri", Effect.CUSTOMER_TEXT): ("", "https://cdn.acme.test/b.png"),
    ("Key", "enabled", Effect.OUT_OF_SERVICE): (True, False),
    ("Key", "grant_types", Effect.GRANTS): (
        ["refresh_token"],
        ["client_credentials", "refresh_token"],
    ),
    ("Key", "grant_types", Effect.OUT_OF_SERVICE): (["client_credentials"], ["refresh_token"]),
    ("Key", "scope", Effect.GRANTS): (["msg.consumer"], ["msg.consumer", "users.external"]),
    ("Key", "redirect_uris", Effect.GRANTS): ([], ["https://bots.acme.test/login"]),
    ("Key", "response_types", Effect.GRANTS): (["code"], ["code", "token"]),
    ("Key", "entry_uri", Effect.GRANTS): ("", "https://bots.acme.test/"),
    ("Key", "enabled_for_profiles", Effect.GRANTS): ([1], [1, 2]),
    ("Key", "webhooks", Effect.GRANTS): (
        {HOOK: {"endpoint": "https://a.acme.test/x"}},
        {HOOK: {"endpoint": "https://b.acme.test/x"}},
    ),
    ("Key", "sink", Effect.NEW_SECRET): (None, "default"),
    ("Skill", "canTransfer", Effect.REROUTES): (True, False),
    ("Skill", "skillTransferList", Effect.REROUTES): (None, ["billing"]),
    ("Skill", "fallbackSkill", Effect.REROUTES): (None, "billing"),
    ("Skill", "fallbackWhenAllAgentsAreAway", Effect.REROUTES): (True, False),
    ("Skill", "skillRoutingConfiguration", Effect.REROUTES): (
        [],
        [{"agentGroup": "Bots", "priority": 1, "splitPercentage": 100}],
    ),
    ("Skill", "workingHours", Effect.REROUTES): (None, "Weekdays"),
    ("Skill", "specialOccasion", Effect.REROUTES): (None, "Holidays"),
    ("Skill", "defaultPostChatSurveyId", Effect.CUSTOMER_TEXT): (None, "17"),
    ("Skill", "defaultOfflineSurveyId", Effect.CUSTOMER_TEXT): (None, "17"),
    ("Skill", "postConversationSurveyAppInstallAssociationId", Effect.CUSTOMER_TEXT): (None, "17"),
}
"""By kind, field and effect: a change from the first value to the second has the effect."""

HARMLESS: tuple[tuple[str, str, Any, Any], ...] = (
    ("AgentGroup", "description", "", "Bots of the help desk"),
    ("BotUser", "enabled", False, True),
    ("BotUser", "maxAsyncChats", 25, 30),
    ("BotUser", "maxAsyncChats", 25, None),
    ("BotUser", "profiles", ["Agent", "Manager"], ["Agent"]),
    ("BotUser", "managerOf", ["Bots"], []),
    ("BotUser", "description", "", "Answers questions"),
    ("BotUser", "fullName", "Faq bot", "FAQ bot"),
    ("BotUser", "lobs", [], ["Retail"]),
    ("Key", "enabled", False, True),
    ("Key", "scope", ["msg.consumer", "users.external"], ["msg.consumer"]),
    ("Key", "redirect_uris", ["https://bots.acme.test/login"], []),
    ("Key", "description", "", "Login of the FAQ bot"),
    (
        "Key",
        "webhooks",
        {HOOK: {"endpoint": "https://a.acme.test/x"}},
        {HOOK: {"endpoint": "https://a.acme.test/y"}},
    ),
    ("Skill", "description", "", "Questions"),
    ("Skill", "maxWaitTime", 120, 60),
)
"""Kind, field, and a change of it that hurts nobody."""

ADDRESSES = {
    "AgentGroup": Address("AgentGroup", "faq"),
    "AutomaticMessage": Address("AutomaticMessage", "BACK_TO_QUEUE@faq"),
    "BotUser": Address("BotUser", "faq"),
    "Key": Address("Key", "faq"),
    "Skill": Address("Skill", "faq"),
}
SPECS: dict[str, dict[str, Any]] = {
    "AgentGroup": {},
    "AutomaticMessage": {"skill": "faq", "text": {"en-US": "Hi"}, "enabled": True},
    "BotUser": {
        "profiles": ["Agent"],
        "agentGroup": "Main Group",
        "key": "faq",
        "enabled": True,
        "skills": ["faq"],
    },
    "Key": {"type": "oauth2", "enabled": True, "grant_types": ["client_credentials"]},
    "Skill": {},
}


def live(address: Address, id_: str, unmanaged_reason: str = "", **spec: Any) -> Live:
    """A live object."""
    return Live(address, id_, ENDPOINTS[address.kind], spec, unmanaged_reason=unmanaged_reason)


def neighbours() -> Iterator[Live]:
    """What the three objects can refer to, and twins of theirs, so that none is the last one."""
    for role, name in enumerate(("Administrator", "Agent", "Manager"), start=1):
        yield live(Address("Profile", name), name, roleTypeId=role)
    found = {
        "AgentGroup": ("Main Group", "Bots"),
        "Lob": ("Retail",),
        "WorkingHours": ("Weekdays",),
        "SpecialOccasion": ("Holidays",),
    }
    for kind, names in found.items():
        yield from (live(Address(kind, name), name) for name in names)
    yield live(Address("Skill", "billing"), "s2")
    for name, on in {"claims": True, "off": False}.items():
        yield live(Address("Key", name), name, **{**SPECS["Key"], "enabled": on})
    yield live(Address("BotUser", "claims"), "b2", **{**SPECS["BotUser"], "key": "claims"})
    yield live(Address("BotUser", "ana"), "p1", "a human user", skills=["billing"])


def planned(kind: str, before: dict[str, Any], after: dict[str, Any], **policy: Any) -> Plan:
    """The plan of a change of one object of a kind, in an account with neighbours."""
    objects = {
        address: live(address, address.kind, **{**SPECS[name], **(before if name == kind else {})})
        for name, address in ADDRESSES.items()
    }
    account = Account("1", (*objects.values(), *neighbours()))
    wanted = [
        desired(
            ADDRESSES[kind], **({"type": "oauth2", "sink": None} if kind == "Key" else {}) | after
        ),
        desired(Address("BotUser", "claims"), key="claims"),
        desired(Address("Key", "claims"), type="oauth2", sink=None),
    ]
    limits = {"max_delete_percent": 100, **policy}
    return plan(wanted, Inventory(account, KINDS), policy=AccountPolicy(**limits))


def desired(address: Address, **spec: Any) -> Desired:
    """A manifest."""
    return Desired(address, spec, Source("bots.yaml", 1, 1), {})


def told(found: Plan) -> dict[Effect, list[str]]:
    """By effect: the fields that bring it."""
    effects = [one for change in found.writes for one in change.effects]
    return {one.effect: [o.path for o in effects if o.effect is one.effect] for one in effects}


def test_every_field_says_what_it_does_to_people() -> None:
    silent = [
        f"{kind.name}.{field.name}"
        for kind in KINDS.values()
        for field in kind.fields
        if not kind.lookup_only and field.effects is None
    ]
    assert silent == []


def test_every_effect_of_every_field_has_an_example() -> None:
    declared = {
        (kind.name, field.name, one.effect)
        for kind in KINDS.values()
        for field in kind.fields
        for one in field.effects or ()
    }
    assert declared == EXAMPLES.keys()


@pytest.mark.parametrize(
    ("kind", "field", "effect"), EXAMPLES, ids=lambda part: getattr(part, "value", part)
)
def test_a_change_that_hurts_is_told(kind: str, field: str, effect: Effect) -> None:
    before, after = EXAMPLES[kind, field, effect]
    found = planned(kind, {field: before}, {field: after})
    paths = told(found).get(effect, [])
    assert [path.partition(".")[0] for path in paths] == [field]


@pytest.mark.parametrize(("kind", "field", "before", "after"), HARMLESS)
def test_a_change_that_hurts_nobody_is_not(kind: str, field: str, before: Any, after: Any) -> None:
    found = planned(kind, {field: before}, {field: after})
    assert [change.address for change in found.writes] == [ADDRESSES[kind]]
    assert told(found) == {}


def test_a_key_that_was_not_told_to_let_bots_in_lets_them_no_more() -> None:
    found = planned("Key", {"grant_types": []}, {"grant_types": ["authorization_code"]})
    assert Effect.OUT_OF_SERVICE in told(found)


def test_each_webhook_is_told_by_its_own_line_and_loss() -> None:
    second = HOOK.replace("Content", "ChatState")
    before = {one: {"endpoint": "https://a.acme.test/x"} for one in (HOOK, second)}
    after = {
        HOOK: {"endpoint": "https://b.acme.test/x"},
        second: {"endpoint": "https://a.acme.test/y"},
    }
    address = ADDRESSES["Key"]
    lines = {("webhooks", HOOK, "endpoint"): 5, ("webhooks", second, "endpoint"): 8}
    wanted = replace(
        desired(address, type="oauth2", sink=None, webhooks=after),
        positions={path: Source("bots.yaml", line, 7) for path, line in lines.items()},
    )
    account = Account("1", (live(address, "k1", **SPECS["Key"], webhooks=before),))
    found = plan([wanted], Inventory(account, KINDS))
    moved, kept = sorted(found.writes[0].fields, key=lambda one: one.loss, reverse=True)
    assert (moved.source, bool(moved.loss)) == (Source("bots.yaml", 5, 7), True)
    assert (kept.source, bool(kept.loss)) == (Source("bots.yaml", 8, 7), False)


def test_a_key_that_is_switched_off_takes_out_every_bot_on_it() -> None:
    found = planned("Key", {}, {"enabled": False})
    out = affected(found.writes, Effect.OUT_OF_SERVICE)
    assert [str(address) for address in out] == ["BotUser/faq", "Key/faq"]


def test_what_is_off_already_goes_out_of_service_no_more() -> None:
    found = planned("BotUser", {"enabled": False, "maxAsyncChats": 5}, {"maxAsyncChats": 0})
    assert told(found) == {}


def test_rights_of_a_bot_are_rights_of_whoever_holds_its_key() -> None:
    (change,) = planned("BotUser", {}, {"profiles": ["Administrator", "Agent"]}).writes
    assert change.effects[0].why == (
        'may do more in the account than an agent; so may whoever holds the key "faq"'
    )


def test_a_new_object_has_the_effects_that_need_no_value_before() -> None:
    account = Account("1", tuple(neighbours()))
    spec = {
        "fullName": "New",
        "nickname": "New",
        "email": "new@acme.test",
        "profiles": ["Administrator", "Agent"],
        "agentGroup": "Bots",
        "key": "claims",
        "enabled": True,
    }
    wanted = [desired(Address("BotUser", "new"), **spec)]
    assert told(plan(wanted, Inventory(account, KINDS))) == {Effect.GRANTS: ["profiles"]}


def test_a_new_key_that_sends_events_to_a_host_reaches_more() -> None:
    account = Account("1", tuple(neighbours()))
    hooks = {HOOK: {"endpoint": "https://a.acme.test/x", "max_retries": 3}}
    spec = {"type": "oauth2", "sink": "default", "webhooks": hooks}
    found = plan([desired(Address("Key", "new"), **spec)], Inventory(account, KINDS))
    assert told(found) == {Effect.GRANTS: ["webhooks"], Effect.NEW_SECRET: ["sink"]}


def test_what_a_change_loses_for_good_cannot_be_undone() -> None:
    before = {HOOK: {"endpoint": "https://a.acme.test/x"}}
    after = {HOOK: {"endpoint": "https://b.acme.test/x"}}
    found = planned("Key", {"webhooks": before}, {"webhooks": after})
    assert Effect.IRREVERSIBLE in told(found)


# How many may go out of service at once


def fleet(off: int, *, keys: bool = False, **asked: Any) -> Plan:
    """Forty bots, of which some are switched off by their manifests."""
    names = [f"bot-{number:02}" for number in range(40)]
    there, wanted = list(neighbours()), []
    for position, name in enumerate(names):
        bot, key = Address("BotUser", name), Address("Key", name)
        there += [live(bot, f"b-{name}", **{**SPECS["BotUser"], "key": name, "skills": []})]
        there += [live(key, f"k-{name}", **SPECS["Key"])]
        gone = position < off
        wanted += [desired(bot, key=name, enabled=not gone)]
        wanted += [desired(key, type="oauth2", sink=None, enabled=not (gone and keys))]
    return plan(wanted, Inventory(Account("1", tuple(there)), KINDS), options=PlanOptions(**asked))


@pytest.mark.parametrize(
    ("off", "keys", "codes"),
    [
        (12, False, set()),
        (13, False, {"removal-share"}),
        (40, False, {"removal-share", "removal-floor"}),
        (40, True, {"removal-share", "removal-floor"}),
    ],
)
def test_bots_that_are_switched_off_count_like_those_that_are_retired(
    off: int, keys: bool, codes: set[str]
) -> None:
    found = fleet(off, keys=keys)
    assert {one.code for one in found.refused} == codes
    assert len(found.writes) == off * (2 if keys else 1), "what is refused is shown"


def codes(found: Plan) -> set[str]:
    """Why a plan is refused."""
    return {one.code for one in found.refused}


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"agreed": (EffectCount(Effect.OUT_OF_SERVICE, 20),)}, set()),
        ({"agreed": (EffectCount(Effect.OUT_OF_SERVICE, 19),)}, {"effect-count"}),
        ({"agreed": (EffectCount(Effect.OUT_OF_SERVICE, 21),)}, {"effect-count"}),
        ({"agreed": (EffectCount(Effect.OUT_OF_SERVICE, 21),), "fewer": True}, set()),
        ({"agreed": (EffectCount(Effect.GRANTS, 0),)}, {"removal-share"}),
        ({"agreed": (EffectCount(Effect.GRANTS, 1),)}, {"effect-count"}),
        ({"confirmed": 20}, set()),
        ({"confirmed": 21}, {"removal-count"}),
    ],
)
def test_what_goes_out_of_service_is_agreed_to_by_its_number(
    asked: dict[str, Any], refused: set[str]
) -> None:
    found = fleet(20, **asked)
    assert codes(found) == refused
    assert len(found.writes) == 20


@pytest.mark.parametrize(
    ("digits", "number", "refused"),
    [(12, 20, set()), (64, 20, set()), (12, 19, {"removal-share"}), (0, 20, {"removal-share"})],
)
def test_a_pull_request_agrees_to_its_own_plan(digits: int, number: int, refused: set[str]) -> None:
    digest = plan_digest(replace(fleet(20), findings=()))
    change = digest[:digits] if digits else "0" * 12
    place = Source("lebots.yaml", 12, 5)
    consent = Consent(change, (EffectCount(Effect.OUT_OF_SERVICE, number),), place)
    found = fleet(20, consents=(consent,))
    assert codes(found) == refused
    notes = [one for one in found.findings if one.source == place]
    assert len(notes) == (0 if refused else 1), "a consent that was used is a note"
    if not refused:
        assert plan_digest(found) == digest, "a consent is part of no digest"


@pytest.mark.parametrize("more", [Effect.GRANTS, Effect.ADOPTS, Effect.IRREVERSIBLE])
def test_a_pull_request_agrees_to_no_more_than_there_is(more: Effect) -> None:
    digest = plan_digest(replace(fleet(20), findings=()))
    counts = (EffectCount(Effect.OUT_OF_SERVICE, 20), EffectCount(more, 1))
    found = fleet(20, consents=(Consent(digest, counts, Source("lebots.yaml", 12, 5)),))
    assert found.refused


def test_a_refusal_says_how_a_pull_request_agrees() -> None:
    found = fleet(20)
    digest = plan_digest(replace(found, findings=()))
    (refusal,) = found.refused
    assert f"consent: [{{change: {digest[:12]}, out-of-service: 20}}]" in refusal.message


# What may be added


def refusals(found: Plan) -> list[str]:
    """The codes of what refuses a plan, each with its object."""
    return [f"{one.code} {one.address or ''}".strip() for one in found.refused]


@pytest.mark.parametrize(
    ("before", "after", "policy", "refused"),
    [
        (["Agent"], ["Administrator", "Agent"], {}, True),
        (["Agent"], ["Agent", "Manager"], {}, False),
        (["Administrator", "Agent"], ["Administrator", "Agent"], {}, False),
        (["Administrator", "Agent", "Manager"], ["Administrator", "Agent"], {}, False),
        (["Agent"], ["Agent", "Manager"], {"allow_lists": {"allowedProfiles": ("Agent",)}}, True),
        (
            ["Agent"],
            ["Administrator", "Agent"],
            {"allow_lists": {"allowedProfiles": ("Administrator",)}},
            False,
        ),
        (["Agent"], ["Administrator", "Agent"], {"allowed_grants": ("BotUser/fa*",)}, False),
        (["Agent"], ["Administrator", "Agent"], {"allowed_grants": ("BotUser/FA*",)}, True),
        (["Agent"], ["Administrator", "Agent"], {"allowed_grants": ("Key/faq",)}, True),
        (["Agent"], ["Agent", "Manager"], {"allow_lists": {"allowedProfiles": ()}}, True),
    ],
)
def test_profiles_beyond_those_allowed_are_refused(
    before: list[str], after: list[str], policy: dict[str, Any], refused: bool
) -> None:
    found = planned("BotUser", {"profiles": before}, {"profiles": after}, **policy)
    assert refusals(found) == (["not-allowed BotUser/faq"] if refused else [])


@pytest.mark.parametrize(("name", "refused"), [("Agent", False), ("Helper", True)])
def test_a_profile_whose_role_nobody_tells_is_known_by_the_vendors_name(
    name: str, refused: bool
) -> None:
    profile = live(Address("Profile", name), name, roleTypeId=None)
    bot = live(ADDRESSES["BotUser"], "b1", **{**SPECS["BotUser"], "profiles": ["Manager"]})
    others = [one for one in neighbours() if one.address != profile.address]
    account = Account("1", (bot, profile, *others))
    wanted = [desired(ADDRESSES["BotUser"], profiles=["Manager", name])]
    found = plan(wanted, Inventory(account, KINDS))
    assert ("not-allowed" in {one.code for one in found.refused}) is refused


def test_a_refusal_names_the_profile_its_line_and_the_way_out() -> None:
    found = planned("BotUser", {}, {"profiles": ["Administrator", "Agent"]})
    (refusal,) = found.refused
    assert isinstance(refusal, Finding)
    assert '"Administrator"' in refusal.message
    assert refusal.source == Source("bots.yaml", 1, 1)
    assert isinstance(found.writes[0], Change)
