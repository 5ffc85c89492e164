"""The text of a credential file as one JSON document, for readers that know no dotenv."""

import json

from lebots.core.model.ports import Credential
from lebots.core.strict_json import loads_or_none
from lebots.credentials.content import document
from lebots.credentials.content.storable import Damaged


def text(credential: Credential) -> bytes:
    """The file for a credential. Raises NotStorable."""
    return json.dumps(document.document(credential), indent=2).encode() + b"\n"


def owner(content: bytes) -> tuple[str, str] | None:
    """Account and key name the text says it belongs to, even if its values are damaged."""
    return document.owner(loads_or_none(content))


def parse(content: bytes) -> Credential:
    """The credential in a complete text, all values sealed. Raises Damaged."""
    try:
        return document.parse(loads_or_none(content))
    except Damaged:
        raise Damaged("the file is cut off or was edited") from None
