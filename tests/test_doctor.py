"""What the doctor says of an account, as tables: pure, without any account."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from lebots import kinds
from lebots.core.checks.doctor import Check, examine
from lebots.core.model.address import Address
from lebots.core.model.finding import Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account, Live
from lebots.core.vendor.decode import assemble

KINDS = kinds.load()
NOTE, WARNING, ERROR = Severity.NOTE, Severity.WARNING, Severity.ERROR

PROFILES = (
    Live(Address("Profile", "Administrator"), "1", "profiles", {"roleTypeId": 1}),
    Live(Address("Profile", "Agent"), "2", "profiles", {"roleTypeId": 2}),
)
HUMAN = Live(
    Address("BotUser", "ann"),
    "3",
    "users",
    {"skills": ["refunds"]},
    unmanaged_reason="a human user",
)
SPEC: dict[str, Any] = {
    "enabled": True,
    "profiles": ["Agent"],
    "skills": ["faq"],
    "agentGroup": "Bots",
    "key": "faq",
    "maxChats": 0,
    "maxAsyncChats": 25,
}


def bot(name: str, deleted: bool = False, **spec: Any) -> Live:
    return Live(Address("BotUser", name), f"4{name}", "users", SPEC | spec, deleted=deleted)


def key(name: str = "faq", type_: str = "oauth2", **spec: Any) -> Live:
    endpoint = "installations" if type_ == "oauth2" else "appKeys"
    return Live(Address("Key", name), name, endpoint, {"type": type_, "enabled": True, **spec})


def skill(name: str = "faq", **spec: Any) -> Live:
    return Live(Address("Skill", name), f"5{name}", "skills", spec)


HEALTHY = (*PROFILES, HUMAN, key(), skill(), bot("faq-1"), bot("faq-2"))


def look(
    *objects: Live, unreadable: Mapping[str, str] | None = None, offset: float | None = None
) -> list[Check]:
    return examine(
        Inventory(Account("55501234", objects, unreadable or {}), KINDS), "acts as Ann", offset
    )


def named(checks: list[Check], name: str) -> list[tuple[Severity, str]]:
    return [(check.severity, check.message) for check in checks if check.name == name]


def test_a_healthy_account() -> None:
    assert look(*HEALTHY, offset=0.4) == [
        Check("reach", NOTE, "account 55501234 answers"),
        Check("credential", NOTE, "acts as Ann"),
        Check("rights", NOTE, "every collection can be read"),
        Check("clock", NOTE, "the clock here agrees with the account's"),
        Check("feature", NOTE, "there are objects of kind BotUser, so the account can have them"),
        Check("count", NOTE, "3 of 18000 users"),
        Check("count", NOTE, "1 keys of type oauth2"),
        Check("count", NOTE, "0 of 100 keys of type oauth1"),
        Check("count", NOTE, "1 skills"),
    ]


def test_an_empty_account_is_looked_at_as_well() -> None:
    checks = look()
    assert {check.severity for check in checks} == {NOTE, WARNING}
    assert named(checks, "count")[0] == (NOTE, "0 of 18000 users")


# The clock


@pytest.mark.parametrize(
    ("offset", "severity", "words"),
    [
        (0.0, NOTE, "agrees with the account's"),
        (0.9, NOTE, "agrees with the account's"),
        (-0.9, NOTE, "agrees with the account's"),
        (2.0, NOTE, "is 2 s behind the account's"),
        (-2.0, NOTE, "is 2 s ahead of the account's"),
        (30.0, NOTE, "is 30 s behind the account's"),
        (30.1, WARNING, "is 30 s behind the account's"),
        (-31.0, WARNING, "is 31 s ahead of the account's"),
        (3600.0, WARNING, "is 3600 s behind the account's"),
        (3601.0, ERROR, "is 3601 s behind the account's"),
        (-3601.0, ERROR, "is 3601 s ahead of the account's"),
        (1e9, ERROR, "is 1000000000 s behind the account's"),
    ],
)
def test_the_clock(offset: float, severity: Severity, words: str) -> None:
    assert named(look(offset=offset), "clock") == [(severity, f"the clock here {words}")]


def test_an_account_that_tells_no_time() -> None:
    assert named(look(offset=None), "clock") == []


# Rights


def test_what_cannot_be_read_is_named_with_its_reason() -> None:
    checks = look(*HEALTHY, unreadable={"lobs": "403 No", "appKeys": "404 Gone"})
    assert named(checks, "rights") == [
        (WARNING, "appKeys cannot be read: 404 Gone"),
        (WARNING, "lobs cannot be read: 403 No"),
    ]
    counted = [message for _, message in named(checks, "count")]
    assert not [message for message in counted if "oauth1" in message], "unreadable is not 0"


# The bot user type


FEATURE_OFF = (
    WARNING,
    "no object of kind BotUser exists yet; if the account refuses every bot, its user type Bot may "
    "be off: the LivePerson account team switches it on",
)


@pytest.mark.parametrize(
    "objects",
    [
        pytest.param((), id="nobody"),
        pytest.param((HUMAN,), id="people alone"),
        pytest.param((bot("gone", deleted=True),), id="a deleted bot"),
    ],
)
def test_an_account_without_bots_may_not_be_able_to_have_them(objects: tuple[Live, ...]) -> None:
    assert named(look(*PROFILES, *objects), "feature") == [FEATURE_OFF]


# Counts


def many(count: int, **more: Any) -> list[Live]:
    return [replace(HUMAN, id=f"9{number}", **more) for number in range(count)]


@pytest.mark.parametrize(
    ("count", "severity"), [(0, NOTE), (16200, NOTE), (16201, WARNING), (18000, WARNING)]
)
def test_users_against_the_limit(count: int, severity: Severity) -> None:
    checks = look(*many(count), *many(5, deleted=True))
    assert named(checks, "count")[0] == (severity, f"{count} of 18000 users")


@pytest.mark.parametrize(("count", "severity"), [(90, NOTE), (91, WARNING), (100, WARNING)])
def test_keys_against_the_limit_with_the_disabled_ones(count: int, severity: Severity) -> None:
    keys = [key(f"k{number}", "oauth1", enabled=False) for number in range(count)]
    assert (severity, f"{count} of 100 keys of type oauth1") in named(look(*keys), "count")


def test_what_is_only_looked_up_is_not_counted() -> None:
    counted = {message.split()[-1] for _, message in named(look(*HEALTHY), "count")}
    assert counted == {"users", "oauth2", "oauth1", "skills"}


# Bots


ADVICE = {
    "a bot on an OAuth 1 key": (
        [key(type_="oauth1")],
        "key-past-end-of-life",
        "Key/faq",
        "used by: faq-1, faq-2",
    ),
    "no room for a conversation": (
        [bot("faq-1", maxAsyncChats=0)],
        "bot-without-capacity",
        "BotUser/faq-1",
        "raise maxAsyncChats",
    ),
    "no twin": (
        [bot("faq-2", enabled=False)],
        "skill-without-failover",
        "BotUser/faq-1",
        "the only enabled bot of the skill",
    ),
    "people on its skill": (
        [replace(HUMAN, spec={"skills": ["faq"], "enabled": True})],
        "skill-shared-with-people",
        "BotUser/faq-1",
        'also held by people, 1 of them: "ann"',
    ),
    "no key": ([bot("faq-1", key=None)], "bot-without-key", "BotUser/faq-1", "passwords expire"),
    "a disabled key": (
        [key(enabled=False)],
        "bot-key-disabled",
        "BotUser/faq-1",
        "cannot log in; enable it",
    ),
    "no skill": ([bot("faq-1", skills=[])], "bot-without-skill", "BotUser/faq-1", "no skill"),
    "no agent": (
        [bot("faq-1", profiles=["Administrator"], skills=[], agentGroup=None, maxAsyncChats=None)],
        "bot-without-agent-profile",
        "BotUser/faq-1",
        "no conversations",
    ),
}


@pytest.mark.parametrize("case", ADVICE)
def test_advice_about_bots(case: str) -> None:
    changed, code, address, words = ADVICE[case]
    replaced = {live.address: live for live in (*HEALTHY, *changed)}
    found = [message for name, message in _advice(look(*replaced.values())) if name == code]
    assert any(one.startswith(f"{address}: ") and words in one for one in found), found


def _advice(checks: list[Check]) -> list[tuple[str, str]]:
    told = {"reach", "credential", "rights", "clock", "feature", "count"}
    return [(check.name, check.message) for check in checks if check.name not in told]


def test_it_is_sorted_by_object() -> None:
    checks = look(
        *PROFILES, key(type_="oauth1"), skill(), bot("b", maxAsyncChats=0), bot("a", skills=[])
    )
    addresses = [message.partition(": ")[0] for _, message in _advice(checks)]
    assert addresses == sorted(addresses)
    assert len(addresses) >= 3


def test_what_would_be_an_error_in_a_manifest_is_only_advice_here() -> None:
    """Nobody has asked for these objects to be changed."""
    (checked,) = [
        check
        for check in look(*PROFILES, key(), skill(), bot("a", agentGroup=None), bot("b"))
        if check.name == "bot-without-group"
    ]
    assert checked.severity is WARNING


@pytest.mark.parametrize("gone", [replace(HUMAN, deleted=True), bot("z", deleted=True, skills=[])])
def test_deleted_objects_get_no_advice(gone: Live) -> None:
    assert look(*HEALTHY, gone) == look(*HEALTHY)


def test_people_get_no_advice() -> None:
    lonely = replace(HUMAN, spec={**SPEC, "skills": [], "maxAsyncChats": 0, "key": None})
    assert _advice(look(*HEALTHY[:2], key(), skill(), bot("faq-1"), bot("faq-2"), lonely)) == []


def test_an_account_as_the_vendor_gives_it() -> None:
    """The same over raw objects, so that nothing depends on how these tests make them."""
    faq = {"id": 2, "loginName": "faq", "userTypeId": 2, "isApiUser": True, "isEnabled": True}
    faq |= {"profileIds": [2], "skillIds": [3], "memberOf": {"agentGroupId": -1}}
    faq |= {"maxChats": 0, "maxAsyncChats": 0, "allowedAppKeys": "k"}
    ann = {"id": 1, "loginName": "ann", "userTypeId": 1, "fullName": "Ann"}
    collections = {
        ("BotUser", "users"): [ann, faq],
        ("Profile", "profiles"): [{"id": 2, "name": "Agent", "roleTypeId": 2}],
        ("Skill", "skills"): [{"id": 3, "name": "faq"}],
        ("Key", "appKeys"): [{"keyId": "k", "appName": "old", "enabled": True}],
    }
    account = assemble("1", KINDS, collections, {})
    codes = {name for name, _ in _advice(examine(Inventory(account, KINDS), "", None))}
    assert codes == {"bot-without-capacity", "key-past-end-of-life", "skill-without-failover"}
