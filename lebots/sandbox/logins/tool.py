"""How tools log in to the account: made-up credentials, well-known unless made anew.

The administrator is part of the seeded account. The application is installed only where somebody
asks for credentials, so that an account which is used in process has no key that nobody declared.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from lebots.sandbox.collections.installations import COLLECTION as INSTALLATIONS
from lebots.sandbox.collections.users import password_digest
from lebots.sandbox.logins.access import usable
from lebots.sandbox.objects.fields import ABSENT, Json
from lebots.sandbox.objects.resource import Context

LOGIN_WORD = "not-a-real-password"
"""Password of every person of the seeded account."""

TOOL_LOGIN = "lebots-admin"
"""The administrator whom tools log in as, so that nobody else's session ends (2.3)."""

TOOL_CLIENT_ID = "1eb07500-0000-4000-8000-000000000001"
_CLIENT_WORD = "not-a-real-client-secret"
"""Credentials of the application whose access tokens tools use."""

LEGACY_WORDS = ("0000000000000000", "0000000000000001")
"""Secret and token secret of the seeded OAuth 1 key."""


def fresh(random: random.Random) -> Mapping[str, str]:
    """By well-known secret of the seeded account: one that nobody can know, as long or longer."""
    known = (LOGIN_WORD, _CLIENT_WORD, *LEGACY_WORDS)
    return {word: f"{random.getrandbits(128):032x}" for word in known}


def install(context: Context) -> None:
    """Installs the application for tools, once: one that was uninstalled stays so.

    Like the seeding of the account, this counts as no change of the collection.
    """
    if context.store.get("installations", TOOL_CLIENT_ID) is None:
        context.store.save([INSTALLATIONS.record(_application())])


def credentials(context: Context) -> dict[str, str]:
    """The made-up credentials that work as the account is now."""
    store = context.store
    found: dict[str, str] = {}
    for user_id in store.holders("users", TOOL_LOGIN, exact=True, deleted=False):
        user = store.get("users", user_id) or {}
        known = user.get("passwordSh") == password_digest(str(user.get("pid")), LOGIN_WORD)
        if known and user.get("isEnabled") is True:
            found |= {"username": TOOL_LOGIN, "password": context.in_force(LOGIN_WORD)}
    application = store.get("installations", TOOL_CLIENT_ID) or {}
    if application.get("client_secret") == _CLIENT_WORD and usable(application, "enabled"):
        secret = context.in_force(_CLIENT_WORD)
        found |= {"clientId": TOOL_CLIENT_ID, "clientSecret": secret}
    return found


def _application() -> Json:
    """The application for tools, with every scope that the docs name for users (2.2)."""
    defaults = {
        name: field.filled()
        for name, field in INSTALLATIONS.fields.items()
        if field.default is not ABSENT
    }
    return defaults | {
        "id": TOOL_CLIENT_ID,
        "client_id": TOOL_CLIENT_ID,
        "client_name": "lebots.tool",
        "display_name": "lebots",
        "description": "Access of tools that manage this account",
        "grant_types": ["client_credentials"],
        "response_types": ["token"],
        "scope": "users.external users.read users.write",
        "deleted": False,
        "is_internal": False,
        "client_id_issued_at": 1_767_600_000,
        "client_secret": _CLIENT_WORD,
        "client_secret_expires_at": 0,
    }
