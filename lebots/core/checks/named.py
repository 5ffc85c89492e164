"""Whether the addresses that a run was asked for name what it can work on."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from lebots.core.did_you_mean import did_you_mean
from lebots.core.model.address import Address
from lebots.core.model.desired import Desired
from lebots.core.model.kind import Kind
from lebots.errors import UsageError


def check_declared(named: Iterable[Address], desired: Sequence[Desired]) -> None:
    """Raises UsageError for an address that no manifest declares."""
    declared = {wanted.address for wanted in desired}
    renamed = {Address(w.address.kind, old): w.address for w in desired for old in w.previously}
    for address in named:
        if address not in declared:
            hint = did_you_mean(str(renamed.get(address, address)), map(str, declared))
            raise UsageError(f"no manifest declares {address}{hint}")


def check_has_secret(address: Address, kinds: Mapping[str, Kind], verb: str) -> None:
    """Raises UsageError for an object of a kind that delivers no secret; ``verb`` needs one."""
    if address.kind in kinds and kinds[address.kind].delivery is None:
        able = " or ".join(f"{kind.name}/NAME" for kind in kinds.values() if kind.delivery)
        raise UsageError(f"{address} has no secret of its own; {able} can be {verb}")


def check_recreated(
    recreate: Iterable[Address], chosen: Sequence[Desired], kinds: Mapping[str, Kind]
) -> None:
    """Raises UsageError for what cannot be made anew, or is left out of the plan."""
    planned: Collection[Address] = {wanted.address for wanted in chosen}
    for address in recreate:
        check_has_secret(address, kinds, "recreated")
        if address not in planned:
            raise UsageError(
                f"{address} is left out of the plan, so it cannot be recreated; plan it too"
            )
