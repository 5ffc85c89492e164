"""How busy users are, by the vendor's metrics: told without a login as them (reference 24)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lebots.account.answers import Request
from lebots.account.client import Client
from lebots.core.model.change import Presence
from lebots.errors import AccountError

_MOST = 1000
"""Agents that can be asked for: ``offset`` and ``limit`` together."""
_WINDOW = 23 * 3600
"""Seconds that are looked back for who went offline; the vendor allows 24 hours, both clocks to
the minute."""
_PATIENCE = 10.0
_STATUSES = ("ONLINE", "BACK_SOON", "AWAY", "OFFLINE")
_STATUS = re.compile(r"[A-Za-z]+(?:[ _][A-Za-z]+)*")
_LONGEST_STATUS = 20
_CURRENT = ("assigned_conversations", "active_conversations", "agent_current_status")
_OPEN = ("assignedConversations", "activeConversations")
"""Where the open conversations stand, the first that holds a number."""
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)


def presences(client: Client, users: Sequence[str], now: float) -> Mapping[str, Presence]:
    """How busy these users (ids) are that the account tells of; ``now`` is in epoch seconds.

    One request, sent once, for the first thousand. Raises AccountError where it tells nothing.
    """
    asked = list(users[:_MOST])
    to = int(now * 1000)
    request = Request(
        "POST",
        "agentManagerWorkspace",
        f"/manager_workspace/api/account/{client.account}/agent_view",
        {"offset": "0", "limit": str(len(asked)), "sort": "agentId:asc"},
        {
            "filters": {
                "time": {"from": to - _WINDOW * 1000, "to": to},
                "agentIds": asked,
                "effectiveAgentStatus": list(_STATUSES),
            },
            "includeAgentMetadata": False,
            "metricsToRetrieveCurrentValue": list(_CURRENT),
        },
        once=True,
        asks=True,
        patience=_PATIENCE,
    )
    data = client.send(request).data
    records = data.get("agentViewRecords") if isinstance(data, dict) else None
    if not isinstance(records, list):
        raise AccountError(f"{request}: the answer is not a view of agents")
    wanted = set(asked)
    found = {str(one.get("agentId")): _presence(one) for one in records if isinstance(one, dict)}
    return {id_: told for id_, told in found.items() if id_ in wanted and told != Presence()}


def _presence(record: Mapping[str, Any]) -> Presence:
    counts = (_count(record.get(name)) for name in _OPEN)
    conversations = next((number for number in counts if number is not None), None)
    return Presence(_status(record.get("agentCurrentStatus")), conversations)


def _status(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_STATUS or not _STATUS.fullmatch(value):
        return ""
    return value.replace("_", " ").lower()


def _count(value: Any) -> int | None:
    """A whole number, which may come as text or as ``12.0``."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value) if isinstance(value, int | str) else ""
    return int(text) if _WHOLE.fullmatch(text) else None
