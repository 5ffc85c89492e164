"""What a step calls, and what it tells the runner: with a stand-in for lebots."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from action.inputs import COMMANDS
from action.run import main
from tests.action.conftest import TOKEN, GitHub
from tests.action.steps import PULL_REQUEST, PUSH, Runner, program
from tests.action.test_trust import FORK, PULL, REPOSITORY, SIDE, pull, push
from tests.repositories import Repo

DIGEST = "0123456789abcdef" * 4
COUNTS = {
    "create": 3,
    "update": 2,
    "rename": 0,
    "disable": 1,
    "delete": 4,
    "unchanged": 9,
    "unmanaged": 0,
}
PLAN = json.dumps({"digest": DIGEST, "summary": COUNTS})
PLANNED = {"--out": PLAN, "--markdown-file": "### the plan\n"}
LOG = "https://github.example/acme/bots/actions/runs/77"
FORKED = ("pull_request", pull(FORK), PULL)


class Stage(Runner):
    """A runner whose lebots is the stand-in."""

    def script(self, **commands: Any) -> None:
        """What each command of lebots does: ``code``, ``writes`` by option, ``prints``."""
        (self.folder / "script.json").write_text(json.dumps(commands))

    def calls(self) -> list[dict[str, Any]]:
        file = self.folder / "calls.json"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def arguments(self) -> list[list[str]]:
        """Of each call, the folder of results as ``$``."""
        folder = f"{self.files}/"
        return [[word.replace(folder, "$/") for word in call["arguments"]] for call in self.calls()]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that has origin/main."""
    repo = Repo.make(tmp_path_factory.mktemp("checkout"))
    repo.commit()
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    return repo.folder


@pytest.fixture
def step(
    tmp_path: Path, github: GitHub, capfd: Any, monkeypatch: pytest.MonkeyPatch, checkout: Path
) -> Stage:
    work = shutil.copytree(checkout, tmp_path / "work")
    monkeypatch.chdir(work)
    monkeypatch.setenv("STANDIN", str(tmp_path))
    stage = Stage(tmp_path, github, capfd, program(Path(__file__).with_name("standin.py")))
    stage.script(plan={"code": 3, "writes": PLANNED})
    return stage


def test_validate_annotates_and_needs_nothing(step: Stage) -> None:
    ended = step(FORKED, "validate", account="production", paths="bots\n\n  more bots \n")
    assert step.arguments() == [["validate", "--format=github", "--", "bots", "more bots"]]
    assert (ended.code, ended.outputs, ended.summary) == (0, {"exit-code": "0"}, "")
    assert ended.log == "validate ran\n"
    assert step.github.requests == []


def test_a_plan_with_changes_is_a_success(step: Stage) -> None:
    ended = step(PULL_REQUEST, "plan", account="production", paths="bots", base="origin/x")
    assert step.arguments() == [
        [
            "plan",
            "--check",
            "--format=github",
            "--account=production",
            "--out=$/plan.json",
            "--html-file=$/plan.html",
            "--base=origin/x",
            "--markdown-file=$/plan.md",
            "--",
            "bots",
        ],
    ]
    counts = {
        name: str(count) for name, count in COUNTS.items() if name not in ("unchanged", "unmanaged")
    }
    assert ended.outputs == {"exit-code": "3", "digest": DIGEST, "changes": "true", **counts}
    assert (ended.code, ended.summary) == (0, "### the plan\n")
    (comment,) = step.github.comments
    assert comment["body"].split("\n", 2)[2] == (
        f"Plan of `aaaaaaaa` · [run]({LOG}) · [whole plan]({LOG}#artifacts)\n\n### the plan\n"
    )


def test_a_plan_without_changes(step: Stage) -> None:
    step.script(plan={"code": 0, "writes": PLANNED})
    ended = step(PUSH, "plan")
    assert (ended.code, ended.outputs["exit-code"], ended.outputs["changes"]) == (0, "0", "false")
    assert step.github.requests == []


def test_an_apply_hands_over_what_was_approved(step: Stage) -> None:
    step.script(apply={"code": 0, "writes": {"--markdown-file": "### done\n", "--receipt": "{}"}})
    ended = step(PUSH, "apply", digest=DIGEST, prune="true", confirm_deletes="4")
    assert step.arguments() == [
        [
            "apply",
            f"--expect={DIGEST}",
            "--receipt=$/receipt.json",
            "--markdown-file=$/apply.md",
            "--prune",
            "--confirm-deletes=4",
            "--",
        ]
    ]
    assert ended.outputs == {"exit-code": "0", "digest": DIGEST}
    assert ended.summary == "### done\n"
    assert step.github.comments == [], "no pull request brought this commit"


MERGED = {"number": 3, "merged_at": "2026-12-01T10:00:00Z"}


@pytest.mark.parametrize(
    ("code", "writes", "shown"),
    [
        (0, {"--markdown-file": "### done\n"}, "### done\n"),
        (7, {"--markdown-file": "### in part\n"}, "### in part\n"),
        (6, {}, "### lebots apply: refused: nothing was written\n"),
    ],
)
def test_the_outcome_is_told_where_the_change_came_from(
    step: Stage, code: int, writes: dict[str, str], shown: str
) -> None:
    step.github.merged = [{"number": 4, "merged_at": None}, MERGED]
    step.script(apply={"code": code, "writes": writes})
    ended = step(PUSH, "apply", digest=DIGEST)
    (comment,) = step.github.comments
    assert comment["body"].split("\n", 2)[2].startswith(shown)
    assert ended.summary.startswith(shown)
    assert (f"::error title=lebots::apply of {DIGEST}" in ended.log) is bool(code)


def test_a_saved_plan_says_the_rest_itself(step: Stage) -> None:
    step(PUSH, "apply", digest=DIGEST, plan="saved/plan.json", account="x", paths="y", prune="true")
    assert step.arguments() == [
        [
            "apply",
            f"--expect={DIGEST}",
            "--receipt=$/receipt.json",
            "--markdown-file=$/apply.md",
            "--",
            "saved/plan.json",
        ]
    ]


@pytest.mark.parametrize(
    ("command", "more", "read"),
    [("plan", {}, False), ("plan", {"base": "x"}, True), ("drift", {}, True)],
)
def test_the_newest_receipt_is_read(
    step: Stage, command: str, more: dict[str, str], read: bool
) -> None:
    (step.folder / "lebots-receipt").mkdir()
    (step.folder / "lebots-receipt/receipt.json").write_text("{}")
    step(PUSH, command, receipts="branch", **more)
    (words,) = step.arguments()
    assert ("--receipt=$/receipt.json" in words) is read
    step(PUSH, command, **more)
    assert "--receipt=$/receipt.json" not in step.arguments()[1]


@pytest.mark.parametrize(("writes", "kept"), [({}, False), ({"--receipt": '{"new": 1}'}, True)])
def test_a_receipt_that_an_apply_wrote_is_kept(
    step: Stage, writes: dict[str, str], kept: bool
) -> None:
    (step.folder / "lebots-receipt").mkdir()
    (step.folder / "lebots-receipt/receipt.json").write_text("{}")
    step.script(apply={"code": 6, "writes": writes})
    ended = step(PUSH, "apply", digest=DIGEST, receipts="branch")
    assert ended.outputs.get("receipt") == ("true" if kept else None)


def test_manual_changes_are_written_into_the_manifests(step: Stage) -> None:
    assert step(PUSH, "import", account="production", paths="bots").code == 0
    assert step.arguments() == [["import", "--drift", "--account=production", "--out=bots"]]


def test_drift_fails_where_there_is_some(step: Stage) -> None:
    step.script(plan={"code": 3})
    ended = step(PUSH, "drift", account="production")
    assert step.arguments() == [["plan", "--drift", "--account=production", "--"]]
    assert (ended.code, ended.outputs) == (3, {"exit-code": "3"})


@pytest.mark.parametrize("commit", ["", "0" * 40, "HEAD", "an earlier one"])
def test_an_apply_of_another_commit_than_the_event_is_about_is_refused(
    step: Stage, commit: str
) -> None:
    """The checkout of a pull request, of a tag, or of whatever a step before has left."""
    repo = Repo.make(Path.cwd())
    earlier, _ = repo.commit(), repo.commit()
    name, payload, about = PUSH
    about = {**about, "GITHUB_SHA": earlier if commit == "an earlier one" else commit}
    ended = step((name, payload, about), "apply", digest=DIGEST)
    assert (ended.code, step.calls()) == (6, [])
    assert "neither the commit of the default branch that this run is about" in ended.log


def test_an_apply_takes_the_branch_as_it_is_by_now(step: Stage) -> None:
    repo = Repo.make(Path.cwd())
    earlier, _ = repo.commit(), repo.commit()
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    name, payload, about = PUSH
    step.script(apply={"code": 0})
    ended = step((name, payload, {**about, "GITHUB_SHA": earlier}), "apply", digest=DIGEST)
    assert ended.code == 0


@pytest.mark.parametrize(("base", "code"), [("", 6), ("HEAD^1", 0)])
def test_a_commit_that_is_not_the_newest_is_applied_by_its_change_alone(
    step: Stage, base: str, code: int
) -> None:
    repo = Repo.make(Path.cwd())
    earlier, newest = repo.commit(), repo.commit()
    repo.git("update-ref", "refs/remotes/origin/main", newest)
    repo.git("checkout", "--quiet", earlier)
    name, payload, about = PUSH
    step.script(apply={"code": 0})
    event = (name, payload, {**about, "GITHUB_SHA": earlier})
    ended = step(event, "apply", digest=DIGEST, base=base)
    assert ended.code == code
    assert [f"--base={base}" in one for one in step.arguments()] == ([] if code else [True])
    assert ("applied only by the digest of its change" in ended.log) is bool(code)


def test_without_a_repository_nothing_is_applied(step: Stage) -> None:
    shutil.rmtree(".git")
    name, payload, about = PUSH
    ended = step((name, payload, {**about, "GITHUB_SHA": "0" * 40}), "apply", digest=DIGEST)
    assert (ended.code, step.calls()) == (6, [])


@pytest.mark.parametrize("code", [1, 2, 4, 5, 6, 7, 130])
@pytest.mark.parametrize("command", ["plan", "drift", "apply"])
def test_any_other_end_fails_the_step(step: Stage, command: str, code: int) -> None:
    step.script(**{command.replace("drift", "plan"): {"code": code, "writes": PLANNED}})
    ended = step(PUSH, command, digest=DIGEST)
    assert (ended.code, ended.outputs["exit-code"]) == (code, str(code))
    assert "changes" not in ended.outputs
    assert ("digest" in ended.outputs) is (command == "apply")


WITHOUT = "::error title=lebots::the branch main is not in this checkout, so its lebots.yaml"
SIDE_PUSH = ("push", push("side"), SIDE)
GROUP = (
    "merge_group",
    {"repository": REPOSITORY, "merge_group": {"base_ref": "refs/heads/main"}},
    {"GITHUB_REF": "refs/heads/gh-readonly-queue/main/pr-3"},
)


@pytest.mark.parametrize(
    ("event", "command", "inputs", "given"),
    [
        (PULL_REQUEST, "plan", {}, "--base=origin/main"),
        (PULL_REQUEST, "plan", {"base": "origin/x"}, "--base=origin/x"),
        (PULL_REQUEST, "drift", {}, "--rules-from=origin/main"),
        (GROUP, "plan", {}, "--rules-from=origin/main"),
        (SIDE_PUSH, "plan", {}, "--rules-from=origin/main"),
        (SIDE_PUSH, "drift", {}, "--rules-from=origin/main"),
        (PUSH, "plan", {}, ""),
        (PUSH, "drift", {}, ""),
        (("schedule", {}, {"GITHUB_REF": "refs/heads/main"}), "drift", {}, ""),
        (PUSH, "plan", {"rules_from": "v1"}, "--rules-from=v1"),
        (PUSH, "apply", {"rules_from": "v1", "digest": DIGEST}, "--rules-from=v1"),
        (PULL_REQUEST, "validate", {"rules_from": "v1"}, ""),
    ],
)
def test_rules_are_those_of_a_branch_that_somebody_approved(
    step: Stage, event: Any, command: str, inputs: dict[str, str], given: str
) -> None:
    assert step(event, command, **inputs).code in (0, 3)
    (call,) = step.arguments()
    found = [one for one in call if one.startswith(("--base", "--rules"))]
    assert found == ([given] if given else [])
    if "base" in inputs or "rules_from" in inputs or not given:
        return
    subprocess.run(["git", "update-ref", "-d", "refs/remotes/origin/main"], check=True)
    ended = step(event, command, **inputs)
    assert (ended.code, ended.outputs, len(step.calls())) == (6, {"exit-code": "6"}, 1)
    assert ended.log.startswith(WITHOUT)


@pytest.mark.parametrize("command", ["plan", "drift"])
def test_a_pull_request_without_a_base_is_not_planned(step: Stage, command: str) -> None:
    assert step(("pull_request", pull(), PULL), command).code == 6
    assert step.calls() == []


@pytest.mark.parametrize("bare", [True, False])
def test_nothing_of_a_planted_repository_runs(step: Stage, tmp_path: Path, bare: bool) -> None:
    program = tmp_path / "planted.sh"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    folder = tmp_path / "planted"
    subprocess.run(["git", "init", "--quiet", *(["--bare"] if bare else []), folder], check=True)
    for name in ("core.fsmonitor", "core.sshCommand", "core.pager", "diff.external"):
        subprocess.run(["git", "config", name, str(program)], cwd=folder, check=True)
    subprocess.run(["git", "config", "core.hooksPath", str(tmp_path)], cwd=folder, check=True)
    if bare:
        subprocess.run(["git", "config", "core.bare", "false"], cwd=folder, check=True)
        subprocess.run(["git", "config", "core.worktree", str(folder)], cwd=folder, check=True)
    ended = step(PULL_REQUEST, "plan", working_directory=str(folder))
    assert ended.code == 6
    assert not (tmp_path / "ran").exists()


def test_a_push_is_compared_with_what_it_came_on_top_of(step: Stage) -> None:
    author = ("-c", "user.name=Author", "-c", "user.email=author@example.com")
    subprocess.run(
        ["git", *author, "commit", "--quiet", "--allow-empty", "--message", "On"], check=True
    )
    parent = subprocess.run(["git", "rev-parse", "HEAD^"], check=True, capture_output=True)
    assert step(PUSH, "plan").log == "plan ran\n"
    (call,) = step.arguments()
    assert f"--base={parent.stdout.decode().strip()}" in call
    assert "--rules-from=." in call, "what was merged is in force, as for an apply"


@pytest.mark.parametrize("command", ["validate", "plan"])
def test_what_lebots_prints_is_the_log(step: Stage, command: str) -> None:
    """lebots itself breaks what a runner would obey, and writes the annotations."""
    step.script(**{command: {"code": 4, "prints": "::error file=a.yaml,line=3::unknown field"}})
    ended = step(PUSH, command)
    assert ended.code == 4
    assert ended.log.endswith("::error file=a.yaml,line=3::unknown field\n")


def test_a_killed_lebots_fails_the_step(step: Stage) -> None:
    step.lebots = ["sh", "-c", "kill -9 $$"]
    assert step(PUSH, "plan").code == 137


def test_a_lebots_that_is_not_there(step: Stage) -> None:
    step.lebots = ["/nowhere/lebots"]
    ended = step(PUSH, "plan")
    assert ended.code == 2
    assert "::error title=lebots::lebots cannot be started: FileNotFoundError" in ended.log


@pytest.mark.parametrize(
    ("event", "command"),
    [
        (FORKED, "plan"),
        (FORKED, "drift"),
        (FORKED, "apply"),
        (PULL_REQUEST, "apply"),
        (("push", push("side"), SIDE), "apply"),
        (("pull_request_target", pull(), {}), "plan"),
    ],
)
def test_what_the_event_may_not_run_is_never_started(step: Stage, event: Any, command: str) -> None:
    ended = step(event, command, digest=DIGEST)
    assert (ended.code, ended.outputs) == (6, {"exit-code": "6"})
    assert ended.log.startswith("::error title=lebots::")
    assert (step.calls(), step.github.requests) == ([], [])


@pytest.mark.parametrize("content", [None, b"", b"\xff", b"[" * 100_000, b"null"])
def test_an_unreadable_payload_runs_nothing(step: Stage, content: bytes | None) -> None:
    event = step.folder / "event.json"
    if content is not None:
        event.write_bytes(content)
    about = {"GITHUB_EVENT_PATH": str(event), "GITHUB_REF": "refs/heads/main"}
    assert step(("push", push(), about), "plan").code == 6
    assert step.calls() == []


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"command": ""}, "command must be one of validate, plan, drift, import, apply"),
        ({"command": "import", "paths": "a\nb"}, "import takes one folder"),
        ({"command": "rotate"}, "command must be one of"),
        ({"command": "apply"}, "apply needs the digest"),
        ({"command": "apply", "digest": "  "}, "apply needs the digest"),
        ({"command": "plan", "prune": "yes"}, "prune must be false or true"),
        ({"command": "plan", "comment": "True"}, "comment must be always, changes or never"),
    ],
)
def test_wrong_inputs(step: Stage, inputs: dict[str, str], says: str) -> None:
    ended = step(PUSH, **inputs)
    assert (ended.code, ended.outputs) == (2, {"exit-code": "2"})
    assert says in ended.log
    assert step.calls() == []


@pytest.mark.parametrize("command", COMMANDS)
def test_no_input_becomes_another_option(step: Stage, command: str) -> None:
    """Threat T26."""
    step(PUSH, command, account="--prune", digest="--yes", paths="--prune\n-h")
    for call in step.arguments():
        before, after = call[: call.index("--")], call[call.index("--") + 1 :]
        assert after == ["--prune", "-h"]
        assert not {"--prune", "--yes"} & set(before)


def test_lebots_never_sees_the_token(step: Stage) -> None:
    step.environment = {"PYTHONPATH": "/of/the/action", "LP_CLIENT_ID": "id"}
    step(PULL_REQUEST, "plan")
    for call in step.calls():
        assert TOKEN not in json.dumps(call)
        assert "PYTHONPATH" not in call["environment"]
        assert call["environment"]["LP_CLIENT_ID"] == "id"


def test_it_works_in_the_folder_it_was_told(step: Stage) -> None:
    Path("project").mkdir()
    step(PUSH, "plan", working_directory="project")
    assert {call["folder"] for call in step.calls()} == {str(Path("project").resolve())}


def test_an_earlier_result_is_no_result_of_this_step(step: Stage) -> None:
    step(PUSH, "plan")
    step.script(plan={"code": 5})
    ended = step(PUSH, "plan")
    assert ended.outputs == {"exit-code": "5"}
    assert ended.summary == ""
    assert list(step.files.iterdir()) == []


HOSTILE = "x\nEOF\ndigest=forged\nchanges<<EOF\nfalse\nEOF\n"


@pytest.mark.parametrize(
    "document",
    [
        {"digest": HOSTILE, "summary": COUNTS},
        {"digest": DIGEST, "summary": {"create": HOSTILE, "update": [1], HOSTILE: 1}},
        {"digest": DIGEST, "summary": HOSTILE},
        {"digest": [HOSTILE]},
        [HOSTILE],
    ],
)
def test_outputs_hold_no_text_from_elsewhere(step: Stage, document: Any) -> None:
    """Threat T15."""
    step.script(plan={"code": 3, "writes": {"--out": json.dumps(document)}})
    ended = step(PUSH, "plan")
    assert ended.outputs.pop("exit-code") == "3"
    assert ended.outputs.pop("changes") == "true"
    assert ended.outputs.pop("digest", DIGEST) == DIGEST
    assert all(value.isdigit() for value in ended.outputs.values())


def test_a_digest_is_checked_before_it_is_an_output(step: Stage) -> None:
    assert "digest" not in step(PUSH, "apply", digest=HOSTILE).outputs


def test_the_comment_is_changed_in_place(step: Stage) -> None:
    step(PULL_REQUEST, "plan")
    step.script(plan={"code": 0, "writes": {**PLANNED, "--markdown-file": "### no changes\n"}})
    step(PULL_REQUEST, "plan")
    (comment,) = step.github.comments
    assert comment["body"].endswith("\n### no changes\n")


@pytest.mark.parametrize(
    "other", [{"account": "staging"}, {"paths": "more"}, {"working_directory": "project"}]
)
def test_each_account_and_folder_has_its_own(step: Stage, other: dict[str, str]) -> None:
    Path("project").mkdir()
    step(PULL_REQUEST, "plan", account="production")
    step(PULL_REQUEST, "plan", **{"account": "production", **other})
    assert len({one["body"].split("\n")[0] for one in step.github.comments}) == 2


def test_a_plan_that_failed_does_not_leave_the_earlier_one_standing(step: Stage) -> None:
    step(PULL_REQUEST, "plan")
    step.script(plan={"code": 5})
    assert step(PULL_REQUEST, "plan").code == 5
    (comment,) = step.github.comments
    assert comment["body"].split("\n", 2)[2] == (
        "### lebots plan: failed\n\nThere is no plan of the newest commit: lebots ended with exit "
        "code 5. What is wrong stands in "
        "[the log](https://github.example/acme/bots/actions/runs/77).\n"
    )


def test_a_plan_that_failed_is_no_reason_for_a_comment(step: Stage) -> None:
    step.script(plan={"code": 5})
    step(PULL_REQUEST, "plan")
    assert step.github.comments == []


def test_findings_that_lebots_drew_are_shown_though_it_failed(step: Stage) -> None:
    step.script(plan={"code": 4, "writes": {"--markdown-file": "### stopped\n"}})
    ended = step(PULL_REQUEST, "plan")
    (comment,) = step.github.comments
    assert comment["body"].endswith("\n### stopped\n")
    assert (ended.code, ended.summary) == (4, "### stopped\n")


def test_without_a_comment(step: Stage) -> None:
    step(PULL_REQUEST, "plan", comment="never")
    assert step.github.requests == []


def test_a_comment_about_changes_is_made_for_changes(step: Stage) -> None:
    step.script(plan={"code": 0, "writes": PLANNED})
    step(PULL_REQUEST, "plan", comment="changes")
    assert step.github.comments == []
    step.script(plan={"code": 3, "writes": PLANNED})
    step(PULL_REQUEST, "plan", comment="changes")
    step.script(plan={"code": 0, "writes": {**PLANNED, "--markdown-file": "### no changes\n"}})
    step(PULL_REQUEST, "plan", comment="changes")
    (comment,) = step.github.comments
    assert comment["body"].endswith("### no changes\n"), "kept up to date"


def test_a_run_of_an_older_commit_says_nothing(step: Stage) -> None:
    step.github.head = "b" * 40
    ended = step(PULL_REQUEST, "plan")
    assert step.github.comments == []
    assert "a newer run has the word" in ended.log


@pytest.mark.parametrize("code", [0, 3, 5])
@pytest.mark.parametrize("status", [302, 401, 403, 404, 500])
def test_a_comment_that_cannot_be_written_changes_no_result(
    step: Stage, status: int, code: int
) -> None:
    """Failure F48."""
    step.github.answers["GET"] = (status, b"canary")
    step.script(plan={"code": code, "writes": PLANNED})
    ended = step(PULL_REQUEST, "plan")
    assert ended.code == (0 if code == 3 else code)
    assert ended.outputs["exit-code"] == str(code)
    warning = "this is not in the pull request, see the summary: GitHub answered"
    assert f"::warning title=lebots::{warning} {status}" in ended.log
    assert "canary" not in ended.log


@pytest.mark.parametrize("number", [None, "3", True, "3/../../7"])
def test_a_number_that_is_none_is_not_asked_for(step: Stage, number: Any) -> None:
    payload = pull()
    payload["pull_request"]["number"] = number
    ended = step(("pull_request", payload, PULL_REQUEST[2]), "plan")
    assert ended.code == 0
    assert "::warning" in ended.log
    assert step.github.requests == []


def test_a_message_holds_no_second_command(step: Stage) -> None:
    event: tuple[str, Any, dict[str, str]] = ("push\n::set-output name=digest::forged", push(), {})
    assert len(step(event, "plan").log.splitlines()) == 1


def test_outside_of_a_runner(tmp_path: Path, capfd: Any) -> None:
    assert main({"LEBOTS_ACTION_COMMAND": "plan", "RUNNER_TEMP": str(tmp_path)}) == 6
    assert "plan does not run on events of this kind (none)" in capfd.readouterr().out
    assert main({"LEBOTS_ACTION_COMMAND": "validate"}) == 2
    assert "RUNNER_TEMP is not set" in capfd.readouterr().out
