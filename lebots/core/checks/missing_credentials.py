"""Keys that are gone, or that were rotated, while something may still log in with them."""

from collections.abc import Collection, Iterator, Sequence

from lebots.core.checks.possible_renames import likely_old_names
from lebots.core.compare.change import Sinks
from lebots.core.compare.match import Match
from lebots.core.compare.rotated_names import formers, lost_name, original_address
from lebots.core.model.address import Address
from lebots.core.model.finding import NO_FACTS, Facts, Finding, Severity
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Delivery
from lebots.core.model.live import Live, Ref
from lebots.core.quoting import quoted


def missing_credentials(
    matches: Sequence[Match], sinks: Sinks, recreate: Collection[Address], inventory: Inventory
) -> list[Finding]:
    """A refusal for every object that is gone although its secret was delivered.

    Whoever removed it cut off what logs in with it; making it anew is never a side effect (F24,
    F25). Nor is it one to go on with a rotation.
    """
    rotated = [live for live in inventory.present if original_address(live)]
    return [
        pair.desired.finding("credential-dead", text, Severity.REFUSAL, facts=facts)
        for pair in matches
        if pair.live is None and pair.desired.address not in recreate
        for text, facts in _dead(pair, sinks.stored(pair.desired.address), inventory, rotated)
    ]


def undelivered(
    matches: Sequence[Match], inventory: Inventory, names: Collection[str], declared: set[Address]
) -> list[Finding]:
    """A finding for every new object whose secret its manifest leaves to others.

    Nobody else can have it: a secret exists from the create on, and is delivered or lost (F18,
    F26). Where the object is gone from the account, a new one is never a side effect (F24). Most
    often its manifest was renamed or copied; ``names`` are the sinks there are.
    """
    new = [
        pair
        for pair in matches
        if pair.live is None and pair.endpoint.writable and pair.kind.delivery
        if pair.desired.spec.get(pair.kind.delivery.sink_field, "") is None
    ]
    former = likely_old_names(new, matches, inventory, declared) if new else {}
    return [
        pair.desired.finding(
            "needs-a-sink",
            _without_sink(pair, pair.kind.delivery, former.get(pair.desired.address), names),
            path=(pair.kind.delivery.sink_field,),
        )
        for pair in new
        if pair.kind.delivery
    ]


def _without_sink(
    pair: Match, delivery: Delivery, former: str | None, names: Collection[str]
) -> str:
    field, label = delivery.sink_field, pair.kind.label
    text = f"{label} {quoted(pair.desired.address.name)} does not exist"
    if former is not None:
        old = quoted(former) if former else "its old name"
        text += f"; was it renamed? write previously: [{old}] below metadata"
    known = [quoted(name) for name in sorted(names)]
    way = (
        f"name the sink for its secret: {', '.join(known)}"
        if known
        else ("lebots.yaml needs a sink for its secret")
    )
    if delivery.unnamed in names:
        way = f"remove the line to use the sink {quoted(delivery.unnamed)}"
        others = [name for name in known if name != quoted(delivery.unnamed)]
        way += f", or name {' or '.join(others)}" if others else ""
    return f"{text}; with {field}: null lebots never creates it; to create it, {way}"


def rotating(matches: Sequence[Match], inventory: Inventory) -> list[Finding]:
    """A note for every object that was rotated and whose old one is still enabled."""
    rotated = [live for live in inventory.present if original_address(live)]
    return [
        pair.desired.finding(
            "rotation-open",
            f"the {pair.kind.label} was rotated, and the old one (id {one.id}) is still enabled",
            Severity.NOTE,
            facts=Facts(former=one.id),
        )
        for pair in matches
        if rotated and pair.live
        for one in formers(pair.desired.address, pair.kind, rotated)
    ]


def _dead(
    pair: Match, stored: str, inventory: Inventory, rotated: Sequence[Live]
) -> Iterator[tuple[str, Facts]]:
    address, label = pair.desired.address, pair.kind.label
    name = inventory.names.get(Ref(address.kind, stored))
    if waiting := formers(address, pair.kind, rotated):
        text = (
            f"another run rotates it, or was cut short: the {label} in use is named "
            f"{quoted(waiting[0].address.name)} (id {waiting[0].id}) now, and there is no other "
            "one yet"
        )
        yield text, Facts(former=waiting[0].id)
    elif stored and name is None:
        text = f"the account no longer has the {label} whose secret is delivered (id {stored})"
        yield f"{text}: somebody removed it", Facts(removed=stored)
    elif stored and name != lost_name(address.name, stored):
        text = (
            f"the {label} whose secret is delivered (id {stored}) is now named {quoted(name)}; "
            f"to give it its name back, write previously: [{quoted(name)}] below metadata"
        )
        yield text, NO_FACTS
