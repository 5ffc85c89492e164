"""The values that travel through a run; all frozen, none holds a secret.

Manifests become ``Desired``, an account becomes ``Live``, the two become a ``Plan``, and a plan
that was carried out becomes ``Outcome``s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lebots.core.model.address import Address, Source
from lebots.core.model.change import WRITES, Action, Change, Undeclared
from lebots.core.model.finding import Finding, Severity
from lebots.core.model.value import Value

BLOCKING = frozenset({Severity.ERROR, Severity.REFUSAL})


@dataclass(frozen=True, slots=True)
class Calls:
    """Requests to the account."""

    reads: int
    writes: int


@dataclass(frozen=True, slots=True)
class Quota:
    """How far a plan fills one collection of the account."""

    collection: str
    now: int
    after: int
    """How many there are once everything was created, and nothing removed yet."""
    limit: int | None = None
    """The most the account can hold, where that is known."""


@dataclass(frozen=True, slots=True)
class UnusedSetting:
    """A setting of the proposal's project file that is not as the rules in force have it."""

    path: tuple[str, ...]
    """The keys that lead to it."""
    in_force: Value = None
    """None where it is not set."""
    proposed: Value = None
    """None where it is not set."""
    file: str = ""
    """The file it names, where that is what differs."""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """A commit whose logins, destinations and rules hold in place of those of the proposal."""

    ref: str
    """Its name."""
    unused: tuple[UnusedSetting, ...] = ()
    """What the proposal has otherwise, and nothing opens."""


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """The change of the manifests since a base, and what of a plan is not of it."""

    digest: str
    base: str
    """The id of the commit."""
    others: tuple[Change, ...] = ()
    """Differences of the account that the change did not bring."""
    held_back: bool = False
    """Whether the plan leaves them out, and keeps to the change."""
    waiting: tuple[Address, ...] = ()
    """Objects of the change that cannot be as it says before some of the others are done."""
    command: str = ""
    """What to type to apply it once it is merged; empty where there is nothing to type."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an apply would do, complete before the first write; ``changes`` stand in its order."""

    account: str
    """Its id."""
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...] = ()
    live: int = 0
    """Objects of the managed kinds the account holds now: neither deleted nor beyond lebots."""
    calls: "Calls" = field(default_factory=lambda: Calls(0, 0))
    """What an apply of this plan costs when nothing goes wrong."""
    name: str = ""
    """The account's name in the project; empty where nobody said."""
    undeclared: tuple[Undeclared, ...] = ()
    """What the base declares and these manifests do not, where the plan does not remove it."""
    terms: Mapping[str, Value] = field(default_factory=dict)
    """What an approval covers beside the changes: the ``sinks`` of their secrets, the ``rules``."""
    proposed: ProposedChange | None = None
    """None: it was compared with no base, or the manifests are as they are there; in no digest."""
    quotas: tuple[Quota, ...] = ()
    """The collections in which something is created."""
    rules: RulesInForce | None = None
    """None where the project file here has them."""

    @property
    def refused(self) -> tuple[Finding, ...]:
        """Why nothing of the plan may be applied; empty where it may."""
        return tuple(finding for finding in self.findings if finding.severity in BLOCKING)

    @property
    def writes(self) -> tuple[Change, ...]:
        """The changes that alter the account or a sink."""
        return tuple(change for change in self.changes if change.action in WRITES)

    def count(self, action: Action) -> int:
        """How many changes carry this verb."""
        return sum(change.action is action for change in self.changes)
