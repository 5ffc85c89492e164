"""Keeps one note with a plan on a GitLab merge request: `python -I ci/gitlab_note.py plan.md`.

The first line of lebots' Markdown, which nobody sees, finds the note of an earlier run; only notes
of the token's own user are changed. Whatever goes wrong is said, and fails no job.
"""

import json
import os
import sys
from http.client import HTTPException
from pathlib import Path
from urllib.request import HTTPRedirectHandler, Request, build_opener


class NoRedirect(HTTPRedirectHandler):
    """A redirect would take the token to another host."""

    def redirect_request(self, *_):
        return None


def ask(method, path, body=None):
    """What GitLab answers."""
    request = Request(
        f"{os.environ['CI_API_V4_URL']}/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "PRIVATE-TOKEN": os.environ["LEBOTS_NOTE_TOKEN"],
            "Content-Type": "application/json",
        },
    )
    with build_opener(NoRedirect).open(request, timeout=10) as answer:
        return json.load(answer)


def notes(place):
    """All notes of the merge request."""
    for page in range(1, 100):
        found = ask("GET", f"{place}?per_page=100&page={page}")
        yield from found
        if len(found) < 100:
            return


def keep(text):
    """Makes this the one note of ours that begins with its first line."""
    project, number = os.environ["CI_PROJECT_ID"], os.environ["CI_MERGE_REQUEST_IID"]
    place = f"projects/{project}/merge_requests/{number}/notes"
    mark, we = text.split("\n", 1)[0], ask("GET", "user")["id"]
    for note in notes(place):
        if note["author"]["id"] == we and note["body"].split("\n", 1)[0].rstrip("\r") == mark:
            ask("PUT", f"{place}/{note['id']}", {"body": text})
            return
    ask("POST", place, {"body": text})


if __name__ == "__main__":
    try:
        keep(Path(sys.argv[1]).read_text(encoding="utf-8"))
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        print(f"the plan is not in the merge request: {type(error).__name__}", file=sys.stderr)
