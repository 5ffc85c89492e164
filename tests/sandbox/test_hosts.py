"""The Domain API (1): every spelling of its paths, both answers, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.support import Account

Open = Callable[..., Account]

HOSTS = "/api/account/55501234/service"
CSDR = "/csdr/account/55501234/service"
THE_FIVE = {
    "accountConfigReadWrite",
    "accountConfigReadOnly",
    "agentVep",
    "sentinel",
    "appKeyManagement",
}


def _uris(answer: Any) -> dict[str, str]:
    return {entry["service"]: entry["baseURI"] for entry in answer.json()["baseURIs"]}


@pytest.mark.parametrize(
    "path",
    [
        f"{HOSTS}/baseURI.json?version=1.0",
        f"{HOSTS}/baseURI.json",
        f"{HOSTS}/baseURI?version=1.0",
        f"{CSDR}/baseURI.json?version=1.0",
        f"{CSDR}/baseURI",
    ],
)
def test_all_services(account: Account, path: str) -> None:
    answer = account.ask("GET", path)
    assert answer.status_code == 200
    uris = _uris(answer)
    assert {uris[service] for service in THE_FIVE} == {"sandbox.test"}
    entries = answer.json()["baseURIs"]
    assert len(entries) == len(uris), "each service once"
    assert [entry["service"] for entry in entries] != sorted(uris), "in no order"
    assert {entry["account"] for entry in entries} == {"55501234"}
    assert all(entry.keys() == {"service", "account", "baseURI"} for entry in entries)


def test_services_that_nobody_calls_have_uneven_addresses(account: Account) -> None:
    uris = _uris(account.ask("GET", f"{HOSTS}/baseURI.json"))
    others = [uri for uri in uris.values() if uri != "sandbox.test"]
    assert any(uri.startswith("http://") and uri.endswith(":8080") for uri in others)
    assert any(uri.startswith("https://") and uri.endswith("/") for uri in others)
    assert any("/" in uri and "://" not in uri for uri in others)
    assert all(".invalid" in uri for uri in others), "names that lead nowhere"


@pytest.mark.parametrize(
    "path",
    [f"{base}/agentVep/{file}" for base in (HOSTS, CSDR) for file in ("baseURI.json", "baseURI")],
)
def test_one_service(account: Account, path: str) -> None:
    answer = account.ask("GET", f"{path}?version=1.0")
    assert answer.json() == {
        "service": "agentVep",
        "account": "55501234",
        "baseURI": "sandbox.test",
    }


@pytest.mark.parametrize(
    "authority",
    ["127.0.0.1:8443", "localhost:1", "sandbox.test", "[::1]:8443", "lebots-1.example:65535"],
)
def test_the_base_uri_is_where_the_request_came_to(account: Account, authority: str) -> None:
    answer = account.ask("GET", f"{HOSTS}/baseURI.json", headers={"Host": authority})
    assert _uris(answer)["sentinel"] == authority


@pytest.mark.parametrize(
    "authority", ["", "a b", "user@host", "host/path", "host?x", 'host"', "host:", "host:x", "::1"]
)
def test_a_host_header_that_names_no_host_is_refused(account: Account, authority: str) -> None:
    answer = account.ask("GET", f"{HOSTS}/baseURI.json", headers={"Host": authority})
    assert answer.status_code == 400
    assert "Host" in answer.json()["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{HOSTS}/baseURI.json?version=2.0", 400),
        ("GET", f"{HOSTS}/baseURI.json?v=1.0", 400),
        ("GET", f"{HOSTS}/baseURI.json?version=1.0&version=1.0", 400),
        ("GET", f"{HOSTS}/agentvep/baseURI.json", 404),
        ("GET", f"{HOSTS}/baseURI.xml", 404),
        ("GET", "/api/account/no-such-id/service/baseURI.json", 400),
        ("GET", "/api/account/4711/service/baseURI.json", 401),
        ("GET", "/csdr/account/4711/service/agentVep/baseURI.json", 401),
        ("POST", f"{HOSTS}/baseURI.json", 405),
        ("HEAD", f"{HOSTS}/baseURI.json", 405),
    ],
)
def test_what_is_refused(account: Account, method: str, path: str, status: int) -> None:
    assert account.ask(method, path).status_code == status


def test_errors_are_those_of_other_services(account: Account) -> None:
    refused = account.ask("GET", "/api/account/4711/service/baseURI.json")
    assert refused.json() == {
        "time": 1_790_000_000_000,
        "message": "Unknown account: 4711",
        "internalCode": 23,
    }


def test_hosts_are_known_without_logging_in(open_account: Open) -> None:
    account = open_account({"authenticate": True})
    assert account.ask("GET", f"{HOSTS}/baseURI.json?version=1.0").status_code == 200
