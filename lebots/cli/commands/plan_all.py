"""``lebots plan --all-accounts``: every account of the project side by side."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import typer

from lebots import __version__
from lebots.cli.terminal.console import result
from lebots.cli.terminal.options import CHANGES_PENDING, Format
from lebots.cli.terminal.plan_options import proposal
from lebots.core.model.address import Address
from lebots.core.model.kind import Kind
from lebots.core.model.options import PlanOptions
from lebots.core.model.plan import Plan
from lebots.documents import plan as json
from lebots.documents.reports.accounts import PlannedAccount, accounts
from lebots.documents.text import dumps
from lebots.errors import InvalidInput, LebotsError
from lebots.render.escape import visible
from lebots.render.plain import plan as text
from lebots.render.plain.plan import verdict
from lebots.run.inputs.manifests import ManifestSource, load, names
from lebots.run.inputs.project import load_project, ruled
from lebots.run.inputs.session import open_session
from lebots.run.interruptible_sleep import InterruptibleSleep
from lebots.run.notices import gate, message
from lebots.run.presence import with_presence

_AT_ONCE = 8
"""Accounts that are read at the same time; each has limits of its own."""
_GRACE = 2.0
"""Seconds that the others have to log out once the run is interrupted."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What came of one account: a plan, and why there is none or it is refused."""

    account: str
    """Its name in the project."""
    plan: Plan | None = None
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    places: Mapping[Address, str] = field(default_factory=dict)
    error: LebotsError | None = None


def plan_everywhere(
    paths: Sequence[Path] | None,
    asked: PlanOptions,
    format_: Format,
    *,
    check: bool,
    rules_from: str | None = None,
) -> None:
    """Plans each account, in the order of the project, and prints every plan and their sum.

    One that fails hides no other; Exit has the code of the first that failed. Raises InvalidInput
    for a project that cannot be read.
    """
    project = ruled(rules_from)
    accounts = list((project or load_project()).accounts)
    wait, source = InterruptibleSleep(), ManifestSource(project=project)
    planned = _at_once(accounts, lambda name: _planned(name, paths, asked, source, wait), wait)
    _show(planned, format_, paths, asked)
    failed = [one.error for one in planned if one.error]
    if failed:
        refused = sum(one.plan is not None for one in planned if one.error)
        counts = {"no plan": len(failed) - refused, "a plan that is refused": refused}
        for words, number in counts.items():
            if number:
                message(f"lebots: {number} of {len(planned)} accounts have {words}")
        raise typer.Exit(failed[0].exit_code)
    if check and any(one.plan and one.plan.writes for one in planned):
        raise typer.Exit(CHANGES_PENDING)


def _at_once(
    accounts: Sequence[str], planned: Callable[[str], Planned], wait: InterruptibleSleep
) -> list[Planned]:
    """What comes of each account; an interrupt does not wait for those that are silent."""
    left: SimpleQueue[str] = SimpleQueue()
    ended: dict[str, Future[Planned]] = {name: Future() for name in accounts}
    for name in accounts:
        left.put(name)

    def work() -> None:
        with suppress(Empty):
            while not wait.stopped:
                name = left.get_nowait()
                try:
                    ended[name].set_result(planned(name))
                except Exception as error:
                    ended[name].set_exception(error)

    # A pool's own threads would be waited for when the process ends.
    threads = [Thread(target=work, daemon=True) for _ in accounts[:_AT_ONCE]]
    for thread in threads:
        thread.start()
    try:
        return [one.result() for one in ended.values()]
    except KeyboardInterrupt:
        wait.stopped = True
        ends = time.monotonic() + _GRACE
        for thread in threads:
            thread.join(max(0.0, ends - time.monotonic()))
        raise


def _show(
    planned: Sequence[Planned], format_: Format, paths: Sequence[Path] | None, asked: PlanOptions
) -> None:
    if format_ is Format.JSON:
        result(dumps(_document(planned, names(paths), asked)))
        return
    for one in planned:
        result(_drawn(one, paths, asked))
    result("\n".join(["ALL ACCOUNTS", *_table(planned)]))


def _planned(
    name: str,
    paths: Sequence[Path] | None,
    asked: PlanOptions,
    source: ManifestSource,
    wait: InterruptibleSleep,
) -> Planned:
    planned = Planned(name)
    try:
        desired, findings = load(paths, name, asked, source)
        gate(findings, show=False)
        with open_session(Path(), name, source.project, wait=wait) as session:
            plan, reading = session.plan(desired, findings, asked)
            plan = with_presence(plan, reading.inventory, session)
            planned = Planned(name, plan, session.kinds, session.places(plan))
        gate(plan.refused)
    except LebotsError as error:
        return replace(planned, error=error)
    return planned


def _drawn(one: Planned, paths: Sequence[Path] | None, asked: PlanOptions) -> str:
    head = f"ACCOUNT {one.account}"
    if one.plan is None:
        return f"{head}\n{_reason(one)}\n"
    drawn = text.plan(
        one.plan,
        one.kinds,
        version=__version__,
        places=one.places,
        proposal=proposal(paths, one.account, asked, one.plan.rules),
    )
    return f"{head}\n{drawn}\n"


def _reason(one: Planned) -> str:
    if isinstance(one.error, InvalidInput):
        return text.findings(one.error.findings)
    return "\n".join(map(visible, str(one.error).split("\n")))


def _table(planned: Sequence[Planned]) -> list[str]:
    width = max(len(one.account) for one in planned)
    return [
        f"  {one.account:<{width}}  {verdict(one.plan) if one.plan else _failure(one)}"
        for one in planned
    ]


def _failure(one: Planned) -> str:
    return f"no plan, exit {one.error.exit_code if one.error else 1}"


def _document(
    planned: Sequence[Planned], paths: Sequence[str], asked: PlanOptions
) -> dict[str, Any]:
    def plan(one: Planned) -> dict[str, Any] | None:
        if one.plan is None:
            return None
        return json.plan(one.plan, version=__version__, paths=paths, asked=asked)

    ended = [
        PlannedAccount(
            one.account,
            plan(one),
            _reason(one) if one.error else None,
            one.error.exit_code if one.error else 0,
        )
        for one in planned
    ]
    return accounts(ended, __version__)
