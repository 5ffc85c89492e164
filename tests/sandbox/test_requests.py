"""Paths, parameters, versions, verbs and error bodies (3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sandbox.support import (
    ALL,
    ANA,
    APPS,
    BILLING,
    BOTS,
    GROUPS,
    KEYS,
    LE_USERS,
    LEGACY_KEY,
    PROFILES,
    SKILLS,
    SUPPORT,
    SURVEY_BOT,
    TODAY,
    USERS,
    Account,
    bot,
)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{LE_USERS}/skill", 404),
        (f"{LE_USERS}/Skills", 404),
        (f"{SKILLS}/", 404),
        (f"{SKILLS}/{BILLING}/names", 404),
        (f"{SKILLS}/unknown", 404),
        (f"{SKILLS}/1", 404),
        (f"{SKILLS}/0{BILLING}", 404),
        ("/", 404),
        ("//api/account/55501234/configuration/le-users/skills", 404),
        (f"{APPS}/", 200),
        (f"{APPS}/00000000-0000-4000-8000-000000000000", 404),
        (f"{KEYS}/{LEGACY_KEY}", 200),
        (f"{KEYS}/none", 404),
        ("/api/account/no-such-id/configuration/le-users/skills", 400),
        ("/api/account/55501235/configuration/le-users/skills", 401),
        ("/app-key-manager/api/account/55501235/keys", 401),
    ],
)
def test_only_known_paths_of_this_account_are_answered(
    account: Account, path: str, status: int
) -> None:
    assert account.ask("GET", path).status_code == status


@pytest.mark.parametrize(
    ("path", "query", "named"),
    [
        (SKILLS, "v=2.0&selct=$all", "selct"),
        (SKILLS, "version=2.0", "version"),
        (SKILLS, "limit=10", "limit"),
        (SKILLS, "v=2.0&getUsers=true", "getUsers"),
        (f"{GROUPS}/{BOTS}", "v=2.0&getUsers=true", "getUsers"),
        (GROUPS, "v=2.0&getUsers=yes", "getUsers"),
        (SKILLS, "v=2.0&include_deleted=1", "include_deleted"),
        (SKILLS, "v=2.0&v=2.0", "v"),
        (KEYS, "v=1.0&select=$all", "select"),
        (SKILLS, "v=2.0&select=", "select"),
    ],
)
def test_a_parameter_that_is_unknown_or_wrong_is_named(
    account: Account, path: str, query: str, named: str
) -> None:
    refused = account.get(path, query)
    assert refused.status_code == 400
    assert named in refused.json()["message"]
    if path != KEYS:
        assert refused.json()["fields"] == [named]


def test_writes_take_no_select(account: Account) -> None:
    assert account.ask("POST", f"{SKILLS}?v=2.0&select=id", json={}).json()["fields"] == ["select"]


@pytest.mark.parametrize(
    ("path", "version", "status"),
    [
        *[(USERS, version, 200) for version in ("2.0", "4.0", "5.0", "6.0")],
        *[(USERS, version, 400) for version in ("1.0", "7.0", "6", "six", "")],
        *[(SKILLS, version, 200) for version in ("1.0", "2.0", "4.0", "6.0", None)],
        *[(APPS, version, 200) for version in ("1.0", "2.0", None)],
        (APPS, "3.0", 400),
        (KEYS, "2.0", 400),
        (PROFILES, "4.0", 200),
        (PROFILES, None, 400),
    ],
)
def test_versions(account: Account, path: str, version: str | None, status: int) -> None:
    query = "source=ccui" if version is None else f"v={version}"
    answer = account.get(path, query)
    assert answer.status_code == status
    if status == 400 and path != KEYS:
        assert answer.json()["fields"] == ["v"]


def test_users_without_v_are_those_of_2_0(account: Account) -> None:
    later = {"pid", "profileIds", "lobIds", "isApiUser", "userTypeId", "allowedAppKeys"}
    old = account.get(f"{USERS}/{SURVEY_BOT}", "source=ccui").json()
    new = account.get(f"{USERS}/{SURVEY_BOT}", "v=4.0").json()
    assert new.keys() - old.keys() == later
    refused = account.ask("POST", USERS, json=bot())
    assert (refused.status_code, refused.json()["fields"]) == (400, ["v"])


_COLLECTION, _OBJECT = ["GET", "POST", "PUT", "DELETE"], ["GET", "PUT", "DELETE"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (USERS, _COLLECTION),
        (f"{USERS}/{SURVEY_BOT}", _OBJECT),
        (SKILLS, _COLLECTION),
        (f"{SKILLS}/{BILLING}", _OBJECT),
        (APPS, ["GET", "POST"]),
        (f"{APPS}/any", _OBJECT),
        (KEYS, ["GET"]),
        (f"{KEYS}/{LEGACY_KEY}", ["GET"]),
    ],
)
def test_verbs(account: Account, path: str, allowed: list[str]) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
        answer = account.ask(method, f"{path}?v=6.0" if path.startswith(USERS) else path)
        assert (answer.status_code == 405) == (method not in allowed), method
        if answer.status_code == 405:
            assert answer.headers["Allow"].split(", ") == allowed


@pytest.mark.parametrize(
    ("method", "override", "status"),
    [
        ("POST", "PUT", 200),
        ("POST", "DELETE", 200),
        ("PUT", "PUT", 200),
        ("DELETE", "DELETE", 200),
        ("PUT", "DELETE", 400),
        ("GET", "DELETE", 400),
        ("POST", "PATCH", 400),
    ],
)
def test_the_verb_override(account: Account, method: str, override: str, status: int) -> None:
    skill = account.create(SKILLS, {"name": "Returns"})
    headers = {"X-HTTP-Method-Override": override, "If-Match": "-1"}
    path = f"{SKILLS}/{skill['id']}"
    answer = account.ask(method, path, json={"name": "Repairs"}, headers=headers)
    assert answer.status_code == status
    names = [found["name"] for found in account.list(SKILLS)]
    done = {"PUT": "Repairs" in names, "DELETE": "Returns" not in names}
    assert done.get(override, False) == (status == 200)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"7",
        b'"text"',
        b"[]",
        b'{"name": NaN}',
        b'{"name": "a", "x": 1e999}',
        b'{"name": "\xff"}',
        b"[" * 5000 + b"]" * 5000,
        b'{"name": "a", "x": ' + b"[" * 100 + b"]" * 100 + b"}",
        b'{"x": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_body_that_is_no_object_is_a_400(account: Account, body: bytes) -> None:
    refused = account.ask("POST", f"{SKILLS}?v=2.0", content=body)
    assert refused.status_code == 400
    assert len(account.list(SKILLS)) == 4


def test_the_error_body_of_account_configuration(account: Account) -> None:
    refused = account.post(USERS, bot(nickname=None, maxChats="many"))
    assert refused.status_code == 400
    assert refused.json() == {
        "time": TODAY,
        "message": "Invalid value: nickname is required; maxChats must be a whole number",
        "internalCode": 17,
        "responseStatus": "BAD_REQUEST",
        "fields": ["nickname", "maxChats"],
    }


def test_the_error_body_of_the_key_manager(account: Account) -> None:
    refused = account.get(f"{KEYS}/none")
    assert refused.json() == {
        "time": 1_790_000_000_000,
        "message": "There is no none in appKeys",
        "internalCode": 40,
    }


def test_nobody_is_let_in_where_tokens_are_asked_for(
    open_account: Callable[..., Account],
) -> None:
    account = open_account({"authenticate": True})
    answers = [account.get(path, query) for path, query in ALL.items()]
    assert {answer.status_code for answer in answers} == {401}
    assert account.get(SKILLS, headers={"Authorization": "Bearer made-up"}).status_code == 401


def test_every_request_is_noted(account: Account) -> None:
    account.get(SKILLS, "v=2.0&select=$all")
    account.post(SKILLS, {"name": "Billing"})
    account.get("/nowhere", "v=2.0")
    assert account.sandbox.requests == [
        ("GET", f"{SKILLS}?v=2.0&select=$all", 200),
        ("POST", f"{SKILLS}?v=2.0", 400),
        ("GET", "/nowhere?v=2.0", 404),
    ]


# Lists


@pytest.mark.parametrize(
    ("path", "query", "shown"),
    [
        (USERS, "v=6.0", {"id", "pid", "deleted", "loginName"}),
        (USERS, "v=6.0&select=$summary", {"id", "pid", "deleted", "loginName"}),
        (SKILLS, "v=2.0", {"id", "deleted", "name"}),
        (PROFILES, "v=4.0", {"id", "deleted", "name"}),
        (GROUPS, "v=2.0", {"id", "deleted", "name"}),
        (SKILLS, "v=2.0&select=id", {"id"}),
        (SKILLS, "v=2.0&select=id,name,nmae", {"id", "name"}),
        (SKILLS, "v=2.0&select=%24summary,description", {"id", "deleted", "name", "description"}),
    ],
)
def test_a_list_shows_little_unless_asked(
    account: Account, path: str, query: str, shown: set[str]
) -> None:
    for obj in account.get(path, query).json():
        assert obj.keys() == shown


def test_nested_selection(account: Account) -> None:
    query = "v=6.0&select=loginName,memberOf(agentGroupId),skills(name)"
    found = account.get(f"{USERS}/{ANA}", query).json()
    assert found == {
        "loginName": "ana.costa@acme.test",
        "memberOf": {"agentGroupId": SUPPORT},
        "skills": [{"name": "Customer care"}, {"name": "Billing"}],
    }


def test_deleted_objects_are_listed_on_request(account: Account) -> None:
    skill = account.create(SKILLS, {"name": "Returns"})
    account.delete(f"{SKILLS}/{skill['id']}")
    assert "Returns" not in [found["name"] for found in account.list(SKILLS)]
    listed = account.list(SKILLS, "&include_deleted=true")
    assert [(found["name"], found["deleted"]) for found in listed][-1] == ("Returns", True)
    by_id = account.get(f"{SKILLS}/{skill['id']}", "v=2.0&include_deleted=true")
    assert by_id.json()["deleted"] is True
