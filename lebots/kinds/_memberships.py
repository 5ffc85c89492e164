"""Memberships of a bot: objects that hold an agent group beside the date of the assignment.

``memberOf`` is one object, an array in older pages of the vendor (reference 11): both are read.
"""

from typing import Any

from lebots.core.model.kind import Codec
from lebots.core.model.value import Value


def _read_member(value: Any) -> Value:
    groups = _read_managed(value)
    if len(groups) > 1:
        raise ValueError
    return groups[0] if groups else None


def _write_member(group: Any, before: Any) -> Any:
    return {**(before if isinstance(before, dict) else {}), "agentGroupId": group}


def _read_managed(value: Any) -> list[Value]:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, dict) for item in items):
        raise ValueError
    return [item.get("agentGroupId") for item in items if item]


def _write_managed(groups: Any, before: Any) -> Any:
    items = before if isinstance(before, list) else [before]
    kept = {str(item["agentGroupId"]): item for item in items if item}
    return [kept.get(str(group), {"agentGroupId": group}) for group in groups]


MEMBER = Codec(_read_member, _write_member)
MANAGED = Codec(_read_managed, _write_managed)
