"""Two accounts side by side, as JSON; personal values are left out."""

from typing import Any, NamedTuple

from lebots.core.account_diff import Comparison, Pair
from lebots.documents.json_schema import (
    Shape,
    address,
    count,
    described,
    flag,
    published,
    text,
)
from lebots.documents.parts import FIELD, FINDING, SOURCE
from lebots.documents.table import Table, version

COMPARISON_VERSION = 1


class _Sides(NamedTuple):
    found: Comparison
    here: str
    there: str


def comparison(found: Comparison, here: str, there: str) -> dict[str, Any]:
    """The comparison for machines, from the account named ``here`` to the one named ``there``."""
    return _COMPARISON.written(_Sides(found, here, there))


def comparison_schema() -> Shape:
    """The JSON Schema (2020-12) of what ``lebots compare --format json`` prints."""
    return {
        **published("lebots comparison", _COMPARISON.description, _COMPARISON.shape),
        "$defs": {
            "field": described(FIELD.shape, "A field: before in the one, after in the other."),
            "finding": FINDING.shape,
            "source": SOURCE.shape,
        },
    }


_ACCOUNT: Table[tuple[str, str]] = Table(
    "An account.",
    {
        "name": (text("Its name in the project."), lambda one: one[0]),
        "account": (text("Its id."), lambda one: one[1]),
    },
)

_SUMMARY: Table[Comparison] = Table(
    "How many objects there are of each.",
    {
        "onlyInFrom": (count("Objects that the other lacks."), lambda one: len(one.only_here)),
        "onlyInTo": (count("Objects that the first lacks."), lambda one: len(one.only_there)),
        "different": (count("Objects with other fields."), lambda one: len(one.different)),
        "same": (count("Objects that are the same in both."), lambda one: one.same),
    },
)

_OBJECT: Table[Pair] = Table(
    "One object that is not the same in both.",
    {
        "address": (address(), lambda one: str(one.address)),
        "inFrom": (flag("Whether the first account has it."), lambda one: one.here),
        "inTo": (flag("Whether the other account has it."), lambda one: one.there),
        "fields": FIELD.listed("What differs where both have it.", lambda one: one.fields),
    },
)

_COMPARISON: Table[_Sides] = Table(
    "Two accounts side by side, by name. Neither secrets nor personal values are in it.",
    {
        "formatVersion": version(COMPARISON_VERSION),
        "from": (
            described(_ACCOUNT.shape, "The first account."),
            lambda one: _ACCOUNT.written((one.here, one.found.here)),
        ),
        "to": (
            described(_ACCOUNT.shape, "The other account."),
            lambda one: _ACCOUNT.written((one.there, one.found.there)),
        ),
        "summary": _SUMMARY.part(lambda one: one.found),
        "objects": _OBJECT.listed(
            "Every object that is not the same.",
            lambda one: [pair for pair in one.found.pairs if not pair.same],
        ),
        "findings": FINDING.listed("What could not be compared.", lambda one: one.found.findings),
    },
)
