"""A connection to a real account: certificates, hosts and credentials, opened and closed."""

import logging
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from lebots.account import hosts
from lebots.account.auth import ClientCredentials, OAuth1, UserLogin
from lebots.account.client import Client, Request
from lebots.account.pace import Pace
from lebots.core.model.secret import Secret
from lebots.errors import AccountError, Rejected
from lebots.files import authorities

_POOL = httpx.Limits(max_connections=4, max_keepalive_connections=4)
# A list of 18,000 users comes in one answer (reference 3.1).
_TIMEOUT = httpx.Timeout(10.0, read=60.0)
# They would log cookies, addresses and what a signature is made of (T18, T28).
_TALKATIVE = ("httpx", "httpcore", "oauthlib")


@dataclass(frozen=True)
class Settings:
    """What a connection needs to know; ``values`` are the credential's parts by their name."""

    account: str
    method: str
    values: Mapping[str, Secret] = field(repr=False)
    domain: str = hosts.DOMAIN
    ca: Path | None = None


@contextmanager
def connect(
    settings: Settings,
    wait: Callable[[float], None],
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], float] = time.time,
    chance: Callable[[], float] = random.random,
) -> Iterator[Client]:
    """A client of the account; a user's login is ended when the run is.

    Hosts are discovered once, on the first request. Raises AccountError where the settings cannot
    be used or, later, from the requests themselves.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    account = hosts.check_account(settings.account)
    domain = hosts.check_domain(settings.domain)
    pace = Pace(clock, wait, now, chance, 0.0 if hosts.on_loopback(domain) else 0.5)
    with httpx.Client(
        verify=certificates(settings.ca), trust_env=False, limits=_POOL, timeout=_TIMEOUT
    ) as http:
        known: dict[str, str] = {}

        def host(service: str) -> str:
            if not known:
                plain = Client(account, http, lambda _: f"https://{domain}", pace=pace)
                known.update(hosts.services(_discovered(plain, account), account, domain))
            return hosts.host(known, service)

        auth = _auth(settings, account, host, clock)
        try:
            yield Client(account, http, host, auth=auth, pace=pace)
        finally:
            if isinstance(auth, UserLogin):
                with suppress(httpx.TransportError, AccountError):
                    auth.logout(http)


def certificates(ca: Path | None) -> ssl.SSLContext:
    """TLS that always verifies, by this CA file or the usual ones; raises AccountError."""
    try:
        return authorities.context(ca)
    except ValueError as error:
        raise AccountError(str(error)) from None


def _discovered(client: Client, account: str) -> Any:
    path = f"/api/account/{account}/service/baseURI.json"
    try:
        return client.send(Request("GET", "", path, {"version": "1.0"})).data
    except Rejected as error:
        # Not a refusal of what the hosts were looked up for.
        raise AccountError(f"{error}; is the account id right?") from None


def _auth(
    settings: Settings, account: str, host: Callable[[str], str], clock: Callable[[], float]
) -> httpx.Auth:
    values: Any = settings.values
    if settings.method == "oauth2":
        return ClientCredentials(account, values["clientId"], values["clientSecret"], host, clock)
    if settings.method == "login":
        return UserLogin(account, values["username"], values["password"], host, clock)
    return OAuth1(
        values["appKey"], values["secret"], values["accessToken"], values["accessTokenSecret"]
    )
