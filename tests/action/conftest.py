"""A stand-in for the part of GitHub's API that keeps comments."""

import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from action import comment

BOT = "github-actions[bot]"
TOKEN = "ghs_token-of-the-job"
HEAD = "a" * 40
"""The newest commit of the pull request."""


@dataclass
class GitHub:
    """Comments of pull request 3 of acme/bots; ``answers`` says what goes wrong."""

    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    """Each as ``METHOD path``."""
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Status and body that a method is answered with instead."""
    troubles: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)
    """Method, status and headers of what goes wrong once, in turn."""
    before: dict[str, Callable[[], object]] = field(default_factory=dict)
    """What somebody else does just before a method is answered, once."""
    head: str = HEAD
    merged: list[Any] = field(default_factory=list)
    """The pull requests of any commit."""
    location: str = "http://127.0.0.1:9/elsewhere"
    count: int = 0

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether a request brings the token."""
        return headers.get("Authorization") == f"Bearer {TOKEN}"

    def say(self, body: str, login: str = BOT) -> dict[str, Any]:
        """Somebody comments."""
        self.count += 1
        comment = {"id": 100 + self.count, "body": body, "user": {"login": login}}
        self.comments.append(comment)
        return comment

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(target)
        if re.fullmatch("/repos/acme/bots/commits/[0-9a-f]{40}/pulls", parts.path):
            return 200, self.merged
        if parts.path == "/repos/acme/bots/pulls/3":
            return 200, {"head": {"sha": self.head}}
        match method, parts.path.removeprefix("/repos/acme/bots/issues/").split("/"):
            case "GET", ["3", "comments"]:
                query = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
                first = (query["page"] - 1) * query["per_page"]
                return 200, self.comments[first : first + query["per_page"]]
            case "POST", ["3", "comments"]:
                return 201, self.say(body["body"])
            case "PATCH", ["comments", number]:
                for comment in self.comments:
                    if comment["id"] == int(number):
                        comment["body"] = body["body"]
                        return 200, comment
            case "DELETE", ["comments", number]:
                self.comments = [one for one in self.comments if one["id"] != int(number)]
                return 204, None
        return 404, {"message": "Not Found"}


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def _do(self) -> None:
        github, method = self.server.github, self.command
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        github.requests.append(f"{method} {self.path}")
        github.before.pop(method, lambda: None)()
        headers = {"Location": github.location}
        if github.troubles and github.troubles[0][0] == method:
            _, status, more = github.troubles.pop(0)
            content, headers = b"{}", headers | more
        elif method in github.answers:
            status, content = github.answers[method]
        elif not github.knows(dict(self.headers)):
            status, content = 401, b"{}"
        else:
            status, answer = github.answer(method, self.path, body)
            content = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _do  # noqa: N815 - names of http.server

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    github: GitHub

    def handle_error(self, *_: Any) -> None:
        """A client that went away is what some tests are about."""


@pytest.fixture(autouse=True)
def _plain_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """git as it is without anybody's settings, whatever repository the tests run in."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between tries to comment, which take no time here."""
    found: list[float] = []
    monkeypatch.setattr(comment, "time", SimpleNamespace(sleep=found.append))
    return found


@contextmanager
def listening(github: GitHub) -> Iterator[GitHub]:
    """While it listens on loopback."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.github = github
        github.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield github
        server.shutdown()
        thread.join()


@pytest.fixture
def github() -> Iterator[GitHub]:
    with listening(GitHub()) as running:
        yield running
