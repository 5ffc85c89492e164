"""No credential is sent anywhere but to a host of LivePerson, however its name is written."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lebots.account.hosts import (
    base_url,
    check_account,
    check_domain,
    host,
    on_loopback,
    services,
)
from lebots.errors import AccountError
from tests.account.vendor import (
    ACCOUNT,
    CANARY,
    DOMAIN,
    HOSTS,
    VALUES,
    Clock,
    Vendor,
    connected,
    domain_api,
    says,
    users,
)
from tests.night import by_day

DISCOVERY = f"GET /api/account/{ACCOUNT}/service/baseURI.json"
SERVED = "localhost:8443"

GOOD = {
    "va.ac.liveperson.net": "https://va.ac.liveperson.net",
    "https://va.ac.liveperson.net": "https://va.ac.liveperson.net",
    "va.ac.liveperson.net/": "https://va.ac.liveperson.net",
    "https://va.ac.liveperson.net/": "https://va.ac.liveperson.net",
    "va.ac.liveperson.net:443": "https://va.ac.liveperson.net",
    "https://va.ac.liveperson.net:443/": "https://va.ac.liveperson.net",
    "z1-a.sentinel.liveperson.net": "https://z1-a.sentinel.liveperson.net",
    "a.b.c.d.liveperson.net": "https://a.b.c.d.liveperson.net",
    "0.liveperson.net": "https://0.liveperson.net",
    f"{'a' * 63}.liveperson.net": f"https://{'a' * 63}.liveperson.net",
}

OTHER_DOMAINS = [
    "va.ac.liveperson.net.evil.tld",
    "liveperson.net.evil.tld",
    "evilliveperson.net",
    "va.evilliveperson.net",
    "evil-liveperson.net",
    "va.liveperson.net.",
    "va.liveperson.net.evil",
    "va.liveperson.net-evil.tld",
    "va.liveperson.netevil.tld",
    "va.liveperson.network",
    "va.liveperson.ne",
    "va.liveperson",
    "va.livepersonnet",
    "va-liveperson.net",
    "va.live-person.net",
    "va.liveperson.com",
    "va.liveperson.net.com",
    "va.liveperson.org",
    "va.lpsnmedia.net",
    "va.livepersonapis.com",
    "internal.lpcloud.io",
    "evil.tld",
    "net",
    "liveperson.net",
    "https://liveperson.net",
    "va",
    "",
    ".",
    "..",
    "*",
    "*.liveperson.net",
    "va.*.liveperson.net",
]

USER_INFO = [
    "liveperson.net@evil.tld",
    "va.liveperson.net@evil.tld",
    "https://va.liveperson.net@evil.tld",
    "https://user:pass@va.liveperson.net",
    "user@va.liveperson.net",
    "user:pass@va.liveperson.net",
    "https://@va.liveperson.net",
    "https://:@va.liveperson.net",
    "https://evil.tld@va.liveperson.net",
    "https://va.liveperson.net:443@evil.tld",
    "https://va.liveperson.net%40evil.tld",
    "va.liveperson.net%2eevil.tld",
]

PORTS = [
    "va.liveperson.net:80",
    "va.liveperson.net:8443",
    "va.liveperson.net:4430",
    "va.liveperson.net:0443",
    "va.liveperson.net:443443",
    "va.liveperson.net:",
    "va.liveperson.net: 443",
    "va.liveperson.net:443:443",
    "va.liveperson.net:0",
    "va.liveperson.net:-443",
    "va.liveperson.net:0x1bb",
    "va.liveperson.net:\u0664\u0664\u0663",
    "va.liveperson.net:https",
    "va.liveperson.net:99999999999",
]

ADDRESSES = [
    "203.0.113.7",
    "https://203.0.113.7",
    "203.0.113.7:443",
    "203.0.113.7.liveperson.net.",
    "3405803783",
    "0xcb007107",
    "0xcb.0x00.0x71.0x07",
    "0313.0.0161.07",
    "203.113.7",
    "203.28935",
    "[2001:db8::7]",
    "https://[2001:db8::7]",
    "[2001:db8::7]:443",
    "2001:db8::7",
    "[::ffff:203.0.113.7]",
    "[::ffff:cb00:7107]",
    "[::]",
    "0.0.0.0",
    "[fe80::1%25eth0]",
    "[v1.liveperson.net]",
    "169.254.169.254",
    "10.0.0.1",
]

LOOPBACKS = [
    "localhost",
    "localhost:8443",
    "https://localhost:8443",
    "127.0.0.1",
    "127.0.0.1:8443",
    "[::1]",
    "[::1]:8443",
]
"""Good where a sandbox is spoken to, and nowhere else."""

NEARLY_LOOPBACKS = [
    "localhost.",
    "localhost.evil.tld",
    "localhost@evil.tld",
    "evil.localhost",
    "localhost.localdomain",
    "localhost4",
    "127.0.0.2",
    "127.1",
    "127.0.1",
    "127.0.0.01",
    "0177.0.0.1",
    "2130706433",
    "0x7f000001",
    "127.0.0.1.evil.tld",
    "127.0.0.1@evil.tld",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:0:0:1]",
    "::1",
    "localhost:0",
    "localhost:65536",
    "localhost:99999",
    "localhost:08443",
    "localhost:",
    "localhost:84 43",
    "http://localhost:8443",
    "localhost:8443/path",
    "localhost:8443?x",
    "localhost:8443#x",
    "localhost:8443\n",
    "LOCALHOST:8443",
]

UNICODE = [
    "xn--liveperson-x9b.net",
    "xn--80ak6aa92e.liveperson.net",
    "va.xn--lveperson-q9a.net",
    "XN--80AK6AA92E.liveperson.net",
    "va.liveperson\u3002net",
    "va\u3002liveperson\u3002net",
    "va.liveperson\uff0enet",
    "va.liveperson\uff61net",
    "va.\uff4civeperson.net",
    "\uff56\uff41.liveperson.net",
    "va.liveperson.n\u0435t",
    "va.l\u0456veperson.net",
    "va.liveper\u017fon.net",
    "v\u00e4.liveperson.net",
    "va.liveperson.ne\u0074\u0301",
    "va\u00ad.liveperson.net",
    "va.liveperson.net\u200b",
    "\u200bva.liveperson.net",
    "va.liveperson.net\u2024evil.tld",
    "va.liveperson.net\uff0fevil.tld",
    "evil.tld\uff03.liveperson.net",
    "evil.tld\uff1f.liveperson.net",
    "evil.tld\uff20va.liveperson.net",
    "\u202eten.nosreprevil.av",
    "va.liveperson.net\ud800",
    "va\u0660.liveperson.net",
]

ESCAPES = [
    "va%2eliveperson.net",
    "va.liveperson%2enet",
    "va.liveperson%2Enet",
    "evil.tld%2f.liveperson.net",
    "evil.tld%2F.liveperson.net",
    "evil.tld%23.liveperson.net",
    "evil.tld%3f.liveperson.net",
    "evil.tld%5c.liveperson.net",
    "evil.tld%00.liveperson.net",
    "evil.tld%0d%0a.liveperson.net",
    "evil.tld%09.liveperson.net",
    "%76a.liveperson.net",
    "va.liveperson.net%",
    "evil.tld\\.liveperson.net",
    "evil.tld\\@va.liveperson.net",
    "https:\\\\va.liveperson.net",
    "https://evil.tld\\va.liveperson.net",
    "va.liveperson.net\\",
    "&#118;a.liveperson.net",
]

CONTROLS = [
    "va.liveperson.net\n",
    "va.liveperson.net\r\n",
    "\nva.liveperson.net",
    "evil.tld\nva.liveperson.net",
    "va.liveperson.net\nevil.tld",
    "va.liveperson.net\r\nHost: evil.tld",
    "va\t.liveperson.net",
    "va.liveperson.net\t",
    "va.\x00liveperson.net",
    "va.liveperson.net\x00.evil.tld",
    "evil.tld\x00.liveperson.net",
    " va.liveperson.net",
    "va.liveperson.net ",
    "va .liveperson.net",
    "evil.tld .liveperson.net",
    "va.liveperson.net\x0b",
    "va.liveperson.net\x85",
    "va.liveperson.net\u2028",
    "va.liveperson.net\xa0",
    "va.live\x7fperson.net",
]

SCHEMES = [
    "http://va.liveperson.net",
    "http://va.liveperson.net:443",
    "http://va.liveperson.net:8080",
    "HTTPS://va.liveperson.net",
    "HtTpS://va.liveperson.net",
    "https:va.liveperson.net",
    "https:/va.liveperson.net",
    "https:///va.liveperson.net",
    "//va.liveperson.net",
    "https://https://va.liveperson.net",
    "https://http://va.liveperson.net",
    "ftp://va.liveperson.net",
    "file://va.liveperson.net",
    "ws://va.liveperson.net",
    "wss://va.liveperson.net",
    "javascript://va.liveperson.net",
    "data:va.liveperson.net",
    "unix://va.liveperson.net",
    "://va.liveperson.net",
]

PATHS = [
    "va.liveperson.net/path",
    "va.liveperson.net//",
    "va.liveperson.net/.",
    "va.liveperson.net/..",
    "https://va.liveperson.net/api",
    "evil.tld/va.liveperson.net",
    "evil.tld/.liveperson.net",
    "https://evil.tld/.liveperson.net",
    "evil.tld?.liveperson.net",
    "evil.tld?x=va.liveperson.net",
    "evil.tld#.liveperson.net",
    "evil.tld#@va.liveperson.net",
    "va.liveperson.net?x=1",
    "va.liveperson.net?",
    "va.liveperson.net#",
    "va.liveperson.net#x",
    "va.liveperson.net/?x",
    "va.liveperson.net;x",
    "va.liveperson.net,evil.tld",
    "evil.tld,va.liveperson.net",
    "va.liveperson.net evil.tld",
]

LABELS = [
    "VA.liveperson.net",
    "va.LivePerson.net",
    "VA.LIVEPERSON.NET",
    ".liveperson.net",
    "va..liveperson.net",
    "va.liveperson..net",
    "-va.liveperson.net",
    "va-.liveperson.net",
    "va.-.liveperson.net",
    "_va.liveperson.net",
    "v_a.liveperson.net",
    f"{'a' * 64}.liveperson.net",
    f"va.{'a' * 64}.liveperson.net",
    "va!.liveperson.net",
    "$(id).liveperson.net",
    "${HOST}.liveperson.net",
    "'va'.liveperson.net",
    '"va".liveperson.net',
    "{va}.liveperson.net",
    "<va>.liveperson.net",
    "[va.liveperson.net]",
    "[va].liveperson.net",
    "va|evil.liveperson.net",
]

NO_TEXT: list[Any] = [
    None,
    True,
    443,
    1.5,
    [],
    {},
    ["va.liveperson.net"],
    {"host": "va.liveperson.net"},
]

SORTS: list[list[Any]] = [
    OTHER_DOMAINS,
    USER_INFO,
    PORTS,
    ADDRESSES,
    NEARLY_LOOPBACKS,
    UNICODE,
    ESCAPES,
    CONTROLS,
    SCHEMES,
    PATHS,
    LABELS,
    NO_TEXT,
]
NEVER = [text for sort in SORTS for text in sort]
POISONED = [*NEVER, *LOOPBACKS]
FEW = [sort[0] for sort in SORTS]
"""One of each sort, for the paths that lead to the one rule: `base_url`."""


def test_the_corpus_is_large_and_without_repetition() -> None:
    assert len({repr(text) for text in POISONED}) == len(POISONED) >= 200


# One host


@pytest.mark.parametrize(("text", "url"), GOOD.items())
def test_a_host_of_liveperson(text: str, url: str) -> None:
    assert base_url(text, DOMAIN) == url
    assert httpx.URL(url).host == urlsplit(url).hostname


@pytest.mark.parametrize("text", POISONED, ids=repr)
def test_a_host_that_may_not_see_a_credential(text: Any) -> None:
    assert base_url(text, DOMAIN) == ""


@pytest.mark.parametrize("text", LOOPBACKS)
def test_a_sandbox_is_on_loopback(text: str) -> None:
    assert base_url(text, SERVED) == "https://" + text.removeprefix("https://")


@pytest.mark.parametrize("text", [*by_day(NEVER, FEW), *GOOD], ids=repr)
def test_and_nowhere_else(text: Any) -> None:
    """A sandbox that names a host of LivePerson gets no credential there either."""
    assert base_url(text, SERVED) == ""


PIECES = st.sampled_from(
    [
        *("va", ".", "liveperson", "net", "liveperson.net", ".liveperson.net", "evil.tld"),
        *("https://", "http://", "@", ":", "443", "/", "\\", "#", "?", "%2e", "[", "]", "::1"),
        *("\u3002", "\uff0e", "\u017f", "xn--", "-", "_", "A", "\n", "\t", " ", "\x00"),
        *("localhost", "127.0.0.1"),
    ]
)


@given(st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=30))
def test_whatever_is_accepted_leads_to_liveperson_by_every_parser(text: str) -> None:
    url = base_url(text, DOMAIN)
    if not url:
        return
    one, other = urlsplit(url), httpx.URL(url)
    assert one.hostname == other.host
    assert str(one.hostname).endswith(".liveperson.net")
    assert (one.scheme, one.path, one.query, one.fragment) == ("https", "", "", "")
    assert (one.username, one.password, one.port) == (None, None, None)
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.:/")


# The Domain API's answer


@pytest.mark.parametrize("text", by_day(POISONED, [*FEW, LOOPBACKS[0]]), ids=repr)
def test_no_credential_is_sent_to_a_poisoned_host(vendor: Vendor, clock: Clock, text: Any) -> None:
    vendor.on(DISCOVERY, says(json=domain_api(**dict.fromkeys(HOSTS, text))))
    for method in VALUES:
        with (
            connected(clock, method) as client,
            pytest.raises(AccountError, match="unusable host for service accountConfigReadWrite"),
        ):
            client.send(users())
    assert vendor.calls == [DISCOVERY] * len(VALUES)
    for sent in vendor.sent:
        assert CANARY not in sent.carries
        assert "Authorization" not in sent.headers


@pytest.mark.parametrize("text", by_day(POISONED, [*FEW, LOOPBACKS[0]]), ids=repr)
def test_nor_where_only_the_login_is_poisoned(vendor: Vendor, clock: Clock, text: Any) -> None:
    for method, service in ("oauth2", "sentinel"), ("login", "agentVep"):
        vendor.on(DISCOVERY, says(json=domain_api(**{service: text})))
        with (
            connected(clock, method) as client,
            pytest.raises(AccountError, match=f"unusable host for service {service}"),
        ):
            client.send(users("POST"))
    assert vendor.calls == [DISCOVERY] * 2


@pytest.mark.parametrize("text", by_day(POISONED, [*FEW, LOOPBACKS[0]]), ids=repr)
def test_nor_after_an_answer_with_one_service_alone(
    vendor: Vendor, clock: Clock, text: Any
) -> None:
    one = {"service": "accountConfigReadWrite", "account": ACCOUNT, "baseURI": text}
    vendor.on(DISCOVERY, says(json=one))
    with connected(clock, "oauth1") as client, pytest.raises(AccountError, match="unusable host"):
        client.send(users())
    assert vendor.calls == [DISCOVERY]


def test_the_message_says_that_nothing_was_sent_and_quotes_nothing(
    vendor: Vendor, clock: Clock
) -> None:
    vendor.on(DISCOVERY, says(json=domain_api(accountConfigReadWrite="\x1b[31mevil.tld")))
    with connected(clock) as client, pytest.raises(AccountError) as raised:
        client.send(users())
    assert str(raised.value).endswith("nothing was sent")
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("text", by_day(NEVER[: -len(NO_TEXT)], FEW[:-1]), ids=repr)
def test_nor_is_a_poisoned_domain_asked(vendor: Vendor, clock: Clock, text: str) -> None:
    assert not on_loopback(text)
    for method in VALUES:
        with (
            pytest.raises(AccountError, match=r"must be below liveperson\.net"),
            connected(clock, method, domain=text),
        ):
            pytest.fail("there is no such client")
    assert vendor.sent == []


@pytest.mark.parametrize(("text", "url"), GOOD.items())
def test_a_domain_of_liveperson(text: str, url: str) -> None:
    assert f"https://{check_domain(text)}" == url
    assert not on_loopback(text)


def entry(service: str = "sentinel", account: Any = ACCOUNT, base: Any = "") -> dict[str, Any]:
    return {"service": service, "account": account, "baseURI": base or HOSTS["sentinel"]}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(entry(), id="one service, bare"),
        pytest.param({"baseURIs": [entry()]}, id="one service, in a list"),
        pytest.param(domain_api(), id="all services"),
        pytest.param({"baseURIs": [entry(), entry()]}, id="twice the same"),
        pytest.param(
            {"baseURIs": [entry(base="https://zz1.sentinel.liveperson.net/"), entry()]},
            id="twice the same, written differently",
        ),
        pytest.param(
            {"baseURIs": [entry(account="1", base="evil.tld"), entry()]}, id="others come first"
        ),
        pytest.param(
            {"baseURIs": [entry(), entry(account="1", base="evil.tld")]}, id="others come last"
        ),
        pytest.param(
            {"baseURIs": [entry("logingateway", base="http://evil.tld:8080/x"), entry()]},
            id="a service nobody calls names another host",
        ),
        pytest.param({"baseURIs": [{**entry(), "more": 1}], "more": 2}, id="unknown words"),
    ],
)
def test_both_shapes_of_the_answer(answer: Any) -> None:
    known = services(answer, ACCOUNT, DOMAIN)
    assert host(known, "sentinel") == "https://zz1.sentinel.liveperson.net"


@pytest.mark.parametrize(
    "bases",
    [
        ["zz1.sentinel.liveperson.net", "zz2.sentinel.liveperson.net"],
        ["zz1.sentinel.liveperson.net", "evil.tld"],
        ["evil.tld", "zz1.sentinel.liveperson.net"],
        ["zz1.sentinel.liveperson.net", None],
        ["zz1.sentinel.liveperson.net", "evil.tld", "zz1.sentinel.liveperson.net"],
        ["zz1.a.liveperson.net", "zz2.a.liveperson.net", "zz1.a.liveperson.net"],
    ],
)
def test_entries_that_disagree_are_not_chosen_between(bases: list[Any]) -> None:
    entries = [{**entry(), "baseURI": base} for base in bases]
    with pytest.raises(AccountError, match="unusable host for service sentinel"):
        host(services({"baseURIs": entries}, ACCOUNT, DOMAIN), "sentinel")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        True,
        1,
        "zz1.sentinel.liveperson.net",
        [],
        [entry()],
        {},
        {"message": "try later"},
        {"baseURIs": None},
        {"baseURIs": {}},
        {"baseURIs": "zz1.sentinel.liveperson.net"},
        {"baseURIs": {"sentinel": "zz1.sentinel.liveperson.net"}},
        {"baseURIs": ["zz1.sentinel.liveperson.net"]},
        {"baseURIs": [None]},
        {"baseURIs": [[entry()]]},
        {"baseURIs": [entry(), None]},
        {"baseURIs": [{"account": ACCOUNT, "baseURI": "zz1.sentinel.liveperson.net"}]},
        {"baseURIs": [{**entry(), "service": None}]},
        {"baseURIs": [{**entry(), "service": ["sentinel"]}]},
    ],
    ids=repr,
)
def test_an_answer_of_another_shape(vendor: Vendor, clock: Clock, answer: Any) -> None:
    vendor.on(DISCOVERY, says(json=answer))
    with connected(clock) as client, pytest.raises(AccountError, match="not a list of hosts"):
        client.send(users())
    assert vendor.calls == [DISCOVERY]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"baseURIs": []}, id="nothing"),
        pytest.param(domain_api("1"), id="another account"),
        pytest.param(domain_api(f"{ACCOUNT}0"), id="an account that begins the same"),
        pytest.param(domain_api(f" {ACCOUNT}"), id="a blank more"),
        pytest.param({"baseURIs": [{**entry(), "account": None}]}, id="no account"),
        pytest.param({"baseURIs": [{**entry(), "account": [ACCOUNT]}]}, id="a list of accounts"),
        pytest.param({**entry(), "account": "1"}, id="bare, of another account"),
        pytest.param({"service": "sentinel", "baseURI": "evil.tld"}, id="bare, of nobody"),
    ],
)
def test_an_account_that_the_domain_api_does_not_know(
    vendor: Vendor, clock: Clock, answer: Any
) -> None:
    vendor.on(DISCOVERY, says(json=answer))
    words = f"knows no host of account {ACCOUNT}; is the account id right"
    with connected(clock) as client, pytest.raises(AccountError, match=words):
        client.send(users())
    assert vendor.calls == [DISCOVERY]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
@pytest.mark.parametrize("content", [b"", b"<html></html>", b'{"message":"No"}'])
def test_or_refuses(vendor: Vendor, clock: Clock, status: int, content: bytes) -> None:
    vendor.on(DISCOVERY, says(status, content=content))
    with connected(clock) as client, pytest.raises(AccountError, match=rf"baseURI\.json: {status}"):
        client.send(users())
    assert vendor.calls == [DISCOVERY]


def test_a_service_that_the_account_does_not_have(vendor: Vendor, clock: Clock) -> None:
    vendor.on(DISCOVERY, says(json=entry("AccountConfigReadWrite")))
    words = "the service accountConfigReadWrite is not available in this account"
    with connected(clock) as client, pytest.raises(AccountError, match=words):
        client.send(users())
    assert vendor.calls == [DISCOVERY]


# Asking


@pytest.mark.parametrize("method", VALUES)
def test_hosts_are_asked_for_once_in_a_run_and_by_nobody(
    vendor: Vendor, clock: Clock, method: str
) -> None:
    with connected(clock, method) as client:
        for verb in ("GET", "POST", "PUT", "GET"):
            client.send(users(verb))
    found = [sent for sent in vendor.sent if sent.url.host == DOMAIN]
    assert len(found) == 1
    assert str(found[0].url) == (
        f"https://api.liveperson.net/api/account/{ACCOUNT}/service/baseURI.json?version=1.0"
    )
    assert found[0].headers["Accept"] == "application/json"
    assert not {"authorization", "cookie", "content-type"} & set(found[0].headers)
    assert vendor.sent[0] is found[0], "before anything else"


def test_nothing_is_asked_before_it_is_needed(vendor: Vendor, clock: Clock) -> None:
    for method in VALUES:
        with connected(clock, method):
            pass
    assert vendor.sent == []


def test_every_request_goes_to_the_host_of_its_service(vendor: Vendor, clock: Clock) -> None:
    with connected(clock, "login") as client:
        client.send(users())
    assert [sent.url.host for sent in vendor.sent] == [
        DOMAIN,
        HOSTS["agentVep"],
        HOSTS["accountConfigReadWrite"],
        HOSTS["agentVep"],
    ]


# The account's id stands in every path


@pytest.mark.parametrize("account", ["1", "12345678", "le12345678", "A_9", "a" * 20])
def test_an_account_id(account: str) -> None:
    assert check_account(account) == account


ELSEWHERE = [
    *("", " ", "12/../../", "12/34", "..", "12 ", " 12", "12\n", "1-2", "1.2", "12?x=1", "12#x"),
    *("12%2f", "12@evil.tld", "\u0661\u0662", "\uff11\uff12", "a" * 21, "12\x00", "{account}"),
]


@pytest.mark.parametrize("account", ELSEWHERE)
def test_an_account_id_that_would_lead_elsewhere(account: str) -> None:
    with pytest.raises(AccountError, match="1 to 20 letters, digits or underscores"):
        check_account(account)
