"""Runs one lebots command in a GitHub workflow: may it, what did it give, who must see it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from action.inputs import PREFIX, WRITE_MARKDOWN, Inputs, WrongInput
from action.trust import refusal
from lebots.errors import UsageError
from lebots.git.repository import Repository

_START: Final = "import sys; sys.argv[0] = 'lebots'; from lebots.cli import main; main()"
LEBOTS: Final = (sys.executable, "-I", "-c", _START)
"""The installed lebots, which finds no module in the checkout or in the environment."""
USAGE, CHANGES_PENDING, REFUSED = 2, 3, 6
RESULTS: Final = ("plan.json", "plan.md", "apply.md", "receipt.json")
"""The files a step leaves below ``$RUNNER_TEMP/lebots`` for later steps."""
COUNTS: Final = ("create", "update", "rename", "disable", "delete")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def main(environment: Mapping[str, str], lebots: Sequence[str] = LEBOTS) -> int:
    """Does what the inputs ask and tells the runner; the exit code of the step."""
    try:
        inputs = Inputs.read(environment)
    except WrongInput as wrong:
        return _stop(str(wrong), USAGE, environment)
    payload = payload_of(environment)
    event = environment.get("GITHUB_EVENT_NAME", "")
    if why := refusal(inputs.command, event, payload, environment):
        return _stop(why, REFUSED, environment)
    if inputs.command == "apply" and (why := _other_commit(inputs.folder, environment)):
        return _stop(why, REFUSED, environment)
    if not environment.get("RUNNER_TEMP"):
        return _stop("RUNNER_TEMP is not set; this runs in a GitHub workflow", USAGE, environment)
    files = Path(environment["RUNNER_TEMP"], "lebots")
    _clear(files)
    code = _run(inputs, files, environment, lebots)
    _tell(inputs, code, files, environment)
    name = WRITE_MARKDOWN.get(inputs.command)
    markdown = result(files / name) if name else ""
    _append(environment, "GITHUB_STEP_SUMMARY", markdown)
    if inputs.command == "plan" and inputs.comment and event == "pull_request":
        # A step of its own has the token: nothing that runs here can read it.
        _append(environment, "GITHUB_OUTPUT", "comment=true\n")
    return 0 if inputs.command == "plan" and code == CHANGES_PENDING else code


def _run(inputs: Inputs, files: Path, environment: Mapping[str, str], lebots: Sequence[str]) -> int:
    """The exit code of lebots, whose output goes to the log as it is."""
    child = {name: value for name, value in environment.items() if not _is_ours(name)}
    child["LEBOTS_MASKS"] = "github"
    base = (inputs.base or _base(inputs.folder, child)) if inputs.command == "plan" else ""
    return _call([*lebots, *inputs.arguments(files, base)], inputs.folder, child)


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


def _base(folder: Path, environment: Mapping[str, str]) -> str:
    """The branch a pull request goes to, where this checkout has it."""
    branch = environment.get("GITHUB_BASE_REF", "")
    if not branch:
        return ""
    try:
        # lebots asks git such that nothing of the repository runs; there is no other call of git.
        Repository.around(folder, environment).commit(f"refs/remotes/origin/{branch}")
    except (UsageError, OSError):
        command(
            "notice",
            "the base branch is not in this checkout; use fetch-depth: 0, so that the plan can "
            "label each difference: from this branch, merged but not applied, or drift",
        )
        return ""
    return f"origin/{branch}"


def _other_commit(folder: Path, environment: Mapping[str, str]) -> str:
    """Why the checkout is none to apply; empty where it is the commit the event is about.

    The event was found to be about the default branch before this is asked.
    """
    try:
        found = Repository.around(folder, environment, "apply").head
    except (UsageError, OSError):
        found = ""
    if found and found == environment.get("GITHUB_SHA", ""):
        return ""
    return (
        "the checkout is not the commit of the default branch that this run is about (GITHUB_SHA); "
        "check that one out, without `ref:`, and apply in the same job"
    )


def _tell(inputs: Inputs, code: int, files: Path, environment: Mapping[str, str]) -> None:
    """The outputs of the step: numbers, yes or no, and a digest; never text from elsewhere."""
    outputs = {"exit-code": str(code)}
    document = _document(files / "plan.json")
    planned = inputs.command == "plan" and code in (0, CHANGES_PENDING)
    digest = document.get("digest") if planned else inputs.digest
    if isinstance(digest, str) and _DIGEST.fullmatch(digest):
        outputs["digest"] = digest
    if planned:
        outputs["changes"] = "true" if code else "false"
        outputs |= {name: str(count) for name, count in _counts(document).items()}
    _append(environment, "GITHUB_OUTPUT", "".join(f"{n}={v}\n" for n, v in outputs.items()))


def _counts(document: Mapping[str, Any]) -> dict[str, int]:
    summary = document.get("summary")
    found = summary if isinstance(summary, dict) else {}
    return {name: count for name in COUNTS if isinstance(count := found.get(name), int)}


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
