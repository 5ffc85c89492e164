"""The text of a credential file: dotenv lines that shells and dotenv readers read alike.

    # written by lebots for Key/routing-bot; do not edit
    # lebots-credential {"account": "10000001", "id": "0b2c", "key": "routing-bot"}
    LP_ACCOUNT=10000001
    LP_SECRET=...
    # sha256 of the lines above: 5f1d...

The last line proves that the file is complete.
"""

import json
import re
import shlex
from hashlib import sha256
from typing import TypeGuard

from lebots.core.model.ports import Credential
from lebots.core.strict_json import loads_or_none
from lebots.credentials.content.document import sealed
from lebots.credentials.content.storable import Damaged, NotStorable, plain

_OWNER = "# lebots-credential "
_SUM = "# sha256 of the lines above: "
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")


def text(credential: Credential) -> bytes:
    """The file for a credential. Raises NotStorable."""
    name = json.dumps(credential.key)[1:-1]
    owner = {"account": credential.account, "id": credential.id, "key": credential.key}
    lines = [
        f"# written by lebots for Key/{name}; do not edit",
        _OWNER + json.dumps(owner, sort_keys=True),
        *(_assignment(name, value) for name, value in plain(credential).items()),
    ]
    body = "".join(f"{line}\n" for line in lines).encode()
    return body + f"{_SUM}{sha256(body).hexdigest()}\n".encode()


def owner(content: bytes) -> tuple[str, str] | None:
    """Account and key name the text says it belongs to, even if its rest is damaged."""
    found = _owner(content)
    return (found["account"], found["key"]) if found else None


def parse(content: bytes) -> Credential:
    """The credential in a complete text, all values sealed. Raises Damaged."""
    body, mark, tail = content.rpartition(_SUM.encode())
    if not mark or tail != f"{sha256(body).hexdigest()}\n".encode():
        raise Damaged("the file is cut off or was edited")
    found = _owner(body)
    if not found:
        raise Damaged("the file was not written by lebots")
    try:
        words = shlex.split(body.decode().split("\n", 2)[2])
    except ValueError:
        raise Damaged("the file was not written by lebots") from None
    values = {name: value for name, _, value in (word.partition("=") for word in words)}
    account, id_ = found["account"], found["id"]
    return Credential(account, found["key"], id_, sealed(values, account, id_))


def _owner(content: bytes) -> dict[str, str] | None:
    lines = content.split(b"\n", 2)
    if len(lines) != 3 or not lines[1].startswith(_OWNER.encode()):
        return None
    found = loads_or_none(lines[1][len(_OWNER) :])
    return found if _is_owner(found) else None


def _is_owner(found: object) -> TypeGuard[dict[str, str]]:
    return (
        isinstance(found, dict)
        and found.keys() == {"account", "id", "key"}
        and all(isinstance(value, str) for value in found.values())
    )


def _assignment(name: str, value: str) -> str:
    if not _NAME.fullmatch(name):
        raise NotStorable("a value has a name that no environment variable can have")
    return f"{name}={_quoted(value)}"


def _quoted(value: str) -> str:
    """The form most readers agree on: bare, else single quotes, else double quotes.

    Dotenv readers decode backslashes inside single quotes, shells do not; shells read dollars and
    backticks inside double quotes, dotenv readers do not. A text with both is for shells only.
    """
    if _BARE.fullmatch(value):
        return value
    if not set(value) & set("'\\"):
        return f"'{value}'"
    if not set(value) & set("$`"):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return shlex.quote(value)
