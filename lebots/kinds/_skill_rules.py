"""What the vendor advises about a skill and the bots that hold it (reference 9)."""

from collections.abc import Iterator, Sequence
from typing import Any

from lebots.core.model.address import Address
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.live import PlannedState, World
from lebots.core.quoting import quoted

_HUMAN = "a human user"


def _bots_by_skill(world: World) -> Iterator[tuple[str, list[PlannedState], list[PlannedState]]]:
    """Each skill that a declared bot holds, with its bots and the people who hold it, by name."""
    users = [world[address] for address in sorted(world) if address.kind == "BotUser"]
    wanted = {name for user in users if user.declared for name in _skills(user)}
    holders: dict[str, list[PlannedState]] = {name: [] for name in sorted(wanted)}
    for user in users:
        for name in wanted.intersection(_skills(user)):
            holders[name].append(user)
    for skill, held_by in holders.items():
        bots = [user for user in held_by if not user.unmanaged_reason]
        yield skill, bots, [user for user in held_by if user.unmanaged_reason == _HUMAN]


def _skills(user: PlannedState) -> Sequence[str]:
    found = user.spec.get("skills")
    return [str(name) for name in found] if isinstance(found, list | tuple) else ()


def _about(bots: Sequence[PlannedState], code: str, text: str, severity: Severity) -> Finding:
    first = next(bot for bot in bots if bot.declared)
    return first.finding(code, text, severity, "skills")


def _shared_with_people(world: World) -> Iterator[Finding]:
    for skill, bots, people in _bots_by_skill(world):
        if people:
            shown = ", ".join(f"{quoted(person.address.name)}" for person in people[:3])
            more = f" and {len(people) - 3} more" if len(people) > 3 else ""
            text = (
                f"the skill {quoted(skill)} of this bot is also held by people, "
                f"{len(people)} of them: {shown}{more}; give the bot a skill that only "
                "bots hold, so that routing and reports tell them apart"
            )
            yield _about(bots, "skill-shared-with-people", text, Severity.WARNING)


def _without_failover(world: World) -> Iterator[Finding]:
    for skill, bots, _ in _bots_by_skill(world):
        enabled = [bot for bot in bots if bot.spec.get("enabled") is True]
        if len(enabled) == 1 and enabled[0].declared:
            text = (
                f"this is the only enabled bot of the skill {quoted(skill)}; the vendor advises "
                "at least two, so that one can stand in for the other"
            )
            yield _about(enabled, "skill-without-failover", text, Severity.NOTE)


def _without_handover(world: World) -> Iterator[Finding]:
    for skill, bots, _ in _bots_by_skill(world):
        found = world.get(Address("Skill", skill))
        spec: Any = found.spec if found else {}
        if spec.get("canTransfer") is False or spec.get("skillTransferList") in ([], ()):
            text = (
                f"conversations of the skill {quoted(skill)} cannot be handed to another skill, so "
                "this bot has no way to reach a person; allow a transfer if it should have one"
            )
            yield _about(bots, "skill-without-handover", text, Severity.NOTE)


RULES = (_shared_with_people, _without_failover, _without_handover)
