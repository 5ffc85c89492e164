"""Where the differences of a plan come from, in words and sections."""

from collections.abc import Iterator, Mapping

from lebots.core.model import Change, FieldChange, Origin, Plan
from lebots.core.threeway import origins

HEADINGS: Mapping[Origin, str] = {
    Origin.PROPOSED: "THIS CHANGE",
    Origin.PENDING: "PENDING ON BASE, not applied yet",
    Origin.DRIFT: "CHANGED IN THE ACCOUNT, taken back by an apply",
}
WORDS: Mapping[Origin, str] = {
    Origin.PROPOSED: "by this change",
    Origin.PENDING: "pending on base",
    Origin.DRIFT: "changed in the account",
}


def told(plan: Plan) -> bool:
    """Whether the plan was compared with a base."""
    return any(change.origin for change in plan.writes)


def counts(plan: Plan) -> Mapping[Origin, int]:
    """How many changes have something of each origin; one with several counts in each."""
    found = [origins(change) for change in plan.writes]
    return {origin: sum(origin in one for one in found) for origin in Origin}


def sections(plan: Plan) -> Iterator[tuple[Origin, list[tuple[int, Change]]]]:
    """For each origin the numbered changes that have something of it."""
    numbered = list(enumerate(plan.writes, start=1))
    for origin in Origin:
        if chosen := [(n, change) for n, change in numbered if origin in origins(change)]:
            yield origin, chosen


def fields_of(change: Change, origin: Origin | None) -> tuple[FieldChange, ...]:
    """The fields of a change that come from there; all where nothing is told apart."""
    return tuple(part for part in change.fields if origin is None or part.origin is origin)
