"""What ``lebots doctor`` and ``lebots verify`` found, as JSON."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from lebots.core.checks.doctor import Check
from lebots.core.checks.logins import STATUSES, Ended
from lebots.core.model.finding import Severity
from lebots.documents.json_schema import Shape, address, described, published, text
from lebots.documents.table import Table, version

CHECKS_VERSION = 1


class _Examined(NamedTuple):
    account: str
    checks: Sequence[Check]


def doctor(account: str, checks: Sequence[Check]) -> dict[str, Any]:
    """The checks of an account, which is given by its id."""
    return _DOCTOR.written(_Examined(account, checks))


def doctor_schema() -> Shape:
    """The JSON Schema (2020-12) of what ``lebots doctor --format json`` prints."""
    return published("lebots doctor", _DOCTOR.description, _DOCTOR.shape)


def verify(ended: Sequence[Ended]) -> dict[str, Any]:
    """How each login ended."""
    return _VERIFY.written(ended)


def verify_schema() -> Shape:
    """The JSON Schema (2020-12) of what ``lebots verify --format json`` prints."""
    return published("lebots verify", _VERIFY.description, _VERIFY.shape)


_CHECK: Table[Check] = Table(
    "One thing that was looked at.",
    {
        "name": (text("Stable name of the check."), lambda one: one.name),
        "severity": (
            described(
                {"enum": [severity.value for severity in Severity]},
                "A note is as it should be, a warning is worth a look, an error fails.",
            ),
            lambda one: one.severity.value,
        ),
        "message": (text("What was found."), lambda one: one.message),
    },
)

_DOCTOR: Table[_Examined] = Table(
    "Whether an account can be worked with, and what there is to say of its bots.",
    {
        "formatVersion": version(CHECKS_VERSION),
        "account": (text("Id of the account."), lambda one: one.account),
        "checks": _CHECK.listed("Everything that was looked at.", lambda one: one.checks),
    },
)

_LOGIN: Table[Ended] = Table(
    "How one login ended.",
    {
        "address": (address(), lambda one: str(one.bot)),
        "status": (described({"enum": list(STATUSES)}, "Its end."), lambda one: one.status),
        "id": (text("Id of the user that got in; empty where none did."), lambda one: one.id),
        "error": (text("Why it did not; empty where it did."), lambda one: one.error),
    },
)

_VERIFY: Table[Sequence[Ended]] = Table(
    "Whether each bot gets in with the credential that was delivered for it.",
    {
        "formatVersion": version(CHECKS_VERSION),
        "logins": _LOGIN.listed(
            "Every bot of the manifests that were chosen.", lambda ended: ended
        ),
    },
)
