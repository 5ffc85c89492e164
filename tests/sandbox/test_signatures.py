"""OAuth 1.0a signatures (2.5): the arithmetic of RFC 5849, and requests signed with an app key."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote

import httpx
import pytest

from lebots.sandbox.logins import oauth1
from tests.sandbox.support import (
    GROUPS,
    KEYS,
    LEGACY_KEY,
    NOW,
    SKILLS,
    USERS,
    Account,
    bot,
    without,
)

Open = Callable[..., Account]

OAUTH = {
    "oauth_consumer_key": LEGACY_KEY,
    "oauth_token": "00000000000000000000000000000def",
    "oauth_signature_method": "HMAC-SHA1",
    "oauth_timestamp": str(int(NOW)),
    "oauth_nonce": "first",
    "oauth_version": "1.0",
}
SECRETS = ("0000000000000000", "0000000000000001")


# The arithmetic


def test_the_signature_of_the_example_in_the_rfc() -> None:
    header = (
        'OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03",'
        ' oauth_token="nnch734d00sl2jdk", oauth_signature_method="HMAC-SHA1",'
        ' oauth_timestamp="137131202", oauth_nonce="chapoH",'
        ' oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"'
    )
    sent = oauth1.parse(header)
    where, query = "http://photos.example.net/photos", "file=vacation.jpg&size=original"
    text = oauth1.base_string("GET", where, query, sent.items())
    secrets = oauth1.Secrets("kd94hf93k423kf44", "pfkkdhi9sl3r4s00")
    assert oauth1.signature(text, secrets) == sent["oauth_signature"]


def test_the_base_string_of_the_example_in_the_rfc() -> None:
    oauth = {
        "oauth_consumer_key": "9djdj82h48djs9d2",
        "oauth_token": "kkk9d7dh3k39sjv7",
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": "137131201",
        "oauth_nonce": "7d8f3e4a",
    }
    query = "b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q"
    text = oauth1.base_string("post", "http://EXAMPLE.COM:80/request", query, oauth.items())
    assert text == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D"
        "%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e"
        "4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9"
        "d7dh3k39sjv7"
    )
    secrets = oauth1.Secrets("j49sk3j29djd", "dh893hdasih9")
    assert oauth1.signature(text, secrets) == "r6/TJjbCOr97/+UU0NsvSne7s5g="  # erratum 2550


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://a.test:443/x", "https://a.test/x"),
        ("https://a.test:80/x", "https://a.test:80/x"),
        ("http://a.test:80/x", "http://a.test/x"),
        ("https://127.0.0.1:8443/x", "https://127.0.0.1:8443/x"),
        ("https://[::1]:8443/x", "https://[::1]:8443/x"),
        ("https://a.test", "https://a.test/"),
    ],
)
def test_the_address_that_is_signed(url: str, signed: str) -> None:
    assert oauth1.base_string("GET", url, "", ()) == f"GET&{quote(signed, safe='')}&"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer abc",
        "OAuth",
        "OAuth oauth_nonce=bare",
        'OAuth oauth_nonce="a" oauth_token="b"',
        'OAuth oauth_nonce="a", oauth_nonce="b"',
        'OAuth oauth_nonse="a"',
    ],
)
def test_a_malformed_header(header: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        oauth1.parse(header)


# Requests


def send(
    account: Account,
    path: str,
    query: str = "",
    *,
    method: str = "GET",
    secrets: tuple[str, str] = SECRETS,
    tamper: dict[str, str] | None = None,
    left_out: str = "",
    **options: Any,
) -> httpx.Response:
    """A request that is signed here, without the sandbox's own arithmetic."""
    changed = options.pop("oauth", {})
    oauth = without(OAUTH | changed, left_out)
    pairs = [tuple(part.split("=")) for part in query.split("&") if part]
    every = sorted((_quoted(a), _quoted(b)) for a, b in [*pairs, *oauth.items()])
    normal = "&".join(f"{a}={b}" for a, b in every)
    text = "&".join(map(_quoted, (method, f"https://sandbox.test{path}", normal)))
    key = "&".join(secrets).encode()
    signature = base64.b64encode(hmac.digest(key, text.encode(), hashlib.sha1)).decode()
    sent = oauth | {"oauth_signature": signature} | (tamper or {})
    values = ", ".join(f'{name}="{_quoted(value)}"' for name, value in sent.items())
    headers = {"Authorization": f"OAuth {values}"} | options.pop("headers", {})
    url = f"{path}?{query}" if query else path
    return account.ask(method, url, headers=headers, **options)


def _quoted(text: str) -> str:
    return quote(text, safe="~")


@pytest.fixture
def closed(open_account: Open) -> Account:
    """An account that asks who is there."""
    return open_account({"authenticate": True})


@pytest.mark.parametrize(
    ("path", "query"),
    [(USERS, "v=6.0"), (USERS, "v=6.0&select=$all"), (SKILLS, ""), (GROUPS, "v=2.0"), (KEYS, "")],
)
def test_a_signed_read(closed: Account, path: str, query: str) -> None:
    answer = send(closed, path, query)
    assert answer.status_code == 200, answer.text


def test_a_signed_write(closed: Account) -> None:
    made = send(closed, USERS, "v=6.0", method="POST", json=bot())
    assert made.status_code == 201
    assert made.json()["loginName"] == "faq-bot"


def test_two_values_sign_as_well(closed: Account) -> None:
    answer = send(closed, KEYS, secrets=(SECRETS[0], ""), left_out="oauth_token")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"secrets": ("0000000000000000", "another")}, "signature_invalid"),
        ({"tamper": {"oauth_signature": "AAAA"}}, "signature_invalid"),
        ({"tamper": {"oauth_signature": "ä"}}, "signature_invalid"),
        ({"tamper": {"oauth_nonce": "second"}}, "signature_invalid"),
        ({"oauth": {"oauth_token": "another"}}, "token_rejected"),
        ({"oauth": {"oauth_consumer_key": "nobody"}}, "consumer_key_unknown"),
        ({"oauth": {"oauth_signature_method": "HMAC-SHA256"}}, "signature_method_rejected"),
        ({"oauth": {"oauth_version": "2.0"}}, "version_rejected"),
        ({"oauth": {"oauth_timestamp": str(int(NOW) + 301)}}, "timestamp_refused"),
        ({"oauth": {"oauth_timestamp": str(int(NOW) - 301)}}, "timestamp_refused"),
        ({"oauth": {"oauth_timestamp": "soon"}}, "parameter_rejected"),
        ({"left_out": "oauth_nonce"}, "parameter_absent"),
        ({"left_out": "oauth_consumer_key"}, "parameter_absent"),
        ({"tamper": {"oauth_callback": "oob"}}, "parameter_rejected"),
        ({"headers": {"Host": "other.test"}}, "signature_invalid"),
        ({"headers": {"Host": "other.test:70000"}}, "signature_invalid"),
    ],
)
def test_what_is_refused(closed: Account, options: dict[str, Any], problem: str) -> None:
    refused = send(closed, SKILLS, "v=2.0", **options)
    assert refused.status_code == 401
    told = parse_qs(refused.text)
    assert told["oauth_problem"] == [problem]
    assert told["oauth_problem_advice"]
    assert send(closed, SKILLS, "v=2.0", oauth={"oauth_nonce": "good"}).status_code == 200


@pytest.mark.parametrize("off", [-300, 300])
def test_a_clock_that_is_a_little_off(closed: Account, off: int) -> None:
    oauth = {"oauth_timestamp": str(int(NOW) + off)}
    assert send(closed, SKILLS, oauth=oauth).status_code == 200


def test_a_nonce_counts_once(closed: Account) -> None:
    assert send(closed, SKILLS).status_code == 200
    assert "nonce_used" in send(closed, SKILLS).text
    later = {"oauth_timestamp": str(int(NOW) + 1)}
    assert send(closed, SKILLS, oauth=later).status_code == 200, "per key and second"


def test_a_bad_signature_uses_no_nonce_up(closed: Account) -> None:
    assert send(closed, SKILLS, tamper={"oauth_signature": "AAAA"}).status_code == 401
    assert send(closed, SKILLS).status_code == 200


def test_a_disabled_key_signs_nothing(closed: Account) -> None:
    key = closed.sandbox.dump()["appKeys"][0] | {
        "enabled": False,
        "appSecret": SECRETS[0],
        "token": OAUTH["oauth_token"],
        "tokenSecret": SECRETS[1],
    }
    closed.sandbox.put("appKeys", key)
    assert "consumer_key_unknown" in send(closed, SKILLS).text
