"""Several accounts of one project: overlays, and two of them side by side."""

import re

from tests.cli.conftest import Project

STAGING = """\
apiVersion: lebots/v1
kind: BotUser
metadata: {name: routing-bot}
spec: {maxAsyncChats: 60}
---
apiVersion: lebots/v1
kind: Skill
metadata: {name: only-here}
$new: true
"""


def with_overlay(project: Project) -> None:
    """Staging gets an overlay."""
    file = project.folder / "lebots.yaml"
    overlay = "staging.db\n    overlays: [overlays/staging]"
    file.write_text(file.read_text().replace("staging.db", overlay))
    project.write("overlays/staging/bots.yaml", STAGING)


def test_an_account_gets_its_overlay_and_the_others_do_not(lebots: Project) -> None:
    with_overlay(lebots)
    here, there = lebots("plan"), lebots("plan", "--account", "staging")
    assert re.search(r"maxAsyncChats +25 +manifests/routing-bot.yaml:\d+", here.out)
    assert re.search(r"maxAsyncChats +60 +overlays/staging/bots.yaml:4", there.out)
    assert "only-here" not in here.out
    assert re.search(r'create +skill "only-here"', there.out)
    assert re.search(r"note +bot-load .*\n.* overlays/staging/bots.yaml:4\n", there.out)


def test_an_apply_with_an_overlay_converges(lebots: Project) -> None:
    with_overlay(lebots)
    assert lebots("apply", "--account", "staging", "--yes").code == 0
    assert lebots("plan", "--account", "staging", "--check").code == 0


def test_validate_looks_at_what_every_account_gets(lebots: Project) -> None:
    with_overlay(lebots)
    ran = lebots("validate")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "sandbox, production: 3 manifests are valid: 1 BotUser, 1 Key, 1 Skill",
        "staging: 4 manifests are valid: 1 BotUser, 1 Key, 2 Skill",
    ]
    lebots.write("overlays/staging/bots.yaml", STAGING.replace("60", "-60"))
    ran = lebots("validate")
    assert ran.code == 4
    assert "overlays/staging/bots.yaml:4:23: " in ran.err


def test_a_mistake_of_the_manifests_is_told_once(lebots: Project) -> None:
    with_overlay(lebots)
    lebots.write("manifests/wrong.yaml", "apiVersion: lebots/v1\nkind: Skil\n")
    assert lebots("validate").err.count("manifests/wrong.yaml") == 1


def test_an_overlay_that_is_not_there_is_told_with_its_path(lebots: Project) -> None:
    with_overlay(lebots)
    (lebots.folder / "overlays/staging/bots.yaml").unlink()
    (lebots.folder / "overlays/staging").rmdir()
    ran = lebots("plan", "--account", "staging")
    assert (ran.code, ran.out) == (4, "")
    assert "overlays/staging" in ran.err


# Side by side


def test_two_accounts_are_compared_by_name(lebots: Project) -> None:
    with_overlay(lebots)
    for account in ("sandbox", "staging"):
        assert lebots("apply", "--account", account, "--yes").code == 0
    ran = lebots("compare", "--from", "sandbox", "--to", "staging")
    assert ran.code == 0
    assert "0 only in sandbox, 1 only in staging, 1 different" in ran.out
    assert re.search(r'ONLY IN staging\n\+ +skill "only-here"\n', ran.out)
    assert re.search(r"^~ +maxAsyncChats +25 -> 60$", ran.out, re.MULTILINE)
    assert "private.person" not in ran.all
    assert lebots("compare", "--from", "sandbox", "--to", "staging", "--check").code == 3


def test_a_comparison_as_json(lebots: Project) -> None:
    ran = lebots("compare", "--from", "sandbox", "--to", "staging", "--format", "json", "--check")
    assert ran.code == 0
    assert ran.json["summary"]["onlyInFrom"] == ran.json["summary"]["different"] == 0
    assert ran.json["objects"] == []
    assert lebots("apply", "--yes").code == 0
    ran = lebots("compare", "--from", "sandbox", "--to", "staging", "--format", "json")
    assert [one["address"] for one in ran.json["objects"]] == [
        "BotUser/routing-bot",
        "Key/routing-bot",
        "Skill/routing-bot",
    ]
    assert all((one["inFrom"], one["inTo"]) == (True, False) for one in ran.json["objects"])


def test_a_comparison_needs_two_accounts(lebots: Project) -> None:
    assert lebots("compare", "--from", "sandbox", "--to", "sandbox").code == 2
    assert lebots("compare", "--from", "sandbox").code == 2
    ran = lebots("compare", "--from", "sandbox", "--to", "stagin")
    assert (ran.code, ran.out) == (2, "")
    assert 'did you mean "staging"?' in ran.err


def test_a_comparison_writes_nothing(lebots: Project) -> None:
    lebots("compare", "--from", "sandbox", "--to", "staging")
    assert lebots.writes == []


# All of them

TWO = """\
apiVersion: lebots/v1
kind: Project
accounts:
  sandbox: {sandbox: .lebots/sandbox.db}
  staging: {sandbox: .lebots/staging.db, overlays: [overlays/staging]}
sinks:
  runtime: {type: dotenv, path: ".secrets/{account}/{name}.env"}
"""


def everywhere(project: Project) -> None:
    project.write("lebots.yaml", TWO)
    project.write("overlays/staging/bots.yaml", STAGING)


def test_every_account_is_planned_and_summed_up(lebots: Project) -> None:
    everywhere(lebots)
    ran = lebots("plan", "--all-accounts")
    assert ran.code == 0
    heads = [line for line in ran.out.splitlines() if line.startswith(("ACCOUNT ", "ALL "))]
    assert heads == ["ACCOUNT sandbox", "ACCOUNT staging", "ALL ACCOUNTS"]
    *_, first, second = ran.out.splitlines()
    assert re.fullmatch(r"  sandbox  3 to create    1 unmanaged    6 live", first)
    assert re.fullmatch(r"  staging  4 to create    1 unmanaged    6 live", second)
    assert "lebots apply --account staging --expect " in ran.out
    assert lebots("plan", "--all-accounts", "--check").code == 3


def test_the_plan_of_each_account_is_its_own(lebots: Project) -> None:
    everywhere(lebots)
    found = lebots("plan", "--all-accounts", "--format", "json").json["accounts"]
    for one in found:
        alone = lebots("plan", "--account", one["name"], "--format", "json").json
        assert one["plan"] == alone


def test_an_account_that_fails_hides_no_other(lebots: Project) -> None:
    everywhere(lebots)
    lebots.write("overlays/staging/bots.yaml", STAGING.replace("60", "-60"))
    ran = lebots("plan", "--all-accounts", "--check")
    assert ran.code == 4
    assert '+ create  bot "routing-bot" with its skill and key' in ran.out
    assert "overlays/staging/bots.yaml:4:23: maxAsyncChats" in ran.out
    assert ran.out.endswith("  staging  no plan, exit 4\n")
    assert "1 of 2 accounts have no plan" in ran.err
    found = lebots("plan", "--all-accounts", "--format", "json")
    assert found.code == 4
    assert [one["exitCode"] for one in found.json["accounts"]] == [0, 4]


def test_nothing_to_do_anywhere(lebots: Project) -> None:
    everywhere(lebots)
    for account in ("sandbox", "staging"):
        assert lebots("apply", "--account", account, "--yes").code == 0
    lebots.requests.clear()
    assert lebots("plan", "--all-accounts", "--check").code == 0
    assert lebots.writes == []


def test_all_accounts_stands_alone(lebots: Project) -> None:
    everywhere(lebots)
    for more in (["--account", "staging"], ["--out", "plan.json"], ["--base", "HEAD"]):
        assert lebots("plan", "--all-accounts", *more).code == 2
