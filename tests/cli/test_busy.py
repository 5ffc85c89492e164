"""How busy bots are, beside what interrupts them: in every format, by every command."""

from collections.abc import Iterable
from typing import Any

import pytest

from lebots.run.inputs.embedded import open_sandbox
from lebots.sandbox import Rules
from tests.cli.conftest import AGENT_VIEW, ROUTING_BOT, Project
from tests.cli.test_verify import SECOND

OFF = ROUTING_BOT + "  enabled: false\n"
LINE = "now: online, 12 open conversations"


@pytest.fixture
def applied(lebots: Project) -> Project:
    """Two bots on one key, busy, in the account."""
    lebots.write("manifests/second.yaml", SECOND)
    assert lebots("apply", "--yes").code == 0
    busy(lebots, "routing-bot", 12)
    lebots.requests.clear()
    return lebots


def busy(project: Project, name: str, conversations: int, status: str = "ONLINE") -> None:
    with open_sandbox(project.folder / ".lebots" / "sandbox.db", "sandbox") as sandbox:
        sandbox.busy(name, conversations, status)


def views(project: Project) -> int:
    return sum(request.endswith(AGENT_VIEW) for request in project.requests)


def off(project: Project) -> None:
    project.write("manifests/routing-bot.yaml", OFF)


def now(document: Any) -> dict[str, list[Any]]:
    """By address and effect: what is told of the bots."""
    return {
        f"{change['address']} {effect['effect']}": effect["now"]
        for change in document["changes"]
        for effect in change["effects"]
        if effect["now"]
    }


@pytest.mark.parametrize("format_", ["text", "markdown", "html", "json", "github"])
def test_every_format_tells_it(applied: Project, format_: str) -> None:
    off(applied)
    ran = applied("plan", "--format", format_)
    if format_ == "json":
        told = {"address": "BotUser/routing-bot", "status": "online", "conversations": 12}
        assert now(ran.json) == {"BotUser/routing-bot out-of-service": [told]}
    else:
        assert ran.out.count(LINE) == (2 if format_ == "github" else 1)
    assert views(applied) == 1


def test_the_account_is_asked_once_and_only_where_a_bot_is_interrupted(applied: Project) -> None:
    assert "now:" not in applied("plan").out
    changed = ROUTING_BOT.replace("nickname: Ava", "nickname: Eve")
    applied.write("manifests/routing-bot.yaml", changed)
    assert "now:" not in applied("plan").out
    assert views(applied) == 0
    off(applied)
    assert applied("plan").out.count("now:") == 1
    assert views(applied) == 1
    assert applied("plan", "--all-accounts").out.count("now:") == 1


def test_new_objects_interrupt_nobody(lebots: Project) -> None:
    off(lebots)
    assert "now:" not in lebots("plan").out
    assert views(lebots) == 0


def test_a_key_tells_of_all_bots_on_it(applied: Project) -> None:
    busy(applied, "second-bot", 2, "AWAY")
    text = ROUTING_BOT.replace("  sink: runtime\n", "  sink: runtime\n  enabled: false\n")
    applied.write("manifests/routing-bot.yaml", text)
    assert "now: 1 online, 1 away, 14 open conversations" in applied("plan").out
    assert views(applied) == 1


def test_it_moves_no_digest_and_no_approval(applied: Project) -> None:
    off(applied)
    rules = _yaml(applied).replace("sandbox.db", "sandbox.db\n    guards: {maxDeletePercent: 100}")
    applied.write("lebots.yaml", rules)
    digest = applied("plan", "--format", "json", "--out", "plan.json").json["digest"]
    busy(applied, "routing-bot", 0, "OFFLINE")
    again = applied("plan", "--format", "json").json
    assert again["digest"] == digest
    assert [one["conversations"] for (one,) in now(again).values()] == [0]
    applied.requests.clear()
    assert applied("apply", "plan.json").code == 0
    assert views(applied) == 0, "what a reviewer has seen is not drawn again"


def test_an_apply_that_shows_the_plan_tells_it(applied: Project) -> None:
    off(applied)
    assert LINE in applied("apply", "--yes").out


@pytest.mark.parametrize(
    "rule", [{"agent_view": "refused"}, {"agent_view": "absent"}, {"agent_view_bots": "left_out"}]
)
def test_where_it_is_hidden_the_plan_is_the_same_without_it(
    applied: Project, monkeypatch: pytest.MonkeyPatch, rule: dict[str, Any]
) -> None:
    off(applied)
    told = applied("plan")
    opened = applied.open
    monkeypatch.setattr(
        "lebots.run.inputs.embedded.Sandbox",
        lambda path, **more: opened(path, **{**more, "rules": Rules(**rule)}),
    )
    hidden = applied("plan")
    assert hidden.out == told.out.replace(f"        {LINE}\n", "")
    assert (hidden.code, hidden.err) == (told.code, told.err)


def test_an_account_that_breaks_off_or_answers_nonsense(applied: Project) -> None:
    off(applied)

    def odd(app: Any, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].endswith(AGENT_VIEW):
            start("503 Busy", [("Content-Type", "text/html")])
            return [b"<html>"]
        answer: Iterable[bytes] = app(environ, start)
        return answer

    applied.wrapper = odd
    ran = applied("plan")
    assert "now:" not in ran.out
    assert "OUT OF SERVICE" in ran.out
    assert views(applied) == 1


def test_a_rotation_tells_it_of_each_bot_that_moves(applied: Project) -> None:
    busy(applied, "second-bot", 0)
    shown = applied("rotate", "Key/routing-bot", "--plan").out
    assert shown.count(LINE) == 1
    assert shown.count("now: online, 0 open conversations") == 1
    told = now(applied("rotate", "Key/routing-bot", "--plan", "--format", "json").json)
    assert {name: one["conversations"] for name, (one,) in told.items()} == {
        "BotUser/routing-bot login-changes": 12,
        "BotUser/second-bot login-changes": 0,
    }
    assert views(applied) == 2
    assert LINE in applied("rotate", "Key/routing-bot", "--yes").out


def test_conversations_are_set_by_hand(applied: Project) -> None:
    assert applied("sandbox", "seed", "--busy", "routing-bot=1").code == 0
    off(applied)
    assert "now: online, 1 open conversation\n" in applied("plan").out
    for wrong in ("routing-bot", "routing-bot=many", "=3"):
        ran = applied("sandbox", "seed", "--busy", wrong)
        assert (ran.code, "write NAME=N" in ran.err) == (2, True)
    ran = applied("sandbox", "seed", "--busy", "nobody=3")
    assert (ran.code, 'there is no bot "nobody"' in ran.err) == (2, True)


def _yaml(project: Project) -> str:
    return (project.folder / "lebots.yaml").read_text()
