"""A plan kept to one change of the manifests, and what of a plan is not of it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from lebots.core.model.address import Address
from lebots.core.model.change import REMOVALS, Action, Change
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import Inventory, targets
from lebots.core.model.kind import Kind
from lebots.core.model.options import NAME, PREVIOUSLY, Part

UNMET = "needs-held"
_FIRST = "is not part of this change, so it is held back; have that applied first"


def kept_to(
    part: Part | None, desired: Sequence[Desired], kinds: Mapping[str, Kind]
) -> Sequence[Desired]:
    """The manifests, with nothing but the fields of the part; all where there is none."""
    if part is None:
        return desired
    return [
        _narrowed(wanted, part[wanted.address], kinds[wanted.address.kind])
        for wanted in desired
        if wanted.address in part
    ]


def unmet(
    part: Part | None, kept: Sequence[Desired], declared: Collection[Address], inventory: Inventory
) -> Iterator[Finding]:
    """A refusal for each object that cannot be as the part says without what is held back."""
    here = {wanted.address for wanted in kept}
    for wanted in () if part is None else kept:
        kind = inventory.kinds[wanted.address.kind]
        if part and NAME not in part[wanted.address] and not inventory.at(wanted.address):
            text = f"the account has no such {kind.label}; what creates or renames it {_FIRST}"
            yield wanted.finding(UNMET, text, Severity.REFUSAL)
        for path, target in targets(kind, wanted.spec):
            if target in declared and target not in here and not inventory.at(target):
                text = f"the account has no {target}; what creates or renames it {_FIRST}"
                yield wanted.finding(UNMET, text, Severity.REFUSAL, path)


def beside(changes: Sequence[Change], part: Part, kinds: Mapping[str, Kind]) -> Iterator[Change]:
    """What of these changes is not of the part, cut down to its fields."""
    for change in changes:
        own = part.get(change.address, frozenset())
        rest = tuple(
            one
            for one in change.fields
            if not (one.reset or _is_own(one.path.partition(".")[0], own, change, kinds))
        )
        if change.action in REMOVALS or (change.action is Action.CREATE and NAME not in own):
            yield change
        elif change.action is Action.RENAME and PREVIOUSLY not in own:
            yield replace(change, fields=rest)
        elif rest and change.action is not Action.CREATE:
            yield replace(change, action=Action.UPDATE, was="", fields=rest)


def differences(changes: Sequence[Change]) -> int:
    """How many there are: each object that comes, goes or is renamed, and each field of others."""
    alone = {Action.CREATE, *REMOVALS}
    return sum(
        1
        if one.action in alone
        else sum(not part.reset for part in one.fields) + (one.action is Action.RENAME)
        for one in changes
    )


def _is_own(name: str, own: frozenset[str], change: Change, kinds: Mapping[str, Kind]) -> bool:
    return name in own or (NAME in own and name == _sink_field(kinds[change.address.kind]))


def _narrowed(wanted: Desired, own: frozenset[str], kind: Kind) -> Desired:
    # A new name takes the secret along, and the variant tells which objects are meant.
    names = {*own, kind.variant_field, *([_sink_field(kind)] if NAME in own else [])}
    return replace(
        wanted,
        spec={name: value for name, value in wanted.spec.items() if name in names},
        previously=wanted.previously if PREVIOUSLY in own else (),
    )


def _sink_field(kind: Kind) -> str:
    return kind.delivery.sink_field if kind.delivery else ""
