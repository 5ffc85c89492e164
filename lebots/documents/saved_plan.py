"""A plan kept in a file, from one command or machine to another."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from lebots.core.compare.digest import FORMAT_VERSION
from lebots.core.strict_json import loads_or_none
from lebots.documents.plan import plan_schema
from lebots.documents.reports.rotation import REQUEST, rotation_plan_schema
from lebots.documents.signature import UNSIGNED, Signing
from lebots.documents.text import DEEPEST, dumps
from lebots.errors import Refused


def seal(document: Mapping[str, Any], made: datetime, signing: Signing = UNSIGNED) -> str:
    """The text of a plan to keep, with its age and a checksum that every changed byte breaks.

    The checksum finds damage and edits by accident; what binds an apply is the digest, and the
    signature where there is a key.
    """
    aged = {**document, "madeAt": made.astimezone(UTC).isoformat(timespec="seconds")}
    return _sealed(signing.signed("saved plan", aged))


def _sealed(document: Mapping[str, Any]) -> str:
    return dumps({**document, "checksum": _checksum(document)}) + "\n"


def open_sealed(text: str, signing: Signing = UNSIGNED) -> dict[str, Any]:
    """The plan document in a text that ``seal`` wrote, without its checksum.

    Raises Refused for anything else, and for what another key signed, or none where there is one.
    """
    document = loads_or_none(text, DEEPEST)
    if not isinstance(document, dict):
        raise Refused("this is not a plan that `lebots plan --out` wrote; plan again")
    if document.get("formatVersion") != FORMAT_VERSION:
        raise Refused(
            f"the saved plan is not of format {FORMAT_VERSION}, the one this lebots reads; "
            "plan again with this lebots"
        )
    checksum = document.pop("checksum", None)
    if checksum != _checksum(document) or text != _sealed(document):
        raise Refused("the saved plan was edited or cut off; plan again")
    signing.check("saved plan", document)
    _check_shape(document)
    return document


def _check_shape(document: Mapping[str, Any]) -> None:
    from jsonschema import Draft202012Validator

    schema = rotation_plan_schema() if REQUEST in document.get("terms", ()) else plan_schema()
    if not Draft202012Validator(schema).is_valid(document):
        raise Refused("the saved plan does not have the shape of a plan; plan again")


def _checksum(document: Mapping[str, Any]) -> str:
    return sha256(dumps(document).encode("ascii")).hexdigest()
