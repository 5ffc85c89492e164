"""What an apply did, and how the account stood once all of it was as declared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from lebots.core.compare.digest import change_digest, value_digest
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Outcome, Status
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Field, Kind
from lebots.core.model.live import Live, Ref
from lebots.core.model.plan import Calls, Plan
from lebots.core.model.value import Spec, Value
from lebots.core.vendor.normalise import normalise

RECEIPT_VERSION = 1
"""Version of the receipt's format."""

NOT_STARTED = "not started: the run ended before"
CUT_OFF = "the run was ended while this change was under way"

SHRUNK_PERCENT = 30
"""The share of a collection that may be gone before its list counts as shrunk."""

SHRUNK_FLOOR = 3
"""As many objects may always be gone: in a small account a few are a large share."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How one change of the plan ended."""

    digest: str
    address: Address
    action: Action
    status: Status
    id: str | None = None
    error: str = ""
    beside: tuple[str, ...] = ()
    """What the account changed of the object beside the fields of the change."""

    @classmethod
    def of(cls, one: Outcome) -> "Entry":
        """What is kept of an outcome."""
        return cls(
            change_digest(one.change),
            one.change.address,
            one.change.action,
            one.status,
            one.id,
            one.error,
            one.beside,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """One declared object as it was: its id and the fingerprint of every owned value, and of what
    lebots sets on a create where no manifest does."""

    address: Address
    id: str
    fields: Mapping[str, str]
    """By path: the SHA-256 of the value in its one form; personal and local fields are left out."""


@dataclass(frozen=True)
class Baseline:
    """The account right after a run that left nothing to do."""

    objects: tuple[Known, ...]
    undeclared: frozenset[tuple[str, str]]
    """Kind and id of what no manifest declared and a plan reports."""
    counts: Mapping[str, int]
    """Live objects of each collection, by the name of its endpoint."""

    @cached_property
    def by_id(self) -> Mapping[tuple[str, str | None], Known]:
        """The declared objects by kind and id."""
        return {(known.address.kind, known.id): known for known in self.objects}

    @cached_property
    def at(self) -> Mapping[Address, Known]:
        """The declared objects by the address they had."""
        return {known.address: known for known in self.objects}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one apply did, and what was known of the account when one last left nothing to do."""

    lebots: str
    """Version of the lebots that ran."""
    account: str
    digest: str
    """Of the plan that was carried out."""
    started: datetime
    ended: datetime
    targets: tuple[Address, ...] = ()
    """What the run was narrowed to; none means all."""
    requests: Calls = field(default_factory=lambda: Calls(0, 0))
    """Really sent, those for the plan and for the proof too."""
    entries: tuple[Entry, ...] = ()
    converged: bool | None = None
    """Whether a plan made afterwards was empty; None where none was made."""
    undelivered: tuple[Address, ...] = ()
    """Objects whose secret did not reach its sink."""
    baseline: Baseline | None = None
    """Of this run where it ``converged``, else of the run whose receipt it replaced."""

    @property
    def created(self) -> frozenset[Address]:
        """The objects this run created for certain."""
        return frozenset(
            one.address
            for one in self.entries
            if one.action is Action.CREATE and one.status is Status.DONE
        )

    @property
    def clean(self) -> Baseline | None:
        """The baseline where it is of this run, so that it tells how this run left each object."""
        return self.baseline if self.converged else None


def entries(plan: Plan, outcomes: Sequence[Outcome], *, cut: bool) -> tuple[Entry, ...]:
    """One entry for each writing change, also for those the run did not get to.

    ``outcomes`` are the ones known, in order; ``cut`` tells that the run was ended within the next.
    """
    rest = plan.writes[len(outcomes) :]
    missing = [Outcome(change, Status.BLOCKED, change.id, NOT_STARTED) for change in rest]
    if cut and rest:
        missing[0] = Outcome(rest[0], Status.UNKNOWN, rest[0].id, CUT_OFF)
    return tuple(Entry.of(one) for one in (*outcomes, *missing))


def undelivered(plan: Plan, ended: Sequence[Entry]) -> tuple[Address, ...]:
    """The objects that exist, or may exist, while their sink lacks their secret."""
    delivering = {(change.address, change.action) for change in plan.writes if change.sink}
    return tuple(
        one.address
        for one in ended
        if (one.address, one.action) in delivering
        and one.status is not Status.DONE
        and (one.id is not None or one.status is Status.UNKNOWN)
    )


def baseline(plan: Plan, desired: Sequence[Desired], inventory: Inventory) -> Baseline:
    """How the account stands now that ``plan``, made from this reading of it, is empty."""
    manifests = {wanted.address: wanted for wanted in desired}
    kinds = inventory.kinds
    objects = [
        Known(
            change.address,
            one.id,
            _owned(kinds[change.address.kind], manifests[change.address], one),
        )
        for change in plan.changes
        if change.action is Action.UNCHANGED and change.address in manifests
        if (one := inventory.by_ref.get(Ref(change.address.kind, change.id or "")))
    ]
    return Baseline(
        tuple(sorted(objects, key=lambda known: (known.address, known.id))),
        frozenset(one.ref for one in inventory.undeclared(manifests.keys())),
        counts(inventory),
    )


def counts(inventory: Inventory) -> Mapping[str, int]:
    """Live objects of each collection that could be read; of an empty one, none."""
    names = {endpoint.name for kind in inventory.kinds.values() for endpoint in kind.endpoints}
    return {name: inventory.counts[name] for name in sorted(names - inventory.unreadable.keys())}


def fingerprints(kind: Kind, spec: Spec) -> Mapping[str, str]:
    """The SHA-256 of every value of a spec in its one form, by path.

    The parts of an object that a manifest may own in part have a path each, with dots.
    """
    return {
        path: value_digest(value)
        for name, content in normalise(kind, spec).items()
        for path, value in _leaves(kind.by_name[name], name, content)
    }


def moved(known: Known, kind: Kind, live: Live, path: str) -> bool | None:
    """Whether the value at ``path`` is another than then; None where it was not owned then."""
    paths = [then for then in known.fields if related(then, path)]
    if not paths:
        return None
    name = path.partition(".")[0]
    now = fingerprints(kind, {name: live.spec.get(name)})
    return any(now.get(then) != known.fields[then] for then in paths)


def related(one: str, other: str) -> bool:
    """Whether two paths are the same or one leads into the other."""
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def shrunk(receipt: Receipt, inventory: Inventory) -> dict[str, tuple[int | None, int]]:
    """The collections whose lists may have lost something: endpoint to objects then and now.

    A list that lost all, or more than a share of them (with a floor for small accounts), may be one
    that was read in part, and nothing may be removed because of it. Nor because of one that the
    receipt does not count (None): nobody knows what it lost.
    """
    then = receipt.baseline.counts if receipt.baseline else {}
    return {
        name: (then.get(name), now)
        for name, now in counts(inventory).items()
        if name not in then or _too_few(then[name], now)
    }


def _too_few(then: int, now: int) -> bool:
    gone = then - now
    return (then > 0 and now == 0) or gone > max(SHRUNK_FLOOR, then * SHRUNK_PERCENT / 100)


def created_with(kind: Kind, wanted: Desired) -> Spec:
    """What lebots sets when it creates an object, where the manifest says nothing of it."""
    variant = kind.endpoint_for(wanted.spec).variant
    return {
        name: value
        for name, value in kind.on_create.items()
        if name not in wanted.spec and name not in wanted.ignore
        if kind.by_name[name].variant in (None, variant)
    }


def _owned(kind: Kind, wanted: Desired, live: Live) -> Mapping[str, str]:
    made = {n: value for n, value in created_with(kind, wanted).items() if n in live.spec}
    spec = {**made, **wanted.spec}
    names = [name for name in spec if name not in wanted.ignore and _kept(kind.by_name[name], live)]
    paths = fingerprints(kind, {name: spec[name] for name in names})
    now = fingerprints(kind, {name: live.spec.get(name) for name in names})
    return {path: now[path] for path in sorted(paths) if path in now}


def _kept(part: Field, live: Live) -> bool:
    hidden = part.blank_is_unknown and live.spec.get(part.name) in ("", None)
    return not (part.personal or part.client_only or hidden)


def _leaves(part: Field, path: str, content: Value) -> Iterator[tuple[str, Value]]:
    if part.atomic or not isinstance(content, Mapping):
        yield path, content
        return
    for name, inner in content.items():
        yield from _leaves(part, f"{path}.{name}", inner)
