"""Writes the receipt of an apply, however the run ends."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from lebots import __version__
from lebots.core.compare.digest import plan_digest
from lebots.core.history.receipt import Baseline, Receipt, baseline, entries, undelivered
from lebots.core.model.change import Outcome
from lebots.core.model.desired import Desired
from lebots.core.model.options import PlanOptions
from lebots.core.model.plan import Plan
from lebots.documents.receipt import write
from lebots.errors import LebotsError, SinkError, UsageError
from lebots.files.yaml.writer import write_file
from lebots.render.comment import markdown
from lebots.render.escape import visible
from lebots.run import clock
from lebots.run.inputs.project import signing
from lebots.run.inputs.session import Reading, Session, Watcher
from lebots.run.notices import message


def now() -> datetime:
    """The time of day; the one place of a run that asks for it."""
    return datetime.now(UTC)


@dataclass
class Record:
    """What is known of a run so far."""

    session: Session
    desired: Sequence[Desired]
    plan: Plan
    asked: PlanOptions
    started: datetime
    outcomes: list[Outcome] = field(default_factory=list)
    converged: bool | None = None
    baseline: Baseline | None = None

    def noting(self, watcher: Watcher) -> Watcher:
        """The watcher, told of an outcome after it was noted: showing it may fail."""

        def note(outcome: Outcome) -> None:
            self.outcomes.append(outcome)
            watcher.observe(outcome)

        return watcher._replace(observe=note)

    def proved(self, left: Plan, reading: Reading) -> None:
        """Notes what a plan made from this reading still wants."""

        self.converged = not (left.writes or left.refused)
        if self.converged:
            self.baseline = baseline(left, self.desired, reading.inventory)

    def receipt(self, *, cut: bool) -> Receipt:
        """The receipt of the run if it ended now, ``cut`` off in the middle of a change or not."""
        ended, earlier = entries(self.plan, self.outcomes, cut=cut), self.session.earlier
        return Receipt(
            lebots=__version__,
            account=self.plan.account,
            digest=plan_digest(self.plan),
            started=self.started,
            ended=clock.now(),
            targets=self.asked.only,
            requests=self.session.client.calls,
            entries=ended,
            converged=self.converged,
            undelivered=undelivered(self.plan, ended),
            baseline=self.baseline or (earlier.baseline if earlier else None),
        )


@contextmanager
def recorded(record: Record, file: Path | None, comment: Path | None) -> Iterator[Record]:
    """Writes the receipt, and the comment of it, when the run ends in whatever way.

    Nothing where no file is named; one that cannot be written is told on stderr and changes nothing
    else (F48).
    """
    cut = False
    try:
        yield record
    except BaseException as error:
        # These two are raised between changes: by the proof of a sink, and by a full stdout.
        between = isinstance(error, SinkError | UsageError)
        cut = not between
        raise
    finally:
        if file is not None:
            _write(file, lambda: _receipt(record.receipt(cut=cut)), private=True)
        if comment is not None:
            _write(comment, lambda: _comment(record))


def _receipt(receipt: Receipt) -> str:
    return write(receipt, signing())


def _comment(record: Record) -> str:
    kinds, converged = record.session.kinds, record.converged
    drawn = markdown.outcomes(
        record.outcomes, record.plan, kinds, markdown.Frame(__version__), converged=converged
    )
    return drawn + "\n"


def _write(file: Path, text: Callable[[], str], *, private: bool = False) -> None:
    try:
        write_file(file, text(), private=private)
    except LebotsError as error:
        message(visible(f"lebots: what was done is not written down: {error}"))
