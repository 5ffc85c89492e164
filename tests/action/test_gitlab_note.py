"""docs/ci/gitlab_note.py: one note, kept up to date, and never anybody else's."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.action.conftest import TOKEN, GitHub, listening

SCRIPT = Path(__file__).parents[2] / "docs" / "ci" / "gitlab_note.py"
MARK = "<!-- lebots:plan:1 account=55501234 -->"
BOT, MALLORY = "project_5_bot", "mallory"
IDS = {BOT: 11, MALLORY: 12}


class GitLab(GitHub):
    """Notes of merge request 3 of project 5."""

    def knows(self, headers: Mapping[str, str]) -> bool:
        return headers.get("Private-Token") == TOKEN

    def note(self, body: str, login: str = BOT) -> dict[str, Any]:
        note = {"id": 100 + len(self.comments), "body": body, "author": {"id": IDS[login]}}
        self.comments.append(note)
        return note

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(target)
        notes = "/projects/5/merge_requests/3/notes"
        if (method, parts.path) == ("GET", "/user"):
            return 200, {"id": IDS[BOT], "username": BOT}
        if (method, parts.path) == ("GET", notes):
            query = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
            first = (query["page"] - 1) * query["per_page"]
            return 200, self.comments[first : first + query["per_page"]]
        if (method, parts.path) == ("POST", notes):
            return 201, self.note(body["body"])
        (note,) = (one for one in self.comments if f"{notes}/{one['id']}" == parts.path)
        assert method == "PUT"
        note["body"] = body["body"]
        return 200, note


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    gitlab = GitLab()
    with listening(gitlab):
        yield gitlab


def keep(gitlab: GitLab, folder: Path, text: str, **more: str) -> str:
    """Runs the script; what it says."""
    file = folder / "plan.md"
    file.write_text(text)
    environment = {
        "CI_API_V4_URL": gitlab.url,
        "CI_PROJECT_ID": "5",
        "CI_MERGE_REQUEST_IID": "3",
        "LEBOTS_NOTE_TOKEN": TOKEN,
        **more,
    }
    command = [sys.executable, "-I", str(SCRIPT), str(file)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
    assert (ran.returncode, ran.stdout) == (0, "")
    return ran.stderr


def test_it_is_made_once_and_then_changed_in_place(gitlab: GitLab, tmp_path: Path) -> None:
    for number in range(100):
        gitlab.note(f"note {number}", MALLORY)
    gitlab.note(f"{MARK}\nno changes", MALLORY)
    for text in ("first", "second"):
        assert keep(gitlab, tmp_path, f"{MARK}\n{text}\n") == ""
    assert [one["body"] for one in gitlab.comments[100:]] == [
        f"{MARK}\nno changes",
        f"{MARK}\nsecond\n",
    ]


def test_what_goes_wrong_fails_no_job(gitlab: GitLab, tmp_path: Path) -> None:
    says = "the plan is not in the merge request: "
    assert keep(gitlab, tmp_path, MARK, LEBOTS_NOTE_TOKEN="wrong") == f"{says}HTTPError\n"
    gitlab.answers["GET"] = (302, b"")
    assert keep(gitlab, tmp_path, MARK) == f"{says}HTTPError\n"
    gitlab.answers["GET"] = (200, b"<html>")
    assert keep(gitlab, tmp_path, MARK) == f"{says}JSONDecodeError\n"
    assert gitlab.comments == []
