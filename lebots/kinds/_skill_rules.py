"""What the vendor advises about a skill and the bots that hold it (reference 9)."""

from collections.abc import Iterator, Sequence
from typing import Any

from lebots.core.model.address import Address
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.live import HUMAN, PlannedState, World
from lebots.core.quoting import quoted


def _bots_by_skill(world: World) -> Iterator[tuple[str, Sequence[PlannedState], int]]:
    """Each skill that a declared bot holds, with its bots and the number of people, by name."""
    users = [world[address] for address in world if address.kind == "BotUser"]
    wanted = {name for user in users if user.declared for name in _skills(user)}
    holders: dict[str, list[PlannedState]] = {name: [] for name in sorted(wanted)}
    for user in users:
        for name in wanted.intersection(_skills(user)):
            holders[name].append(user)
    for skill, held_by in holders.items():
        bots = [user for user in held_by if not user.unmanaged_reason]
        yield skill, bots, sum(user.unmanaged_reason == HUMAN for user in held_by)


def _skills(user: PlannedState) -> Sequence[str]:
    found = user.spec.get("skills")
    return [str(name) for name in found] if isinstance(found, list | tuple) else ()


def _about(bots: Sequence[PlannedState], code: str, text: str, severity: Severity) -> Finding:
    first = next(bot for bot in bots if bot.declared)
    return first.finding(code, text, severity, "skills")


def _skills_of_bots(world: World) -> Iterator[Finding]:
    for skill, bots, people in _bots_by_skill(world):
        if people:
            yield _shared_with_people(skill, bots, people)
        enabled = [bot for bot in bots if bot.spec.get("enabled") is True]
        if len(enabled) == 1 and enabled[0].declared:
            yield _without_failover(skill, enabled)
        found = world.get(Address("Skill", skill))
        spec: Any = found.spec if found else {}
        if spec.get("canTransfer") is False or spec.get("skillTransferList") in ([], ()):
            yield _without_handover(skill, bots)


def _shared_with_people(skill: str, bots: Sequence[PlannedState], people: int) -> Finding:
    count = "1 person" if people == 1 else f"{people} people"
    text = (
        f"the skill {quoted(skill)} of this bot is also held by {count}; give the bot a skill "
        "that only bots hold, so that routing and reports tell them apart"
    )
    return _about(bots, "skill-shared-with-people", text, Severity.WARNING)


def _without_failover(skill: str, enabled: Sequence[PlannedState]) -> Finding:
    text = (
        f"this is the only enabled bot of the skill {quoted(skill)}; the vendor advises at least "
        "two, so that one can stand in for the other"
    )
    return _about(enabled, "skill-without-failover", text, Severity.NOTE)


def _without_handover(skill: str, bots: Sequence[PlannedState]) -> Finding:
    text = (
        f"conversations of the skill {quoted(skill)} cannot be handed to another skill, so this "
        "bot has no way to reach a person; allow a transfer if it should have one"
    )
    return _about(bots, "skill-without-handover", text, Severity.NOTE)


RULES = (_skills_of_bots,)
