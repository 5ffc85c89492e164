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
from lebots.account.connection import Settings, connect
from lebots.account.gateway import Gateway
from lebots.account.hosts import DOMAIN, on_loopback
from lebots.core.checks.policy import unsure_writes
from lebots.core.compare.change import Sinks
from lebots.core.history.receipt import Receipt, shrunk
from lebots.core.model.address import Address
from lebots.core.model.change import Outcome
from lebots.core.model.desired import Desired
from lebots.core.model.finding import Finding
from lebots.core.model.inventory import Inventory
from lebots.core.model.kind import Endpoint, Kind
from lebots.core.model.options import NO_OPTIONS, AccountPolicy, Consent, PlanOptions
from lebots.core.model.plan import Plan
from lebots.core.model.ports import AccountPort, Sink
from lebots.core.model.value import Value
from lebots.core.planner import plan as plan_of
from lebots.errors import UsageError
from lebots.project import AccountConfig, Project, know_secrets, resolve_all
from lebots.project.terms import terms
from lebots.run.executor import Executor, Held
from lebots.run.inputs.holdings import in_sinks, not_shown
from lebots.run.inputs.masking import mask
from lebots.run.inputs.project import load_project
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
    earlier: Receipt | None = None
    """The receipt of an earlier run: what a prune compares the lists with."""
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
        return replace(plan, name=self.name, terms=self.terms_of(sinks))

    def read(self, desired: Sequence[Desired], asked: PlanOptions = NO_OPTIONS) -> Reading:
        """Reads the account once, and what the sinks know of the secrets of these manifests.

        Where the sinks know more than the account shows, it is read until it has settled. Raises
        Refused for a prune with a receipt that has no baseline.
        """
        if asked.prune:
            check_baseline(self.earlier)
        inventory = self.inventory()
        sinks = in_sinks(desired, inventory, self.sinks)

        def lacking(now: Inventory) -> str:
            # Believing a list that lags over the sink would make a second key (F15).
            names = ", ".join(map(str, not_shown(desired, now, sinks)))
            return names and f"the account does not show {names} as the sinks do"

        return Reading(self.settled(inventory, self.inventory, lacking, SETTLE_READS), sinks)

    def inventory(self) -> Inventory:
        """The account as it is now."""
        return Inventory(self.port.read(), self.kinds)

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
            message(f"{words}; looking again soon")
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
            partial(self.wait, LAST_CHANCE),
            partial(self.settled, pauses=SETTLE),
        )
        return executor.run(plan, held, watcher.observe)

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
            if change.sink
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
    folder: Path, account: str | None, wait: InterruptibleSleep | None = None
) -> Iterator[Session]:
    """Opens an account of the project in ``folder``; the default one where none is named.

    Raises InvalidInput for a wrong project or a login value that is missing, UsageError for an
    account the project does not have, and AccountError for one that cannot be opened.
    """
    config = load_project(folder)
    chosen = config.account(account)
    know_secrets(config.environment)
    loaded = with_only_sink(with_versions(kinds.load(), chosen.versions), config.sinks)
    wait = wait or InterruptibleSleep()
    with _connected(chosen, config, wait) as client:
        port = Gateway(client, loaded)
        sinks = open_sinks(config, client.account)
        yield Session(
            chosen.name,
            client,
            port,
            sinks,
            loaded,
            wait,
            chosen.allowed,
            config.consents,
            lambda used: terms(config, chosen, config.sinks.keys() & used, __version__),
        )


@contextmanager
def _connected(
    chosen: AccountConfig, config: Project, wait: InterruptibleSleep
) -> Iterator[Client]:
    if chosen.sandbox is not None:
        from lebots.run.inputs.embedded_client import connect as connect_embedded

        with connect_embedded(chosen.sandbox, chosen.name, wait) as client:
            yield client
        return

    auth = chosen.auth
    values = resolve_all(auth, config.environment, config.children) if auth else {}
    mask(values.values(), config.environment)
    domain = chosen.domain or DOMAIN
    if on_loopback(domain):
        message(f'account "{chosen.name}" is a sandbox served at {domain}, not LivePerson\'s')
    settings = Settings(chosen.id, auth.method if auth else "", values, domain, chosen.ca)
    with connect(settings, wait) as client:
        yield client


def with_versions(
    loaded: Mapping[str, Kind], versions: Mapping[str, Mapping[str, str]]
) -> Mapping[str, Kind]:
    """The kinds with the API versions a project asks for; raises UsageError for an unknown name."""
    known = {endpoint.name for kind in loaded.values() for endpoint in kind.endpoints}
    if unknown := sorted(versions.keys() - known):
        names = ", ".join(sorted(known))
        raise UsageError(f"lebots.yaml sets a version of {unknown[0]}; there are: {names}")
    return {
        name: replace(kind, endpoints=tuple(_versioned(e, versions) for e in kind.endpoints))
        for name, kind in loaded.items()
    }


def with_only_sink(loaded: Mapping[str, Kind], sinks: Collection[str]) -> Mapping[str, Kind]:
    """The kinds, knowing the only sink of a project that has one."""
    only = "".join(sinks) if len(sinks) == 1 else ""
    return {
        name: replace(kind, delivery=kind.delivery and replace(kind.delivery, only=only))
        for name, kind in loaded.items()
    }


def _versioned(endpoint: Endpoint, versions: Mapping[str, Mapping[str, str]]) -> Endpoint:
    chosen = versions.get(endpoint.name, {})
    return replace(
        endpoint,
        version=chosen.get("list", endpoint.version),
        version_written=chosen.get("write", endpoint.version_written),
    )
