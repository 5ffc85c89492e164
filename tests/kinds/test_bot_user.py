"""Bot users: the vendor's samples, who is not a bot, what a role takes along, and advice."""

import json
from typing import Any

import pytest

from lebots import kinds
from lebots.core.model.address import Address
from lebots.core.model.value import Spec
from lebots.core.vendor import codec as mapping
from lebots.errors import AccountError
from tests.kinds.worlds import SOURCE, codes, declared, findings, present, world

BOT_USER = kinds.load()["BotUser"]
USERS = BOT_USER.endpoint("users")
KEY = "aaaaaaaa-0000-4000-8000-000000000001"

PERSON, BOT = json.loads("""
[{"id":4100200301,"pid":"5f0c1a52-7b1e-5d33-9a41-0d2c4e6f8a10","deleted":false,"loginName":"ana@acme.test","fullName":"",
  "nickname":"Ana","email":"ana@acme.test","isEnabled":true,"disabledManually":false,"userTypeId":1,"isApiUser":false,
  "allowedAppKeys":"","maxChats":3,"maxAsyncChats":null,"skillIds":[4100200901],"skills":[{"id":4100200901,"name":"Billing"}],
  "profileIds":[4100200002],"profiles":[{"id":4100200002,"roleTypeId":2,"name":"Agent"}],"lobIds":[],"lobs":[],
  "permissionGroups":[],"employeeId":"","managerOf":[],"managedAgentGroups":[],"changePwdNextLogin":false,"pictureUrl":null,
  "memberOf":{"agentGroupId":-1,"assignmentDate":"2026-03-02 10:11:12"},"lpaCreatedUser":false,"resetMfaSecret":false,
  "dateCreated":"2026-03-02 10:11:12","dateUpdated":"2026-10-01 08:00:00","lastPwdChangeDate":"2026-03-02 10:11:12"},
 {"id":4100200455,"pid":"0b7d9d0e-2c55-5c1f-8f02-77a1e2b3c4d5","deleted":false,"loginName":"faq-bot-1","fullName":"FAQ Bot 1",
  "nickname":"Nova","email":"bots@acme.test","isEnabled":true,"disabledManually":false,"userTypeId":2,"isApiUser":true,
  "allowedAppKeys":"aaaaaaaa-0000-4000-8000-000000000001","maxChats":0,"maxAsyncChats":200,
  "skillIds":[4100200902],"skills":[{"id":4100200902,"name":"FAQ Bot"}],"lobIds":[],"lobs":[],"permissionGroups":[],
  "profileIds":[4100200002],"profiles":[{"id":4100200002,"roleTypeId":2,"name":"Agent"}],"managerOf":[],"managedAgentGroups":[],
  "memberOf":{"agentGroupId":-1,"assignmentDate":"2026-05-05 09:00:00"},"changePwdNextLogin":false,"dateUpdated":"2026-09-09 12:00:00"}]
""")  # noqa: E501 - as in reference 10.8

NEW: Spec = {
    "fullName": "FAQ Bot 2",
    "nickname": "Nova",
    "email": "bots@acme.test",
    "enabled": True,
    "key": KEY,
    "maxChats": 0,
    "maxAsyncChats": 200,
    "profiles": ["4100200002"],
    "skills": ["4100200902"],
    "lobs": [],
    "agentGroup": "-1",
}
CREATE = json.loads("""
{"loginName":"faq-bot-2","fullName":"FAQ Bot 2","nickname":"Nova","email":"bots@acme.test","isEnabled":true,
 "userTypeId":2,"isApiUser":true,"allowedAppKeys":"aaaaaaaa-0000-4000-8000-000000000001","maxChats":0,"maxAsyncChats":200,
 "profileIds":[4100200002],"skillIds":[4100200902],"lobIds":[],"memberOf":{"agentGroupId":-1}}
""")  # noqa: E501 - as in reference 10.10
DISABLE = json.loads("""
{"id":4100200455,"pid":"0b7d9d0e-2c55-5c1f-8f02-77a1e2b3c4d5","loginName":"faq-bot-1","fullName":"FAQ Bot 1",
 "nickname":"Nova","email":"bots@acme.test","isEnabled":false,"userTypeId":2,"isApiUser":true,
 "allowedAppKeys":"aaaaaaaa-0000-4000-8000-000000000001","maxChats":0,"maxAsyncChats":200,"skillIds":[4100200902],
 "profileIds":[4100200002],"lobIds":[],"permissionGroups":[],"memberOf":{"agentGroupId":-1},"managerOf":[],
 "changePwdNextLogin":false}
""")  # noqa: E501 - as in reference 10.11


def decode(raw: dict[str, Any]) -> Spec:
    return mapping.decode(BOT_USER, USERS, raw)


def encode(spec: Spec, raw: dict[str, Any]) -> dict[str, Any]:
    return mapping.encode(BOT_USER, USERS, spec, raw)


# Samples


def test_the_bot_of_the_sample_is_read() -> None:
    assert mapping.identity(USERS, BOT) == ("4100200455", "faq-bot-1")
    assert decode(BOT) == {
        **NEW,
        "fullName": "FAQ Bot 1",
        "managerOf": [],
        "pictureUrl": "",
        "pictureId": "",
        "backgndImgUri": "",
        "description": "",
        "employeeId": "",
        "mobileNumber": "",
        "pnCertName": "",
        "changePwdNextLogin": False,
    }


def test_the_person_of_the_sample_is_read() -> None:
    found = decode(PERSON)
    assert (found["fullName"], found["key"], found["maxAsyncChats"]) == ("", None, None)
    assert found["agentGroup"] == "-1"


def test_the_create_sample_is_written() -> None:
    assert mapping.create(BOT_USER, USERS, "faq-bot-2", NEW) == CREATE


def test_the_disable_sample_is_written() -> None:
    assert encode({"enabled": False}, BOT) == DISABLE


@pytest.mark.parametrize("spec", [{}, {"enabled": True}, {"nickname": "Ava"}])
def test_other_updates_carry_how_the_user_was_disabled(spec: Spec) -> None:
    assert encode(spec, BOT)["disabledManually"] is False


def test_a_login_password_is_never_sent_back() -> None:
    stale = {"passwordSh": "hash", "oldPassword": "a", "confirmPassword": "b"}
    assert not stale.keys() & encode({}, {**PERSON, **stale}).keys()


@pytest.mark.parametrize(
    "member_of",
    [
        {"agentGroupId": 4100200700, "assignmentDate": "2026-05-05 09:00:00"},
        {"agentGroupId": "4100200700"},
        [{"agentGroupId": 4100200700}],
    ],
)
def test_a_membership_is_read_as_object_and_as_array(member_of: Any) -> None:
    raw = {**BOT, "memberOf": member_of}
    assert decode(raw)["agentGroup"] == "4100200700"
    assert encode({"agentGroup": "-1"}, raw)["memberOf"] == {"agentGroupId": -1}


@pytest.mark.parametrize("member_of", [None, [], {}, {"agentGroupId": None}])
def test_a_user_can_have_no_group(member_of: Any) -> None:
    assert decode({**BOT, "memberOf": member_of})["agentGroup"] is None


@pytest.mark.parametrize(
    "member_of", ["-1", 7, [{"agentGroupId": 1}] * 2, [3], {"agentGroupId": [1, 2]}]
)
def test_a_foreign_membership_is_an_error(member_of: Any) -> None:
    with pytest.raises(AccountError, match="users '4100200455': 'memberOf'"):
        decode({**BOT, "memberOf": member_of})


def test_managed_groups_keep_what_lebots_does_not_know_of_them() -> None:
    managed = [{"agentGroupId": 1, "assignmentDate": "x", "x-note": 1}, {"agentGroupId": 2}]
    raw = {**BOT, "managerOf": managed}
    assert decode(raw)["managerOf"] == ["1", "2"]
    body = encode({"managerOf": ["3", "1"]}, raw)
    assert body["managerOf"] == [{"agentGroupId": 3}, {"agentGroupId": 1, "x-note": 1}]


# Who is a bot


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"userTypeId": 2}, ""),
        ({"userTypeId": "2"}, ""),
        ({"userTypeId": 2, "isApiUser": False}, ""),
        ({"userTypeId": 1}, "a human user"),
        ({"userTypeId": "1"}, "a human user"),
        ({"userTypeId": None}, "a human user"),
        ({}, "a human user"),
        ({"userTypeId": 0}, "a system user"),
        ({"userTypeId": "0"}, "a system user"),
        ({"userTypeId": 7}, "a user of an unknown type"),
        ({"userTypeId": True}, "a user of an unknown type"),
        ({"userTypeId": 2, "lpaCreatedUser": True}, "created by LivePerson staff"),
        ({"userTypeId": 2, "lpaCreatedUser": "true"}, "created by LivePerson staff"),
        ({"userTypeId": 2, "lpaCreatedUser": False}, ""),
    ],
)
def test_only_bots_are_touched(facts: dict[str, Any], reason: str) -> None:
    assert BOT_USER.unmanaged_reason(facts) == reason


# Roles

AGENT = {"profiles": ["Agent"], "skills": ["faq"], "agentGroup": "Bots", "maxAsyncChats": 25}
BOTH = {**AGENT, "profiles": ["Agent", "Agent Manager"], "managerOf": ["Bots"], "maxChats": 2}
LOST_AGENT: Spec = {"skills": [], "agentGroup": None, "maxAsyncChats": None}


@pytest.mark.parametrize(
    ("before", "profiles", "resets"),
    [
        (AGENT, ["Agent"], {}),
        (AGENT, ["Night agent"], {}),
        (AGENT, ["Agent", "Agent Manager"], {}),
        (AGENT, ["Agent Manager"], LOST_AGENT),
        (AGENT, ["Administrator"], LOST_AGENT),
        ({**AGENT, "maxAsyncChats": 0}, ["Administrator"], LOST_AGENT),
        (BOTH, ["Agent"], {"managerOf": []}),
        (BOTH, ["Agent Manager"], {**LOST_AGENT, "maxChats": 0}),
        (BOTH, ["Administrator"], {**LOST_AGENT, "maxChats": 0, "managerOf": []}),
        (BOTH, ["Nobody knows"], {}),
        ({"profiles": ["Administrator"]}, ["Agent Manager"], {}),
    ],
)
def test_a_lost_role_resets_its_fields(before: Spec, profiles: list[str], resets: Spec) -> None:
    def lookup(kind: str, name: str) -> Spec | None:
        found = world().get(Address(kind, name))
        return found.spec if found else None

    assert BOT_USER.resets(before, {**before, "profiles": profiles}, lookup) == resets


# Rules

GOOD = {**AGENT, "enabled": True, "key": "faq", "maxChats": 0}
GOOD_KEY = present("Key/faq", type="oauth2", enabled=True, grant_types=["client_credentials"])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {}),
        ({"maxAsyncChats": 50}, {}),
        ({"maxAsyncChats": 51}, {"bot-load": "note"}),
        ({"maxAsyncChats": 250}, {"bot-load": "note"}),
        ({"maxAsyncChats": 251}, {"bot-load": "warning"}),
        ({"maxAsyncChats": 999}, {"bot-load": "warning"}),
        ({"maxAsyncChats": None}, {}),
        ({"maxAsyncChats": 0}, {"bot-without-capacity": "warning"}),
        ({"maxAsyncChats": 0, "maxChats": 1}, {}),
        ({"skills": []}, {"bot-without-skill": "warning"}),
        ({"skills": ["faq", "billing"]}, {"bot-with-several-skills": "note"}),
        ({"agentGroup": None}, {"bot-without-group": "error"}),
        ({"profiles": ["Agent", "Night agent"]}, {"profiles-of-one-role": "error"}),
        ({"profiles": ["Agent", "Agent Manager"], "managerOf": ["Bots"]}, {}),
        ({"managerOf": ["Bots"]}, {"field-without-role": "error"}),
        ({"profiles": ["Agent Manager"]}, {"field-without-role": "error"}),
        (
            {"profiles": ["Administrator"]},
            {"field-without-role": "error", "bot-without-agent-profile": "warning"},
        ),
        ({"profiles": ["Nobody knows"]}, {}),
        ({"key": None}, {"bot-without-key": "warning"}),
        ({"key": "elsewhere"}, {}),
    ],
)
def test_advice_on_a_declared_bot(change: dict[str, Any], expected: dict[str, str]) -> None:
    found = findings("BotUser", declared("BotUser/faq", **GOOD | change), GOOD_KEY)
    assert codes(found) == expected
    assert len(found) == len(expected)
    for one in found:
        assert (one.address, one.source) == (Address("BotUser", "faq"), SOURCE)


def test_a_bot_that_only_manages_needs_no_group_skill_or_room() -> None:
    spec = {"profiles": ["Agent Manager"], "managerOf": ["Bots"], "maxChats": 0, "key": "faq"}
    assert findings("BotUser", declared("BotUser/faq", **spec)) == []


def test_every_field_the_vendor_would_reset_is_named() -> None:
    spec = {**GOOD, "profiles": ["Administrator"], "maxChats": 1}
    found = findings("BotUser", declared("BotUser/faq", **spec), GOOD_KEY)
    assert "skills, agentGroup, maxAsyncChats, maxChats;" in found[-1].message


@pytest.mark.parametrize(
    ("key", "bot", "expected"),
    [
        ({"enabled": False}, {}, {"bot-key-disabled": "warning"}),
        ({"enabled": False}, {"enabled": False}, {}),
        ({"grant_types": []}, {}, {}),
        (
            {"grant_types": ["authorization_code"]},
            {},
            {"bot-key-without-client-credentials": "warning"},
        ),
    ],
)
def test_advice_on_the_key_of_a_bot(
    key: dict[str, Any], bot: dict[str, Any], expected: dict[str, str]
) -> None:
    wanted = declared("BotUser/faq", **GOOD | bot)
    assert codes(findings("BotUser", wanted, declared("Key/faq", **key))) == expected


def test_bots_that_no_manifest_declares_are_left_alone() -> None:
    assert findings("BotUser", present("BotUser/old", profiles=["Administrator"])) == []


def test_bots_come_by_name() -> None:
    bots = [declared(f"BotUser/{n}", **GOOD | {"maxAsyncChats": 51}) for n in ("b", "c", "a")]
    found = findings("BotUser", *bots, GOOD_KEY)
    assert [str(one.address) for one in found] == ["BotUser/a", "BotUser/b", "BotUser/c"]
