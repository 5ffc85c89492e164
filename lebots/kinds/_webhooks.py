"""Webhooks of an application, the part of a key with a form of its own (reference 5a, C and F).

Header values, and the login or query of an address, may be credentials: a write carries them
through, and they are never read into a spec.
"""

import re
from collections.abc import Mapping
from typing import Any

from lebots.core.model.change import Condition, Effect, FieldEffect
from lebots.core.model.kind import Codec, Field
from lebots.core.model.value import Lookup, Value

_LARGEST_INT = 2_147_483_647
_EVENTS = (
    "ms.MessagingEventNotification.ContentEvent",
    "ms.MessagingEventNotification.RichContentEvent",
    "ms.MessagingEventNotification.AcceptStatusEvent",
    "ms.MessagingEventNotification.ChatStateEvent",
    "cqm.ExConversationChangeNotification",
)
_LOGIN = re.compile(r"^([a-z]+://)?[^/?#]*@", re.IGNORECASE)
_HOST = re.compile(r"^[a-z]+://[^/?#]*", re.IGNORECASE)


def _read_webhooks(value: Any) -> Value:
    webhooks = _object(value)
    hooks = {event: _object(webhooks.get(event) or {}) for event in _EVENTS}
    found: dict[str, Value] = {
        event: _read_hook(hook) for event, hook in hooks.items() if hook.get("endpoint")
    }
    time = _object(webhooks.get("retry") or {}).get("retention_time")
    return {**found, "retry": {"retention_time": _whole(time)}} if time else found


def _read_hook(hook: Mapping[str, Any]) -> Value:
    if not isinstance(hook["endpoint"], str):
        raise ValueError
    retries = hook.get("max_retries")
    return {
        "endpoint": _bare(hook["endpoint"]),
        **({} if retries in (None, "") else {"max_retries": _whole(retries)}),
    }


def _write_webhooks(value: Any, before: Any) -> Any:
    """The parts a manifest may own as declared; events lebots does not know stay."""
    old = before or {}
    kept = {name: part for name, part in old.items() if name not in (*_EVENTS, "retry")}
    written = {
        name: {**(old.get(name) or {}), **part}
        if name == "retry"
        else _write_hook(part, old.get(name) or {})
        for name, part in value.items()
    }
    return {**kept, **written}


def _write_hook(hook: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The address as declared; its headers only while the host stays, since they belong to it."""
    old = str(before.get("endpoint", ""))
    written = {n: v for n, v in before.items() if n != "max_retries"} | dict(hook)
    if _bare(old) == hook["endpoint"]:
        written["endpoint"] = old
    if _host(old) != _host(hook["endpoint"]):
        written["headers"] = []
    return written


def _data_loss(before: Value, after: Value) -> str:
    """Headers belong to a host, and may hold credentials for it: they never go to another one."""
    old, new = (value if isinstance(value, Mapping) else {} for value in (before, after))
    moved = [event for event in old if _host_of(old, event) != _host_of(new, event)]
    return "headers kept for an address on another host are dropped" if moved else ""


def _host_of(webhooks: Mapping[str, Any], event: str) -> str:
    return _host(str((webhooks.get(event) or {}).get("endpoint", "")))


def _reaches_another_host(before: Value, after: Value, lookup: Lookup) -> bool:
    return not _hosts(after) <= _hosts(before)


def _hosts(webhooks: Value) -> set[str]:
    """The hosts of all addresses in any part of the field's value."""
    if isinstance(webhooks, Mapping):
        return set().union(*map(_hosts, webhooks.values()))
    return {_host(webhooks)} if isinstance(webhooks, str) else set()


def _bare(address: str) -> str:
    """The address without login, query and fragment."""
    return re.split(r"[?#]", _LOGIN.sub(r"\1", address), maxsplit=1)[0]


def _host(address: str) -> str:
    found = _HOST.match(_bare(address))
    return found.group().lower() if found else ""


def _object(value: Any) -> Mapping[str, Any]:
    if value == []:
        return {}
    if not isinstance(value, dict):
        raise ValueError
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError
    return int(value)


_WEBHOOK = {
    "type": "object",
    "properties": {
        "endpoint": {
            "type": "string",
            "title": "an https address without login, query and fragment",
            "maxLength": 2048,
            "pattern": r"^(?!.*\n)https://[^\s@?#]+$",
            "description": "Address that is called: https, without login, query and fragment. What "
            "a live address holds there is kept and never shown.",
        },
        "max_retries": {
            "type": "integer",
            "minimum": 0,
            "maximum": _LARGEST_INT,
            "description": "How often a failed call is tried again. Left out: as the vendor does.",
        },
    },
    "required": ["endpoint"],
    "additionalProperties": False,
}

_RETRY = {
    "type": "object",
    "properties": {
        "retention_time": {
            "type": "integer",
            "minimum": 1,
            "maximum": _LARGEST_INT,
            "description": "How long failed calls are kept for another try, in seconds.",
        },
    },
    "required": ["retention_time"],
    "additionalProperties": False,
}

FIELD = Field(
    "webhooks",
    {
        "type": "object",
        "properties": {
            **{event: {**_WEBHOOK, "description": "Called on this event."} for event in _EVENTS},
            "retry": {**_RETRY, "description": "What happens to calls that failed."},
        },
        "additionalProperties": False,
        "description": "Addresses called on events (capabilities.webhooks), stated whole: lebots "
        "deletes what is left out here. {}: none. Headers may hold credentials, so they are never "
        "shown and cannot be set here; they stay while the host of the address does.",
    },
    vendor="capabilities.webhooks",
    default={},
    atomic=True,
    data_loss=_data_loss,
    codec=Codec(_read_webhooks, _write_webhooks),
    effects=(
        FieldEffect(
            Effect.GRANTS,
            Condition("gains an address on another host", _reaches_another_host),
            "sends what happens in conversations to another host",
            on_create=True,
        ),
    ),
)
