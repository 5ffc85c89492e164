"""Asking how busy the bots are that a plan interrupts, which no plan ever waits for or needs."""

from lebots.account.agent_view import presences
from lebots.core.compare import presence
from lebots.core.model.inventory import Inventory
from lebots.core.model.plan import Plan
from lebots.errors import AccountError
from lebots.run.inputs.session import Session


def with_presence(plan: Plan, inventory: Inventory, session: Session) -> Plan:
    """The plan with how busy each bot is that it interrupts, where the account tells; else as is.

    Nothing is asked for a plan that interrupts no bot.
    """
    ids = presence.interrupted(plan, inventory)
    if not ids:
        return plan
    try:
        told = presences(session.client, sorted(set(ids.values())), session.now())
    except AccountError:
        return plan
    known = {address: told[id_] for address, id_ in ids.items() if id_ in told}
    return presence.with_presence(plan, known)
