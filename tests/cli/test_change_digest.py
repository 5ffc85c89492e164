"""The change's digest: what a pull request brings, found again after the merge and applied alone.

On real repositories: nothing that colleagues merge or apply moves it.
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lebots.run.inputs.embedded import open_sandbox
from lebots.sandbox.errors import SandboxError
from tests.cli.conftest import Project, Ran, skill
from tests.cli.test_base import DATABASE, OVERLAY, by_hand
from tests.cli.test_merge import BOT, change, nickname, renamed, words
from tests.night import by_day
from tests.repositories import Repo

CHATS = ("maxAsyncChats: 25", "maxAsyncChats: 30")


def change_of(lebots: Project, base: str = "main") -> str:
    """The digest of what differs from the base; nothing where nothing does."""
    ran = lebots("plan", "--base", base, "--format", "json")
    assert ran.code in (0, 6), ran.err
    return str(ran.json.get("change", {}).get("digest", ""))


def mine(repo: Repo) -> None:
    """What the pull request brings: a value and a new object."""
    words(repo)
    repo.write("manifests/new.yaml", skill("new"))
    repo.commit()


def theirs(repo: Repo) -> None:
    """What a colleague merges meanwhile: a value of another field, and a new object."""
    nickname(repo)
    repo.write("manifests/theirs.yaml", skill("theirs"))
    repo.commit()


@pytest.fixture
def proposed(lebots: Project, repo: Repo) -> str:
    """A pull request, and the digest of its change."""
    repo.git("checkout", "--quiet", "-b", "mine")
    mine(repo)
    return change_of(lebots)


def on_main(repo: Repo, act: Callable[[Repo], Any]) -> None:
    repo.git("checkout", "--quiet", "main")
    act(repo)
    repo.git("checkout", "--quiet", "mine")


def merge(repo: Repo, branch: str = "mine") -> None:
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "--no-edit", branch)


def squash(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--squash", "mine")
    repo.commit()


def rebase(repo: Repo) -> None:
    repo.git("rebase", "--quiet", "main")
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--ff-only", "mine")


def a_colleague_merges(lebots: Project, repo: Repo) -> None:
    on_main(repo, theirs)


def a_colleague_applies(lebots: Project, repo: Repo) -> None:
    repo.git("checkout", "--quiet", "main")
    theirs(repo)
    assert lebots("apply", "--yes").code == 0
    repo.git("checkout", "--quiet", "mine")


def somebody_edits_the_account(lebots: Project, repo: Repo) -> None:
    by_hand("routing-bot", maxAsyncChats=7)


def it_is_written_otherwise(lebots: Project, repo: Repo) -> None:
    text = (repo.folder / "manifests/new.yaml").read_text()
    (repo.folder / "manifests/new.yaml").unlink()
    repo.write("manifests/deep/er.yaml", f"# a comment\n{text}")
    repo.commit()


HAPPENS = [
    a_colleague_merges,
    a_colleague_applies,
    somebody_edits_the_account,
    it_is_written_otherwise,
]


@pytest.mark.parametrize("happens", by_day(HAPPENS, HAPPENS[:2]), ids=lambda one: one.__name__)
def test_nothing_else_moves_it(
    lebots: Project, repo: Repo, proposed: str, happens: Callable[[Project, Repo], None]
) -> None:
    assert re.fullmatch("[0-9a-f]{64}", proposed)
    happens(lebots, repo)
    assert change_of(lebots) == proposed


LANDS = [(how, moved) for how in (merge, squash, rebase) for moved in (True, False)]


@pytest.mark.parametrize(("lands", "moved"), by_day(LANDS, [LANDS[0], LANDS[2], LANDS[4]]))
def test_it_is_found_again_on_the_default_branch(
    lebots: Project, repo: Repo, proposed: str, lands: Callable[[Repo], None], *, moved: bool
) -> None:
    if moved:
        on_main(repo, theirs)
    before = repo.git("rev-parse", "main")
    lands(repo)
    assert repo.git("branch", "--show-current") == "main"
    assert change_of(lebots, before) == proposed
    text = lebots("plan", "--base", before).out
    others = "and 2 other differences" if moved else "nothing else"
    assert f"\nall of {proposed[:8]}, {others}\n" in text


OTHER: dict[str, Callable[[Repo], Any]] = {
    "a value": lambda repo: change(repo, ("takes last", "takes")),
    "a field more": lambda repo: change(repo, CHATS),
    "an object more": lambda repo: repo.commit(manifests__more=skill("more")),
    "an object less": lambda repo: repo.commit(manifests__new=None),
    "a field less": lambda repo: change(repo, ("  nickname: Ava\n", "")),
    "a name": lambda repo: repo.commit(manifests__new=skill("newer")),
    "a former name": renamed,
    "protection": lambda repo: change(
        repo, ("bot\nspec:\n  full", "bot\n  protect: true\nspec:\n  full")
    ),
    "which field differs": lambda repo: change(repo, ("private.person@", "other.person@")),
}


@pytest.mark.parametrize("what", by_day(list(OTHER), ["a value", "a field less"]))
def test_every_other_change_is_another(
    lebots: Project, repo: Repo, proposed: str, what: str
) -> None:
    OTHER[what](repo)
    assert change_of(lebots) not in (proposed, "")


def test_it_is_of_one_account_and_of_its_overlay(
    lebots: Project, repo: Repo, proposed: str
) -> None:
    ran = lebots("plan", "--account", "staging", "--base", "main", "--format", "json")
    assert ran.json["change"]["digest"] != proposed
    overlays = "sandbox: .lebots/sandbox.db\n    overlays: [overlays]"
    project = lebots.folder / "lebots.yaml"
    project.write_text(project.read_text().replace("sandbox: .lebots/sandbox.db", overlays))
    repo.write("overlays/here.yaml", OVERLAY % "Zoe")
    repo.commit()
    assert change_of(lebots) != proposed


def test_where_no_manifest_differs_there_is_none(lebots: Project, repo: Repo) -> None:
    by_hand("routing-bot", maxAsyncChats=7)
    planned = lebots("plan", "--base", "HEAD")
    assert planned.code == 0
    assert "\nchange " not in planned.out
    assert planned.out.count("NEXT") == 1
    assert change_of(lebots, "HEAD") == ""


def test_a_new_name_of_an_object_is_stable_too(lebots: Project, repo: Repo) -> None:
    repo.git("checkout", "--quiet", "-b", "mine")
    renamed(repo)
    proposed = change_of(lebots)
    on_main(repo, lambda repo: change(repo, CHATS))
    assert change_of(lebots) == proposed
    merge(repo)
    ran = approved(lebots, proposed, "HEAD^1")
    assert ran.code == 0, ran.all
    assert live("skills", "router")
    assert live("users", "routing-bot")["maxAsyncChats"] == 25


# Every reader is told


def test_it_stands_in_the_comment_the_page_and_the_terminal(
    lebots: Project, repo: Repo, proposed: str
) -> None:
    by_hand("routing-bot", maxAsyncChats=7)
    files = ("--markdown-file", "plan.md", "--html-file", "plan.html")
    text = lebots("plan", "--base", "main", *files).out
    said = f"all of {proposed[:8]}, and 1 other difference"
    assert f"\nchange {proposed}\n{said}\n" in text
    comment, page = Path("plan.md").read_text(), Path("plan.html").read_text()
    assert f"Change `{proposed}`: {said}." in comment
    assert said in page
    main = repo.git("rev-parse", "main")[:12]
    stamped = r"@20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z"
    for shown in (text, comment, page):
        found = f"lebots apply --expect {proposed}{stamped} --base {main}"
        assert re.search(found, shown), shown
    document = lebots("plan", "--base", "main", "--format", "json").json
    assert document["change"]["otherDifferences"] == 1
    assert document["change"]["base"].startswith(main)


# Applied alone


def live(collection: str, name: str) -> Any:
    with open_sandbox(DATABASE, "sandbox") as sandbox, suppress(SandboxError):
        return sandbox.find(collection, name)
    return None


def approved(lebots: Project, digest: str, base: str, *more: str) -> Ran:
    lebots.requests.clear()
    return lebots("apply", "--expect", digest, "--base", base, *more)


def test_that_part_is_done_and_the_rest_is_held_and_named(
    lebots: Project, repo: Repo, proposed: str
) -> None:
    on_main(repo, theirs)
    merge(repo)
    by_hand("routing-bot", maxAsyncChats=7)
    ran = approved(lebots, proposed, "HEAD^1")
    assert ran.code == 0, ran.all
    assert len(lebots.writes) == 2
    assert live("skills", "new")
    assert live("skills", "routing-bot")["description"].endswith("takes last")
    assert not live("skills", "theirs")
    bot = live("users", "routing-bot")
    assert (bot["nickname"], bot["maxAsyncChats"]) == ("Ava", 7)
    held = ran.out.partition("HELD BACK, not of this change\n")[2].partition("\n\n")[0]
    assert held.splitlines() == [
        '  . create skill "theirs"',
        '  . update bot "routing-bot"   nickname "Ava" -> "Bea", maxAsyncChats 7 -> 25',
    ]
    assert f"all of {proposed[:8]}, and 3 other differences held back" in ran.out
    assert f"all of {proposed[:8]} is in the account; 3 other differences held back" in ran.out
    again = approved(lebots, proposed, "HEAD^1")
    assert (again.code, lebots.writes) == (0, [])
    assert lebots("plan", "--check").code == 3


ORDERS = [(order, applied) for order in ("ab", "ba") for applied in ("ba", "ab")]


@pytest.mark.parametrize(("order", "applied"), by_day(ORDERS, ORDERS[:1]))
def test_two_merges_in_both_orders(lebots: Project, repo: Repo, order: str, applied: str) -> None:
    """Both jobs have the newest commit, as a queue of them has."""
    makes = {"a": words, "b": nickname}
    digests = {}
    for name, make in makes.items():
        repo.git("checkout", "--quiet", "-b", name, "main")
        make(repo)
        digests[name] = change_of(lebots)
    start = repo.git("rev-parse", "main")
    for name in order:
        merge(repo, name)
    bot, text = ("users", "routing-bot"), ("skills", "routing-bot")
    for count, name in enumerate(applied):
        ran = approved(lebots, digests[name][:12], start, "--format", "json")
        assert ran.code == 0, ran.err
        assert ran.json["change"] == digests[name]
        assert len(ran.json["heldBack"]) == 1 - count
        assert len(lebots.writes) == 1
        now = (live(*text)["description"].endswith("last"), live(*bot)["nickname"] == "Bea")
        assert now == tuple(one in applied[: count + 1] for one in makes)
    assert lebots("plan", "--check").code == 0


def test_one_object_has_only_the_fields_of_the_change(lebots: Project, repo: Repo) -> None:
    before = repo.git("rev-parse", "HEAD")
    change(repo, ("nickname: Ava", "nickname: Bea"))
    digest = change_of(lebots, before)
    change(repo, CHATS, ("  sink: runtime\n", "  sink: runtime\n  enabled: true\n"))
    ran = approved(lebots, digest, before)
    assert ran.code == 0, ran.all
    bot = live("users", "routing-bot")
    assert (bot["nickname"], bot["maxAsyncChats"]) == ("Bea", 25)


@pytest.mark.parametrize("needs", ["an object", "a name", "a new object"])
def test_what_needs_something_held_back_is_refused(lebots: Project, repo: Repo, needs: str) -> None:
    if needs == "an object":
        repo.commit(manifests__theirs=skill("theirs"))
        change(repo, ("skills: [routing-bot]", "skills: [routing-bot, theirs]"))
        words = "the account has no Skill/theirs; what creates or renames it is not part"
    elif needs == "a name":
        renamed(repo)
        change(repo, ("takes first", "takes last"))
        words = "the account has no such skill; what creates or renames it is not part"
    else:
        repo.commit(manifests__theirs=skill("theirs"))
        repo.commit(manifests__theirs=skill("theirs", maxWaitTime=99))
        words = "the account has no such skill; what creates or renames it is not part"
    digest = change_of(lebots, "HEAD^1")
    told = lebots("plan", "--base", "HEAD^1")
    assert told.code == 0
    assert re.search(f"all of {digest[:8]}, and .*, which 1 object of it must wait for", told.out)
    ran = approved(lebots, digest, "HEAD^1")
    assert (ran.code, lebots.writes) == (6, [])
    assert words in " ".join(ran.all.split())


def test_guards_and_references_hold_for_the_part(lebots: Project, repo: Repo) -> None:
    """A bot that is created with its key and skill is made in order, its secret delivered."""
    by_hand("routing-bot", maxAsyncChats=7)
    text = (repo.folder / BOT).read_text().replace("routing-bot", "other-bot")
    repo.commit(manifests__other=text)
    ran = approved(lebots, change_of(lebots, "HEAD^1"), "HEAD^1")
    assert ran.code == 0, ran.all
    assert Path(".secrets/55501234/other-bot.env").exists()
    assert live("users", "routing-bot")["maxAsyncChats"] == 7
    change(repo, ("  maxAsyncChats: 25", "  maxAsyncChats: 25\n  enabled: false"))
    change(repo, ("private.person", "another.person"), commit=True)
    (repo.folder / "manifests/other.yaml").unlink()
    repo.commit()
    ran = approved(lebots, change_of(lebots, "HEAD~3"), "HEAD~3")
    assert (ran.code, lebots.writes) == (6, [])
    assert "no bot in reach would be left in use" in " ".join(ran.all.split())


def test_consent_is_given_to_the_change(lebots: Project, repo: Repo) -> None:
    """It stays right whatever else is merged, and is good for no other change."""
    before = repo.git("rev-parse", "HEAD")
    change(repo, ("  maxAsyncChats: 25", "  maxAsyncChats: 25\n  enabled: false"))
    digest = change_of(lebots, before)
    refused = approved(lebots, digest, before)
    assert refused.code == 6
    line = f"consent: [{{change: {digest[:12]}, out-of-service: 1}}]"
    assert line in " ".join(refused.all.split())
    project = lebots.folder / "lebots.yaml"
    project.write_text(f"{project.read_text()}{line}\n")
    repo.commit(manifests__theirs=skill("theirs"))
    ran = approved(lebots, digest, before)
    assert (ran.code, len(lebots.writes)) == (0, 1), ran.all
    assert approved(lebots, change_of(lebots, "HEAD^1"), "HEAD^1").code == 0


def test_a_receipt_of_a_part_is_not_clean(lebots: Project, repo: Repo, proposed: str) -> None:
    """The next plan tells what is drift as if the part had been applied with the rest."""
    merge(repo)
    by_hand("routing-bot", maxAsyncChats=7)
    assert approved(lebots, proposed, "HEAD^1", "--receipt", "part.json").code == 0
    part = json.loads(Path("part.json").read_text())
    assert (part["converged"], [one["status"] for one in part["changes"]]) == (False, ["done"] * 2)
    assert lebots("apply", "--yes", "--receipt", "part.json").code == 0
    change(repo, CHATS)
    digest = change_of(lebots, "HEAD^1")
    assert approved(lebots, digest, "HEAD^1", "--receipt", "part.json").code == 0
    assert json.loads(Path("part.json").read_text())["converged"] is True
    assert lebots("plan", "--drift", "--receipt", "part.json").code == 0


# What nobody approved is not done


def reverted(repo: Repo) -> None:
    merge(repo)
    repo.git("revert", "--no-edit", "--mainline", "1", "HEAD")


def reverted_in_part(repo: Repo) -> None:
    merge(repo)
    change(repo, ("takes last", "takes first"))


def changed_since(repo: Repo) -> None:
    merge(repo)
    change(repo, ("takes last", "takes"))


def another_value(repo: Repo) -> None:
    change(repo, ("takes last", "takes"))
    merge(repo)


def one_object_more(repo: Repo) -> None:
    repo.commit(manifests__more=skill("more"))
    merge(repo)


def not_merged(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "main")


def main_has_more(repo: Repo) -> None:
    """The checkout is the commit of the merge, and the branch was reverted since."""
    reverted(repo)
    repo.git("checkout", "--quiet", "--detach", "HEAD^1")


def edited_by_hand(repo: Repo) -> None:
    merge(repo)
    change(repo, ("takes last", "takes first"), commit=False)


STALE: dict[Callable[[Repo], None], str] = {
    reverted: "reverted or changed since",
    reverted_in_part: "reverted or changed since",
    changed_since: "reverted or changed since",
    another_value: "is change",
    one_object_more: "is change",
    not_merged: "is no change of manifests",
    main_has_more: "has commits that this checkout lacks",
    edited_by_hand: "reverted or changed since",
}


@pytest.mark.parametrize(
    "happens",
    by_day(list(STALE), [reverted, main_has_more, another_value]),
    ids=lambda one: one.__name__,
)
def test_a_stale_approval_does_nothing(
    lebots: Project, repo: Repo, proposed: str, happens: Callable[[Repo], None]
) -> None:
    before = repo.git("rev-parse", "main")
    happens(repo)
    base = "main" if happens is main_has_more else before
    ran = approved(lebots, proposed, base, "--yes")
    assert (ran.code, lebots.writes) == (6, [])
    assert STALE[happens] in " ".join(ran.err.split())


TOGETHER: list[tuple[list[str], int, str]] = [
    (["--base", "HEAD"], 2, "--base needs --expect CHANGE"),
    (["plan.json", "--base", "HEAD", "--expect", "0" * 64], 2, "saved plan"),
    (["--base", "HEAD", "--expect", "0" * 64, "--prune"], 2, "says nothing of --prune"),
    (
        ["--base", "HEAD", "--expect", "0" * 64, "--target=Skill/x"],
        2,
        "of --target",
    ),
    (["--base", "HEAD", "--expect", "0" * 11], 6, "12 to 64"),
    (["--base", "nowhere", "--expect", "0" * 64], 2, "no commit"),
    (["--base", "HEAD", "--expect", "0" * 64], 6, "is no change of manifests"),
]


def test_what_does_not_go_together(lebots: Project, repo: Repo) -> None:
    assert lebots("plan", "--out", "plan.json").code == 0
    lebots.requests.clear()
    for arguments, code, said in TOGETHER:
        ran = lebots("apply", *arguments)
        assert (ran.code, lebots.writes) == (code, []), arguments
        assert said in " ".join(ran.err.split())
