"""A stand-in for the part of GitHub's API that keeps comments."""

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

BOT = "github-actions[bot]"
TOKEN = "ghs_token-of-the-job"


@dataclass
class GitHub:
    """Comments of pull request 3 of acme/bots; ``answers`` says what goes wrong."""

    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    """Each as ``METHOD path``."""
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Status and body that a method is answered with instead."""
    location: str = "http://127.0.0.1:9/elsewhere"
    delay: float = 0.0

    def knows(self, headers: Mapping[str, str]) -> bool:
        """Whether a request brings the token."""
        return headers.get("Authorization") == f"Bearer {TOKEN}"

    def say(self, body: str, login: str = BOT) -> dict[str, Any]:
        """Somebody comments."""
        comment = {"id": 100 + len(self.comments), "body": body, "user": {"login": login}}
        self.comments.append(comment)
        return comment

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(target)
        match method, parts.path.removeprefix("/repos/acme/bots/issues/").split("/"):
            case "GET", ["3", "comments"]:
                query = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
                first = (query["page"] - 1) * query["per_page"]
                return 200, self.comments[first : first + query["per_page"]]
            case "POST", ["3", "comments"]:
                return 201, self.say(body["body"])
            case "PATCH", ["comments", number]:
                (comment,) = (one for one in self.comments if one["id"] == int(number))
                comment["body"] = body["body"]
                return 200, comment
        return 404, {"message": "Not Found"}


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def _do(self) -> None:
        github, method = self.server.github, self.command
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        github.requests.append(f"{method} {self.path}")
        time.sleep(github.delay)
        if method in github.answers:
            status, content = github.answers[method]
        elif not github.knows(dict(self.headers)):
            status, content = 401, b"{}"
        else:
            status, answer = github.answer(method, self.path, body)
            content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Location", github.location)
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
