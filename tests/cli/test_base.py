"""``lebots plan --base REF``: on real repositories, with everything that can be odd about them."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from lebots.core.model.change import Origin
from lebots.run.inputs.embedded import open_sandbox
from tests.cli.conftest import ROUTING_BOT, Project, skill
from tests.repositories import Repo

DATABASE = Path(".lebots/sandbox.db")
OVERLAY = """\
apiVersion: lebots/v1
kind: BotUser
metadata: {name: routing-bot}
spec: {nickname: %s}
"""
HEADINGS = ("THIS BRANCH", "PENDING", "DRIFT")


def edited(*replacements: tuple[str, str]) -> str:
    text = ROUTING_BOT
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text


BASE = edited(("nickname: Ava", "nickname: Bea"), ("maxAsyncChats: 25", "maxAsyncChats: 30"))
HEAD = BASE.replace("takes first", "takes last").replace(
    "fullName: Routing bot", "fullName: Router"
)


def by_hand(name: str, **fields: Any) -> None:
    """Somebody edits a user of the account."""
    with open_sandbox(DATABASE, "sandbox") as sandbox:
        user = sandbox.find("users", name)
        sandbox.put("users", {**user, **fields})


@pytest.fixture
def three(lebots: Project, repo: Repo) -> Project:
    """Something of each origin: edited here, on main and not applied, and by hand."""
    lebots.write("manifests/routing-bot.yaml", BASE)
    repo.commit()
    repo.git("checkout", "--quiet", "-b", "mine")
    lebots.write("manifests/routing-bot.yaml", HEAD)
    repo.commit()
    by_hand("routing-bot", maxAsyncChats=7)
    return lebots


def origins(document: Any) -> dict[str, str]:
    return {
        f"{change['address']} {part['path']}": part["origin"]
        for change in document["changes"]
        for part in change["fields"]
    }


def codes(document: Any) -> set[str]:
    return {one["code"] for one in document["findings"]} - {"skill-without-failover"}


EXPECTED = {
    "Skill/routing-bot description": "proposed",
    "BotUser/routing-bot fullName": "proposed",
    "BotUser/routing-bot nickname": "pending",
    "BotUser/routing-bot maxAsyncChats": "drift",
}


@pytest.mark.parametrize("more", [[], ["--receipt", "receipt.json"]], ids=["history", "receipt"])
def test_three_sections_without_overlap(three: Project, more: list[str]) -> None:
    planned = three("plan", "--base", "main", *more)
    assert planned.code == 0
    (changes,) = [part for part in planned.out.split("\n\n") if part.startswith("CHANGES")]
    first, *parts = re.split("^  (?=[A-Z])", changes, flags=re.MULTILINE)
    assert first == "CHANGES, in order of apply\n"
    assert all(part.startswith(heading) for part, heading in zip(parts, HEADINGS, strict=True))
    names = ("description", "fullName", "nickname", "maxAsyncChats")
    assert [[name for name in names if name in part] for part in parts] == [
        ["description", "fullName"],
        ["nickname"],
        ["maxAsyncChats"],
    ]
    assert "2 by this branch    1 pending    1 drift" in planned.out
    document = three("plan", "--base", "main", "--format", "json", *more).json
    assert origins(document) == EXPECTED
    assert document["origins"] == {
        **dict.fromkeys(map(str, Origin), 0),
        "proposed": 2,
        "pending": 1,
        "drift": 1,
    }
    assert codes(document) == set()


def test_the_plan_itself_is_the_same(three: Project) -> None:
    """Origins tell and do not decide: digest, exit codes, saved plan and apply stay as they are."""
    bare = three("plan", "--format", "json").json
    told = three("plan", "--base", "main", "--format", "json", "--out", "plan.json").json
    assert told["digest"] == bare["digest"]
    assert [c["digest"] for c in told["changes"] if "digest" in c] == [
        c["digest"] for c in bare["changes"] if "digest" in c
    ]
    assert three("plan", "--base", "main", "--check").code == 3
    last = three("plan", "--base", "main").out.splitlines()[-1]
    assert last.startswith(f"NEXT  lebots apply --expect {bare['digest']}@")
    assert three("apply", "plan.json").code == 0
    assert three("plan", "--base", "main", "--check").code == 0


def test_only_git_is_read(three: Project, repo: Repo) -> None:
    """Not the working tree, not the index, and no file is made."""
    before = sorted(p.name for p in three.folder.iterdir())
    repo.write("manifests/routing-bot.yaml", HEAD.replace("nickname: Bea", "nickname: Cal"))
    repo.git("add", "--all")
    found = origins(three("plan", "--base", "main", "--format", "json").json)
    assert found["BotUser/routing-bot nickname"] == "proposed"
    assert sorted(p.name for p in three.folder.iterdir()) == before
    assert repo.git("status", "--porcelain") == "M  manifests/routing-bot.yaml"


def test_on_the_base_itself_nothing_is_of_this_change(three: Project, repo: Repo) -> None:
    repo.git("checkout", "--quiet", "main")
    found = three("plan", "--base", "main", "--format", "json").json
    assert set(origins(found).values()) == {"pending", "drift"}
    assert found["origins"]["proposed"] == 0


def test_a_field_waits_through_several_commits_of_the_base(three: Project, repo: Repo) -> None:
    """The account has what the base wanted some commits ago."""
    repo.git("checkout", "--quiet", "main")
    for nickname in ("Cal", "Dan"):
        three.write("manifests/routing-bot.yaml", BASE.replace("Bea", nickname))
        repo.commit()
    found = origins(three("plan", "--base", "HEAD", "--format", "json").json)
    assert found["BotUser/routing-bot nickname"] == "pending"


def test_new_and_missing_objects(lebots: Project, repo: Repo) -> None:
    lebots.write("manifests/waits.yaml", skill("waits"))
    repo.commit()
    repo.git("checkout", "--quiet", "-b", "mine")
    lebots.write("manifests/mine.yaml", skill("mine"))
    with open_sandbox(DATABASE, "sandbox") as sandbox:
        user = sandbox.find("users", "routing-bot")
        sandbox.put("users", {**user, "deleted": True})
    for more, removed in (([], "pending"), (["--receipt", "receipt.json"], "drift")):
        found = lebots("plan", "--base", "main", "--format", "json", *more).json
        assert {c["address"]: c.get("origin") for c in found["changes"] if "digest" in c} == {
            "Skill/mine": "proposed",
            "Skill/waits": "pending",
            "BotUser/routing-bot": removed,
        }


def test_what_is_no_longer_declared_is_told(lebots: Project, repo: Repo) -> None:
    _, rest = ROUTING_BOT.split("---\n", 1)
    lebots.write("manifests/routing-bot.yaml", rest.replace("  maxAsyncChats: 25\n", ""))
    planned = lebots("plan", "--base", "HEAD")
    assert planned.code == 0
    words = " ".join(planned.out.split())
    assert "2 no longer declared" in words
    assert re.search(r'skill "routing-bot" was declared at \S*manifests/routing-bot.yaml:', words)
    assert 'bot "routing-bot" maxAsyncChats stays 25' in words
    assert "no changes" in planned.out
    narrow = lebots("plan", "--base", "HEAD", "--target", "Key/routing-bot", "--format", "json")
    assert codes(narrow.json) == set(), "a part of a plan does not tell of the rest"


def test_a_first_plan_without_any_manifest_on_the_base(lebots: Project) -> None:
    repo = Repo.make(lebots.folder)
    repo.git("commit", "--quiet", "--allow-empty", "--message", "empty")
    lebots.write("manifests/routing-bot.yaml", ROUTING_BOT.replace("  sink: runtime\n", ""))
    found = lebots("plan", "--base", "main", "--format", "json").json
    assert set(origins(found).values()) == {"proposed"}
    assert found["rules"]["from"] == "main"


def test_moved_and_split_files_are_the_same_objects(three: Project, repo: Repo) -> None:
    first, *rest = HEAD.split("---\n")
    three.write("manifests/deep/er.yaml", first)
    three.write("manifests/another.yml", "---\n".join(reversed(rest)))
    (three.folder / "manifests/routing-bot.yaml").unlink()
    repo.commit()
    assert origins(three("plan", "--base", "main", "--format", "json").json) == EXPECTED


def test_overlays_of_the_base_are_those_of_its_own_project(lebots: Project) -> None:
    project = (lebots.folder / "lebots.yaml").read_text()
    with_overlay = project.replace(
        "    sandbox: .lebots/sandbox.db\n",
        "    sandbox: .lebots/sandbox.db\n    overlays: [overlays/prod]\n",
    )
    repo = Repo.make(lebots.folder)
    lebots.write("overlays/prod/bot.yaml", OVERLAY % "Base")
    lebots.write("lebots.yaml", with_overlay)
    repo.commit()
    lebots.write("overlays/prod/bot.yaml", OVERLAY % "Mine")
    found = lebots("plan", "--base", "main", "--format", "json").json
    mine = {name for name, origin in origins(found).items() if origin == "proposed"}
    assert mine == {"BotUser/routing-bot nickname"}
    lebots.write("overlays/prod/bot.yaml", OVERLAY % "Base")
    lebots.write("lebots.yaml", project)
    found = lebots("plan", "--base", "main", "--format", "json").json
    mine = {name for name, origin in origins(found).items() if origin == "proposed"}
    assert mine == {"BotUser/routing-bot nickname"}, "the overlay is taken away by this change"
    assert found["rules"] == {"from": "main", "unused": []}, "overlays are the proposal's"


def test_an_overlay_waits_too(lebots: Project) -> None:
    lebots.write(
        "lebots.yaml",
        (lebots.folder / "lebots.yaml")
        .read_text()
        .replace("sandbox.db\n", "sandbox.db\n    overlays: [overlays]\n", 1),
    )
    lebots.write("overlays/bot.yaml", OVERLAY % "One")
    repo = Repo.make(lebots.folder)
    repo.commit()
    assert lebots("apply", "--yes").code == 0
    lebots.write("overlays/bot.yaml", OVERLAY % "Two")
    repo.commit()
    found = lebots("plan", "--base", "main", "--format", "json").json
    assert origins(found) == {"BotUser/routing-bot nickname": "pending"}


def test_a_rename_of_this_change_keeps_what_waits_apart(lebots: Project, repo: Repo) -> None:
    first, rest = ROUTING_BOT.split("---\n", 1)
    lebots.write("manifests/routing-bot.yaml", BASE)
    repo.commit()
    renamed = first.replace("name: routing-bot", "name: router\n  previously: [routing-bot]")
    after = BASE.split("---\n", 1)[1].replace("skills: [routing-bot]", "skills: [router]")
    assert rest != after
    lebots.write("manifests/routing-bot.yaml", f"{renamed}---\n{after}")
    found = lebots("plan", "--base", "main", "--format", "json").json
    assert {c["address"]: c["origin"] for c in found["changes"] if "digest" in c} == {
        "Skill/router": "proposed",
        "BotUser/routing-bot": "pending",
    }
    assert origins(found) == {
        "BotUser/routing-bot nickname": "pending",
        "BotUser/routing-bot maxAsyncChats": "pending",
    }
    assert codes(found) == set(), "what is renamed is not told as no longer declared"


def test_what_a_prune_retires_has_an_origin_too(lebots: Project, repo: Repo) -> None:
    project = (lebots.folder / "lebots.yaml").read_text()
    scope = "sandbox.db\n    scope: {BotUser: ['*-bot']}\n    guards: {maxDeletePercent: 100}\n"
    lebots.write("lebots.yaml", project.replace("sandbox.db\n", scope, 1))
    bot = yaml.safe_load(ROUTING_BOT.split("---\n")[2])
    for name in ("mine-bot", "base-bot", "stays-bot"):
        spec = {**bot["spec"], "fullName": name}
        lebots.write(
            f"manifests/{name}.yaml",
            yaml.safe_dump({**bot, "metadata": {"name": name}, "spec": spec}),
        )
    repo.commit()
    assert lebots("apply", "--yes").code == 0
    (lebots.folder / "manifests/base-bot.yaml").unlink()
    repo.commit()
    (lebots.folder / "manifests/mine-bot.yaml").unlink()
    arguments = ("--base", "main", "--prune", "--confirm-deletes", "3", "--format", "json")
    found = lebots("plan", *arguments).json
    removed = {c["address"]: c["origin"] for c in found["changes"] if c["action"] == "disable"}
    assert removed == {
        "BotUser/mine-bot": "proposed",
        "BotUser/base-bot": "pending",
        "BotUser/survey-bot": "drift",
    }
    assert "no-longer-declared" not in codes(found)
    bare = lebots("plan", "--base", "main", "--format", "json").json
    assert [one["address"] for one in bare["noLongerDeclared"]] == ["BotUser/mine-bot"]


# What is told of the base


def test_a_base_that_is_not_valid_is_not_the_fault_of_this_change(
    three: Project, repo: Repo
) -> None:
    repo.git("checkout", "--quiet", "main")
    three.write("manifests/bad.yaml", skill("x", nope=1) + "---\nkind: [")
    repo.commit()
    repo.git("checkout", "--quiet", "mine")
    repo.git("merge", "--quiet", "main")
    (three.folder / "manifests/bad.yaml").unlink()
    planned = three("plan", "--base", "main")
    assert planned.code == 0
    words = " ".join(planned.out.split())
    assert (
        "warning base-invalid the manifests at main are not valid (2 errors, the first is" in words
    )
    assert "main:manifests/bad.yaml:2:" in words
    assert "CHANGES, in order of apply" in planned.out
    assert "THIS BRANCH" not in planned.out
    document = three("plan", "--base", "main", "--format", "json").json
    assert "origins" not in document
    assert not any("origin" in change for change in document["changes"])


def test_a_shallow_clone_says_what_it_cannot_tell(
    three: Project,
    repo: Repo,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    repo.git("checkout", "--quiet", "main")
    three.write("manifests/routing-bot.yaml", BASE.replace("Bea", "Cal"))
    repo.commit()
    clone = tmp_path_factory.mktemp("clone") / "clone"
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.folder}", str(clone))
    (clone / ".lebots").mkdir()
    (clone / DATABASE).write_bytes((three.folder / DATABASE).read_bytes())
    shutil.copytree(three.folder / ".secrets", clone / ".secrets")
    monkeypatch.chdir(clone)
    document = three("plan", "--base", "origin/main", "--format", "json").json
    assert origins(document)["BotUser/routing-bot nickname"] == "drift", "the history is cut off"
    told = {f["address"]: f["message"] for f in document["findings"] if f["address"]}
    assert set(told) == {"BotUser/routing-bot"}
    assert told["BotUser/routing-bot"].startswith("nickname, maxAsyncChats may be pending")
    assert codes(document) == {"history-cut-off"}
    receipt = three.folder / "receipt.json"
    exact = three("plan", "--base", "origin/main", "--format", "json", "--receipt", str(receipt))
    assert origins(exact.json)["BotUser/routing-bot nickname"] == "pending"
    assert codes(exact.json) == set()


def test_a_receipt_of_a_run_that_left_something(three: Project) -> None:
    document = json.loads(Path("receipt.json").read_text())
    Path("half.json").write_text(json.dumps({**document, "converged": None, "baseline": None}))
    found = three("plan", "--base", "main", "--receipt", "half.json", "--format", "json").json
    assert codes(found) == {"receipt-without-baseline"}
    assert origins(found) == EXPECTED, "by the history, as without any"


# What cannot be done


def ruined(repo: Repo) -> None:
    for file in (repo.folder / ".git/objects").rglob("*"):
        if file.is_file():
            file.chmod(0o644)
            file.write_bytes(b"")


FAILURES: list[tuple[list[str], Callable[[Repo], Any] | None, int, str]] = [
    (["--base", "nope"], None, 2, 'no commit "nope"; fetch it first: `git fetch`'),
    (["--base", "origin/main"], None, 2, "`git fetch origin main`"),
    (["--base", ""], None, 2, '"" is not the name of a commit'),
    (["--base=--upload-pack=touch owned"], None, 2, "is not the name of a commit"),
    (["--base=-x"], None, 2, "is not the name of a commit"),
    (["--base", "$(touch owned)"], None, 2, "is not the name of a commit"),
    (["--base", "\x1b[2J"], None, 2, "is not the name of a commit"),
    (
        ["--base", "HEAD"],
        lambda repo: (repo.folder / ".git").rename("gone"),
        2,
        "not in a git repo",
    ),
    (["--base", "HEAD"], ruined, 2, "--base: "),
    (["--receipt", "receipt.json"], None, 2, "--receipt is for --base, --drift and --prune"),
    (
        ["--base", "HEAD", "--receipt", "gone.json"],
        None,
        2,
        "gone.json: the receipt cannot be read",
    ),
    (["--base", "HEAD", "--receipt", "lebots.yaml"], None, 6, "lebots.yaml: this is not a receipt"),
    (["--base", "HEAD", "--receipt", "other.json"], None, 6, "a receipt of account 1, this is"),
]


@pytest.mark.parametrize(("arguments", "before", "code", "words"), FAILURES)
def test_what_stands_in_the_way_is_told(
    lebots: Project,
    repo: Repo,
    arguments: list[str],
    before: Callable[[Repo], Any] | None,
    code: int,
    words: str,
) -> None:
    document = json.loads(Path("receipt.json").read_text())
    Path("other.json").write_text(json.dumps({**document, "account": "1"}))
    if before:
        before(repo)
    lebots.requests.clear()
    ran = lebots("plan", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert "\x1b" not in ran.err
    assert not (lebots.folder / "owned").exists()
    assert lebots.requests == [], "before the account is asked for anything"


def test_manifests_of_two_repositories(lebots: Project, repo: Repo, tmp_path_factory: Any) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "x.yaml").write_text(skill("elsewhere"))
    ran = lebots("plan", "manifests", str(other), "--base", "HEAD")
    assert ran.code == 2
    assert "is not in the repository at" in ran.err


def test_without_git(lebots: Project, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    ran = lebots("plan", "--base", "HEAD")
    assert ran.code == 2
    assert "needs git" in ran.err
    assert lebots("plan").code == 0, "which nothing else needs"


def test_in_a_hook_of_git(three: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git sets variables there that would send it to another index or repository."""
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert origins(three("plan", "--base", "main", "--format", "json").json) == EXPECTED
