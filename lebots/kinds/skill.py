"""Skills: what conversations are routed by (reference 4)."""

from dataclasses import replace

from lebots.core.model.change import BECOMES_FALSE, BECOMES_TRUE, CHANGES, Effect, FieldEffect
from lebots.core.model.kind import NO_EFFECT, Endpoint, Field, Kind, Retirement
from lebots.kinds._skill_rules import RULES

_LARGEST_INT = 2_147_483_647
_LARGEST_LONG = 9_223_372_036_854_775_807
_NO_UNIT = "Unit not stated by the vendor."
_NAME = {"type": "string", "minLength": 1}


def _routes(why: str) -> tuple[FieldEffect, ...]:
    return (FieldEffect(Effect.REROUTES, CHANGES, why),)


_HANDS_OVER = (
    FieldEffect(
        Effect.REROUTES, BECOMES_FALSE, "its conversations can be handed to no other skill any more"
    ),
    FieldEffect(Effect.REROUTES, BECOMES_TRUE, "its conversations can be handed to other skills"),
)
_HOURS = _routes("is open to customers at other times")
_ASKED = (FieldEffect(Effect.CUSTOMER_TEXT, CHANGES, "customers are asked other questions"),)


def _whole(name: str, description: str, largest: int = _LARGEST_INT) -> Field:
    schema = {"type": "integer", "minimum": 0, "maximum": largest, "description": description}
    # 0 in the vendor's sample of a skill that says nothing about it (reference 10.3).
    return Field(name, schema, create_default=0, effects=NO_EFFECT)


def _setting(name: str, what: str, largest: int = _LARGEST_INT) -> Field:
    """A number the vendor shows as null where it is not set (reference 10.3)."""
    schema = {"type": ["integer", "null"], "minimum": 0, "maximum": largest}
    return Field(name, {**schema, "description": f"{what} null: not set."}, effects=NO_EFFECT)


def _id(name: str, what: str) -> Field:
    return replace(_setting(name, what, _LARGEST_LONG), account_id=True)


def _survey(name: str, what: str, effects: tuple[FieldEffect, ...] = _ASKED) -> Field:
    return Field(
        name,
        {"type": ["string", "null"], "minLength": 1, "description": f"{what} null: none."},
        account_id=True,
        effects=effects,
    )


def _hours(name: str, ref: str, what: str) -> Field:
    description = f"Name of the {what} that apply. null: those that are the account's default."
    schema = {**_NAME, "type": ["string", "null"], "description": description}
    return Field(name, schema, vendor=f"{name}Id", ref=ref, effects=_HOURS)


def _flag(name: str, description: str, effects: tuple[FieldEffect, ...]) -> Field:
    schema = {"type": "boolean", "description": f"{description} Default of the vendor: true."}
    return Field(name, schema, default=True, effects=effects)


_STEP = (
    Field(
        "agentGroup",
        {**_NAME, "description": "Name of the agent group."},
        vendor="agentGroupId",
        ref="AgentGroup",
    ),
    Field(
        "priority",
        {
            "type": "integer",
            "minimum": 1,
            "maximum": _LARGEST_INT,
            "description": "Step in which the group is asked, from 1 on; 1 where steps are not "
            "used.",
        },
    ),
    Field(
        "splitPercentage",
        {
            "type": "integer",
            "minimum": 0,
            "maximum": 100,
            "description": "Share of the conversations of its step, in percent.",
        },
    ),
)

_FIELDS = (
    Field(
        "description",
        {"type": "string", "description": 'What the skill is for. "": no description.'},
        default="",
        effects=NO_EFFECT,
    ),
    Field(
        "skillRoutingConfiguration",
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {part.name: part.schema for part in _STEP},
                "required": [part.name for part in _STEP],
                "additionalProperties": False,
            },
            "description": "Agent groups that take the skill's conversations, in steps. Order "
            "means nothing. []: no routing by group.",
        },
        fields=_STEP,
        unordered=True,
        default=[],
        effects=_routes("its conversations go to other agent groups than before"),
    ),
    _flag(
        "canTransfer",
        "Whether agents may hand conversations of this skill to other skills; false: only back to "
        "itself.",
        _HANDS_OVER,
    ),
    Field(
        "skillTransferList",
        {
            "type": ["array", "null"],
            "items": _NAME,
            "uniqueItems": True,
            "description": "Names of the skills a conversation may be handed to. null: all. []: "
            "none.",
        },
        ref="Skill",
        unordered=True,
        effects=_routes("its conversations can be handed to other skills than before"),
    ),
    Field(
        "fallbackSkill",
        {
            **_NAME,
            "type": ["string", "null"],
            "description": "Name of the skill that takes over when this one cannot serve. null: "
            "none.",
        },
        ref="Skill",
        effects=_routes("another skill takes over when it cannot serve"),
    ),
    _flag(
        "fallbackWhenAllAgentsAreAway",
        "Whether the fallback skill also takes over while all agents are away.",
        _routes("its conversations go to others than before while all agents are away"),
    ),
    Field(
        "lobs",
        {
            "type": "array",
            "items": _NAME,
            "uniqueItems": True,
            "description": "Names of the lines of business the skill belongs to. []: none.",
        },
        vendor="lobIds",
        ref="Lob",
        unordered=True,
        default=[],
        effects=NO_EFFECT,
    ),
    Field(
        "maxWaitTime",
        {
            "type": "integer",
            "minimum": 0,
            "maximum": _LARGEST_INT,
            "description": "Longest wait of a visitor, in seconds. Default of the vendor: 120.",
        },
        default=120,
        effects=NO_EFFECT,
    ),
    _whole("skillOrder", "Place of the skill in lists, counted from 0."),
    _whole("wrapUpTime", f"Time an agent has to finish after a conversation. {_NO_UNIT}"),
    _setting("autoCloseInSeconds", "Idle time after which a conversation ends, in seconds."),
    _setting(
        "transferToAgentMaxWaitInSeconds",
        "Longest wait for the chosen agent after a handover, in seconds.",
    ),
    _setting("slaDefaultResponseTime", f"Target time of a normal answer. {_NO_UNIT}"),
    _setting("slaUrgentResponseTime", f"Target time of an urgent answer. {_NO_UNIT}"),
    _setting("slaFirstTimeResponseTime", f"Target time of the first answer. {_NO_UNIT}"),
    _hours("workingHours", "WorkingHours", "working hours"),
    _hours("specialOccasion", "SpecialOccasion", "special occasions"),
    _survey("defaultPostChatSurveyId", "Id of the survey after a chat."),
    _survey("defaultOfflineSurveyId", "Id of the survey while nobody is online."),
    _survey("defaultAgentSurveyId", "Id of the survey agents fill in after a chat.", NO_EFFECT),
    _id("agentSurveyForMsgId", "Id of the survey agents fill in after a messaging conversation."),
    _setting(
        "agentSurveyForMsgTimeoutInMinutes",
        "Time agents have for the survey after a messaging conversation, in minutes.",
    ),
    _survey(
        "postConversationSurveyAppInstallAssociationId",
        "Id of the link to the survey bot after a conversation.",
    ),
)

KIND = Kind(
    name="Skill",
    label="skill",
    summary="A skill: what conversations are routed by, and what bots and agents are skilled for.",
    endpoints=(
        Endpoint(
            name="skills",
            service="accountConfigReadWrite",
            path="/api/account/{account}/configuration/le-users/skills",
            rights="the credential needs the right to manage skills",
            version="2.0",
            # That a PUT may change `name` is inferred: it is a field like the others (4.2, I).
            query={"select": "$all", "include_deleted": "true"},
            # Public clients leave ``deleted`` out of a PUT, as for users (reference 4.2, C).
            server_owned=frozenset({"deleted", "dateUpdated", "dateCreated"}),
        ),
    ),
    fields=_FIELDS,
    # Whether the name of a deleted skill can be given away again is not known (reference 12).
    retirement=Retirement(deletable=True, lost="the name may stay taken"),
    rules=RULES,
    valid=(
        {"description": "Conversations the routing bot takes first"},
        {},
        {"description": "", "canTransfer": True, "skillTransferList": ["billing"], "lobs": []},
        {"skillTransferList": None, "fallbackSkill": None, "workingHours": None},
        {
            "skillRoutingConfiguration": [
                {"agentGroup": "Bots", "priority": 1, "splitPercentage": 100}
            ],
            "fallbackSkill": "billing",
            "autoCloseInSeconds": 3600,
        },
    ),
    invalid=(
        ({"description": None}, "description"),
        ({"canTransfer": "yes"}, "canTransfer"),
        ({"maxWaitTime": -1}, "maxWaitTime"),
        ({"skillTransferList": ["billing", "billing"]}, "skillTransferList.1"),
        ({"fallbackSkill": ""}, "fallbackSkill"),
        ({"lobs": None}, "lobs"),
        ({"workingHours": 4100200951}, "workingHours"),
        (
            {"skillRoutingConfiguration": [{"agentGroup": "Bots", "priority": 1}]},
            "skillRoutingConfiguration.0",
        ),
        (
            {
                "skillRoutingConfiguration": [
                    {"agentGroup": "Bots", "priority": 0, "splitPercentage": 100}
                ]
            },
            "skillRoutingConfiguration.0.priority",
        ),
        ({"id": 4100200902}, "id"),
    ),
)
