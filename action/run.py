"""Runs one lebots command in a GitHub workflow: may it, what did it give, who must see it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from action.inputs import PREFIX, WRITE_MARKDOWN, Inputs, WrongInput
from action.trust import refusal, trusted_branch
from action.words import not_applied
from lebots.errors import UsageError
from lebots.git.repository import Repository

_START: Final = "import sys; sys.argv[0] = 'lebots'; from lebots.cli import main; main()"
LEBOTS: Final = (sys.executable, "-I", "-c", _START)
"""The installed lebots, which finds no module in the checkout or in the environment."""
USAGE, CHANGES_PENDING, REFUSED = 2, 3, 6
RECEIPT: Final = "receipt.json"
RESULTS: Final = ("plan.json", "plan.md", "plan.html", "apply.md", RECEIPT)
"""The files a step leaves below ``$RUNNER_TEMP/lebots`` for later steps."""
COUNTS: Final = ("create", "update", "rename", "disable", "delete")
_NOT_HERE: Final = (
    "the branch {} is not in this checkout, so its lebots.yaml, whose logins, sinks and guards are "
    "in force, cannot be read; check out with fetch-depth: 0"
)
CHECKOUT: Final = "."
"""``--rules-from`` for the lebots.yaml of the checkout."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def main(environment: Mapping[str, str], lebots: Sequence[str] = LEBOTS) -> int:
    """Does what the inputs ask and tells the runner; the exit code of the step."""
    try:
        inputs = Inputs.read(environment)
    except WrongInput as wrong:
        return _stop(str(wrong), USAGE, environment)
    payload = payload_of(environment)
    if why := _refusal(inputs, payload, environment):
        return _stop(why, REFUSED, environment)
    if not environment.get("RUNNER_TEMP"):
        return _stop("RUNNER_TEMP is not set; this runs in a GitHub workflow", USAGE, environment)
    branch = trusted_branch(inputs.command, _event(environment), payload, environment)
    if branch and not _is_here(branch, inputs.folder, environment):
        if not (inputs.rules_from or (inputs.command == "plan" and inputs.base)):
            return _stop(_NOT_HERE.format(branch), REFUSED, environment)
        branch = ""
    files = Path(environment["RUNNER_TEMP"], "lebots")
    _clear(files)
    if inputs.receipts and _earlier(files).is_file():
        shutil.copyfile(_earlier(files), files / RECEIPT)
    code = _run(inputs, files, f"origin/{branch}" if branch else "", environment, lebots)
    _tell(inputs, code, files, environment)
    return 0 if inputs.command == "plan" and code == CHANGES_PENDING else code


def _refusal(inputs: Inputs, payload: Any, environment: Mapping[str, str]) -> str:
    """Why the command must not run for this event and checkout; empty where it may."""
    why = refusal(inputs.command, _event(environment), payload, environment)
    return why or (inputs.command == "apply" and _other_commit(inputs, environment)) or ""


def _event(environment: Mapping[str, str]) -> str:
    return environment.get("GITHUB_EVENT_NAME", "")


def _earlier(files: Path) -> Path:
    """Where an earlier step puts the newest receipt."""
    return files.with_name("lebots-receipt") / RECEIPT


def _run(
    inputs: Inputs, files: Path, branch: str, environment: Mapping[str, str], lebots: Sequence[str]
) -> int:
    """The exit code of lebots, whose output goes to the log as it is.

    ``branch`` is the one whose rules are in force, where those of the checkout are not.
    """
    child = {name: value for name, value in environment.items() if not _is_ours(name)}
    child["LEBOTS_MASKS"] = "github"
    base = inputs.base if inputs.command == "plan" else ""
    if inputs.command == "plan" and environment.get("GITHUB_BASE_REF"):
        base = base or branch
    rules = inputs.rules_from or ("" if base else branch)
    if inputs.command == "plan" and not (base or branch) and _is_push(environment):
        base = _parent(inputs.folder, child)
        # What was merged is in force: an apply reads the same.
        rules = rules or (CHECKOUT if base else "")
    return _call([*lebots, *inputs.arguments(files, base, rules)], inputs.folder, child)


def _is_push(environment: Mapping[str, str]) -> bool:
    return environment.get("GITHUB_EVENT_NAME") in ("push", "workflow_dispatch")


def _is_ours(name: str) -> bool:
    return name.startswith(PREFIX) or name == "PYTHONPATH"


def _call(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> int:
    sys.stdout.flush()
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the workflow file is trusted
            arguments, cwd=folder, env=environment, stdin=subprocess.DEVNULL, check=False
        )
    except OSError as error:
        command("error", f"lebots cannot be started: {type(error).__name__}")
        return USAGE
    # A signal ends a shell's command with 128 and its number.
    return done.returncode if done.returncode >= 0 else 128 - done.returncode


def _is_here(branch: str, folder: Path, environment: Mapping[str, str]) -> bool:
    """Whether this checkout has a branch of the repository."""
    try:
        # lebots asks git such that nothing of the repository runs; there is no other call of git.
        Repository.around(folder, environment).commit(f"refs/remotes/origin/{branch}")
    except (UsageError, OSError):
        return False
    return True


def _parent(folder: Path, environment: Mapping[str, str]) -> str:
    """What a push came on top of; empty where this checkout does not have it."""
    try:
        return Repository.around(folder, environment).commit("HEAD^1")
    except (UsageError, OSError):
        command(
            "notice",
            "what this came on top of is not in this checkout; use fetch-depth: 0, so that the "
            "plan can label each difference: from this change, merged but not applied, or drift",
        )
        return ""


def _other_commit(inputs: Inputs, environment: Mapping[str, str]) -> str:
    """Why the checkout is none to apply; empty for the branch by now, or the commit of the event.

    The event was found to be about the default branch before this is asked.
    """
    branch = environment.get("GITHUB_REF", "").removeprefix("refs/heads/")
    here = newest = ""
    with suppress(UsageError, OSError):
        repository = Repository.around(inputs.folder, environment, "apply")
        here = repository.head
        newest = repository.commit(f"refs/remotes/origin/{branch}")
    if here and here == newest:
        return ""
    if here and here == environment.get("GITHUB_SHA"):
        older = "the branch has gone on, so this commit is applied only by the digest of its change"
        return f"{older}: give `base`, the commit before it" if newest and not inputs.base else ""
    return (
        "the checkout is neither the commit of the default branch that this run is about "
        "(GITHUB_SHA) nor the newest one; check out `ref: ${{ github.ref }}`, and apply in that job"
    )


def _tell(inputs: Inputs, code: int, files: Path, environment: Mapping[str, str]) -> None:
    """The summary, and the outputs of the step: numbers, yes or no, and a digest, no other text."""
    outputs = {"exit-code": str(code)}
    document = _document(files / "plan.json")
    planned = inputs.command == "plan" and code in (0, CHANGES_PENDING)
    digest = document.get("digest") if planned else inputs.digest
    if isinstance(digest, str) and _DIGEST.fullmatch(digest):
        outputs["digest"] = digest
    if planned:
        outputs["changes"] = "true" if code else "false"
        outputs |= {name: str(count) for name, count in _counts(document).items()}
    applies = inputs.command == "apply"
    if applies and inputs.receipts and result(files / RECEIPT) != result(_earlier(files)):
        outputs["receipt"] = "true"
    shown = {"plan": "pull_request", "apply": "push"}.get(inputs.command)
    if inputs.comment != "never" and _event(environment) == shown:
        # A step of its own has the token: nothing that runs here can read it.
        outputs["comment"] = "true"
    _append(environment, "GITHUB_OUTPUT", "".join(f"{n}={v}\n" for n, v in outputs.items()))
    name = WRITE_MARKDOWN.get(inputs.command)
    markdown = result(files / name) if name else ""
    if applies and code:
        what = "refused, nothing was written" if code == REFUSED else f"not done (exit code {code})"
        command("error", f"apply of {inputs.digest}: {what}; the log says why")
        markdown = markdown or not_applied(str(code), log_of(environment))
    _append(environment, "GITHUB_STEP_SUMMARY", markdown)


def _counts(document: Mapping[str, Any]) -> dict[str, int]:
    summary = document.get("summary")
    found = summary if isinstance(summary, dict) else {}
    return {name: count for name in COUNTS if isinstance(count := found.get(name), int)}


def log_of(environment: Mapping[str, str]) -> str:
    """The address of this run."""
    place = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (environment.get(name, "") for name in place)
    return f"{server}/{repository}/actions/runs/{run}"


def _stop(why: str, code: int, environment: Mapping[str, str]) -> int:
    command("error", why)
    _append(environment, "GITHUB_OUTPUT", f"exit-code={code}\n")
    return code


def command(name: str, message: str) -> None:
    """A command of the runner, whose message cannot hold another one."""
    for sign in "%\r\n":
        message = message.replace(sign, f"%{ord(sign):02X}")
    print(f"::{name} title=lebots::{message}", flush=True)  # noqa: T201 - the log is its output


def payload_of(environment: Mapping[str, str]) -> Any:
    """What GitHub says of the event; None where it says nothing."""
    with suppress(OSError, ValueError, RecursionError):
        return json.loads(Path(environment.get("GITHUB_EVENT_PATH", "")).read_bytes())
    return None


def _document(file: Path) -> Mapping[str, Any]:
    document: Any = None
    with suppress(OSError, ValueError):
        document = json.loads(file.read_bytes())
    return document if isinstance(document, dict) else {}


def _clear(files: Path) -> None:
    """Leaves nothing of an earlier step that could pass for a result of this one."""
    files.mkdir(parents=True, exist_ok=True)
    for name in RESULTS:
        (files / name).unlink(missing_ok=True)


def result(file: Path) -> str:
    """What a file of the step holds; nothing where there is none."""
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _append(environment: Mapping[str, str], variable: str, text: str) -> None:
    if text and (name := environment.get(variable)):
        with Path(name).open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main(os.environ))
