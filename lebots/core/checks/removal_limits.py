"""How much one run may disable or delete."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lebots.core.model.change import REMOVALS, Change
from lebots.core.model.finding import Facts, Finding, Severity
from lebots.core.model.kind import Kind
from lebots.core.model.options import AccountPolicy, PlanOptions

SHARE = 30
"""Percent of the objects of a kind that one run may remove where a project says nothing."""


@dataclass(frozen=True, slots=True)
class RemovalCount:
    """The objects of one kind that a run may alter: declared ones, and those it prunes."""

    kind: str
    removed: int
    before: int
    """How many there are: those in use now, and those that are removed."""
    after: int
    """How many are in use after the plan, new ones included."""


def guard(
    writes: Sequence[Change],
    reach: Sequence[RemovalCount],
    kinds: Mapping[str, Kind],
    asked: PlanOptions,
    allowed: AccountPolicy,
) -> list[Finding]:
    """Refuses a plan that removes more than it may.

    A removal is a change that disables or deletes. Removals count per kind, against the objects of
    that kind in reach: declared ones and those that are pruned, as far as they are in use now or
    are removed. What no run can touch makes no share smaller.

    - Share: of each kind at most ``maxDeletePercent`` (30 where it is not set), rounded down, and
      always one, unless the limit is 0.
    - Floor: of each kind that is removed from, something in reach is in use afterwards. So the last
      bot, and all of anything, never go unnoticed, however small the account is.
    - Counted consent: a number stands for both where it is exactly the number of removals; with
      any other number nothing is done. From a saved plan, in which each removal was
      agreed to by itself, some may be done already. A plan that writes nothing always passes, so
      that a run can be repeated.

    No consent lifts what keeps an object out of the plan: scope, protection, users, doubted lists.
    """
    count, agreed = sum(change.action in REMOVALS for change in writes), asked.confirmed
    breaches = [*_shares(reach, kinds, allowed), *_floors(reach, kinds)]
    facts = Facts(removals=count)
    if agreed is None:
        severity = Severity.REFUSAL
    elif not writes or count == agreed or (asked.fewer and count < agreed):
        severity, facts = Severity.NOTE, Facts(agreed=agreed)
    else:
        severity = Severity.REFUSAL
        facts = facts if count else Facts(agreed=agreed)
        text = f"the consent is for {agreed}, and the plan removes {count or 'nothing'}"
        breaches = [("removal-count", text)]
    return [Finding(code, text, severity, facts=facts) for code, text in breaches]


def _shares(
    reach: Sequence[RemovalCount], kinds: Mapping[str, Kind], allowed: AccountPolicy
) -> Iterator[tuple[str, str]]:
    limit = SHARE if allowed.max_delete_percent is None else allowed.max_delete_percent
    for each in reach:
        if each.removed > max(each.before * limit // 100, min(limit, 1)):
            share = each.removed * 100 // each.before
            yield (
                "removal-share",
                f"{each.removed} of {each.before} {kinds[each.kind].label}s in reach would be "
                f"removed ({share} %), and one run removes {limit} % of a kind at most",
            )


def _floors(reach: Sequence[RemovalCount], kinds: Mapping[str, Kind]) -> Iterator[tuple[str, str]]:
    for each in reach:
        if not each.after:
            yield "removal-floor", f"no {kinds[each.kind].label} in reach would be left in use"
