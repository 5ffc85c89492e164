"""``lebots plan --drift``: for a scheduled job, which needs no more than a right to read."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lebots.credentials.files.dotenv_sink import DotenvSink
from lebots.errors import SinkError
from lebots.run.inputs.embedded import open_sandbox
from tests.cli.conftest import ROUTING_BOT, Project, refusing, skill
from tests.repositories import Repo

DATABASE = Path(".lebots/sandbox.db")
RECEIPT = ("--receipt", "receipt.json")


@pytest.fixture
def applied(lebots: Project) -> Project:
    assert lebots("apply", "--yes", *RECEIPT).code == 0
    lebots.requests.clear()
    return lebots


def by_hand(collection: str, name: str, **fields: Any) -> None:
    with open_sandbox(DATABASE, "sandbox") as sandbox:
        found = sandbox.find(collection, name)
        sandbox.put(collection, {**found, **fields})


def reported(project: Project, *more: str) -> tuple[int, Any]:
    ran = project("plan", "--drift", "--format", "json", *more)
    Draft202012Validator(project("schema", "drift").json).validate(ran.json)
    objects = {
        one["address"]: [part["path"] for part in one["fields"]] or one["what"]
        for one in ran.json["objects"]
    }
    return ran.code, objects


@pytest.mark.parametrize("more", [(), RECEIPT])
def test_nothing_changed(applied: Project, more: tuple[str, ...]) -> None:
    ran = applied("plan", "--drift", *more)
    assert (ran.code, ran.err) == (0, "")
    assert "NEXT" not in ran.out
    assert reported(applied, *more) == (0, {})


def test_what_somebody_changed(applied: Project) -> None:
    by_hand("users", "routing-bot", nickname="Hand-made", email="another.person@example.com")
    by_hand("skills", "routing-bot", description="by hand")
    by_hand("users", "survey-bot", id=4100777777, loginName="wild", fullName="Wild")
    ran = applied("plan", "--drift", *RECEIPT)
    assert ran.code == 3
    assert "2 changed, 1 new in the account since 20" in ran.out
    assert '"Hand-made" -> "Ava"' in ran.out
    assert "another.person" not in ran.all
    assert reported(applied, *RECEIPT) == (
        3,
        {
            "BotUser/routing-bot": ["nickname", "email"],
            "Skill/routing-bot": ["description"],
            "BotUser/wild": "new",
        },
    )
    assert reported(applied) == (
        3,
        {
            "BotUser/routing-bot": ["nickname", "email"],
            "Skill/routing-bot": ["description"],
        },
    )
    assert applied.writes == []
    assert len(applied.requests) == len(set(applied.requests)) * 3, "each list once in each run"


def test_an_edited_manifest_is_not_drift(applied: Project) -> None:
    edited = ROUTING_BOT.replace("nickname: Ava", "nickname: Bea")
    applied.write("manifests/routing-bot.yaml", edited + skill("new"))
    assert reported(applied, *RECEIPT) == (0, {})
    assert reported(applied) == (
        3,
        {"BotUser/routing-bot": ["nickname"], "Skill/new": "gone"},
    ), "without a receipt every difference counts"
    assert applied("plan", "--check").code == 3


def test_what_is_gone(applied: Project) -> None:
    by_hand("users", "routing-bot", deleted=True)
    with open_sandbox(DATABASE, "sandbox") as sandbox:
        key = sandbox.find("installations", "routing-bot")
        sandbox.put("installations", {**key, "client_name": "renamed"})
    ran = applied("plan", "--drift", *RECEIPT)
    assert ran.code == 3
    assert 'bot "routing-bot"   gone   id' in ran.out
    assert 'its name is now "renamed"' in ran.out
    assert applied("plan").code == 6, "while a plan refuses to make the key anew"


def test_it_proposes_nothing(applied: Project) -> None:
    by_hand("users", "routing-bot", nickname="Hand-made")
    shown = applied("plan", "--drift").out + applied("plan", "--drift", "--format", "json").out
    assert "digest" not in shown
    assert "lebots apply" not in shown
    assert "--expect" not in shown


def test_no_sink_is_asked(applied: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job may run where none can be reached."""

    def broken(*_: object) -> None:
        raise SinkError("the store is not reachable")

    for method in ("probe", "read", "read_back", "write"):
        monkeypatch.setattr(DotenvSink, method, broken)
    assert applied("plan").code == 5
    assert reported(applied, *RECEIPT) == (0, {})


def test_a_part_of_it(applied: Project) -> None:
    by_hand("users", "routing-bot", nickname="Hand-made")
    by_hand("skills", "routing-bot", description="by hand")
    assert reported(applied, "--target", "Skill/routing-bot") == (
        3,
        {"Skill/routing-bot": ["description"]},
    )
    assert applied("plan", "--drift", "--target", "Skill/nobody").code == 2


def test_an_object_that_cannot_be_looked_at(applied: Project) -> None:
    """Nobody knows whether it changed, so the job must not say that nothing did."""
    by_hand("users", "routing-bot", userTypeId=1)
    ran = applied("plan", "--drift", *RECEIPT)
    assert ran.code == 6
    assert "held by a human user" in " ".join(ran.out.split())
    assert "cannot read some objects" in ran.err
    by_hand("skills", "routing-bot", description="by hand")
    assert applied("plan", "--drift", *RECEIPT).code == 3, (
        "what is known to have changed comes first"
    )


def test_an_account_that_cannot_be_read(applied: Project) -> None:
    applied.wrapper = refusing("GET", "/users", 403)
    ran = applied("plan", "--drift", *RECEIPT)
    assert ran.code == 5
    assert 'bot "routing-bot" cannot be looked up: GET ' in " ".join(ran.out.split())


def test_a_list_that_no_manifest_needs_is_a_note(applied: Project) -> None:
    applied.wrapper = refusing("GET", "/lobs", 403)
    ran = applied("plan", "--drift", *RECEIPT)
    assert ran.code == 0
    assert "lobs could not be read: GET " in " ".join(ran.out.split())


def test_a_receipt_without_a_baseline(applied: Project) -> None:
    document = json.loads(Path("receipt.json").read_text())
    Path("half.json").write_text(json.dumps({**document, "converged": None, "baseline": None}))
    by_hand("users", "routing-bot", nickname="Hand-made")
    ran = applied("plan", "--drift", "--receipt", "half.json")
    assert ran.code == 3
    assert "receipt-without-baseline" in ran.out
    assert "every difference, since no receipt tells what was applied" in ran.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--base", "HEAD"], 2, "leave --base out"),
        (["--out", "plan.json"], 2, "leave files to write, such as --out, out"),
        (["--recreate", "Key/routing-bot"], 2, "leave --recreate=Key/routing-bot out"),
        (["--prune", "--base", "HEAD"], 2, "leave --base and --prune out"),
        (["--all-accounts"], 2, "leave --all-accounts out"),
        (["--prune"], 2, "leave --prune out"),
        (["--receipt", "gone.json"], 2, "gone.json: the receipt cannot be read"),
        (["--receipt", "other.json"], 6, "a receipt of account 1"),
        (["--receipt", "lebots.yaml"], 6, "is not a receipt"),
        (["nowhere"], 4, "nowhere:1:1: cannot be read"),
    ],
)
def test_what_stands_in_the_way_is_told(
    applied: Project, arguments: list[str], code: int, words: str
) -> None:
    document = json.loads(Path("receipt.json").read_text())
    Path("other.json").write_text(json.dumps({**document, "account": "1"}))
    ran = applied("plan", "--drift", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert not Path("plan.json").exists()


def test_check_is_implied(applied: Project) -> None:
    assert applied("plan", "--drift", "--check").code == 0
    by_hand("users", "routing-bot", nickname="Hand-made")
    assert applied("plan", "--drift", "--check").code == 3


def bot(**fields: Any) -> str:
    text = ROUTING_BOT
    for name, value in fields.items():
        text = re.sub(f"  {name}: .*", f"  {name}: {value}", text)
    return text


def test_git_history_tells_what_is_pending(applied: Project) -> None:
    """Merged and not applied is no drift; a new manifest is none either."""
    repo = Repo.make(applied.folder)
    repo.write(".gitignore", ".lebots/\n.secrets/\n")
    repo.commit()
    applied.write("manifests/routing-bot.yaml", bot(nickname="Bea", maxAsyncChats=30))
    repo.commit()
    applied.write("manifests/new.yaml", skill("new"))
    by_hand("users", "routing-bot", maxAsyncChats=7, fullName="Hand-made")
    assert reported(applied) == (3, {"BotUser/routing-bot": ["fullName", "maxAsyncChats"]})
    document = applied("plan", "--drift", "--format", "json").json
    assert (document["toldBy"], document["since"]) == ("history", None)
    assert document["pending"] == 2
    assert (
        "1 changed in the account, 2 pending, as git history tells; a receipt would be exact"
        in applied("plan", "--drift").out
    )
    applied.write("manifests/routing-bot.yaml", bot(nickname="Cal"))
    assert reported(applied)[1] == {"BotUser/routing-bot": ["fullName", "maxAsyncChats"]}, (
        "the last commit counts as earlier where the files differ from it"
    )
    exact = applied("plan", "--drift", "--format", "json", *RECEIPT).json
    assert exact["toldBy"] == "receipt"


def test_a_shallow_clone_says_for_each_object_what_it_does_not_know(
    applied: Project, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo.make(applied.folder)
    repo.write(".gitignore", ".lebots/\n.secrets/\n")
    repo.commit()
    applied.write("manifests/routing-bot.yaml", bot(nickname="Bea"))
    repo.commit()
    clone = tmp_path_factory.mktemp("clone") / "clone"
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.folder}", str(clone))
    shutil.copytree(applied.folder / ".lebots", clone / ".lebots")
    monkeypatch.chdir(clone)
    document = applied("plan", "--drift", "--format", "json").json
    assert [one["address"] for one in document["objects"]] == ["BotUser/routing-bot"]
    (finding,) = document["findings"]
    assert (finding["code"], finding["address"]) == ("history-cut-off", "BotUser/routing-bot")
    assert finding["message"].startswith("nickname may be pending and no drift: this is a shallow")


@pytest.mark.parametrize("more", [(), RECEIPT])
def test_a_bot_that_somebody_switched_off(applied: Project, more: tuple[str, ...]) -> None:
    """No manifest says that it is on: lebots made it so."""
    assert "enabled" not in ROUTING_BOT
    by_hand("users", "routing-bot", isEnabled=False)
    ran = applied("plan", "--drift", *more)
    assert ran.code == 3
    assert re.search(r"enabled +false -> true +\(default of lebots\)", ran.out)
    assert ran.out.splitlines()[-1] == "      to set a default of lebots back, declare it"
    assert reported(applied, *more) == (3, {"BotUser/routing-bot": ["enabled"]})
    assert applied("plan", "--check").code == 0, "which owns nothing that no manifest says"
