"""Receipts as JSON: what an apply did, for a pull request, an audit, or the next plan."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lebots.core.history.receipt import RECEIPT_VERSION, Baseline, Entry, Known, Receipt
from lebots.core.model.address import Address
from lebots.core.model.change import Action, Status
from lebots.core.model.plan import Calls
from lebots.documents.json_schema import (
    DIALECT,
    DIGEST,
    address,
    count,
    described,
    items,
    mapping,
    or_null,
    record,
    text,
)
from lebots.documents.plan import dumps, parsed
from lebots.errors import Refused

MAX_BYTES = 64 * 1024 * 1024
"""A receipt of a full account (18,000 users) has a third of that."""

_TIME = "%Y-%m-%dT%H:%M:%SZ"
_TIME_PATTERN = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"


def write(receipt: Receipt) -> str:
    """The text of a receipt; no secret and no personal value is in it."""
    return dumps(document(receipt)) + "\n"


def document(receipt: Receipt) -> dict[str, Any]:
    """The receipt as plain data."""
    counted = Counter(one.status for one in receipt.entries)
    return {
        "formatVersion": RECEIPT_VERSION,
        "lebotsVersion": receipt.lebots,
        "account": receipt.account,
        "digest": receipt.digest,
        "targets": [str(one) for one in receipt.targets],
        "startedAt": time_of(receipt.started),
        "endedAt": time_of(receipt.ended),
        "requests": {"reads": receipt.requests.reads, "writes": receipt.requests.writes},
        "summary": {status.value: counted[status] for status in Status},
        "converged": receipt.converged,
        "changes": [_entry(one) for one in receipt.entries],
        "undelivered": [str(one) for one in receipt.undelivered],
        "baseline": _baseline(receipt.baseline) if receipt.baseline else None,
    }


def read(content: bytes) -> Receipt:
    """The receipt in a text that ``write`` made; raises Refused for anything else."""
    if len(content) > MAX_BYTES:
        raise Refused(f"the receipt is larger than {MAX_BYTES} bytes; no apply writes such a one")
    try:
        found = parsed(content.decode())
    except UnicodeDecodeError:
        found = None
    if found is None:
        raise Refused("this is not a receipt that `lebots apply --receipt` wrote")
    # A version that is not a whole number is none, and True is not 1 here.
    if found.get("formatVersion") != RECEIPT_VERSION or found["formatVersion"] is True:
        raise Refused(
            f"the receipt is not of format {RECEIPT_VERSION}, the one this lebots reads; use the "
            "lebots that wrote it, or apply again with this one"
        )
    from jsonschema import Draft202012Validator

    try:
        if Draft202012Validator(receipt_schema()).is_valid(found):
            return _receipt(found)
    except ValueError:
        pass
    raise Refused("the receipt does not have the shape of a receipt; it was edited")


def receipt_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what ``lebots apply --receipt`` writes."""
    return {
        "$schema": DIALECT,
        "title": "lebots receipt",
        "description": "What an apply did. Neither secrets nor personal values are in it.",
        **record(
            {
                "formatVersion": described(
                    {"const": RECEIPT_VERSION},
                    "Version of this format; it grows whenever a reader could misunderstand.",
                ),
                "lebotsVersion": text("Version of the lebots that ran."),
                "account": text("Id of the account."),
                "digest": described(DIGEST, "Digest of the plan that was carried out."),
                "targets": items(address(), "What the run was narrowed to; none means all."),
                "startedAt": _moment("When the run began, in UTC."),
                "endedAt": _moment("When it ended, in UTC."),
                "requests": described(
                    record({"reads": count("Requests that read."), "writes": count("... write.")}),
                    "Requests that were sent to the account, for plan and proof too; logins aside.",
                ),
                "summary": described(
                    record({status.value: count(f"Changes {status}.") for status in Status}),
                    "How many changes ended in each way.",
                ),
                "converged": {
                    "type": ["boolean", "null"],
                    "description": "Whether a plan made afterwards was empty; null where none was "
                    "made.",
                },
                "changes": items(_entry_schema(), "Every change of the plan, in its order."),
                "undelivered": items(
                    address(), "Objects whose secret did not reach its sink; run apply again."
                ),
                "baseline": described(
                    or_null(_baseline_schema()),
                    "How the account stood when a run last ended with nothing left to do: this one "
                    "if converged, else one before it; null where none is known.",
                ),
            }
        ),
    }


def _entry_schema() -> dict[str, Any]:
    return described(
        record(
            {
                "digest": described(DIGEST, "Digest of the change."),
                "address": address(),
                "action": described({"enum": [action.value for action in Action]}, "The verb."),
                "status": described({"enum": [status.value for status in Status]}, "Its end."),
                "id": or_null(text("The vendor's id; null where it is not known.")),
                "error": or_null(text("Why it is not done; null where it is.")),
            }
        ),
        "How one change ended.",
    )


def _baseline_schema() -> dict[str, Any]:
    return record(
        {
            "objects": items(
                record(
                    {
                        "address": address(),
                        "id": text("The vendor's id."),
                        "fields": mapping(
                            DIGEST,
                            "SHA-256 of each declared value, by path; personal ones are left out.",
                        ),
                    }
                ),
                "Every declared object.",
            ),
            "undeclared": items(
                record({"kind": text("Kind of the object."), "id": text("The vendor's id.")}),
                "What no manifest declared.",
            ),
            "counts": mapping(
                count("Objects that were there."), "Live objects by the name of their collection."
            ),
        }
    )


def _moment(description: str) -> dict[str, Any]:
    return {**text(description), "pattern": _TIME_PATTERN}


def time_of(moment: datetime) -> str:
    """A moment as receipts write it, in UTC."""
    return moment.astimezone(UTC).strftime(_TIME)


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
    return datetime.strptime(written, _TIME).replace(tzinfo=UTC)


def _entry_of(found: Mapping[str, Any]) -> Entry:
    return Entry(
        found["digest"],
        Address.parse(found["address"]),
        Action(found["action"]),
        Status(found["status"]),
        found["id"],
        found["error"] or "",
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


def _entry(one: Entry) -> dict[str, Any]:
    return {
        "digest": one.digest,
        "address": str(one.address),
        "action": one.action.value,
        "status": one.status.value,
        "id": one.id,
        "error": one.error or None,
    }


def _baseline(known: Baseline) -> dict[str, Any]:
    return {
        "objects": [
            {"address": str(one.address), "id": one.id, "fields": dict(one.fields)}
            for one in known.objects
        ],
        "undeclared": [{"kind": kind, "id": id_} for kind, id_ in sorted(known.undeclared)],
        "counts": dict(known.counts),
    }
