"""Shows a plan or its outcome in the pull request: the one step that has the token."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from action.comment import Keeper, NotCommented, Run
from action.github import PullRequest, github, merged_pull_request
from action.inputs import PREFIX, WRITE_MARKDOWN, Inputs, WrongInput
from action.run import command, log_of, payload_of, result
from action.words import failed, heading, not_applied


def main(environment: Mapping[str, str]) -> int:
    """Keeps the comment; whatever happens here changes no result, so the step never fails."""
    try:
        _keep(Inputs.read(environment), environment)
    except (NotCommented, WrongInput) as error:
        command("warning", f"this is not in the pull request, see the summary: {error}")
    return 0


def _keep(inputs: Inputs, environment: Mapping[str, str]) -> None:
    host = github(environment.get("GITHUB_API_URL", ""), inputs.token)
    repository = environment.get("GITHUB_REPOSITORY", "")
    markdown = result(Path(environment["RUNNER_TEMP"], "lebots", WRITE_MARKDOWN[inputs.command]))
    code, log = environment.get(f"{PREFIX}EXIT_CODE", ""), log_of(environment)
    run = _run(environment)
    if inputs.command == "apply":
        merged = merged_pull_request(host, repository, environment.get("GITHUB_SHA", ""))
        if merged is not None:
            place = PullRequest(host, repository, merged, inputs.author)
            Keeper(place, inputs.mark, run).keep(markdown or not_applied(code, log))
        return
    number, commit = _request(payload_of(environment))
    place = PullRequest(host, repository, number, inputs.author)
    keeper = Keeper(place, inputs.mark, Run(run.number, run.attempt, commit))
    # A comment about an earlier commit must not stay as if it were about this one.
    text = heading(commit, log, f"{log}#artifacts") + markdown if markdown else failed(code, log)
    if not keeper.keep(text, new=bool(markdown) and (inputs.comment == "always" or code != "0")):
        command("notice", "the plan is not in the pull request: a newer run has the word")


def _request(payload: Any) -> tuple[int, str]:
    match payload:
        case {"pull_request": {"number": int(number), "head": {"sha": str(commit)}}} if (
            number is not True
        ):
            return number, commit
    raise NotCommented("the payload has no number and head of the pull request")


def _run(environment: Mapping[str, str]) -> Run:
    number, attempt = (environment.get(f"GITHUB_RUN_{name}", "") for name in ("ID", "ATTEMPT"))
    try:
        return Run(int(number), int(attempt))
    except ValueError:
        raise NotCommented("GITHUB_RUN_ID and GITHUB_RUN_ATTEMPT are no numbers") from None


if __name__ == "__main__":
    sys.exit(main(os.environ))
