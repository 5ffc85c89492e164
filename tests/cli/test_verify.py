"""``lebots verify``: one login for each bot with the credential that was delivered for it."""

import io
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from lebots.run.inputs.embedded import open_sandbox
from tests.cli.conftest import ROUTING_BOT, Application, Project, Wrapper, refusing
from tests.night import by_day

SINK = Path(".secrets/55501234/routing-bot.env")
LOGIN, LOGOUT = (f"POST /api/account/55501234/{action}" for action in ("login", "logout"))
CHECKLIST = (
    "the key or the user is disabled, the user is linked to another key, the login name or the "
    "account is wrong, this address is not allowed to log in, or OAuth 1 is switched off"
)
ASKS = (
    "A login ends the session a bot has now: one that is running drops its conversations\n"
    "until it logs in again. Bots of account sandbox: routing-bot\n"
)

OTHERS = """\
---
apiVersion: lebots/v1
kind: Key
metadata: {name: legacy-bots}
spec: {type: oauth1}
---
apiVersion: lebots/v1
kind: BotUser
metadata: {name: callback-bot}
spec:
  fullName: Callback bot
  nickname: Cal
  email: bots@example.com
  profiles: [Agent]
  skills: [routing-bot]
  agentGroup: Bots
  key: legacy-bots
  maxAsyncChats: 25
---
apiVersion: lebots/v1
kind: BotUser
metadata: {name: survey-bot}
spec: {nickname: Sue}
"""

SECOND = """\
---
apiVersion: lebots/v1
kind: BotUser
metadata: {name: second-bot}
spec:
  fullName: Second bot
  nickname: Bea
  email: bots@example.com
  profiles: [Agent]
  skills: [routing-bot]
  agentGroup: Bots
  key: routing-bot
  maxAsyncChats: 25
"""


class Logins:
    """Stands before the account and notes what passes of logins."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.statuses: list[int] = []

    def __call__(
        self, application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        call = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        if call not in (LOGIN, LOGOUT):
            return application(environ, start_response)
        content = environ["wsgi.input"].read()
        self.sent.append((call, json.loads(content)))
        environ["wsgi.input"] = io.BytesIO(content)

        def start(status: str, headers: Any, *rest: Any) -> Any:
            self.statuses.append(int(status.split()[0]))
            return start_response(status, headers, *rest)

        return application(environ, start)

    @property
    def calls(self) -> list[str]:
        return [call for call, _ in self.sent]


@pytest.fixture
def applied(lebots: Project) -> Project:
    """A project whose bot is in the account, with its key in the sink."""
    assert lebots("apply", "--yes").code == 0
    lebots.requests.clear()
    return lebots


def watched(project: Project) -> Logins:
    project.wrapper = logins = Logins()
    return logins


def id_of(project: Project, name: str) -> str:
    shown = project("sandbox", "show", "--format", "json").json
    (found,) = [user for user in shown["users"] if user["loginName"] == name]
    return str(found["id"])


# It works


def test_the_bot_gets_in(applied: Project) -> None:
    logins = watched(applied)
    ran = applied("verify", "--yes")
    assert (ran.code, ran.err) == (0, ASKS)
    assert ran.out.startswith("in        BotUser/routing-bot  id ")
    assert ran.out.split()[-1].isdigit()
    assert logins.calls == [LOGIN, LOGOUT]
    assert logins.statuses == [200, 200], "and is out again"
    values = dict(line.split("=", 1) for line in SINK.read_text().splitlines() if "=" in line)
    assert logins.sent[0][1] == {
        "username": "routing-bot",
        "appKey": values["LP_APPKEY"],
        "secret": values["LP_SECRET"],
        "accessToken": "dummy",
        "accessTokenSecret": "dummy",
    }
    assert applied.requests == [LOGIN, LOGOUT], "nothing is read, nothing else is written"
    assert values["LP_SECRET"] not in ran.all


def test_as_json(applied: Project) -> None:
    ran = applied("verify", "--yes", "--format", "json")
    assert (ran.code, ran.err) == (0, ASKS)
    (login,) = ran.json["logins"]
    assert ran.json["formatVersion"] == 1
    assert login.pop("id").isdigit()
    assert login == {"address": "BotUser/routing-bot", "status": "in", "error": ""}


def test_it_is_a_matter_of_credentials_not_of_manifests(applied: Project) -> None:
    before = {
        path: path.read_bytes()
        for path in applied.folder.rglob("*")
        if path.name != "sandbox.db"
        if path.is_file()
    }
    assert applied("verify", "--yes").code == 0
    assert all(path.read_bytes() == content for path, content in before.items())


def test_there_is_nobody_to_log_in(empty: Project) -> None:
    empty.write("manifests/skill.yaml", SECOND.replace("BotUser", "Skill").split("spec:")[0])
    for options in [], ["--yes"]:
        ran = empty("verify", *options)
        assert (ran.code, ran.out, ran.err) == (0, "no bot to log in as\n", "")
    assert empty.requests == []


# It asks first


def test_nobody_is_logged_in_unasked(applied: Project) -> None:
    ran = applied("verify")
    assert ran.code == 6
    assert ran.err == f"{ASKS}lebots: nobody can be asked here; confirm with --yes\n"
    assert ran.out == ""
    assert applied.requests == []


ANSWERS = [(b"y\n", 0), (b"yes\n", 0), (b"n\n", 6), (b"\n", 6), (b"\x04", 6)]


@pytest.mark.parametrize(("types", "code"), by_day(ANSWERS, [(b"\n", 6)]))
def test_on_a_terminal_it_asks(applied: Project, types: bytes, code: int) -> None:
    ran = applied.on_terminal("verify", types=types)
    assert ran.code == code
    screen = ran.out.replace("\r\n", "\n")
    assert ASKS in screen
    assert "Log in as each of them once? [y/N]: " in screen
    assert ("in        BotUser/routing-bot" in screen) == (code == 0)
    assert ("not confirmed; lebots logged in as nobody" in screen) == (code == 6)


def test_a_question_that_nobody_can_see_is_not_asked(applied: Project) -> None:
    with (applied.folder / "errors").open("wb") as errors:
        ran = applied.on_terminal("verify", types=b"y\n", stderr=errors)
    assert ran.code == 6
    assert b"nobody can be asked here" in (applied.folder / "errors").read_bytes()


def test_an_answer_from_a_pipe_is_none(applied: Project) -> None:
    process = applied.process(
        "verify", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = process.communicate(b"y\n", timeout=20)
    assert (process.returncode, out) == (6, b"")
    assert b"confirm with --yes" in err


# Which bots


def test_bots_whose_secret_lebots_does_not_hold_are_skipped(applied: Project) -> None:
    applied.write("manifests/others.yaml", OTHERS)
    logins = watched(applied)
    ran = applied("verify", "--yes")
    assert ran.code == 0
    words = "lebots did not deliver the secret of its key, so it cannot log in for it"
    assert ran.out.splitlines()[:2] == [
        f"skipped   BotUser/callback-bot  {words}",
        f"skipped   BotUser/survey-bot  {words}",
    ]
    assert ran.out.splitlines()[2].startswith("in        BotUser/routing-bot  id ")
    assert logins.calls == [LOGIN, LOGOUT]
    listed = applied("verify", "--yes", "--format", "json").json["logins"]
    assert [one["status"] for one in listed] == ["skipped", "skipped", "in"]


def test_a_bot_without_a_key_does_not_get_that_of_another(applied: Project) -> None:
    applied.write("manifests/others.yaml", OTHERS)
    applied.write(
        "manifests/key.yaml",
        "apiVersion: lebots/v1\nkind: Key\nmetadata: {name: None}\n"
        "spec: {type: oauth2, sink: runtime}\n",
    )
    ran = applied("verify", "--yes")
    assert ran.code == 0
    assert "skipped   BotUser/survey-bot" in ran.out


def test_one_of_them(applied: Project) -> None:
    applied.write("manifests/second.yaml", SECOND)
    assert applied("apply", "--yes").code == 0
    logins = watched(applied)
    ran = applied("verify", "--yes", "--target", "BotUser/second-bot")
    assert ran.code == 0
    assert [body.get("username") for _, body in logins.sent][::2] == ["second-bot"]


def test_each_of_them_once_and_in_order(applied: Project) -> None:
    applied.write("manifests/second.yaml", SECOND)
    assert applied("apply", "--yes").code == 0
    logins = watched(applied)
    ran = applied("verify", "--yes")
    assert ran.code == 0
    assert logins.calls == [LOGIN, LOGOUT, LOGIN, LOGOUT], "one is out before the next is in"
    assert [body.get("username") for _, body in logins.sent][::2] == ["routing-bot", "second-bot"]
    assert logins.statuses == [200] * 4


@pytest.mark.parametrize("target", ["BotUser/nobody", "Skill/nobody"])
def test_a_target_that_is_not_there(applied: Project, target: str) -> None:
    assert applied("verify", "--yes", "--target", target).code == 2
    assert applied.requests == []


# Only new ones


RECEIPT = ("--receipt", "receipt.json")
NEW = ("verify", "--new-only", *RECEIPT)


@pytest.fixture
def noted(lebots: Project) -> Project:
    """As ``applied``, with the receipt of that apply."""
    assert lebots("apply", "--yes", *RECEIPT).code == 0
    lebots.requests.clear()
    return lebots


def test_only_bots_that_are_new_by_the_receipt(noted: Project) -> None:
    assert noted(*NEW, "--yes").out.startswith("in        BotUser/routing-bot")
    noted.write("manifests/second.yaml", SECOND)
    assert noted("apply", "--yes", *RECEIPT).code == 0
    logins = watched(noted)
    ran = noted(*NEW, "--yes")
    assert (ran.code, len(ran.out.splitlines())) == (0, 1)
    assert ran.out.startswith("in        BotUser/second-bot")
    assert logins.sent[0][1]["username"] == "second-bot"
    assert logins.calls == [LOGIN, LOGOUT]


def test_another_apply_makes_no_bot_old(noted: Project) -> None:
    assert noted("apply", "--yes").code == 0
    assert noted(*NEW, "--yes").out.startswith("in        BotUser/routing-bot")
    assert not (noted.folder / ".lebots" / "created.json").exists()


def test_an_apply_that_made_nothing_has_no_new_bots(noted: Project) -> None:
    edited = ROUTING_BOT.replace("nickname: Ava", "nickname: Bea")
    noted.write("manifests/routing-bot.yaml", edited)
    assert noted("apply", "--yes", *RECEIPT).code == 0
    assert noted(*NEW).out == "no bot to log in as\n", "and nobody is asked"


def test_a_failed_create_is_not_new(lebots: Project) -> None:
    lebots.wrapper = refusing("POST", "/users")
    assert lebots("apply", "--yes", *RECEIPT).code == 7
    lebots.wrapper = None
    assert lebots("apply", "--yes").code == 0
    assert lebots(*NEW).out == "no bot to log in as\n"


@pytest.mark.parametrize("arguments", [("--new-only",), RECEIPT])
def test_what_is_new_is_told_by_a_receipt_alone(noted: Project, arguments: tuple[str, ...]) -> None:
    ran = noted("verify", "--yes", *arguments)
    assert ran.code == 2
    assert "--new-only and --receipt FILE go together" in ran.err
    assert noted.requests == []


@pytest.mark.parametrize("content", ["", "{}", "no JSON", "\x00"])
def test_a_damaged_receipt_is_not_one_that_names_nobody(noted: Project, content: str) -> None:
    (noted.folder / "receipt.json").write_text(content)
    ran = noted(*NEW, "--yes")
    assert ran.code == 6
    assert ran.err.startswith("lebots: receipt.json: ")
    assert noted.requests == []


def test_a_receipt_of_another_account_tells_of_none_here(noted: Project) -> None:
    file = noted.folder / "receipt.json"
    file.write_text(file.read_text().replace('"account": "55501234"', '"account": "1"'))
    ran = noted(*NEW, "--yes")
    assert ran.code == 6
    assert "receipt.json: a receipt of account 1, this is account 55501234" in ran.err


def test_a_receipt_that_is_not_there(noted: Project) -> None:
    ran = noted("verify", "--new-only", "--receipt", "none.json", "--yes")
    assert ran.code == 2
    assert "none.json: the receipt cannot be read" in ran.err


# It fails


def wrong_secret(project: Project) -> None:
    """Somebody gives the application another secret."""
    with open_sandbox(project.folder / ".lebots" / "sandbox.db", "sandbox") as sandbox:
        application = sandbox.find("installations", "routing-bot")
        sandbox.put("installations", {**application, "client_secret": "another"})


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_bot_that_does_not_get_in(applied: Project, format_: str) -> None:
    """The account tells nobody why, so that the list of causes has to do."""
    wrong_secret(applied)
    logins = watched(applied)
    ran = applied("verify", "--yes", "--format", format_)
    assert ran.code == 5
    assert ran.err == f"{ASKS}lebots: 1 of 1 bots cannot log in\n"
    if format_ == "text":
        assert ran.out.startswith(f"failed    BotUser/routing-bot  {LOGIN}: 401 ")
        assert ran.out.endswith(f"; {CHECKLIST}\n")
    else:
        (one,) = ran.json["logins"]
        assert (one["status"], one["id"]) == ("failed", "")
        assert one["error"].endswith(f"; {CHECKLIST}")
    assert logins.calls == [LOGIN], "one attempt, no logout of nobody"


@pytest.mark.parametrize("status", [400, 401, 403, 429, 451, 500, 503])
def test_whatever_the_account_says_it_is_not_tried_again(applied: Project, status: int) -> None:
    applied.write("manifests/second.yaml", SECOND)
    assert applied("apply", "--yes").code == 0
    applied.requests.clear()
    applied.wrapper = refusing("POST", "/login", status)
    ran = applied("verify", "--yes")
    assert ran.code == 5
    first, second = ran.out.splitlines()
    assert first.startswith("failed    BotUser/")
    assert f": {status}" in first
    assert "refused by the test" not in ran.all, "it may repeat what was sent"
    if status in (401, 451):
        assert applied.requests == [LOGIN], "one refusal more might lock the next bot out"
        assert second.startswith("skipped   BotUser/")
        assert "not tried after a refused login" in second
    else:
        assert applied.requests == [LOGIN, LOGIN], "the next bot gets its own attempt"
        assert f": {status}" in second


def test_one_of_two_does_not_get_in(applied: Project) -> None:
    applied.write("manifests/second.yaml", SECOND)
    assert applied("apply", "--yes").code == 0
    applied.wrapper = refusing("POST", "/login", 500, times=1)
    ran = applied("verify", "--yes")
    assert ran.code == 5
    assert [line.split()[0] for line in ran.out.splitlines()] == ["failed", "in"]
    assert ran.err.endswith("lebots: 1 of 2 bots cannot log in\n")


def test_a_bot_that_its_manifest_disables_is_not_tried(applied: Project) -> None:
    applied.write("manifests/second.yaml", SECOND.replace("spec:\n", "spec:\n  enabled: false\n"))
    assert applied("apply", "--yes").code == 0
    ran = applied("verify", "--yes")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines()] == ["skipped", "in"]


def test_a_secret_that_was_never_delivered(lebots: Project) -> None:
    ran = lebots("verify", "--yes")
    assert ran.code == 5
    words = "no secret of Key/routing-bot is stored; run lebots apply first"
    assert ran.out == f"failed    BotUser/routing-bot  {words}\n"
    assert lebots.requests == []


@pytest.mark.parametrize(
    "content", ["", "LP_ACCOUNT=55501234\n", "LP_SECRET=canary\n", "no dotenv canary", "\x00"]
)
def test_a_sink_that_holds_something_else(applied: Project, content: str) -> None:
    SINK.write_text(content)
    ran = applied("verify", "--yes")
    assert ran.code == 5
    assert ran.out.startswith("failed    BotUser/routing-bot  ")
    assert "canary" not in ran.all
    assert LOGIN not in applied.requests


def test_a_logout_that_fails_is_no_failure(applied: Project) -> None:
    applied.wrapper = refusing("POST", "/logout", 500)
    assert applied("verify", "--yes").code == 0
    assert applied.requests == [LOGIN, LOGOUT]


def test_manifests_that_are_wrong_come_first(applied: Project) -> None:
    applied.write("manifests/wrong.yaml", "apiVersion: lebots/v1\nkind: BotUser\n")
    ran = applied("verify", "--yes")
    assert ran.code == 4
    assert applied.requests == []


def test_an_account_that_cannot_be_opened(applied: Project) -> None:
    (applied.folder / ".lebots" / "sandbox.db").write_bytes(b"no database" * 100)
    ran = applied("verify", "--yes")
    assert ran.code == 5
    assert "the embedded account cannot be opened" in ran.err


def hostile(words: str) -> Wrapper:
    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        start_response("401 No", [("Content-Type", "application/json")])
        return [json.dumps({"error": {"message": words}}).encode()]

    return wrapper


@pytest.mark.parametrize(
    "words", ["a\n::error::b", "##[group]a", "\x1b[31m", "\u202eb", "a\u2028::error::b"]
)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_words_of_the_account_cannot_speak_for_lebots(
    applied: Project, words: str, format_: str
) -> None:
    applied.wrapper = hostile(words)
    ran = applied("verify", "--yes", "--format", format_)
    assert ran.code == 5
    for line in ran.all.splitlines():
        assert not line.strip().startswith("::")
        assert "##[" not in line
        assert line.isprintable()
