"""The names, ids and references that a run knows of the objects of an account."""

from lebots.core.model.address import Address
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Ref


class KnownObjects:
    """One reading of the account, and what this run has made since."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.names = {**inventory.names}
        self.ids = {Address(kind, name): id_ for (kind, id_), name in self.names.items()}

    def learn(self, address: Address, id_: str) -> None:
        """Notes an object that was made."""
        self.ids[address] = id_
        self.names[Ref(address.kind, id_)] = address.name


def users_of(inventory: Inventory, address: Address) -> list[str]:
    """Who refers to an object, by name."""
    return sorted(str(one.address) for one in inventory.referrers(address))
