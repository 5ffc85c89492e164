"""Shows a plan in its pull request: the one step that has the token, and runs nothing else."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from action.comment import NotCommented, PullRequest
from action.inputs import PREFIX, WRITE_MARKDOWN, Inputs, WrongInput
from action.run import command, payload_of, result


def main(environment: Mapping[str, str]) -> int:
    """Keeps the comment; whatever happens here changes no result, so the step never fails."""
    try:
        inputs = Inputs.read(environment)
        request = PullRequest(
            api=environment.get("GITHUB_API_URL", ""),
            repository=environment.get("GITHUB_REPOSITORY", ""),
            number=_number(payload_of(environment)),
            author=inputs.author,
            token=inputs.token,
        )
        files = Path(environment.get("RUNNER_TEMP", ""), "lebots")
        markdown = result(files / WRITE_MARKDOWN["plan"])
        # A comment about an earlier commit must not stay as if it were about this one.
        request.keep(inputs.mark, markdown or _failed(environment), new=bool(markdown))
    except (NotCommented, WrongInput) as error:
        command("warning", f"the plan is not in the pull request, see the summary: {error}")
    return 0


def _number(payload: object) -> int:
    request = payload.get("pull_request") if isinstance(payload, dict) else None
    number = request.get("number") if isinstance(request, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise NotCommented("the payload has no number of the pull request")
    return number


def _failed(environment: Mapping[str, str]) -> str:
    place = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (environment.get(name, "") for name in place)
    code = environment.get(f"{PREFIX}EXIT_CODE", "")
    log = f"[the log]({server}/{repository}/actions/runs/{run})"
    return (
        "### lebots plan: failed\n\nThere is no plan of the newest commit: lebots ended with exit "
        f"code {code if code.isdecimal() else 'unknown'}. What is wrong stands in {log}.\n"
    )


if __name__ == "__main__":
    sys.exit(main(os.environ))
