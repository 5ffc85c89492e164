"""Every error a user or the vendor can cause, with the exit code it ends in.

    LebotsError                  1
    ├── UsageError               2   the command line asks for something that is not there
    ├── InvalidInput             4   manifests or lebots.yaml; carries all findings
    ├── AccountError             5   the account or the network
    │   ├── NotSent                  the request never left: nothing happened
    │   ├── Rejected                 the account said no: nothing happened
    │   │   └── Conflict             ... because the revision sent was stale
    │   ├── Unwritable               writing an object as it was read would do harm
    │   └── OutcomeUnknown           the write may or may not have happened
    ├── SinkError                5   a sink cannot be read or written
    │   ├── SinkUnavailable          it was never reached: nothing happened
    │   ├── SinkRefused              it said no: nothing happened
    │   │   └── SinkMoved            ... because another credential is there by now
    │   ├── SinkWriteOnly            it never gives secrets back
    │   └── SinkOutcomeUnknown       the write may or may not have happened
    ├── NotWritten               5   the result cannot be printed or saved, as on a full disk
    ├── Refused                  6   a guard, a digest or a policy says no
    │   └── SomebodyElse             another run or a person was at work meanwhile
    ├── AppliedInPart            7   something is left to do
    └── Interrupted            130   the user stopped the run

Only ``lebots.cli`` turns an error into an exit code and text; everything else only raises it.
"""

from collections.abc import Iterable
from typing import Any

_PASSING = frozenset({401, 408, 423, 425, 429})
"""Statuses that tell of the moment and not of the request."""


class LebotsError(Exception):
    """The root; raised itself only where lebots broke a promise of its own."""

    exit_code = 1


class UsageError(LebotsError):
    """The command line is well formed but names something that is not there."""

    exit_code = 2


class InvalidInput(LebotsError):
    """Manifests or the project file are wrong; ``findings`` holds everything found, in order."""

    exit_code = 4

    def __init__(self, findings: Iterable[Any]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class AccountError(LebotsError):
    """The account cannot be read or written; the message names the request."""

    exit_code = 5

    @property
    def final(self) -> bool:
        """Whether the same would happen again, however often it is tried."""
        return False


class NotSent(AccountError):
    """The request never reached the account, so any verb may be tried again."""


class Rejected(AccountError):
    """The account refused the request and changed nothing.

    ``status`` is the HTTP status, ``fields`` the offending attributes where the vendor names them
    (reference 3.5, seen in client code), ``foreign`` whether something in between may have spoken.
    """

    def __init__(
        self, message: str, status: int, fields: tuple[str, ...] = (), *, foreign: bool = False
    ) -> None:
        super().__init__(message)
        self.status = status
        self.fields = fields
        self.foreign = foreign

    @property
    def final(self) -> bool:
        """Whether its status tells of the request and not of the moment."""
        return self.status not in _PASSING


class Conflict(Rejected):
    """The revision sent was stale: 409, 412 or 304 on a write (reference 3.3); nothing changed."""


class Unwritable(AccountError):
    """Writing an object as it was read would do harm; nothing was sent."""

    @property
    def final(self) -> bool:
        """It is the object that stands against it."""
        return True


class OutcomeUnknown(AccountError):
    """A write whose answer was lost or unreadable: only a read can tell whether it happened."""


class SinkError(LebotsError):
    """A credential sink cannot be read or written; the message names the sink and the place."""

    exit_code = 5


class SinkUnavailable(SinkError):
    """The sink was never reached: its program, library, login or host is missing."""


class SinkRefused(SinkError):
    """The sink said no, or holds what must not be written over; nothing was written."""


class SinkMoved(SinkRefused):
    """The sink holds another credential than a write was to replace; nothing was written."""


class SinkWriteOnly(SinkError):
    """The place never gives secrets back; ids it does."""


class SinkOutcomeUnknown(SinkError):
    """A write to a sink whose end is not known: only reading back can tell (failure F21)."""


class NotWritten(LebotsError):
    """What was found out cannot be printed, or saved in a file that was asked for."""

    exit_code = 5


class Refused(LebotsError):
    """A guard, the expected digest or a policy stands against the run; nothing was written."""

    exit_code = 6


class SomebodyElse(Refused):
    """The account or a sink is not as the plan saw it: somebody else writes there too."""


class AppliedInPart(LebotsError):
    """The run ended with changes that failed, were blocked, held back, or are unknown."""

    exit_code = 7


class Interrupted(LebotsError):
    """The user stopped the run; what was done is in the outcomes printed before."""

    exit_code = 130
