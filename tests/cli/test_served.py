"""The same commands against the account over HTTPS on loopback, with each way to log in.

The stories of ``tests/scenarios`` are told over HTTPS as well; this is what they do not tell: other
commands, sessions and their ends, a vendor that is busy, and credentials that are wrong.
"""

import json
import logging
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from lebots.account.connection import certificates as trusting
from lebots.core.model.secret import REGISTRY
from lebots.core.vendor.redact import contains_secret
from lebots.run.interruptible_sleep import InterruptibleSleep
from lebots.sandbox import Fault, Rules, Sandbox
from lebots.sandbox.http.serve import Server, serve
from lebots.sandbox.rules.table import BEHAVIOURS, positions_of_switches
from tests import trusted
from tests.cli.conftest import ROUTING_BOT, Project, Ran, text_of
from tests.night import by_day

pytestmark = pytest.mark.enable_socket

WAYS = ("oauth2", "login", "oauth1")
NAMES = {
    "oauth2": ("clientId", "clientSecret"),
    "login": ("username", "password"),
    "oauth1": ("appKey", "secret", "accessToken", "accessTokenSecret"),
}
APP_KEY = {
    "appKey": "keyId",
    "secret": "appSecret",
    "accessToken": "token",
    "accessTokenSecret": "tokenSecret",
}
ACTORS = {
    "oauth2": "acts as an OAuth 2 application, with no user and no session of its own",
    "login": "acts as user {}, an administrator",
    "oauth1": "acts for the site with an OAuth 1 key, which is past its end of life",
}
LE_USERS = "/api/account/55501234/configuration/le-users"
LOGIN, LOGOUT = (f"/api/account/55501234/{word}" for word in ("login", "logout"))
TOKEN = "/sentinel/api/v2/account/55501234/app/token"
DISCOVERY = "/api/account/55501234/service/baseURI.json"


@dataclass
class Served:
    """An account that is served, and a project whose accounts are ways to log in there."""

    project: Project
    sandbox: Sandbox
    server: Server
    secrets: dict[str, str]
    answers: list[tuple[str, int, bytes]] = field(default_factory=list)
    """Path, status and body of everything that was answered."""
    before: Callable[[dict[str, Any]], None] = lambda environ: None
    """Called with each request before it is carried out."""

    def __call__(self, *arguments: str) -> Ran:
        """Runs a command; the line that says whom it speaks to is looked at here and left out."""
        ran = self.project(*arguments)
        first, _, rest = ran.err.partition("\n")
        assert first.endswith(f"is a sandbox served at {self.authority}, not LivePerson's")
        return Ran(ran.code, ran.out, rest)

    @property
    def authority(self) -> str:
        return self.server.url.removeprefix("https://")

    @property
    def paths(self) -> list[str]:
        return [path for path, _, _ in self.answers]

    def live(self, bearer: str) -> bool:
        """Whether a bearer still opens the account."""
        assert self.server.ca
        url = f"{self.server.url}{LE_USERS}/skills"
        headers = {"Authorization": f"Bearer {bearer}"}
        with httpx.Client(verify=trusting(self.server.ca), trust_env=False) as http:
            return http.get(url, params={"v": "2.0"}, headers=headers).status_code == 200

    def bearers(self) -> list[str]:
        """Those of every login so far."""
        found = [body for path, status, body in self.answers if (path, status) == (LOGIN, 200)]
        return [json.loads(body)["bearer"] for body in found]


class _Watching:
    """One application for all tests: answers for the account that is served, and notes answers."""

    def __init__(self) -> None:
        self.served: Served | None = None
        self.app: Any = self._answer

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # Head and body are written one after the other; over TLS the second would wait 10 ms.
        environ["werkzeug.socket"].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        served = self.served
        assert served
        served.before(environ)
        statuses: list[int] = []

        def start(status: str, headers: Any, *rest: Any) -> Any:
            statuses.append(int(status.split()[0]))
            return start_response(status, headers, *rest)

        content = b"".join(served.sandbox.app(environ, start))
        served.answers.append((environ["PATH_INFO"], statuses[0], content))
        return [content]


@pytest.fixture(scope="module")
def watching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[_Watching, Server]]:
    watching: Any = _Watching()
    folder = tmp_path_factory.mktemp("certificates")
    with serve(watching, https=True, certificates=folder) as server:
        yield watching, server


def accounts(folder: Path, server: Server, ca: Path | None = None) -> dict[str, Any]:
    return {
        way: {
            "accountId": "55501234",
            "domain": server.url.removeprefix("https://"),
            "ca": trusted.inside(folder, ca or server.ca),
            "auth": {"method": way, **{name: {"env": f"BOT_{name}".upper()} for name in names}},
        }
        for way, names in NAMES.items()
    }


@pytest.fixture
def served(
    empty: Project,
    watching: tuple[_Watching, Server],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Served]:
    rules: Rules | None = getattr(request, "param", None)
    path = empty.folder / ".lebots" / "sandbox.db"
    path.parent.mkdir()
    with closing(Sandbox(path, authenticate=True, rules=rules)) as sandbox:
        application, server = watching
        key = sandbox.find("appKeys", "legacy-bots")
        secrets = sandbox.tool_access() | {name: key[known] for name, known in APP_KEY.items()}
        project = {
            "apiVersion": "lebots/v1",
            "kind": "Project",
            "defaultAccount": "oauth2",
            "accounts": accounts(empty.folder, server) | {"embedded": {"sandbox": str(path)}},
            "sinks": {"runtime": {"type": "dotenv", "path": ".secrets/{account}/{name}.env"}},
        }
        empty.write("lebots.yaml", json.dumps(project))
        empty.write("manifests/routing-bot.yaml", ROUTING_BOT)
        for name, value in secrets.items():
            monkeypatch.setenv(f"BOT_{name}".upper(), value)
        application.served = Served(empty, sandbox, server, secrets)
        yield application.served


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits in earnest; what would have been waited for."""
    waits: list[float] = []

    class Noting(InterruptibleSleep):
        def __call__(self, seconds: float) -> None:
            waits.append(seconds)

    monkeypatch.setattr("lebots.run.inputs.session.InterruptibleSleep", Noting)
    return waits


# The same as in process


@pytest.mark.parametrize("way", WAYS)
def test_a_bots_whole_life(served: Served, way: str) -> None:
    chosen = ("--account", way)
    ran = served("plan", *chosen)
    assert (ran.code, ran.err) == (0, "")
    assert "3 to create" in ran.out
    assert f"NEXT  lebots apply --account {way} --expect " in ran.out
    assert served("plan", "--check", *chosen).code == 3
    ran = served("apply", "--yes", *chosen)
    assert ran.code == 0
    assert "OUTCOME  3 done" in ran.out
    assert served("plan", "--check", *chosen).code == 0
    ran = served("verify", "--yes", *chosen)
    assert ran.code == 0
    assert ran.err.endswith(f"Bots of account {way}: routing-bot\n")
    assert ran.out.startswith("in        BotUser/routing-bot  id ")
    served.project.write(
        "manifests/routing-bot.yaml", ROUTING_BOT.replace("nickname: Ava", "nickname: Eva")
    )
    ran = served("apply", "--yes", *chosen)
    assert "OUTCOME  1 done" in ran.out
    (bot,) = [user for user in served.sandbox.dump()["users"] if user["nickname"] == "Eva"]
    assert bot["loginName"] == "routing-bot"
    assert {status for _, status, _ in served.answers} == {200, 201}


ACCESS = ("requests", "hosts", "tokens", "login", "signatures", "rights")
GUESSES = [
    pytest.param(way, Rules(**{row.switch: position}), id=f"{way}-{row.switch}={position}")
    for row in BEHAVIOURS
    if row.area in ACCESS
    for position in positions_of_switches().get(row.switch, ())[1:]
    for way in WAYS
]


@pytest.mark.parametrize(("way", "served"), by_day(GUESSES, GUESSES[::29]), indirect=["served"])
def test_the_whole_story_where_access_is_not_as_supposed(
    served: Served, patient: list[float], way: str
) -> None:
    """Each command ends well, or nothing was written and it says why."""
    chosen = ("--account", way)
    for command in (
        ("apply", "--yes", *chosen),
        ("verify", "--yes", *chosen),
        ("rotate", "Key/routing-bot", "--yes", "--grace", "0", *chosen),
        ("plan", "--check", *chosen),
        ("import", "--out", "imported", *chosen),
        ("doctor", *chosen),
    ):
        before = served.sandbox.dump()
        ran = served(*command)
        assert "Traceback" not in ran.all
        if ran.code:
            assert served.sandbox.dump() == before, ran.all
            assert ran.err.strip(), "it says why"
            if command[0] == "apply":
                return


@pytest.mark.parametrize("way", WAYS)
def test_doctor_says_the_same_but_for_who_asks_and_when(served: Served, way: str) -> None:
    def lines(ran: Ran) -> list[str]:
        assert ran.code == 0
        return ran.out.splitlines()

    here = lines(served.project("doctor", "--account", "embedded"))
    there = lines(served("doctor", "--account", way))
    mine, theirs = (
        [line for line in one if line not in other] for one, other in ((here, there), (there, here))
    )
    assert mine == ["ok     credential  no credential: the embedded account"]
    user = served.sandbox.find("users", "lebots-admin")["id"]
    unsure = [line for line in theirs if "can be written by some logins only" in line]
    assert len(unsure) == (2 if way == "oauth2" else 0), "what its scopes may not give"
    rights = theirs.index(unsure[0]) if unsure else 1
    clock = next(place for place, line in enumerate(theirs) if line.startswith("ok     clock"))
    assert [*theirs[:rights], *theirs[clock:]] == [
        f"ok     credential  {ACTORS[way].format(user)}",
        "ok     clock  the clock here agrees with the account's",
    ]


def test_a_plan_is_the_same_whoever_asks(served: Served) -> None:
    plans = [served("plan", "--format", "json", "--account", way).json for way in WAYS]
    plans.append(served.project("plan", "--format", "json", "--account", "embedded").json)
    for plan in plans:
        # The name and the rules are the project's, and so is what an approval covers of them.
        del plan["accountName"], plan["terms"], plan["digest"]
    assert all(plan == plans[0] for plan in plans)


def test_hosts_are_asked_for_once_and_a_login_is_one(served: Served) -> None:
    for way in WAYS:
        served.answers.clear()
        assert served("apply", "--yes", "--account", way).code == 0
        assert served.paths.count(DISCOVERY) == 1
        logins = [path for path in served.paths if path in (LOGIN, TOKEN)]
        assert logins == {"oauth2": [TOKEN], "login": [LOGIN], "oauth1": []}[way]
        assert served.paths.count(LOGOUT) == (way == "login")


# Sessions


@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["doctor"]], ids=" ".join)
def test_no_session_of_the_user_outlives_a_command(served: Served, command: list[str]) -> None:
    assert served(*command, "--account", "login").code == 0
    (bearer,) = served.bearers()
    assert not served.live(bearer)
    assert served.paths[-2:] == [LOGOUT, f"{LE_USERS}/skills"]


@pytest.mark.parametrize("way", WAYS)
def test_no_session_of_a_bot_outlives_verify(served: Served, way: str) -> None:
    assert served("apply", "--yes").code == 0
    served.answers.clear()
    assert served("verify", "--yes", "--account", way).code == 0
    assert served.paths == [DISCOVERY, LOGIN, LOGOUT]
    (bearer,) = served.bearers()
    assert not served.live(bearer)


def test_a_user_whose_session_somebody_ended_logs_in_again(served: Served) -> None:
    """There is one session for each user: whoever logs in ends the one before (8.6)."""
    ended: list[str] = []

    def evict(environ: dict[str, Any]) -> None:
        if environ["PATH_INFO"].endswith("/lobs") and not ended:
            ended.append("once")
            body = {name: served.secrets[name] for name in NAMES["login"]}
            assert served.server.ca
            with httpx.Client(verify=trusting(served.server.ca), trust_env=False) as http:
                http.post(served.server.url + LOGIN, json=body).raise_for_status()

    served.before = evict
    assert served("plan", "--account", "login").code == 0
    statuses = [status for path, status, _ in served.answers if path.endswith("/lobs")]
    assert statuses == [401, 200]
    assert served.paths.count(LOGIN) == 3
    assert not served.live(served.bearers()[-1])


def test_a_command_that_fails_logs_out_all_the_same(served: Served) -> None:
    served.sandbox.faults = [Fault(path="users", status=403)]
    assert served("plan", "--account", "login").code == 5
    served.sandbox.faults = []
    (bearer,) = served.bearers()
    assert not served.live(bearer)


# Wrong


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["doctor"]], ids=" ".join)
def test_a_wrong_credential(
    served: Served, monkeypatch: pytest.MonkeyPatch, way: str, command: list[str]
) -> None:
    monkeypatch.setenv(f"BOT_{NAMES[way][1]}".upper(), "canary-wrong")
    ran = served(*command, "--account", way)
    assert ran.code == 5
    assert len(ran.err.splitlines()) == 1
    told = ran.out if command == ["doctor"] else ran.err
    assert " 401" in told
    assert "canary" not in ran.all
    assert command == ["doctor"] or ran.out == ""
    assert not [path for path in served.paths if path in (LOGIN, TOKEN)][1:], "tried once"


def test_a_bot_with_a_wrong_secret(served: Served) -> None:
    assert served("apply", "--yes").code == 0
    application = served.sandbox.find("installations", "routing-bot")
    served.sandbox.put("installations", {**application, "client_secret": "another"})
    served.answers.clear()
    ran = served("verify", "--yes")
    assert ran.code == 5
    assert ran.out.startswith("failed    BotUser/routing-bot  POST ")
    assert "the key or the user is disabled" in ran.out
    assert served.paths == [DISCOVERY, LOGIN]


@pytest.mark.parametrize("way", WAYS)
def test_a_certificate_that_is_not_trusted(served: Served, tmp_path: Path, way: str) -> None:
    import trustme

    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    project = json.loads((served.project.folder / "lebots.yaml").read_text())
    project["accounts"] = accounts(served.project.folder, served.server, other)
    served.project.write("lebots.yaml", json.dumps(project))
    ran = served("plan", "--account", way)
    assert (ran.code, ran.out) == (5, "")
    assert "its certificate is not trusted" in ran.err
    assert served.answers == []


def test_an_account_that_is_not_served_here(served: Served) -> None:
    project = json.loads((served.project.folder / "lebots.yaml").read_text())
    project["accounts"]["oauth2"]["accountId"] = "11111111"
    served.project.write("lebots.yaml", json.dumps(project))
    ran = served("plan")
    assert ran.code == 5
    assert "GET /api/account/11111111/service/baseURI.json: 401" in ran.err
    assert len(served.answers) == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_log_of_all_requests_holds_no_secret(served: Served, way: str) -> None:
    chosen = ("--account", way)
    said = [
        served("apply", "-v", "--yes", *chosen).err,
        served("-v", "rotate", "Key/routing-bot", "--yes", "--grace", "0", *chosen).err,
        served("verify", "--verbose", "--yes", *chosen).err,
    ]
    for line in ("POST /api/account/55501234/configuration/le-users/users 20", "GET /api", " ms"):
        assert line in said[0]
    assert f"POST {LOGIN} 200" in said[2]
    for text in said:
        assert not contains_secret(text)
        assert not {secret for secret in REGISTRY if len(secret) >= 8 and secret in text}
        assert "?" not in "".join(line for line in text.splitlines() if line.endswith(" ms"))


def test_a_server_that_is_gone(served: Served) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = str(gone.getsockname()[1])
    text = (served.project.folder / "lebots.yaml").read_text()
    served.project.write("lebots.yaml", text.replace(served.authority.split(":")[1], port))
    ran = served.project("plan")
    assert (ran.code, ran.out) == (5, "")
    assert "connection refused" in ran.err


# Busy


@pytest.mark.parametrize(
    ("fault", "least", "waits"),
    [
        (Fault(path="users", status=429, times=2), 1.0, 2),
        (Fault(path="users", status=429, times=1, retry_after="17"), 17.0, 1),
        (Fault(path="users", status=503, times=3), 5.0, 3),
        (Fault(path="app/token", status=429, times=1), 5.0, 1),
        (Fault(path="app/token", status=500, times=2), 5.0, 2),
        (Fault(path="baseURI.json", status=503, times=1), 5.0, 1),
        (Fault(method="POST", path="users", status=429, times=2), 1.0, 2),
    ],
)
def test_a_vendor_that_is_busy_is_waited_for(
    served: Served, patient: list[float], fault: Fault, least: float, waits: int
) -> None:
    served.sandbox.faults = [fault]
    ran = served("apply", "--yes")
    assert ran.code == 0
    waited = [seconds for seconds in patient if seconds >= 1]
    told = [line for line in ran.err.splitlines() if line.startswith("waiting ")]
    assert len(told) == sum(seconds >= 3 for seconds in waited) == len(ran.err.splitlines())
    assert len(waited) >= waits
    assert min(waited) >= least
    assert max(waited) <= 60 * 1.2
    failed = [path for path, status, _ in served.answers if status >= 400]
    assert len(failed) == waits, "no more requests than needed"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(method="POST", path="skills", status=503),
        Fault(method="POST", path="skills", status=503, at="after"),
        Fault(method="POST", path="skills", body="html"),
        Fault(method="POST", path="skills", body="truncated"),
        Fault(method="POST", path="skills", reset="before"),
        Fault(method="POST", path="skills", reset="after"),
    ],
    ids=["503", "503 after it", "HTML", "cut short", "a reset", "a reset after it"],
)
def test_a_create_whose_answer_is_lost_is_never_sent_twice(
    served: Served, patient: list[float], fault: Fault
) -> None:
    served.sandbox.faults = [fault]
    ran = served("apply", "--yes")
    created = "after" in (fault.at, fault.reset) or fault.body
    assert ran.code == (0 if created else 7)
    posts = [sent for sent in served.sandbox.requests if sent[0] == "POST" and "/skills" in sent[1]]
    assert len(posts) == 1
    served.sandbox.faults = []
    assert served("apply", "--yes").code == 0
    names = [skill["name"] for skill in served.sandbox.dump()["skills"]]
    assert names.count("routing-bot") == 1


@pytest.mark.parametrize("body", ["html", "truncated", "empty", "foreign"])
def test_a_wrong_list_ends_the_run(served: Served, body: Any) -> None:
    served.sandbox.faults = [Fault(method="GET", path="users", body=body)]
    ran = served("apply", "--yes")
    assert (ran.code, ran.out) == (5, "")
    assert len(ran.err.splitlines()) == 1
    assert not [sent for sent in served.sandbox.requests if sent[0] == "PUT"]
    assert {sent[1] for sent in served.sandbox.requests if sent[0] == "POST"} == {TOKEN}


def test_an_interrupt_ends_a_long_wait_and_the_session(served: Served) -> None:
    served.sandbox.faults = [
        Fault(method="POST", path="skills", status=429, retry_after="60"),
    ]
    process = served.project.process(
        *("apply", "--yes", "--account", "login"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    ends = time.monotonic() + 15
    while f"{LE_USERS}/skills" not in [p for p, status, _ in served.answers if status == 429]:
        assert time.monotonic() < ends, "the wait never began"
        time.sleep(0.02)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = text_of(process)
    assert time.monotonic() - begun < 5
    assert process.returncode == 130
    assert "interrupted while waiting for the account" in out
    assert "Traceback" not in err
    served.sandbox.faults = []
    (bearer,) = served.bearers()
    assert not served.live(bearer)


# Nothing is told


@pytest.mark.parametrize("way", WAYS)
def test_no_secret_is_printed_or_logged(
    served: Served, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    for name in ("", "httpx", "httpcore", "oauthlib", "lebots"):
        caplog.set_level(logging.DEBUG, logger=name)
    chosen = ("--account", way)
    ran = [served("plan", *chosen), served("apply", "--yes", *chosen), served("doctor", *chosen)]
    ran += [served("verify", "--yes", *chosen, "--format", "json")]
    served.sandbox.faults = [Fault(path="users", status=400)]
    ran += [served("plan", *chosen)]
    assert [one.code for one in ran] == [0, 0, 0, 0, 5]
    told = caplog.text + "".join(one.all for one in ran)
    made = [served.sandbox.find("installations", "routing-bot")["client_secret"]]
    for path, _, body in served.answers:
        if path in (LOGIN, TOKEN):
            answer = json.loads(body)
            made += [answer[name] for name in ("bearer", "csrf", "access_token") if name in answer]
    secrets = [served.secrets[name] for name in NAMES[way] if name not in ("clientId", "username")]
    assert len(made) > 2
    for secret in {*made, *secrets}:
        assert secret not in told
    assert "Session_id" not in told


def test_the_environment_cannot_lead_it_elsewhere(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    assert served("plan").code == 0
