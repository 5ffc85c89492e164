"""Injected faults: which requests they strike, and what happens then."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from lebots.sandbox import ConnectionLost, Fault, SandboxError
from tests.sandbox.support import (
    ADMIN,
    KEYS,
    LOGIN,
    NOW,
    PASSWORD,
    SKILLS,
    TOKEN,
    USERS,
    Account,
    bot,
)
from tests.sandbox.test_tokens import Clock

Open = Callable[..., Account]

HOSTS = "/api/account/55501234/service/baseURI.json"


def _inject(account: Account, *texts: str) -> None:
    account.sandbox.faults = [Fault.parse(text) for text in texts]


def _statuses(account: Account, path: str, count: int) -> list[int]:
    return [account.get(path).status_code for _ in range(count)]


def _names(account: Account) -> list[str]:
    return [skill["name"] for skill in account.list(SKILLS)]


# The text of a fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("status=503", Fault(status=503)),
        (
            "status=503,method=POST,path=users,times=2",
            Fault(status=503, method="POST", path="users", times=2),
        ),
        (" status = 429 , retry-after = 2 ", Fault(status=429, retry_after="2")),
        ("status=429,retry-after=date:30", Fault(status=429, retry_after="date:30")),
        ("status=502,at=after", Fault(status=502, at="after")),
        ("latency=0.5", Fault(latency=0.5)),
        ("reset=before", Fault(reset="before")),
        ("reset=after,skip=1", Fault(reset="after", skip=1)),
        ("body=truncated", Fault(body="truncated")),
        ("lag=3,path=le-users/users", Fault(lag=3.0, path="le-users/users")),
        ("lag-lists=2", Fault(lag_lists=2)),
    ],
)
def test_a_fault_is_read(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no fault has '': one of method, path, skip, times, status, at, retry-after"),
        ("staus=503", "no fault has 'staus': one of method, path, skip"),
        ("status", "status cannot be ''"),
        ("status=teapot", "status cannot be 'teapot'"),
        ("status=299", "status must be a known HTTP status"),
        ("status=100", "status must be a known HTTP status"),
        ("status=503,status=504", "status is given twice"),
        ("status=503,method=PATCH", "method must be one of GET, POST, PUT, DELETE"),
        ("status=503,at=later", "at must be one of before, after"),
        ("status=503,times=-1", "times cannot be '-1'"),
        ("status=503,path=", "path cannot be ''"),
        ("reset=sometimes", "reset must be one of before, after"),
        ("body=wrong", "body must be one of truncated, html, empty, foreign"),
        ("latency=1e9", "latency cannot be '1e9'"),
        ("retry-after=2", "retry-after needs a status"),
        ("path=users", "a fault needs one of status, latency, reset, body, lag, lag-lists"),
        ("latency=0", "a fault needs one of"),
        ("status=503,retry-after=a\nb", "retry-after cannot be"),
    ],
)
def test_a_text_that_is_no_fault_is_refused_in_one_line(text: str, reason: str) -> None:
    with pytest.raises(SandboxError) as refused:
        Fault.parse(text)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong", [{"latency": -1.0}, {"lag": float("nan")}, {"status": 999}, {"body": "x"}, {}]
)
def test_a_fault_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Fault(**wrong)


# Which requests


@pytest.mark.parametrize(
    ("path", "struck"),
    [
        ("users", {USERS}),
        ("le-users", {USERS, SKILLS}),
        ("le-users/skills", {SKILLS}),
        ("/app-key-manager/", {KEYS}),
        ("user", set()),
        ("users/le-users", set()),
        ("account/55501234", {USERS, SKILLS, KEYS}),
    ],
)
def test_paths_are_matched_by_whole_segments(account: Account, path: str, struck: set[str]) -> None:
    _inject(account, f"status=503,path={path}")
    found = {one for one in (USERS, SKILLS, KEYS) if account.get(one).status_code == 503}
    assert found == struck


def test_a_fault_may_strike_one_verb_only(account: Account) -> None:
    _inject(account, "status=503,method=POST")
    assert account.get(SKILLS).status_code == 200
    assert account.post(SKILLS, {"name": "Returns"}).status_code == 503


def test_skip_and_times(account: Account) -> None:
    _inject(account, "status=503,skip=1,times=2,path=skills")
    account.get(USERS)
    assert _statuses(account, SKILLS, 5) == [200, 503, 503, 200, 200]


def test_faults_count_on_their_own_and_work_together(account: Account) -> None:
    _inject(account, "status=503,times=1", "status=429,times=2", "body=empty,skip=2")
    assert _statuses(account, SKILLS, 3) == [503, 429, 200]
    assert account.get(SKILLS).content == b""


def test_setting_the_faults_starts_their_counting_anew(account: Account) -> None:
    _inject(account, "status=503,times=1")
    assert _statuses(account, SKILLS, 2) == [503, 200]
    assert account.sandbox.faults == (Fault.parse("status=503,times=1"),)
    account.sandbox.faults = account.sandbox.faults
    assert _statuses(account, SKILLS, 2) == [503, 200]
    account.sandbox.faults = []
    assert _statuses(account, SKILLS, 1) == [200]


# Status


@pytest.mark.parametrize(("at", "made"), [("before", False), ("after", True)])
def test_a_status_before_or_after_the_work_is_done(account: Account, at: str, made: bool) -> None:
    _inject(account, f"status=502,method=POST,at={at}")
    assert account.post(SKILLS, {"name": "Returns"}).status_code == 502
    assert ("Returns" in _names(account)) == made


@pytest.mark.parametrize(
    ("method", "path", "keys"),
    [
        ("GET", f"{SKILLS}?v=2.0", {"time", "message", "internalCode", "responseStatus"}),
        ("GET", f"{KEYS}?v=1.0", {"time", "message", "internalCode"}),
        ("GET", HOSTS, {"time", "message", "internalCode"}),
        ("POST", LOGIN, {"error"}),
        ("POST", TOKEN, {"error", "error_description"}),
    ],
)
def test_the_error_body_is_that_of_the_service(
    account: Account, method: str, path: str, keys: set[str]
) -> None:
    _inject(account, "status=503")
    answer = account.ask(method, path)
    assert answer.status_code == 503
    assert answer.json().keys() == keys


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2", "2"),
        ("-5", "-5"),
        ("999999999", "999999999"),
        ("soon", "soon"),
        ("date:30", "Mon, 21 Sep 2026 14:13:50 GMT"),
        ("date:-30", "Mon, 21 Sep 2026 14:12:50 GMT"),
    ],
)
def test_retry_after(account: Account, sent: str, shown: str) -> None:
    _inject(account, f"status=429,retry-after={sent}")
    answer = account.get(SKILLS)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, shown)


def test_without_retry_after(account: Account) -> None:
    _inject(account, "status=429")
    assert "retry-after" not in account.get(SKILLS).headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_leads_elsewhere(account: Account, status: int) -> None:
    _inject(account, f"status={status}")
    answer = account.get(SKILLS)
    assert answer.status_code == status
    assert answer.headers["location"] == f"https://elsewhere.invalid{SKILLS}?v=2.0"


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(account: Account, status: int) -> None:
    _inject(account, f"status={status}")
    for _ in range(2):
        answer = account.get(SKILLS)
        assert (answer.status_code, answer.content) == (status, b"")
        _inject(account, f"status={status},body=html")


# Reset, latency


@pytest.mark.parametrize(("when", "made"), [("before", False), ("after", True)])
def test_a_reset_before_or_after_the_work_is_done(account: Account, when: str, made: bool) -> None:
    _inject(account, f"reset={when},method=POST")
    with pytest.raises(ConnectionLost):
        account.post(SKILLS, {"name": "Returns"})
    assert account.sandbox.requests[-1] == ("POST", f"{SKILLS}?v=2.0", 0)
    assert ("Returns" in _names(account)) == made


def test_a_refused_request_may_be_reset_as_well(account: Account) -> None:
    _inject(account, "reset=after,method=POST")
    with pytest.raises(ConnectionError):
        account.post(SKILLS, {"name": "Billing"})
    assert len(_names(account)) == 4


def test_latency_waits_before_the_request_is_looked_at(open_account: Open) -> None:
    seen: list[tuple[float, int]] = []
    account = open_account()

    def sleep(seconds: float) -> None:
        seen.append((seconds, len(account.sandbox.requests)))

    account = open_account()
    account.sandbox.app.sleep = sleep
    _inject(account, "latency=0.5,times=2", "latency=2,skip=1,times=1")
    assert _statuses(account, SKILLS, 3) == [200, 200, 200]
    assert seen == [(0.5, 0), (2.5, 1)]


# Body


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_truncated_body_is_the_beginning_of_the_real_one(account: Account, method: str) -> None:
    sent = {"name": "Returns"} if method == "POST" else None
    path = f"{SKILLS}?v=2.0"
    _inject(account, "body=truncated,times=1")
    answer = account.ask(method, path, json=sent)
    assert answer.status_code == {"GET": 200, "POST": 201}[method]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == str(len(answer.content))
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    if method == "GET":
        assert account.get(SKILLS).content.startswith(answer.content)
    else:
        assert "Returns" in _names(account)


def test_html_in_place_of_a_list(account: Account) -> None:
    _inject(account, "body=html")
    answer = account.get(USERS)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert answer.headers["ac-revision"] == "8123"


def test_nothing_and_something_foreign(account: Account) -> None:
    _inject(account, "body=empty,times=1", "body=foreign")
    assert account.post(SKILLS, {"name": "Returns"}).content == b""
    answer = account.post(SKILLS, {"name": "Repairs"})
    assert answer.status_code == 201
    assert "id" not in answer.json()
    account.sandbox.faults = []
    assert {"Returns", "Repairs"} <= set(_names(account))


def test_an_error_may_come_as_html_of_a_proxy(account: Account) -> None:
    _inject(account, "status=502,body=html")
    answer = account.get(USERS)
    assert answer.status_code == 502
    assert answer.text.startswith("<!DOCTYPE html>")


# Lag


def test_lists_lag_behind_writes_by_time(open_account: Open) -> None:
    clock = Clock()
    account = open_account({"now": clock})
    _inject(account, "lag=3")
    old = account.revision(SKILLS)
    made = account.create(SKILLS, {"name": "Returns"})
    assert "Returns" not in _names(account)
    assert account.revision(SKILLS) == old
    assert account.one(SKILLS, made["id"])["name"] == "Returns", "by id there is no lag"
    clock.now += 2
    account.create(SKILLS, {"name": "Repairs"})
    clock.now += 1
    assert _names(account)[4:] == ["Returns"]
    clock.now += 2
    assert _names(account)[4:] == ["Returns", "Repairs"]
    assert account.revision(SKILLS) == str(int(old) + 2)


def test_lists_lag_behind_writes_by_lists(account: Account) -> None:
    _inject(account, "lag-lists=2")
    account.list(SKILLS)
    account.create(SKILLS, {"name": "Returns"})
    assert ["Returns" in _names(account) for _ in range(4)] == [False, False, True, True]


def test_only_lists_of_the_path_lag(account: Account) -> None:
    _inject(account, "lag=60,path=users")
    account.create(SKILLS, {"name": "Returns"})
    account.create(USERS, bot("late"))
    assert "Returns" in _names(account)
    assert "late" not in [user["loginName"] for user in account.list(USERS)]


def test_deletes_and_changes_lag_too(account: Account) -> None:
    made = account.create(SKILLS, {"name": "Returns"})
    _inject(account, "lag=60")
    account.change(SKILLS, made["id"], name="Repairs")
    account.delete(f"{SKILLS}/{made['id']}")
    assert _names(account)[4:] == ["Returns"]
    listed = account.list(SKILLS, "&include_deleted=true")
    assert (listed[-1]["name"], listed[-1]["deleted"]) == ("Returns", False)
    assert account.get(f"{SKILLS}/{made['id']}").status_code == 404


def test_a_write_that_is_refused_does_not_lag(account: Account) -> None:
    _inject(account, "lag-lists=1")
    account.post(SKILLS, {"name": "Billing"})
    account.sandbox.put("skills", {"name": "Past the rules"})
    assert "Past the rules" in _names(account)


def test_without_the_fault_lists_show_the_present(account: Account) -> None:
    _inject(account, "lag=60")
    account.create(SKILLS, {"name": "Returns"})
    account.sandbox.faults = []
    assert "Returns" in _names(account)


# The same again


def test_two_accounts_with_the_same_faults_behave_the_same(open_account: Open) -> None:
    noted = []
    for _ in range(2):
        account = open_account({"random": random.Random(7), "now": lambda: NOW})
        _inject(account, "status=503,skip=2,times=1", "lag-lists=1", "body=truncated,skip=4")
        for number in range(6):
            account.post(SKILLS, {"name": f"Skill {number}"})
            account.get(SKILLS)
        account.login(username=ADMIN, password=PASSWORD)
        noted.append((account.sandbox.requests, account.sandbox.dump()))
    assert noted[0] == noted[1]
