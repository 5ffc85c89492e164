"""What a run knows of the objects of an account: their names and ids, and who refers to whom."""

from collections.abc import Mapping

from lebots.core.model.address import Address
from lebots.core.model.kind import Kind
from lebots.core.model.live import Account
from lebots.core.vendor.decode import names_of
from lebots.core.vendor.references import targets


class KnownObjects:
    """One reading of the account, and what this run has made since."""

    def __init__(self, account: Account, kinds: Mapping[str, Kind]) -> None:
        self.account, self.kinds = account, kinds
        self.names: dict[tuple[str, str], str] = dict(names_of(account))
        self.ids = {Address(kind, name): id_ for (kind, id_), name in self.names.items()}

    def learn(self, address: Address, id_: str) -> None:
        """Notes an object that was made."""
        self.ids[address] = id_
        self.names[address.kind, id_] = address.name

    def users(self, address: Address, account: Account | None = None) -> list[str]:
        """Who refers to an object, in this reading or a later one."""
        return sorted(
            str(live.address)
            for live in (account or self.account).objects
            if not live.deleted and live.address != address
            for _, target in targets(self.kinds[live.address.kind], live.spec)
            if target == address
        )
