"""``lebots doctor``: the same looks as text and as JSON, and what makes it fail."""

import json
from collections.abc import Iterable
from email.utils import formatdate
from time import time
from typing import Any

import pytest

from lebots.run.inputs.embedded import open_sandbox
from tests.cli.conftest import Application, Project, Wrapper, refusing
from tests.night import by_day

SEEDED = """\
ok     reach  account 55501234 answers
ok     credential  no credential: the embedded account
ok     rights  every collection that is needed can be read
ok     rights  not read, since nothing needs it: AutomaticMessage
ok     feature  there are objects of kind BotUser, so the account can have them
ok     count  14 of 18000 users
ok     count  0 keys of type oauth2
ok     count  1 of 100 keys of type oauth1
ok     count  4 skills
note   skill-without-failover  BotUser/survey-bot: this is the only enabled bot of the skill
       "Survey"; the vendor advises at least two, so that one can stand in for the other
look   key-past-end-of-life  Key/legacy-bots: OAuth 1 app keys are past their end of life:
       logins ended on 2026-04-30, the protocol on 2026-05-31; declare a key of type oauth2
       and let the bots use that; used by: survey-bot
"""


def at(offset: float) -> Wrapper:
    """An account whose clock is off."""

    def wrapper(
        application: Application, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            date = formatdate(time() + offset, usegmt=True)
            return start_response(status, [*headers, ("Date", date)], *rest)

        return application(environ, start)

    return wrapper


def test_the_seeded_account(lebots: Project) -> None:
    ran = lebots("doctor")
    assert (ran.code, ran.out, ran.err) == (0, SEEDED, "")
    assert lebots.writes == []
    assert len(set(lebots.requests)) == len(lebots.requests), "each collection once"


def test_it_needs_no_project_and_no_manifests(empty: Project) -> None:
    unread = "AutomaticMessage, SpecialOccasion,\n       WorkingHours"
    assert empty("doctor").out == SEEDED.replace("AutomaticMessage", unread)


def test_as_json(lebots: Project) -> None:
    ran = lebots("doctor", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    assert list(ran.json) == ["formatVersion", "account", "checks"]
    assert (ran.json["formatVersion"], ran.json["account"]) == (1, "55501234")
    assert {tuple(check) for check in ran.json["checks"]} == {("name", "severity", "message")}
    assert ran.json["checks"][0] == {
        "name": "reach",
        "severity": "note",
        "message": "account 55501234 answers",
    }
    words = " ".join(SEEDED.split())
    for check in ran.json["checks"]:
        assert f"{check['name']} {check['message']}" in words, "both forms say the same"
    assert {check["severity"] for check in ran.json["checks"]} == {"note", "warning"}


@pytest.mark.parametrize("format_", ["text", "json"])
@pytest.mark.parametrize(
    ("offset", "code", "word"),
    [(0, 0, "ok"), (20, 0, "ok"), (-120, 0, "look"), (120, 0, "look"), (7200, 5, "FAILS")],
)
def test_a_clock_that_is_off(
    lebots: Project, format_: str, offset: float, code: int, word: str
) -> None:
    lebots.wrapper = at(offset)
    ran = lebots("doctor", "--format", format_)
    assert ran.code == code
    if format_ == "text":
        (line,) = [line for line in ran.out.splitlines() if " clock " in line]
        assert line.startswith(f"{word:<5}  clock  the clock here ")
    else:
        (check,) = [check for check in ran.json["checks"] if check["name"] == "clock"]
        assert check["severity"] == {"ok": "note", "look": "warning", "FAILS": "error"}[word]
    assert ran.err == ("lebots: 1 of 12 checks failed\n" if code else "")


@pytest.mark.parametrize("format_", ["text", "json"])
def test_what_is_not_in_use_is_not_a_failure(lebots: Project, format_: str) -> None:
    lebots.wrapper = refusing("GET", "/lobs", 403)
    ran = lebots("doctor", "--format", format_)
    assert ran.code == 0
    assert "lobs cannot be read: " in ran.out
    assert "403 refused by the test" in " ".join(ran.out.split())


@pytest.mark.parametrize("collection", ["users", "skills", "profiles", "installations"])
@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_list_that_cannot_be_read(lebots: Project, collection: str, status: int) -> None:
    lebots.wrapper = refusing("GET", f"/{collection}", status)
    ran = lebots("doctor")
    assert ran.code == 0
    shown = " ".join(ran.out.split())
    assert f"look rights {collection} cannot be read: GET " in shown
    assert f"{status} refused by the test" in shown
    assert (f"{status} refused by the test; " in shown) == (status == 403), "and what is lacking"


def test_an_account_that_cannot_be_read(lebots: Project) -> None:
    lebots.wrapper = refusing("GET", "/", 403)
    ran = lebots("doctor")
    assert (ran.code, ran.err) == (5, "lebots: 1 of 1 checks failed\n")
    assert ran.out.startswith("FAILS  reach  GET ")
    (check,) = lebots("doctor", "--format", "json").json["checks"]
    assert (check["name"], check["severity"]) == ("reach", "error")


def test_an_account_the_project_does_not_have(lebots: Project) -> None:
    ran = lebots("doctor", "--account", "stagging")
    assert ran.code == 2
    assert 'did you mean "staging"?' in ran.err


def test_a_credential_that_is_missing_is_named(lebots: Project) -> None:
    ran = lebots("doctor", "--account", "production")
    assert ran.code == 4
    assert "the environment variable LP_CLIENT_ID is not set" in ran.err
    assert "the environment variable LP_CLIENT_SECRET is not set" in ran.err, "all at once"


HOSTILE = [
    "::error::pwned",
    "x " * 30 + "::error::pwned",
    "x" * 62 + " ::set-output name=a::b",
    "##[group]pwned",
    "a\n::error::pwned",
    "a\r::error::pwned",
    "\x1b[2J\x1b[31m",
    "\u202eevil",
    "a\u2028::error::pwned",
    "a " * 500,
]


@pytest.mark.parametrize("name", by_day(HOSTILE, HOSTILE[::3]), ids=ascii)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_names_in_the_account_cannot_speak_for_lebots(
    lebots: Project, name: str, format_: str
) -> None:
    path = lebots.folder / ".lebots" / "sandbox.db"
    path.parent.mkdir()
    with open_sandbox(path, "sandbox") as sandbox:
        for shift in range(12):
            user = {**sandbox.find("users", "survey-bot"), "loginName": "y" * shift + name}
            user.pop("id")
            sandbox.put("users", {**user, "skillIds": [], "isEnabled": True})
    ran = lebots("doctor", "--format", format_)
    assert ran.code == 0
    for line in ran.out.splitlines():
        assert not line.strip().startswith("::"), line
        assert "##[" not in line
        assert line.isprintable()
    if format_ == "json":
        json.loads(ran.out)
