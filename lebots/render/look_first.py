"""LOOK FIRST: changes that can hurt, which a reviewer must see before all others."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

from lebots.core.model.address import Address, Source
from lebots.core.model.change import (
    ORDER,
    REMOVALS,
    Action,
    Change,
    ChangeEffect,
    Effect,
    FieldChange,
    Origin,
)
from lebots.next_steps import worded
from lebots.render.detail import brief, in_short, item_lines
from lebots.render.effect_words import ON_THE_LINE
from lebots.render.escape import quoted, visible
from lebots.render.plan_view import PlanView, counted, joined, label, used_by
from lebots.render.presence import now

_MANY = 3
"""Equal changes of what customers see that have a line each; more are one line."""
_ITEMS = 6
"""Lines about what a list gains and loses."""
UNASKED = "changes more than the manifest says"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to look at: whom it hits, by which values, how, and why."""

    effects: tuple[Effect, ...]
    """The most harmful first; none where more changes than the manifest says."""
    numbers: tuple[int, ...]
    """Of the changes; none where nothing is written."""
    change: Change
    """The change, or the first of several."""
    subject: str
    """``bot "returns-bot-02" with its key``."""
    path: str = ""
    values: str = ""
    """``true -> false``."""
    below: tuple[str, ...] = ()
    """Why, and what else to know, a line each."""
    source: Source | None = None

    @property
    def words(self) -> str:
        """``grants rights, out of service``."""
        if len(self.numbers) > 1 and self.effects == (Effect.NEW_SECRET,):
            return ""  # the subject says so
        return ", ".join(ON_THE_LINE[effect] for effect in self.effects) or UNASKED

    @property
    def marker(self) -> str:
        """``-`` for what goes, ``!`` for other harm."""
        if self.change.action in REMOVALS:
            return "-"
        if self.effects == (Effect.NEW_SECRET,):
            return "+"
        return "~" if self.effects == (Effect.CUSTOMER_TEXT,) else "!"


def alerts(view: PlanView) -> list[Alert]:
    """What to look at first, in the order of harm."""
    found = [
        alert for number, change in _looked_at(view) for alert in _alerts(view, number, change)
    ]
    found = [*_one_for_each_sink(view, found)]
    found = [*_one_for_what_customers_see(view, found)]
    found.sort(key=lambda one: (_rank(one), one.numbers))
    return [
        replace(one, below=(*now(view, one.change, one.effects), *one.below))
        for one in _why_once(found)
    ]


def headed(head: str, alert: Alert, width: int) -> list[str]:
    """The first lines of an alert: all on one where that fits, else the values on the next one."""
    words = alert.words.upper()
    line = "  ".join(filter(None, [head, alert.path, alert.values, words]))
    if len(line) <= width or not alert.path:
        return [line]
    return [f"{head}  {words}".rstrip(), f"{alert.path}  {alert.values}"]


def _looked_at(view: PlanView) -> Iterator[tuple[int, Change]]:
    yield from view.numbered
    for change in view.plan.changes:
        if change.action is Action.UNCHANGED and change.effects:
            yield 0, change


def _rank(alert: Alert) -> int:
    return ORDER.index(alert.effects[0]) if alert.effects else len(ORDER)


def _alerts(view: PlanView, number: int, change: Change) -> Iterator[Alert]:
    """One for each field that hurts, and one for what the change does as a whole."""
    owner = view.parts.get(change.address)
    by_path: dict[str, list[ChangeEffect]] = {}
    for one in change.effects:
        by_path.setdefault(one.path, []).append(one)
    numbers = (number,) if number else ()
    for path, effects in by_path.items():
        names = tuple(one.effect for one in effects)
        whole = {Effect.IRREVERSIBLE, Effect.OUT_OF_SERVICE}.intersection(names)
        if owner and whole:
            continue  # told of its owner
        subject, more = _with_parts(view, change) if whole else (view.title(change), ())
        why = tuple(_why(view, change, effects))
        alert = Alert(names, (*numbers, *more), change, subject)
        part = next((one for one in change.fields if one.path == path), None)
        if part and Effect.NEW_SECRET not in names:
            shown = view.shown(_values(change, part))
            alert = replace(alert, path=view.shown(visible(path)), values=shown)
        yield replace(
            alert,
            source=(part.source if part else None) or change.source,
            below=(*_differing(view, change, part), *why, *_refused(view, change, part)),
        )
    if (resets := _resets(view, change)) and not change.effects:
        yield Alert((), numbers, change, view.title(change), below=resets, source=change.source)


def _values(change: Change, part: FieldChange) -> str:
    """Both values, and of a conflict all three."""
    if part.origin is not Origin.CONFLICT or part.personal:
        return in_short(change.action, part)
    return f"base {brief(part.base)}, account {brief(part.before)}, here {brief(part.after)}"


def _with_parts(view: PlanView, change: Change) -> tuple[str, tuple[int, ...]]:
    """``bot "a" with its key and skill``, and the numbers of their changes."""
    parts = view.parts_by_owner.get(change.address, ())
    if not parts:
        return view.title(change), ()
    words = [view.part(change, part) for _, part in parts]
    return f"{view.title(change)} with its {joined(words)}", tuple(n for n, _ in parts)


def _why(view: PlanView, change: Change, effects: Sequence[ChangeEffect]) -> Iterator[str]:
    whole = any(not one.path for one in effects)
    for one in effects:
        if one.why != ON_THE_LINE[one.effect]:
            yield view.shown(visible(one.why))
        others = [address for address in one.on if address != change.address]
        if one.effect is Effect.OUT_OF_SERVICE and others and change.action not in REMOVALS:
            yield view.shown(f"takes out of service: {_named(view, others)}")
    if (whole or change.cause) and change.note and change.note not in [one.why for one in effects]:
        yield view.shown(visible(change.note))
    reroutes = any(one.effect is Effect.REROUTES for one in effects)
    if change.used_by and (reroutes or change.action in REMOVALS):
        yield from used_by(view, change)
    yield from _resets(view, change)


def _refused(view: PlanView, change: Change, part: FieldChange | None) -> Iterator[str]:
    """Why the plan is refused because of this field, and what to do about it."""
    for finding in view.plan.refused:
        if part and finding.address == change.address and finding.source == part.source:
            yield from wrap(
                view.shown(f"Refused: {visible(worded(finding).message)}"),
                view.width - 12,
                subsequent_indent="  ",
                break_on_hyphens=False,
            )


def _differing(view: PlanView, change: Change, part: FieldChange | None) -> Iterator[str]:
    """What goes and what comes, where the line can only count it."""
    if part and not part.personal and part.origin is not Origin.CONFLICT:
        for marker, line in item_lines(change.action, part)[:_ITEMS]:
            yield view.shown(f"{marker} {line}")


def _named(view: PlanView, addresses: Sequence[Address], most: int = 5) -> str:
    names = [f"{label(one, view.kinds)} {quoted(one.name)}" for one in addresses[:most]]
    if rest := len(addresses) - len(names):
        names.append(f"{rest} more")
    return joined(names)


def _resets(view: PlanView, change: Change) -> tuple[str, ...]:
    """What changes with it that no manifest asks for."""
    if change.action is Action.CREATE:
        return ()
    notes: dict[str, list[str]] = {}
    for part in change.fields:
        if part.cause:
            notes.setdefault(part.cause, []).append(visible(part.path))
    return tuple(view.shown(f"{', '.join(names)}: {visible(why)}") for why, names in notes.items())


def _one_for_each_sink(view: PlanView, found: Iterable[Alert]) -> Iterator[Alert]:
    """All new secrets of one sink on one line; what else hurts about a delivery keeps its own."""
    by_sink: dict[str, list[Alert]] = {}
    for alert in found:
        if alert.effects == (Effect.NEW_SECRET,):
            by_sink.setdefault(alert.change.sink, []).append(alert)
        else:
            yield alert
    for sink, secrets in by_sink.items():
        first = secrets[0]
        numbers = tuple(number for one in secrets for number in one.numbers)
        many = view.shown(f"{counted(len(secrets), 'new secret')} to sink {quoted(sink)}")
        endpoints = {one.change.endpoint for one in secrets if one.change.action is Action.CREATE}
        yield replace(
            first,
            numbers=numbers,
            subject=first.subject if len(secrets) == 1 else many,
            below=tuple(_delivered(view, secrets, endpoints)),
            source=first.source if len(secrets) == 1 else None,
        )


def _delivered(view: PlanView, secrets: Sequence[Alert], endpoints: set[str]) -> Iterator[str]:
    change = secrets[0].change
    place = view.places.get(change.address)
    where = f", at {quoted(place)}" if place else ""
    more = f" and {len(secrets) - 1} more places" if place and len(secrets) > 1 else ""
    yield view.shown(f"to sink {quoted(change.sink)}{where}{more}; never printed")
    notes = dict.fromkeys(one.change.note for one in secrets if one.change.note)
    yield from (view.shown(visible(note)) for note in notes)
    for quota in view.plan.quotas:
        if quota.collection in endpoints:
            most = f" of at most {quota.limit}" if quota.limit is not None else ""
            name = view.kinds[change.address.kind].collected(quota.collection)
            name = view.shown(visible(name))
            yield f"{name} after apply: {quota.after}{most}, now {quota.now}"


def _one_for_what_customers_see(view: PlanView, found: Iterable[Alert]) -> Iterator[Alert]:
    """Many equal ones on one line."""
    equal: dict[tuple[str, str], list[Alert]] = {}
    for alert in found:
        if alert.effects == (Effect.CUSTOMER_TEXT,):
            equal.setdefault((alert.change.address.kind, alert.path), []).append(alert)
        else:
            yield alert
    for same in equal.values():
        if len(same) <= _MANY:
            yield from same
            continue
        numbers = tuple(number for one in same for number in one.numbers)
        word = view.shown(label(same[0].change.address, view.kinds))
        yield replace(
            same[0], numbers=numbers, subject=counted(len(same), word), values="", source=None
        )


def _why_once(found: Iterable[Alert]) -> Iterator[Alert]:
    """The same reason is not told twice in a row of equal alerts."""
    said: set[tuple[str, ...]] = set()
    for alert in found:
        key = (*alert.effects, alert.path)
        left = tuple(line for line in alert.below if (*key, line) not in said)
        said |= {(*key, line) for line in alert.below}
        yield replace(alert, below=left)
