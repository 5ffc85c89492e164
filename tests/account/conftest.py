"""A vendor in place of the network, and a clock that nobody has to wait for."""

import ssl

import httpx
import pytest

from lebots.account import connection
from tests.account.vendor import Clock, Vendor


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Vendor:
    """Whatever any client of httpx sends goes here; no certificates are read."""
    vendor = Vendor()
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda _, sent: vendor.handle(sent))
    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    monkeypatch.setattr(connection, "certificates", lambda ca: bare)
    return vendor
