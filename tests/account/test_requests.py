"""Every request that lebots sends to an account, as it leaves: the table of reference section 13.

One bot is made, changed, switched off and logged in as, over the connection to a real account; what
answers behind the hosts of LivePerson is a sandbox that asks for a credential.
"""

import json
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from lebots import __version__, kinds
from lebots.account import connection
from lebots.account.gateway import Gateway
from lebots.cli import main
from lebots.project.kinds import with_versions
from lebots.run.interruptible_sleep import InterruptibleSleep
from lebots.sandbox import Sandbox
from tests.account.vendor import (
    AC_COMMON,
    ACCOUNT,
    DOMAIN,
    HOSTS,
    LE_USERS,
    LOGIN,
    LOGOUT,
    MESSAGES,
    TOKEN,
    Clock,
    Sent,
    Vendor,
    connected,
    says,
)

APPS = f"/api/account/{ACCOUNT}/configuration/app-install/installations"
APP_KEYS = f"/app-key-manager/api/account/{ACCOUNT}/keys"
RW, KEYS, VEP, SENTINEL = (
    HOSTS[name] for name in ("accountConfigReadWrite", "appKeyManagement", "agentVep", "sentinel")
)

PROJECT = """\
apiVersion: lebots/v1
kind: Project
defaultAccount: {method}
accounts:
  oauth2:
    accountId: "55501234"
    auth: {{method: oauth2, clientId: {{env: LP_CLIENT_ID}}, clientSecret: {{env: LP_SECRET}}}}
    scope: {{BotUser: ["routing-bot"], Key: ["*"], Skill: ["routing-bot"]}}
    retire: delete
  login:
    accountId: "55501234"
    auth: {{method: login, username: {{env: LP_USER}}, password: {{env: LP_PASSWORD}}}}
    scope: {{BotUser: ["routing-bot"], Key: ["routing-bot"], Skill: ["routing-bot"]}}
    retire: delete
"""
VARIABLES = {
    "LP_CLIENT_ID": "clientId",
    "LP_SECRET": "clientSecret",
    "LP_USER": "username",
    "LP_PASSWORD": "password",
}

MADE = """\
apiVersion: lebots/v1
kind: Skill
metadata: {name: routing-bot}
spec: {description: First}
---
apiVersion: lebots/v1
kind: Key
metadata: {name: routing-bot}
spec: {type: oauth2, description: First}
---
apiVersion: lebots/v1
kind: BotUser
metadata: {name: routing-bot}
spec:
  fullName: Routing bot
  nickname: Ava
  email: bots@example.com
  profiles: [Agent]
  skills: [routing-bot]
  agentGroup: Bots
  key: routing-bot
  maxAsyncChats: 25
  enabled: true
"""
CHANGED = MADE.replace("First", "Second").replace("nickname: Ava", "nickname: Eva")
SWITCHED_OFF = CHANGED.replace("enabled: true", "enabled: false")
PRUNE = ("apply", "--yes", "--prune", "--allow-empty", "--confirm-deletes", "3")

STEPS = (
    ("create", MADE, ("apply", "--yes")),
    ("verify", MADE, ("verify", "--yes")),
    ("update", CHANGED, ("apply", "--yes")),
    ("disable", SWITCHED_OFF, ("apply", "--yes", "--confirm", "out-of-service=1")),
    ("retire", "# No manifest any more.\n", PRUNE),
)


@dataclass
class Run:
    """What was sent in each step, and the revision that came back with it."""

    steps: dict[str, list[Sent]]
    revisions: dict[Sent, str]

    def found(self, step: str, call: str) -> list[Sent]:
        """The requests of a step; a ``*`` in the path stands for an id."""
        pattern = re.escape(call).replace(r"\*", "[^/]+")
        return [sent for sent in self.steps[step] if re.fullmatch(pattern, sent.call)]


class _Noting(httpx.BaseTransport):
    """A sandbox behind the hosts, whose revisions are noted."""

    def __init__(self, sandbox: Sandbox, vendor: Vendor, revisions: dict[Sent, str]) -> None:
        self._inner = httpx.WSGITransport(app=sandbox.app)
        self._vendor, self._revisions = vendor, revisions

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        self._revisions[self._vendor.sent[-1]] = response.headers.get("ac-revision", "")
        return response


@pytest.fixture(scope="module", params=["oauth2", "login"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """The whole story, once for each way to log in."""
    folder: Path = tmp_path_factory.mktemp("project")
    sandbox, vendor = Sandbox(":memory:", account=ACCOUNT, authenticate=True), Vendor()
    run = Run({}, {})
    vendor.pass_on(f"POST {TOKEN}", f"POST {LOGIN}", f"POST {LOGOUT}")
    vendor.behind = _Noting(sandbox, vendor, run.revisions)
    access, clock = sandbox.tool_access(), Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        patch.setattr(connection, "certificates", lambda ca: bare)
        patch.setattr(httpx.HTTPTransport, "handle_request", lambda _, sent: vendor.handle(sent))
        patch.setattr(
            "lebots.run.inputs.session.InterruptibleSleep",
            lambda: InterruptibleSleep(clock.wait, clock),
        )
        patch.setattr("lebots.run.inputs.session.SETTLE", ())
        for name, part in VARIABLES.items():
            patch.setenv(name, access[part])
        (folder / "lebots.yaml").write_text(PROJECT.format(method=request.param))
        (folder / "manifests").mkdir()
        for step, manifests, arguments in STEPS:
            (folder / "manifests" / "bot.yaml").write_text(manifests)
            vendor.sent = []
            with pytest.raises(SystemExit) as ended:
                main(arguments)
            assert ended.value.code == 0, step
            run.steps[step] = vendor.sent
        yield run
    sandbox.close()


# The table


@dataclass(frozen=True)
class Operation:
    """A row: what is sent, and what must stand in it."""

    step: str
    call: str
    host: str
    query: str
    headers: frozenset[str]
    body: frozenset[str] | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)


A = frozenset({"authorization", "accept"})
J = A | {"content-type"}
M = J | {"if-match"}
FREE = frozenset({"accept", "content-type"})

SKILL = frozenset({"name", "description"})
APP = frozenset({"client_name", "description", "enabled", "grant_types"})
BOT = frozenset(
    {
        *("loginName", "fullName", "nickname", "email", "isEnabled", "userTypeId", "isApiUser"),
        *("allowedAppKeys", "profileIds", "skillIds", "memberOf", "maxChats", "maxAsyncChats"),
        "lobIds",
    }
)
WHOLE = frozenset({"..."})
"""The object as it was read, whatever that holds, less what only the server sets."""

OPERATIONS = {
    "discover": Operation(
        "create",
        f"GET /api/account/{ACCOUNT}/service/baseURI.json",
        DOMAIN,
        "version=1.0",
        frozenset({"accept"}),
    ),
    "list skills": Operation(
        "create", f"GET {LE_USERS}/skills", RW, "v=2.0&select=%24all&include_deleted=true", A
    ),
    "list keys (legacy)": Operation("create", f"GET {APP_KEYS}", KEYS, "v=1.0", A),
    "list apps": Operation("create", f"GET {APPS}", RW, "v=1.0", J),
    "list users": Operation(
        "create", f"GET {LE_USERS}/users", RW, "v=6.0&select=%24all&include_deleted=true", A
    ),
    "list profiles": Operation("create", f"GET {LE_USERS}/profiles", RW, "v=4.0&select=%24all", A),
    "list groups": Operation(
        "create",
        f"GET {LE_USERS}/agentGroups",
        RW,
        "v=2.0&select=%24all&include_deleted=true",
        A,
    ),
    "list LOBs": Operation("create", f"GET {LE_USERS}/lobs", RW, "v=2.0&select=%24all", A),
    "list messages": Operation(
        "retire", f"GET {MESSAGES}", RW, "v=2.0&context_type=ACCOUNT&context_id=55501234", A
    ),
    "list messages of skills": Operation(
        "retire", f"GET {MESSAGES}/*", RW, "v=2.0&view=BY_CONTEXT", A
    ),
    "list working hours": Operation("create", f"GET {AC_COMMON}/workinghours", RW, "v=1.0", A),
    "list occasions": Operation("create", f"GET {AC_COMMON}/specialoccasion", RW, "v=1.0", A),
    "create skill": Operation(
        "create", f"POST {LE_USERS}/skills", RW, "v=2.0", J, SKILL, {"name": "routing-bot"}
    ),
    "install app": Operation(
        "create",
        f"POST {APPS}",
        RW,
        "v=1.0",
        J,
        APP,
        {"grant_types": ["client_credentials"], "enabled": True},
    ),
    "create bot": Operation(
        "create",
        f"POST {LE_USERS}/users",
        RW,
        "v=6.0",
        J,
        BOT,
        {"userTypeId": 2, "isApiUser": True, "isEnabled": True, "maxAsyncChats": 25},
    ),
    "read skill": Operation("update", f"GET {LE_USERS}/skills/*", RW, "v=2.0", A),
    "update skill": Operation(
        "update",
        f"PUT {LE_USERS}/skills/*",
        RW,
        "v=2.0",
        M,
        WHOLE,
        {"name": "routing-bot", "description": "Second", "canTransfer": True},
    ),
    "read app": Operation("update", f"GET {APPS}/*", RW, "v=1.0", J),
    "update app": Operation(
        "update",
        f"PUT {APPS}/*",
        RW,
        "v=1.0",
        M | {"x-http-method-override"},
        WHOLE,
        {"client_name": "routing-bot", "description": "Second", "enabled": True},
    ),
    "read bot": Operation("update", f"GET {LE_USERS}/users/*", RW, "v=6.0", A),
    "update bot": Operation(
        "update",
        f"PUT {LE_USERS}/users/*",
        RW,
        "v=6.0",
        M,
        WHOLE,
        {"loginName": "routing-bot", "fullName": "Routing bot", "nickname": "Eva", "userTypeId": 2},
    ),
    "disable bot": Operation(
        "disable", f"PUT {LE_USERS}/users/*", RW, "v=6.0", M, WHOLE, {"isEnabled": False}
    ),
    "read what is deleted": Operation("retire", f"GET {LE_USERS}/users/*", RW, "v=6.0", A),
    "delete bot": Operation("retire", f"DELETE {LE_USERS}/users/*", RW, "v=6.0", M),
    "read what is uninstalled": Operation("retire", f"GET {APPS}/*", RW, "v=1.0", J),
    "uninstall app": Operation("retire", f"DELETE {APPS}/*", RW, "v=1.0", M),
    "read the last one": Operation("retire", f"GET {LE_USERS}/skills/*", RW, "v=2.0", A),
    "delete skill": Operation("retire", f"DELETE {LE_USERS}/skills/*", RW, "v=2.0", M),
    "verify login": Operation(
        "verify",
        f"POST {LOGIN}",
        VEP,
        "v=1.3",
        FREE,
        frozenset({"username", "appKey", "secret", "accessToken", "accessTokenSecret"}),
        {"username": "routing-bot", "accessToken": "dummy", "accessTokenSecret": "dummy"},
    ),
    "logout": Operation(
        "verify", f"POST {LOGOUT}", VEP, "v=1.3", FREE | {"cookie"}, frozenset({"csrf"})
    ),
}

OURS = {"authorization", "accept", "content-type", "if-match", "x-http-method-override", "cookie"}
EVERYWHERE = {"host", "user-agent", "connection", "accept-encoding", "content-length"}
NEVER_BACK = {
    *("passwordSh", "deleted", "dateUpdated", "dateCreated", "lastPwdChangeDate"),
    *("lpaCreatedUser", "resetMfaSecret", "skills", "profiles", "managedAgentGroups", "lobs"),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation(run: Run, name: str) -> None:
    wanted = OPERATIONS[name]
    # The run's own login is another row.
    sent = next(one for one in run.found(wanted.step, wanted.call) if not _of_the_run(one))
    path = sent.url.raw_path.decode().partition("?")[0]
    assert str(sent.url) == f"https://{wanted.host}{path}?{wanted.query}"
    assert set(sent.headers) & OURS == wanted.headers
    assert set(sent.headers) <= OURS | EVERYWHERE
    assert sent.headers["Accept"] == "application/json"
    assert sent.headers.get("Content-Type", "application/json") == "application/json"
    assert sent.headers["User-Agent"] == f"lebots/{__version__}"
    if "authorization" in wanted.headers:
        assert re.fullmatch(r"Bearer [!-~]+", sent.headers["Authorization"])
    if wanted.body is None:
        assert sent.content == b""
        return
    body = json.loads(sent.content)
    assert isinstance(body, dict), "one object, never a list"
    if wanted.body is not WHOLE:
        assert set(body) == wanted.body
    assert body | dict(wanted.fixed) == body


def _of_the_run(sent: Sent) -> bool:
    return sent.call == f"POST {LOGIN}" and b'"password"' in sent.content


def test_every_request_has_its_row(run: Run) -> None:
    known = {(row.step, row.call) for row in OPERATIONS.values()}
    rows = {(step, call) for step in run.steps for _, call in known}
    logins = {f"POST {TOKEN}", f"POST {LOGIN}", f"POST {LOGOUT}"}
    for step, requests in run.steps.items():
        for sent in requests:
            fitting = [
                call for where, call in rows if where == step and sent in run.found(step, call)
            ]
            assert fitting or sent.call in logins, sent.call


def test_authenticating(run: Run) -> None:
    """Both ways, once in a run and before everything but the discovery of hosts."""
    for step, requests in run.steps.items():
        asked = [sent for sent in requests if sent.call == f"POST {TOKEN}" or _of_the_run(sent)]
        if step == "verify":
            assert asked == [], "what logs in as bots needs no credential of its own"
            continue
        (sent,) = asked
        assert requests[1] is sent
        if sent.url.host == SENTINEL:
            assert str(sent.url) == f"https://{SENTINEL}{TOKEN}"
        else:
            assert str(sent.url) == f"https://{VEP}{LOGIN}?v=1.3"
            assert set(json.loads(sent.content)) == {"username", "password"}
            assert requests[-1].call == f"POST {LOGOUT}"


@pytest.mark.parametrize(("method", "times"), [("PUT", 4), ("DELETE", 3)])
def test_a_write_bears_the_revision_of_the_read_just_made(
    run: Run, method: str, times: int
) -> None:
    writes = 0
    for requests in run.steps.values():
        for before, sent in pairwise(requests):
            if sent.method == method:
                writes += 1
                assert before.call == sent.call.replace(method, "GET")
                assert sent.headers["If-Match"] == run.revisions[before]
                assert sent.headers["If-Match"].isdigit(), "never -1 or *"
    assert writes == times


def test_no_other_request_bears_one(run: Run) -> None:
    for requests in run.steps.values():
        for sent in requests:
            assert ("if-match" in sent.headers) == (sent.method in ("PUT", "DELETE"))


def test_who_refers_is_deleted_first(run: Run) -> None:
    deletes = [sent.url.path for sent in run.steps["retire"] if sent.method == "DELETE"]
    folders = [path.rpartition("/")[0] for path in deletes]
    assert folders == [f"{LE_USERS}/users", APPS, f"{LE_USERS}/skills"]


def test_a_put_carries_the_whole_object_less_what_the_server_sets(run: Run) -> None:
    skill, app, bot = (
        json.loads(run.found("update", f"PUT {path}/*")[0].content)
        for path in (f"{LE_USERS}/skills", APPS, f"{LE_USERS}/users")
    )
    for body in (skill, app, bot):
        assert body["id"]
        assert len(body) > 10
    assert app["client_id"] == app["id"]
    assert app["client_secret"], "left out it would be lost"
    assert not NEVER_BACK & set(bot)
    assert not {"dateUpdated", "dateCreated"} & set(skill)
    assert "assignmentDate" not in bot["memberOf"]
    assert bot["allowedAppKeys"] == app["id"]


def test_a_bot_is_switched_off_by_one_word(run: Run) -> None:
    (before,) = run.found("update", f"PUT {LE_USERS}/users/*")
    (after,) = run.found("disable", f"PUT {LE_USERS}/users/*")
    changed = json.loads(after.content)
    assert changed.pop("isEnabled") is False
    was = json.loads(before.content)
    assert was.pop("isEnabled") is True
    # The server derives it from isEnabled where it is left out.
    assert "disabledManually" not in changed
    assert changed.items() <= was.items()


def test_a_new_object_never_brings_what_only_the_account_gives(run: Run) -> None:
    for requests in run.steps.values():
        for sent in requests:
            if sent.method == "POST" and sent.url.host == RW:
                given = {"id", "pid", "client_id", "client_secret", "keyId"} | NEVER_BACK
                assert not given & set(json.loads(sent.content))


def test_the_answer_to_a_login_is_used_for_its_logout(run: Run) -> None:
    login, logout = (
        [one for one in run.found("verify", call) if not _of_the_run(one)]
        for call in (f"POST {LOGIN}", f"POST {LOGOUT}")
    )
    assert (len(login), len(logout)) == (1, 1)
    assert re.fullmatch(r"Session_id=[0-9a-f]{64}", logout[0].headers["Cookie"])
    assert re.fullmatch("[0-9a-f]{64}", json.loads(logout[0].content)["csrf"])


# Versions


ONE = {
    "users": {"id": 1, "loginName": "a", "userTypeId": 1},
    "profiles": {"id": 1, "name": "Agent", "roleTypeId": 2},
}


def test_versions_of_the_project_take_the_place_of_the_tested_ones(
    vendor: Vendor, clock: Clock
) -> None:
    asked = {"users": {"list": "5.0", "write": "4.0"}, "skills": {"write": "6.0"}}
    asked |= {"appKeys": {"list": "2.0"}}
    loaded = with_versions(kinds.load(), asked)
    for name, one in ONE.items():
        vendor.on(f"GET {LE_USERS}/{name}", says(json=[one]))
        vendor.on(f"GET {LE_USERS}/{name}/", says(json=one, headers={"ac-revision": "7"}))
    vendor.on(f"GET {LE_USERS}/skills/", says(json={"id": 1, "name": "b"}, headers={"ETag": "7"}))
    with connected(clock) as client:
        gateway = Gateway(client, loaded)
        gateway.read()
        for kind, name in ("BotUser", "users"), ("Skill", "skills"):
            endpoint = loaded[kind].endpoint(name)
            gateway.fetch(endpoint, "1")
            gateway.replace(endpoint, "1", {"id": 1}, "7")
    versions = {sent.call: sent.url.params["v"] for sent in vendor.sent if "v" in sent.url.params}
    assert versions == {
        f"GET {LE_USERS}/agentGroups": "2.0",
        f"GET {LE_USERS}/lobs": "2.0",
        f"GET {AC_COMMON}/workinghours": "1.0",
        f"GET {MESSAGES}": "2.0",
        f"GET {AC_COMMON}/specialoccasion": "1.0",
        f"GET {LE_USERS}/profiles": "4.0",
        f"GET {LE_USERS}/skills": "2.0",
        f"GET {LE_USERS}/skills/1": "6.0",
        f"PUT {LE_USERS}/skills/1": "6.0",
        f"GET {LE_USERS}/users": "5.0",
        f"GET {LE_USERS}/users/1": "4.0",
        f"PUT {LE_USERS}/users/1": "4.0",
        f"GET {APPS}": "1.0",
        f"GET {APP_KEYS}": "2.0",
    }
