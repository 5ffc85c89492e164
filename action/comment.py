"""One comment about one thing, of the newest run only, and never anybody else's."""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol

PATIENCE: Final = 150.0
"""Seconds to wait in all for a host that asks to be asked later."""
_FIRST_WAIT: Final = 2.0
_RUN: Final = re.compile(r"<!-- lebots:run (\d{1,19}) (\d{1,9}) -->", re.ASCII)


class NotCommented(Exception):
    """The comment could not be written; the message quotes nothing of any answer."""


class AskLater(Exception):
    """The host cannot answer now, or what was to be changed is gone; ``after`` in seconds."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


@dataclass(frozen=True, order=True)
class Run:
    """A run of CI; of two the later one is the greater."""

    number: int
    attempt: int = 1
    commit: str = field(default="", compare=False)
    """The head of what was proposed; empty where that is not compared."""

    @property
    def line(self) -> str:
        """How a comment names its run, unseen."""
        return f"<!-- lebots:run {self.number} {self.attempt} -->"


@dataclass(frozen=True)
class Comment:
    """A comment of ours."""

    id: int
    body: str

    @property
    def run(self) -> Run:
        """The run that wrote it; the very first where it does not say."""
        found = _RUN.fullmatch(_lines(self.body)[1])
        return Run(int(found[1]), int(found[2])) if found else Run(0)

    def is_about(self, mark: str) -> bool:
        """Whether its first line is ``mark``."""
        return _lines(self.body)[0] == mark


class Place(Protocol):
    """A pull request or a merge request, as one author sees it.

    Each may raise NotCommented, or AskLater.
    """

    def head(self) -> str:
        """The newest commit of what is proposed."""

    def comments(self) -> Iterator[Comment]:
        """Our comments, the oldest first."""

    def create(self, body: str) -> None:
        """A new comment."""

    def edit(self, id_: int, body: str) -> None:
        """Another text for one of ours."""

    def delete(self, id_: int) -> None:
        """Takes one of ours away; one that is gone is fine."""


def mark_of(*about: object) -> str:
    """The hidden first line of the one comment about something, in every run."""
    return f"<!-- lebots:action:1 {sha256(json.dumps(about).encode()).hexdigest()[:16]} -->"


@dataclass(frozen=True)
class Keeper:
    """Keeps one comment about one thing."""

    place: Place
    mark: str
    run: Run

    def keep(self, text: str, *, new: bool = True) -> bool:
        """Makes ``text`` our comment; False where a newer run has the word.

        Without ``new`` a comment is only changed, never made. Asks again for ``PATIENCE`` seconds
        where the host says so. Raises NotCommented.
        """
        body = f"{self.mark}\n{self.run.line}\n{text}"
        return _patiently(lambda: self._keep(body, new=new))

    def _keep(self, body: str, *, new: bool) -> bool:
        if self._is_old():
            return False
        ours = self._ours()
        if new and not ours:
            # Whether this or an earlier try made it, and whether another run did too, is seen then.
            self.place.create(body)
            ours = self._ours()
        if not ours:
            return False
        newest = max(ours, key=lambda one: one.run)
        if newest.run > self.run:
            body = newest.body
        first, *others = ours
        if first.body != body:
            self.place.edit(first.id, body)
        for other in others:
            self.place.delete(other.id)
        return newest.run <= self.run and self._stands(body)

    def _stands(self, body: str) -> bool:
        """Whether the commit is still the newest; else what was just written says so itself."""
        if not self._is_old():
            return True
        notice = f"{self.mark}\n{Run(0).line}\nThe plan of the newest commit is not here yet.\n"
        for one in self._ours():
            if one.body == body:
                self.place.edit(one.id, notice)
        return False

    def _is_old(self) -> bool:
        return bool(self.run.commit) and self.place.head() != self.run.commit

    def _ours(self) -> Sequence[Comment]:
        return [one for one in self.place.comments() if one.is_about(self.mark)]


def _patiently(attempt: Callable[[], bool]) -> bool:
    left, wait = PATIENCE, _FIRST_WAIT
    while True:
        try:
            return attempt()
        except AskLater as later:
            pause = wait if later.after is None else later.after
            if pause > left:
                raise NotCommented(str(later)) from None
            time.sleep(pause)
            left, wait = left - max(pause, 0.1), wait * 2


def _lines(body: str) -> tuple[str, str]:
    first, _, rest = body.partition("\n")
    return first.rstrip("\r"), rest.partition("\n")[0].rstrip("\r")
