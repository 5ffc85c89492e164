"""One run: a project, one of its accounts and its sinks, wired together."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from lebots import __version__, kinds
from lebots.account.client import Client
from lebots.account.gateway import Gateway
from lebots.core.checks.policy import unsure_writes
from lebots.core.compare.change import Sinks
from lebots.core.compare.digest import keyed
from lebots.core.history.receipt import Receipt, shrunk
from lebots.core.model.address import Address
from lebots.core.model.change import Outcome
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.core.model.inventory import Inventory, needed, reported
from lebots.core.model.kind import Kind
from lebots.core.model.options import NO_OPTIONS, AccountPolicy, Consent, PlanOptions
from lebots.core.model.plan import Plan, RulesInForce
from lebots.core.model.ports import AccountPort, Sink
from lebots.core.model.secret import Secret
from lebots.core.model.value import Value
from lebots.core.planner import plan as plan_of
from lebots.core.planner import selected
from lebots.project import Project, know_secrets, plan_key
from lebots.project.events import check_event
from lebots.project.kinds import with_only_sink, with_versions
from lebots.project.rules import require_same_files
from lebots.project.terms import terms
from lebots.run.executor import Executor, Held
from lebots.run.inputs.clients import connected
from lebots.run.inputs.holdings import in_sinks, not_shown
from lebots.run.inputs.project import load_to_reach
from lebots.run.inputs.prune_checks import check_baseline, scopeless
from lebots.run.inputs.sinks import open_sinks
from lebots.run.interruptible_sleep import InterruptibleSleep
from lebots.run.notices import gate, message

_Seen = TypeVar("_Seen")

SETTLE = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each new look at what an apply left: reads may lag behind writes."""

SETTLE_READS = (2.0, 4.0, 8.0, 16.0)
"""Seconds before each new read while the account shows less than the sinks know of."""


class Reading(NamedTuple):
    """What the account and the sinks held when a plan was made."""

    inventory: Inventory
    sinks: Sinks


class Watcher(NamedTuple):
    """Who is told how each change ended, and may stop a run between two."""

    observe: Callable[[Outcome], None]
    stopped: Callable[[], bool]


LAST_CHANCE = 10.0
"""Seconds a run on another machine has to deliver what it made, before that counts as lost."""


def _no_terms(sinks: Collection[str]) -> Mapping[str, Value]:
    return {}


@dataclass
class Session:
    """An account that is open for one run; clock and connection are handed in."""

    name: str
    """The account's name in the project."""
    client: Client
    port: AccountPort
    sinks: Mapping[str, Sink]
    kinds: Mapping[str, Kind]
    wait: InterruptibleSleep
    allowed: AccountPolicy
    """What the project lets a run do to the account."""
    consents: tuple[Consent, ...] = ()
    """What the proposal agrees to, each for one plan."""
    terms_of: Callable[[Collection[str]], Mapping[str, Value]] = _no_terms
    """What an approval covers where secrets go to these sinks."""
    plan_key: Secret | None = None
    """Under which personal values are in digests; None: they are in none."""
    rules: RulesInForce | None = None
    """The commit whose rules hold, and what of the proposal is not used."""
    earlier: Receipt | None = None
    """The receipt of an earlier run: what a prune compares the lists with."""
    counts_scope: bool = False
    """Whether a receipt is to tell a later prune how much the lists of its scope hold."""
    now: Callable[[], float] = time.time
    """The time in seconds since 1970."""

    def plan(
        self,
        desired: Sequence[Desired],
        findings: Sequence[Finding] = (),
        asked: PlanOptions = NO_OPTIONS,
    ) -> tuple[Plan, Reading]:
        """Reads the account once and plans; ``findings`` of the manifests become the plan's."""
        reading = self.read(desired, asked)
        return self.plan_from(reading, desired, findings, asked), reading

    def plan_from(
        self,
        reading: Reading,
        desired: Sequence[Desired],
        findings: Sequence[Finding] = (),
        asked: PlanOptions = NO_OPTIONS,
    ) -> Plan:
        """Plans from one reading; ``findings`` of the manifests become the plan's."""
        terms = self.terms(reading.inventory) if asked.prune else self.allowed
        plan = plan_of(desired, *reading, replace(asked, consents=self.consents), terms)
        more = scopeless(self.name, self.allowed, self.kinds) if asked.prune else []
        more += unsure_writes(plan.writes, self.kinds) if self.client.by_token else []
        return self.bound(replace(plan, findings=(*findings, *plan.findings, *more)))

    def bound(self, plan: Plan) -> Plan:
        """The plan with what an approval of it covers beside its changes."""
        sinks = {change.sink for change in plan.writes if change.sink}
        found = replace(plan, name=self.name, terms=self.terms_of(sinks), rules=self.rules)
        return keyed(found, self.plan_key) if self.plan_key else found

    def read(
        self,
        desired: Sequence[Desired],
        asked: PlanOptions = NO_OPTIONS,
        also: Collection[str] = (),
    ) -> Reading:
        """Reads the account once, and what the sinks know of the secrets of these manifests.

        No list is asked for that the plan does not need; ``also`` are more kinds that it is about.
        Where the sinks know more than the account shows, it is read until it has settled. Raises
        Refused for a prune with a receipt that has no baseline.
        """
        if asked.prune:
            check_baseline(self.earlier)
        scope = self.allowed.scope if asked.prune or self.counts_scope else ()
        about = {one.address.kind for one in selected(desired, asked.only, self.kinds)}
        look = partial(
            self.inventory,
            needed(self.kinds, about.union(scope, also), removed=scope) | reported(self.kinds),
        )
        inventory = look()
        unused = self.rules.unused if self.rules else ()
        sinks = replace(
            in_sinks(desired, inventory, self.sinks),
            proposed={one.path[1] for one in unused if one.path[0] == "sinks"},
        )

        def lacking(now: Inventory) -> str:
            # Believing a list that lags over the sink would make a second key (F15).
            names = ", ".join(map(str, not_shown(desired, now, sinks)))
            return names and f"the account does not show {names} as the sinks do"

        return Reading(self.settled(inventory, look, lacking, SETTLE_READS), sinks)

    def inventory(self, needed: Collection[str] | None = None) -> Inventory:
        """The account as it is now, without the kinds that are not needed where these are given."""
        unasked = self.kinds.keys() - (self.kinds if needed is None else needed)
        return Inventory(self.port.read(frozenset(unasked)), self.kinds)

    def settled(
        self,
        found: _Seen,
        again: Callable[[], _Seen],
        lacking: Callable[[_Seen], str],
        pauses: Sequence[float],
    ) -> _Seen:
        """What was found, or is found after a pause, once it lacks nothing or all pauses are over.

        Reads may lag behind writes (reference 3.7); where they do not, nothing is looked at again.
        """
        left = iter(pauses if self.client.lags else ())
        while (words := lacking(found)) and (seconds := next(left, None)):
            message(f"{words}; looking again in {seconds:.0f} s")
            self.wait(seconds)
            found = again()
        return found

    def apply(
        self, plan: Plan, reading: Reading, held: Held, watcher: Watcher
    ) -> tuple[Outcome, ...]:
        """Carries out a plan that was made from this reading.

        Raises Refused, or InvalidInput, for one that must not be.
        """
        gate(plan.refused)
        executor = Executor(
            self.port,
            self.sinks,
            reading.inventory,
            watcher.stopped,
            self.allowed.replace_lost,
            reading.sinks.holdings,
            self._last_chance,
            partial(self.settled, pauses=SETTLE),
        )
        return executor.run(plan, held, watcher.observe)

    def _last_chance(self) -> None:
        message(f"waiting {LAST_CHANCE:.0f} s: another run may still deliver the key that it made")
        self.wait(LAST_CHANCE)

    def left_over(self, desired: Sequence[Desired], asked: PlanOptions) -> tuple[Plan, Reading]:
        """What a second plan still wants right after an apply, and the reading it was made from.

        The plan is empty if the apply converged.
        """
        # What was agreed to and is still there is told by name, not by number.
        look = partial(self.plan, desired, (), replace(asked, fewer=True))
        return self.settled(look(), look, lambda found: unfinished(found[0]), SETTLE)

    def places(self, plan: Plan) -> Mapping[Address, str]:
        """Where each secret of a plan will be, in words."""
        return {
            change.address: self.sinks[change.sink].place(plan.account, change.address.name)
            for change in plan.writes
            if change.sink in self.sinks
        }

    def terms(self, inventory: Inventory) -> AccountPolicy:
        """What a run may take out of use: never its own login, nothing on a list that shrank."""
        own = (live.id for live in inventory.objects if self.client.logs_in_with(live.id))
        lost = shrunk(self.earlier, inventory) if self.earlier else {}
        return replace(self.allowed, own=frozenset(own), shrunken=lost)


def unfinished(left: Plan) -> str:
    """What to say of a plan right after its changes were made; empty where it wants nothing."""
    return "the account does not show all that was written" if left.writes else ""


@contextmanager
def open_session(
    folder: Path,
    account: str | None,
    project: Project | None = None,
    *,
    wait: InterruptibleSleep | None = None,
    applies: bool = False,
) -> Iterator[Session]:
    """Opens an account of the project in ``folder``; the default one where none is named.

    ``project`` is that one under the rules of a commit, ``applies`` tells of a run that makes what
    manifests want. Raises InvalidInput for a wrong project or a login value that is missing,
    UsageError for an account the project does not have, Refused for an event of CI with which this
    must not run, and AccountError for an account that cannot be opened.
    """
    config = project or load_to_reach(folder)
    check_event(config.environment, applies=applies)
    chosen = config.account(account)
    require_same_files(config, chosen)
    know_secrets(config.environment)
    key = plan_key(config.environment)
    loaded = with_only_sink(with_versions(kinds.load(), chosen.versions), config.sinks)
    wait = wait or InterruptibleSleep()
    with connected(chosen, config, wait) as client:
        sinks = open_sinks(config, client.account)
        yield Session(
            chosen.name,
            client,
            Gateway(client, loaded),
            sinks,
            loaded,
            wait,
            chosen.allowed,
            config.consents,
            lambda used: terms(config, chosen, config.sinks.keys() & used, __version__),
            key,
            config.rules,
        )
