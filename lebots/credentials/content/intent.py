"""The note that a create has begun, as one flat document beside the credential it announces.

LEBOTS_INTENT   {"account": "10000001", "key": "routing-bot", "token": "7c1f"}
"""

import json
from collections.abc import Mapping

from lebots.core.quoting import quoted
from lebots.core.strict_json import loads_or_none
from lebots.credentials.content.storable import Damaged
from lebots.errors import SinkMoved, SinkRefused

FIELD = "LEBOTS_INTENT"
ENDING = ".intent"
"""What the name or path of a note ends in."""


def document(account: str, key: str, token: str) -> dict[str, str]:
    """The note of one create."""
    said = {"account": account, "key": key, "token": token}
    return {FIELD: json.dumps(said, sort_keys=True)}


def token_in(found: object, account: str, key: str) -> str:
    """The token of the note that was found. Raises Damaged, and SinkRefused for another's note."""
    text = found.get(FIELD) if isinstance(found, Mapping) else None
    said = loads_or_none(text) if isinstance(text, str) else None
    if not isinstance(said, dict) or said.keys() != {"account", "key", "token"}:
        raise Damaged("the note of a begun create was edited or is not one of lebots")
    if not all(isinstance(part, str) and part for part in said.values()):
        raise Damaged("the note of a begun create was edited")
    if said["account"] != account:
        raise SinkRefused(
            "another account has begun a create here; add {account} to the path of the sink"
        )
    if said["key"] != key:
        raise SinkRefused("the note of another key is there; move it away")
    token: str = said["token"]
    return token


def require_unmoved(standing: str | None, replaces: str | None, id_: str) -> None:
    """Raises SinkMoved where another credential stands than a write may replace.

    The credential that is being written may stand there already: its id tells that it is the same.
    """
    if standing not in (None, replaces, id_):
        raise SinkMoved(
            f"the credential with id {quoted(standing)} stands there, which was not there "
            "before: somebody else was here, and nothing was written; run again"
        )
