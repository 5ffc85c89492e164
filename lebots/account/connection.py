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
from lebots.account.answers import Request
from lebots.account.auth import ClientCredentials, OAuth1, UserLogin
from lebots.account.client import Client
from lebots.account.pace import Pace
from lebots.account.telling.watch import Watch
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
    proxy: str = ""
    """Address that all requests go through; empty for none. Nothing of it is in the environment."""
    watch: Watch = field(default_factory=Watch, repr=False)
    """Who is told of requests and waits."""


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
    watch = settings.watch
    account = hosts.check_account(settings.account)
    domain = hosts.check_domain(settings.domain)
    pace = Pace(clock, wait, now, chance, 0.0 if hosts.on_loopback(domain) else 0.5)
    with _http(settings, clock) as http:
        known: dict[str, str] = {}

        def host(service: str) -> str:
            if not known:
                plain = Client(account, http, lambda _: f"https://{domain}", pace=pace, watch=watch)
                plain.proxy = settings.proxy
                known.update(hosts.services(_discovered(plain, account), account, domain))
            return hosts.host(known, service)

        auth = _auth(settings, account, host, clock)
        if isinstance(auth, UserLogin):
            auth.say = watch.say
        client = Client(account, http, host, auth=auth, pace=pace, watch=watch)
        client.proxy = settings.proxy
        try:
            yield client
        finally:
            if isinstance(auth, UserLogin):
                with suppress(httpx.TransportError, AccountError):
                    auth.logout(http)


def _http(settings: Settings, clock: Callable[[], float]) -> httpx.Client:
    return httpx.Client(
        verify=certificates(settings.ca),
        trust_env=False,
        proxy=_proxy(settings.proxy),
        limits=_POOL,
        timeout=_TIMEOUT,
        event_hooks=_of_logins(settings.watch, clock),
    )


def certificates(ca: Path | None) -> ssl.SSLContext:
    """TLS that always verifies, by this CA file or the usual ones; raises AccountError."""
    try:
        return authorities.context(ca)
    except ValueError as error:
        raise AccountError(str(error)) from None


def _of_logins(watch: Watch, clock: Callable[[], float]) -> dict[str, list[Callable[..., None]]]:
    """What httpx calls around each request, to tell of those that an ``Auth`` makes by itself."""

    def begins(request: httpx.Request) -> None:
        request.extensions.setdefault("began", clock())

    def ends(response: httpx.Response) -> None:
        request = response.request
        if "told" not in request.extensions:
            spent = clock() - request.extensions["began"]
            path, status = request.url.path, str(response.status_code)
            watch.asked(request.method, path, status, spent, 1)

    return {"request": [begins], "response": [ends]}


def _proxy(address: str) -> httpx.Proxy | None:
    """The proxy at an address; one over https is checked as any other server is."""
    if not address:
        return None
    secure = address.startswith("https:")
    return httpx.Proxy(address, ssl_context=certificates(None) if secure else None)


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
