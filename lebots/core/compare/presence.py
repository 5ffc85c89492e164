"""How busy the bots are that a plan interrupts, told beside what interrupts them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lebots.core.model.address import Address
from lebots.core.model.change import Action, Change, ChangeEffect, Effect, Presence
from lebots.core.model.inventory import Inventory
from lebots.core.model.plan import Plan

_INTERRUPTS = frozenset({Effect.OUT_OF_SERVICE, Effect.LOGIN_CHANGES})


def interrupted(plan: Plan, inventory: Inventory) -> Mapping[Address, str]:
    """The live bots that a plan takes out of service, deletes or gives another login, with ids."""
    changed = {change.address: change.id for change in plan.changes if change.id}
    found = {}
    for address in _bots(plan, inventory):
        live = inventory.at(address)
        if id_ := changed.get(address) or (live[0].id if len(live) == 1 else None):
            found[address] = id_
    return found


def with_presence(plan: Plan, known: Mapping[Address, Presence]) -> Plan:
    """The plan with what is known of the bots beside what interrupts them; else the same."""
    return replace(plan, changes=tuple(_told(change, known) for change in plan.changes))


def _bots(plan: Plan, inventory: Inventory) -> Iterator[Address]:
    for change in plan.changes:
        for one in change.effects:
            if _interrupts(change, one):
                yield from (on for on in one.on if inventory.kinds[on.kind].login_key)


def _told(change: Change, known: Mapping[Address, Presence]) -> Change:
    effects = (
        replace(one, now=tuple((on, known[on]) for on in one.on if on in known))
        if _interrupts(change, one)
        else one
        for one in change.effects
    )
    return replace(change, effects=tuple(effects))


def _interrupts(change: Change, one: ChangeEffect) -> bool:
    deletes = one.effect is Effect.IRREVERSIBLE and change.action is Action.DELETE
    return deletes or one.effect in _INTERRUPTS
