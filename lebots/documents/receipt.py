"""Receipts as JSON: what an apply did, for a pull request, an audit, or the next plan."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lebots.core.history.receipt import RECEIPT_VERSION, Baseline, Entry, Known, Receipt
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Status
from lebots.core.model.plan import Calls
from lebots.core.strict_json import loads_or_none
from lebots.documents.json_schema import (
    DIGEST,
    Shape,
    address,
    count,
    described,
    items,
    mapping,
    or_null,
    published,
    text,
)
from lebots.documents.outcome import CONVERGED, ENTRY, SUMMARY, counted
from lebots.documents.parts import CALLS
from lebots.documents.signature import SIGNATURE, UNSIGNED, Signing
from lebots.documents.table import Table, version
from lebots.documents.text import DEEPEST, TIME, dumps, time_of
from lebots.errors import Refused

MAX_BYTES = 64 * 1024 * 1024
"""A receipt of a full account (18,000 users) has a third of that."""

_TIME_PATTERN = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"


def write(receipt: Receipt, signing: Signing = UNSIGNED) -> str:
    """The text of a receipt; no secret and no personal value is in it."""
    return dumps(signing.signed("receipt", document(receipt))) + "\n"


def document(receipt: Receipt) -> dict[str, Any]:
    """The receipt as plain data."""
    return _RECEIPT.written(receipt)


def read(content: bytes, signing: Signing = UNSIGNED) -> Receipt:
    """The receipt in a text that ``write`` made; raises Refused for anything else."""
    if len(content) > MAX_BYTES:
        raise Refused(f"the receipt is larger than {MAX_BYTES} bytes; no apply writes such a one")
    found = loads_or_none(content, DEEPEST)
    if not isinstance(found, dict):
        raise Refused("this is not a receipt that `lebots apply --receipt` wrote")
    # A version that is not a whole number is none, and True is not 1 here.
    if found.get("formatVersion") != RECEIPT_VERSION or found["formatVersion"] is True:
        raise Refused(
            f"the receipt is not of format {RECEIPT_VERSION}, the one this lebots reads; use the "
            "lebots that wrote it, or apply again with this one"
        )
    signing.check("receipt", found)
    from jsonschema import Draft202012Validator

    try:
        if Draft202012Validator(receipt_schema()).is_valid(found):
            return _receipt(found)
    except ValueError:
        pass
    raise Refused("the receipt does not have the shape of a receipt; it was edited")


def receipt_schema() -> Shape:
    """The JSON Schema (2020-12) of what ``lebots apply --receipt`` writes."""
    return published("lebots receipt", _RECEIPT.description, _RECEIPT.shape)


def _receipt(found: Mapping[str, Any]) -> Receipt:
    """The value of a document of the right shape; ValueError where a text in it means nothing."""
    return Receipt(
        lebots=found["lebotsVersion"],
        account=found["account"],
        digest=found["digest"],
        started=_moment_of(found["startedAt"]),
        ended=_moment_of(found["endedAt"]),
        targets=tuple(map(Address.parse, found["targets"])),
        requests=Calls(found["requests"]["reads"], found["requests"]["writes"]),
        entries=tuple(map(_entry_of, found["changes"])),
        converged=found["converged"],
        undelivered=tuple(map(Address.parse, found["undelivered"])),
        baseline=_baseline_of(found["baseline"]) if found["baseline"] else None,
    )


def _moment_of(written: str) -> datetime:
    return datetime.strptime(written, TIME).replace(tzinfo=UTC)


def _entry_of(found: Mapping[str, Any]) -> Entry:
    return Entry(
        found["digest"],
        Address.parse(found["address"]),
        Action(found["action"]),
        Status(found["status"]),
        found["id"],
        found["error"] or "",
        tuple(found.get("changedBeside", ())),
    )


def _baseline_of(found: Mapping[str, Any]) -> Baseline:
    return Baseline(
        tuple(
            Known(Address.parse(one["address"]), one["id"], one["fields"])
            for one in found["objects"]
        ),
        frozenset((one["kind"], one["id"]) for one in found["undeclared"]),
        found["counts"],
    )


def _moment(description: str) -> Shape:
    return {**text(description), "pattern": _TIME_PATTERN}


_REQUESTS: Table[Calls] = Table(
    "Requests that were sent to the account, for plan and proof too; logins aside.",
    CALLS.parts,
)

_ENTRY: Table[Entry] = Table(
    ENTRY.description,
    {
        "digest": (described(DIGEST, "Digest of the change."), lambda one: one.digest),
        **ENTRY.parts,
    },
    ENTRY.optional,
)

_KNOWN: Table[Known] = Table(
    "",
    {
        "address": (address(), lambda one: str(one.address)),
        "id": (text("The vendor's id."), lambda one: one.id),
        "fields": (
            mapping(DIGEST, "SHA-256 of each declared value, by path; personal ones are left out."),
            lambda one: dict(one.fields),
        ),
    },
)

_UNDECLARED: Table[tuple[str, str]] = Table(
    "",
    {
        "kind": (text("Kind of the object."), lambda one: one[0]),
        "id": (text("The vendor's id."), lambda one: one[1]),
    },
)

_BASELINE: Table[Baseline] = Table(
    "How the account stood when a run last ended with nothing left to do: this one if converged, "
    "else one before it; null where none is known.",
    {
        "objects": _KNOWN.listed("Every declared object.", lambda one: one.objects),
        "undeclared": _UNDECLARED.listed(
            "What no manifest declared.", lambda one: sorted(one.undeclared)
        ),
        "counts": (
            mapping(
                count("Objects that were there."), "Live objects by the name of their collection."
            ),
            lambda one: dict(one.counts),
        ),
    },
)

_RECEIPT: Table[Receipt] = Table(
    "What an apply did. Neither secrets nor personal values are in it.",
    {
        "formatVersion": version(RECEIPT_VERSION),
        "lebotsVersion": (text("Version of the lebots that ran."), lambda one: one.lebots),
        "account": (text("Id of the account."), lambda one: one.account),
        "digest": (
            described(DIGEST, "Digest of the plan that was carried out."),
            lambda one: one.digest,
        ),
        "targets": (
            items(address(), "What the run was narrowed to; none means all."),
            lambda one: [str(each) for each in one.targets],
        ),
        "startedAt": (_moment("When the run began, in UTC."), lambda one: time_of(one.started)),
        "endedAt": (_moment("When it ended, in UTC."), lambda one: time_of(one.ended)),
        "requests": _REQUESTS.part(lambda one: one.requests),
        "summary": (SUMMARY, lambda one: counted([each.status for each in one.entries])),
        "converged": (CONVERGED, lambda one: one.converged),
        "changes": _ENTRY.listed(
            "Every change of the plan, in its order.", lambda one: one.entries
        ),
        "undelivered": (
            items(address(), "Objects whose secret did not reach its sink; run apply again."),
            lambda one: [str(each) for each in one.undelivered],
        ),
        "baseline": (
            or_null(_BASELINE.shape),
            lambda one: _BASELINE.written(one.baseline) if one.baseline else None,
        ),
        "signature": SIGNATURE,
    },
    optional={"signature"},
)
