"""One run: a project, one of its accounts and its sinks, wired together."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from lebots import kinds
from lebots.core.changes import Sinks, yields_secret
from lebots.core.kind import Kind
from lebots.core.model import Account, Address, Desired, Finding, Outcome, Plan
from lebots.core.planner import plan as plan_of
from lebots.core.ports import AccountPort, Sink
from lebots.errors import UsageError
from lebots.executor import Executor, Held

SETTLE = (0.0, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each look at what an apply left: reads may lag behind writes (reference 3.7)."""


@dataclass
class Session:
    """An account that is open for one run; clock and connection are handed in."""

    name: str
    """The account's name in the project."""
    port: AccountPort
    sinks: Mapping[str, Sink]
    kinds: Mapping[str, Kind] = field(default_factory=kinds.load)
    wait: Callable[[float], None] = time.sleep

    def plan(
        self,
        desired: Sequence[Desired],
        findings: Sequence[Finding] = (),
        only: Sequence[Address] = (),
    ) -> tuple[Plan, Account]:
        """Reads the account once and plans; ``findings`` of the manifests become the plan's."""
        account = self.port.read()
        sinks = Sinks(tuple(self.sinks), self._delivered(desired, account.id))
        plan = plan_of(desired, account, self.kinds, sinks, only)
        return replace(plan, findings=(*findings, *plan.findings)), account

    def apply(
        self,
        plan: Plan,
        account: Account,
        held: Held,
        observe: Callable[[Outcome], None],
        stopped: Callable[[], bool],
    ) -> tuple[Outcome, ...]:
        """Carries out a plan that was made from this reading of the account."""
        executor = Executor(self.port, self.kinds, self.sinks, account, stopped)
        return executor.run(plan, held, observe)

    def left_over(self, desired: Sequence[Desired], only: Sequence[Address]) -> Plan:
        """What a second plan still wants right after an apply; empty if the apply converged."""
        for seconds in SETTLE:
            self.wait(seconds)
            plan, _ = self.plan(desired, (), only)
            if not plan.writes:
                break
        return plan

    def places(self, plan: Plan) -> Mapping[Address, str]:
        """Where each secret of a plan will be, in words."""
        return {
            change.address: self.sinks[change.sink].place(plan.account, change.address.name)
            for change in plan.writes
            if change.sink
        }

    def _delivered(self, desired: Sequence[Desired], account: str) -> Mapping[Address, str]:
        delivered = {}
        for wanted in desired:
            kind = self.kinds[wanted.address.kind]
            if kind.delivery is None or not yields_secret(kind, wanted.spec):
                continue
            sink = wanted.spec.get(kind.delivery.sink_field, kind.delivery.default)
            if str(sink) in self.sinks:
                stored = self.sinks[str(sink)].read_back(account, wanted.address.name)
                if stored is not None:
                    delivered[wanted.address] = stored
        return delivered


@contextmanager
def open_session(folder: Path, account: str | None) -> Iterator[Session]:
    """Opens an account of the project in ``folder``; the default one where none is named.

    Raises InvalidInput for a wrong project, UsageError for an account it does not have, and
    AccountError for one that cannot be opened.
    """
    from lebots import project
    from lebots.cli.embedded import connect
    from lebots.credentials.dotenv import DotenvSink

    config = project.load(folder)
    chosen = config.account(account)
    sinks: dict[str, Sink] = {
        name: DotenvSink(name, sink.path, config.folder) for name, sink in config.sinks.items()
    }
    loaded = kinds.load()
    if chosen.sandbox is None:
        raise UsageError(
            f'account "{chosen.name}" is not an embedded one; this lebots reaches no other yet'
        )
    with connect(chosen.sandbox, loaded) as port:
        yield Session(chosen.name, port, sinks, loaded)
