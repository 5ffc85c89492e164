"""Logs in once as a bot, to check its credential."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx

from lebots.account.answers import Request
from lebots.account.client import Client
from lebots.core.model.secret import Secret
from lebots.core.vendor.seal import seal
from lebots.errors import AccountError, Rejected

_SERVICE, _VERSION = "agentVep", {"v": "1.3"}

# Where a 401 can come from: the account does not tell (reference 8.5, 9.4).
_CHECKLIST = (
    "the key or the user is disabled, the user is linked to another key, the login name or the "
    "account is wrong, this address is not allowed to log in, or OAuth 1 is switched off"
)
_HINTS = {
    401: _CHECKLIST,
    429: "too many logins of this user; wait a while",
    451: "LivePerson has blocked the account or the user; open a support case",
}


def log_in_once(client: Client, username: str, credential: Mapping[str, str | Secret]) -> str:
    """Logs in and out again; returns the user's id, raises AccountError where that failed.

    One attempt, never a second: failed logins can lock a user (reference 12 no. 26), and a login
    ends the session of a bot that is running (reference 8.6).
    """
    body, cookies = {"username": username, **credential}, httpx.Cookies()
    try:
        answer = client.send(_request(client, "login", body, cookies)).data
    except Rejected as error:
        hint = _HINTS.get(error.status)
        raise Rejected(f"{error}; {hint}" if hint else str(error), error.status) from None
    if not isinstance(answer, dict):
        raise AccountError("the answer to the login names no user")
    seal(answer, ("bearer", "csrf"))
    # A session that cannot be ended runs out by itself (reference 8.6).
    with suppress(AccountError):
        client.send(_request(client, "logout", {"csrf": answer.get("csrf", "")}, cookies))
    config = answer.get("config")
    if not isinstance(config, dict) or not config.get("userId") or not answer.get("bearer"):
        raise AccountError("the answer to the login names no user")
    return str(config["userId"])


def _request(
    client: Client, action: str, body: Mapping[str, Any], cookies: httpx.Cookies
) -> Request:
    path = f"/api/account/{client.account}/{action}"
    return Request(
        "POST", _SERVICE, path, _VERSION, dict(body), anonymous=True, once=True, cookies=cookies
    )
