"""`put`, `remove`, `show` and `dump`: the account without HTTP."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from lebots.sandbox import SandboxError
from tests.sandbox.support import (
    AGENT,
    ALL,
    APPS,
    BILLING,
    GROUPS,
    KEYS,
    LEGACY_KEY,
    SEEDED_USERS,
    SKILLS,
    SURVEY_BOT,
    USERS,
    Account,
    application,
    bot,
    human,
)

_COLLECTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "skills": (SKILLS, {"name": "Returns"}),
    "users": (USERS, {"loginName": "half-a-user", "skillIds": [1], "profileIds": None}),
    "agentGroups": (GROUPS, {"name": "Night"}),
    "installations": (APPS, {"client_name": "bare"}),
    "appKeys": (KEYS, {"appName": "second", "enabled": False}),
}


@pytest.mark.parametrize("collection", _COLLECTIONS)
def test_put_writes_an_object_as_it_is(account: Account, collection: str) -> None:
    path, obj = _COLLECTIONS[collection]
    before = int(account.revision(path)) if path != KEYS else 0
    made = account.sandbox.put(collection, obj)
    found = account.one(path, made)
    assert obj.items() <= found.items()
    assert found in account.list(path)
    if path != KEYS:
        assert account.revision(path) == str(before + 1)

    assert account.sandbox.put(collection, found | {"extra": 1.50}) == made
    assert account.one(path, made)["extra"] == 1.5
    account.sandbox.remove(collection, made)
    assert account.get(f"{path}/{made}").status_code == 404


def test_put_takes_ids_that_the_account_then_leaves_alone(account: Account) -> None:
    assert account.sandbox.put("skills", {"id": 4100201001, "name": "Returns"}) == 4100201001
    assert account.create(SKILLS, {"name": "Repairs"})["id"] == 4100201002
    assert account.sandbox.put("lobs", {"id": "77", "name": "Travel"}) == 77
    assert account.sandbox.dump()["lobs"][-1]["id"] == 77
    with pytest.raises(SandboxError, match="an id in lobs is a number, not -1"):
        account.sandbox.put("lobs", {"id": -1, "name": "Root"})
    named = account.sandbox.put("installations", {"client_id": "a-b", "client_name": "x"})
    assert account.one(APPS, "a-b")["id"] == named == "a-b"


def test_put_makes_states_that_no_rule_would_allow(account: Account) -> None:
    account.sandbox.put("users", bot("Survey-Bot", skillIds=[1], profileIds="x", managerOf=[1]))
    account.sandbox.put("profiles", {"name": "No role", "roleTypeId": [2]})
    account.sandbox.put("skills", {"name": "Lost", "skillRoutingConfiguration": [None]})
    for path in ALL:
        account.list(path)
    account.sandbox.put("users", bot(allowedAppKeys="gone", memberOf=[], deleted=True))
    twins = [user["loginName"] for user in account.list(USERS)][-2:]
    assert twins == ["survey-bot", "Survey-Bot"]
    shown = {user["loginName"]: user for user in account.sandbox.show()["users"]}
    assert shown["Survey-Bot"]["skills"] == ["1"], "an id with nothing behind it is shown itself"


@pytest.mark.parametrize(
    ("collection", "object_id", "reason"),
    [("skills", 1, "there is no 1 in skills"), ("skill", BILLING, "there is no collection skill")],
)
def test_a_slip_at_the_back_door_is_named(
    account: Account, collection: str, object_id: int, reason: str
) -> None:
    with pytest.raises(SandboxError, match=reason):
        account.sandbox.remove(collection, object_id)


def test_show_speaks_in_names(account: Account) -> None:
    client_id = account.create(APPS, application("faq"))["id"]
    account.create(USERS, bot("FAQ-1", allowedAppKeys=client_id))
    shown = account.sandbox.show()
    assert list(shown)[:6] == ["skills", "keys", "users", "profiles", "agentGroups", "lobs"]
    assert shown["keys"] == [
        {"name": "faq", "type": "oauth2", "enabled": True, "bots": ["FAQ-1"]},
        {"name": "legacy-bots", "type": "oauth1", "enabled": True, "bots": ["survey-bot"]},
    ]
    assert shown["skills"][-1] == {
        "name": "Survey",
        "description": "Asked after a conversation",
        "bots": 2,
        "humans": 0,
    }
    users = {user["loginName"]: user for user in shown["users"]}
    assert list(users) == sorted(users, key=str.casefold)
    assert users["survey-bot"] == {
        "loginName": "survey-bot",
        "fullName": "Survey bot",
        "nickname": "Sam",
        "pictureUrl": None,
        "isEnabled": True,
        "maxAsyncChats": 50,
        "userType": "bot",
        "profiles": ["Agent"],
        "skills": ["Survey"],
        "agentGroup": "Bots",
        "key": "legacy-bots",
    }
    assert users["FAQ-1"]["agentGroup"] == "Main Group"
    assert users["ana.costa@acme.test"]["key"] is None


def test_show_leaves_out_what_is_deleted(account: Account) -> None:
    account.delete(f"{USERS}/{SURVEY_BOT}")
    shown = account.sandbox.show()
    assert "survey-bot" not in [user["loginName"] for user in shown["users"]]
    assert shown["keys"][0]["bots"] == []


def test_neither_show_nor_dump_tells_a_secret(account: Account) -> None:
    hook = {"endpoint": "https://a.test", "headers": [{"header_value": "secret-1"}]}
    capabilities = {"webhooks": {"ms.MessagingEventNotification.ContentEvent": hook}}
    made = account.create(
        APPS, application(capabilities=capabilities, software_statement="secret-2")
    )
    account.create(USERS, human(passwordSh="secret-3"))
    key = account.one(KEYS, LEGACY_KEY)
    secrets = ["secret-", made["client_secret"], "not-a-real"]
    secrets += [key[name] for name in ("appSecret", "token", "tokenSecret")]
    shown, dumped = json.dumps(account.sandbox.show()), json.dumps(account.sandbox.dump())
    for secret in secrets:
        assert secret not in shown + dumped
    assert "***" not in shown
    (app,) = account.sandbox.dump()["installations"]
    assert app["client_secret"] == app["software_statement"] == "***"


def test_dump_has_the_deleted_objects_as_they_are_stored(account: Account) -> None:
    account.delete(f"{USERS}/{SURVEY_BOT}")
    dumped = account.sandbox.dump()
    assert dumped["users"][-1]["deleted"] is True
    assert "skills" not in dumped["users"][0], "expansions are not stored"
    assert {name: len(found) for name, found in dumped.items()} == {
        "skills": 4,
        "users": SEEDED_USERS,
        "profiles": 4,
        "agentGroups": 3,
        "lobs": 2,
        "workinghours": 2,
        "specialoccasion": 1,
        "unified-auto-messages": 3,
        "installations": 0,
        "appKeys": 1,
    }


def test_threads_may_share_an_account(account: Account) -> None:
    failures: list[Any] = []

    def work(worker: int) -> None:
        for number in range(10):
            answer = account.post(SKILLS, {"name": f"Skill {worker}-{number}"})
            if answer.status_code != 201:
                failures.append(answer.text)
            account.list(SKILLS)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    skills = account.list(SKILLS)
    assert len(skills) == len({skill["id"] for skill in skills}) == 44
    assert len(account.sandbox.requests) == 81


def test_agents_role_is_read_from_the_profile_as_it_is_now(account: Account) -> None:
    agent = account.sandbox.dump()["profiles"][1]
    account.sandbox.put("profiles", agent | {"name": "Agente"})
    assert account.one(USERS, SURVEY_BOT)["profiles"] == [
        {"id": AGENT, "roleTypeId": 2, "name": "Agente"}
    ]
