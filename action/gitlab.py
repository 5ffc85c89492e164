"""Keeps one note with a plan on a GitLab merge request, for each account and folder.

``python -P -m action.gitlab --account NAME plan.md``: what goes wrong is said, and fails no job.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from action.comment import Comment, Keeper, NotCommented, Run, mark_of
from action.host import Host
from action.words import failed, heading


@dataclass(frozen=True)
class MergeRequest:
    """A merge request as the user of the token sees it; ``project`` and ``number`` are numbers."""

    host: Host
    project: int
    number: int

    def head(self) -> str:
        """The commit at the head of its branch."""
        match self.host.ask("GET", self._path):
            case {"sha": str(commit)}:
                return commit
        raise NotCommented("GitLab tells no head of the merge request")

    def comments(self) -> Iterator[Comment]:
        """Our notes, the oldest first."""
        for one in self.host.pages(f"{self._path}/notes?sort=asc&order_by=created_at&"):
            match one:
                case {"id": int(id_), "body": str(body), "author": {"id": int(author)}}:
                    if author == self._we:
                        yield Comment(id_, body)

    def create(self, body: str) -> None:
        """A new note."""
        self.host.ask("POST", f"{self._path}/notes", {"body": body})

    def edit(self, id_: int, body: str) -> None:
        """Another text for one of ours."""
        self.host.ask("PUT", f"{self._path}/notes/{id_}", {"body": body})

    def delete(self, id_: int) -> None:
        """Takes one of ours away."""
        self.host.ask("DELETE", f"{self._path}/notes/{id_}")

    @property
    def _path(self) -> str:
        return f"projects/{self.project}/merge_requests/{self.number}"

    @cached_property
    def _we(self) -> int:
        match self.host.ask("GET", "user"):
            case {"id": int(id_)}:
                return id_
        raise NotCommented("GitLab tells no user of the token")


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Keeps the note; the exit code is 0 in any case."""
    parser = argparse.ArgumentParser(prog="action.gitlab", description=__doc__)
    parser.add_argument("--account", default="")
    parser.add_argument("markdown", type=Path)
    given = parser.parse_args(arguments)
    try:
        keep(given.markdown, given.account, environment)
    except (NotCommented, OSError, ValueError) as error:
        why = str(error) if isinstance(error, NotCommented) else type(error).__name__
        sys.stderr.write(f"the plan is not in the merge request: {why}\n")
    return 0


def keep(markdown: Path, account: str, environment: Mapping[str, str]) -> None:
    """Keeps the note about an account in this folder of the project; raises NotCommented."""
    token = environment.get("LEBOTS_NOTE_TOKEN", "")
    host = Host(
        "GitLab", "CI_API_V4_URL", environment.get("CI_API_V4_URL", ""), {"PRIVATE-TOKEN": token}
    )
    project, number, job = (
        int(environment.get(name, ""))
        for name in ("CI_PROJECT_ID", "CI_MERGE_REQUEST_IID", "CI_JOB_ID")
    )
    # A pipeline of merged results has a commit of its own, and tells that of the branch.
    branch = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "")
    run = Run(job, commit=branch or environment.get("CI_COMMIT_SHA", ""))
    folder = os.path.relpath(markdown.parent.resolve(), environment.get("CI_PROJECT_DIR") or ".")
    log = environment.get("CI_JOB_URL", "")
    whole = f"{log}/artifacts/file/{(Path(folder) / markdown.with_suffix('.html').name).as_posix()}"
    text = markdown.read_text(encoding="utf-8") if markdown.is_file() else ""
    keeper = Keeper(MergeRequest(host, project, number), mark_of(account, folder), run)
    keeper.keep(heading(run.commit, log, whole) + text if text else failed("", log), new=bool(text))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
