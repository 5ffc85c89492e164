"""How busy bots are, in words: ``now: online, 12 open conversations``."""

from collections import Counter
from collections.abc import Mapping

from lebots.core.model.address import Address
from lebots.core.model.change import Change, Effect, Presence
from lebots.render.plan_view import PlanView, counted


def now(view: PlanView, change: Change, effects: tuple[Effect, ...]) -> tuple[str, ...]:
    """One line about all bots that these effects of a change fall on; none where none is known."""
    told = [one for one in change.effects if one.effect in effects and one.now]
    known = dict(pair for one in told for pair in one.now)
    bots = {on for one in told for on in one.on if view.kinds[on.kind].login_key}
    return (view.shown(f"now: {_words(known, len(bots))}"),) if known else ()


def _words(known: Mapping[Address, Presence], bots: int) -> str:
    statuses = Counter(one.status for one in known.values())
    untold = bots - len(known) + statuses.pop("", 0) * (bots > 1)
    many = bots > 1
    words = [f"{number} {status}" if many else status for status, number in statuses.items()]
    words += [f"{untold} not known"] if untold else []
    counts = [one.conversations for one in known.values() if one.conversations is not None]
    # Whoever is offline can still have some.
    if counts and (sum(counts) or statuses.keys() - {"offline"} or not statuses):
        words.append(counted(sum(counts), "open conversation"))
    return ", ".join(words)
