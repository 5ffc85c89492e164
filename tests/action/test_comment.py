"""One comment, kept up to date, and never anybody else's."""

import time
from typing import Any

import pytest

from action import comment
from action.comment import NotCommented, PullRequest
from tests.action.conftest import BOT, TOKEN, GitHub

MARK = "<!-- lebots:action:1 0123456789abcdef -->"


def request(github: GitHub, **more: Any) -> PullRequest:
    given = {"api": github.url, "repository": "acme/bots", "number": 3, "author": BOT}
    return PullRequest(**{**given, "token": TOKEN, **more})


def bodies(github: GitHub) -> list[str]:
    return [one["body"] for one in github.comments]


def test_it_is_made_once_and_then_changed_in_place(github: GitHub) -> None:
    request(github).keep(MARK, "first")
    request(github).keep(MARK, "second")
    assert bodies(github) == [f"{MARK}\nsecond"]


@pytest.mark.parametrize(
    ("body", "login"),
    [
        (f"{MARK}\nno changes", "mallory"),
        (f"{MARK}\nno changes", "github-actions"),
        (f"> {MARK}\nno changes", BOT),
        (f"no changes\n{MARK}", BOT),
        (f"{MARK} no changes", BOT),
        (f"{MARK.replace('0', '1')}\nanother account", BOT),
        ("", BOT),
    ],
)
def test_any_other_comment_is_left_alone(github: GitHub, body: str, login: str) -> None:
    github.say(body, login)
    request(github).keep(MARK, "the plan")
    assert bodies(github) == [body, f"{MARK}\nthe plan"]


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
    request(github).keep(MARK, "the plan")
    assert github.comments[1]["body"] == f"{MARK}\nthe plan"


def test_line_ends_of_a_browser_do_not_hide_it(github: GitHub) -> None:
    github.say(f"{MARK}\r\nold")
    request(github).keep(MARK, "new")
    assert bodies(github) == [f"{MARK}\nnew"]


@pytest.mark.parametrize("before", [99, 100, 250])
def test_it_is_found_behind_many_others(github: GitHub, before: int) -> None:
    for number in range(before):
        github.say(f"comment {number}", "somebody")
    github.say(f"{MARK}\nold")
    request(github).keep(MARK, "new")
    assert bodies(github)[before:] == [f"{MARK}\nnew"]
    assert len(github.requests) == before // 100 + 2


def test_the_pages_end(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comment, "_PAGES", 2)
    for number in range(250):
        github.say(f"comment {number}", "somebody")
    request(github).keep(MARK, "new")
    assert len(github.requests) == 3


def test_of_two_the_first_is_kept_up_to_date(github: GitHub) -> None:
    github.say(f"{MARK}\none")
    github.say(f"{MARK}\ntwo")
    request(github).keep(MARK, "new")
    assert bodies(github) == [f"{MARK}\nnew", f"{MARK}\ntwo"]


def test_without_new_it_is_only_changed(github: GitHub) -> None:
    request(github).keep(MARK, "failed", new=False)
    assert bodies(github) == []
    github.say(f"{MARK}\nthe plan")
    request(github).keep(MARK, "failed", new=False)
    assert bodies(github) == [f"{MARK}\nfailed"]


SECRET_ANSWER = b'{"message": "canary of the answer"}'


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (401, SECRET_ANSWER, "GitHub answered 401: the token is not valid"),
        (
            403,
            SECRET_ANSWER,
            "GitHub answered 403: the job needs `permissions: pull-requests: write`",
        ),
        (404, SECRET_ANSWER, "GitHub answered 404: the token cannot see this pull request"),
        (422, SECRET_ANSWER, "GitHub answered 422: the comment was not taken"),
        (429, SECRET_ANSWER, "GitHub answered 429"),
        (500, SECRET_ANSWER, "GitHub answered 500"),
        (302, b"", "GitHub answered 302"),
        (307, b"", "GitHub answered 307"),
        (200, b"<html>", "GitHub cannot be asked: JSONDecodeError"),
        (200, b"\xff", "GitHub cannot be asked: UnicodeDecodeError"),
        (200, b"[" * 100_000, "GitHub cannot be asked: RecursionError"),
    ],
)
def test_what_goes_wrong_is_one_error(
    github: GitHub, method: str, status: int, body: bytes, says: str
) -> None:
    if method == "PATCH":
        github.say(f"{MARK}\nold")
    github.answers[method] = (status, body)
    with pytest.raises(NotCommented) as error:
        request(github).keep(MARK, "new")
    assert str(error.value) == says


def test_an_answer_that_is_no_list(github: GitHub) -> None:
    github.answers["GET"] = (200, b'{"id": 1}')
    with pytest.raises(NotCommented, match="no list of comments"):
        request(github).keep(MARK, "new")


def test_nobody_waits_for_ever(github: GitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comment, "TIMEOUT", 0.05)
    github.delay = 10
    begun = time.monotonic()
    with pytest.raises(NotCommented, match="TimeoutError"):
        request(github).keep(MARK, "new")
    assert time.monotonic() - begun < 5


def test_nobody_listens() -> None:
    with pytest.raises(NotCommented, match="cannot be asked: URLError"):
        request(GitHub(url="http://127.0.0.1:9")).keep(MARK, "new")


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
        request(GitHub(url=api))


@pytest.mark.parametrize("repository", ["", "acme", "acme/bots/../x", "acme/bots?x", "a b/c"])
def test_a_repository_is_owner_and_name(repository: str) -> None:
    with pytest.raises(NotCommented, match="OWNER/NAME"):
        request(GitHub(url="https://api.github.example"), repository=repository)


def test_a_token_with_a_line_break_is_not_sent(github: GitHub) -> None:
    with pytest.raises(NotCommented, match="ValueError"):
        request(github, token="x\r\nHost: elsewhere").keep(MARK, "new")
    assert github.requests == []
