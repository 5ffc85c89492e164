"""Everything that a run tells anybody: prints, logs, plans, errors and their tracebacks."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from typing import Any
from unittest.mock import patch

from lebots.core.model.change import Outcome
from lebots.core.model.plan import Plan
from lebots.errors import LebotsError
from tests.render.drawn import DRAWN


@dataclass
class Witness:
    """What was seen of one run."""

    out: StringIO = field(default_factory=StringIO)
    err: StringIO = field(default_factory=StringIO)
    records: list[logging.LogRecord] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    """Every error of lebots that was made, raised to the user or not, and what ended the run."""
    plan: Plan | None = None
    outcomes: tuple[Outcome, ...] = ()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Sees what happens inside."""
        logs, root = _Logs(self.records), logging.getLogger()
        level = root.level
        root.addHandler(logs)
        root.setLevel(logging.DEBUG)
        try:
            with (
                patch.object(LebotsError, "__init__", self._noting()),
                redirect_stdout(self.out),
                redirect_stderr(self.err),
            ):
                yield
        finally:
            root.removeHandler(logs)
            root.setLevel(level)

    def shown(self) -> Iterator[tuple[str, str]]:
        """What people and programs are shown, each with where; the plan in every form there is."""
        yield "stdout", self.out.getvalue()
        yield "stderr", self.err.getvalue()
        if self.plan is not None:
            for name, draw in DRAWN.items():
                yield name, draw(self.plan, self.outcomes)

    def noted(self) -> Iterator[tuple[str, str]]:
        """What is found by those who look further: logs at DEBUG, errors with all they hold."""
        for record in self.records:
            yield f"log of {record.name}", f"{record.getMessage()}\n{record.args!r}"
        for error in self.errors:
            yield type(error).__name__, "\n".join(texts(error))

    def _noting(self) -> Any:
        made, errors = LebotsError.__init__, self.errors

        def init(error: LebotsError, *arguments: object) -> None:
            made(error, *arguments)
            errors.append(error)

        return init


class _Logs(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__(logging.DEBUG)
        self._records = records

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)


def texts(error: BaseException) -> Iterator[str]:
    """The error as anything that reports errors may show it, down to the values in every frame."""
    yield from (str(error), repr(error), repr(vars(error)))
    yield from traceback.TracebackException.from_exception(error, capture_locals=True).format()
