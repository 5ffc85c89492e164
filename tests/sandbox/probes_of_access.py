"""A probe for every switch about hosts, tokens, logins, signatures and rights.

All of them run in an account that asks who is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.sandbox.support import (
    ADMIN,
    APPS,
    KEYS,
    LEGACY_LOGIN,
    LOGIN,
    NOW,
    PASSWORD,
    PROFILES,
    SKILLS,
    SURVEY_BOT,
    TOKEN,
    TOKEN_V1,
    TOOL,
    USERS,
    Account,
    application,
    bot,
    without,
)
from tests.sandbox.test_signatures import SECRETS, send

HOSTS = "/api/account/55501234/service"


def _hosts_version(account: Account) -> int:
    assert account.ask("GET", f"{HOSTS}/baseURI.json?version=1.0").status_code == 200
    return account.ask("GET", f"{HOSTS}/baseURI.json").status_code


def _single_service(account: Account) -> list[str]:
    return sorted(account.ask("GET", f"{HOSTS}/sentinel/baseURI.json").json())


def _unknown_account(account: Account) -> list[Any]:
    paths = ("baseURI.json", "agentVep/baseURI.json")
    answers = [account.ask("GET", f"/api/account/4711/service/{path}") for path in paths]
    return [answer.json().get("baseURIs", answer.status_code) for answer in answers]


def _unknown_service(account: Account) -> Any:
    answer = account.ask("GET", f"{HOSTS}/agentvep/baseURI.json")
    return answer.json().get("baseURIs", answer.status_code)


def _expires_in(account: Account) -> Any:
    return account.token().json()["expires_in"]


def _bearer(answer: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def _v1_tokens(account: Account) -> int:
    assert account.get(SKILLS, headers=_bearer(account.token())).status_code == 200
    return account.get(
        SKILLS, headers=_bearer(account.ask("POST", TOKEN_V1, data=TOOL))
    ).status_code


def _invalid_client(account: Account) -> tuple[int, str]:
    answer = account.token(client_secret="another")
    return answer.status_code, answer.json()["error"]


def _absent_grants(account: Account) -> int:
    account.act_as(ADMIN)
    made = account.create(APPS, without(application(), "grant_types"))
    form = {"client_id": made["id"], "client_secret": made["client_secret"]}
    return account.ask("POST", TOKEN, data=TOOL | form).status_code


def _placeholders(account: Account) -> list[int]:
    account.act_as(ADMIN)
    made = account.create(APPS, application())
    account.create(USERS, bot(allowedAppKeys=made["id"]))
    body = {"username": "faq-bot", "appKey": made["id"], "secret": made["client_secret"]}
    return [
        account.login(**body, accessToken=one, accessTokenSecret="dummy").status_code
        for one in ("dummy", "anything", "")
    ]


def _oauth1_login(account: Account) -> int:
    return account.login(**LEGACY_LOGIN).status_code


def _cookie(account: Account) -> tuple[str, int]:
    csrf = account.login_as(ADMIN)["csrf"]
    (name,) = account.http.cookies
    path = LOGIN.replace("login", "logout")
    return name, account.ask("POST", path, json={"csrf": csrf}).status_code


def _blocked(account: Account) -> tuple[int, str]:
    answer = account.login(username=ADMIN, password=PASSWORD)
    body = answer.json()
    return answer.status_code, body["error"]["responseStatus"] if "error" in body else ""


def _rate(account: Account) -> list[int]:
    names = (ADMIN, ADMIN, "ingrid.lund@acme.test")
    return [account.login(username=name, password=PASSWORD).status_code for name in names]


def _lockout(account: Account) -> list[Any]:
    for _ in range(4):
        account.login(**LEGACY_LOGIN | {"secret": "another"})
    account.act_as(ADMIN)
    before = account.one(USERS, SURVEY_BOT)["isEnabled"]
    account.login(**LEGACY_LOGIN | {"secret": "another"})
    after = account.one(USERS, SURVEY_BOT)
    login = account.login(**LEGACY_LOGIN).status_code
    return [before, after["isEnabled"], after["disabledManually"], login]


def _access_after_disable(account: Account) -> list[int]:
    sandbox = account.sandbox
    user, app = sandbox.dump()["users"][0], sandbox.dump()["installations"][0]
    account.act_as(user["loginName"])
    token = account.token().json()["access_token"]
    sandbox.put("users", user | {"isEnabled": False})
    sandbox.put("installations", app | {"enabled": False})
    by_token = account.get(SKILLS, headers={"Authorization": f"Bearer {token}"})
    return [account.get(SKILLS).status_code, by_token.status_code]


def _signatures(account: Account) -> int:
    return send(account, SKILLS).status_code


def _two_values(account: Account) -> int:
    return send(account, SKILLS, secrets=(SECRETS[0], ""), left_out="oauth_token").status_code


def _nonce(account: Account) -> list[int]:
    return [send(account, SKILLS).status_code for _ in range(2)]


def _window(account: Account) -> int:
    oauth = {"oauth_timestamp": str(int(NOW) - 5000)}
    return send(account, SKILLS, oauth=oauth).status_code


def _users_scope(account: Account) -> list[list[int]]:
    """Reading and writing users with each scope."""
    found = []
    for scope in ("users.external", "users.read", "users.write", "msg.consumer"):
        app = account.sandbox.dump()["installations"][0] | {
            "client_secret": TOOL["client_secret"],
            "scope": scope,
        }
        account.sandbox.put("installations", app)
        headers = _bearer(account.token())
        posted = account.post(USERS, bot(f"bot {scope}"), **headers)
        found.append([account.get(USERS, headers=headers).status_code, posted.status_code])
    return found


def _on_lookups(account: Account) -> list[int]:
    account.act_as_application()
    return [account.get(path).status_code for path in (PROFILES, SKILLS)]


def _credentials(path: str) -> Callable[[Account], list[int]]:
    def probe(account: Account) -> list[int]:
        account.act_as(ADMIN)
        found = [account.get(path).status_code]
        account.act_as_application()
        return [*found, account.get(path).status_code, send(account, path).status_code]

    return probe


def _campaign_manager(account: Account) -> list[int]:
    account.act_as("leila.haddad@acme.test")
    return [account.post(path, body).status_code for path, body in _WRITTEN.items()]


_WRITTEN: dict[str, Any] = {USERS: bot(), SKILLS: {"name": "Returns"}, APPS: application()}


def _agent_reads(account: Account) -> list[int]:
    account.act_as("ana.costa@acme.test")
    return [account.get(SKILLS).status_code, account.get(APPS).status_code]


FOUND: dict[str, tuple[Callable[[Account], Any], dict[Any, Any]]] = {
    "hosts_version": (_hosts_version, {"optional": 200, "required": 400}),
    "single_service": (
        _single_service,
        {"object": ["account", "baseURI", "service"], "list": ["baseURIs"]},
    ),
    "hosts_of_unknown_account": (
        _unknown_account,
        {401: [401, 401], 404: [404, 404], "empty": [[], []]},
    ),
    "hosts_of_unknown_service": (_unknown_service, {404: 404, "empty": []}),
    "expires_in": (_expires_in, {"number": 3600, "text": "3600"}),
    "v1_tokens": (_v1_tokens, {"refused": 401, "accepted": 200}),
    "invalid_client_status": (
        _invalid_client,
        {401: (401, "invalid_client"), 400: (400, "invalid_client")},
    ),
    "absent_grant_types": (_absent_grants, {"accepted": 200, "refused": 400}),
    "login_placeholders": (_placeholders, {"any": [200, 200, 401], "dummy": [200, 401, 401]}),
    "oauth1_login": (_oauth1_login, {"works": 200, "ended": 401}),
    "session_cookie": (
        _cookie,
        {"Session_id": ("Session_id", 200), "session_id": ("session_id", 200)},
    ),
    "login_blocked": (_blocked, {False: (200, ""), True: (451, "UNAVAILABLE_FOR_LEGAL_REASONS")}),
    "login_rate": (_rate, {0: [200, 200, 200], 1: [200, 429, 200]}),
    "login_lockout": (_lockout, {0: [True, True, False, 200], 5: [True, False, True, 401]}),
    "access_after_disable": (_access_after_disable, {"ended": [401, 401], "kept": [200, 200]}),
    "oauth1_signatures": (_signatures, {"works": 200, "ended": 401}),
    "two_value_signatures": (_two_values, {"accepted": 200, "refused": 401}),
    "nonce_replay": (_nonce, {"refused": [200, 401], "accepted": [200, 200]}),
    "timestamp_window": (_window, {300: 401, 0: 200}),
    "users_scope": (
        _users_scope,
        {
            "users.external": [[200, 201], [403, 403], [403, 403], [403, 403]],
            "users.read users.write": [[403, 403], [200, 403], [403, 201], [403, 403]],
            "none": [[200, 201]] * 4,
        },
    ),
    "tokens_on_lookups": (_on_lookups, {"accepted": [200, 200], "refused": [403, 200]}),
    "installations_credential": (
        _credentials(APPS),
        {"any": [200, 200, 200], "administrator": [200, 403, 403]},
    ),
    "app_keys_credential": (
        _credentials(KEYS),
        {"any": [200, 200, 200], "user": [200, 403, 403]},
    ),
    "campaign_manager_writes": (
        _campaign_manager,
        {"users": [201, 403, 403], "users and skills": [201, 201, 403]},
    ),
    "agent_reads": (_agent_reads, {"refused": [403, 403], "allowed": [200, 403]}),
}
