"""Receipts of an apply: written on every end of a run, read by later plans."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lebots.cli.console import message
from lebots.core.model import Account, Desired, Outcome, Plan
from lebots.core.planner import stops
from lebots.core.receipt import Baseline, Receipt
from lebots.core.terms import Asked
from lebots.errors import LebotsError, Refused, SinkError, UsageError

if TYPE_CHECKING:
    from lebots.cli.session import Session


def now() -> datetime:
    """The time of day; the one place of a run that asks for it."""
    return datetime.now(UTC)


@dataclass
class Record:
    """What is known of a run so far."""

    session: "Session"
    desired: Sequence[Desired]
    plan: Plan
    asked: Asked
    started: datetime
    outcomes: list[Outcome] = field(default_factory=list)
    converged: bool | None = None
    baseline: Baseline | None = None

    def noting(self, observe: Callable[[Outcome], None]) -> Callable[[Outcome], None]:
        """The observer, after the outcome was noted: showing it may fail."""

        def note(outcome: Outcome) -> None:
            self.outcomes.append(outcome)
            observe(outcome)

        return note

    def proved(self, left: Plan, account: Account) -> None:
        """Notes what a plan made from this reading of the account still wants."""
        from lebots.core.receipt import baseline

        self.converged = not (left.writes or stops(left.findings))
        if self.converged:
            self.baseline = baseline(left, self.desired, account, self.session.kinds)

    def receipt(self, *, cut: bool) -> Receipt:
        """The receipt of the run if it ended now, ``cut`` off in the middle of a change or not."""
        from lebots import __version__
        from lebots.core.digest import plan_digest
        from lebots.core.receipt import entries, undelivered

        ended = entries(self.plan, self.outcomes, cut=cut)
        return Receipt(
            lebots=__version__,
            account=self.plan.account,
            digest=plan_digest(self.plan),
            started=self.started,
            ended=now(),
            targets=self.asked.only,
            requests=self.session.client.calls,
            entries=ended,
            converged=self.converged,
            undelivered=undelivered(self.plan, ended),
            baseline=self.baseline,
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


def earlier(file: Path | None, account: str) -> Receipt | None:
    """The receipt that stands where a run will write its own; none where it cannot be used."""
    if file is None:
        return None
    with suppress(UsageError, Refused):
        return read(file, account)
    return None


def read(file: Path, account: str) -> Receipt:
    """The receipt in a file; Refused where it is none or of another account, UsageError where the
    file cannot be read.
    """
    from lebots.files.walk import shown
    from lebots.render.receipt import MAX_BYTES
    from lebots.render.receipt import read as parsed

    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as opened:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UsageError(f"{shown(file)}: a receipt is a regular file")
            content = opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", "") or "the path is not valid").lower()
        raise UsageError(f"{shown(file)}: the receipt cannot be read ({reason})") from None
    try:
        receipt = parsed(content)
    except Refused as error:
        raise Refused(f"{shown(file)}: {error}") from None
    if receipt.account != account:
        raise Refused(
            f"{shown(file)} is a receipt of account {receipt.account}, this is account {account}"
        )
    return receipt


def _receipt(receipt: Receipt) -> str:
    from lebots.render.receipt import write

    return write(receipt)


def _comment(record: Record) -> str:
    from lebots import __version__
    from lebots.render import markdown

    kinds, converged = record.session.kinds, record.converged
    drawn = markdown.outcomes(
        record.outcomes, record.plan, kinds, version=__version__, converged=converged
    )
    return drawn + "\n"


def _write(file: Path, text: Callable[[], str], *, private: bool = False) -> None:
    from lebots.files.writer import write_file
    from lebots.render.escape import visible

    try:
        write_file(file, text(), private=private)
    except LebotsError as error:
        message(visible(f"lebots: what was done is not written down: {error}"))
