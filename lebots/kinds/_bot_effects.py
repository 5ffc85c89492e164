"""What changes of a bot user do to customers and to rights."""

from typing import Any

from lebots.core.model.change import (
    BECOMES_FALSE,
    BECOMES_TRUE,
    BECOMES_ZERO,
    CHANGES,
    GAINS,
    KEEPS_SOME,
    LOSES_ALL,
    AllowList,
    Condition,
    Effect,
    FieldEffect,
)
from lebots.core.model.value import Lookup, Value
from lebots.kinds._bot_rules import AGENT, AGENT_MANAGER, ROLE_NAMES, roles
from lebots.kinds._key_rules import lets_bots_log_in


def _beyond_an_agent(before: Value, after: Value, lookup: Lookup) -> bool:
    had = before if isinstance(before, list | tuple) else ()
    added = [name for name in after if name not in had] if isinstance(after, list | tuple) else []
    return any(not _stands_for(AGENT, str(name), lookup) for name in added)


def _agent_no_more(before: Value, after: Value, lookup: Lookup) -> bool:
    has = roles(after, lookup)
    return AGENT in roles(before, lookup) and AGENT not in has and None not in has


def _key_is_no_login(before: Value, after: Value, lookup: Lookup) -> bool:
    key: Any = lookup("Key", str(after)) or {}
    return key.get("enabled") is False or not lets_bots_log_in(key.get("grant_types"))


def _stands_for(role: int, name: str, lookup: Lookup) -> bool:
    """Whether a profile is of a role; where the account does not tell, the vendor's names do."""
    (found,) = roles([name], lookup)
    return found == role or (found is None and name == ROLE_NAMES[role])


def _of_agents(name: str, lookup: Lookup) -> bool:
    return any(_stands_for(role, name, lookup) for role in (AGENT, AGENT_MANAGER))


ALLOWED_PROFILES = AllowList(
    "allowedProfiles", _of_agents, "profiles of the roles Agent and Agent Manager"
)
SERVICE = (
    FieldEffect(
        Effect.OUT_OF_SERVICE, BECOMES_FALSE, "cannot log in any more; a bot that is running stops"
    ),
)
CAPACITY = (
    FieldEffect(Effect.OUT_OF_SERVICE, BECOMES_ZERO, "gets no messaging conversations any more"),
)
LIVE_CHATS = (FieldEffect(Effect.OUT_OF_SERVICE, BECOMES_ZERO, "gets no live chats any more"),)
PROFILES = (
    FieldEffect(
        Effect.GRANTS,
        Condition("gains a profile of another role than Agent", _beyond_an_agent),
        "may do more in the account than an agent",
        on_create=True,
    ),
    FieldEffect(
        Effect.OUT_OF_SERVICE,
        Condition("loses its last profile of the role Agent", _agent_no_more),
        "gets no conversations any more, since no profile of the role Agent is left",
    ),
)
SKILLS = (
    FieldEffect(Effect.OUT_OF_SERVICE, LOSES_ALL, "no conversations are routed to it any more"),
    FieldEffect(Effect.REROUTES, KEEPS_SOME, "serves other conversations than before"),
)
GROUP = (FieldEffect(Effect.REROUTES, CHANGES, "is routed to by another agent group"),)
MANAGES = (
    FieldEffect(
        Effect.GRANTS, GAINS, "manages more agents and sees their conversations", on_create=True
    ),
)
KEY = (
    FieldEffect(
        Effect.OUT_OF_SERVICE,
        Condition("changes to a key nobody can log in with", _key_is_no_login),
        "the key is no login for a bot",
    ),
    FieldEffect(Effect.LOGIN_CHANGES, CHANGES, "logs in with another key; what runs must have it"),
)
EMAIL = (
    FieldEffect(Effect.LOGIN_CHANGES, CHANGES, "messages about its login go to another address"),
)
PASSWORD = (FieldEffect(Effect.LOGIN_CHANGES, BECOMES_TRUE, "must set another password"),)
ANOTHER_NAME = (FieldEffect(Effect.CUSTOMER_TEXT, CHANGES, "customers read another name"),)
ANOTHER_LOOK = (FieldEffect(Effect.CUSTOMER_TEXT, CHANGES, "customers see another picture"),)
