"""Which rights one run may add, and to whom."""

from collections.abc import Iterator, Mapping, Sequence

from lebots.core.checks.name_patterns import spelled
from lebots.core.model.address import Address
from lebots.core.model.change import WRITES, AllowList, Change, FieldChange
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.inventory import PlannedInventory
from lebots.core.model.kind import Kind
from lebots.core.model.options import AccountPolicy
from lebots.core.quoting import quoted


def beyond(
    changes: Sequence[Change],
    after: PlannedInventory,
    kinds: Mapping[str, Kind],
    allowed: AccountPolicy,
) -> list[Finding]:
    """A refusal for every name that a change adds to a field and that its guard does not have.

    What an object has already is never refused.
    """

    return [
        Finding(
            "not-allowed",
            _words(limit, name, allowed),
            Severity.REFUSAL,
            part.source,
            change.address,
        )
        for change in changes
        if change.action in WRITES and not _exempt(change.address, allowed)
        for part in change.fields
        if (limit := kinds[change.address.kind].by_name[part.field].allow_list)
        for name in _added(part)
        if not (
            name in allowed.allow_lists[limit.guard]
            if limit.guard in allowed.allow_lists
            else limit.default(name, after.spec)
        )
    ]


def _added(part: FieldChange) -> Iterator[str]:
    before = part.before if isinstance(part.before, list | tuple) else ()
    after = part.after if isinstance(part.after, list | tuple) else ()
    yield from (str(name) for name in after if name not in before)


def _exempt(address: Address, allowed: AccountPolicy) -> bool:
    pairs = (one.partition("/") for one in allowed.allowed_grants)
    return any(kind == address.kind and spelled(name, address.name) for kind, _, name in pairs)


def _words(limit: AllowList, name: str, allowed: AccountPolicy) -> str:
    why = f"guards.{limit.guard} does not have {quoted(name)}"
    if limit.guard not in allowed.allow_lists:
        why += f" (not set, it has the {limit.words})"
    return f"{why}; remove it here, or change the guard in a pull request of its own"
