"""A client of an account of the project: over the network, or of the embedded one in process."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from lebots.account.client import Client
from lebots.account.connection import Settings, connect
from lebots.account.hosts import DOMAIN, on_loopback
from lebots.account.pace import Pace
from lebots.project import AccountConfig, Project, resolve_all
from lebots.run.inputs.masking import mask
from lebots.run.interruptible_sleep import InterruptibleSleep
from lebots.run.notices import message, watching

# Never resolved: the transport calls the application directly.
_HOST = "https://sandbox.localhost"


@contextmanager
def connected(chosen: AccountConfig, config: Project, wait: InterruptibleSleep) -> Iterator[Client]:
    """A client of the account; raises AccountError, and InvalidInput for a missing login value."""
    if chosen.sandbox is not None:
        with _embedded(chosen.sandbox, chosen.name, config, wait) as client:
            yield client
        return

    auth = chosen.auth
    values = resolve_all(auth, config.environment, config.children) if auth else {}
    mask(values.values(), config.environment)
    domain = chosen.domain or DOMAIN
    if on_loopback(domain):
        message(f'account "{chosen.name}" is a sandbox served at {domain}, not LivePerson\'s')
    method, watch = auth.method if auth else "", watching(config.environment)
    settings = Settings(chosen.id, method, values, domain, chosen.ca, chosen.proxy, watch)
    with connect(settings, wait) as client:
        yield client


@contextmanager
def _embedded(path: Path, name: str, config: Project, wait: InterruptibleSleep) -> Iterator[Client]:
    from lebots.run.inputs.embedded import open_sandbox

    watch = watching(config.environment, embedded=True)
    pace = Pace(time.monotonic, wait, time.time, random.random, interval=0.0)
    with (
        open_sandbox(path, name) as sandbox,
        httpx.Client(transport=httpx.WSGITransport(app=sandbox.app), trust_env=False) as http,
    ):
        client = Client(sandbox.account, http, lambda service: _HOST, pace=pace, watch=watch)
        client.lags = sandbox.lags
        yield client
