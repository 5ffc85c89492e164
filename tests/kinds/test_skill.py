"""Skills: the vendor's samples, the two meanings of an empty list, and advice on bot skills."""

import json
from typing import Any

import pytest

from lebots import kinds
from lebots.core.model.address import Address
from lebots.core.model.finding import Severity
from lebots.core.model.value import Spec
from lebots.core.vendor import codec as mapping
from tests.kinds.worlds import SOURCE, codes, declared, findings, present

SKILL = kinds.load()["Skill"]
SKILLS = SKILL.endpoint("skills")

SAMPLE: dict[str, Any] = json.loads("""
 {"id":4100200902,"name":"FAQ Bot","description":"","deleted":false,"skillOrder":0,"maxWaitTime":120,"wrapUpTime":0,
  "canTransfer":true,"skillTransferList":null,"lobIds":[],"workingHoursId":null,"specialOccasionId":null,
  "skillRoutingConfiguration":[{"agentGroupId":4100200700,"priority":1,"splitPercentage":100}],
  "fallbackSkill":null,"fallbackWhenAllAgentsAreAway":true,"autoCloseInSeconds":null,"transferToAgentMaxWaitInSeconds":null,
  "slaDefaultResponseTime":null,"slaUrgentResponseTime":null,"slaFirstTimeResponseTime":null,"defaultPostChatSurveyId":null,
  "defaultOfflineSurveyId":null,"defaultAgentSurveyId":null,"agentSurveyForMsgId":null,"agentSurveyForMsgTimeoutInMinutes":null,
  "postConversationSurveyAppInstallAssociationId":null,"dateUpdated":"2026-09-09 12:00:00"}
""")  # noqa: E501 - as in reference 10.3
UNSET = (
    "skillTransferList",
    "fallbackSkill",
    "workingHours",
    "specialOccasion",
    "autoCloseInSeconds",
    "transferToAgentMaxWaitInSeconds",
    "slaDefaultResponseTime",
    "slaUrgentResponseTime",
    "slaFirstTimeResponseTime",
    "defaultPostChatSurveyId",
    "defaultOfflineSurveyId",
    "defaultAgentSurveyId",
    "agentSurveyForMsgId",
    "agentSurveyForMsgTimeoutInMinutes",
    "postConversationSurveyAppInstallAssociationId",
)


def encode(spec: Spec, raw: dict[str, Any] = SAMPLE) -> dict[str, Any]:
    return mapping.encode(SKILL, SKILLS, spec, raw)


def test_the_sample_is_read() -> None:
    assert mapping.identity(SKILLS, SAMPLE) == ("4100200902", "FAQ Bot")
    assert mapping.decode(SKILL, SKILLS, SAMPLE) == {
        "description": "",
        "skillRoutingConfiguration": [
            {"agentGroup": "4100200700", "priority": 1, "splitPercentage": 100}
        ],
        "canTransfer": True,
        "fallbackWhenAllAgentsAreAway": True,
        "lobs": [],
        "maxWaitTime": 120,
        "skillOrder": 0,
        "wrapUpTime": 0,
        **dict.fromkeys(UNSET),
    }


def test_an_update_sends_the_sample_whole_but_for_what_the_server_sets() -> None:
    body = encode({"description": "Automated answers"})
    changed = {n: v for n, v in SAMPLE.items() if n not in ("dateUpdated", "deleted")}
    assert body == {**changed, "description": "Automated answers"}
    assert list(body) == list(changed)


def test_the_create_sample_is_written() -> None:
    spec: Spec = {"description": "Automated answers", "canTransfer": True, "lobs": []}
    assert mapping.create(SKILL, SKILLS, "FAQ Bot", spec) == {
        "name": "FAQ Bot",
        "description": "Automated answers",
        "canTransfer": True,
        "lobIds": [],
    }


@pytest.mark.parametrize(
    ("spec", "attribute", "value"),
    [
        ({"skillTransferList": None}, "skillTransferList", None),
        ({"skillTransferList": []}, "skillTransferList", []),
        ({"skillTransferList": ["4100200903"]}, "skillTransferList", [4100200903]),
        ({"fallbackSkill": "4100200901"}, "fallbackSkill", 4100200901),
        ({"fallbackSkill": None}, "fallbackSkill", None),
        ({"lobs": ["4100200800"]}, "lobIds", [4100200800]),
        ({"workingHours": "4100200600"}, "workingHoursId", 4100200600),
        ({"defaultAgentSurveyId": "9"}, "defaultAgentSurveyId", "9"),
    ],
)
@pytest.mark.parametrize("before", [[], [4100200901]])
def test_what_is_written(spec: Spec, attribute: str, value: Any, before: list[int]) -> None:
    """null and [] never turn into each other: all skills, or none (reference 4.3)."""
    raw = {**SAMPLE, "skillTransferList": before, "fallbackSkill": 4100200999}
    body = encode(spec, raw)
    assert (body[attribute], type(body[attribute])) == (value, type(value))


def test_routing_keeps_what_lebots_does_not_know_of_a_group() -> None:
    step = {"agentGroupId": "4100200700", "priority": 1, "splitPercentage": 100, "x-note": "kept"}
    body = encode(
        {
            "skillRoutingConfiguration": [
                {"agentGroup": "4100200701", "priority": 2, "splitPercentage": 50},
                {"agentGroup": "4100200700", "priority": 1, "splitPercentage": 60},
            ]
        },
        {**SAMPLE, "skillRoutingConfiguration": [step]},
    )
    assert body["skillRoutingConfiguration"] == [
        {"agentGroupId": 4100200701, "priority": 2, "splitPercentage": 50},
        {"agentGroupId": "4100200700", "priority": 1, "splitPercentage": 60, "x-note": "kept"},
    ]


# Rules

BOT: dict[str, Any] = {"skills": ["faq"], "enabled": True}


def people(count: int) -> list[Any]:
    return [present(f"BotUser/person-{n}", "a human user", skills=["faq"]) for n in range(count)]


def test_a_bot_skill_that_nobody_else_holds_is_fine() -> None:
    twins = [declared("BotUser/one", **BOT), declared("BotUser/two", **BOT)]
    other = present("BotUser/ana", "a human user", skills=["billing"])
    assert findings("Skill", *twins, other) == []


@pytest.mark.parametrize(("count", "words"), [(1, "by 1 person;"), (5, "by 5 people;")])
def test_people_who_hold_a_bot_skill_are_counted_once(count: int, words: str) -> None:
    twins = [declared("BotUser/two", **BOT), declared("BotUser/one", **BOT)]
    (found,) = findings("Skill", *twins, *people(count))
    assert (found.code, found.severity) == ("skill-shared-with-people", Severity.WARNING)
    assert words in found.message
    assert "person-" not in found.message, "nobody is named"
    assert (found.address, found.source) == (Address("BotUser", "one"), SOURCE)


def test_system_users_are_no_people() -> None:
    twins = [declared("BotUser/one", **BOT), declared("BotUser/two", **BOT)]
    assert findings("Skill", *twins, present("BotUser/sys", "a system user", skills=["faq"])) == []


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ([], True),
        ([present("BotUser/two", skills=["faq"], enabled=False)], True),
        ([present("BotUser/two", skills=["billing"], enabled=True)], True),
        ([present("BotUser/two", skills=["faq"], enabled=True)], False),
        ([declared("BotUser/two", skills=["faq"], enabled=True)], False),
    ],
)
def test_the_only_enabled_bot_of_a_skill_is_noted(others: list[Any], told: bool) -> None:
    found = findings("Skill", declared("BotUser/one", **BOT), *others)
    assert codes(found) == ({"skill-without-failover": "note"} if told else {})


def test_nobody_is_told_about_bots_that_no_manifest_declares() -> None:
    assert findings("Skill", present("BotUser/one", **BOT), *people(2)) == []


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"canTransfer": False}, True),
        ({"canTransfer": True, "skillTransferList": []}, True),
        ({"canTransfer": True, "skillTransferList": None}, False),
        ({"canTransfer": True, "skillTransferList": ["billing"]}, False),
        ({}, False),
    ],
)
def test_a_bot_that_cannot_hand_over_is_noted(spec: dict[str, Any], told: bool) -> None:
    bots = [declared("BotUser/one", **BOT), declared("BotUser/two", **BOT)]
    found = findings("Skill", *bots, present("Skill/faq", **spec))
    assert codes(found) == ({"skill-without-handover": "note"} if told else {})
