"""Writes the receipt of an apply however it ends, and reads receipts for later plans."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lebots.core.history.receipt import Baseline, Receipt
from lebots.core.model.change import Outcome
from lebots.core.model.desired import Desired
from lebots.core.model.inventory import Inventory
from lebots.core.model.live import Account
from lebots.core.model.options import PlanOptions
from lebots.core.model.plan import Plan
from lebots.errors import LebotsError, Refused, SinkError, UsageError
from lebots.run.notices import message

if TYPE_CHECKING:
    from lebots.run.inputs.session import Session


def now() -> datetime:
    """The time of day; the one place of a run that asks for it."""
    return datetime.now(UTC)


@dataclass
class Record:
    """What is known of a run so far."""

    session: "Session"
    desired: Sequence[Desired]
    plan: Plan
    asked: PlanOptions
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
        from lebots.core.history.receipt import baseline

        self.converged = not (left.writes or left.refused)
        if self.converged:
            self.baseline = baseline(left, self.desired, Inventory(account, self.session.kinds))

    def receipt(self, *, cut: bool) -> Receipt:
        """The receipt of the run if it ended now, ``cut`` off in the middle of a change or not."""
        from lebots import __version__
        from lebots.core.compare.digest import plan_digest
        from lebots.core.history.receipt import entries, undelivered

        ended, earlier = entries(self.plan, self.outcomes, cut=cut), self.session.earlier
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


def earlier(file: Path | None, account: str) -> Receipt | None:
    """The receipt that stands where a run will write its own; none where nothing stands there.

    Raises what ``read`` raises: what is no receipt of this account is neither passed over nor
    written over.
    """
    if file is None:
        return None
    try:
        file.lstat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        pass  # what is wrong with the path, reading it tells
    try:
        return read(file, account)
    except (Refused, UsageError) as error:
        words = f"{error}; apply would write over it: move it away, or name another file"
        raise type(error)(words) from None


def read(file: Path, account: str) -> Receipt:
    """The receipt in a file; Refused where it is none or of another account, UsageError where the
    file cannot be read.
    """
    from lebots.documents.receipt import MAX_BYTES
    from lebots.documents.receipt import read as parsed
    from lebots.files import bounded
    from lebots.files.walk import shown

    try:
        content = bounded.read(file, MAX_BYTES)
    except bounded.Unreadable as reason:
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
    from lebots.documents.receipt import write

    return write(receipt)


def _comment(record: Record) -> str:
    from lebots import __version__
    from lebots.render.comment import markdown

    kinds, converged = record.session.kinds, record.converged
    drawn = markdown.outcomes(
        record.outcomes, record.plan, kinds, markdown.Frame(__version__), converged=converged
    )
    return drawn + "\n"


def _write(file: Path, text: Callable[[], str], *, private: bool = False) -> None:
    from lebots.files.yaml.writer import write_file
    from lebots.render.escape import visible

    try:
        write_file(file, text(), private=private)
    except LebotsError as error:
        message(visible(f"lebots: what was done is not written down: {error}"))
