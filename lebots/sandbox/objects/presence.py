"""How busy the users of the account are, noted beside their objects (24)."""

from __future__ import annotations

from typing import NamedTuple

from lebots.sandbox.errors import SandboxError
from lebots.sandbox.objects.store import Store

LOGGED_IN = ("ONLINE", "BACK_SOON", "AWAY")
STATUSES = (*LOGGED_IN, "OFFLINE")


class Presence(NamedTuple):
    """How available a user is, and how many conversations are open."""

    status: str = "ONLINE"
    conversations: int = 0


def note(store: Store, user: str, status: str, conversations: int) -> None:
    """Notes how busy a user is."""
    if status not in STATUSES or conversations < 0:
        known = ", ".join(STATUSES)
        raise SandboxError(f"a status is one of {known}, conversations are 0 or more")
    store.set_meta(_key(user), f"{status} {conversations}")


def of(store: Store, user: str) -> Presence:
    """How busy a user is; nobody works here, so all are online with nothing to do until noted."""
    status, _, conversations = (store.noted(_key(user)) or "").partition(" ")
    return Presence(status, int(conversations)) if conversations else Presence()


def _key(user: str) -> str:
    return f"busy.{user}"
