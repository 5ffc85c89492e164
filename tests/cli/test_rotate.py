"""``lebots rotate``: what it shows, asks and leaves, and how the same command goes on."""

import json
import re
import shlex
import time
from pathlib import Path
from typing import Any

import pytest

from lebots.core.compare.rotated_names import former_name
from lebots.run.inputs.embedded import open_sandbox
from tests.cli.conftest import ROOT, Project, refusing
from tests.cli.test_verify import LOGIN, LOGOUT, SECOND, watched

SINK = Path(".secrets/55501234/routing-bot.env")
KEY = "Key/routing-bot"
BOTS = ("routing-bot", "second-bot")
HOUR = 3600


@pytest.fixture
def applied(lebots: Project) -> Project:
    """A project with two bots on one key, all in the account."""
    lebots.write("manifests/second.yaml", SECOND)
    assert lebots("apply", "--yes").code == 0
    lebots.requests.clear()
    return lebots


def shown(project: Project, collection: str) -> list[dict[str, Any]]:
    with open_sandbox(project.folder / ".lebots" / "sandbox.db", "sandbox") as sandbox:
        found: list[dict[str, Any]] = sandbox.dump()[collection]
    return [one for one in found if not one["deleted"]]


def applications(project: Project) -> dict[str, bool]:
    """Name to enabled, of each application that is ours, ids aside."""
    found = shown(project, "installations")
    names = {re.sub(r"-[0-9a-f]{8}$", "-ID", one["client_name"]): one["enabled"] for one in found}
    return {name: on for name, on in names.items() if name.startswith("routing-bot")}


def values() -> dict[str, str]:
    return dict(line.split("=", 1) for line in SINK.read_text().splitlines() if "=" in line)


def keys_of_bots(project: Project) -> set[str]:
    users = shown(project, "users")
    return {user["allowedAppKeys"] for user in users if user["loginName"] in BOTS}


def aged(project: Project, hours: float) -> None:
    """Lets the application have been made so many hours ago."""
    with open_sandbox(project.folder / ".lebots" / "sandbox.db", "sandbox") as sandbox:
        found = sandbox.find("installations", "routing-bot")
        then = int(time.time() - hours * HOUR)
        sandbox.put("installations", {**found, "client_id_issued_at": then})


# It goes well


def test_the_bots_get_a_new_key_and_the_first_one_stays_for_a_while(applied: Project) -> None:
    before = values()
    ran = applied("rotate", KEY, "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert applications(applied) == {"routing-bot": True, "routing-bot.rotated-ID": True}
    after = values()
    assert keys_of_bots(applied) == {after["LP_APPKEY"]} != {before["LP_APPKEY"]}
    assert before["LP_SECRET"] != after["LP_SECRET"]
    assert not any(held["LP_SECRET"] in ran.all for held in (before, after))
    assert re.search(
        rf"NEXT  the old key \(id {before['LP_APPKEY']}\) stays enabled: run the same command "
        r"again after \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n$",
        ran.out,
    )
    plain = applied("plan", "--check")
    assert plain.code == 0, "a plain plan has nothing to do"
    assert "rotation-open" in plain.out, "and says that the first one is still on"
    assert applied("verify", "--yes").code == 0


def test_before_the_grace_is_over_nothing_happens(applied: Project) -> None:
    assert applied("rotate", KEY, "--yes").code == 0
    applied.requests.clear()
    aged(applied, 23.9)
    ran = applied("rotate", KEY, "--yes")
    assert (ran.code, applied.writes) == (0, [])
    assert "no changes" in ran.out
    assert "stays enabled: run the same command again after" in ran.out


def test_after_the_grace_the_same_command_ends_it(applied: Project) -> None:
    assert applied("rotate", KEY, "--yes").code == 0
    aged(applied, 24.1)
    ran = applied("rotate", KEY, "--yes")
    assert ran.code == 0
    assert applications(applied) == {"routing-bot": True, "routing-bot.rotated-ID": False}
    end = f"{KEY} has the id {values()['LP_APPKEY']} now; the rotation is finished\n"
    assert ran.out.endswith(f"OUTCOME  1 done\n{end}")


def test_without_grace_it_is_one_run(applied: Project) -> None:
    ran = applied("rotate", KEY, "--yes", "--grace", "0")
    assert ran.code == 0
    assert applications(applied) == {"routing-bot": True, "routing-bot.rotated-ID": False}
    assert "the rotation is finished" in ran.out
    plain = applied("plan", "--check")
    assert (plain.code, "rotation-open" in plain.out) == (0, False)


def test_an_account_that_does_not_tell_the_age(applied: Project) -> None:
    assert applied("rotate", KEY, "--yes").code == 0
    with open_sandbox(applied.folder / ".lebots" / "sandbox.db", "sandbox") as sandbox:
        found = sandbox.find("installations", "routing-bot")
        sandbox.put("installations", {**found, "client_id_issued_at": "yesterday"})
    ran = applied("rotate", KEY, "--yes", "--grace", "0.01")
    assert ran.code == 0
    assert "does not tell when the new key was created" in ran.out
    assert "with --grace 0" in ran.out
    assert applied("rotate", KEY, "--yes", "--grace", "0").code == 0
    assert applications(applied)["routing-bot.rotated-ID"] is False


def test_what_is_pending_otherwise_stays_pending(applied: Project) -> None:
    text = (applied.folder / "manifests/routing-bot.yaml").read_text()
    changed = text.replace("Login of", "Entry of").replace("nickname: Ava", "nickname: Eve")
    applied.write("manifests/routing-bot.yaml", changed)
    assert applied("rotate", KEY, "--yes", "--grace", "0").code == 0
    plan = applied("plan", "--format", "json").json
    fields = {
        one["address"]: [part["path"] for part in one["fields"]]
        for one in plan["changes"]
        if one["action"] == "update"
    }
    assert fields == {KEY: ["description"], "BotUser/routing-bot": ["nickname"]}


def test_it_is_not_begun_while_a_bot_is_declared_nowhere(applied: Project) -> None:
    before = values()
    (applied.folder / "manifests/second.yaml").unlink()
    ran = applied("rotate", KEY, "--yes", "--grace", "0")
    assert (ran.code, applied.writes) == (6, [])
    assert "none of these manifests declares BotUser/second-bot" in ran.err
    assert values() == before


# It shows and asks


def test_the_plan_names_the_secret_the_bots_and_the_end(applied: Project) -> None:
    ran = applied("rotate", KEY, "--plan", "--grace", "0")
    assert (ran.code, applied.writes) == (0, [])
    first = ran.out.split("LOOK FIRST\n")[1].split("\n\n")[0]
    assert '"routing-bot"  NEW SECRET' in first
    for name in BOTS:
        assert re.search(rf'bot "{name}"  key  .*  LOGIN CHANGES', first)
    assert "a session opened with the old key goes on until it ends" in first
    assert re.search(r'- key "routing-bot.rotated-[0-9a-f]{8}"  OUT OF SERVICE', ran.out)
    digest = re.search(r"digest ([0-9a-f]{64})", ran.out)
    assert digest
    assert f"NEXT  lebots rotate {KEY} --grace=0 --expect {digest[1]}\n" in ran.out


def test_exactly_what_was_shown_is_done(applied: Project) -> None:
    plan = applied("rotate", KEY, "--plan", "--format", "json").json
    assert [one["action"] for one in plan["changes"]] == ["rename", "create", "update", "update"]
    assert [one["why"] for one in plan["waiting"]] == ["the new one is not old enough"]
    ran = applied("rotate", KEY, "--expect", "0" * 64)
    assert (ran.code, applied.writes) == (6, [])
    ran = applied("rotate", KEY, "--expect", plan["digest"])
    assert ran.code == 0
    assert f"digest {plan['digest']}, as approved" in ran.out
    assert applied("rotate", KEY, "--expect", plan["digest"]).code == 0, "there is nothing to do"


def test_nobody_rotates_unasked(applied: Project) -> None:
    ran = applied("rotate", KEY)
    assert (ran.code, applied.writes) == (6, [])
    assert (
        "nobody can be asked here; approve with --expect DIGEST, a saved plan, or --yes" in ran.err
    )


@pytest.mark.parametrize(("types", "code"), [(b"y\n", 0), (b"n\n", 6)])
def test_on_a_terminal_it_asks(applied: Project, types: bytes, code: int) -> None:
    ran = applied.on_terminal("rotate", KEY, types=types)
    assert ran.code == code
    assert "Make these 4 changes in account sandbox? [y/N]: " in ran.out
    assert (len(applications(applied)) == 2) is (code == 0)


def test_as_json(applied: Project) -> None:
    ran = applied("rotate", KEY, "--yes", "--format", "json")
    assert ran.code == 0
    document = ran.json
    assert document["converged"] is True
    assert {one["status"] for one in document["outcomes"]} == {"done"}
    (waiting,) = document["waiting"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", waiting["after"])
    assert values()["LP_SECRET"] not in ran.all


# What it refuses


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("Key/nobody", "no manifest declares Key/nobody"),
        ("BotUser/routing-bot", "has no secret of its own; Key/NAME can be rotated"),
        ("routing-bot", "ADDRESS: an address is Kind/name"),
        (f"{KEY} --grace nan", "--grace"),
        (f"{KEY} --grace inf", "--grace: write a number of hours"),
        (f"{KEY} --grace -1", "--grace"),
        (f"{KEY} manifests --account nowhere", "nowhere"),
    ],
)
def test_what_cannot_be_rotated(applied: Project, address: str, words: str) -> None:
    ran = applied("rotate", *address.split(), "--yes")
    assert ran.code == 2
    assert words in ran.err


@pytest.mark.parametrize(
    ("name", "spec", "words"),
    [
        (
            "legacy-bots",
            "{type: oauth1}",
            'key of type "oauth1" can be neither created nor disabled',
        ),
        ("other", "{type: oauth2, sink: null}", "name the sink for a new one"),
        ("other", "{type: oauth2, sink: runtime}", "`lebots plan` tells how to create it"),
    ],
)
def test_a_key_that_cannot_be_rotated(applied: Project, name: str, spec: str, words: str) -> None:
    head = f"apiVersion: lebots/v1\nkind: Key\nmetadata: {{name: {name}}}\n"
    applied.write("manifests/other.yaml", f"{head}spec: {spec}\n")
    ran = applied("rotate", f"Key/{name}", "--yes")
    assert (ran.code, applied.writes) == (6, [])
    assert words in ran.err


def test_a_protected_key(applied: Project) -> None:
    text = (applied.folder / "lebots.yaml").read_text()
    here = "    sandbox: .lebots/sandbox.db\n"
    guards = "    guards: {protect: ['Key/*']}\n"
    applied.write("lebots.yaml", text.replace(here, here + guards))
    ran = applied("rotate", KEY, "--yes")
    assert (ran.code, applied.writes) == (6, [])
    assert "lebots.yaml protects Key/*, so it is not rotated" in ran.err


# It is cut short

STEPS = [
    pytest.param("PUT", "/installations", {"routing-bot": True}, id="rename"),
    pytest.param("POST", "/installations", {"routing-bot.rotated-ID": True}, id="create"),
    pytest.param("PUT", "/users", {"routing-bot": True, "routing-bot.rotated-ID": True}, id="move"),
]


@pytest.mark.parametrize(("method", "path", "left"), STEPS)
def test_the_same_command_goes_on(
    applied: Project, method: str, path: str, left: dict[str, bool]
) -> None:
    before = values()
    applied.wrapper = refusing(method, path, 401)
    ran = applied("rotate", KEY, "--yes", "--grace", "0")
    assert ran.code == 7
    assert "rotated in part; the same command does the rest" in ran.err
    assert applications(applied) == left
    assert keys_of_bots(applied) == {before["LP_APPKEY"]}
    applied.wrapper = None
    assert applied("rotate", KEY, "--yes", "--grace", "0").code == 0
    assert applications(applied) == {"routing-bot": True, "routing-bot.rotated-ID": False}
    assert keys_of_bots(applied) == {values()["LP_APPKEY"]}


def test_a_plain_plan_in_between_says_what_goes_on(applied: Project) -> None:
    applied.wrapper = refusing("POST", "/app-install/installations")
    before = SINK.read_bytes()
    assert applied("rotate", KEY, "--yes").code == 7
    assert SINK.read_bytes() == before
    applied.wrapper = None
    ran = applied("plan")
    assert ran.code == 6
    assert "another run rotates it, or was cut short: the key in use is named" in ran.err
    assert f"`lebots rotate {KEY}` goes on" in ran.err
    assert applied("verify", "--yes").code == 0, "the bots log in as before"


# With logins


def test_each_moved_bot_logs_in_before_the_first_one_ends(applied: Project) -> None:
    logins = watched(applied)
    ran = applied("rotate", KEY, "--yes", "--grace", "0", "--verify")
    assert ran.code == 0
    assert logins.calls == [LOGIN, LOGOUT] * 2
    assert "A login ends the session a bot has now" in ran.err
    last = applied.writes[-2:]
    assert last[0] == LOGOUT
    assert last[1].startswith("PUT ")
    assert "/installations/" in last[1]


def test_a_login_that_fails_ends_nothing(applied: Project) -> None:
    applied.wrapper = refusing("POST", "/login", 401)
    ran = applied("rotate", KEY, "--yes", "--grace", "0", "--verify")
    assert ran.code == 5
    assert "1 of 2 bots cannot log in, so lebots disables nothing" in ran.err
    assert applications(applied) == {"routing-bot": True, "routing-bot.rotated-ID": True}
    applied.wrapper = None
    ran = applied("rotate", KEY, "--yes", "--grace", "0", "--verify")
    assert ran.code == 0
    assert applications(applied)["routing-bot.rotated-ID"] is False


def test_a_bot_nobody_can_log_in_as_ends_nothing(applied: Project) -> None:
    """It is moved all the same: the account says that it is on the key, its manifest does not."""
    applied.write("manifests/second.yaml", SECOND.replace("  key: routing-bot\n", ""))
    ran = applied("rotate", KEY, "--yes", "--grace", "0", "--verify")
    assert ran.code == 5
    assert "1 of 2 bots cannot be logged in as, so lebots disables nothing" in ran.err
    assert applications(applied) == {"routing-bot": True, "routing-bot.rotated-ID": True}
    assert applied("rotate", KEY, "--yes", "--grace", "0").code == 0


def test_a_bot_that_is_off_needs_no_login(applied: Project) -> None:
    applied.write("manifests/second.yaml", f"{SECOND}  enabled: false\n")
    assert applied("apply", "--yes").code == 0
    ran = applied("rotate", KEY, "--yes", "--grace", "0", "--verify")
    assert (ran.code, applications(applied)["routing-bot.rotated-ID"]) == (0, False)


def test_without_changes_nobody_is_logged_in(applied: Project) -> None:
    assert applied("rotate", KEY, "--yes").code == 0
    logins = watched(applied)
    assert applied("rotate", KEY, "--yes", "--verify").code == 0
    assert logins.calls == []


def test_what_is_shown_can_be_read_by_a_machine(applied: Project) -> None:
    applied.wrapper = refusing("POST", "/login", 401)
    ran = applied("rotate", KEY, "--yes", "--grace", "0", "--verify", "--format", "json")
    assert ran.code == 5
    statuses = [one["status"] for one in json.loads(ran.out)["outcomes"]]
    assert statuses == ["done"] * 4 + ["blocked"]


# The page about it

PAGE = (ROOT / "docs" / "rotation.md").read_text(encoding="utf-8")


def test_the_commands_of_the_page_work(applied: Project) -> None:
    commands = [
        line
        for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
        for line in block.split("\n")
    ]
    ran = [applied(*shlex.split(line)[1:]) for line in commands if line]
    assert [one.code for one in ran] == [0] * 5


def test_the_page_names_every_option_and_the_limits() -> None:
    options = ("--plan", "--yes", "--expect", "--grace", "--verify", "--out", "--max-age")
    for option in (*options, "--markdown-file"):
        assert f"`{option}" in PAGE
    longest = 128 - len(former_name("", "x" * 36))
    assert f"more than {longest} characters" in PAGE
