"""A pull request at GitHub."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from action.comment import Comment, NotCommented
from action.host import Host


@dataclass(frozen=True)
class PullRequest:
    """A pull request as one author sees it.

    ``repository`` is OWNER/NAME, ``author`` the login whose comments are ours. Raises NotCommented.
    """

    host: Host
    repository: str
    number: int
    author: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", self.repository, re.ASCII):
            raise NotCommented("GITHUB_REPOSITORY is not OWNER/NAME")

    def head(self) -> str:
        """The commit at the head of its branch."""
        match self.host.ask("GET", f"repos/{self.repository}/pulls/{self.number}"):
            case {"head": {"sha": str(commit)}}:
                return commit
        raise NotCommented("GitHub tells no head of the pull request")

    def comments(self) -> Iterator[Comment]:
        """Our comments, the oldest first."""
        for one in self.host.pages(f"{self._issues}/{self.number}/comments?"):
            match one:
                case {"id": int(id_), "body": str(body), "user": {"login": self.author}}:
                    yield Comment(id_, body)

    def create(self, body: str) -> None:
        """A new comment."""
        self.host.ask("POST", f"{self._issues}/{self.number}/comments", {"body": body})

    def edit(self, id_: int, body: str) -> None:
        """Another text for one of ours."""
        self.host.ask("PATCH", f"{self._issues}/comments/{id_}", {"body": body})

    def delete(self, id_: int) -> None:
        """Takes one of ours away."""
        self.host.ask("DELETE", f"{self._issues}/comments/{id_}")

    @property
    def _issues(self) -> str:
        return f"repos/{self.repository}/issues"


def github(api: str, token: str) -> Host:
    """GitHub's API; raises NotCommented."""
    return Host(
        "GitHub",
        "GITHUB_API_URL",
        api,
        {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )


def merged_pull_request(host: Host, repository: str, commit: str) -> int | None:
    """The number of the pull request that brought a commit, if one did."""
    found = host.ask("GET", f"repos/{repository}/commits/{commit}/pulls")
    for one in found if isinstance(found, list) else ():
        match one:
            case {"number": int(number), "merged_at": str()}:
                return number
    return None
