"""What the roles of a bot user bring and take, and what the vendor advises (6.3, 6.4, 9)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lebots.core.model.address import Address
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.live import PlannedState, World
from lebots.core.model.value import Lookup, Raw, Spec, Value
from lebots.core.quoting import quoted

AGENT = 2
AGENT_MANAGER = 3
ROLE_NAMES = {AGENT: "Agent", AGENT_MANAGER: "Agent Manager"}
_FIELDS_OF_ROLE: Mapping[int, Mapping[str, Value]] = {
    AGENT: {"skills": [], "agentGroup": None, "maxAsyncChats": None, "maxChats": 0},
    AGENT_MANAGER: {"managerOf": []},
}
"""By role: the fields that only it gives a meaning, and what the vendor resets them to (6.3, D)."""

_MANY, _TOO_MANY = 50, 250
"""Conversations at once: advice for Conversation Builder and for Third-Party Bots (9.1, D)."""


def unmanaged_reason(raw: Raw) -> str:
    """Why a user is not one lebots may touch; empty for a bot of the account's own."""
    # Numbers may be quoted; a missing type means human (reference 3.6, 6.2, D).
    type_ = raw.get("userTypeId")
    if str(type_) != "2":
        others = {"None": "a human user", "1": "a human user", "0": "a system user"}
        return others.get(str(type_), "a user of an unknown type")
    return "created by LivePerson staff" if raw.get("lpaCreatedUser") in (True, "true") else ""


def resets(before: Spec, after: Spec, lookup: Lookup) -> Spec:
    """What the vendor resets when a bot stops being an agent or an agent manager (6.3, D)."""
    had = roles(before.get("profiles"), lookup)
    has = roles(after.get("profiles"), lookup)
    if None in has:
        return {}
    return {
        name: reset
        for role, fields in _FIELDS_OF_ROLE.items()
        if role in had and role not in has
        for name, reset in fields.items()
        if _is_set(after.get(name), reset)
    }


def roles(profiles: Value, lookup: Lookup) -> list[Value]:
    """The role of each profile; None for a profile whose role is not known (0: not told)."""
    names = profiles if isinstance(profiles, list | tuple) else ()
    return [(lookup("Profile", str(name)) or {}).get("roleTypeId") or None for name in names]


def _is_set(value: Value, reset: Value) -> bool:
    return value is not None and value != reset


def _bots(world: World) -> Iterator[tuple[PlannedState, list[Value]]]:
    """The declared bots by name, each with its roles."""

    def lookup(kind: str, name: str) -> Spec | None:
        found = world.get(Address(kind, name))
        return found.spec if found else None

    for address in sorted(world):
        if address.kind == "BotUser" and world[address].declared:
            yield world[address], roles(world[address].spec.get("profiles"), lookup)


def _role_rules(world: World) -> Iterator[Finding]:
    for bot, roles in _bots(world):
        known = [role for role in roles if role is not None]
        if len(set(known)) < len(known):
            text = "two of the profiles stand for the same role; the vendor takes one for each role"
            yield bot.finding("profiles-of-one-role", text, Severity.ERROR, "profiles")
        if len(known) < len(roles):
            continue
        if not {AGENT, AGENT_MANAGER} & set(known):
            text = "no profile of the role Agent, so the bot gets no conversations; add one"
            yield bot.finding("bot-without-agent-profile", text, Severity.WARNING, "profiles")
        for role in _FIELDS_OF_ROLE:
            if role not in known:
                yield from _without_role(bot, role)


def _without_role(bot: PlannedState, role: int) -> Iterator[Finding]:
    resets = _FIELDS_OF_ROLE[role]
    lost = [name for name, reset in resets.items() if _is_set(bot.spec.get(name), reset)]
    if lost:
        text = (
            f"without a profile of the role {ROLE_NAMES[role]} the vendor resets "
            f"{', '.join(lost)}; add such a profile, or take this out"
        )
        yield bot.finding("field-without-role", text, Severity.ERROR, lost[0])


def _work_rules(world: World) -> Iterator[Finding]:
    """What a bot needs to get conversations; only where it can be an agent."""
    for bot, roles in _bots(world):
        if AGENT not in roles and None not in roles:
            continue
        spec = bot.spec
        if AGENT in roles and not spec.get("agentGroup"):
            text = 'an agent must belong to an agent group; name one, such as "Main Group"'
            yield bot.finding("bot-without-group", text, Severity.ERROR, "profiles")
        if not spec.get("maxChats") and spec.get("maxAsyncChats") == 0:
            text = (
                "maxChats and maxAsyncChats are 0, so the bot has no capacity and gets no "
                "conversations; raise maxAsyncChats"
            )
            yield bot.finding("bot-without-capacity", text, Severity.WARNING, "maxAsyncChats")
        yield from _load(bot)
        yield from _skill_count(bot)


def _load(bot: PlannedState) -> Iterator[Finding]:
    most = bot.spec.get("maxAsyncChats")
    if isinstance(most, int) and most > _TOO_MANY:
        text = f"maxAsyncChats is {most}; the vendor recommends about {_TOO_MANY} for a bot"
        yield bot.finding("bot-load", text, Severity.WARNING, "maxAsyncChats")
    elif isinstance(most, int) and most > _MANY:
        text = f"maxAsyncChats is {most}; Conversation Builder advises {_MANY} at most"
        yield bot.finding("bot-load", text, Severity.NOTE, "maxAsyncChats")


def _skill_count(bot: PlannedState) -> Iterator[Finding]:
    skills: Any = bot.spec.get("skills") or ()
    if not skills:
        text = "the bot has no skill, so no conversation is routed to it; give it one of its own"
        yield bot.finding("bot-without-skill", text, Severity.WARNING, "skills")
    elif len(skills) > 1:
        text = f"the bot has {len(skills)} skills; the vendor advises one, that only bots hold"
        yield bot.finding("bot-with-several-skills", text, Severity.NOTE, "skills")


def _key_rules(world: World) -> Iterator[Finding]:
    for bot, _ in _bots(world):
        name = bot.spec.get("key")
        if not name:
            text = (
                "the bot has no key, so it logs in with a password, and passwords expire; declare "
                "a key and name it here"
            )
            yield bot.finding("bot-without-key", text, Severity.WARNING)
            continue
        key = world.get(Address("Key", str(name)))
        spec: Any = key.spec if key else {}
        if bot.spec.get("enabled") is not False and spec.get("enabled") is False:
            text = f"the key {quoted(name)} is disabled, so the bot cannot log in; enable it"
            yield bot.finding("bot-key-disabled", text, Severity.WARNING, "key")
        grants: Sequence[str] = spec.get("grant_types") or ()
        if grants and "client_credentials" not in grants:
            text = (
                f"the key {quoted(name)} lacks the grant type client_credentials, which the login "
                "of a bot needs; add it to the key"
            )
            yield bot.finding("bot-key-without-client-credentials", text, Severity.WARNING, "key")


RULES = (_role_rules, _work_rules, _key_rules)
