"""The plans of all accounts of a project, as JSON."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from lebots.documents.json_schema import Shape, count, or_null, published, text
from lebots.documents.plan import plan_schema
from lebots.documents.table import Table, version

ACCOUNTS_VERSION = 1


class PlannedAccount(NamedTuple):
    """What became of planning one account."""

    name: str
    plan: dict[str, Any] | None
    """Its plan document; None where there is none."""
    error: str | None
    exit_code: int


class _All(NamedTuple):
    lebots: str
    accounts: Sequence[PlannedAccount]


def accounts(planned: Sequence[PlannedAccount], lebots: str) -> dict[str, Any]:
    """The plans; ``lebots`` is the version that made them."""
    return _ACCOUNTS.written(_All(lebots, planned))


def accounts_schema() -> Shape:
    """The JSON Schema (2020-12) of what ``lebots plan --all-accounts --format json`` prints."""
    plan = plan_schema()
    shape = published("lebots plan --all-accounts", _ACCOUNTS.description, _ACCOUNTS.shape)
    kept = {name: part for name, part in plan.items() if name not in ("$schema", "$defs")}
    return {**shape, "$defs": {**plan["$defs"], "plan": kept}}


_ACCOUNT: Table[PlannedAccount] = Table(
    "One account of the project.",
    {
        "name": (text("Its name in the project."), lambda one: one.name),
        "plan": (
            {
                "description": "Its plan, as `lebots plan` prints it; null where there is none.",
                "anyOf": [{"$ref": "#/$defs/plan"}, {"type": "null"}],
            },
            lambda one: one.plan,
        ),
        "error": (or_null(text("Why it failed; null where it did not.")), lambda one: one.error),
        "exitCode": (count("The exit code it would have alone."), lambda one: one.exit_code),
    },
)

_ACCOUNTS: Table[_All] = Table(
    "The plans of all accounts of a project.",
    {
        "formatVersion": version(ACCOUNTS_VERSION),
        "lebotsVersion": (text("Version of the lebots that planned."), lambda one: one.lebots),
        "accounts": _ACCOUNT.listed("In the order of the project.", lambda one: one.accounts),
    },
)
