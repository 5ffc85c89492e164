"""What the sinks hold of the secrets of manifests, and whether an account shows the same."""

from collections.abc import Mapping, Sequence

from lebots.core.compare.change import Sinks, yields_secret
from lebots.core.model.address import Address
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Kind
from lebots.core.model.live import Ref
from lebots.core.model.ports import Holding, Sink, look


def sink_of(wanted: Desired, kind: Kind, sinks: Mapping[str, Sink]) -> Sink | None:
    """The sink of a manifest's secret; None where it yields none or names no known sink."""
    if kind.delivery is None or not yields_secret(kind, wanted.spec):
        return None
    name = wanted.spec.get(kind.delivery.sink_field, kind.delivery.unnamed)
    return sinks.get(name) if isinstance(name, str) else None


def in_sinks(desired: Sequence[Desired], inventory: Inventory, sinks: Mapping[str, Sink]) -> Sinks:
    """What the sinks hold of each object, and under which former name if under one."""
    delivered: dict[Address, str] = {}
    former: dict[Address, str] = {}
    announced: set[Address] = set()
    holdings: dict[Address, Holding] = {}
    for wanted in desired:
        address = wanted.address
        if (sink := sink_of(wanted, inventory.kinds[address.kind], sinks)) is None:
            continue
        names = (address.name, *wanted.previously)
        found = {name: look(sink, inventory.account.id, name) for name in names}
        holdings[address] = found[address.name]
        if any(one.open for one in found.values()):
            announced.add(address)
        ids = [(name, one.id) for name, one in found.items() if one.id]
        # Best one that lives.
        ids.sort(key=lambda held: Ref(address.kind, held[1]) not in inventory.names)
        if ids:
            name, delivered[address] = ids[0]
            if name != address.name:
                former[address] = name
    return Sinks(tuple(sinks), delivered, former, announced, holdings)


def not_shown(desired: Sequence[Desired], inventory: Inventory, known: Sinks) -> list[Address]:
    """The objects that a sink knows of and the account does not show, where it shows any."""
    found = []
    for wanted in desired:
        kind, address = wanted.address.kind, wanted.address
        if inventory.kinds[kind].endpoint_for(wanted.spec).name in inventory.unreadable:
            continue
        names = (address.name, *wanted.previously)
        lost = address in known.announced and not any(inventory.at(Address(kind, n)) for n in names)
        if lost or ((id_ := known.stored(address)) and Ref(kind, id_) not in inventory.names):
            found.append(Address(kind, known.former.get(address, address.name)))
    return found
