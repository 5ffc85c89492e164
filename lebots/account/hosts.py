"""Which hosts serve an account, and which of them may see a credential."""

import re
from collections.abc import Mapping
from typing import Any

from lebots.errors import AccountError

DOMAIN = "api.liveperson.net"
"""The Domain API (reference 1.1)."""

_LABEL = r"(?!xn--)(?!-)[a-z0-9-]{1,63}(?<!-)"
# Bare hosts are what the five services that matter were seen to have (reference 1.4); matched as
# text, before any parser could read the same text in another way.
_LIVEPERSON = re.compile(rf"(?:https://)?((?:{_LABEL}\.)+liveperson\.net)(?::443)?/?", re.ASCII)
_PORT = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_LOOPBACK = re.compile(
    rf"(?:https://)?((?:127\.0\.0\.1|localhost|\[::1\])(?::{_PORT})?)/?", re.ASCII
)
_ACCOUNT = re.compile(r"[a-zA-Z0-9_]{1,20}", re.ASCII)


def check_account(account: str) -> str:
    """The account id, if it can stand in a path; raises AccountError (reference 1.1)."""
    if not _ACCOUNT.fullmatch(account):
        raise AccountError("an account id has 1 to 20 letters, digits or underscores")
    return account


def check_domain(domain: str) -> str:
    """The authority of a Domain API that may be asked: LivePerson's, or a sandbox on loopback.

    A project file is edited in pull requests, so nothing it names may lead a credential elsewhere.
    """
    found = _LIVEPERSON.fullmatch(domain) or _LOOPBACK.fullmatch(domain)
    if not found:
        raise AccountError("the domain must be below liveperson.net, or on loopback for a sandbox")
    return found[1]


def on_loopback(domain: str) -> bool:
    """Whether the domain is a sandbox on this machine."""
    return _LOOPBACK.fullmatch(domain) is not None


def services(answer: Any, account: str, domain: str) -> Mapping[str, str]:
    """Service name to base URL, out of the Domain API's answer in either of its shapes.

    Entries of other accounts are left out, and so are hosts that may not see a credential: asking
    for one of those fails in ``host``. Raises AccountError for a foreign shape.
    """
    entries = answer.get("baseURIs", [answer]) if isinstance(answer, dict) else None
    if not isinstance(entries, list):
        raise AccountError("the Domain API's answer is not a list of hosts")
    found: dict[str, str] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("service"), str):
            raise AccountError("the Domain API's answer is not a list of hosts")
        if entry.get("account") == account:
            url = base_url(entry.get("baseURI"), domain)
            # A service has one entry; two that disagree are not to be chosen between.
            found[entry["service"]] = url if found.get(entry["service"], url) == url else ""
    if not found:
        raise AccountError(
            f"the Domain API knows no host of account {account}; is the account id right?"
        )
    return found


def host(known: Mapping[str, str], service: str) -> str:
    """The base URL of a service; raises AccountError where there is none to be trusted."""
    if service not in known:
        raise AccountError(f"the service {service} is not available in this account")
    if not known[service]:
        raise AccountError(
            f"unusable host for service {service}: the Domain API names one that no credential may "
            "be sent to; nothing was sent"
        )
    return known[service]


def base_url(text: Any, domain: str) -> str:
    """The https URL of a host that may see a credential; empty for every other text."""
    if not isinstance(text, str):
        return ""
    found = (_LOOPBACK if on_loopback(domain) else _LIVEPERSON).fullmatch(text)
    return f"https://{found[1]}" if found else ""
