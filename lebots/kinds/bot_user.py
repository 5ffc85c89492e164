"""Bot users: users of type bot, who log in with a key (reference 6)."""

from typing import Any

from lebots.core.model.kind import NO_EFFECT, Endpoint, Field, Kind, Retirement, Schema
from lebots.kinds._bot_effects import (
    ALLOWED_PROFILES,
    ANOTHER_LOOK,
    ANOTHER_NAME,
    CAPACITY,
    EMAIL,
    GROUP,
    KEY,
    LIVE_CHATS,
    MANAGES,
    PASSWORD,
    PROFILES,
    SERVICE,
    SKILLS,
)
from lebots.kinds._bot_rules import RULES, resets, unmanaged_reason
from lebots.kinds._memberships import MANAGED, MEMBER

_LARGEST_INT = 2_147_483_647
_MOST_CONVERSATIONS = 999
_NAME = {"type": "string", "minLength": 1}


def _required_text(name: str, description: str, **facts: Any) -> Field:
    return Field(name, {**_NAME, "description": description}, **facts)


def _text(name: str, description: str, **facts: Any) -> Field:
    schema = {"type": "string", "description": f'{description} "": none.'}
    return Field(name, schema, default="", **facts)


def _names(name: str, ref: str, description: str, vendor: str = "", **more: Any) -> Field:
    schema: Schema = {
        "type": "array",
        "items": _NAME,
        "uniqueItems": True,
        "description": description,
        **more.pop("limits", {}),
    }
    return Field(name, schema, vendor=vendor, ref=ref, unordered=True, default=[], **more)


_FIELDS = (
    _required_text(
        "fullName",
        "Name of the bot in the account, where the vendor wants it unique.",
        blank_is_unknown=True,
        effects=NO_EFFECT,
    ),
    _required_text("nickname", "Name visitors see.", effects=ANOTHER_NAME),
    _text("description", "What the bot is for.", effects=NO_EFFECT),
    Field(
        "email",
        {
            "type": "string",
            "title": "an e-mail address",
            "maxLength": 254,
            "pattern": r"^(?!.*\n)[^@\s]+@[^@\s]+$",
            "description": "E-mail address for messages of the vendor about the bot.",
        },
        personal=True,
        effects=EMAIL,
    ),
    Field(
        "pictureUrl",
        {
            "type": "string",
            "title": "a web address",
            "maxLength": 2048,
            "pattern": r"^(?!.*\n)(|https?://[^\s]+)$",
            "description": 'Web address of the picture visitors see. "": none.',
        },
        default="",
        effects=ANOTHER_LOOK,
    ),
    _text(
        "pictureId", "Id of a picture kept by the vendor.", account_id=True, effects=ANOTHER_LOOK
    ),
    _text("backgndImgUri", "Address of the background image.", effects=ANOTHER_LOOK),
    _names(
        "profiles",
        "Profile",
        "Names of the profiles, at most 4 and one for each role. A bot that talks needs one of the "
        "role Agent.",
        "profileIds",
        limits={"minItems": 1, "maxItems": 4},
        effects=PROFILES,
        allow_list=ALLOWED_PROFILES,
    ),
    _names(
        "skills",
        "Skill",
        "Names of the skills the bot serves; best one that only bots hold. []: none. Only with a "
        "profile of the role Agent.",
        "skillIds",
        effects=SKILLS,
    ),
    Field(
        "agentGroup",
        {
            **_NAME,
            "description": 'Name of the agent group the bot belongs to; "Main Group" is the root. '
            "Only with a profile of the role Agent, which needs it.",
        },
        vendor="memberOf",
        ref="AgentGroup",
        codec=MEMBER,
        effects=GROUP,
    ),
    _names(
        "managerOf",
        "AgentGroup",
        "Names of the agent groups the bot manages. []: none. Only with a profile of the role "
        "Agent Manager.",
        codec=MANAGED,
        effects=MANAGES,
    ),
    _names(
        "lobs",
        "Lob",
        "Names of the lines of business the bot belongs to. []: none, as a new bot has.",
        "lobIds",
        effects=NO_EFFECT,
    ),
    Field(
        "key",
        {**_NAME, "description": "Name of the key the bot logs in with."},
        vendor="allowedAppKeys",
        ref="Key",
        id_type="string",
        effects=KEY,
    ),
    Field(
        "maxAsyncChats",
        {
            "type": ["integer", "null"],
            "minimum": 0,
            "maximum": _MOST_CONVERSATIONS,
            "description": "Most messaging conversations at once, 0 to 999; 0 stops routing to the "
            "bot. null: the account's default. Only with a profile of the role Agent.",
        },
        effects=CAPACITY,
    ),
    Field(
        "maxChats",
        {
            "type": "integer",
            "minimum": 0,
            "maximum": _LARGEST_INT,
            "description": "Most live chats at once. A new bot has 0, which is none. Only with a "
            "profile of the role Agent.",
        },
        effects=LIVE_CHATS,
    ),
    Field(
        "enabled",
        {
            "type": "boolean",
            "description": "Whether the bot can log in. false ends a running bot's work. A new bot "
            "is enabled.",
        },
        vendor="isEnabled",
        # Left out while isEnabled changes, the server sets it to the opposite (reference 6.2, D).
        derived=frozenset({"disabledManually"}),
        effects=SERVICE,
    ),
    _text(
        "employeeId",
        "Number of the bot in lists of staff.",
        personal=True,
        blank_is_unknown=True,
        effects=NO_EFFECT,
    ),
    _text("mobileNumber", "Mobile phone number.", personal=True, effects=NO_EFFECT),
    _text("pnCertName", "Name of the certificate for push notifications.", effects=NO_EFFECT),
    Field(
        "changePwdNextLogin",
        {
            "type": "boolean",
            "description": "Whether the password must be changed at the next login; without "
            "meaning for a bot that logs in with a key. Default of the vendor: false.",
        },
        default=False,
        effects=PASSWORD,
    ),
)


KIND = Kind(
    name="BotUser",
    label="bot",
    summary="A user of type bot: what a bot logs in as, and what conversations are routed to.",
    endpoints=(
        Endpoint(
            name="users",
            never_empty=True,
            service="accountConfigReadWrite",
            path="/api/account/{account}/configuration/le-users/users",
            rights="the credential needs the right Administration > Users (a user with the profile "
            "Administrator or Campaign Manager, or an application with the scope users.external)",
            feature="if the account refuses every bot, its user type Bot may be off: the "
            "LivePerson account team switches it on",
            version="6.0",
            query={"select": "$all", "include_deleted": "true"},
            name_field="loginName",
            # Whether it could change is not known; what logs in with it would be cut off (6.2, I).
            fixed_name="the login name of a bot cannot change; declare a new bot beside the old "
            "one, and move over to it",
            # Set by the server, or never to be echoed (reference 6.5). ``skills``, ``profiles``,
            # ``managedAgentGroups`` and ``lobs`` are expansions of the lists of ids.
            server_owned=frozenset(
                {
                    "deleted",
                    "dateCreated",
                    "dateUpdated",
                    "lastPwdChangeDate",
                    "lpaCreatedUser",
                    "memberOf.assignmentDate",
                    "managerOf.assignmentDate",
                    "skills",
                    "profiles",
                    "managedAgentGroups",
                    "lobs",
                    "passwordSh",
                    "oldPassword",
                    "confirmPassword",
                    "resetMfaSecret",
                }
            ),
            secret=frozenset({"passwordSh", "oldPassword", "confirmPassword"}),
            on_create={"userTypeId": 2, "isApiUser": True},
            must_carry=frozenset({"fullName", "allowedAppKeys"}),
            limit=18_000,
        ),
    ),
    fields=_FIELDS,
    # What the vendor requires (6.2) and lebots has no sensible value for. The agent group is not
    # among them: it is required of agents only, which a rule sees and a list does not.
    needed=frozenset({"fullName", "nickname", "email", "key", "profiles"}),
    on_create={"enabled": True, "maxChats": 0, "lobs": []},
    retirement=Retirement(
        off={"enabled": False},
        deletable=True,
        stops="a bot that is running stops",
        lost="the login name stays taken",
    ),
    login_key="key",
    reports_undeclared=True,
    unmanaged_reason=unmanaged_reason,
    resets=resets,
    rules=RULES,
    valid=(
        {
            "fullName": "Routing bot",
            "nickname": "Ava",
            "email": "bots@example.com",
            "pictureUrl": "https://cdn.example.com/ava.png",
            "profiles": ["Agent"],
            "skills": ["routing-bot"],
            "agentGroup": "Bots",
            "key": "routing-bot",
            "maxAsyncChats": 25,
            "enabled": True,
        },
        {},
        {"maxAsyncChats": None, "skills": [], "lobs": []},
        {"maxAsyncChats": 0, "maxChats": 0, "pictureUrl": ""},
        {"profiles": ["Agent", "Agent Manager"], "managerOf": ["Bots"], "employeeId": "B-17"},
    ),
    invalid=(
        ({"fullName": ""}, "fullName"),
        ({"fullName": None}, "fullName"),
        ({"email": "nobody"}, "email"),
        ({"enabled": "true"}, "enabled"),
        ({"key": None}, "key"),
        ({"profiles": []}, "profiles"),
        ({"profiles": ["a", "b", "c", "d", "e"]}, "profiles"),
        ({"skills": ["faq", "faq"]}, "skills.1"),
        ({"skills": None}, "skills"),
        ({"maxAsyncChats": -1}, "maxAsyncChats"),
        ({"maxAsyncChats": 1000}, "maxAsyncChats"),
        ({"maxChats": None}, "maxChats"),
        ({"pictureUrl": "javascript:alert(1)"}, "pictureUrl"),
        ({"passwordSh": "not-a-real-password"}, "passwordSh"),
        ({"permissionGroups": [1]}, "permissionGroups"),
        ({"isApiUser": False}, "isApiUser"),
        ({"disabledManually": True}, "disabledManually"),
    ),
)
