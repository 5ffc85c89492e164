"""What the sandbox's tests share: a small client, and bodies that are valid until changed."""

from __future__ import annotations

import random
from typing import Any

import httpx
from hypothesis import HealthCheck, settings

from lebots.sandbox import Rules, Sandbox

STEADY = settings(
    derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
"""Generated inputs that are the same on every run."""

NOW = 1_790_000_000.0
TODAY = "2026-09-21 14:13:20"

ADMINISTRATOR, AGENT, AGENT_MANAGER, CAMPAIGN_MANAGER = range(4100200001, 4100200005)
BOTS, SUPPORT, SALES_GROUP = range(4100200701, 4100200704)
RETAIL, WHOLESALE = 4100200801, 4100200802
CUSTOMER_CARE, BILLING, SALES, SURVEY = range(4100200901, 4100200905)
WEEKDAYS, NIGHTS, HOLIDAYS = range(4100200951, 4100200954)
INGRID, ANA, SURVEY_BOT = 4100200301, 4100200304, 4100200313
SEEDED_USERS = 14  # twelve people, the tool's administrator, one bot
LEGACY_KEY = "5e1f0c2a9b7d4e6f8a3c1d0b2e4f6a8c"

LE_USERS = "/api/account/55501234/configuration/le-users"
USERS, SKILLS, PROFILES = f"{LE_USERS}/users", f"{LE_USERS}/skills", f"{LE_USERS}/profiles"
GROUPS, LOBS = f"{LE_USERS}/agentGroups", f"{LE_USERS}/lobs"
AC_COMMON = "/api/account/55501234/configuration/ac-common"
HOURS, OCCASIONS = f"{AC_COMMON}/workinghours", f"{AC_COMMON}/specialoccasion"
APPS = "/api/account/55501234/configuration/app-install/installations"
KEYS = "/app-key-manager/api/account/55501234/keys"

VIEW = "/manager_workspace/api/account/55501234/agent_view"
LOGIN = "/api/account/55501234/login"
REFRESH, LOGOUT = "/api/account/55501234/refresh", "/api/account/55501234/logout"
TOKEN = "/sentinel/api/v2/account/55501234/app/token"
TOKEN_V1 = "/sentinel/api/account/55501234/app/token"
PASSWORD = "not-a-real-password"
ADMIN = "lebots-admin"
TOOL = {
    "client_id": "1eb07500-0000-4000-8000-000000000001",
    "client_secret": "not-a-real-client-secret",
    "grant_type": "client_credentials",
}
LEGACY_LOGIN = {
    "username": "survey-bot",
    "appKey": LEGACY_KEY,
    "secret": "0000000000000000",
    "accessToken": "00000000000000000000000000000def",
    "accessTokenSecret": "0000000000000001",
}

ALL = {
    USERS: "v=6.0&select=$all",
    SKILLS: "v=2.0&select=$all",
    PROFILES: "v=4.0&select=$all",
    GROUPS: "v=2.0&select=$all",
    LOBS: "v=2.0&select=$all",
    APPS: "v=1.0",
    KEYS: "v=1.0",
    HOURS: "v=1.0&select=$all",
    OCCASIONS: "v=1.0&select=$all",
}
_VERSION = {USERS: "6.0", PROFILES: "4.0", HOURS: "1.0", OCCASIONS: "1.0"}


class Account:
    """A sandbox in memory with the HTTP client that talks to it."""

    def __init__(self, rules: Rules | None = None, **options: Any) -> None:
        path = options.pop("path", ":memory:")
        chosen: dict[str, Any] = {"now": lambda: NOW, "random": random.Random(7), **options}
        self.sandbox = Sandbox(path, rules=rules, **chosen)
        self.http = httpx.Client(
            transport=httpx.WSGITransport(app=self.sandbox.app), base_url="https://sandbox.test"
        )

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The request as it stands."""
        return self.http.request(method, path, **options)

    def get(self, path: str, query: str = "", **options: Any) -> httpx.Response:
        return self.ask("GET", f"{path}?{query or _v(path)}", **options)

    def list(self, path: str, extra: str = "") -> list[dict[str, Any]]:
        """The whole collection with all fields."""
        answer = self.get(path, ALL[path] + extra)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found

    def one(self, path: str, object_id: object) -> dict[str, Any]:
        """One object, which exists."""
        answer = self.get(f"{path}/{object_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.ask("POST", f"{path}?{_v(path)}", json=body, headers=headers)

    def create(self, path: str, body: Any) -> dict[str, Any]:
        """The object that a successful POST makes."""
        answer = self.post(path, body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def put(self, path: str, body: Any, if_match: object = "-1") -> httpx.Response:
        return self.ask("PUT", f"{path}?{_v(path)}", json=body, headers=_match(if_match))

    def change(self, path: str, object_id: object, **fields: Any) -> httpx.Response:
        """Read, modify, write the whole object."""
        return self.put(f"{path}/{object_id}", self.one(path, object_id) | fields)

    def delete(self, path: str, if_match: object = "-1", body: Any = None) -> httpx.Response:
        content = {} if body is None else {"json": body}
        return self.ask("DELETE", f"{path}?{_v(path)}", headers=_match(if_match), **content)

    def login(self, **body: Any) -> httpx.Response:
        """A login; the cookie of its session stays with the client."""
        return self.ask("POST", f"{LOGIN}?v=1.3", json=body)

    def login_as(self, name: str) -> dict[str, Any]:
        """The answer to the login of a person of the seeded account."""
        answer = self.login(username=name, password=PASSWORD)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def act_as(self, name: str) -> None:
        """From now on, every request carries the bearer of this person."""
        self.http.headers["Authorization"] = f"Bearer {self.login_as(name)['bearer']}"

    def token(self, query: str = "", **form: Any) -> httpx.Response:
        """An access token; by default for the application of tools."""
        return self.ask("POST", f"{TOKEN}{query}", data=TOOL | form)

    def act_as_application(self, **form: Any) -> None:
        """From now on, every request carries an access token."""
        self.http.headers["Authorization"] = f"Bearer {self.token(**form).json()['access_token']}"

    def view(self, query: str = "", **filters: Any) -> httpx.Response:
        """The agent view of the last hour, of the agents that these filters leave."""
        time = {"from": int((NOW - 3600) * 1000), "to": int(NOW * 1000)}
        body = {
            "filters": {"time": time, **filters},
            "metricsToRetrieveCurrentValue": ["agent_current_status", "assigned_conversations"],
        }
        return self.ask("POST", f"{VIEW}?{query}", json=body)

    def revision(self, path: str) -> str:
        return self.get(path, ALL[path]).headers["ac-revision"]


def _v(path: str) -> str:
    """The `v` that the reference uses for this collection."""
    known = next((v for prefix, v in _VERSION.items() if path.startswith(prefix)), None)
    return f"v={known or ('1.0' if path.startswith((APPS, KEYS)) else '2.0')}"


def _match(revision: object) -> dict[str, str]:
    return {} if revision is None else {"If-Match": str(revision)}


def without(obj: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in obj.items() if name not in names}


def bot(name: str = "faq-bot", **fields: Any) -> dict[str, Any]:
    """The body that creates a bot user (10.10)."""
    return {
        "loginName": name,
        "fullName": "FAQ bot",
        "nickname": "Nova",
        "email": "bots@acme.test",
        "isEnabled": True,
        "userTypeId": 2,
        "isApiUser": True,
        "allowedAppKeys": LEGACY_KEY,
        "maxChats": 0,
        "maxAsyncChats": 200,
        "profileIds": [AGENT],
        "skillIds": [SURVEY],
        "lobIds": [],
        "memberOf": {"agentGroupId": -1},
    } | fields


def human(name: str = "ida@acme.test", **fields: Any) -> dict[str, Any]:
    """The body that creates a person."""
    person = without(bot(name), "userTypeId", "isApiUser", "allowedAppKeys")
    return person | {"fullName": "Ida Holm", "passwordSh": "not-a-real-password"} | fields


def application(name: str = "test.acme.faq-bot", **fields: Any) -> dict[str, Any]:
    """The body that installs an application (10.6)."""
    return {
        "client_name": name,
        "display_name": "FAQ bot",
        "description": "Login key of the FAQ bots",
        "grant_types": ["client_credentials"],
        "response_types": ["token"],
        "scope": "msg.consumer",
        "logo_uri": "",
        "enabled": True,
    } | fields


def profile(name: str = "Second agent", **fields: Any) -> dict[str, Any]:
    """The body that creates a profile."""
    return {
        "name": name,
        "roleTypeId": 2,
        "permissions": [],
        "permissionPackages": [],
        "isAssignedToLPA": False,
    } | fields
