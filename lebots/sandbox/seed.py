"""The account as it is when it is new, and the synthetic people and skills that make it large.

Everything here is the same on every computer: ids count up from fixed numbers, participant ids are
derived from the login names, dates stand still.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from lebots.sandbox.collections.agent_groups import COLLECTION as AGENT_GROUPS
from lebots.sandbox.collections.lobs import COLLECTION as LOBS
from lebots.sandbox.collections.profiles import COLLECTION as PROFILES
from lebots.sandbox.collections.skills import COLLECTION as SKILLS
from lebots.sandbox.collections.users import BOT, HUMAN, password_digest
from lebots.sandbox.collections.users import COLLECTION as USERS
from lebots.sandbox.logins.tool import LEGACY_WORDS, LOGIN_WORD, TOOL_LOGIN
from lebots.sandbox.objects import presence
from lebots.sandbox.objects.fields import ABSENT, Json
from lebots.sandbox.objects.resource import Context, Resource
from lebots.sandbox.objects.store import ACCOUNT_SCOPE

ADMINISTRATOR, AGENT, AGENT_MANAGER, CAMPAIGN_MANAGER = range(4100200001, 4100200005)
BOTS, SUPPORT, SALES_GROUP = range(4100200701, 4100200704)
RETAIL, WHOLESALE = range(4100200801, 4100200803)
CUSTOMER_CARE, BILLING, SALES, SURVEY = range(4100200901, 4100200905)
_FIRST_USER = 4100200301
_NEXT_ID = 4100201001

LEGACY_KEY = "5e1f0c2a9b7d4e6f8a3c1d0b2e4f6a8c"
_LONG_AGO = "2026-01-05 08:00:00"
_JOINED = "2026-03-02 10:11:12"
_NAMESPACE = uuid.UUID("0b7d9d0e-2c55-5c1f-8f02-77a1e2b3c4d5")

_ACCOUNT_REVISION = 9040
_CONVERSATIONS = 12
"""Open conversations of the seeded bot."""


@dataclass(frozen=True)
class _Person:
    login: str
    full_name: str
    nickname: str
    profiles: Sequence[int] = (AGENT,)
    skills: Sequence[int] = ()
    group: int = -1
    manages: Sequence[int] = ()
    lobs: Sequence[int] = ()
    max_chats: int = 3
    is_enabled: bool = True


_PEOPLE = (
    _Person("ingrid.lund@acme.test", "Ingrid Lund", "Ingrid", (ADMINISTRATOR,), max_chats=0),
    _Person("tomasz.wrobel@acme.test", "Tomasz Wróbel", "Tomek", (AGENT_MANAGER,),
            manages=(SUPPORT, SALES_GROUP), max_chats=0),
    _Person("leila.haddad@acme.test", "Leila Haddad", "Leila", (CAMPAIGN_MANAGER,), max_chats=0),
    _Person("ana.costa@acme.test", "Ana Costa", "Ana", (AGENT,), (CUSTOMER_CARE, BILLING),
            SUPPORT, lobs=(RETAIL,)),
    _Person("kwame.mensah@acme.test", "Kwame Mensah", "Kwame", (AGENT,), (CUSTOMER_CARE,),
            SUPPORT, lobs=(RETAIL,), max_chats=4),
    _Person("mei.tanaka@acme.test", "Mei Tanaka", "Mei", (AGENT,), (CUSTOMER_CARE,), SUPPORT),
    _Person("sean.obrien@acme.test", "Seán O'Brien", "Sean", (AGENT,), (BILLING,), SUPPORT),
    _Person("priya.nair@acme.test", "Priya Nair", "Priya", (AGENT,), (BILLING,), SUPPORT,
            max_chats=2),
    _Person("lucas.moreau@acme.test", "Lucas Moreau", "Luc", (AGENT, AGENT_MANAGER),
            (CUSTOMER_CARE, SALES), SUPPORT, (SUPPORT,)),
    _Person("dilara.sahin@acme.test", "Dilara Şahin", "Dilara", (AGENT,), (SALES,),
            SALES_GROUP, lobs=(WHOLESALE,), max_chats=5),
    _Person("jonas.becker@acme.test", "Jonas Becker", "Jonas", (AGENT,), (SALES,), SALES_GROUP,
            lobs=(RETAIL, WHOLESALE)),
    _Person("noor.devries@acme.test", "Noor de Vries", "Noor", (AGENT,), (SALES, BILLING),
            SALES_GROUP, is_enabled=False),
)  # fmt: skip

_TOOL = _Person(TOOL_LOGIN, "lebots", "lebots", (ADMINISTRATOR,), max_chats=0)

_FIRST_NAMES = (
    "Adaeze", "Bruno", "Chiara", "Daichi", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jamal",
    "Katya", "Liam", "Maren", "Nikhil", "Olga", "Pedro", "Quynh", "Rosa", "Sami", "Tove",
)  # fmt: skip
_LAST_NAMES = (
    "Abebe", "Bianchi", "Carter", "Dubois", "Eriksen", "Fontaine", "Gupta", "Horvat", "Ito",
    "Jensen", "Kowalski", "Lopez", "Murphy", "Novak", "Okafor", "Petrov", "Rossi", "Silva",
    "Tran",
)  # fmt: skip
_TEAMS = ((CUSTOMER_CARE, SUPPORT), (BILLING, SUPPORT), (SALES, SALES_GROUP))


def fill(context: Context, account: str, resources: dict[str, Resource]) -> None:
    """Writes the seeded account into an empty store."""
    store = context.store
    store.set_meta("account", account)
    store.set_revision(ACCOUNT_SCOPE, _ACCOUNT_REVISION)
    for resource in resources.values():
        store.set_revision(resource.collection, resource.first_revision)
    context.start_ids(_NEXT_ID)
    objects: dict[str, list[Json]] = {
        "profiles": _profiles(),
        "agentGroups": _groups(),
        "lobs": [_named(LOBS, RETAIL, "Retail"), _named(LOBS, WHOLESALE, "Wholesale")],
        "skills": _skills(),
        "appKeys": [_legacy_key()],
        "users": [
            *(_human(_FIRST_USER + index, person) for index, person in enumerate(_PEOPLE)),
            _human(_FIRST_USER + len(_PEOPLE) + 1, _TOOL),
            _survey_bot(_FIRST_USER + len(_PEOPLE)),
        ],
    }
    objects |= {name: list(one.seeds) for name, one in resources.items() if one.seeds}
    for collection, found in objects.items():
        store.save(resources[collection].record(obj) for obj in found)
    presence.note(store, str(_FIRST_USER + len(_PEOPLE)), "ONLINE", _CONVERSATIONS)


def add(context: Context, users: int, skills: int) -> None:
    """Adds synthetic skills and human agents; each collection counts one change."""
    store = context.store
    first = context.new_id()
    first_user = first + skills
    context.start_ids(first_user + users)
    store.save(
        SKILLS.record(_named(SKILLS, object_id, f"Topic {object_id - _NEXT_ID + 1:05}"))
        for object_id in range(first, first_user)
    )
    store.save(
        USERS.record(_human(object_id, _synthetic(object_id - _NEXT_ID)))
        for object_id in range(first_user, first_user + users)
    )
    for collection, count in (("skills", skills), ("users", users)):
        if count:
            store.bump(collection)


def _synthetic(number: int) -> _Person:
    first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
    last = _LAST_NAMES[number // len(_FIRST_NAMES) % len(_LAST_NAMES)]
    skill, group = _TEAMS[number % len(_TEAMS)]
    login = f"{first}.{last}.{number + 1:05}@acme.test".lower()
    return _Person(login, f"{first} {last}", first, (AGENT,), (skill,), group)


def _profiles() -> list[Json]:
    packages = {
        ADMINISTRATOR: ("Administrator", 1, (10001, 10002, 10003, 10004, 10006, 10008)),
        AGENT: ("Agent", 2, (20000, 20013, 20015)),
        AGENT_MANAGER: ("Agent Manager", 3, (30003, 30004, 30005, 30006, 30007, 30013)),
        CAMPAIGN_MANAGER: ("Campaign Manager", 4, ()),
    }
    return [
        _named(PROFILES, object_id, name)
        | {
            "roleTypeId": role,
            "permissions": [],
            "permissionPackages": [
                {"id": package, "isEnabled": True, "isDisplayed": True, "featureKeys": []}
                for package in found
            ],
            "isAssignedToLPA": False,
        }
        for object_id, (name, role, found) in packages.items()
    ]


def _groups() -> list[Json]:
    names = {BOTS: "Bots", SUPPORT: "Support", SALES_GROUP: "Sales"}
    top = {"isEnabled": True, "parentGroupId": -1}
    return [_named(AGENT_GROUPS, object_id, name) | top for object_id, name in names.items()]


def _skills() -> list[Json]:
    described = {
        CUSTOMER_CARE: ("Customer care", "Everything about an order"),
        BILLING: ("Billing", "Invoices and payments"),
        SALES: ("Sales", ""),
        SURVEY: ("Survey", "Asked after a conversation"),
    }
    return [
        _named(SKILLS, object_id, name) | {"description": description}
        for object_id, (name, description) in described.items()
    ]


def _named(resource: Resource, object_id: int, name: str) -> Json:
    """An object of le-users with its defaults."""
    defaults = {
        field_name: field.filled()
        for field_name, field in resource.fields.items()
        if field.default is not ABSENT
    }
    return {"id": object_id, "deleted": False, **defaults, "name": name, "dateUpdated": _LONG_AGO}


def _user(object_id: int, login: str) -> Json:
    """What people and bots have in common; the last members are unknown to most clients."""
    return {
        "id": object_id,
        "pid": str(uuid.uuid5(_NAMESPACE, login)),
        "deleted": False,
        "loginName": login,
        "isEnabled": True,
        "disabledManually": False,
        "allowedAppKeys": "",
        "skillIds": [],
        "lobIds": [],
        "managerOf": [],
        "pictureUrl": None,
        "permissionGroups": [],
        "changePwdNextLogin": False,
        "isMyUser": False,
        "lpaCreatedUser": False,
        "resetMfaSecret": False,
        "dateCreated": _JOINED,
        "dateUpdated": _JOINED,
    }


def _membership(group: int) -> Json:
    return {"agentGroupId": group, "assignmentDate": _JOINED}


def _human(object_id: int, person: _Person) -> Json:
    user = _user(object_id, person.login)
    return user | {
        "fullName": person.full_name,
        "nickname": person.nickname,
        "email": person.login,
        "employeeId": f"E{object_id % 10000:04}",
        "isEnabled": person.is_enabled,
        "disabledManually": not person.is_enabled,
        "userTypeId": HUMAN,
        "isApiUser": False,
        "maxChats": person.max_chats,
        "maxAsyncChats": None,
        "profileIds": list(person.profiles),
        "skillIds": list(person.skills),
        "lobIds": list(person.lobs),
        "memberOf": _membership(person.group),
        "managerOf": [_membership(group) for group in person.manages],
        "passwordSh": password_digest(user["pid"], LOGIN_WORD),
        "lastPwdChangeDate": _JOINED,
    }


def _survey_bot(object_id: int) -> Json:
    return _user(object_id, "survey-bot") | {
        "fullName": "Survey bot",
        "nickname": "Sam",
        "email": "bots@acme.test",
        "userTypeId": BOT,
        "isApiUser": True,
        "allowedAppKeys": LEGACY_KEY,
        "maxChats": 0,
        "maxAsyncChats": 50,
        "profileIds": [AGENT],
        "skillIds": [SURVEY],
        "memberOf": _membership(BOTS),
    }


def _legacy_key() -> Json:
    """One OAuth 1 app key; purpose, keyType, privileges and creationTime are unknown (5b, 10.7)."""
    return {
        "keyId": LEGACY_KEY,
        "developerID": "acme",
        "appName": "legacy-bots",
        "appDescription": "Bots from before OAuth 2",
        "purpose": "unknown",
        "keyType": "unknown",
        "enabled": True,
        "creationTime": "unknown",
        "ipRanges": [],
        "privileges": [{"type": "unknown", "data": "unknown"}],
        "appSecret": LEGACY_WORDS[0],
        "token": "00000000000000000000000000000def",
        "tokenSecret": LEGACY_WORDS[1],
    }
