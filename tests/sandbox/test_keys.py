"""Applications (5a) and app keys (5b)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.sandbox.support import (
    APPS,
    KEYS,
    LEGACY_KEY,
    NOW,
    USERS,
    Account,
    application,
    bot,
    without,
)


def _hook(**fields: Any) -> dict[str, Any]:
    event = {"endpoint": "https://hooks.acme.test/content", "headers": []} | fields
    retry = {"retention_time": 3600}
    return {"webhooks": {"retry": retry, "ms.MessagingEventNotification.ContentEvent": event}}


def test_an_install_answers_the_object_with_its_secret(account: Account) -> None:
    answer = account.post(APPS, application())
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{APPS}/{made['id']}"
    assert str(uuid.UUID(made["id"])) == made["id"] == made["client_id"]
    assert len(made["client_secret"]) == 64
    assert application().items() <= made.items()
    assert made["client_id_issued_at"] == int(NOW)
    assert (made["client_secret_expires_at"], made["deleted"], made["is_internal"]) == (
        0,
        False,
        False,
    )
    assert account.one(APPS, made["id"]) == made
    assert account.get(APPS).json() == [made], "a list shows everything without select"
    assert account.get(APPS, "v=1.0&select=client_name").json() == [
        {"client_name": "test.acme.faq-bot"}
    ]


def test_every_install_has_an_id_and_a_secret_of_its_own(account: Account) -> None:
    one, two = (account.create(APPS, application(name)) for name in ("one", "two"))
    assert one["id"] != two["id"]
    assert one["client_secret"] != two["client_secret"]


def test_a_name_is_enough(account: Account) -> None:
    made = account.create(APPS, {"client_name": "plain name"})
    assert made["enabled"] is True
    assert "grant_types" not in made


@pytest.mark.parametrize(
    ("field", "fits", "does_not"),
    [
        ("client_name", "n" * 128, "n" * 129),
        ("client_name", "a name", ""),
        ("display_name", "n" * 128, "n" * 129),
        ("description", "d" * 256, "d" * 257),
        ("scope", "s" * 128, "s" * 129),
        ("logo_uri", "l" * 1024, "l" * 1025),
        ("redirect_uris", ["u" * 128], ["u" * 129]),
        ("grant_types", ["refresh_token", "client_credentials"], ["password"]),
        ("grant_types", [], "client_credentials"),
        ("response_types", ["code", "id_token token"], ["cookie"]),
        ("enabled", "false", "off"),
        ("enabled_for_profiles", [0, "3"], ["all"]),
        ("capabilities", _hook(), _hook(endpoint="http://hooks.acme.test")),
        ("capabilities", {"engagement": {"goal": []}}, {"webhooks": []}),
        ("capabilities", {}, []),
    ],
)
def test_lengths_and_values(account: Account, field: str, fits: Any, does_not: Any) -> None:
    assert account.post(APPS, application(**{field: fits})).status_code == 201
    refused = account.post(APPS, application("other") | {field: does_not})
    assert (refused.status_code, refused.json()["fields"]) == (400, [field])


def test_authorization_code_needs_a_place_to_go_to(account: Account) -> None:
    code = application(grant_types=["authorization_code"])
    assert account.post(APPS, code).json()["fields"] == ["redirect_uris"]
    code["redirect_uris"] = ["https://acme.test/back"]
    assert account.post(APPS, code).status_code == 201


def test_a_name_is_held_once(account: Account) -> None:
    made = account.create(APPS, application())
    for _ in range(2):
        refused = account.post(APPS, application("TEST.acme.faq-bot"))
        assert (refused.status_code, refused.json()["fields"]) == (400, ["client_name"])
        account.delete(f"{APPS}/{made['id']}")


def test_put_replaces_the_whole_application(account: Account) -> None:
    made = account.create(APPS, application(capabilities=_hook(), overview="long", x=1))
    kept = {
        name: made[name] for name in ("client_name", "client_id", "client_secret", "grant_types")
    }
    assert account.put(f"{APPS}/{made['id']}", kept).status_code == 200
    after = account.one(APPS, made["id"])
    assert kept.items() <= after.items()
    assert made.keys() - after.keys() == {
        "display_name", "description", "response_types", "scope", "logo_uri", "capabilities",
        "overview", "x",
    }  # fmt: skip
    assert account.put(f"{APPS}/{made['id']}", {"enabled": False}).status_code == 400


def test_the_id_is_the_servers(account: Account) -> None:
    made = account.create(APPS, application(id="x", client_id="x", client_secret="mine"))
    assert "x" not in (made["id"], made["client_id"])
    assert made["client_secret"] != "mine"
    for lie in ({"id": "x"}, {"client_id": "x"}, {"client_secret": 7}):
        refused = account.put(f"{APPS}/{made['id']}", made | lie)
        assert (refused.status_code, refused.json()["fields"]) == (400, list(lie))


def test_one_object_per_request(account: Account) -> None:
    assert account.post(APPS, [application()]).status_code == 400
    assert account.put(APPS, [application()]).status_code == 405


def test_an_uninstalled_application_stays_deleted(account: Account) -> None:
    made = account.create(APPS, application())
    account.create(USERS, bot(allowedAppKeys=made["id"]))
    assert account.delete(f"{APPS}/{made['id']}").status_code == 200
    assert account.list(APPS) == []
    assert account.list(APPS, "&include_deleted=true") == [made | {"deleted": True}]


def test_app_keys_are_read_whole_with_their_secrets(account: Account) -> None:
    (key,) = account.get(KEYS).json()
    assert account.one(KEYS, LEGACY_KEY) == key
    assert {"appSecret", "token", "tokenSecret", "privileges", "ipRanges"} <= key.keys()


def test_app_keys_are_never_written(account: Account) -> None:
    key = account.one(KEYS, LEGACY_KEY)
    answers = [
        account.post(KEYS, without(key, "keyId")),
        account.put(f"{KEYS}/{LEGACY_KEY}", key | {"enabled": False}),
        account.delete(f"{KEYS}/{LEGACY_KEY}"),
    ]
    assert [answer.status_code for answer in answers] == [405, 405, 405]
    assert account.list(KEYS) == [key]
