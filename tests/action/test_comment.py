"""One current comment about one thing, and never anybody else's."""

import threading
import time
from typing import Any

import pytest

from action import comment, host
from action.comment import Keeper, NotCommented, Run
from action.github import PullRequest
from action.github import github as at_github
from tests.action.conftest import BOT, HEAD, TOKEN, GitHub

MARK = "<!-- lebots:action:1 0123456789abcdef -->"
OTHER = MARK.replace("0", "1")
NOW = Run(7, 1, HEAD)


def place(github: GitHub, **more: Any) -> PullRequest:
    api = at_github(github.url, more.pop("token", TOKEN))
    return PullRequest(api, **{"repository": "acme/bots", "number": 3, "author": BOT, **more})


def keep(github: GitHub, text: str, run: Run = NOW, mark: str = MARK, **more: Any) -> bool:
    return Keeper(place(github), mark, run).keep(text, **more)


def body(text: str, run: Run = NOW, mark: str = MARK) -> str:
    return f"{mark}\n{run.line}\n{text}"


def bodies(github: GitHub) -> list[str]:
    return [one["body"] for one in github.comments]


def test_it_is_made_once_and_then_changed_in_place(github: GitHub) -> None:
    assert keep(github, "first")
    assert keep(github, "second", Run(8, 1, HEAD))
    assert bodies(github) == [body("second", Run(8))]


@pytest.mark.parametrize(
    ("said", "login"),
    [
        (f"{MARK}\nno changes", "mallory"),
        (f"{MARK}\nno changes", "github-actions"),
        (f"> {MARK}\nno changes", BOT),
        (f"no changes\n{MARK}", BOT),
        (f"{MARK} no changes", BOT),
        (f"{OTHER}\nanother account", BOT),
        ("", BOT),
    ],
)
def test_any_other_comment_is_left_alone(github: GitHub, said: str, login: str) -> None:
    github.say(said, login)
    keep(github, "the plan")
    assert bodies(github) == [said, body("the plan")]


@pytest.mark.parametrize(
    "strange",
    [
        None,
        7,
        {"id": 1},
        {"id": "../../1", "body": f"{MARK}\n", "user": {"login": BOT}},
        {"id": 1, "body": None, "user": {"login": BOT}},
        {"id": 1, "body": f"{MARK}\n", "user": None},
    ],
)
def test_a_strange_comment_is_nobodys(github: GitHub, strange: Any) -> None:
    github.comments.append(strange)
    keep(github, "the plan")
    assert github.comments[1]["body"] == body("the plan")


def test_line_ends_of_a_browser_do_not_hide_it(github: GitHub) -> None:
    github.say(body("old", Run(9)).replace("\n", "\r\n"))
    assert not keep(github, "older")
    assert keep(github, "new", Run(9, 2, HEAD))
    assert bodies(github) == [body("new", Run(9, 2))]


@pytest.mark.parametrize("before", [99, 100, 250])
def test_it_is_found_behind_many_others(github: GitHub, before: int) -> None:
    for number in range(before):
        github.say(f"comment {number}", "somebody")
    github.say(f"{MARK}\nold")
    keep(github, "new")
    assert bodies(github)[before:] == [body("new")]
    assert sum("comments?" in one for one in github.requests) == (before + 1) // 100 + 1


def test_the_pages_end(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "_PAGES", 2)
    for number in range(250):
        github.say(f"comment {number}", "somebody")
    keep(github, "new")
    assert sum("comments?" in one for one in github.requests) == 4


def test_without_new_it_is_only_changed(github: GitHub) -> None:
    assert not keep(github, "failed", new=False)
    assert bodies(github) == []
    github.say(f"{MARK}\nthe plan")
    assert keep(github, "failed", new=False)
    assert bodies(github) == [body("failed")]


def test_two_accounts_have_one_each(github: GitHub) -> None:
    for text in ("first", "second"):
        keep(github, text)
        keep(github, text, mark=OTHER)
    assert bodies(github) == [body("second"), body("second", mark=OTHER)]


# The newest run has the word


@pytest.mark.parametrize(
    ("there", "run", "written"),
    [
        (Run(8), Run(7, 1, HEAD), False),
        (Run(7, 2), Run(7, 1, HEAD), False),
        (Run(7), Run(7, 2, HEAD), True),
        (Run(6, 9), Run(7, 1, HEAD), True),
        (Run(6), Run(9, 1, "0" * 40), False),
        (None, Run(9, 1, "0" * 40), False),
        (Run(6), Run(7), True),
    ],
)
def test_an_older_run_or_commit_never_replaces_a_newer(
    github: GitHub, there: Run | None, run: Run, written: bool
) -> None:
    if there:
        github.say(body("what is there", there))
    assert keep(github, "what comes", run) is written
    known = [body("what is there", there)] if there else []
    assert bodies(github) == ([body("what comes", run)] if written else known)


def test_a_commit_that_is_pushed_meanwhile_makes_it_old_at_once(github: GitHub) -> None:
    def push() -> None:
        github.head = "1" * 40

    github.before["POST"] = push
    assert not keep(github, "the plan")
    (said,) = bodies(github)
    assert "The plan of the newest commit is not here yet." in said
    assert keep(github, "its plan", Run(2, 1, "1" * 40)), "any run of it has the word now"


@pytest.mark.parametrize("other", [Run(6), Run(8)])
def test_two_first_runs_at_once_leave_one(github: GitHub, other: Run) -> None:
    github.before["POST"] = lambda: github.say(body("other", other))
    assert keep(github, "mine") is (other < NOW)
    assert bodies(github) == [body("mine") if other < NOW else body("other", other)]


def test_of_many_one_is_left(github: GitHub) -> None:
    for text, number in {"one": 5, "three": 12, "two": 8}.items():
        github.say(body(text, Run(number)))
    assert not keep(github, "mine")
    assert bodies(github) == [body("three", Run(12))]


def test_one_that_is_deleted_meanwhile_is_posted_anew(github: GitHub) -> None:
    github.say(body("old", Run(1)))
    github.before["PATCH"] = github.comments.clear
    assert keep(github, "new")
    assert bodies(github) == [body("new")]


# Trouble


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "30"}, 30),
        (429, {}, 2),
        (403, {"Retry-After": "60"}, 60),
        (403, {"X-RateLimit-Remaining": "0"}, 2),
        (500, {}, 2),
        (502, {"Retry-After": "soon"}, 2),
        (503, {"Retry-After": "5"}, 5),
    ],
)
def test_a_host_that_is_busy_is_asked_again(
    github: GitHub,
    waits: list[float],
    method: str,
    status: int,
    headers: dict[str, str],
    wait: float,
) -> None:
    if method == "PATCH":
        github.say(body("old", Run(1)))
    github.troubles = [(method, status, headers)]
    assert keep(github, "new")
    assert (bodies(github), waits) == ([body("new")], [wait])


def test_a_create_whose_answer_was_lost_makes_no_second(github: GitHub) -> None:
    github.troubles = [("POST", 502, {})]
    github.before["POST"] = lambda: github.say(body("new"))
    assert keep(github, "new")
    assert bodies(github) == [body("new")]


@pytest.mark.parametrize(
    ("status", "headers", "says"),
    [
        (429, {}, "GitHub answered 429: too many requests"),
        (429, {"Retry-After": "3600"}, "GitHub answered 429: too many requests"),
        (502, {}, "GitHub answered 502"),
    ],
)
def test_a_host_that_stays_busy_is_given_up(
    github: GitHub, waits: list[float], status: int, headers: dict[str, str], says: str
) -> None:
    github.troubles = [("GET", status, headers)] * 99
    with pytest.raises(NotCommented) as error:
        keep(github, "new")
    assert str(error.value) == says
    assert sum(waits) <= comment.PATIENCE


SECRET_ANSWER = b'{"message": "canary of the answer"}'


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
@pytest.mark.parametrize(
    ("status", "content", "says"),
    [
        (401, SECRET_ANSWER, "GitHub answered 401: the token is not valid"),
        (403, SECRET_ANSWER, "GitHub answered 403: the token may not comment there"),
        (422, SECRET_ANSWER, "GitHub answered 422: the comment was not taken"),
        (302, b"", "GitHub answered 302"),
        (307, b"", "GitHub answered 307"),
        (200, b"<html>", "GitHub cannot be asked: JSONDecodeError"),
        (200, b"\xff", "GitHub cannot be asked: UnicodeDecodeError"),
        (200, b"[" * 100_000, "GitHub cannot be asked: RecursionError"),
    ],
)
def test_what_goes_wrong_is_one_error(
    github: GitHub, method: str, status: int, content: bytes, says: str
) -> None:
    if method == "PATCH":
        github.say(f"{MARK}\nold")
    github.answers[method] = (status, content)
    with pytest.raises(NotCommented) as error:
        keep(github, "new")
    assert str(error.value) == says


def test_a_repository_that_was_renamed_is_followed_at_the_same_host(github: GitHub) -> None:
    github.troubles = [("GET", 301, {"Location": "/repos/acme/bots/pulls/3"})]
    assert keep(github, "new")
    assert bodies(github) == [body("new")]


def test_redirects_end(github: GitHub) -> None:
    github.troubles = [("GET", 307, {"Location": "/repos/acme/bots/pulls/3"})] * 9
    with pytest.raises(NotCommented, match="redirects for ever"):
        keep(github, "new")


def test_an_answer_that_is_no_list(github: GitHub) -> None:
    github.answers["GET"] = (200, b'{"id": 1}')
    with pytest.raises(NotCommented, match="no list"):
        keep(github, "new", Run(1))


def test_a_head_that_is_not_told(github: GitHub) -> None:
    github.answers["GET"] = (200, b"[]")
    with pytest.raises(NotCommented, match="no head"):
        keep(github, "new")


def test_nobody_waits_for_ever(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "TIMEOUT", 0.05)
    monkeypatch.setattr(comment, "PATIENCE", 0.0)
    github.before["GET"] = lambda: threading.Event().wait(1)
    begun = time.monotonic()
    with pytest.raises(NotCommented, match="cannot be asked"):
        keep(github, "new")
    assert time.monotonic() - begun < 2


def test_nobody_listens() -> None:
    with pytest.raises(NotCommented, match="cannot be asked: URLError"):
        keep(GitHub(url="http://127.0.0.1:9"), "new")


@pytest.mark.parametrize(
    "api",
    [
        "",
        "http://api.github.example",
        "http://127.0.0.1.example",
        "https://",
        "https://user@api.github.example",
        "http://[",
        "file:///etc/passwd",
        "ftp://127.0.0.1",
    ],
)
def test_a_token_goes_to_https_only(api: str) -> None:
    with pytest.raises(NotCommented, match="GITHUB_API_URL is no"):
        place(GitHub(url=api))


@pytest.mark.parametrize("repository", ["", "acme", "acme/bots/../x", "acme/bots?x", "a b/c"])
def test_a_repository_is_owner_and_name(repository: str) -> None:
    with pytest.raises(NotCommented, match="OWNER/NAME"):
        place(GitHub(url="https://api.github.example"), repository=repository)


def test_a_token_with_a_line_break_is_not_sent(github: GitHub) -> None:
    with pytest.raises(NotCommented, match="ValueError"):
        Keeper(place(github, token="x\r\nHost: elsewhere"), MARK, NOW).keep("new")
    assert github.requests == []
