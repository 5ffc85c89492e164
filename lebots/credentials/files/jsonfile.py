"""The text of a credential file as one JSON document, for readers that know no dotenv."""

import json
from typing import Any

from lebots.core.model.ports import Credential
from lebots.credentials.content import document
from lebots.credentials.content.storable import Damaged


def text(credential: Credential) -> bytes:
    """The file for a credential. Raises NotStorable."""
    return json.dumps(document.document(credential), indent=2).encode() + b"\n"


def owner(content: bytes) -> tuple[str, str] | None:
    """Account and key name the text says it belongs to, even if its values are damaged."""
    return document.owner(_loaded(content))


def parse(content: bytes) -> Credential:
    """The credential in a complete text, all values sealed. Raises Damaged."""
    try:
        return document.parse(_loaded(content))
    except Damaged:
        raise Damaged("the file is cut off or was edited") from None


def _loaded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None
