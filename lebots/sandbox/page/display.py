"""The account in words: names instead of ids, and never a secret."""

from __future__ import annotations

from typing import Any

from lebots.sandbox.collections.users import BOT
from lebots.sandbox.objects.fields import Json, array
from lebots.sandbox.objects.resource import (
    KEY_COLLECTIONS,
    KEYS,
    ROOT_GROUP,
    ROOT_GROUP_NAME,
    Context,
    Resource,
)

HIDDEN = "***"
MESSAGES = "unified-auto-messages"

_SECRETS = frozenset(
    {
        "passwordSh",
        "client_secret",
        "software_statement",
        "appSecret",
        "token",
        "tokenSecret",
        "header_value",
    }
)
_USER_TYPES = {"0": "system", "1": "human", "2": "bot"}
_AS_IT_IS = ("loginName", "fullName", "nickname", "pictureUrl", "isEnabled", "maxAsyncChats")

Names = dict[str, dict[str, str]]


def show(context: Context, resources: dict[str, Resource]) -> dict[str, list[Json]]:
    """What there is, deleted objects left out, every list sorted by its first column."""
    objects = {name: list(context.store.all(name)) for name in resources}
    names = _names(objects, resources)
    shown: dict[str, list[Json]] = {
        "skills": [_skill(context, skill) for skill in objects["skills"]],
        "keys": [
            _key(context, names, key, collection)
            for collection in KEY_COLLECTIONS
            for key in objects[collection]
        ],
        "users": [_user(user, names) for user in objects["users"]],
        "profiles": [_fields(profile, "name", "roleTypeId") for profile in objects["profiles"]],
        "agentGroups": [
            _fields(group, "name", "isEnabled")
            | {"parentGroup": _name(names, "agentGroups", group.get("parentGroupId"))}
            for group in objects["agentGroups"]
        ],
        "lobs": [_fields(lob, "name", "description") for lob in objects["lobs"]],
        MESSAGES: [_message(message, names) for message in objects[MESSAGES]],
    }
    for name in resources.keys() - shown.keys() - set(KEY_COLLECTIONS):
        shown[name] = [_fields(obj, resources[name].name_field) for obj in objects[name]]
    return {name: sorted(found, key=_first_column) for name, found in shown.items()}


def dump(context: Context, resources: dict[str, Resource]) -> dict[str, list[Json]]:
    """Every object as it is stored, deleted ones too, in the order of their making."""
    return {
        name: [_without_secrets(obj) for obj in context.store.all(name, deleted=True)]
        for name in resources
    }


def _without_secrets(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: HIDDEN if name in _SECRETS and item else _without_secrets(item)
        for name, item in value.items()
    }


def _names(objects: dict[str, list[Json]], resources: dict[str, Resource]) -> Names:
    names: Names = {
        collection: {
            str(obj[resource.id_field]): str(obj.get(resource.name_field, ""))
            for obj in objects[collection]
        }
        for collection, resource in resources.items()
    }
    names["agentGroups"][ROOT_GROUP] = ROOT_GROUP_NAME
    names[KEYS] = {**names["installations"], **names["appKeys"]}
    return names


def _name(names: Names, collection: str, object_id: object) -> str | None:
    """The name behind an id; the id itself if there is nothing behind it."""
    known = str(object_id)
    return None if object_id in (None, "") else names[collection].get(known, known)


def _message(message: Json, names: Names) -> Json:
    texts = (one for one in array(message, "data") if isinstance(one, dict))
    return {
        "event": message.get("messageEventId"),
        "skill": _name(names, "skills", message.get("skillId")),
        "enabled": message.get("enabled"),
        "text": {str(one.get("lang")): str(one.get("msg")) for one in texts},
    }


def _skill(context: Context, skill: Json) -> Json:
    users = [
        context.store.get("users", object_id) or {}
        for collection, object_id, _ in context.store.referrers("skills", str(skill["id"]))
        if collection == "users"
    ]
    bots = sum(user.get("userTypeId") == BOT for user in users)
    return _fields(skill, "name", "description") | {"bots": bots, "humans": len(users) - bots}


def _key(context: Context, names: Names, key: Json, collection: str) -> Json:
    oauth2 = collection == "installations"
    object_id = str(key["id" if oauth2 else "keyId"])
    users = [user for _, user, _ in context.store.referrers(KEYS, object_id)]
    return {
        "name": names[collection][object_id],
        "type": "oauth2" if oauth2 else "oauth1",
        "enabled": key.get("enabled"),
        "bots": sorted(names["users"].get(user, user) for user in users),
    }


def _user(user: Json, names: Names) -> Json:
    member = user.get("memberOf")
    group = member.get("agentGroupId") if isinstance(member, dict) else None
    return _fields(user, *_AS_IT_IS) | {
        "userType": _USER_TYPES.get(str(user.get("userTypeId", 1)), "unknown"),
        "profiles": [_name(names, "profiles", one) for one in array(user, "profileIds")],
        "skills": [_name(names, "skills", one) for one in array(user, "skillIds")],
        "agentGroup": _name(names, "agentGroups", group),
        "key": _name(names, KEYS, user.get("allowedAppKeys")),
    }


def _fields(obj: Json, *names: str) -> Json:
    return {name: obj.get(name) for name in names}


def _first_column(shown: Json) -> tuple[str, str]:
    first = str(next(iter(shown.values())))
    return (first.casefold(), first)
