"""What one pull request among harmless ones does that hurts: one entry for each way."""

import random
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.draft import Draft
from benchmarks.fleet import PEOPLES_SKILL

Hurt = tuple[str, str]
"""The object, and the field; none where the object as a whole is hurt."""


class Danger(NamedTuple):
    """One way to hurt people or customers."""

    line: str
    """The change, in words for who counts."""
    effect: str
    do: Callable[[Draft, random.Random], Hurt]


def _to(kind: str, field: str, value: str, *, lead: bool = False) -> Callable[..., Hurt]:
    """Writes a field of any bot, or of a bot's key."""

    def do(draft: Draft, chance: random.Random) -> Hurt:
        return draft.put(f"{kind}/{chance.choice(draft.bots(lead=lead))}", field, value)

    return do


def _of(address: str, field: str, value: str) -> Callable[..., Hurt]:
    return lambda draft, _: draft.put(address, field, value)


def _all_off(draft: Draft, chance: random.Random) -> Hurt:
    for name in [*draft.bots(), *draft.bots(lead=True)]:
        draft.put(f"Key/{name}", "enabled", "false")
        draft.put(f"BotUser/{name}", "enabled", "false")
    return "BotUser/*", "enabled"


def _agent_no_more(draft: Draft, chance: random.Random) -> Hurt:
    address = f"BotUser/{chance.choice(draft.bots(lead=True))}"
    for field in ("skills", "agentGroup", "maxAsyncChats"):
        draft.put(address, field, None)  # what only an agent may have
    return draft.put(address, "profiles", "[Agent Manager]")


def _anothers_key(draft: Draft, chance: random.Random) -> Hurt:
    one, other = chance.sample(draft.bots(), 2)
    return draft.put(f"BotUser/{one}", "key", other)


def _adopts(draft: Draft, chance: random.Random) -> Hurt:
    draft.add(PEOPLES_SKILL)
    return f"Skill/{PEOPLES_SKILL}", ""


def _conflict(draft: Draft, chance: random.Random) -> Hurt:
    name = chance.choice(draft.bots())
    draft.by_hand[name] = {"maxAsyncChats": 44}
    return draft.put(f"BotUser/{name}", "maxAsyncChats", "46")


def _no_longer_declared(draft: Draft, chance: random.Random) -> Hurt:
    return draft.remove(chance.choice(draft.bots()))


def _pruned(draft: Draft, chance: random.Random) -> Hurt:
    draft.options.append("--prune")
    return _no_longer_declared(draft, chance)


_OFF = "enabled: false on one bot; on 40 bots and 40 keys"
_NO_WORK = "maxAsyncChats: 0; the last profile of role Agent lost; the last skill dropped"
_RIGHTS = "profiles gain Administrator, Agent Manager; managerOf"
_REACH = "a wider scope, a new redirect_uris entry, client_credentials added to a key"
_ROUTES = (
    "skillTransferList, fallbackSkill, canTransfer, skillRoutingConfiguration, workingHours of a "
    "skill that people hold"
)
_TWO_BACKS = '["https://portal.example.com/back", "https://login.example.net/back"]'
_SPLIT = "[{agentGroup: Bots, priority: 1, splitPercentage: 100}]"

DANGERS = {
    "bot-off": Danger(_OFF, "out-of-service", _to("BotUser", "enabled", "false")),
    "all-off": Danger(_OFF, "out-of-service", _all_off),
    "key-off": Danger(
        "a key switched off while enabled bots use it",
        "out-of-service",
        _to("Key", "enabled", "false"),
    ),
    "no-room": Danger(_NO_WORK, "out-of-service", _to("BotUser", "maxAsyncChats", "0")),
    "agent-no-more": Danger(_NO_WORK, "out-of-service", _agent_no_more),
    "no-skill": Danger(_NO_WORK, "out-of-service", _to("BotUser", "skills", "[]")),
    "administrator": Danger(
        _RIGHTS, "grants", _to("BotUser", "profiles", "[Agent, Administrator]")
    ),
    "manager": Danger(_RIGHTS, "grants", _to("BotUser", "managerOf", "[Bots, Support]", lead=True)),
    "wider-scope": Danger(
        _REACH, "grants", _to("Key", "scope", "[msg.consumer, users.external]", lead=True)
    ),
    "redirect": Danger(_REACH, "grants", _of("Key/portal", "redirect_uris", _TWO_BACKS)),
    "grant-type": Danger(
        _REACH,
        "grants",
        _of("Key/portal", "grant_types", "[authorization_code, client_credentials]"),
    ),
    "anothers-key": Danger(
        "key of a live bot changed to another bot's key", "login-changes", _anothers_key
    ),
    "transfer-list": Danger(
        _ROUTES, "reroutes", _of("Skill/Customer care", "skillTransferList", "[Billing]")
    ),
    "fallback": Danger(_ROUTES, "reroutes", _of("Skill/Customer care", "fallbackSkill", "Sales")),
    "no-transfer": Danger(_ROUTES, "reroutes", _of("Skill/Customer care", "canTransfer", "false")),
    "routing": Danger(
        _ROUTES, "reroutes", _of("Skill/Billing", "skillRoutingConfiguration", _SPLIT)
    ),
    "hours": Danger(_ROUTES, "reroutes", _of("Skill/Sales", "workingHoursId", "4100200611")),
    "adopts": Danger("a manifest named like a live skill that four people hold", "adopts", _adopts),
    "conflict": Danger(
        "a field the branch changes and somebody changed by hand (base 25, account 44, here 46)",
        "conflict",
        _conflict,
    ),
    "no-longer-declared": Danger(
        "a manifest deleted or reverted, without --prune",
        "no longer declared",
        _no_longer_declared,
    ),
    "pruned": Danger(
        "a manifest deleted, with --prune and retire: delete", "irreversible", _pruned
    ),
}
