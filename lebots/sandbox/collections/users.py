"""Users and bot users (6): fields, roles, how they log in, and what answers show of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from lebots.sandbox.errors import ApiError
from lebots.sandbox.objects.fields import (
    Field,
    Json,
    anything,
    array,
    boolean,
    integer,
    list_of,
    one_of,
    record,
    text,
)
from lebots.sandbox.objects.le_users import PATH, versions
from lebots.sandbox.objects.records import Reference
from lebots.sandbox.objects.resource import KEYS, Change, Context, Resource, View, references_in

SYSTEM, HUMAN, BOT = 0, 1, 2
"""`userTypeId` [D]."""

AGENT, AGENT_MANAGER = 2, 3
"""`roleTypeId` of the profiles with rules of their own (6.3)."""

QUOTA = 18_000
_MOST_PROFILES = 4
_VERSION_OF_BOTS = 4.0

_MEMBERSHIP = record(agentGroupId=integer)
_OPTIONAL_TEXTS = (
    "employeeId",
    "description",
    "mobileNumber",
    "pictureId",
    "backgndImgUri",
    "pnCertName",
)
_EXPANSIONS = frozenset({"skills", "profiles", "managedAgentGroups", "lobs"})
_FIELDS_OF_4_0 = ("pid", "profileIds", "lobIds", "isApiUser", "userTypeId", "allowedAppKeys")

_FIELDS = {
    "loginName": Field(text, required=True),
    "fullName": Field(text, required=True),
    "nickname": Field(text, required=True),
    "email": Field(text, required=True),
    "isEnabled": Field(boolean, required=True),
    "disabledManually": Field(boolean),
    "userTypeId": Field(one_of((SYSTEM, HUMAN, BOT), integer), default=HUMAN),
    "isApiUser": Field(boolean, default=False),
    "allowedAppKeys": Field(text, default=""),
    "maxChats": Field(integer, default=0),
    "maxAsyncChats": Field(integer, default=None),
    "skillIds": Field(list_of(integer), default=()),
    "profileIds": Field(list_of(integer), required=True),
    "lobIds": Field(list_of(integer), default=()),
    "permissionGroups": Field(list_of(integer), default=()),
    "memberOf": Field(_MEMBERSHIP, default=None),
    "managerOf": Field(list_of(_MEMBERSHIP), default=()),
    "changePwdNextLogin": Field(boolean, default=False),
    "pictureUrl": Field(text, default=None),
    "passwordSh": Field(text),
    # Part of changing one's own password; never stored.
    "oldPassword": Field(anything),
    "confirmPassword": Field(anything),
    # Leftovers of 2017 and the user interface: kept and answered.
    "isActive": Field(anything),
    "isMyUser": Field(anything),
    **{name: Field(text) for name in _OPTIONAL_TEXTS},
}


def password_digest(pid: str, password: str) -> str:
    """What is stored of a password. Enough to compare a login with; never answered (6.2)."""
    return hashlib.sha256(f"{pid}:{password}".encode("utf-8", "surrogatepass")).hexdigest()


def _server_fields(context: Context) -> Json:
    today = context.timestamp()
    return {
        "id": context.new_id(),
        "pid": context.new_uuid(),
        "deleted": False,
        "lpaCreatedUser": False,
        # Sending true is an action whose meaning is unknown; it never shows as true here.
        "resetMfaSecret": False,
        "dateCreated": today,
        "dateUpdated": today,
    }


def _check(change: Change) -> None:
    if change.old is None:
        _check_account(change)
    _check_identity(change)
    _check_login(change)
    _settle_enabled(change)
    _settle_groups(change)
    _settle_roles(change)
    _check_chats(change)
    _check_unique(change)


def _check_account(change: Change) -> None:
    """The feature for bots (9.3) and the number of users (9.1)."""
    rules = change.context.rules
    if change.new.get("userTypeId") == BOT and rules.bot_users == "off":
        raise ApiError(rules.bot_users_off_status, "User Type - Bot is not enabled", ["userTypeId"])
    if change.context.store.count("users") >= QUOTA:
        raise ApiError(rules.quota_status, f"No more than {QUOTA} users")


def _check_identity(change: Change) -> None:
    """Nobody knows whether these can change after the create; the strict reading says no."""
    if change.old is None or change.context.rules.identity_change == "accepted":
        return
    for name in ("loginName", "userTypeId", "isApiUser"):
        if change.new.get(name) != change.old.get(name, change.new.get(name)):
            change.refuse(name, "cannot be changed")


def _check_login(change: Change) -> None:
    """API users log in with a key and have no password, the others the other way round (6.2)."""
    new, old = change.new, change.old
    for name in ("oldPassword", "confirmPassword"):
        new.pop(name, None)
    password = new.pop("passwordSh", None)
    if new.get("isApiUser"):
        if not new.get("allowedAppKeys"):
            change.refuse("allowedAppKeys", "is required for an API user")
        if password and change.context.rules.passwords_of_api_users == "refused":
            change.refuse("passwordSh", "is not for an API user")
        return
    if password:
        new["passwordSh"] = password_digest(str(new.get("pid")), password)
        new["lastPwdChangeDate"] = change.context.timestamp()
    elif old is None:
        change.refuse("passwordSh", "is required")
    elif "passwordSh" in old:  # left out or null: the stored one stays
        new["passwordSh"] = old["passwordSh"]


def _settle_enabled(change: Change) -> None:
    """`disabledManually` left out while `isEnabled` changes becomes NOT `isEnabled` [D]."""
    new, old = change.new, change.old or {}
    if new.get("disabledManually") is not None:
        return
    stays = old.get("isEnabled") == new.get("isEnabled") and "disabledManually" in old
    if stays and change.context.rules.disabled_manually == "kept":
        new["disabledManually"] = old["disabledManually"]
    else:
        new["disabledManually"] = not new.get("isEnabled")


def _settle_groups(change: Change) -> None:
    """`assignmentDate` is the server's: kept while the group stays, else now (6.2)."""
    before = _assignments(change.old or {})
    for membership in _memberships(change.new):
        group = str(membership.get("agentGroupId"))
        membership["assignmentDate"] = before.get(group) or change.context.timestamp()


def _settle_roles(change: Change) -> None:
    """Four profiles at most, one per role; what a lost role takes along (6.2, 6.3) [D]."""
    new = change.new
    profiles = array(new, "profileIds")
    roles = _roles(change.context, profiles)
    if len(profiles) > _MOST_PROFILES:
        change.refuse("profileIds", f"has more than {_MOST_PROFILES} profiles")
    if len(set(roles)) < len(roles):
        change.refuse("profileIds", "has two profiles of one role")
    before = _roles(change.context, array(change.old or {}, "profileIds"))
    if AGENT in roles:
        for name in ("memberOf", "maxChats"):
            if change.sent.get(name) is None:
                change.refuse(name, "is required for an agent")
    elif AGENT in before:
        new.update(maxChats=0, maxAsyncChats=None, memberOf=None, skillIds=[])
    if AGENT_MANAGER in before and AGENT_MANAGER not in roles:
        new["managerOf"] = []


def _roles(context: Context, profile_ids: list[Any]) -> list[int]:
    """The role types of the profiles that exist."""
    found = (context.store.get("profiles", str(object_id)) for object_id in profile_ids)
    roles = [profile.get("roleTypeId") for profile in found if profile]
    return [role for role in roles if isinstance(role, int)]


def _check_chats(change: Change) -> None:
    lowest = -1 if change.context.rules.minus_one_chats == "accepted" else 0
    for name in ("maxChats", "maxAsyncChats"):
        value = change.new.get(name)
        if isinstance(value, int) and value < lowest:
            change.refuse(name, f"must be at least {lowest}")


def _check_unique(change: Change) -> None:
    """Uniqueness of fullName is doubtful and of email unknown (6.2): both behind a switch."""
    rules, context = change.context.rules, change.context
    own = str(change.new["id"])
    for name, unique in (("fullName", rules.full_name_unique), ("email", rules.email_unique)):
        value = change.new.get(name)
        if unique and value and set(context.store.holders_of("users", name, value)) - {own}:
            raise ApiError(rules.duplicate_status, f"{name} is taken: {value}", [name])


def _managed(obj: Json) -> list[Json]:
    return [found for found in array(obj, "managerOf") if isinstance(found, dict)]


def _memberships(obj: Json) -> list[Json]:
    """`memberOf` and every entry of `managerOf`."""
    member = obj.get("memberOf")
    return [member, *_managed(obj)] if isinstance(member, dict) else _managed(obj)


def _assignments(obj: Json) -> dict[str, str]:
    return {
        str(found.get("agentGroupId")): found.get("assignmentDate", "")
        for found in _memberships(obj)
    }


def _references(obj: Json) -> Iterator[Reference]:
    yield from references_in(obj, "skillIds", "skills")
    yield from references_in(obj, "profileIds", "profiles")
    yield from references_in(obj, "lobIds", "lobs")
    member = obj.get("memberOf")
    for found in _memberships(obj):
        field_name = "memberOf" if found is member else "managerOf"
        yield Reference(field_name, "agentGroups", str(found.get("agentGroupId")))
    if obj.get("allowedAppKeys"):
        yield Reference("allowedAppKeys", KEYS, str(obj["allowedAppKeys"]))


def _view(view: View, obj: Json) -> Json:
    """A user with its expansions, without its password."""
    shown = dict(obj)
    shown.pop("passwordSh", None)
    profile_ids = array(obj, "profileIds")
    managed = [found.get("agentGroupId") for found in _managed(obj)]
    shown["skills"] = view.lookup("skills", array(obj, "skillIds"), "id", "name")
    shown["profiles"] = view.lookup("profiles", profile_ids, "id", "roleTypeId", "name")
    shown["managedAgentGroups"] = view.lookup("agentGroups", managed, "id", "name")
    shown["lobs"] = view.lookup("lobs", array(obj, "lobIds"), "id", "name")
    privacy = view.context.rules.privacy
    if privacy == "everyone" or (privacy == "humans" and obj.get("userTypeId") == HUMAN):
        shown.update({name: "" for name in ("fullName", "employeeId") if name in shown})
    if view.version < _VERSION_OF_BOTS:
        for name in _FIELDS_OF_4_0:
            shown.pop(name, None)
    return shown


COLLECTION = Resource(
    collection="users",
    path=PATH + "users",
    name_field="loginName",
    fields=_FIELDS,
    versions=versions(6)[1:],
    default_version="2.0",
    server_fields=_server_fields,
    server_set=_EXPANSIONS
    | {
        "id",
        "pid",
        "deleted",
        "lpaCreatedUser",
        "resetMfaSecret",
        "dateCreated",
        "dateUpdated",
        "lastPwdChangeDate",
    },
    short_list=("id", "pid", "deleted", "loginName"),
    put_documented=True,
    id_required_in_put=True,
    oldest_to_write=_VERSION_OF_BOTS,
    check=_check,
    references=_references,
    view=_view,
    first_revision=8123,
)
