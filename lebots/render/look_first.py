"""LOOK FIRST: changes that can hurt, which a reviewer must see before all others."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from lebots.core.model.change import REMOVALS, Action, Cause, Change
from lebots.render.escape import quoted, visible
from lebots.render.plan_view import PlanView, unasked, used_by


class Concern(Enum):
    """A reason to look, in words for one change and for several."""

    REMOVAL = ("removal", "removals")
    DISABLED = ("object disabled", "objects disabled")
    NEW_SECRET = ("new secret", "new secrets")
    DELIVERED = ("secret delivered", "secrets delivered")
    MOVED = ("bot moved to another key", "bots moved to another key")
    UNASKED = ("change beyond the manifest", "changes beyond the manifest")

    def counted(self, number: int) -> str:
        """``1 removal``, ``2 removals``."""
        one, many = self.value
        return f"{number} {one if number == 1 else many}"


@dataclass(frozen=True, slots=True)
class Alert:
    """One change to look at: why, in words beside its line, and in lines below it."""

    number: int
    change: Change
    concerns: tuple[Concern, ...]
    words: tuple[str, ...]
    below: tuple[str, ...]


def alerts(sheet: PlanView) -> list[Alert]:
    """The changes to look at first, in order of apply."""
    return [
        Alert(number, change, concerns, tuple(_words(change)), tuple(_below(sheet, change)))
        for number, change in sheet.numbered
        if (concerns := tuple(_concerns(change)))
    ]


def _concerns(change: Change) -> Iterator[Concern]:
    if change.action is Action.DELETE:
        yield Concern.REMOVAL
    if change.action is Action.DISABLE:
        yield Concern.DISABLED
    if change.sink:
        yield Concern.NEW_SECRET if change.action is Action.CREATE else Concern.DELIVERED
    if change.cause is Cause.ROTATION:
        yield Concern.MOVED
    if unasked(change):
        yield Concern.UNASKED


def _words(change: Change) -> Iterator[str]:
    if change.sink:
        yield "YIELDS A SECRET" if change.action is Action.CREATE else "DELIVERS A SECRET"
    if unasked(change):
        yield "CHANGES MORE THAN THE MANIFEST SAYS"


def _below(sheet: PlanView, change: Change) -> Iterator[str]:
    for line in consequences(sheet, change):
        yield sheet.shown(line)
    if change.action in REMOVALS and change.used_by:
        yield from used_by(sheet, change)


def consequences(sheet: PlanView, change: Change) -> Iterator[str]:
    """What a change does that its line does not say, who uses the object aside."""
    if change.action is Action.DELETE:
        yield "lebots cannot undo this"
    if change.action is Action.DISABLE:
        yield "can be enabled again, by hand or by a manifest"
    if change.sink:
        place = sheet.places.get(change.address)
        where = f", at {quoted(place)}" if place else ""
        yield f"to sink {quoted(change.sink)}{where}; never printed"
        yield from _filled(sheet, change)
    if unasked(change):
        notes: dict[str, list[str]] = {}
        for part in change.fields:
            notes.setdefault(part.note, []).append(visible(part.path))
        yield from (f"{', '.join(names)}: {visible(why)}" for why, names in notes.items() if why)
    if change.note:
        yield visible(change.note)


def _filled(sheet: PlanView, change: Change) -> Iterator[str]:
    """How many there are once a credential was made; an account may hold few of them."""
    for quota in sheet.plan.quotas:
        if change.action is Action.CREATE and quota.collection == change.endpoint:
            most = f" of at most {quota.limit}" if quota.limit is not None else ""
            name = visible(sheet.kinds[change.address.kind].collected(quota.collection))
            yield f"{name} after apply: {quota.after}{most}, now {quota.now}"
