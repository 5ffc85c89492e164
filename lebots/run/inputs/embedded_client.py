"""The embedded account, called in process through the same client as any other account."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from lebots.account.client import Client
from lebots.account.pace import Pace
from lebots.account.telling.watch import Watch
from lebots.run.inputs.embedded import open_sandbox

# Never resolved: the transport calls the application directly.
_HOST = "https://sandbox.localhost"


@contextmanager
def connect(path: Path, name: str, wait: Callable[[float], None], watch: Watch) -> Iterator[Client]:
    """A client of the account in this file, the same as of any other account."""
    pace = Pace(time.monotonic, wait, time.time, random.random, interval=0.0)
    with (
        open_sandbox(path, name) as sandbox,
        httpx.Client(transport=httpx.WSGITransport(app=sandbox.app), trust_env=False) as http,
    ):
        client = Client(sandbox.account, http, lambda service: _HOST, pace=pace, watch=watch)
        client.lags = sandbox.lags
        yield client
