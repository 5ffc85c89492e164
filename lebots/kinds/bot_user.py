"""Bot users: users of type bot, who log in with a key (reference 6)."""

from typing import Any

from lebots.core.model.kind import Codec, Endpoint, Field, Kind, Retirement, Schema
from lebots.core.model.value import Raw, Value
from lebots.kinds._bot_rules import RULES, effects

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


# Memberships: objects that hold an agent group beside the date of the assignment. ``memberOf`` is
# one object, an array in older pages of the vendor (reference 11): both are read.


def _read_member(value: Any) -> Value:
    groups = _read_managed(value)
    if len(groups) > 1:
        raise ValueError
    return groups[0] if groups else None


def _write_member(group: Any, before: Any) -> Any:
    return {**(before if isinstance(before, dict) else {}), "agentGroupId": group}


def _read_managed(value: Any) -> list[Value]:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in items):
        raise ValueError
    return [item.get("agentGroupId") for item in items if item]


def _write_managed(groups: Any, before: Any) -> Any:
    items = before if isinstance(before, list) else [before]
    kept = {str(item["agentGroupId"]): item for item in items if item}
    return [kept.get(str(group), {"agentGroupId": group}) for group in groups]


_FIELDS = (
    _required_text(
        "fullName",
        "Name of the bot in the account, where the vendor wants it unique.",
        blank_is_unknown=True,
    ),
    _required_text("nickname", "Name visitors see."),
    _text("description", "What the bot is for."),
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
    ),
    _text("pictureId", "Id of a picture kept by the vendor.", account_id=True),
    _text("backgndImgUri", "Address of the background image."),
    _names(
        "profiles",
        "Profile",
        "Names of the profiles, at most 4 and one for each role. A bot that talks needs one of the "
        "role Agent.",
        "profileIds",
        limits={"minItems": 1, "maxItems": 4},
    ),
    _names(
        "skills",
        "Skill",
        "Names of the skills the bot serves; best one that only bots hold. []: none. Only with a "
        "profile of the role Agent.",
        "skillIds",
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
        codec=Codec(_read_member, _write_member),
    ),
    _names(
        "managerOf",
        "AgentGroup",
        "Names of the agent groups the bot manages. []: none. Only with a profile of the role "
        "Agent Manager.",
        codec=Codec(_read_managed, _write_managed),
    ),
    _names(
        "lobs",
        "Lob",
        "Names of the lines of business the bot belongs to. []: none, as a new bot has.",
        "lobIds",
    ),
    Field(
        "key",
        {**_NAME, "description": "Name of the key the bot logs in with."},
        vendor="allowedAppKeys",
        ref="Key",
        id_type="string",
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
        implies=frozenset({"disabledManually"}),
    ),
    _text(
        "employeeId", "Number of the bot in lists of staff.", personal=True, blank_is_unknown=True
    ),
    _text("mobileNumber", "Mobile phone number.", personal=True),
    _text("pnCertName", "Name of the certificate for push notifications."),
    Field(
        "changePwdNextLogin",
        {
            "type": "boolean",
            "description": "Whether the password must be changed at the next login; without "
            "meaning for a bot that logs in with a key. Default of the vendor: false.",
        },
        default=False,
    ),
)


def _foreign(raw: Raw) -> str:
    # Numbers may be quoted; a missing type means human (reference 3.6, 6.2, D).
    type_ = raw.get("userTypeId")
    if str(type_) != "2":
        others = {"None": "a human user", "1": "a human user", "0": "a system user"}
        return others.get(str(type_), "a user of an unknown type")
    return "created by LivePerson staff" if raw.get("lpaCreatedUser") in (True, "true") else ""


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
    foreign=_foreign,
    effects=effects,
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
