"""A credential as one flat document of texts, for places that keep names with values.

    LP_ACCOUNT          10000001
    LP_SECRET           ...
    LEBOTS_CREDENTIAL   {"account": "10000001", "id": "0b2c", "key": "routing-bot", "sha256": ...}

The last field says whose credential it is, and proves that the others are complete.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from lebots.core.model.ports import Credential
from lebots.core.model.secret import Secret
from lebots.core.strict_json import loads_or_none
from lebots.core.vendor.credential_fields import OWNER
from lebots.credentials.content.storable import Damaged, NotStorable, plain

Document = dict[str, str]


def document(credential: Credential) -> Document:
    """The document of a credential. Raises NotStorable."""
    values = plain(credential)
    if OWNER in values:
        raise NotStorable(f"a value has the name {OWNER}, which lebots needs itself")
    owner = {"account": credential.account, "id": credential.id, "key": credential.key}
    owner["sha256"] = _sum(owner, values)
    return {**values, OWNER: json.dumps(owner, sort_keys=True)}


def sealed(values: Mapping[str, str], *public: str) -> dict[str, Secret]:
    """The values of a stored credential, all sealed; those that are ``public`` are no secrets."""
    return {name: Secret(value, known=value not in public) for name, value in values.items()}


def owner(found: object) -> tuple[str, str] | None:
    """Account and key a document says it belongs to, even if its rest is damaged."""
    said = _said(found)
    return (said["account"], said["key"]) if said else None


def parse(found: object) -> Credential:
    """The credential in a complete document, all values sealed. Raises Damaged."""
    said = _said(found)
    if said is None or not isinstance(found, Mapping):
        raise Damaged("it was not written by lebots")
    values = {name: value for name, value in found.items() if name != OWNER}
    if not all(isinstance(value, str) for value in values.values()):
        raise Damaged("it was edited")
    expected = said.pop("sha256")
    if _sum(said, values) != expected:
        raise Damaged("it was edited, or is not complete")
    account, id_ = said["account"], said["id"]
    return Credential(account, said["key"], id_, sealed(values, account, id_))


def _said(found: object) -> dict[str, str] | None:
    text = found.get(OWNER) if isinstance(found, Mapping) else None
    said: Any = loads_or_none(text) if isinstance(text, str) else None
    complete = isinstance(said, dict) and said.keys() == {"account", "id", "key", "sha256"}
    return said if complete and all(isinstance(part, str) for part in said.values()) else None


def _sum(owner: Mapping[str, str], values: Mapping[str, str]) -> str:
    return sha256(json.dumps([owner, values], sort_keys=True).encode()).hexdigest()
