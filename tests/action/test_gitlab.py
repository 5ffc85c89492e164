"""One current note on a merge request for each account and folder."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from action.gitlab import main
from tests.action.conftest import HEAD, TOKEN, GitHub, listening

BOT, MALLORY = "project_5_bot", "mallory"
IDS = {BOT: 11, MALLORY: 12}
JOB = "https://gitlab.example/acme/bots/-/jobs/70"


class GitLab(GitHub):
    """Notes of merge request 3 of project 5."""

    def knows(self, headers: Mapping[str, str]) -> bool:
        return headers.get("Private-Token") == TOKEN

    def note(self, body: str, login: str = BOT) -> dict[str, Any]:
        self.count += 1
        note = {"id": 100 + self.count, "body": body, "author": {"id": IDS[login]}}
        self.comments.append(note)
        return note

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        parts = urlsplit(target)
        request = "/projects/5/merge_requests/3"
        match method, parts.path.removeprefix(request).split("/"):
            case "GET", ["", "user"]:
                return 200, {"id": IDS[BOT], "username": BOT}
            case "GET", [""]:
                return 200, {"iid": 3, "sha": self.head}
            case "GET", ["", "notes"]:
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                assert (query["sort"], query["order_by"]) == ("asc", "created_at")
                first = (int(query["page"]) - 1) * int(query["per_page"])
                return 200, self.comments[first : first + int(query["per_page"])]
            case "POST", ["", "notes"]:
                return 201, self.note(body["body"])
            case "PUT", ["", "notes", number]:
                for note in self.comments:
                    if note["id"] == int(number):
                        note["body"] = body["body"]
                        return 200, note
            case "DELETE", ["", "notes", number]:
                self.comments = [one for one in self.comments if one["id"] != int(number)]
                return 204, None
        return 404, {"message": "404 Not found"}


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    gitlab = GitLab()
    with listening(gitlab):
        yield gitlab


@pytest.fixture
def plan(tmp_path: Path, gitlab: GitLab, capsys: Any) -> Any:
    def run(text: str | None, *arguments: str, folder: str = "", **more: str) -> str:
        """Keeps the note; what it says."""
        (tmp_path / folder).mkdir(exist_ok=True)
        file = tmp_path / folder / "plan.md"
        file.unlink(missing_ok=True)
        if text is not None:
            file.write_text(text)
        environment = {
            "CI_API_V4_URL": gitlab.url,
            "CI_PROJECT_ID": "5",
            "CI_PROJECT_DIR": str(tmp_path),
            "CI_MERGE_REQUEST_IID": "3",
            "CI_JOB_ID": "70",
            "CI_JOB_URL": JOB,
            "CI_COMMIT_SHA": HEAD,
            "LEBOTS_NOTE_TOKEN": TOKEN,
            **more,
        }
        assert main([*arguments, str(file)], environment) == 0
        out, err = capsys.readouterr()
        assert out == ""
        return str(err)

    return run


def told(gitlab: GitLab) -> list[str]:
    """The notes without what nobody sees."""
    return [one["body"].split("\n", 2)[2] for one in gitlab.comments if one["author"]["id"] == 11]


def test_it_is_made_once_and_then_changed_in_place(gitlab: GitLab, plan: Any) -> None:
    for number in range(100):
        gitlab.note(f"note {number}", MALLORY)
    plan("first\n")
    gitlab.note(gitlab.comments[-1]["body"], MALLORY)
    assert plan("second\n", CI_JOB_ID="71") == ""
    links = f"[run]({JOB}) · [whole plan]({JOB}/artifacts/file/plan.html)"
    assert told(gitlab) == [f"Plan of `aaaaaaaa` · {links}\n\nsecond\n"]
    assert gitlab.comments[-1]["body"].endswith("first\n"), "nobody else's is touched"


def test_each_account_and_folder_has_its_own(gitlab: GitLab, plan: Any) -> None:
    for job in ("70", "71"):
        plan("one", "--account=one", CI_JOB_ID=job)
        plan("two", "--account=two", CI_JOB_ID=job)
        plan("three", "--account=two", folder="project", CI_JOB_ID=job)
    assert [one.rpartition("\n")[2] for one in told(gitlab)] == ["one", "two", "three"]
    assert "/artifacts/file/project/plan.html" in told(gitlab)[2]


def test_an_older_job_or_commit_never_replaces_a_newer(gitlab: GitLab, plan: Any) -> None:
    plan("new", CI_JOB_ID="80")
    plan("older job")
    plan("older commit", CI_JOB_ID="90", CI_COMMIT_SHA="b" * 40)
    assert [one.rpartition("\n")[2] for one in told(gitlab)] == ["new"]


def test_a_pipeline_of_merged_results_tells_the_commit_of_the_branch(
    gitlab: GitLab, plan: Any
) -> None:
    plan("new", CI_COMMIT_SHA="b" * 40, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=HEAD)
    assert told(gitlab)[0].startswith("Plan of `aaaaaaaa`")


def test_a_plan_that_failed_replaces_an_earlier_one(gitlab: GitLab, plan: Any) -> None:
    plan(None)
    assert gitlab.comments == []
    plan("the plan")
    plan(None, CI_JOB_ID="71")
    assert told(gitlab)[0].startswith("### lebots plan: failed\n")


def test_what_goes_wrong_fails_no_job(gitlab: GitLab, plan: Any) -> None:
    says = "the plan is not in the merge request: "
    assert plan("x", LEBOTS_NOTE_TOKEN="wrong").startswith(f"{says}GitLab answered 401")
    assert plan("x", CI_PROJECT_ID="five") == f"{says}ValueError\n"
    gitlab.answers["GET"] = (302, b"")
    assert plan("x") == f"{says}GitLab answered 302\n"
    gitlab.answers["GET"] = (200, b"<html>")
    assert plan("x") == f"{says}GitLab cannot be asked: JSONDecodeError\n"
    assert gitlab.comments == []
