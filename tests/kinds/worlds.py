"""Small worlds for the rules of the kinds."""

from collections.abc import Iterable
from typing import Any

from lebots import kinds
from lebots.core.model.address import Address, Source
from lebots.core.model.finding import Finding
from lebots.core.model.live import PlannedState, World
from lebots.core.model.value import Spec

SOURCE = Source("bots.yaml", 7, 1)


def declared(address: str, **spec: Any) -> PlannedState:
    """An object that a manifest declares."""
    return _projected(address, spec, source=SOURCE)


def present(address: str, unmanaged_reason: str = "", **spec: Any) -> PlannedState:
    """An object of the account that no manifest declares."""
    return _projected(address, spec, unmanaged_reason=unmanaged_reason)


def profiles() -> list[PlannedState]:
    """The profiles every account has, and a second one for agents."""
    roles = {"Administrator": 1, "Agent": 2, "Agent Manager": 3, "Night agent": 2}
    return [present(f"Profile/{name}", roleTypeId=role) for name, role in roles.items()]


def world(*objects: PlannedState) -> World:
    """The world of these objects and the profiles."""
    return {found.address: found for found in (*profiles(), *objects)}


def findings(kind: str, *objects: PlannedState) -> list[Finding]:
    """What the rules of a kind say about the world of these objects."""
    after = world(*objects)
    return [found for rule in kinds.load()[kind].rules for found in rule(after)]


def codes(found: Iterable[Finding]) -> dict[str, str]:
    """Code to severity."""
    return {one.code: str(one.severity) for one in found}


def _projected(
    address: str, spec: Spec, unmanaged_reason: str = "", source: Source | None = None
) -> PlannedState:
    return PlannedState(Address.parse(address), spec, source is not None, unmanaged_reason, source)
