"""One plan in every format, several at once; the format changes nothing else."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from tests.cli.conftest import Project, skill
from tests.repositories import Repo

DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
BEGINS = {
    "text": "lebots ",
    "markdown": "<!-- lebots:plan:1 account=",
    "json": "{",
    "html": "<!doctype html>",
    "github": "::",
}


def digest(project: Project) -> str:
    return str(project("plan", "--format", "json").json["digest"])


@pytest.mark.parametrize("format_", BEGINS)
def test_every_format_holds_the_same_plan(lebots: Project, format_: str) -> None:
    ran = lebots("plan", "--format", format_)
    assert ran.code == 0
    assert ran.out.startswith(BEGINS[format_])
    assert digest(lebots) in ran.out
    assert "private.person" not in ran.all


def test_several_at_once(lebots: Project) -> None:
    ran = lebots(
        "plan",
        *("--markdown-file", "out/plan.md", "--html-file", "out/plan.html", "--out", "plan.json"),
    )
    assert ran.code == 0
    assert ran.out.startswith(BEGINS["text"])
    found = {
        ran.out and DIGEST.search(ran.out)[0],  # type: ignore[index]
        DIGEST.search(Path("out/plan.md").read_text())[0],  # type: ignore[index]
        DIGEST.search(Path("out/plan.html").read_text())[0],  # type: ignore[index]
        json.loads(Path("plan.json").read_text())["digest"],
    }
    assert found == {digest(lebots)}


def test_the_same_text_goes_to_stdout_and_into_a_file(lebots: Project) -> None:
    for format_, option in (("markdown", "--markdown-file"), ("html", "--html-file")):
        printed = lebots("plan", "--format", format_).out
        lebots("plan", option, "written")
        assert Path("written").read_text() == printed


@pytest.mark.parametrize(
    ("budget", "most"), [("bitbucket", 30_000), ("github", 60_000), ("none", 10**9)]
)
def test_a_comment_keeps_to_the_limit_of_its_host(lebots: Project, budget: str, most: int) -> None:
    lebots.write("manifests/many.yaml", "".join(skill(f"skill-{n}") for n in range(400)))
    lebots("plan", "--markdown-file", "all.md", "--budget", "none")
    whole = Path("all.md").read_bytes()
    shown = lebots("plan", "--format", "markdown", "--budget", budget).out
    assert len(shown.encode()) <= most + 1
    if len(whole) > most:
        assert sha256(whole).hexdigest() in shown
    else:
        assert shown.encode() == whole


@pytest.mark.parametrize("format_", BEGINS)
def test_a_refused_plan_is_shown_before_it_ends(lebots: Project, format_: str) -> None:
    twins = skill("Twin") + skill("other")
    lebots.write("manifests/twins.yaml", twins)
    assert lebots("apply", "--yes").code == 0
    lebots.write("manifests/twins.yaml", skill("twin") + skill("other"))
    ran = lebots("plan", "--format", format_, "--markdown-file", "plan.md", "--out", "plan.json")
    assert ran.code == 6
    assert "write the name as the account does" in ran.err
    comment = Path("plan.md").read_text()
    assert "write the name as the account does" in comment
    assert not DIGEST.search(comment)
    assert "write the name as the account does" in " ".join(ran.out.split())
    assert lebots("apply", "plan.json").code == 6
    if format_ == "json":
        verbs = {one["address"]: one["action"] for one in ran.json["changes"]}
        assert "Skill/twin" not in verbs, "what cannot be planned has no change"
        assert verbs["Skill/other"] == "unchanged"
        assert [one["code"] for one in ran.json["findings"]] == ["name-differs"]


def test_manifests_that_cannot_be_planned_are_told_in_the_comment_too(lebots: Project) -> None:
    lebots.write("manifests/wrong.yaml", "apiVersion: lebots/v1\nkind: Skil\n")
    ran = lebots("plan", "--format", "json", "--markdown-file", "plan.md")
    assert ran.code == 4
    assert ran.json["summary"]["error"] > 0
    assert "manifests/wrong.yaml:2" in Path("plan.md").read_text()
    assert lebots.requests == []


@pytest.mark.parametrize("format_", ["text", "markdown", "json", "github", "sarif"])
def test_findings_in_every_format(lebots: Project, format_: str) -> None:
    assert lebots("validate", "--format", format_).code == 0
    lebots.write("manifests/wrong.yaml", "apiVersion: lebots/v1\nkind: Skil\n")
    ran = lebots("validate", "--format", format_, "--markdown-file", "found.md")
    assert ran.code == 4
    assert ("manifests/wrong.yaml" in ran.out) is (format_ != "text")
    assert "manifests/wrong.yaml" in ran.err
    assert "manifests/wrong.yaml" in Path("found.md").read_text()
    if format_ == "github":
        assert ran.out.startswith("::error file=manifests/wrong.yaml,line=2,")


def test_a_project_in_a_sub_folder_is_told_from_the_top_of_its_repository(
    lebots: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the project file is what is wrong."""
    Repo.make(lebots.folder)
    lebots.write("teams/bots/lebots.yaml", (lebots.folder / "lebots.yaml").read_text())
    lebots.write("teams/bots/manifests/skill.yaml", skill("one"))
    monkeypatch.chdir(lebots.folder / "teams/bots")
    assert "::notice file=teams/bots/manifests/skill.yaml," in lebots("plan", "--format=github").out
    lebots.write("teams/bots/manifests/wrong.yaml", "apiVersion: lebots/v1\nkind: Skil\n")
    found = lebots("validate", "--format", "sarif").json["runs"][0]
    (result,) = found["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == "teams/bots/manifests/wrong.yaml"
    assert found["automationDetails"]["id"] == "lebots/folder=teams/bots/"
    lebots.write("teams/bots/lebots.yaml", "what: is this\n")
    shown = lebots("validate", "--format", "github").out
    assert "file=teams/bots/lebots.yaml," in shown


def test_what_an_apply_did_is_a_comment_too(lebots: Project) -> None:
    ran = lebots("apply", "--yes", "--markdown-file", "done.md")
    assert ran.code == 0
    comment = Path("done.md").read_text()
    assert comment.startswith("<!-- lebots:apply:1 account=")
    assert "### lebots apply: 3 done" in comment
    lebots.write("manifests/more.yaml", skill("more"))
    assert lebots("apply", "--yes", "--markdown-file", "lebots.yaml/done.md").code == 0


def test_drift_and_all_accounts_are_text_or_json(lebots: Project) -> None:
    for option in ("--drift", "--all-accounts"):
        ran = lebots("plan", option, "--format", "html")
        assert (ran.code, ran.out) == (2, "")
        assert option in ran.err
