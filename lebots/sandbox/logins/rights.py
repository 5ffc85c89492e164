"""What a caller may do: rights of roles and of credentials (2.1, 7.1, 9.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lebots.sandbox.errors import ApiError
from lebots.sandbox.objects.fields import Json
from lebots.sandbox.rules.toggles import Rules

ANYONE: Final = "anyone"
USER: Final = "user"
APPLICATION: Final = "application"
SITE: Final = "site"
"""Kinds of caller: not asked for, a user's bearer, an access token, an OAuth 1 signature."""

ADMINISTRATOR, _AGENT, AGENT_MANAGER, CAMPAIGN_MANAGER, LPA = range(1, 6)

_MANAGES_AGENTS = 30003
_MESSAGES = "unified-auto-messages"
_PACKAGES = {
    "users": 10001,
    "profiles": 10002,
    "skills": 10003,
    "agentGroups": 10004,
    "lobs": 10008,
}
"""Permission packages of administrators: the right to write a collection (7.1) [D]."""


@dataclass(frozen=True)
class Caller:
    """Who sends a request: its kind, its id, and what it holds."""

    kind: str
    id: str = ""
    scope: frozenset[str] = frozenset()
    roles: frozenset[int] = frozenset()
    packages: frozenset[int] = frozenset()
    groups: frozenset[str] = frozenset()
    """Groups that an agent manager manages."""


NOBODY_ASKED = Caller(ANYONE)


def check(caller: Caller, collection: str, rules: Rules, *, writes: bool) -> None:
    """Refuses with a 403 what this caller may not do with a collection."""
    if caller.kind == ANYONE:
        return
    if collection == "installations":
        _check_installations(caller, rules)
    elif collection == "appKeys":
        _check_app_keys(caller, rules)
    elif collection == _MESSAGES:
        _check_messages(caller, rules, writes=writes)
    elif caller.kind == APPLICATION:
        _check_token(caller, collection, rules, writes=writes)
    elif caller.kind == USER:
        _check_user(caller, collection, rules, writes=writes)


def guard(caller: Caller, collection: str, *states: Json | None) -> None:
    """Refuses an agent manager the users of other groups (7.1) [D].

    `states` is the user before and after the change, None where there is none.
    """
    if collection != "users":
        return
    for state in states:
        if state is not None and not sees(caller, state):
            raise _refused("users outside the caller's own groups", "agent manager")


def sees(caller: Caller, user: Json) -> bool:
    """Whether a user is in reach of a caller: an agent manager has that of the own groups."""
    return caller.kind != USER or not _only_manages(caller) or _group(user) in caller.groups


def _check_installations(caller: Caller, rules: Rules) -> None:
    if caller.kind == USER:
        if not caller.roles & {ADMINISTRATOR, LPA}:
            raise _refused("applications", "administrator")
    elif rules.installations_credential == "administrator":
        raise _refused("applications", "bearer of an administrator")


def _check_app_keys(caller: Caller, rules: Rules) -> None:
    if caller.kind == USER:
        if not caller.roles & {ADMINISTRATOR, CAMPAIGN_MANAGER, LPA}:
            raise _refused("app keys", "administrator")
    elif rules.app_keys_credential == "user":
        raise _refused("app keys", "bearer of a user")


def _check_messages(caller: Caller, rules: Rules, *, writes: bool) -> None:
    """Who edits them: guide and permission packages disagree (15.5)."""
    if caller.kind != USER:
        if rules.auto_messages_credential == "user":
            raise _refused("automatic messages", "bearer of a user")
        return
    allowed = {CAMPAIGN_MANAGER, LPA}
    if not writes or rules.auto_messages_writes == "managers":
        allowed |= {ADMINISTRATOR, AGENT_MANAGER}
    if not caller.roles & allowed and (writes or rules.agent_reads == "refused"):
        raise _refused("automatic messages", "campaign manager")


def _check_token(caller: Caller, collection: str, rules: Rules, *, writes: bool) -> None:
    """The scopes of tokens are documented for users only, and twice in different ways (2.2)."""
    if collection == "users":
        needed = rules.users_scope
        if needed == "users.read users.write":
            needed_now = "users.write" if writes else "users.read"
        else:
            needed_now = needed
        if needed_now != "none" and needed_now not in caller.scope:
            raise _refused("users", f"scope {needed_now}")
    elif collection != "skills" and rules.tokens_on_lookups == "refused":
        raise _refused(collection, "bearer of a user")


def _check_user(caller: Caller, collection: str, rules: Rules, *, writes: bool) -> None:
    roles = caller.roles
    if not writes:
        if not roles - {_AGENT} and rules.agent_reads == "refused":
            raise _refused(collection, "administrator")
        return
    written_by_campaign_managers = rules.campaign_manager_writes.split(" and ")
    allowed = (
        LPA in roles
        or (ADMINISTRATOR in roles and _has_package(caller, collection))
        or (CAMPAIGN_MANAGER in roles and collection in written_by_campaign_managers)
        or (collection == "users" and _manages_agents(caller))
    )
    if not allowed:
        raise _refused(collection, "administrator")


def _has_package(caller: Caller, collection: str) -> bool:
    """A collection that no package is known for needs none."""
    needed = _PACKAGES.get(collection)
    return needed is None or needed in caller.packages


def _manages_agents(caller: Caller) -> bool:
    return AGENT_MANAGER in caller.roles and _MANAGES_AGENTS in caller.packages


def _only_manages(caller: Caller) -> bool:
    return not caller.roles & {ADMINISTRATOR, CAMPAIGN_MANAGER, LPA}


def _group(user: Json) -> str:
    member = user.get("memberOf")
    return str(member.get("agentGroupId")) if isinstance(member, dict) else ""


def _refused(what: str, needed: str) -> ApiError:
    """A 403 whose message speaks of a privilege error (3.4) [C]."""
    return ApiError(403, f"Privilege error: {what} need {needed}")
