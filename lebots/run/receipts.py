"""Writes the receipt of a run, and a comment of it, however it ends."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from lebots import __version__
from lebots.core.compare.digest import plan_digest
from lebots.core.history.receipt import Baseline, Receipt, baseline, entries, undelivered
from lebots.core.model.address import Address
from lebots.core.model.change import Outcome
from lebots.core.model.desired import Desired
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


@dataclass(frozen=True, slots=True)
class Records:
    """Where a run that began then writes down what it did."""

    started: datetime
    receipt: Path | None = None
    comment: Path | None = None
    """A file for Markdown."""


@dataclass
class Record:
    """What is known of a run so far."""

    session: Session
    plan: Plan
    command: str
    targets: tuple[Address, ...]
    started: datetime
    outcomes: list[Outcome] = field(default_factory=list)
    converged: bool | None = None
    baseline: Baseline | None = None
    next_steps: Sequence[str] = ()

    def noting(self, watcher: Watcher) -> Watcher:
        """The watcher, told of an outcome after it was noted: showing it may fail."""

        def note(outcome: Outcome) -> None:
            self.outcomes.append(outcome)
            watcher.observe(outcome)

        return watcher._replace(observe=note)

    def proved(self, left: Plan, reading: Reading, desired: Sequence[Desired]) -> None:
        """Notes what a plan made of all these manifests from this reading still wants."""
        self.converged = not (left.writes or left.refused)
        if self.converged:
            self.baseline = baseline(left, desired, reading.inventory)

    def receipt(self, *, cut: bool) -> Receipt:
        """The receipt of the run if it ended now, ``cut`` off in the middle of a change or not."""
        ended, earlier = entries(self.plan, self.outcomes, cut=cut), self.session.earlier
        return Receipt(
            lebots=__version__,
            account=self.plan.account,
            digest=plan_digest(self.plan),
            started=self.started,
            ended=clock.now(),
            targets=self.targets,
            requests=self.session.client.calls,
            entries=ended,
            converged=self.converged,
            undelivered=undelivered(self.plan, ended),
            baseline=self.baseline or (earlier.baseline if earlier else None),
        )


@contextmanager
def recorded(record: Record, records: Records) -> Iterator[Record]:
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
        if records.receipt is not None:
            _write(records.receipt, lambda: write(record.receipt(cut=cut), signing()), private=True)
        if records.comment is not None:
            _write(records.comment, lambda: _comment(record))


def _comment(record: Record) -> str:
    kinds, converged = record.session.kinds, record.converged
    frame = markdown.Frame(__version__, command=record.command, next_steps=record.next_steps)
    drawn = markdown.outcomes(record.outcomes, record.plan, kinds, frame, converged=converged)
    return drawn + "\n"


def _write(file: Path, text: Callable[[], str], *, private: bool = False) -> None:
    try:
        write_file(file, text(), private=private)
    except LebotsError as error:
        message(visible(f"lebots: what was done is not written down: {error}"))
