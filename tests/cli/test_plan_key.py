"""``LEBOTS_PLAN_KEY``: what it signs and binds, and what is told without it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lebots import credentials, project
from lebots.core.model.secret import REGISTRY
from lebots.documents.signature import Signing
from lebots.errors import InvalidInput, SomebodyElse
from lebots.project import plan_key
from lebots.run.inputs.embedded import open_sandbox
from lebots.run.others import require_same
from tests.cli.conftest import ROUTING_BOT, Project, skill
from tests.cli.test_approval import sealed_anew
from tests.cli.test_two_writers import while_asked
from tests.kinds.test_personal_values import ONE, OTHER, planned

KEY, ANOTHER = "the key of plans, which is long enough", "another key, which is as long as that"


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Sets the key of the runs that follow."""

    def use(value: str | None) -> None:
        if value is None:
            monkeypatch.delenv("LEBOTS_PLAN_KEY", raising=False)
        else:
            monkeypatch.setenv("LEBOTS_PLAN_KEY", value)

    return use


# What makes a key


@pytest.mark.parametrize("value", ["", "k" * 31])
@pytest.mark.parametrize("command", ["plan", "apply --yes", "rotate Key/routing-bot --yes"])
def test_a_key_that_is_too_short_stops_the_run(
    lebots: Project, key: Callable[[str], None], value: str, command: str
) -> None:
    key(value)
    ran = lebots(*command.split())
    assert (ran.code, lebots.requests) == (2, [])
    assert "LEBOTS_PLAN_KEY has fewer than 32 characters" in ran.err
    assert "kkk" not in ran.all


def test_the_key_is_a_secret_of_the_run() -> None:
    found = plan_key({"LEBOTS_PLAN_KEY": "/" + KEY})
    assert "/" + KEY in REGISTRY
    assert KEY not in f"{found!r} {found}"
    assert plan_key({}) is None


@pytest.mark.parametrize(
    ("place", "entry"),
    [
        ("auth", "auth: {method: login, username: {env: U}, password: {env: LEBOTS_PLAN_KEY}}"),
        ("sink", "type: vault, address: https://v, path: x, token: {env: LEBOTS_PLAN_KEY}"),
    ],
)
def test_the_project_cannot_send_the_key_anywhere(place: str, entry: str) -> None:
    auth = entry if place == "auth" else "sandbox: a.db"
    sink = entry if place == "sink" else "type: dotenv, path: x"
    own = f"accountId: '1', {auth}" if place == "auth" else auth
    head = "apiVersion: lebots/v1\nkind: Project\n"
    text = f"{head}accounts: {{a: {{{own}}}}}\nsinks: {{runtime: {{{sink}}}}}\n"
    with pytest.raises(InvalidInput, match="and not LEBOTS_PLAN_KEY"):
        project.parsed(Path("/project"), text.encode(), credentials.load(), {})


# What is signed


def saved(lebots: Project) -> Any:
    return json.loads(Path("plan.json").read_text())


def test_a_signed_plan_and_its_receipt(lebots: Project, key: Callable[[str | None], None]) -> None:
    key(KEY)
    assert lebots("plan", "--out", "plan.json").code == 0
    ran = lebots("apply", "plan.json", "--receipt", "receipt.json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"digest {saved(lebots)['digest']}, as approved\n")
    assert lebots("plan", "--drift", "--receipt", "receipt.json").code == 0
    for file in ("plan.json", "receipt.json"):
        text = Path(file).read_text()
        assert len(json.loads(text)["signature"]) == 64
        assert KEY not in text
        assert "private.person" not in text
    key(None)
    ran = lebots("apply", "plan.json", "--receipt", "receipt.json")
    assert ran.code == 0
    words = "is signed, but not checked: LEBOTS_PLAN_KEY is not set"
    assert ran.err == f"the saved plan {words}\nthe receipt {words}\n"


def test_without_the_key_a_signed_plan_is_like_an_unsigned_one(
    lebots: Project, key: Callable[[str | None], None]
) -> None:
    key(KEY)
    assert lebots("plan", "--out", "plan.json").code == 0
    key(None)
    assert lebots("apply", "plan.json").code == 0
    assert lebots("plan", "--check").code == 0


@pytest.mark.parametrize(
    ("made_with", "words"),
    [(None, "is not signed"), (ANOTHER, "was signed with another LEBOTS_PLAN_KEY")],
)
@pytest.mark.parametrize("file", ["plan.json", "receipt.json"])
def test_what_another_key_signed_or_none_is_refused(
    lebots: Project,
    key: Callable[[str | None], None],
    made_with: str | None,
    words: str,
    file: str,
) -> None:
    key(made_with)
    assert lebots("apply", "--yes", "--receipt", "receipt.json").code == 0
    lebots.write("manifests/more.yaml", skill("more"))
    assert lebots("plan", "--out", "plan.json").code == 0
    key(KEY)
    lebots.requests.clear()
    commands: dict[str, list[tuple[str, ...]]] = {
        "plan.json": [("apply", "plan.json"), ("apply", "plan.json", "--yes")],
        "receipt.json": [
            ("apply", "--yes", "--receipt", "receipt.json"),
            ("plan", "--drift", "--receipt", "receipt.json"),
        ],
    }
    for command in commands[file]:
        ran = lebots(*command)
        assert (ran.code, lebots.writes) == (6, [])
        assert words in ran.err


def forged_receipt(text: str) -> str:
    document = {**json.loads(text), "converged": False, "baseline": None}
    return json.dumps(document, indent=2) + "\n"


@pytest.mark.parametrize("take_away", [True, False])
def test_a_forger_without_the_key(
    lebots: Project, key: Callable[[str | None], None], take_away: bool
) -> None:
    """Whoever knows how a checksum is made cannot make a signature, nor leave it out."""
    key(KEY)
    assert lebots("plan", "--out", "plan.json").code == 0
    assert lebots("apply", "--yes", "--receipt", "receipt.json", "--target", "Skill/routing-bot")
    lebots.requests.clear()
    plan, receipt = Path("plan.json"), Path("receipt.json")
    plan.write_text(sealed_anew(madeAt="2026-12-01T00:00:00+00:00")(plan.read_text()))
    receipt.write_text(forged_receipt(receipt.read_text()))
    if take_away:
        for file in (plan, receipt):
            document = json.loads(file.read_text())
            del document["signature"]
            file.write_text(json.dumps(document, indent=2) + "\n")
        plan.write_text(sealed_anew()(plan.read_text()))
    for command in (["plan.json"], ["--yes", "--receipt", "receipt.json"]):
        ran = lebots("apply", *command)
        assert (ran.code, lebots.writes) == (6, [])
        assert ("is not signed" if take_away else "or changed since") in ran.err


def test_a_signature_is_for_one_purpose() -> None:
    signing = Signing(plan_key({"LEBOTS_PLAN_KEY": KEY}))
    document = {"a": 1}
    made = {signing.signed(what, document)["signature"] for what in ("receipt", "saved plan")}
    assert len(made) == 2


# What is bound


def with_email(text: str) -> str:
    return ROUTING_BOT.replace("private.person@", f"{text}@")


@pytest.mark.parametrize("kept", ["digest", "saved plan"])
@pytest.mark.parametrize("set_", [True, False], ids=["with a key", "without"])
def test_a_personal_value_that_changed_since_the_approval(
    lebots: Project, key: Callable[[str | None], None], kept: str, set_: bool
) -> None:
    """Without a key nothing tells: what is approved is then that it changes, not to what."""
    key(KEY if set_ else None)
    assert lebots("apply", "--yes").code == 0
    lebots.requests.clear()
    lebots.write("manifests/routing-bot.yaml", with_email("second"))
    assert lebots("plan", "--out", "plan.json").code == 0
    lebots.write("manifests/routing-bot.yaml", with_email("third"))
    arguments = {"digest": ["--expect", saved(lebots)["digest"]], "saved plan": ["plan.json"]}
    ran = lebots("apply", *arguments[kept])
    refused = 6 if kept == "digest" else 7
    assert ran.code == (refused if set_ else 0)
    assert bool(lebots.writes) is not set_
    assert "@example.com" not in ran.all


def edited_by_hand() -> None:
    with open_sandbox(Path(".lebots/sandbox.db"), "sandbox") as sandbox:
        user = sandbox.find("users", "routing-bot")
        sandbox.put("users", {**user, "email": "by.hand@example.com"})


@pytest.mark.parametrize("set_", [True, False], ids=["with a key", "without"])
def test_a_personal_value_that_changed_while_somebody_was_asked(
    lebots: Project,
    key: Callable[[str | None], None],
    monkeypatch: pytest.MonkeyPatch,
    set_: bool,
) -> None:
    key(KEY if set_ else None)
    assert lebots("apply", "--yes").code == 0
    lebots.write("manifests/routing-bot.yaml", with_email("second"))
    ran = while_asked(lebots, monkeypatch, edited_by_hand, "apply")
    assert (ran.code, lebots.writes) == (7, [])
    assert "email changed in the account since the plan" in ran.out
    assert "@example.com" not in ran.all


def test_a_plan_made_again_is_compared_by_its_personal_values() -> None:
    """Though the digests are equal."""
    one, other = (planned("BotUser", "email", "update", value) for value in (ONE, OTHER))
    require_same(one, one, "somebody")
    with pytest.raises(SomebodyElse):
        require_same(one, other, "somebody")
