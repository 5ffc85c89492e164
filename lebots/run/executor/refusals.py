"""What to change where an account refuses a write for good."""

from collections.abc import Iterator, Sequence

from lebots.core.model.change import Action, Change
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Endpoint, Kind
from lebots.core.model.value import Raw
from lebots.core.vendor.seal import masked
from lebots.errors import AccountError, Rejected, Unwritable

_UNCHANGED = "the account refuses this whatever revision it is given, and nobody else changed it"

_BY_HAND = "make this change in the account by hand"


def without_end(endpoint: Endpoint, conflicts: Sequence[tuple[str, Rejected]]) -> AccountError:
    """Why a write was given up after conflicts; each comes with the revision that was sent."""
    revisions = {revision for revision, _ in conflicts}
    last = conflicts[-1][1]
    if len(revisions) == 1:
        return Rejected(f"{last}; {_UNCHANGED}", last.status, last.fields)
    return AccountError(
        f"{last}; somebody else changed {endpoint.name} {len(conflicts)} times in a row; run again"
    )


def require_writable(change: Change, kind: Kind, endpoint: Endpoint, body: Raw) -> None:
    """Raises Unwritable for an object that a write would damage, since it was not read whole."""
    if empty := sorted(name for name in endpoint.must_carry if not body.get(name)):
        fields = [part.name for part in kind.fields if part.attribute in empty]
        declarable = change.source and len(fields) == len(empty)
        advice = f"declare {', '.join(fields)} in the manifest" if declarable else _BY_HAND
        raise Unwritable(
            f"{change.address} was read without {', '.join(empty)}; writing it back would wipe "
            f"that, so nothing was written; {advice}"
        )
    if masked(body):
        raise Unwritable(
            f"{change.address} was read with a masked secret; writing it back could overwrite the "
            f"real one, so nothing was written; {_BY_HAND}"
        )


def remedy(change: Change, kind: Kind, inventory: Inventory, refusal: Rejected) -> str:
    """What to change before another run can make this change, as far as that is known."""
    return "; ".join(_remedies(change, kind, inventory, refusal))


def _remedies(change: Change, kind: Kind, inventory: Inventory, refusal: Rejected) -> Iterator[str]:
    endpoint = kind.endpoint(change.endpoint)
    deleted = [
        live.id
        for live in inventory.like(change.address)
        if live.deleted and live.endpoint == endpoint.name
    ]
    if deleted and change.action in (Action.CREATE, Action.RENAME):
        yield (
            f"a deleted {kind.label} (id {', '.join(deleted)}) holds the name {change.address.name}"
            ": choose another name"
        )
    elif endpoint.name_field in refusal.fields:
        keep = ", or keep the one it has" if change.action is Action.RENAME else ""
        yield f"choose another name{keep}"
    named = [part.name for part in kind.fields if part.attribute in refusal.fields]
    if named:
        yield f"change {', '.join(named)} in the manifest"
