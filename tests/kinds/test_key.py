"""Keys: the vendor's samples, what a selected app key may say, webhooks without their secrets."""

import json
from dataclasses import replace
from typing import Any

import pytest

from lebots import kinds
from lebots.core.manifest.schema import spec_schema
from lebots.core.manifest.schema_errors import compiled, violations
from lebots.core.model.address import Address
from lebots.core.model.secret import Secret
from lebots.core.model.value import Spec, Value
from lebots.core.vendor import codec as mapping
from lebots.core.vendor.seal import drop, seal
from lebots.errors import AccountError
from tests.kinds.worlds import SOURCE, codes, declared, findings, present

KEY = kinds.load()["Key"]
APPLICATIONS = KEY.endpoint("installations")
APP_KEYS = KEY.endpoint("appKeys")
CONTENT = "ms.MessagingEventNotification.ContentEvent"
CHAT_STATE = "ms.MessagingEventNotification.ChatStateEvent"

SAMPLE: dict[str, Any] = json.loads("""
{"id":"aaaaaaaa-0000-4000-8000-000000000001","client_id":"aaaaaaaa-0000-4000-8000-000000000001",
 "client_name":"test.acme.faq-bot","display_name":"FAQ bot","description":"Login key of the FAQ bots",
 "grant_types":["client_credentials"],"response_types":["token"],"scope":"msg.consumer","logo_uri":"",
 "enabled":true,"deleted":false,"is_internal":false,"client_id_issued_at":1790000000,
 "client_secret":"not-a-real-secret","client_secret_expires_at":0,
 "capabilities":{"webhooks":{"retry":{"retention_time":3600},
   "ms.MessagingEventNotification.ContentEvent":{"endpoint":"https://hooks.acme.test/content","headers":[]}}}}
""")  # noqa: E501 - as in reference 10.5
INSTALL = json.loads("""
{"client_name":"test.acme.faq-bot","display_name":"FAQ bot","description":"Login key of the FAQ bots",
 "grant_types":["client_credentials"],"response_types":["token"],"scope":"msg.consumer","logo_uri":"","enabled":true}
""")  # noqa: E501 - as in reference 10.6
LEGACY = json.loads("""
{"keyId":"00000000000000000000000000000abc","developerID":"acme","appName":"faq-bot","appDescription":"","purpose":"unknown",
 "keyType":"unknown","enabled":true,"creationTime":"unknown","ipRanges":[],"privileges":[{"type":"unknown","data":"unknown"}],
 "appSecret":"0000000000000000","token":"00000000000000000000000000000def","tokenSecret":"0000000000000001"}
""")  # as in reference 10.7


def decode(raw: dict[str, Any]) -> Spec:
    return mapping.decode(KEY, APPLICATIONS, raw)


def encode(spec: Spec, raw: dict[str, Any] = SAMPLE) -> dict[str, Any]:
    return mapping.encode(KEY, APPLICATIONS, spec, raw)


# Samples


def test_the_sample_is_read() -> None:
    assert mapping.identity(APPLICATIONS, SAMPLE) == (SAMPLE["id"], "test.acme.faq-bot")
    assert decode(SAMPLE) == {
        "type": "oauth2",
        "display_name": "FAQ bot",
        "description": "Login key of the FAQ bots",
        "enabled": True,
        "grant_types": ["client_credentials"],
        "response_types": ["token"],
        "scope": ["msg.consumer"],
        "redirect_uris": [],
        "logo_uri": "",
        "entry_uri": "",
        "overview": "",
        "categories": [],
        "quick_launch_enabled": None,
        "enabled_for_profiles": [],
        "webhooks": {
            CONTENT: {"endpoint": "https://hooks.acme.test/content"},
            "retry": {"retention_time": 3600},
        },
        "design_engagement": False,
        "design_window": False,
        "language_selection": False,
        "entry_point": [],
        "visitor_behavior": [],
        "target_audience": [],
        "goal": [],
        "consumer_identity": [],
    }


def test_an_update_sends_the_sample_whole() -> None:
    assert encode({"description": "Changed"}) == {**SAMPLE, "description": "Changed"}


def test_the_install_sample_is_written() -> None:
    spec: Spec = {
        "type": "oauth2",
        "display_name": "FAQ bot",
        "description": "Login key of the FAQ bots",
        "grant_types": ["client_credentials"],
        "response_types": ["token"],
        "scope": ["msg.consumer"],
        "logo_uri": "",
        "enabled": True,
        "sink": "runtime",
    }
    assert mapping.create(KEY, APPLICATIONS, "test.acme.faq-bot", spec) == INSTALL


def test_an_app_key_says_nothing_but_its_type() -> None:
    assert mapping.identity(APP_KEYS, LEGACY) == ("00000000000000000000000000000abc", "faq-bot")
    assert mapping.decode(KEY, APP_KEYS, LEGACY) == {"type": "oauth1"}


def test_secrets_of_the_samples_are_dropped_from_lists() -> None:
    listed = [(SAMPLE, APPLICATIONS), (LEGACY, APP_KEYS)]
    for raw, endpoint in listed:
        left = drop(json.loads(json.dumps(raw)), endpoint.secret)
        assert left == {n: v for n, v in raw.items() if n not in endpoint.secret}
        assert left != raw


def test_a_sealed_secret_survives_a_write_unseen() -> None:
    sealed = seal(json.loads(json.dumps(SAMPLE)), APPLICATIONS.secret)
    body = encode({"description": "Changed"}, sealed)
    assert isinstance(body["client_secret"], Secret)
    assert body["client_secret"] is sealed["client_secret"]


def test_scope_is_words_here_and_one_text_there() -> None:
    raw = {**SAMPLE, "scope": "b a"}
    assert decode(raw)["scope"] == ["b", "a"]
    assert encode({"scope": ["a", "b"]}, raw)["scope"] == "b a"
    assert encode({"scope": ["a", "c"]}, raw)["scope"] == "a c"
    assert encode({"scope": []}, raw)["scope"] == ""
    with pytest.raises(AccountError, match="'scope' should hold what the vendor describes, but"):
        decode({**raw, "scope": [1]})
    assert decode({**raw, "scope": ["a", "b c"]})["scope"] == ["a", "b", "c"]


def test_engagement_leaves_other_capabilities_alone() -> None:
    raw = {**SAMPLE, "capabilities": {**SAMPLE["capabilities"], "ms_survey": {"x": 1}}}
    body = encode({"design_window": True, "goal": ["leads"]}, raw)
    assert body["capabilities"] == {
        **raw["capabilities"],
        "engagement": {"design_window": True, "goal": ["leads"]},
    }


# Selecting an app key


SOMETHING: Spec = {"string": "x", "boolean": True, "array": [], "object": {}}


@pytest.mark.parametrize("name", [name for name in KEY.by_name if name != "type"])
def test_nothing_else_may_stand_beside_type_oauth1(name: str) -> None:
    types = KEY.by_name[name].schema["type"]
    value = SOMETHING[types if isinstance(types, str) else types[0]]
    schema = compiled(spec_schema(KEY))
    assert violations(schema, {"type": "oauth2", name: value}) == []
    (found,) = violations(schema, {"type": "oauth1", name: value})
    assert (found.path, found.code) == ((name,), "not-allowed")
    assert found.message == "is not allowed where type is oauth1; remove it"


# Webhooks

CANARY = "canary-of-a-credential"
HOOK = {
    "endpoint": f"https://{CANARY}:{CANARY}@hooks.acme.test/content?token={CANARY}#{CANARY}",
    "headers": [{"header_name": "Authorization", "header_value": CANARY}],
    "max_retries": 3,
    "x-unknown": CANARY,
}
HOOKED = {
    **SAMPLE,
    "capabilities": {
        "webhooks": {CONTENT: HOOK, "x.OtherEvent": HOOK, "retry": {"retention_time": "60"}}
    },
}
SHOWN: Spec = {"endpoint": "https://hooks.acme.test/content", "max_retries": 3}


def test_credentials_of_webhooks_are_never_read() -> None:
    found = decode(HOOKED)
    assert found["webhooks"] == {CONTENT: SHOWN, "retry": {"retention_time": 60}}
    assert CANARY not in repr(found)


@pytest.mark.parametrize(
    "address",
    [
        f"https://{CANARY}@hooks.acme.test/a",
        f"HTTPS://u:{CANARY}@x@hooks.acme.test/a",
        f"u:{CANARY}@hooks.acme.test/a",
        f"https://hooks.acme.test/a?{CANARY}",
        f"https://hooks.acme.test/a#{CANARY}?{CANARY}",
    ],
)
def test_no_part_of_an_address_that_may_be_a_credential_is_read(address: str) -> None:
    raw = {**SAMPLE, "capabilities": {"webhooks": {CONTENT: {"endpoint": address}}}}
    found: Any = decode(raw)["webhooks"]
    assert found[CONTENT]["endpoint"].lower().endswith("hooks.acme.test/a")
    assert CANARY not in repr(found)


def test_header_values_are_sealed() -> None:
    sealed = seal(json.loads(json.dumps(HOOKED)), APPLICATIONS.secret)
    for event in (CONTENT, "x.OtherEvent"):
        (header,) = sealed["capabilities"]["webhooks"][event]["headers"]
        assert isinstance(header["header_value"], Secret)


@pytest.mark.parametrize(
    ("hook", "written"),
    [
        (SHOWN, HOOK),
        ({**SHOWN, "max_retries": 5}, {**HOOK, "max_retries": 5}),
        (
            {"endpoint": SHOWN["endpoint"]},
            {n: v for n, v in HOOK.items() if n != "max_retries"},
        ),
        (
            {**SHOWN, "endpoint": "https://hooks.acme.test/other"},
            {**HOOK, "endpoint": "https://hooks.acme.test/other"},
        ),
        (
            {**SHOWN, "endpoint": "https://elsewhere.test/content"},
            {**HOOK, "endpoint": "https://elsewhere.test/content", "headers": []},
        ),
        (
            {**SHOWN, "endpoint": "https://hooks.acme.test:8443/content"},
            {**HOOK, "endpoint": "https://hooks.acme.test:8443/content", "headers": []},
        ),
    ],
)
def test_headers_stay_with_the_host_they_were_given_for(hook: Spec, written: Spec) -> None:
    webhooks = encode({"webhooks": {CONTENT: hook}}, HOOKED)["capabilities"]["webhooks"]
    assert webhooks == {"x.OtherEvent": HOOK, CONTENT: written}


def test_webhooks_are_stated_whole() -> None:
    new = {CHAT_STATE: SHOWN, "retry": {"retention_time": 60}}
    assert encode({"webhooks": new}, HOOKED)["capabilities"]["webhooks"] == {
        "x.OtherEvent": HOOK,
        CHAT_STATE: {**SHOWN, "headers": []},
        "retry": {"retention_time": 60},
    }
    assert encode({"webhooks": {}}, HOOKED)["capabilities"]["webhooks"] == {"x.OtherEvent": HOOK}


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ({CONTENT: SHOWN}, {CONTENT: {**SHOWN, "max_retries": 5}}, False),
        ({CONTENT: SHOWN}, {CONTENT: {"endpoint": "https://hooks.acme.test/other"}}, False),
        ({CONTENT: SHOWN}, {CONTENT: {"endpoint": "https://elsewhere.test/content"}}, True),
        ({CONTENT: SHOWN}, {CONTENT: {"endpoint": "https://hooks.acme.test:8443/"}}, True),
        ({CONTENT: SHOWN}, {}, True),
        ({CONTENT: SHOWN}, None, True),
        ({"retry": {"retention_time": 60}}, {CONTENT: SHOWN}, False),
        (None, {CONTENT: SHOWN}, False),
    ],
)
def test_a_plan_says_where_headers_are_dropped(before: Value, after: Value, lost: bool) -> None:
    words = "headers kept for an address on another host are dropped" if lost else ""
    assert KEY.by_name["webhooks"].data_loss(before, after) == words


def test_an_event_without_address_is_none() -> None:
    webhooks = {CONTENT: {"endpoint": "", "headers": []}, CHAT_STATE: None, "retry": None}
    assert decode({**SAMPLE, "capabilities": {"webhooks": webhooks}})["webhooks"] == {}


@pytest.mark.parametrize(
    "webhooks",
    [
        [CANARY],
        {CONTENT: CANARY},
        {CONTENT: {"endpoint": [CANARY]}},
        {CONTENT: {"endpoint": "https://x.test", "max_retries": CANARY}},
        {"retry": {"retention_time": [CANARY]}},
    ],
)
def test_foreign_webhooks_are_an_error_that_quotes_nothing(webhooks: Any) -> None:
    with pytest.raises(AccountError, match=r"'capabilities\.webhooks'") as caught:
        decode({**SAMPLE, "capabilities": {"webhooks": webhooks}})
    assert CANARY not in str(caught.value)


# Which objects and what about them


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "let the bots use that"),
        (1, "that; used by: bot-0"),
        (3, "that; used by: bot-0, bot-1, bot-2"),
        (5, "that; used by: bot-0, bot-1, bot-2 and 2 more"),
    ],
)
def test_an_app_key_names_the_bots_that_hang_on_it(count: int, words: str) -> None:
    bots = [present(f"BotUser/bot-{number}", key="faq") for number in range(count)]
    others = [
        present("BotUser/ana", "a human user", key="faq"),
        present("BotUser/other", key="other"),
    ]
    (found,) = findings("Key", declared("Key/faq", type="oauth1"), *bots, *others)
    assert found.message.endswith(words)


@pytest.mark.parametrize("value", [True, "true"])
def test_internal_applications_are_foreign(value: Any) -> None:
    assert KEY.unmanaged_reason({**SAMPLE, "is_internal": value}) == (
        "an internal application of LivePerson"
    )
    assert KEY.unmanaged_reason(SAMPLE) == KEY.unmanaged_reason(LEGACY) == ""


def test_a_new_application_yields_what_a_bot_logs_in_with() -> None:
    delivery = KEY.delivery
    assert delivery is not None
    assert (delivery.variant, delivery.sink_field, delivery.default) == (
        "oauth2",
        "sink",
        "default",
    )
    names = [delivery.id_as, *delivery.secrets.values(), *delivery.constants]
    assert names == ["LP_APPKEY", "LP_SECRET", "LP_ACCESSTOKEN", "LP_ACCESSTOKENSECRET"]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"type": "oauth2"}, {}),
        ({"type": "oauth1"}, {"key-past-end-of-life": "warning"}),
        ({"grant_types": ["authorization_code"]}, {"redirect-uris-missing": "warning"}),
        ({"grant_types": ["authorization_code"], "redirect_uris": ["https://a.test"]}, {}),
        ({"scope": ["x" * 64, "y" * 63]}, {}),
        ({"scope": ["x" * 64, "y" * 64]}, {"scope-too-long": "error"}),
    ],
)
def test_advice_on_a_declared_key(spec: dict[str, Any], expected: dict[str, str]) -> None:
    found = findings("Key", replace(declared("Key/faq", **spec), live=None))
    assert codes(found) == expected
    assert all((one.address, one.source) == (Address("Key", "faq"), SOURCE) for one in found)
    assert findings("Key", present("Key/faq", **spec)) == []
