"""Events of CI with which no account is read and no program is run; an apply needs a reader."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from lebots.errors import Refused
from lebots.project.events import GITHUB, GITLAB, STRANGERS, check_event
from tests.cli.commands import RUNS
from tests.cli.conftest import LEBOTS_YAML, Project
from tests.cli.test_rules_from import OPENERS

EXTERNAL = {
    GITLAB: "external_pull_request_event",
    "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY": "acme/bots",
    "CI_EXTERNAL_PULL_REQUEST_TARGET_REPOSITORY": "acme/bots",
}
MERGE_REQUEST = {
    GITLAB: "merge_request_event",
    "CI_PROJECT_ID": "7",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "7",
}
NOTHING, READS, ALL = "nothing", "all but apply", "everything"

EVENTS: Mapping[str, tuple[Mapping[str, str], str]] = {
    **{f"GitHub {name}": ({GITHUB: name}, NOTHING) for name in sorted(STRANGERS)},
    **{
        f"GitHub {name}": ({GITHUB: name}, ALL)
        for name in ("push", "pull_request", "merge_group", "workflow_dispatch", "release", "")
    },
    "GitHub schedule": ({GITHUB: "schedule"}, READS),
    **{
        f"GitLab {name}": ({GITLAB: name, "CI_PROJECT_ID": "7"}, ALL)
        for name in ("push", "web", "api", "trigger", "pipeline", "parent_pipeline")
    },
    "GitLab schedule": ({GITLAB: "schedule"}, READS),
    "GitLab merge request": (MERGE_REQUEST, ALL),
    "GitLab merge request of a fork": (
        {**MERGE_REQUEST, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8"},
        NOTHING,
    ),
    "GitLab pull request": (EXTERNAL, ALL),
    "GitLab pull request of a fork": (
        {**EXTERNAL, "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY": "eve/bots"},
        NOTHING,
    ),
    "GitLab pull request of nobody knows": ({GITLAB: EXTERNAL[GITLAB]}, NOTHING),
    "Jenkins fork": ({"CHANGE_FORK": "eve"}, NOTHING),
    "Jenkins": ({"CHANGE_ID": "3"}, ALL),
    "a terminal": ({}, ALL),
}


@pytest.mark.parametrize("case", EVENTS)
def test_what_an_event_may_run(case: str) -> None:
    environment, may = EVENTS[case]
    for applies in (False, True):
        if may == ALL or (may == READS and not applies):
            check_event(environment, applies=applies)
            continue
        with pytest.raises(Refused) as refused:
            check_event(environment, applies=applies)
        step = "run `lebots validate`" if may == NOTHING else "run `lebots plan --drift`"
        assert step in str(refused.value)


@pytest.mark.parametrize("name", OPENERS)
def test_no_command_runs_a_program_for_a_stranger(
    lebots: Project, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = "{command: [touch, ran]}"
    login = f"auth: {{method: oauth2, clientId: {program}, clientSecret: {program}}}"
    real = f'    accountId: "1"\n    {login}\n'
    text = LEBOTS_YAML.replace("    sandbox: .lebots/sandbox.db\n", real)
    lebots.write("lebots.yaml", text.replace("    sandbox: .lebots/staging.db\n", real))
    monkeypatch.setenv(GITHUB, "pull_request_target")
    ran = lebots(name, *RUNS[name])
    assert ran.code == 6, ran.all
    assert "anybody can cause the event of this run" in ran.err
    assert not Path("ran").exists()
    assert lebots("validate").code == 0


def test_on_a_schedule_nothing_is_applied(lebots: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = lebots("plan", "--format", "json").json["digest"]
    monkeypatch.setenv(GITHUB, "schedule")
    for how in (["--yes"], ["--expect", digest]):
        ran = lebots("apply", *how)
        assert (ran.code, "nobody has read" in ran.err) == (6, True)
    assert lebots.writes == []
    assert lebots("plan").code == 0
    assert lebots("plan", "--drift").code in (0, 3)
    monkeypatch.delenv(GITHUB)
    assert lebots("apply", "--yes").code == 0
    monkeypatch.setenv(GITHUB, "schedule")
    assert lebots("rotate", "Key/routing-bot", "--yes").code == 0, "a rotation may be by the clock"
