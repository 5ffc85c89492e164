"""How far the rotation of a key is in an account, and whether it may begin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lebots.core.checks.list_integrity import unseen_users
from lebots.core.checks.named import check_has_secret
from lebots.core.checks.protection import shielded
from lebots.core.compare.change import Sinks, yields_secret
from lebots.core.compare.match import match
from lebots.core.compare.rotated_names import former_name, formers
from lebots.core.model.address import Address
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Facts, Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Kind
from lebots.core.model.live import Live
from lebots.core.model.options import AccountPolicy
from lebots.core.planner import is_blocking, selected
from lebots.core.quoting import quoted
from lebots.core.vendor.normalise import is_off


@dataclass(frozen=True)
class RotationState:
    """A key in an account whose old key has given its name away, or is seen as if."""

    wanted: Desired
    kind: Kind
    inventory: Inventory
    formers: Sequence[Live] = ()
    """The applications that are followed, the latest first; none: no rotation is under way."""
    second: Live | None = None
    """The application that has the key's name."""
    gives: bool = False
    """Whether the old key still has to give its name away."""


def rotatable(desired: Sequence[Desired], kinds: Mapping[str, Kind], key: Address) -> Desired:
    """The manifest of a key; raises UsageError for what is no key, or is declared nowhere."""
    check_has_secret(key, kinds, "rotated")
    return next(one for one in selected(desired, (key,), kinds) if one.address == key)


def refusals(wanted: Desired, kind: Kind, allowed: AccountPolicy) -> list[Finding]:
    """What the manifest and the project say against a rotation, whatever is there."""
    found = []
    delivery = kind.delivery
    if delivery is None or not yields_secret(kind, wanted.spec):
        able = delivery.variant if delivery else None
        text = (
            f"a {kind.label} of {kind.variant_field} {quoted(wanted.spec.get(kind.variant_field))} "
            f"can be neither created nor disabled; declare one of {kind.variant_field} "
            f"{quoted(able)}, and let what uses this one use the new one"
        )
        return [wanted.finding("not-rotatable", text, Severity.REFUSAL, (kind.variant_field,))]
    if wanted.spec.get(delivery.sink_field, "") is None:
        text = (
            f"with {delivery.sink_field}: null the secret is kept elsewhere, so lebots cannot "
            "rotate it; name the sink for a new one"
        )
        found.append(wanted.finding("needs-a-sink", text, Severity.REFUSAL, (delivery.sink_field,)))
    if wanted.protect:
        text = "metadata.protect is true, so lebots does not rotate it; remove that line"
        found.append(wanted.metadata_finding("locked", text, ("protect",), Severity.REFUSAL))
    return [*found, *shielded(wanted, allowed.protect, "it is not rotated")]


def begun(
    wanted: Desired, inventory: Inventory, sinks: Sinks, *, begin: bool
) -> tuple[RotationState, list[Finding]]:
    """How far the account is, with what stands against it; ``begin``: at least at its start.

    At the start the inventory is returned as if the old key had given its name away.
    """
    kind, address = inventory.kinds[wanted.address.kind], wanted.address
    (pair,), findings = match([replace(wanted, previously=())], inventory)
    findings = [finding for finding in findings if is_blocking([finding])]
    if unseen := unseen_users(inventory, kind.name):
        text = f"{unseen}, so lebots cannot tell who uses this {kind.label}; fix that first"
        findings.append(wanted.finding("unseen-users", text, Severity.REFUSAL))
    former = formers(address, kind, inventory.present)
    state = RotationState(wanted, kind, inventory, former, pair.live)
    if findings or former or not (begin and pair.live):
        if not (findings or former or pair.live):
            text, facts = f"there is no such {kind.label}", Facts(absent=str(address))
            findings.append(wanted.finding("not-there", text, Severity.REFUSAL, facts=facts))
        return state, findings
    first = pair.live
    given = Address(kind.name, former_name(address.name, first.id))
    view = inventory.renamed({given: address.name})
    renamed = replace(first, address=given)
    return (
        replace(state, inventory=view, formers=(renamed,), second=None, gives=True),
        [*_cut_short(wanted, first, sinks), *_against(wanted, kind, first, given)],
    )


def _cut_short(wanted: Desired, first: Live, sinks: Sinks) -> list[Finding]:
    """A refusal to begin while nobody knows how the create of the old key ended.

    Where its secret was delivered, the announcement is of the new key.
    """
    if wanted.address not in sinks.announced or sinks.stored(wanted.address) == first.id:
        return []
    text = "another run creates it, or was cut short"
    facts = Facts(unfinished=first.id)
    return [wanted.finding("cut-short", text, Severity.REFUSAL, facts=facts)]


def _against(wanted: Desired, kind: Kind, first: Live, given: Address) -> list[Finding]:
    """What about the old key itself stands against a rotation."""
    found = []
    if is_off(kind, first.spec):
        text = "it is disabled, so nobody logs in with it; enable it first, or create another"
        found.append(wanted.finding("switched-off", text, Severity.REFUSAL))
    longest = kind.name_schema.get("maxLength")
    if longest and len(given.name) > longest:
        text = (
            f"its name is too long for the longer name of the old one: {quoted(given.name)} has "
            f"{len(given.name)} characters, and {longest} are allowed; rename it first"
        )
        found.append(wanted.finding("name-too-long", text, Severity.REFUSAL))
    return found
